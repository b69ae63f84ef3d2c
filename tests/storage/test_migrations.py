"""Files of older formats are read as if they were of today's; those of newer ones are refused."""

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from app.errors import InvalidRequest, SessionDamaged
from app.models.record import FORMAT
from app.models.session import Meta
from app.storage import migrations
from app.storage.files import FileSessionStore
from app.storage.sealing import seal
from app.storage.store import SessionStore
from tests.factories import a_meta, a_record, an_entry
from tests.storage.games import begin, play
from tests.storage.test_exchange import exported, packed, unpacked

VERSION_1 = Path(__file__).parent / "exports" / "version_1.zip"
"""Six turns of `skerry_light`, seed 11, exported before entries knew of their version."""


def lines_of(history: bytes) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(history)
    return found


async def test_an_export_of_the_first_format_is_taken(store: SessionStore) -> None:
    meta = await store.import_(VERSION_1, lambda meta: meta)
    assert (meta.session_id, meta.world, meta.auto_turns) == ("old", "skerry_light", 0)
    record = await store.load("old")
    assert (record.version, record.snapshot.turn, record.hold) == (FORMAT, 5, None)
    entries = await store.page("old", before=None, limit=10)
    assert [stored.entry.turn for stored in entries] == [5, 4, 3, 2, 1, 0]
    assert {(stored.version, stored.accepted, stored.pack) for stored in entries} == {
        (FORMAT, None, None)
    }
    assert entries[1].entry.is_timeout
    assert entries[3].entry.action == "listen at the door"
    files = unpacked(await exported(store, "old"))
    assert {line["version"] for line in lines_of(files["history.json"])} == {FORMAT}


async def test_a_folder_of_the_first_format_is_played_on(
    root: Path, archives: Path, tmp_path: Path
) -> None:
    """Not rewritten: what is committed stays, and new lines follow in the new format."""
    with zipfile.ZipFile(VERSION_1) as source:
        source.extractall(root / "old")
    for folder in ("videos", "tapes"):
        (root / "old" / folder).mkdir()
    before = (root / "old" / "history.json").read_bytes()
    store = FileSessionStore(root, archives, durability="process")
    await store.open()
    record = await store.load("old")
    snapshot = record.snapshot.model_copy(update={"turn": 6, "image": None})
    entry = an_entry("old", 6, state=snapshot)
    async with store.claim("old") as claim:
        await claim.commit(record.model_copy(update={"snapshot": snapshot}), entry)
    after = (root / "old" / "history.json").read_bytes()
    assert after.startswith(before[:-2])
    versions = [line.get("version") for line in lines_of(after)]
    assert versions == [None] * 6 + [FORMAT]
    await store.reload("old")
    assert [one.version for one in await store.page("old", before=None, limit=9)] == [FORMAT] * 7
    found = await store.search("old", "LISTEN at", before=None, limit=5)
    assert [one.entry.turn for one in found.entries] == [2]
    fork = a_meta("fork", world="skerry_light")
    await store.fork("old", 6, fork, a_record("fork", 6))
    assert {one.version for one in await store.page("fork", before=None, limit=9)} == {FORMAT}
    await store.close()


def _of_version(line: dict[str, Any], version: object) -> bytes:
    fields = {name: value for name, value in line.items() if name != "crc"}
    return json.dumps({**fields, "version": version}).encode()


@pytest.mark.parametrize("version", [FORMAT + 1, 99, 0, -1, "2", None, 1.0, True, [2]])
async def test_a_format_that_is_not_known_is_refused(
    store: SessionStore, tmp_path: Path, root: Path, version: object
) -> None:
    await begin(store, "a", turns=3)
    files = unpacked(await exported(store))
    lines = files["history.json"].split(b"\n")
    line = json.loads(lines[2].removeprefix(b","))
    lines[2] = b"," + seal(_of_version(line, version))
    upload = packed({**files, "history.json": b"\n".join(lines)}, tmp_path / "x.zip")
    with pytest.raises(InvalidRequest) as told:
        await store.import_(upload, _renamed)
    reason = str(told.value.details)
    assert "turn 1" in reason
    if isinstance(version, int) and version > FORMAT:
        assert f"format {version}" in reason

    (root / "a" / "history.json").write_bytes(b"\n".join(lines))
    with pytest.raises(SessionDamaged):
        await store.page("a", before=2, limit=1)


async def test_a_state_of_a_newer_format_is_not_replaced_by_anything(
    root: Path, archives: Path
) -> None:
    store = FileSessionStore(root, archives, durability="process")
    await store.open()
    await begin(store, "a")
    await play(store, "a")
    await store.close()
    state = root / "a" / "state.json"
    fields = {n: v for n, v in json.loads(state.read_bytes()).items() if n not in ("crc", "length")}
    fields["record"]["version"] = FORMAT + 1
    rest = json.dumps(fields).encode()[1:]
    state.write_bytes(seal(b'{"length":%d,' % len(rest) + rest) + b"\n")
    written = state.read_bytes()
    store = FileSessionStore(root, archives, durability="process")
    await store.open()
    with pytest.raises(SessionDamaged):
        await store.load("a")
    assert state.read_bytes() == written
    await store.close()


def test_there_is_a_step_from_every_version_to_the_next() -> None:
    for steps in (migrations.ENTRIES, migrations.RECORDS):
        assert list(steps) == list(range(1, FORMAT))
    table = migrations.__doc__ or ""
    for version in range(1, FORMAT + 1):
        assert f"\n| {version} |" in table


def _renamed(meta: Meta) -> Meta:
    return meta.model_copy(update={"session_id": "new"})
