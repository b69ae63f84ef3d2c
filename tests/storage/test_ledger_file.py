"""A ledger keeps what was acknowledged, whatever is left of the line that was being written."""

import io
import itertools
from datetime import date
from pathlib import Path

import pytest

from app.errors import SessionDamaged, SessionNotFound, StorageFull
from app.models.ledger import LedgerLine, LedgerSums
from app.storage.disk import Disk
from app.storage.io import RealIO
from app.storage.ledger_file import LEDGER, append, read_calls, read_sums
from app.storage.store import SessionStore
from tests.factories import a_meta, a_record
from tests.storage.conftest import StoreFactory
from tests.storage.crash_model import a_store
from tests.storage.faulty_disk import SmallDisk
from tests.storage.games import begin, play
from tests.storage.ledgers import a_line, entries, post, settled

DAY = date(2026, 11, 22)


@pytest.fixture
def disk() -> Disk:
    return Disk(RealIO(), durable=False)


def test_a_tally_says_what_was_spent_and_what_is_held() -> None:
    lines = (
        a_line(0),
        settled(0, 400),
        a_line(1, at_most=None),
        a_line(2, capability="image", at_most=6000),
        settled(1, None, at_most=None),
        a_line(3, at_most=None),
        a_line(4),
        a_line(4, status="released"),
    )
    sums = entries(*lines)[-1].sums
    assert (sums.next_id, sums.micros, sums.held) == (5, 400, 6000)
    assert (sums.text.calls, sums.text.unpriced, sums.text.open_unpriced) == (3, 1, 1)
    assert sums.text.units.input_tokens == 20
    closed = sums.closed()
    assert (closed.micros, closed.held) == (6400, 0)
    assert (closed.image.estimated, closed.text.unpriced, closed.text.estimated) == (1, 2, 1)
    assert closed.closed() == closed


def test_a_tail_torn_at_any_byte_costs_that_line_and_no_other(disk: Disk, tmp_path: Path) -> None:
    path = tmp_path / LEDGER
    made = entries(a_line(0), settled(0), a_line(1))
    append(disk, path, made[:2])
    kept = path.read_bytes()
    append(disk, path, made[2:])
    whole = path.read_bytes()
    again = entries(a_line(1, at_most=7), after=made[1].sums)
    for cut, tail in itertools.product(range(len(kept), len(whole)), (b"", b"\0" * 40, b"#\n{")):
        path.write_bytes(whole[:cut] + tail)
        assert read_sums(disk, path) == made[1].sums
        assert [line.id for line in read_calls(disk, path, before=None, limit=9)] == [0]
        append(disk, path, again)
        assert read_sums(disk, path) == again[0].sums
        assert path.read_bytes().startswith(kept)
        assert path.read_bytes().count(b"\n") == 3


def test_a_first_line_that_is_torn_is_no_line(disk: Disk, tmp_path: Path) -> None:
    path = tmp_path / LEDGER
    made = entries(a_line(0))
    append(disk, path, made)
    whole = path.read_bytes()
    for cut in range(len(whole)):
        path.write_bytes(whole[:cut])
        assert read_sums(disk, path) == LedgerSums()
        append(disk, path, made)
        assert path.read_bytes() == whole


def test_a_flipped_bit_anywhere_in_the_last_line_is_noticed(disk: Disk, tmp_path: Path) -> None:
    path = tmp_path / LEDGER
    made = entries(a_line(0), settled(0))
    append(disk, path, made[:1])
    first = len(path.read_bytes())
    append(disk, path, made[1:])
    whole = path.read_bytes()
    for at in range(first, len(whole)):
        damaged = bytearray(whole)
        damaged[at] ^= 1 << at % 8
        path.write_bytes(damaged)
        assert read_sums(disk, path) in (made[0].sums, LedgerSums())


def test_calls_are_paged_newest_first_each_with_its_end(disk: Disk, tmp_path: Path) -> None:
    path, sums = tmp_path / LEDGER, LedgerSums()
    for number in range(300):
        lines = [a_line(number)]
        if number % 10:
            lines.append(settled(number))
        if number == 250:
            lines.append(settled(3, 77))  # one that took long
        made = entries(*lines, after=sums)
        append(disk, path, made)
        sums = made[-1].sums
    seen: list[LedgerLine] = []
    before: int | None = None
    while page := read_calls(disk, path, before=before, limit=7):
        seen += page
        before = page[-1].id
    assert [line.id for line in seen] == list(range(299, -1, -1))
    assert {line.id for line in seen if line.status == "reserved"} == set(range(0, 300, 10))
    assert next(line for line in seen if line.id == 3).micros == 77


def test_reading_the_end_does_not_depend_on_the_length(disk: Disk, tmp_path: Path) -> None:
    class Counting(RealIO):
        read = 0

        def read_at(self, fd: int, size: int, offset: int) -> bytes:
            data = super().read_at(fd, size, offset)
            Counting.read += len(data)
            return data

    path = tmp_path / LEDGER
    made = entries(*(line for n in range(2000) for line in (a_line(n), settled(n))))
    append(disk, path, made)
    watched = Disk(Counting(), durable=False)
    assert read_sums(watched, path) == made[-1].sums
    assert len(read_calls(watched, path, before=None, limit=5)) == 5
    assert Counting.read < 128 << 10 < path.stat().st_size


async def test_a_ledger_outlives_runs_and_restarts(make_store: StoreFactory, root: Path) -> None:
    store = make_store()
    await store.open()
    await begin(store, "a", turns=3)
    await post(store, a_line(0), settled(0), a_line(1))
    sums = await store.ledger("a")
    async with store.claim("a") as claim:
        await claim.rewind(1, a_meta("a", run=1), a_record("a", 1))
    assert await store.ledger("a") == sums
    async with store.claim("a") as claim:
        await claim.restart(a_meta("a", run=2), a_record("a"))
    assert await store.ledger("a") == sums
    await post(store, settled(1, 1000))
    await play(store, "a")
    await store.close()

    store = make_store()
    await store.open()
    assert (await store.ledger("a")).micros == 1400
    calls = await store.ledger_page("a", before=None, limit=10)
    assert [(call.id, call.status) for call in calls] == [(1, "settled"), (0, "settled")]
    assert [call.id for call in await store.ledger_page("a", before=1, limit=10)] == [0]
    await store.close()


async def test_branches_and_new_sessions_begin_with_nothing_spent(
    store: SessionStore, tmp_path: Path, archives: Path
) -> None:
    await begin(store, "a", turns=2)
    await post(store, a_line(0), settled(0))
    await store.fork("a", 1, a_meta("b"), a_record("b", 1))
    assert await store.ledger("b") == LedgerSums()
    upload = tmp_path / "a.zip"
    upload.write_bytes(b"".join([piece async for piece in store.export("a")]))
    await store.import_(upload, lambda meta: meta.model_copy(update={"session_id": "c"}))
    assert await store.ledger("c") == LedgerSums()
    name = await store.delete("a", archive=True)
    assert name is not None
    assert (archives / name / LEDGER).is_file()
    with pytest.raises(SessionNotFound):
        await post(store, a_line(1))
    await begin(store, "a")
    assert await store.ledger("a") == LedgerSums()
    with pytest.raises(SessionNotFound):
        await store.ledger("nobody")
    with pytest.raises(SessionNotFound):
        await store.ledger_page("nobody", before=None, limit=1)


async def test_a_ledger_is_no_part_of_an_export(store: SessionStore) -> None:
    await begin(store, "a", turns=1)
    await post(store, a_line(0))
    data = io.BytesIO(b"".join([piece async for piece in store.export("a")]))
    assert b"ledger" not in data.getvalue()


async def test_a_day_has_a_ledger_of_its_own(make_store: StoreFactory, root: Path) -> None:
    store = make_store()
    await store.open()
    assert await store.day_ledger(DAY) == LedgerSums()
    made = entries(a_line(0), settled(0))
    await store.post_day(DAY, made)
    listed = await store.list(sort="created", limit=10, cursor=None)
    assert listed.items == ()
    await store.close()
    store = make_store()
    await store.open()
    assert await store.day_ledger(DAY) == made[-1].sums
    assert await store.day_ledger(date(2026, 11, 23)) == LedgerSums()
    await store.close()


async def test_a_full_disk_refuses_a_line_and_keeps_the_game() -> None:
    disk = SmallDisk()
    disk.room = 10**9
    store = a_store(disk)
    await store.open()
    await begin(store, "a", turns=1)
    await post(store, a_line(0))
    before = await store.ledger("a")
    used = sum(len(node) for node in disk._reachable())
    for room in range(0, 300, 60):
        disk.room = used + room
        with pytest.raises(StorageFull):
            await post(store, settled(0))
        assert await store.ledger("a") == before
        assert (await store.load("a")).snapshot.turn == 0
    disk.room = 10**9
    await post(store, settled(0))
    await play(store, "a")
    assert (await store.ledger("a")).micros == 400
    await store.close()


async def test_what_lies_in_the_place_of_a_ledger_harms_no_other_session(
    make_store: StoreFactory, root: Path, tmp_path: Path
) -> None:
    store = make_store()
    await store.open()
    await begin(store, "a", turns=1)
    await begin(store, "b", turns=1)
    await store.close()
    (tmp_path / "elsewhere").write_bytes(b"")
    (root / "a" / LEDGER).symlink_to(tmp_path / "elsewhere")
    store = make_store()
    await store.open()
    with pytest.raises(SessionDamaged):
        await store.load("a")
    assert (tmp_path / "elsewhere").read_bytes() == b""
    await post(store, a_line(0, session_id="b"), session_id="b")
    await store.close()
