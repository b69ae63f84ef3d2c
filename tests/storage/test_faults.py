"""Any call to the disk fails: the old state or the new one, and play goes on (R3, R4)."""

import copy
import errno
from collections.abc import Awaitable, Callable
from datetime import date
from pathlib import Path

import pytest

from app.errors import GameError, SessionNotFound, StorageError, StorageFull
from app.storage.files import FileSessionStore
from app.storage.io import StorageIO
from tests.conftest import Measured
from tests.factories import a_meta, a_picture, a_record
from tests.storage.crash_model import ARCHIVES, ROOT, World, a_store, play_on, seen
from tests.storage.faulty_disk import Faults, SmallDisk
from tests.storage.games import begin, named, play
from tests.storage.ledgers import a_line, entries, post, settled
from tests.storage.memory_disk import MemoryDisk

FAULTS = (errno.EIO, errno.ENOSPC, "short")
Call = Callable[[FileSessionStore], Awaitable[object]]


async def _restart(store: FileSessionStore) -> None:
    async with store.claim("a") as claim:
        await claim.restart(a_meta("a", run=1), a_record("a"))


async def _rewind(store: FileSessionStore) -> None:
    async with store.claim("a") as claim:
        await claim.rewind(0, a_meta("a", run=1), a_record("a", 0))


CALLS: dict[str, Call] = {
    "create": lambda store: begin(store, "c"),
    "turn": lambda store: play(store, "a", picture=True),
    "meta": lambda store: store.change_meta("a", named("Renamed")),
    "late media": lambda store: store.put_media("a", "images", a_picture("z")),
    "restart": _restart,
    "rewind": _rewind,
    "fork": lambda store: store.fork("a", 1, a_meta("c"), a_record("c", 1)),
    "archive": lambda store: store.delete("a", archive=True),
    "delete": lambda store: store.delete("a", archive=False),
    "ledger": lambda store: post(store, settled(0)),
    "day": lambda store: store.post_day(date(2026, 11, 22), entries(a_line(0))),
    "reload": lambda store: store.reload("a"),
}


async def _prepared() -> MemoryDisk:
    disk = MemoryDisk()
    store = a_store(disk)
    await store.open()
    await begin(store, "a")
    await play(store, "a", picture=True)
    await play(store, "a")
    await begin(store, "b", turns=1)
    await post(store, a_line(0))
    await store.close()
    disk.log.clear()
    return disk


def _store_over(io: StorageIO) -> FileSessionStore:
    return FileSessionStore(ROOT, ARCHIVES, durability="power", io=io, threads=1)


async def _both_worlds(prepared: MemoryDisk, call: Call) -> tuple[World, World]:
    disk = copy.deepcopy(prepared)
    store = _store_over(disk)
    await store.open()
    before = await seen(store, disk)
    await call(store)
    after = await seen(store, disk)
    await store.close()
    return before, after


@pytest.mark.parametrize(
    "fault", [errno.EIO, errno.ENOSPC, "short"], ids=["EIO", "ENOSPC", "short"]
)
@pytest.mark.parametrize("name", CALLS)
async def test_whichever_call_fails_nothing_is_mixed(
    name: str, fault: str | int, measured: Measured
) -> None:
    prepared = await _prepared()
    before, after = await _both_worlds(prepared, CALLS[name])
    before, after = _unnamed(before), _unnamed(after)
    nth, struck = 0, True
    while struck:
        nth += 1
        disk = copy.deepcopy(prepared)
        faults = Faults(disk)
        store = _store_over(faults.io)
        await store.open()
        made = len(faults.calls)
        faults.arm(nth, fault)
        failure = await _failure(CALLS[name](store))
        assert failure in (None, StorageFull if fault == errno.ENOSPC else StorageError)
        struck = len(faults.calls) - made >= nth
        faults.disarm()
        world = _unnamed(await seen(store, disk, mended=fault != errno.EIO))
        assert world in ([before, after] if failure else [after]), (nth, faults.struck)
        await _play_all(store, world, may_be_read_only=fault == errno.EIO)
        await seen(store, disk)
        await store.close()
    assert nth > 3
    measured("calls made to fail", nth - 1)


async def _failure(call: Awaitable[object]) -> type[GameError] | None:
    try:
        await call
    except GameError as error:
        return type(error)
    return None


def _unnamed(world: World) -> World:
    """Archives are named by the clock: by session is enough here."""
    return {name.partition("_")[0] + "!" * ("_" in name): found for name, found in world.items()}


async def _play_all(store: FileSessionStore, world: World, *, may_be_read_only: bool) -> None:
    for session_id in (name for name in world if len(name) == 1):
        turn = (await store.load(session_id)).snapshot.turn
        try:
            await play_on(store, session_id)
        except StorageError:
            assert may_be_read_only
            await store.reload(session_id)
            await play_on(store, session_id)
        assert (await store.load(session_id)).snapshot.turn == turn + 1


async def test_after_a_failed_sync_a_session_can_be_read_only() -> None:
    disk = await _prepared()
    faults = Faults(disk)
    store = _store_over(faults.io)
    await store.open()
    await store.load("a")
    commit = ["open", "write_at", "sync"]
    faults.arm(len(commit), errno.EIO)
    with pytest.raises(StorageError) as told:
        await play(store, "a")
    assert faults.struck == "sync"
    assert told.value.status == 503

    with pytest.raises(StorageError):
        await play(store, "a")
    with pytest.raises(StorageError):
        await store.change_meta("a", named("Renamed"))
    assert (await store.load("a")).snapshot.turn == 1
    assert len(await store.page("a", before=None, limit=9)) == 2
    await play_on(store, "b")  # another session does not mind

    assert (await store.reload("a")).snapshot.turn == 1
    await play(store, "a")
    await store.close()


async def test_what_a_failed_rewind_staged_does_not_bring_a_deleted_session_back() -> None:
    """Found by seed 1073 of the random games: the stage was complete, and nobody removed it."""
    disk = await _prepared()
    faults = Faults(disk)
    store = _store_over(faults.io)
    await store.open()
    for nth in range(1, 60):
        faults.arm(nth, errno.ENOSPC)
        await _failure(_rewind(store))
        faults.disarm()
        await store.delete("a", archive=False)
        with pytest.raises(SessionNotFound):
            await store.load("a")
        await begin(store, "a", turns=2)
    await store.close()


async def test_an_error_tells_no_path() -> None:
    disk = await _prepared()
    faults = Faults(disk)
    store = _store_over(faults.io)
    await store.open()
    await store.load("a")
    faults.arm(1, errno.EACCES)
    with pytest.raises(StorageError) as told:
        await play(store, "a")
    assert "/" not in f"{told.value} {told.value.details}"
    await store.close()


@pytest.mark.parametrize("spare", range(0, 9000, 450))
async def test_a_full_disk_loses_nothing_and_works_again_with_space(
    spare: int, measured: Measured
) -> None:
    disk = SmallDisk()
    disk.room = 10**9
    store = _store_over(disk)
    await store.open()
    await begin(store, "a")
    await play(store, "a", picture=True)
    disk.room = sum(len(node) for node in disk._reachable()) + spare
    acknowledged = 0
    while (failure := await _failure(play(store, "a", picture=True))) is None:
        acknowledged += 1
    assert failure is StorageFull
    assert failure.status == 507

    for _ in range(3):
        with pytest.raises(StorageFull):
            await play(store, "a", picture=True)
        assert (await store.load("a")).snapshot.turn == acknowledged
        page = await store.page("a", before=None, limit=99)
        assert [stored.entry.turn for stored in page] == list(range(acknowledged, -1, -1))
        path = await store.media("a", "images", a_picture("a", acknowledged).name)
        assert disk.content(path) == a_picture("a", acknowledged).data

    disk.room = 10**9
    await play(store, "a", picture=True)
    assert (await store.load("a")).snapshot.turn == acknowledged + 1
    measured("turns acknowledged and kept", acknowledged + 1)
    await seen(store, disk)
    await store.close()


async def test_a_disk_that_fills_up_in_late_media_keeps_no_half_of_it() -> None:
    disk = SmallDisk()
    disk.room = 10**9
    store = _store_over(disk)
    await store.open()
    await begin(store, "a", turns=1)
    disk.room = sum(len(node) for node in disk._reachable()) + 1000
    with pytest.raises(StorageFull):
        await store.put_media("a", "images", a_picture("a", 0, size=5000))
    assert disk.names(ROOT / "a" / "images") == []
    assert disk.names(ROOT / ".incoming") == []
    await store.close()


async def test_a_store_whose_folder_cannot_be_made_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    store = FileSessionStore(tmp_path / "file" / "s", tmp_path / "a", durability="process")
    with pytest.raises(StorageError):
        await store.open()
    await store.close()
