"""Reading a long history costs what is read, not what there is."""

import json
from pathlib import Path

import pytest

from app.models.record import StoredEntry
from app.storage import history
from app.storage.branching import HistoryWriter
from app.storage.disk import Disk
from app.storage.files import FileSessionStore
from app.storage.history import HISTORY
from app.storage.io import CREATE, RealIO, StorageIO
from app.storage.session_folder import SessionFolder
from app.storage.sessions_root import SessionsRoot, now
from tests.factories import a_meta, a_record, an_entry
from tests.storage.crash_model import ARCHIVES, ROOT, a_store
from tests.storage.games import play
from tests.storage.memory_disk import MemoryDisk

TURNS = 10_000


class CountingDisk(MemoryDisk):
    def read_at(self, fd: int, size: int, offset: int) -> bytes:
        data = super().read_at(fd, size, offset)
        self.bytes_read += len(data)
        return data

    bytes_read: int = 0


def a_long_session(io: StorageIO, root: Path, archives: Path, turns: int) -> None:
    """Written by the store's own writer, but without one commit a turn."""
    disk = Disk(io, durable=False)
    sessions = SessionsRoot(disk, root, archives, now)
    sessions.let_go(sessions.take())
    draft: SessionFolder = sessions.draft()
    draft.make_folders()
    first = an_entry("a", 0)
    with disk.opened(draft.path / HISTORY, CREATE) as fd:
        writer = HistoryWriter(disk, fd)
        for turn in range(turns):
            entry = first.entry.model_copy(update={"turn": turn})
            writer.add(history.encode_entry(first.model_copy(update={"entry": entry})))
        writer.close()
    draft.finish(a_meta("a"), a_record("a", turns - 1), writer.head)
    sessions.add("a", draft)


@pytest.fixture(scope="module")
def long_disk() -> CountingDisk:
    disk = CountingDisk()
    a_long_session(disk, ROOT, ARCHIVES, TURNS)
    disk.log.clear()
    return disk


def _turns(entries: tuple[StoredEntry, ...]) -> list[int]:
    return [stored.entry.turn for stored in entries]


async def test_the_last_turns_are_read_from_the_end(long_disk: CountingDisk) -> None:
    store = a_store(long_disk)
    await store.open()
    long_disk.bytes_read = 0
    assert _turns(await store.page("a", before=None, limit=20)) == list(range(9_999, 9_979, -1))
    assert long_disk.bytes_read < 300_000
    await store.close()


async def test_any_page_is_found_and_the_second_one_cheaply(long_disk: CountingDisk) -> None:
    store = a_store(long_disk)
    await store.open()
    await store.entry("a", 17)  # makes the marks
    for before, limit in (
        (1, 1),
        (63, 5),
        (64, 64),
        (65, 3),
        (128, 200),
        (5_000, 200),
        (9_744, 10),
        (9_743, 10),
        (9_999, 200),
        (10_000, 200),
        (12_345, 7),
    ):
        stop = min(before, TURNS)
        expected = list(range(stop - 1, max(0, stop - limit) - 1, -1))
        long_disk.bytes_read = 0
        assert _turns(await store.page("a", before=before, limit=limit)) == expected
        assert long_disk.bytes_read < 1_500_000
    for turn in (0, 1, 63, 64, 65, 4_321, 9_743, 9_744, 9_999):
        assert (await store.entry("a", turn)).entry.turn == turn
    await store.close()


async def test_marks_follow_a_history_that_grows() -> None:
    disk = CountingDisk()
    a_long_session(disk, ROOT, ARCHIVES, 600)
    store = a_store(disk)
    await store.open()
    assert (await store.entry("a", 70)).entry.turn == 70
    for _ in range(140):
        await play(store, "a")
    for turn in (0, 70, 320, 383, 384, 450, 480, 599, 600, 739):
        assert (await store.entry("a", turn)).entry.turn == turn
    assert _turns(await store.page("a", before=450, limit=200)) == list(range(449, 249, -1))
    await store.close()


async def test_the_whole_file_is_one_json_array(tmp_path: Path) -> None:
    a_long_session(RealIO(), tmp_path / "s", tmp_path / "a", 100)
    records = json.loads((tmp_path / "s" / "a" / HISTORY).read_text())
    assert [record["entry"]["turn"] for record in records] == list(range(100))
    fields = {"version", "entry", "world", "lineage", "accepted", "pack"}
    assert records[0].keys() == {"crc", *fields}


async def test_what_a_dead_process_left_is_cut_off(tmp_path: Path) -> None:
    root, archives = tmp_path / "s", tmp_path / "a"
    a_long_session(RealIO(), root, archives, 100)
    path = root / "a" / HISTORY
    good = path.read_bytes()
    for tail in (b"", b"]", b",", b',{"crc":"', b"\0" * 5000, b"]\n]\n", b",{}\n]\n" * 99):
        path.write_bytes(good[:-2] + tail)
        (root / "a" / "state.json.tmp").write_text("half")
        store = FileSessionStore(root, archives, durability="process")
        await store.open()
        assert (await store.load("a")).snapshot.turn == 99
        assert path.read_bytes() == good
        assert not (root / "a" / "state.json.tmp").exists()
        await store.close()
