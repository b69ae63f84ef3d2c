"""Two hundred damaged and hostile files, made from a seed: each is refused with a reason, and
nothing of it stays."""

import bz2
import hashlib
import io
import json
import lzma
import random
import stat
import struct
import zipfile
import zlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest

from app.errors import InvalidRequest, PayloadTooLarge, SessionNotFound
from app.models.record import FORMAT
from app.storage.files import FileSessionStore
from app.storage.sealing import seal
from tests.storage.test_exchange import Files, a_game, exported, packed, renamed, unpacked

MOST_BYTES = 4 << 20
CASES = 200

Forge = Callable[[random.Random, Files, Path], object]
"""Writes a file that must be refused: chance, the files of a good export, where to."""


# -- making them -------------------------------------------------------------------------


def _resealed_state(files: Files, change: Callable[[dict[str, Any]], object]) -> Files:
    fields = json.loads(files["state.json"])
    change(fields)
    return {**files, "state.json": _sealed(fields)}


def _sealed(fields: dict[str, Any]) -> bytes:
    rest = {name: value for name, value in fields.items() if name not in ("crc", "length")}
    body = json.dumps(rest, separators=(",", ":")).encode()[1:]
    return seal(b'{"length":%d,' % len(body) + body) + b"\n"


def _with_history(files: Files, lines: list[bytes]) -> Files:
    """Other lines, and a state that speaks of them: whatever is wrong is in the lines."""
    history = b"[\n" + b"".join(line + b"\n" for line in lines)

    def change(state: dict[str, Any]) -> None:
        state["history_bytes"], state["history_crc"] = len(history), crc32(history)

    return _resealed_state({**files, "history.json": history + b"]\n"}, change)


def _lines(files: Files) -> list[bytes]:
    return files["history.json"].split(b"\n")[1:-2]


def _with_line(files: Files, turn: int, change: Callable[[dict[str, Any]], object]) -> Files:
    lines = _lines(files)
    fields = json.loads(lines[turn].removeprefix(b","))
    del fields["crc"]
    change(fields)
    body = seal(json.dumps(fields, separators=(",", ":")).encode())
    lines[turn] = (b"," if turn else b"") + body
    return _with_history(files, lines)


def truncated(chance: random.Random, files: Files, path: Path) -> None:
    data = packed(files, path).read_bytes()
    path.write_bytes(data[: chance.randrange(len(data))])


def longer(chance: random.Random, files: Files, path: Path) -> None:
    data = packed(files, path).read_bytes()
    path.write_bytes(data + chance.randbytes(chance.choice((1, 22, 4096))))


def content_damaged(chance: random.Random, files: Files, path: Path) -> None:
    """A flipped bit in what is packed, not in the list of it."""
    data = packed(files, path).read_bytes()
    with zipfile.ZipFile(io.BytesIO(data)) as source:
        member = chance.choice(source.infolist())
        right = source.read(member)
    start = member.header_offset + 30 + len(member.filename)
    while True:
        flipped = bytearray(data)
        flipped[start + chance.randrange(member.compress_size)] ^= 1 << chance.randrange(8)
        if not _unpacks_to(bytes(flipped), member.filename, right):  # some bits mean nothing
            path.write_bytes(flipped)
            return


def _unpacks_to(data: bytes, name: str, content: bytes) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as source:
            return source.read(name) == content
    except (zipfile.BadZipFile, zlib.error, EOFError):
        return False


NAMES = (
    "../evil.webp", "../../evil.webp", "images/../../../evil.webp", "/evil.webp", "//evil.webp",
    "images//evil.webp", "images/./x.webp", "./state.json", "images\\evil.webp", "..\\evil.webp",
    "C:\\evil.webp", "C:evil.webp", "images/evil.webp/", "images/", "IMAGES/x.webp",
    "images/X.webp", "images/x.png", "images/x.webp.exe", "images/" + "x" * 200 + ".webp",
    "images/\u0435vil.webp", "images/x\u202e.webp", "images/ x.webp", "images/x.webp ",
    "images/.webp", ".lock", "state.json.tmp", "sessions/a/state.json", "~/x.webp", "nul.webp",
    "images/x\n.webp", "%2e%2e/evil.webp", "tapes/film.svg", "videos/x.html", "manifest.json.bak",
)  # fmt: skip


def hostile_name(chance: random.Random, files: Files, path: Path) -> None:
    packed({**files, chance.choice(NAMES): b"evil"}, path)


def special_file(chance: random.Random, files: Files, path: Path) -> None:
    """A link, a folder, a pipe or a device where a picture should be."""
    kind = chance.choice((stat.S_IFLNK, stat.S_IFDIR, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFSOCK))
    name = chance.choice([name for name in files if name.startswith("images/")])
    content = chance.choice((b"/etc/passwd", b"../../state.json", b""))
    _pack(files | {name: content}, path, lambda info: _be(info, name, kind))


def _be(info: zipfile.ZipInfo, name: str, kind: int) -> None:
    if info.filename == name:
        info.external_attr = (kind | 0o777) << 16


def _pack(
    files: Files, path: Path, change: Callable[[zipfile.ZipInfo], object], *, twice: str = ""
) -> None:
    good = packed(files, path)
    with zipfile.ZipFile(good) as source:
        content = {name: source.read(name) for name in source.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name, data in content.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            change(info)
            target.writestr(info, data)
        if twice:
            target.writestr(zipfile.ZipInfo(twice), content[twice])


def there_twice(chance: random.Random, files: Files, path: Path) -> None:
    _pack(files, path, lambda info: None, twice=chance.choice(list(files)))


def unusual_packing(chance: random.Random, files: Files, path: Path) -> None:
    method = chance.choice((zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA))
    name = chance.choice(list(files))
    _pack(files, path, lambda info: _packed_by(info, name, method))


def _packed_by(info: zipfile.ZipInfo, name: str, method: int) -> None:
    if info.filename == name:
        info.compress_type = method


def encrypted(chance: random.Random, files: Files, path: Path) -> None:
    """The flag is set in the list: what follows would be asked a password for."""
    data = bytearray(packed(files, path).read_bytes())
    at = data.index(b"PK\x01\x02")
    for _ in range(chance.randrange(len(files))):
        at = data.index(b"PK\x01\x02", at + 1)
    data[at + 8] |= 1
    path.write_bytes(data)


def wrong_sum(chance: random.Random, files: Files, path: Path) -> None:
    manifest = _manifest_of(files, path)
    name = chance.choice(list(manifest["files"]))
    entry = manifest["files"][name]
    how = chance.randrange(4)
    if how == 0:
        entry["sha256"] = hashlib.sha256(chance.randbytes(8)).hexdigest()
    elif how == 1:
        entry["size"] += chance.choice((-1, 1, 4096, 1 << 40))
    elif how == 2:
        entry["sha256"] = entry["sha256"].upper() + "g"
    else:
        entry["sha256"], entry["size"] = chance.choice((("", 0), ("0" * 63, -1), (None, 2.5)))
    packed({**files, "manifest.json": json.dumps(manifest).encode()}, path, honest=False)


def _manifest_of(files: Files, path: Path) -> dict[str, Any]:
    with zipfile.ZipFile(packed(files, path)) as source:
        found: dict[str, Any] = json.loads(source.read("manifest.json"))
    return found


def wrong_manifest(chance: random.Random, files: Files, path: Path) -> None:
    manifest = _manifest_of(files, path)
    sums = manifest["files"]
    some = chance.choice(list(sums))
    content: object = chance.choice(
        (
            {**manifest, "version": 2},
            {**manifest, "version": "1"},
            {**manifest, "version": 0},
            {**manifest, "format": "something-else"},
            {**manifest, "surprise": 1},
            {**manifest, "files": []},
            {**manifest, "files": {}},
            {**manifest, "files": {**sums, "images/none.webp": sums[some]}},
            {**manifest, "files": {name: one for name, one in sums.items() if name != some}},
            [],
            None,
        )
    )  # fmt: skip
    data = json.dumps(content).encode()
    packed({**files, "manifest.json": data}, path, honest=False)


def no_json(chance: random.Random, files: Files, path: Path) -> None:
    name = chance.choice(("manifest.json", "meta.json", "state.json", "history.json"))
    junk = chance.choice(
        (b"", b"{", b"\xff\xfe{}", b"\xef\xbb\xbf{}", b"NaN", b"[" * 50_000, chance.randbytes(500))
    )
    packed({**files, name: junk}, path, honest=name != "manifest.json")


def missing(chance: random.Random, files: Files, path: Path) -> None:
    gone = chance.choice(
        [name for name in files if not name.startswith("tapes/") and name != "manifest.json"]
    )
    packed({name: data for name, data in files.items() if name != gone}, path)


def bomb(chance: random.Random, files: Files, path: Path) -> None:
    """Small to send and large to unpack."""
    name = chance.choice(("tapes/bomb.mp4", "images/bomb.webp", "videos/bomb.mp4"))
    packed({**files, name: bytes(MOST_BYTES + chance.randrange(1, 20 << 20))}, path)


def bomb_of_many(chance: random.Random, files: Files, path: Path) -> None:
    many = {f"images/{n}.webp": bytes(64 << 10) for n in range(chance.randrange(70, 200))}
    packed({**files, **many}, path)


def lying_bomb(chance: random.Random, files: Files, path: Path) -> None:
    """It says that it is small, in the list, in its own head and in the manifest."""
    content = bytes(chance.randrange(6 << 20, 12 << 20))
    data = packed({**files, "tapes/bomb.mp4": content}, path).read_bytes()
    size = struct.pack("<L", len(content))
    path.write_bytes(data.replace(size, struct.pack("<L", chance.randrange(1, 5000))))


def huge_text(chance: random.Random, files: Files, path: Path) -> None:
    name = chance.choice(("meta.json", "state.json", "history.json"))
    packed({**files, name: files[name][:-2] + b" " * (3 << 20) + b"}\n"}, path)


def lying_end(chance: random.Random, files: Files, path: Path) -> None:
    """The last record claims another number of files, another length or another place."""
    data = packed(files, path).read_bytes()
    end = list(struct.unpack("<4s4H2LH", data[-22:]))
    field = chance.choice((3, 4, 5, 6, 7))
    most = 0xFFFF if field in (3, 4, 7) else 0xFFFFFFFF
    end[field] = chance.choice((most, most - 1, end[field] + chance.randrange(1000, 60_000) % most))
    if field in (3, 4):
        end[3] = end[4] = max(65_001, end[field] % 0x10000)
    path.write_bytes(data[:-22] + struct.pack("<4s4H2LH", *end))


STATE_CHANGES: tuple[Callable[[dict[str, Any]], object], ...] = (
    lambda state: state.update(turn=99),
    lambda state: state.update(turn=-2),
    lambda state: state.update(history_bytes=state["history_bytes"] - 1),
    lambda state: state.update(history_crc=0),
    lambda state: state.update(surprise=True),
    lambda state: state.pop("record"),
    lambda state: state["record"].update(version=FORMAT + 1),
    lambda state: state["record"].update(version="1"),
    lambda state: state["record"].update(world=None),
    lambda state: state["record"].update(lineage=None),
    lambda state: state["record"].update(requests=[{"key": "k" * 300}]),
    lambda state: state["record"].update(hold={"by": "x", "seconds": -1}),
    lambda state: state["record"]["snapshot"].update(session_id="b"),
    lambda state: state["record"]["snapshot"].update(session_id="../b"),
    lambda state: state["record"]["snapshot"].update(seed=8),
    lambda state: state["record"]["snapshot"].update(world="elsewhere"),
    lambda state: state["record"]["snapshot"].update(phase="resolving"),
    lambda state: state["record"]["snapshot"].update(phase="awaiting_choices"),
    lambda state: state["record"]["snapshot"].update(phase="new"),
    lambda state: state["record"]["snapshot"].update(chaos=11),
    lambda state: state["record"]["snapshot"].update(created_at="yesterday"),
    lambda state: state["record"]["snapshot"].update(created_at="2026-01-01T00:00:00"),
    lambda state: state["record"]["snapshot"]["player"].update(health=1e9),
    lambda state: state["record"]["snapshot"].pop("dispatch"),
)


def wrong_state(chance: random.Random, files: Files, path: Path) -> None:
    packed(_resealed_state(files, chance.choice(STATE_CHANGES)), path)


META_CHANGES: tuple[Callable[[dict[str, Any]], object], ...] = (
    lambda meta: meta.update(session_id="b"),
    lambda meta: meta.update(session_id="a/b"),
    lambda meta: meta.update(session_id="x" * 65),
    lambda meta: meta.pop("world"),
    lambda meta: meta.update(surprise=1),
    lambda meta: meta.update(run=-1),
    lambda meta: meta["settings"].update(deadline_seconds=601),
    lambda meta: meta["settings"].update(key="sk-secret"),
    lambda meta: meta["settings"].update(budget_usd="inf"),
)


def wrong_meta(chance: random.Random, files: Files, path: Path) -> None:
    meta = json.loads(files["meta.json"])
    chance.choice(META_CHANGES)(meta)
    packed({**files, "meta.json": _sealed(meta)}, path)


LINE_CHANGES: tuple[Callable[[dict[str, Any]], object], ...] = (
    lambda line: line.update(version=FORMAT + 1),
    lambda line: line.update(version=0),
    lambda line: line.update(surprise=1),
    lambda line: line.pop("world"),
    lambda line: line.pop("entry"),
    lambda line: line["entry"].update(turn=line["entry"]["turn"] + 1),
    lambda line: line["entry"].update(session_id="b"),
    lambda line: line["entry"]["state"].update(session_id="b"),
    lambda line: line["entry"]["state"].update(turn=0 if line["entry"]["turn"] else 1),
    lambda line: line["entry"].update(phase="resolving"),
    lambda line: line["entry"]["state"].update(phase="over"),
    lambda line: line["entry"].update(health=101),
    lambda line: line["entry"].update(source="mars"),
    lambda line: line["entry"].update(at="2026-01-01"),
    lambda line: line["entry"].update(choices=[{"id": 1}]),
    lambda line: line["entry"].update(cost_usd="free"),
    lambda line: line["world"].update(items={"flare": 1}),
    lambda line: line["world"].update(minutes="late"),
    lambda line: line.update(accepted={"facts": [{"text": "x" * 200}]}),
    lambda line: line.update(accepted={"facts": [{"text": "a fact"}] * 3}),
    lambda line: line.update(lineage=["x"]),
)


def wrong_line(chance: random.Random, files: Files, path: Path) -> None:
    turn = chance.randrange(len(_lines(files)))
    packed(_with_line(files, turn, chance.choice(LINE_CHANGES)), path)


def unsealed_line(chance: random.Random, files: Files, path: Path) -> None:
    lines = _lines(files)
    turn = chance.randrange(len(lines))
    lines[turn] = lines[turn].replace(b"wire", b"rope").replace(b'"turn":', b'"turn": ')
    packed(_with_history(files, lines), path)


def wrong_lines(chance: random.Random, files: Files, path: Path) -> None:
    """In another order, twice, fewer, more, empty, on one line."""
    lines = _lines(files)
    how = chance.randrange(6)
    at = chance.randrange(1, len(lines))
    if how == 0:
        lines[at - 1], lines[at] = lines[at], lines[at - 1]
    elif how == 1:
        lines.insert(at, lines[at])
    elif how == 2:
        del lines[at - 1]
    elif how == 3:
        lines.insert(at, b"")
    elif how == 4:
        lines[at - 1 : at + 1] = [lines[at - 1] + lines[at]]
    else:
        lines.append(b"]")
    packed(_with_history(files, lines), path)


def giant_line(chance: random.Random, files: Files, path: Path) -> None:
    lines = [*_lines(files), b",{" + b"x" * chance.randrange(9 << 20, 12 << 20)]
    forged = _with_history(files, lines)
    _pack(forged, path, lambda info: None)


def no_zip_at_all(chance: random.Random, files: Files, path: Path) -> None:
    content = chance.choice(
        (
            b"",
            chance.randbytes(5000),
            bz2.compress(files["state.json"]),
            lzma.compress(files["state.json"]),
            files["history.json"],
            b"PK\x03\x04" + chance.randbytes(300),
            b"PK\x05\x06" + bytes(18),
        )
    )
    path.write_bytes(content)


FORGES: tuple[Forge, ...] = (
    truncated, longer, content_damaged, hostile_name, special_file, there_twice, unusual_packing,
    encrypted, wrong_sum, wrong_manifest, no_json, missing, bomb, bomb_of_many, lying_bomb,
    huge_text, lying_end, wrong_state, wrong_meta, wrong_line, unsealed_line, wrong_lines,
    giant_line, no_zip_at_all,
)  # fmt: skip
OFTEN = (wrong_state, wrong_line, hostile_name, wrong_sum, wrong_meta, content_damaged)


# -- trying them -------------------------------------------------------------------------


@pytest.fixture
async def store(root: Path, archives: Path) -> AsyncIterator[FileSessionStore]:
    store = FileSessionStore(root, archives, durability="process", max_import_bytes=MOST_BYTES)
    await store.open()
    await a_game(store)
    yield store
    await store.close()


def _tree(folder: Path) -> dict[str, bytes | None]:
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in folder.rglob("*")
    }


async def _refusal(store: FileSessionStore, upload: Path) -> str:
    """Why the file was refused; nothing if it was taken."""
    try:
        await store.import_(upload, renamed("new"))
    except (InvalidRequest, PayloadTooLarge) as error:
        return str(error.details or error)
    return ""


@pytest.mark.filterwarnings("ignore:Duplicate name")
async def test_two_hundred_hostile_files_leave_nothing_behind(
    store: FileSessionStore, tmp_path: Path
) -> None:
    files = unpacked(await exported(store))
    before = _tree(tmp_path)
    upload = tmp_path / "upload.zip"
    reasons: dict[str, set[str]] = {}
    for number in range(CASES):
        chance = random.Random(f"hostile|{number}")
        forge = (FORGES + OFTEN * 2)[number % (len(FORGES) + 2 * len(OFTEN))]
        forge(chance, files, upload)
        reason = await _refusal(store, upload)
        assert reason, (number, forge.__name__)
        upload.unlink()
        assert str(tmp_path) not in reason
        assert len(reason) < 200
        assert _tree(tmp_path) == before, (number, forge.__name__)
        with pytest.raises(SessionNotFound):
            await store.load("new")
        reasons.setdefault(forge.__name__, set()).add(reason)
    assert set(reasons) == {forge.__name__ for forge in FORGES}
    assert len(set().union(*reasons.values())) > 60
    # The control: what all of them were made from is taken.
    await store.import_(packed(files, upload), renamed("new"))
    assert (await store.load("new")).snapshot.turn == 3


@pytest.mark.parametrize("changes", [STATE_CHANGES, META_CHANGES, LINE_CHANGES, NAMES])
async def test_every_single_change_of_a_kind_is_refused(
    store: FileSessionStore, tmp_path: Path, changes: tuple[Any, ...]
) -> None:
    """Chance may pass one of them by; this does not."""
    files = unpacked(await exported(store))
    upload = tmp_path / "upload.zip"
    for change in changes:
        if isinstance(change, str):
            packed({**files, change: b"x"}, upload)
        elif changes is STATE_CHANGES:
            packed(_resealed_state(files, change), upload)
        elif changes is LINE_CHANGES:
            packed(_with_line(files, 1, change), upload)
        else:
            meta = json.loads(files["meta.json"])
            change(meta)
            packed({**files, "meta.json": _sealed(meta)}, upload)
        assert await _refusal(store, upload)


async def test_a_strangers_addresses_are_not_taken_over(
    store: FileSessionStore, tmp_path: Path
) -> None:
    files = unpacked(await exported(store))

    def change(line: dict[str, Any]) -> None:
        for image in (line["entry"]["image"], line["entry"]["state"]["image"]):
            image["url"] = "https://evil.test/pixel.webp"

    forged = _with_line(files, 2, change)
    await store.delete("a", archive=False)
    await store.import_(packed(forged, tmp_path / "x.zip"), lambda meta: meta)
    stored = await store.entry("a", 2)
    assert "evil.test" not in stored.model_dump_json()
    assert stored.entry.image is not None
    assert str(stored.entry.image.url).startswith("/api/sessions/a/images/")
