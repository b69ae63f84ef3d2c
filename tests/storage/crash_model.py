"""Plays a scripted game on a disk in memory, cuts the power everywhere, looks at what is left."""

import json
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from app.errors import GameError
from app.models.ledger import LedgerSums
from app.models.record import SessionRecord, StoredEntry
from app.models.session import Meta
from app.storage.branching import media_of
from app.storage.disk import Disk
from app.storage.files import FileSessionStore
from app.storage.ledger_file import LEDGER, read_sums
from tests.factories import a_meta, a_picture, a_record, a_snapshot, an_entry, at_turn
from tests.storage.games import begin, named, play
from tests.storage.ledgers import a_line, post, settled
from tests.storage.memory_disk import MemoryDisk, fates

ROOT, ARCHIVES = Path("/sessions"), Path("/archives")


@dataclass(frozen=True)
class Seen:
    """All that a player could find out about a session."""

    meta: Meta
    record: SessionRecord
    entries: tuple[StoredEntry, ...]
    ledger: LedgerSums = field(default_factory=LedgerSums)


World = dict[str, Seen]
"""Sessions by id, and archives by name."""


@dataclass(frozen=True)
class Step:
    """One acknowledged call: what was true before it and after it, and its changes to the disk."""

    name: str
    begins: int
    ends: int
    before: World
    after: World


def a_store(disk: MemoryDisk) -> FileSessionStore:
    # The clock stands still: archive names must not depend on how fast the script runs.
    return FileSessionStore(
        ROOT,
        ARCHIVES,
        durability="power",
        io=disk,
        threads=1,
        clock=lambda: datetime(2026, 5, 6, tzinfo=UTC),
    )


async def seen(store: FileSessionStore, disk: MemoryDisk, *, mended: bool = True) -> World:
    """Everything, read through the store; the files themselves are checked on the way.

    `mended=False`: a session that became read-only keeps what its failed write left behind.
    """
    world: World = {}
    listed = await store.list(sort="created", limit=100, cursor=None)
    for item in listed.items:
        session_id = item.meta.session_id
        entries = await store.page(session_id, before=None, limit=1000)
        ledger = await store.ledger(session_id)
        world[session_id] = Seen(item.meta, await store.load(session_id), entries, ledger)
        if mended:
            _check_files(disk, ROOT / session_id, world[session_id])
    for archived in await store.archives():
        meta, record = await store.archive(archived.name)
        entries = await store.archive_page(archived.name, before=None, limit=1000)
        path = ARCHIVES / archived.name / LEDGER
        ledger = read_sums(Disk(disk, durable=False), path)
        world[archived.name] = Seen(meta, record, entries, ledger)
        _check_files(disk, ARCHIVES / archived.name, world[archived.name])
    return world


def _check_files(disk: MemoryDisk, path: Path, seen: Seen) -> None:
    history = json.loads(disk.content(path / "history.json"))
    assert len(history) - 1 == seen.record.snapshot.turn, "turn is not len(history) - 1"
    for stored in seen.entries:
        for _, (folder, name) in media_of(stored.entry):
            content = disk.content(path / folder / name)
            turn = stored.entry.turn
            assert content == a_picture("a", turn).data, "a picture is not what was painted"


async def scripted_run(disk: MemoryDisk) -> list[Step]:
    """A run that uses every way of writing. Each call is one step."""
    store = a_store(disk)
    await store.open()
    steps: list[Step] = []
    world: World = {}

    async def step(name: str, call: Callable[[], Awaitable[object]]) -> None:
        nonlocal world
        begins, before = len(disk.log), world
        await call()
        ends = len(disk.log)
        world = await seen(store, disk)
        assert len(disk.log) == ends, "looking changed something"
        steps.append(Step(name, begins, ends, before, world))

    async def arm() -> None:
        async with store.claim("a") as claim:
            turn = claim.record.snapshot.turn
            armed = a_snapshot("a", turn, deadline_at=at_turn(99))
            await claim.commit(a_record("a", turn, snapshot=armed))

    async def reset() -> None:
        async with store.claim("a") as claim:
            await claim.restart(a_meta("a", run=1), a_record("a"))

    async def rewind() -> None:
        async with store.claim("a") as claim:
            await claim.rewind(0, a_meta("a", run=2), a_record("a", 0))

    await step("create", lambda: begin(store, "a"))
    await step("intro", lambda: play(store, "a", picture=True))
    await step("turn", lambda: play(store, "a"))
    await step("turn with picture", lambda: play(store, "a", picture=True))
    await step("rename", lambda: store.change_meta("a", named("Renamed")))
    await step("arm a deadline", arm)
    await step("late media", lambda: store.put_media("a", "images", a_picture("z")))
    await step("reserve", lambda: post(store, a_line(0)))
    await step("settle", lambda: post(store, settled(0)))
    await step("reserve again", lambda: post(store, a_line(1)))
    await step("fork", lambda: store.fork("a", 1, a_meta("b"), a_record("b", 1)))
    await step("turn of the fork", lambda: play_on(store, "b"))
    await step("reset", reset)
    await step("intro again", lambda: play(store, "a", picture=True))
    await step("another turn", lambda: play(store, "a"))
    await step("settle after a reset", lambda: post(store, settled(1)))
    await step("rewind", rewind)
    await step("turn after it", lambda: play(store, "a"))
    await step("reserve for the fork", lambda: post(store, a_line(0), session_id="b"))
    await step("delete to the archives", lambda: store.delete("b", archive=True))
    await step("delete", lambda: store.delete("a", archive=False))
    await store.close()
    return steps


async def play_on(store: FileSessionStore, session_id: str) -> None:
    async with store.claim(session_id) as claim:
        turn = claim.record.snapshot.turn + 1
        await claim.commit(a_record(session_id, turn), an_entry(session_id, turn))


@dataclass
class Verdict:
    crashes: int
    violations: list[str]


async def check(disk: MemoryDisk, steps: list[Step], *, enough: int = 10**9) -> Verdict:
    """Cut the power after every change, in every way; stop at `enough` violations."""
    verdict = Verdict(0, [])
    sound: set[int] = set()
    for step, at in _points(steps):
        allowed = [step.after] if at == step.ends else [step.before, step.after]
        for fate in fates(disk, at):
            verdict.crashes += 1
            left = disk.after_power_cut(at, fate)
            same = hash((step.name, len(allowed), _what_matters(left)))
            if same in sound:
                continue
            complaint = await _complaint(left, allowed)
            if complaint is None:
                sound.add(same)
                continue
            verdict.violations.append(f"{step.name}, change {at}: {complaint}")
            if len(verdict.violations) >= enough:
                return verdict
    return verdict


def _what_matters(disk: MemoryDisk) -> tuple[tuple[Path, bytes], ...]:
    """Two disks that agree on this are one case; rubbish is removed before anything is read."""
    if disk.kind(ROOT) is None:
        return ()
    rubbish = {ROOT / ".lock", ROOT / ".incoming", ROOT / ".trash"}
    archived = disk.files(ARCHIVES) if disk.kind(ARCHIVES) else ()
    found = [*disk.files(ROOT), *archived]
    return tuple(item for item in found if rubbish.isdisjoint((item[0], *item[0].parents)))


def _points(steps: list[Step]) -> Iterator[tuple[Step, int]]:
    for step in steps:
        for at in range(step.begins + 1, step.ends + 1):
            yield step, at


async def _complaint(disk: MemoryDisk, allowed: list[World]) -> str | None:
    store = a_store(disk)
    try:
        await store.open()
        world = await seen(store, disk)
        if world not in allowed:
            return f"neither the state before nor the one after: {_short(world)}"
        for session_id in (name for name in world if len(name) == 1):
            await play_on(store, session_id)
    except (GameError, AssertionError, OSError, ValueError) as error:
        return f"{type(error).__name__}: {error}"
    finally:
        await store.close()
    return None


def _short(world: World) -> dict[str, int]:
    return {name: found.record.snapshot.turn for name, found in world.items()}
