"""Damaged files are noticed, left alone and nobody else's business (R14)."""

import copy
import logging
import random
from pathlib import Path

import pytest

from app.errors import SessionDamaged, SessionExists, SessionNotFound
from app.storage.files import FileSessionStore
from tests.conftest import Measured
from tests.factories import a_meta, a_record
from tests.storage.crash_model import ROOT, Seen, a_store, play_on
from tests.storage.games import begin, named, play
from tests.storage.memory_disk import MemoryDisk

FLIPS = 1000
"""In the files of the game, and half as many in `meta.json`."""


async def _game() -> MemoryDisk:
    disk = MemoryDisk()
    store = a_store(disk)
    await store.open()
    await begin(store, "a")
    for turn in range(4):
        await play(store, "a", picture=turn == 1)
    await begin(store, "b", turns=2)
    await store.close()
    disk.log.clear()
    return disk


async def _seen(store: FileSessionStore, session_id: str) -> Seen:
    record, meta = await store.load(session_id), await store.meta(session_id)
    return Seen(meta, record, await store.page(session_id, before=None, limit=100))


async def _outcome(disk: MemoryDisk, good: Seen) -> str:
    """What becomes of session `a`; `b` must not notice."""
    store = a_store(disk)
    await store.open()
    try:
        try:
            outcome = "harmless" if await _seen(store, "a") == good else "silent"
        except SessionDamaged:
            outcome = "told"
        await play_on(store, "b")
        assert (await store.load("b")).snapshot.turn == 2
    finally:
        await store.close()
    return outcome


async def test_a_flipped_bit_is_told_or_harmless(measured: Measured) -> None:
    logging.getLogger("app.storage").setLevel(logging.CRITICAL)
    disk = await _game()
    store = a_store(copy.deepcopy(disk))
    await store.open()
    good = await _seen(store, "a")
    await store.close()
    rng = random.Random(14)
    outcomes = {"told": 0, "harmless": 0}
    for flip in range(FLIPS + FLIPS // 2):
        damaged = copy.deepcopy(disk)
        name = rng.choice(["state.json", "history.json"]) if flip < FLIPS else "meta.json"
        path = ROOT / "a" / name
        content = damaged._file(damaged._at(path))
        bit = rng.randrange(len(content) * 8)
        content[bit // 8] ^= 1 << bit % 8
        flipped = bytes(content)

        outcome = await _outcome(damaged, good)
        assert outcome in outcomes, (path.name, bit)
        outcomes[outcome] += 1
        # What is damaged stays as it is; the only harmless bits are those of the closing bracket.
        assert damaged.content(path) == (flipped if outcome == "told" else disk.content(path))
    assert outcomes["told"] > 0.98 * sum(outcomes.values())
    for outcome, times in outcomes.items():
        measured(outcome, times)
    measured("silent", 0)
    logging.getLogger("app.storage").setLevel(logging.NOTSET)


@pytest.mark.parametrize("name", ["state.json", "history.json", "meta.json"])
@pytest.mark.parametrize("how", ["gone", "empty", "zeros", "half", "of another session"])
async def test_a_file_that_is_ruined_is_told(name: str, how: str) -> None:
    disk = await _game()
    path = ROOT / "a" / name
    content = disk._file(disk._at(path))
    match how:
        case "gone":
            disk.unlink(path)
        case "empty":
            content.clear()
        case "zeros":
            content[:] = bytes(len(content))
        case "half":
            del content[len(content) // 2 :]
        case _:
            content[:] = disk.content(ROOT / "b" / name)
    good = Seen(a_meta(), a_record(), ())
    assert await _outcome(disk, good) == "told"


async def test_a_damaged_session_is_set_aside(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = FileSessionStore(tmp_path / "s", tmp_path / "arc", durability="process")
    await store.open()
    await begin(store, "a", turns=2)
    await begin(store, "b", turns=1)
    await store.close()
    state = tmp_path / "s" / "a" / "state.json"
    good = state.read_bytes()
    state.write_bytes(good.replace(b'"turn":1', b'"turn":7', 1))

    store = FileSessionStore(tmp_path / "s", tmp_path / "arc", durability="process")
    await store.open()
    for _ in range(3):
        with pytest.raises(SessionDamaged):
            await store.load("a")
    with pytest.raises(SessionDamaged):
        async with store.claim("a"):
            pass
    with pytest.raises(SessionDamaged):
        await store.change_meta("a", named("x"))
    with pytest.raises(SessionExists):
        await store.create(a_meta("a"), a_record("a"))
    errors = [entry for entry in caplog.records if entry.levelno == logging.ERROR]
    assert [entry.message for entry in errors] == ["session damaged"]
    assert str(tmp_path) not in caplog.text
    listed = await store.list(sort="accessed", limit=10, cursor=None)
    assert [item.meta.session_id for item in listed.items] == ["b"]

    state.write_bytes(good)  # somebody mends it
    assert (await store.reload("a")).snapshot.turn == 1
    await play(store, "a")
    await store.close()


async def test_a_damaged_turn_is_told_when_it_is_read_and_the_game_goes_on() -> None:
    disk = await _game()
    content = disk._file(disk._at(ROOT / "a" / "history.json"))
    content[300] ^= 1
    store = a_store(disk)
    await store.open()
    with pytest.raises(SessionDamaged):
        await store.entry("a", 0)
    with pytest.raises(SessionDamaged):
        await store.page("a", before=None, limit=100)
    await play(store, "a")
    assert [stored.entry.turn for stored in await store.page("a", before=None, limit=4)] == [
        4,
        3,
        2,
        1,
    ]
    await store.close()


async def test_a_damaged_session_can_be_moved_out_of_the_way() -> None:
    disk = await _game()
    del disk._file(disk._at(ROOT / "a" / "meta.json"))[20:]
    store = a_store(disk)
    await store.open()
    with pytest.raises(SessionDamaged):
        await store.load("a")
    name = await store.delete("a", archive=True)
    assert name is not None
    with pytest.raises(SessionNotFound):
        await store.load("a")
    with pytest.raises(SessionDamaged):
        await store.archive(name)
    assert await store.archives() == ()
    await begin(store, "a", turns=1)
    await store.close()
