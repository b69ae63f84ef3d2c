"""Random games on a disk that fails and loses power at random, against a model in a dict.

One seed decides everything; a failure names it. After every call the store must show, for each
session, the state before the call or after it, and after a success the latter.
"""

import contextlib
import errno
import logging
import random
from collections.abc import Awaitable, Callable, Iterator

import pytest

from app.errors import SessionNotFound, StorageError
from app.models.session import Meta
from app.storage.files import FileSessionStore
from tests.factories import a_meta, a_picture, a_record, an_entry, an_illustrated_entry
from tests.storage.crash_model import ARCHIVES, ROOT
from tests.storage.faulty_disk import Faults
from tests.storage.games import named
from tests.storage.memory_disk import MemoryDisk, fates

IDS = ("a", "b", "c")
CALLS = 60

Model = dict[str, tuple[str, tuple[bool, ...]]]
"""For each session its name and, for each turn, whether it has a picture."""


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


class Game:
    """The store, its disk and what must be true."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.disk = MemoryDisk()
        self.model: Model = {}
        self.crashes = self.failures = 0

    async def start(self) -> None:
        self.faults = Faults(self.disk)
        self.store = FileSessionStore(
            ROOT, ARCHIVES, durability="power", io=self.faults.io, threads=1, cached_sessions=2
        )
        await self.store.open()

    async def call(self) -> None:
        """One call, which may fail."""
        session_id = self.rng.choice(IDS)
        after, act = self._draw(session_id)
        if self.rng.random() < 0.3:
            fault = self.rng.choice((errno.EIO, errno.ENOSPC, "short"))
            self.faults.arm(self.rng.randrange(1, 30), fault)
        try:
            await act()
        except StorageError:
            self.failures += 1
            self.faults.disarm()
            await self._settle(session_id, [self.model, after])
        else:
            self.faults.disarm()
            self.model = after
        await self._compare([self.model])

    async def crash(self) -> None:
        """Power is cut in the middle of a call or after it, and the service started again."""
        begins = len(self.disk.log)
        session_id = self.rng.choice(IDS)
        after, act = self._draw(session_id)
        await act()
        at = self.rng.randrange(begins, len(self.disk.log) + 1)
        acknowledged = at == len(self.disk.log)
        await self.store.close()
        self.disk = self.disk.after_power_cut(at, self.rng.choice(list(fates(self.disk, at))))
        self.crashes += 1
        await self.start()
        await self._settle(session_id, [after] if acknowledged else [self.model, after])

    async def _settle(self, session_id: str, allowed: list[Model]) -> None:
        if session_id in {name for model in allowed for name in model}:
            with contextlib.suppress(SessionNotFound):
                await self.store.reload(session_id)
        self.model = await self._compare(allowed)

    async def _compare(self, allowed: list[Model]) -> Model:
        seen: Model = {}
        for session_id in IDS:
            with contextlib.suppress(SessionNotFound):
                seen[session_id] = await self._seen(session_id)
        assert seen in allowed
        return seen

    async def _seen(self, session_id: str) -> tuple[str, tuple[bool, ...]]:
        record = await self.store.load(session_id)
        entries = (await self.store.page(session_id, before=None, limit=1000))[::-1]
        assert [stored.entry.turn for stored in entries] == list(range(len(entries)))
        assert record.snapshot.turn == len(entries) - 1
        pictures = tuple(stored.entry.image is not None for stored in entries)
        for turn in range(len(entries)):
            if pictures[turn]:
                name = entries[turn].entry.image
                assert name is not None
                path = await self.store.media(session_id, "images", f"{name.id}.webp")
                assert self.disk.content(path).startswith(b"RIFF webp of ")
        return (await self.store.meta(session_id)).name, pictures

    def _draw(self, session_id: str) -> tuple[Model, Callable[[], Awaitable[object]]]:
        """A call that is possible now, and what is true once it has succeeded."""
        store, model, rng = self.store, dict(self.model), self.rng
        if session_id not in model:
            source = rng.choice([None, *(name for name in model if model[name][1])])
            if source is None:
                model[session_id] = ("new", ())
                meta = a_meta(session_id, name="new")
                return model, lambda: store.create(meta, a_record(session_id))
            turn = rng.randrange(len(model[source][1]))
            model[session_id] = ("fork", model[source][1][: turn + 1])
            fork = a_meta(session_id, name="fork")
            return model, lambda: store.fork(source, turn, fork, a_record(session_id, turn))
        name, turns = model[session_id]
        kind = rng.choice(("play", "play", "play", "play", "name", "reset", "rewind", "delete"))
        if kind == "name":
            new_name = f"name {rng.randrange(1000)}"
            model[session_id] = (new_name, turns)
            return model, lambda: store.change_meta(session_id, named(new_name))
        if kind == "reset":
            model[session_id] = (name, ())
            return model, lambda: self._reset(session_id, a_meta(session_id, name=name))
        if kind == "rewind" and turns:
            turn = rng.randrange(len(turns))
            model[session_id] = (name, turns[: turn + 1])
            meta = a_meta(session_id, name=name)
            return model, lambda: self._rewind(session_id, turn, meta)
        if kind == "delete":
            del model[session_id]
            archive = rng.random() < 0.5
            return model, lambda: store.delete(session_id, archive=archive)
        picture = rng.random() < 0.5
        model[session_id] = (name, (*turns, picture))
        return model, lambda: self._play(session_id, len(turns), picture=picture)

    async def _play(self, session_id: str, turn: int, *, picture: bool) -> None:
        entry = (an_illustrated_entry if picture else an_entry)(session_id, turn)
        media = (a_picture(session_id, turn),) if picture else ()
        async with self.store.claim(session_id) as claim:
            await claim.commit(a_record(session_id, turn), entry, media)

    async def _reset(self, session_id: str, meta: Meta) -> None:
        async with self.store.claim(session_id) as claim:
            await claim.restart(meta, a_record(session_id))

    async def _rewind(self, session_id: str, turn: int, meta: Meta) -> None:
        async with self.store.claim(session_id) as claim:
            await claim.rewind(turn, meta, a_record(session_id, turn))


@pytest.mark.parametrize("seed", range(12))
async def test_a_random_game_is_what_its_model_says(seed: int) -> None:
    game = Game(seed)
    await game.start()
    for _ in range(CALLS):
        if game.rng.random() < 0.25:
            await game.crash()
        else:
            await game.call()
    await game.store.close()
    assert game.crashes > 0
    assert game.failures > 0
