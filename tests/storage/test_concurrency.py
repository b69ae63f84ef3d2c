"""Sessions do not wait for each other, and cancelling loses nothing. The tests choose the order."""

import asyncio
import gc
import threading
from collections.abc import AsyncIterator

import pytest

from app.errors import SessionExists, StorageError, TurnInProgress, TurnNotFound
from app.models.record import SessionRecord
from app.models.session import Meta
from app.storage.files import FileSessionStore
from app.storage.history import Head
from app.storage.session_folder import Loaded, SessionFolder
from app.storage.threads import Threads, to_the_end
from tests.factories import a_meta, a_record, an_entry
from tests.storage.crash_model import ARCHIVES, ROOT
from tests.storage.faulty_disk import HeldDisk
from tests.storage.games import begin, named, play


@pytest.fixture
def disk() -> HeldDisk:
    return HeldDisk(hold="a")


@pytest.fixture
async def store(disk: HeldDisk) -> AsyncIterator[FileSessionStore]:
    """Over a disk that can be made to hang in the last sync of session `a`'s commits."""
    store = FileSessionStore(ROOT, ARCHIVES, durability="power", io=disk, cached_sessions=2)
    await store.open()
    await begin(store, "a", turns=1)
    await begin(store, "b", turns=1)
    yield store
    disk.let_go.set()
    await store.close()


async def _held(disk: HeldDisk) -> None:
    async with asyncio.timeout(10):
        await asyncio.to_thread(disk.reached.wait)


async def test_a_slow_disk_under_one_session_holds_up_nobody_else(
    store: FileSessionStore, disk: HeldDisk
) -> None:
    disk.armed = True
    slow = asyncio.create_task(play(store, "a"))
    await _held(disk)
    async with asyncio.timeout(10):
        await play(store, "b")
        await begin(store, "c", turns=1)
        # The slow one can be read as it was.
        assert (await store.load("b")).snapshot.turn == 1
        assert (await store.meta("b")).name == "The story of b"
    assert not slow.done()
    disk.let_go.set()
    await slow
    assert (await store.load("a")).snapshot.turn == 1


async def test_a_session_can_be_read_while_its_commit_hangs(
    store: FileSessionStore, disk: HeldDisk
) -> None:
    await store.load("a")
    disk.armed = True
    slow = asyncio.create_task(play(store, "a"))
    await _held(disk)
    async with asyncio.timeout(10):
        assert (await store.load("a")).snapshot.turn == 0
        [entry] = await store.page("a", before=None, limit=5)
        assert entry == an_entry("a", 0)
        with pytest.raises(TurnInProgress):
            await play(store, "a")
    disk.let_go.set()
    await slow


async def test_a_cancelled_commit_is_finished_first(
    store: FileSessionStore, disk: HeldDisk
) -> None:
    disk.armed = True
    turn = asyncio.create_task(play(store, "a"))
    await _held(disk)
    for _ in range(3):
        turn.cancel()
        await asyncio.sleep(0)
        assert not turn.done()
    disk.let_go.set()
    with pytest.raises(asyncio.CancelledError):
        await turn
    assert (await store.load("a")).snapshot.turn == 1
    await play(store, "a")
    assert (await store.reload("a")).snapshot.turn == 2


async def test_a_load_that_missed_memory_does_not_mend_under_a_commit(
    store: FileSessionStore, disk: HeldDisk
) -> None:
    disk.armed = True
    slow = asyncio.create_task(play(store, "a"))
    await _held(disk)
    await begin(store, "c")
    await begin(store, "d")  # the memory holds two: `a` is out
    load = asyncio.create_task(store.load("a"))
    for _ in range(20):
        await asyncio.sleep(0)
    assert not load.done()
    disk.let_go.set()
    await slow
    assert (await load).snapshot.turn == 1
    assert (await store.entry("a", 1)) == an_entry("a", 1)


async def test_many_first_loads_mend_once(
    store: FileSessionStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    mended: list[str] = []
    recover = SessionFolder.recover

    def counted(self: SessionFolder, *, suspicious: bool) -> Loaded:
        mended.append(self.path.name)
        return recover(self, suspicious=suspicious)

    monkeypatch.setattr(SessionFolder, "recover", counted)
    await begin(store, "c")
    await begin(store, "d")
    records = await asyncio.gather(*(store.load("a") for _ in range(20)))
    assert {record.snapshot.turn for record in records} == {0}
    assert mended == ["a"]


async def test_of_many_creates_of_one_id_one_counts(store: FileSessionStore) -> None:
    async def create(number: int) -> int | None:
        try:
            await store.create(a_meta("new", name=f"{number}"), a_record("new"))
        except SessionExists:
            return None
        return number

    made = [n for n in await asyncio.gather(*map(create, range(20))) if n is not None]
    assert len(made) == 1
    assert (await store.meta("new")).name == f"{made[0]}"


async def test_idle_locks_vanish(store: FileSessionStore, disk: HeldDisk) -> None:
    ids = [f"s{number}" for number in range(100)]
    await asyncio.gather(*(begin(store, session_id, turns=2) for session_id in ids))
    disk.armed = True
    slow = asyncio.create_task(play(store, "a"))
    await _held(disk)
    assert store.locks_held == 2  # its claim and its files
    disk.let_go.set()
    await slow
    gc.collect()
    assert store.locks_held == 0


async def test_a_claim_is_let_go_whatever_happens_in_it(store: FileSessionStore) -> None:
    async def fail() -> None:
        async with store.claim("a"):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    entered = asyncio.Event()

    async def hang() -> None:
        async with store.claim("a"):
            entered.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(hang())
    await entered.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await play(store, "a")


async def test_a_claim_that_is_over_writes_nothing(store: FileSessionStore) -> None:
    async with store.claim("a") as claim:
        pass
    with pytest.raises(Exception, match="over"):
        await claim.commit(a_record("a", 1), an_entry("a", 1))
    assert (await store.reload("a")).snapshot.turn == 0


async def test_a_read_that_meets_a_reset_gives_the_new_run(
    store: FileSessionStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The files are swapped after the reader looked up the session and before it reads them."""
    looked_up, swapped = threading.Event(), threading.Event()
    page = SessionFolder.page

    def late(
        self: SessionFolder, loaded: Loaded, *, before: int | None, limit: int
    ) -> tuple[object, ...]:
        looked_up.set()
        assert swapped.wait(20)
        return page(self, loaded, before=before, limit=limit)

    monkeypatch.setattr(SessionFolder, "page", late)
    reading = asyncio.create_task(store.page("a", before=None, limit=5))
    async with asyncio.timeout(10):
        await asyncio.to_thread(looked_up.wait)
    async with store.claim("a") as claim:
        await claim.restart(a_meta("a", run=1), a_record("a"))
    swapped.set()
    assert await reading == ()


async def test_a_fork_that_meets_a_reset_of_its_source_is_of_one_run(
    store: FileSessionStore, disk: HeldDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied, swapped = threading.Event(), threading.Event()
    finish = SessionFolder.finish

    def late(self: SessionFolder, meta: Meta, record: SessionRecord, head: Head) -> None:
        finish(self, meta, record, head)
        if meta.session_id == "f" and not copied.is_set():
            copied.set()
            assert swapped.wait(20)

    monkeypatch.setattr(SessionFolder, "finish", late)
    forking = asyncio.create_task(store.fork("a", 0, a_meta("f"), a_record("f", 0)))
    async with asyncio.timeout(10):
        await asyncio.to_thread(copied.wait)
    async with store.claim("a") as claim:
        await claim.restart(a_meta("a", run=1), a_record("a"))
    swapped.set()
    with pytest.raises(TurnNotFound):  # the new run has no turns yet
        await forking
    assert disk.names(ROOT / ".incoming") == []


async def test_reading_many_more_sessions_than_fit_in_memory(store: FileSessionStore) -> None:
    ids = [f"s{number}" for number in range(40)]
    await asyncio.gather(*(begin(store, session_id, turns=2) for session_id in ids))
    pages = await asyncio.gather(
        *(store.page(session_id, before=None, limit=1) for session_id in ids for _ in range(3))
    )
    assert [page[0].entry.session_id for page in pages] == [name for name in ids for _ in range(3)]


async def test_no_more_jobs_are_handed_over_than_there_are_threads() -> None:
    threads = Threads(2)
    go, running = threading.Event(), threading.Semaphore(0)

    def job() -> None:
        running.release()
        assert go.wait(20)

    tasks = [asyncio.create_task(threads.run(job)) for _ in range(10)]
    async with asyncio.timeout(10):
        for _ in range(2):
            await asyncio.to_thread(running.acquire)
    assert threads._pool._work_queue.qsize() == 0
    go.set()
    await asyncio.gather(*tasks)
    await threads.close()


async def test_work_that_fails_after_its_caller_left_is_not_a_forgotten_error() -> None:
    go = asyncio.Event()

    async def work() -> None:
        await go.wait()
        raise ZeroDivisionError

    task = asyncio.create_task(to_the_end(work()))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.sleep(0)
    go.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    gc.collect()


async def test_a_list_is_right_about_what_changes_while_it_is_first_made(
    store: FileSessionStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading, changed = threading.Event(), threading.Event()
    read = SessionFolder.read

    def late(self: SessionFolder) -> Loaded:
        loaded = read(self)
        if threading.current_thread().name.startswith("store") and not reading.is_set():
            reading.set()
            assert changed.wait(20)
        return loaded

    monkeypatch.setattr(SessionFolder, "read", late)
    listing = asyncio.create_task(store.list(sort="accessed", limit=9, cursor=None))
    async with asyncio.timeout(10):
        await asyncio.to_thread(reading.wait)
    await play(store, "b")
    await store.delete("a", archive=False)
    await begin(store, "c", created_at=a_meta().created_at)
    changed.set()
    assert [item.meta.session_id for item in (await listing).items] == ["b", "c"]
    await store.change_meta("b", named("Renamed"))
    again = await store.list(sort="accessed", limit=9, cursor=None)
    assert [item.meta.name for item in again.items] == ["Renamed", "The story of c"]


async def test_a_closed_store_says_so(store: FileSessionStore) -> None:
    await store.load("b")
    await store.close()
    with pytest.raises(StorageError, match="shutting down"):
        await play(store, "b")
    with pytest.raises(StorageError, match="shutting down"):
        await store.list(sort="created", limit=1, cursor=None)
