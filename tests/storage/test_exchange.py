"""Export is one file with everything; import believes nothing in it."""

import hashlib
import io
import json
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path
from zlib import crc32

import pytest

from app.errors import (
    InvalidRequest,
    InvalidSessionId,
    PayloadTooLarge,
    SessionExists,
    SessionNotFound,
)
from app.models.media_urls import media_url
from app.models.record import MediaFile
from app.models.session import Meta
from app.storage.files import FileSessionStore
from app.storage.sealing import seal
from app.storage.store import SessionStore
from tests.factories import a_meta, a_picture, a_record
from tests.storage.games import begin, play

Files = dict[str, bytes]


async def a_game(store: SessionStore) -> None:
    await begin(store, "a")
    for turn in range(4):
        await play(store, "a", picture=turn % 2 == 0)
    await store.put_media("a", "tapes", MediaFile(name="film-1.mp4", data=b"a film" * 100))


async def exported(store: SessionStore, session_id: str = "a") -> bytes:
    return b"".join([piece async for piece in store.export(session_id)])


def renamed(session_id: str) -> Callable[[Meta], Meta]:
    return lambda meta: meta.model_copy(update={"session_id": session_id})


def unpacked(data: bytes) -> Files:
    with zipfile.ZipFile(io.BytesIO(data)) as source:
        assert source.testzip() is None
        return {name: source.read(name) for name in source.namelist()}


def packed(files: Files, path: Path, *, honest: bool = True) -> Path:
    """Pack again, with a manifest that fits unless a test wants the old one."""
    if honest:
        files = {**files, "manifest.json": _manifest(files)}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in files.items():
            target.writestr(name, content)
    return path


def _manifest(files: Files) -> bytes:
    sums = {
        name: {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
        for name, content in files.items()
        if name != "manifest.json"
    }
    return json.dumps({"format": "elsewhere-session", "version": 1, "files": sums}).encode()


async def test_a_session_comes_back_as_it_went(store: SessionStore, tmp_path: Path) -> None:
    await a_game(store)
    before = await store.page("a", before=None, limit=10)
    data = await exported(store)
    await store.delete("a", archive=False)
    upload = tmp_path / "a.zip"
    upload.write_bytes(data)

    assert await store.import_(upload, lambda meta: meta) == a_meta("a")
    assert await store.load("a") == a_record("a", 3)
    assert await store.page("a", before=None, limit=10) == before
    picture = await store.media("a", "images", a_picture("a", 2).name)
    assert picture.read_bytes() == a_picture("a", 2).data
    assert (await store.media("a", "tapes", "film-1.mp4")).read_bytes() == b"a film" * 100
    await play(store, "a")
    assert unpacked(await exported(store)).keys() == unpacked(data).keys()


async def test_an_import_under_another_id_speaks_of_itself(
    store: SessionStore, tmp_path: Path
) -> None:
    await a_game(store)
    upload = tmp_path / "a.zip"
    upload.write_bytes(await exported(store))
    await store.import_(upload, renamed("b"))

    entry = (await store.entry("b", 2)).entry
    assert entry.session_id == entry.state.session_id == "b"
    name = a_picture("a", 2).name
    assert entry.image is not None
    assert entry.image.url == media_url("b", "images", name)
    assert entry.state.image == entry.image
    assert (await store.media("b", "images", name)).read_bytes() == a_picture("a", 2).data
    assert (await store.load("b")).snapshot.session_id == "b"
    assert "/sessions/a/" not in str(await store.page("b", before=None, limit=10))
    await play(store, "b")
    assert (await store.load("a")).snapshot.turn == 3


async def test_an_export_is_as_of_its_beginning(store: SessionStore) -> None:
    await a_game(store)
    stream = store.export("a")
    pieces = [await anext(stream)]
    await play(store, "a", picture=True)
    async with store.claim("a") as claim:
        await claim.restart(a_meta("a", run=1), a_record("a"))
    pieces += [piece async for piece in stream]

    files = unpacked(b"".join(pieces))
    assert len(json.loads(files["history.json"])) == 4
    assert json.loads(files["state.json"])["turn"] == 3
    assert files[f"images/{a_picture('a', 2).name}"] == a_picture("a", 2).data
    assert json.loads(_manifest(files)) == json.loads(files["manifest.json"])


async def test_an_export_that_nobody_reads_on_is_let_go(store: SessionStore) -> None:
    await begin(store, "a", turns=3)
    stream = store.export("a")
    await anext(stream)
    await stream.aclose()  # type: ignore[attr-defined]  # an async generator, in every store
    with pytest.raises(SessionNotFound):
        await exported(store, "nobody")


async def test_a_large_export_comes_in_pieces(store: SessionStore) -> None:
    await begin(store, "a", turns=1)
    for number in range(4):
        film = MediaFile(name=f"film-{number}.mp4", data=bytes(3 << 20))
        await store.put_media("a", "tapes", film)
    sizes = [len(piece) async for piece in store.export("a")]
    assert sum(sizes) > 12 << 20
    assert max(sizes) <= 2 << 20


@pytest.fixture
async def files(store: SessionStore) -> Files:
    await a_game(store)
    return unpacked(await exported(store))


async def refused(store: SessionStore, upload: Path, root: Path) -> str:
    """Import it, which must fail and leave nothing; says why."""
    with pytest.raises(InvalidRequest) as told:
        await store.import_(upload, renamed("new"))
    assert sorted(path.name for path in root.iterdir() if path.name[0] != ".") == ["a"]
    assert list((root / ".incoming").iterdir()) == []
    with pytest.raises(SessionNotFound):
        await store.load("new")
    return str(told.value.details)


def _resealed(line: bytes, old: bytes, new: bytes) -> bytes:
    """A line with other content and a checksum that fits."""
    comma = b"," if line.startswith(b",") else b""
    body = b"{" + line.removeprefix(b",").partition(b",")[2]
    assert old in body
    return comma + seal(body.replace(old, new))


def _in_history(files: Files, turn: int, old: bytes, new: bytes) -> Files:
    lines = files["history.json"].split(b"\n")
    lines[turn + 1] = _resealed(lines[turn + 1], old, new)
    return {**files, "history.json": b"\n".join(lines)}


def _without(files: Files, name: str) -> Files:
    return {key: value for key, value in files.items() if key != name}


PICTURE = f"images/{a_picture('a', 0).name}"


@pytest.mark.parametrize(
    "name",
    [
        "../evil.webp",
        "/etc/passwd",
        "images/../../evil.webp",
        "images/UPPER.webp",
        "images/sub/x.webp",
        "images/",
        "other/x.webp",
        "images\\x.webp",
        "C:x.webp",
        "images/x.svg",
        "state.json.tmp",
        ".lock",
        "Images/x.webp",
    ],
)
async def test_a_name_that_no_session_has_is_refused(
    store: SessionStore, files: Files, tmp_path: Path, root: Path, name: str
) -> None:
    upload = packed({**files, name: b"x"}, tmp_path / "evil.zip")
    assert "is not a file of a session" in await refused(store, upload, root)
    assert not (tmp_path / "evil.webp").exists()


@pytest.mark.parametrize("name", ["manifest.json", "meta.json", "state.json", "history.json"])
async def test_a_missing_file_is_named(
    store: SessionStore, files: Files, tmp_path: Path, root: Path, name: str
) -> None:
    upload = packed(_without(files, name), tmp_path / "x.zip", honest=name != "manifest.json")
    assert name in await refused(store, upload, root)


async def test_a_missing_picture_is_named(
    store: SessionStore, files: Files, tmp_path: Path, root: Path
) -> None:
    upload = packed(_without(files, PICTURE), tmp_path / "x.zip")
    assert await refused(store, upload, root) == f"{PICTURE} is missing"


@pytest.mark.parametrize("name", ["meta.json", "state.json", "history.json", PICTURE])
async def test_a_file_that_is_not_what_the_manifest_says_is_refused(
    store: SessionStore, files: Files, tmp_path: Path, root: Path, name: str
) -> None:
    changed = files[name][:-2] + b"!" + files[name][-1:]
    upload = packed({**files, name: changed}, tmp_path / "x.zip", honest=False)
    reason = await refused(store, upload, root)
    assert name in reason


@pytest.mark.parametrize(
    ("turn", "old", "new", "reason"),
    [
        (1, b'"turn":1', b'"turn":2', "turn 1"),
        (1, b'"session_id":"a"', b'"session_id":"b"', "turn 1"),
        (2, b'"health":100', b'"health":900', "turn 2"),
        (0, b'"lineage"', b'"extra":1,"lineage"', "turn 0"),
        (3, b'"chaos":1', b'"chaos":2', "not the one that state.json speaks of"),
    ],
)
async def test_a_forged_turn_is_refused_although_its_checksum_fits(
    store: SessionStore,
    files: Files,
    tmp_path: Path,
    root: Path,
    turn: int,
    old: bytes,
    new: bytes,
    reason: str,
) -> None:
    upload = packed(_in_history(files, turn, old, new), tmp_path / "x.zip")
    assert reason in await refused(store, upload, root)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text[:-2],
        lambda text: text + b"{}\n",
        lambda text: text.replace(b"[\n", b"[ \n", 1),
        lambda text: text.rpartition(b"\n,")[0] + b"\n]\n",
        lambda text: text.replace(b"\n,", b"\n", 1),
        lambda _: b"",
        lambda _: b"[\n]\n",
        lambda _: b"[\n" + b"[" * 100_000 + b"\n]\n",
    ],
    ids=["cut", "longer", "space", "a turn less", "no comma", "empty", "no turns", "deep"],
)
async def test_a_history_of_another_shape_is_refused(
    store: SessionStore,
    files: Files,
    tmp_path: Path,
    root: Path,
    change: Callable[[bytes], bytes],
) -> None:
    forged = {**files, "history.json": change(files["history.json"])}
    assert "history.json" in await refused(store, packed(forged, tmp_path / "x.zip"), root)


async def test_a_link_is_refused(
    store: SessionStore, files: Files, tmp_path: Path, root: Path
) -> None:
    upload = packed(_without(files, PICTURE), tmp_path / "x.zip")
    link = zipfile.ZipInfo(PICTURE)
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(upload, "a") as target:
        target.writestr(link, "/etc/passwd")
    assert "link" in await refused(store, upload, root)


@pytest.mark.filterwarnings("ignore:Duplicate name")
async def test_a_name_that_is_there_twice_is_refused(
    store: SessionStore, files: Files, tmp_path: Path, root: Path
) -> None:
    upload = packed(files, tmp_path / "x.zip")
    with zipfile.ZipFile(upload, "a") as target:
        target.writestr("state.json", files["state.json"])
    assert "twice" in await refused(store, upload, root)


@pytest.mark.parametrize("keep", [0, 10, 200, 0.5, -1, -30])
async def test_a_truncated_upload_is_refused(
    store: SessionStore, files: Files, tmp_path: Path, root: Path, keep: float
) -> None:
    upload = packed(files, tmp_path / "x.zip")
    data = upload.read_bytes()
    upload.write_bytes(data[: int(len(data) * keep)] if isinstance(keep, float) else data[:keep])
    assert "zip file" in await refused(store, upload, root)


async def test_a_flipped_bit_in_what_is_packed_is_found(
    store: SessionStore, files: Files, tmp_path: Path, root: Path
) -> None:
    upload = packed(files, tmp_path / "x.zip")
    data = bytearray(upload.read_bytes())
    with zipfile.ZipFile(upload) as source:
        start = source.getinfo("history.json").header_offset
    data[start + 400] ^= 4
    upload.write_bytes(data)
    assert "history.json" in await refused(store, upload, root)


async def test_a_bomb_is_not_unpacked(root: Path, archives: Path, tmp_path: Path) -> None:
    store = FileSessionStore(root, archives, durability="process", max_import_bytes=1 << 20)
    await store.open()
    await begin(store, "a", turns=2)
    files = unpacked(await exported(store))
    bomb = {**files, "tapes/bomb.mp4": bytes(64 << 20)}
    with pytest.raises(PayloadTooLarge):
        await store.import_(packed(bomb, tmp_path / "bomb.zip"), renamed("new"))
    assert list((root / ".incoming").iterdir()) == []
    await store.close()


async def test_a_bomb_that_lies_about_its_size_is_refused(
    store: SessionStore, files: Files, tmp_path: Path, root: Path
) -> None:
    big = bytes(8 << 20)
    upload = packed({**files, "tapes/bomb.mp4": big}, tmp_path / "x.zip")
    size = len(big).to_bytes(4, "little")
    checked = crc32(big).to_bytes(4, "little")
    data = upload.read_bytes()
    assert checked in data
    upload.write_bytes(data.replace(size, (100).to_bytes(4, "little")))
    assert "bomb" in await refused(store, upload, root)


async def test_a_list_of_too_many_files_is_not_even_read(
    store: SessionStore, files: Files, tmp_path: Path
) -> None:
    upload = packed(files, tmp_path / "x.zip")
    data = upload.read_bytes()
    many = (65_001).to_bytes(2, "little")
    upload.write_bytes(data[:-14] + many + many + data[-10:])
    with pytest.raises(PayloadTooLarge):
        await store.import_(upload, renamed("new"))


async def test_an_import_does_not_replace_a_session(
    store: SessionStore, files: Files, tmp_path: Path, root: Path
) -> None:
    upload = packed(files, tmp_path / "x.zip")
    with pytest.raises(SessionExists):
        await store.import_(upload, lambda meta: meta)
    with pytest.raises(InvalidSessionId):
        await store.import_(upload, renamed("../x"))
    assert (await store.load("a")).snapshot.turn == 3
    assert list((root / ".incoming").iterdir()) == []


async def test_what_was_packed_by_hand_from_the_folder_is_taken(
    store: SessionStore, files: Files, tmp_path: Path
) -> None:
    """The control of the tests above: what they change is why they are refused."""
    await store.import_(packed(files, tmp_path / "x.zip"), renamed("new"))
    assert (await store.entry("new", 0)).entry.action is None
    assert (await store.load("new")).snapshot.turn == 3
