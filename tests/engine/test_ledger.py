"""Caps hold: for any number of calls at once, across crashes, and on a disk that fills up."""

import asyncio
import contextlib
import gc
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from app.engine.ledger import AccountHold, Ledger
from app.errors import BudgetExhausted, SessionNotFound, StorageError, StorageFull
from app.models.ledger import MICROS, LedgerLine, Units
from app.models.session import Settings
from app.storage.files import FileSessionStore
from tests.engine.conftest import Clock
from tests.factories import a_meta, a_record
from tests.storage.faulty_disk import Faults, HeldDisk, SmallDisk
from tests.storage.games import begin, play
from tests.storage.memory_disk import MemoryDisk

FREE = Settings()
ONE_DOLLAR = Settings(budget_usd=1)
ROOT, ARCHIVES = Path("/sessions"), Path("/archives")


def _store(disk: MemoryDisk) -> FileSessionStore:
    return FileSessionStore(ROOT, ARCHIVES, durability="power", io=disk)


@contextlib.asynccontextmanager
async def _opened(disk: MemoryDisk, *sessions: str) -> AsyncIterator[FileSessionStore]:
    store = _store(disk)
    await store.open()
    for session_id in sessions:
        await begin(store, session_id)
    yield store
    await store.close()


@pytest.fixture
async def store() -> AsyncIterator[FileSessionStore]:
    async with _opened(MemoryDisk(), "a", "b") as store:
        yield store


async def _reserve(
    ledger: Ledger,
    at_most: int | None = MICROS // 10,
    *,
    session_id: str = "a",
    settings: Settings = ONE_DOLLAR,
) -> AccountHold:
    purse = ledger.purse(session_id, 3, settings)
    return await purse.reserve("text", provider="double", model="dear", at_most=at_most)


async def _many(ledger: Ledger, count: int, **more: object) -> tuple[int, int]:
    """How many of so many reservations at once were granted, and how many refused."""
    asked = (_reserve(ledger, **more) for _ in range(count))  # type: ignore[arg-type]
    outcomes = await asyncio.gather(*asked, return_exceptions=True)
    refused = [one for one in outcomes if isinstance(one, BudgetExhausted)]
    granted = [one for one in outcomes if not isinstance(one, BaseException)]
    assert len(refused) + len(granted) == count, outcomes
    for hold in granted:
        hold.settle(Units(output_tokens=7), MICROS // 10)
    return len(granted), len(refused)


async def test_64_calls_at_the_edge_of_a_budget_stay_within_it(
    store: FileSessionStore, clock: Clock
) -> None:
    ledger = Ledger(store, clock)
    assert await _many(ledger, 64) == (10, 54)
    assert await ledger.spent("a") == MICROS
    assert await ledger.is_exhausted("a", ONE_DOLLAR)
    assert not await ledger.is_exhausted("a", FREE)
    await ledger.close()
    again = Ledger(store, clock)
    assert await _many(again, 64) == (0, 64)
    assert await _many(again, 64, session_id="b") == (10, 54)
    await again.close()


async def test_64_calls_of_many_sessions_stay_within_the_day(clock: Clock) -> None:
    ids = [f"s{number}" for number in range(16)]
    disk = MemoryDisk()
    async with _opened(disk, *ids) as store:
        ledger = Ledger(store, clock, day_cap_usd=2)
        asked = (_reserve(ledger, session_id=session_id) for session_id in ids * 4)
        outcomes = await asyncio.gather(*asked, return_exceptions=True)
        granted = [one for one in outcomes if not isinstance(one, BaseException)]
        assert len(granted) == 20
        assert {type(one) for one in outcomes if isinstance(one, BaseException)} == {
            BudgetExhausted
        }
        for hold in granted:
            hold.settle(Units(), MICROS // 20)
        assert ledger.spent_today() == MICROS
        await ledger.close()
    async with _opened(disk) as store:
        ledger = Ledger(store, clock, day_cap_usd=2)
        await ledger.open()
        assert ledger.spent_today() == MICROS
        assert await _many(ledger, 30, settings=FREE, session_id="s3") == (10, 20)
        await ledger.close()


async def test_a_day_ends_at_midnight_utc(store: FileSessionStore, clock: Clock) -> None:
    clock.now = datetime(2026, 11, 22, 23, 59, 59, tzinfo=UTC)
    ledger = Ledger(store, clock, day_cap_usd=0.3)
    late = await _reserve(ledger, settings=FREE)
    assert await _many(ledger, 9, settings=FREE) == (2, 7)
    clock.passes(1)
    assert ledger.spent_today() == 0
    assert await _many(ledger, 9, settings=FREE) == (3, 6)
    late.settle(Units(), 1)  # of the day on which it began
    assert ledger.spent_today() == 300_000
    clock.now -= timedelta(seconds=1)
    assert await _many(ledger, 9, settings=FREE) == (0, 9)
    await ledger.close()
    assert (await store.day_ledger(date(2026, 11, 22))).micros == 200_001
    assert (await store.day_ledger(date(2026, 11, 23))).micros == 300_000


async def test_a_reservation_whose_end_a_crash_hid_counts_as_spent(clock: Clock) -> None:
    disk = MemoryDisk()
    async with _opened(disk, "a") as store:
        ledger = Ledger(store, clock)
        settled, lost, unpriced = [await _reserve(ledger, each) for each in (500, 700, None)]
        settled.settle(Units(), 300)
        await ledger.drain("a")
        crashed = disk.after_power_cut(
            len(disk.log), dict.fromkeys(disk.unsynced(len(disk.log)), "lost")
        )
        assert await ledger.spent("a") == 300
        lost.settle(Units(), 1)  # of this no one will know
        unpriced.release()
        await ledger.close()
    async with _opened(crashed) as store:
        ledger = Ledger(store, clock)
        assert await ledger.spent("a") == 1000
        sums, under_way = await ledger.sums("a")
        assert (sums.micros, sums.held, under_way) == (1000, 0, frozenset())
        assert (sums.text.estimated, sums.text.unpriced) == (2, 1)
        await ledger.open()
        assert ledger.spent_today() == 1000
        # The next line makes it so on the disk as well.
        (await _reserve(ledger, 50)).settle(Units(), 50)
        await ledger.close()
        assert (await store.ledger("a")).micros == 1050
        assert (await store.ledger("a")).held == 0


async def test_no_power_cut_lets_a_reservation_be_forgotten(clock: Clock) -> None:
    """Whatever is lost of what was not synced: what was granted is on the disk, in both."""
    disk = MemoryDisk()
    async with _opened(disk, "a") as store:
        ledger = Ledger(store, clock)
        await _reserve(ledger, 500)
        await ledger.close()
        end = len(disk.log)
        left = disk.after_power_cut(end, dict.fromkeys(disk.unsynced(end), "lost"))
    async with _opened(left) as store:
        assert (await store.ledger("a")).held == 500
        assert (await store.day_ledger(clock.now.date())).held == 500


async def test_a_call_is_over_once_and_released_ones_cost_nothing(
    store: FileSessionStore, clock: Clock
) -> None:
    heard: list[LedgerLine] = []
    ledger = Ledger(store, clock, heed=heard.append)
    hold = await _reserve(ledger)
    hold.release()
    hold.settle(Units(), 5)
    hold.release()
    assert await ledger.spent("a") == 0
    assert await _many(ledger, 11) == (10, 1)
    assert [line.status for line in heard] == ["released"] + ["settled"] * 10
    await ledger.close()
    calls = await store.ledger_page("a", before=None, limit=99)
    assert len(calls) == 11
    assert calls[-1].status == "released"
    assert (await store.ledger("a")).text.calls == 10


async def test_an_unknown_price_is_counted_in_units_and_stops_at_a_spent_cap(
    store: FileSessionStore, clock: Clock
) -> None:
    ledger = Ledger(store, clock)
    (await _reserve(ledger, None)).settle(Units(output_tokens=50), None, request_id="r" * 999)
    sums, _ = await ledger.sums("a")
    assert await ledger.spent("a") == 0
    await ledger.drain("a")
    sums, _ = await ledger.sums("a")
    assert (sums.text.unpriced, sums.text.units.output_tokens) == (1, 50)
    (line,) = await store.ledger_page("a", before=None, limit=9)
    assert (line.micros, len(line.request_id)) == (None, 128)
    assert await _many(ledger, 10) == (10, 0)
    with pytest.raises(BudgetExhausted):
        await _reserve(ledger, None)
    (await _reserve(ledger, 0)).release()  # free of charge is no matter of money
    await ledger.close()


async def test_a_cancelled_reservation_holds_nothing(clock: Clock) -> None:
    disk = HeldDisk("a")
    async with _opened(disk, "a") as store:
        ledger = Ledger(store, clock)
        disk.armed = True
        writing = asyncio.create_task(_reserve(ledger, MICROS))
        await asyncio.to_thread(disk.reached.wait, 20)
        waiting = asyncio.create_task(_reserve(ledger, MICROS))
        with pytest.raises(BudgetExhausted):
            await waiting  # the first one's dollar is held already
        writing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await writing
        assert not await ledger.is_exhausted("a", ONE_DOLLAR)
        queued = asyncio.create_task(_reserve(ledger, MICROS))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        queued.cancel()
        disk.let_go.set()
        await ledger.close()
        sums = await store.ledger("a")
        assert (sums.micros, sums.held, sums.text.open, sums.text.calls) == (0, 0, 0, 0)
        assert await _many(ledger, 10) == (10, 0)
        await ledger.close()


async def test_on_a_full_disk_no_call_is_made_and_nothing_is_lost(clock: Clock) -> None:
    disk = SmallDisk()
    disk.room = 10**9
    async with _opened(disk, "a") as store:
        ledger = Ledger(store, clock)
        under_way = await _reserve(ledger, 500)
        disk.room = 0
        with pytest.raises(StorageFull):
            await _reserve(ledger)
        assert await ledger.spent("a") == 0
        under_way.settle(Units(), 300)  # it was made before, and is paid for
        await ledger.drain("a")
        assert await ledger.spent("a") == 300
        assert (await store.ledger("a")).micros == 0
        del under_way
        gc.collect()
        assert await ledger.spent("a") == 300, "what could not be written was forgotten"
        disk.room = 10**9
        assert await _many(ledger, 10) == (9, 1)
        await play(store, "a")
        await ledger.close()
        sums = await store.ledger("a")
        assert (sums.micros, sums.held, sums.next_id) == (900_300, 0, 10)
        assert (await store.day_ledger(clock.now.date())).held == 0


async def test_whichever_write_fails_nothing_stays_held(clock: Clock) -> None:
    prepared = MemoryDisk()
    async with _opened(prepared, "a"):
        pass
    nth, struck = 0, True
    while struck:
        nth += 1
        disk = prepared.after_power_cut(len(prepared.log), {})
        faults = Faults(disk)
        store = FileSessionStore(ROOT, ARCHIVES, durability="power", io=faults.io, threads=1)
        await store.open()
        ledger = Ledger(store, clock, day_cap_usd=1)
        made = len(faults.calls)
        faults.arm(nth, "short" if nth % 2 else 28)
        with contextlib.suppress(StorageError):
            (await _reserve(ledger)).release()
        await ledger.drain("a")
        struck = len(faults.calls) - made >= nth
        faults.disarm()
        assert await ledger.spent("a") == 0
        assert await _many(ledger, 12) == (10, 2), nth
        await ledger.close()
        await store.close()
    assert nth > 8


async def test_a_session_of_the_same_id_begins_with_nothing_spent(
    store: FileSessionStore, clock: Clock
) -> None:
    ledger = Ledger(store, clock)
    under_way = await _reserve(ledger)
    assert await _many(ledger, 20) == (9, 11)
    await ledger.drain("a")
    await store.delete("a", archive=False)
    ledger.forget("a")
    with pytest.raises(SessionNotFound):
        await ledger.spent("a")
    with pytest.raises(SessionNotFound):
        await _reserve(ledger)
    await store.create(a_meta("a"), a_record("a"))
    under_way.settle(Units(), MICROS)
    assert await _many(ledger, 20) == (10, 10)
    await ledger.close()
    assert (await store.ledger("a")).micros == MICROS
    assert ledger.spent_today() == MICROS * 29 // 10


async def test_idle_accounts_are_let_go(clock: Clock) -> None:
    ids = [f"s{number}" for number in range(300)]
    async with _opened(MemoryDisk(), *ids) as store:
        ledger = Ledger(store, clock)
        for session_id in ids:
            (await _reserve(ledger, session_id=session_id)).settle(Units(), 5)
        kept = await _reserve(ledger, session_id="s7")
        await ledger.close()
        gc.collect()
        assert set(ledger._accounts) == {"s7"}
        assert not ledger._busy
        assert await ledger.spent("s7") == 5
        assert await ledger.spent("s8") == 5
        kept.release()
        await ledger.close()


async def test_what_a_session_has_spent_is_known_without_the_disk(clock: Clock) -> None:
    disk = MemoryDisk()
    faults = Faults(disk)
    store = FileSessionStore(ROOT, ARCHIVES, durability="power", io=faults.io)
    await store.open()
    await begin(store, "a")
    ledger = Ledger(store, clock)
    (await _reserve(ledger)).settle(Units(), 5)
    await ledger.close()
    gc.collect()
    calls = len(faults.calls)
    for _ in range(3):
        assert await ledger.spent("a") == 5
        assert not await ledger.is_exhausted("a", ONE_DOLLAR)
    assert len(faults.calls) == calls
    await store.close()


async def test_outcomes_that_gather_are_written_in_one_go(clock: Clock) -> None:
    disk = MemoryDisk()
    async with _opened(disk, "a") as store:
        ledger = Ledger(store, clock)
        holds = await asyncio.gather(*(_reserve(ledger, 1) for _ in range(50)))
        before = len(disk.log)
        for hold in holds:
            hold.settle(Units(), 1)
        await ledger.close()
        assert len(disk.log) - before == 4  # a write and a sync for the session and for the day
        assert (await store.ledger("a")).micros == 50
