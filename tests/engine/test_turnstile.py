"""The turnstile: so many turns are worked at, in their order, and none while a model works."""

import asyncio
import random
from typing import cast

import pytest

from app.engine.turnstile import Turnstile
from app.errors import StaleTurn, TurnInProgress
from app.models.record import MediaFile, SessionRecord, StoredEntry
from app.storage.around import ClaimAround, StoreAround
from app.storage.store import Claim, SessionStore
from tests.doubles import HeldNarrator
from tests.engine.conftest import GameMaker
from tests.engine.play import begin, choose, turn_of

NAMES = ("a", "b", "c")


class Place:
    """Somebody inside, for as long as the test wants."""

    def __init__(
        self, stile: Turnstile, inside: list[str], name: str, *, asks: bool = False
    ) -> None:
        self.leave = asyncio.Event()
        self.answered = asyncio.Event()
        self._stile, self._inside, self._name, self._asks = stile, inside, name, asks
        self.task = asyncio.create_task(self._visit())

    async def _visit(self) -> None:
        async with self._stile.inside():
            self._inside.append(self._name)
            if self._asks:
                async with self._stile.outside():
                    await self.answered.wait()
                self._inside.append(f"{self._name} again")
            await self.leave.wait()


async def settled() -> None:
    """Everybody has gone as far as they can."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_first_come_first_served_and_no_more_than_allowed() -> None:
    stile, inside = Turnstile(2), list[str]()
    places = [Place(stile, inside, name) for name in "abcd"]
    await settled()
    assert (inside, stile.waiting) == (["a", "b"], 2)
    places[1].leave.set()
    await settled()
    assert (inside, stile.waiting) == (["a", "b", "c"], 1)
    for place in places:
        place.leave.set()
    await asyncio.gather(*(place.task for place in places))
    assert (inside, stile.waiting) == (["a", "b", "c", "d"], 0)


async def test_who_waits_for_somebody_else_is_outside_and_comes_back_first() -> None:
    stile, inside = Turnstile(1), list[str]()
    first, second, third = (Place(stile, inside, name, asks=name == "a") for name in NAMES)
    await settled()
    assert inside == ["a", "b"]
    first.answered.set()
    await settled()
    assert (inside, stile.waiting) == (["a", "b"], 2)
    second.leave.set()
    await settled()
    assert inside == ["a", "b", "a again"]
    first.leave.set()
    third.leave.set()
    await asyncio.gather(first.task, third.task)
    assert inside == ["a", "b", "a again", "c"]


async def test_who_is_cancelled_waiting_takes_no_place() -> None:
    stile, inside = Turnstile(1), list[str]()
    first, second, third = (Place(stile, inside, name) for name in NAMES)
    await settled()
    second.task.cancel()
    await settled()
    assert stile.waiting == 1
    first.leave.set()
    await settled()
    assert inside == ["a", "c"]
    third.leave.set()
    await third.task


async def test_who_is_cancelled_outside_ends_at_once() -> None:
    stile, inside = Turnstile(1), list[str]()
    first, second, third = (Place(stile, inside, name, asks=name == "a") for name in NAMES)
    await settled()
    first.task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first.task
    await settled()
    assert (inside, stile.waiting) == (["a", "b"], 1)
    second.leave.set()
    third.leave.set()
    await asyncio.gather(second.task, third.task)


async def test_no_place_is_ever_lost() -> None:
    dice = random.Random(11)
    stile, now, most = Turnstile(3), 0, 0

    async def visit() -> None:
        nonlocal now, most
        async with stile.inside():
            for _ in range(dice.randrange(3)):
                now += 1
                most = max(most, now)
                try:
                    await asyncio.sleep(0)
                finally:
                    now -= 1
                async with stile.outside():
                    for _ in range(dice.randrange(3)):
                        await asyncio.sleep(0)

    visits = [asyncio.create_task(visit()) for _ in range(300)]
    while not all(visit.done() for visit in visits):
        dice.choice(visits).cancel()
        await asyncio.sleep(0)
    assert most == 3
    assert (now, stile.waiting) == (0, 0)
    inside: list[str] = []
    after = [Place(stile, inside, name) for name in "abcd"]
    await settled()
    assert inside == ["a", "b", "c"]
    for place in after:
        place.leave.set()
    await asyncio.gather(*(place.task for place in after))


# -- in a game


class HeldStore(StoreAround):
    """Holds every commit of a turn open until `release` is set."""

    def __init__(self, store: SessionStore) -> None:
        super().__init__(store)
        self.committing = asyncio.Semaphore(0)
        self.release = asyncio.Event()

    def _around(self, claim: Claim) -> Claim:
        return HeldClaim(claim, self)


class HeldClaim(ClaimAround):
    def __init__(self, claim: Claim, store: HeldStore) -> None:
        super().__init__(claim)
        self._held = store

    async def commit(
        self,
        record: SessionRecord,
        entry: StoredEntry | None = None,
        media: tuple[MediaFile, ...] = (),
    ) -> None:
        if entry is not None:
            self._held.committing.release()
            await self._held.release.wait()
        await self._claim.commit(record, entry, media)


async def test_a_turn_that_waits_for_its_model_holds_nobody_up(a_game: GameMaker) -> None:
    async with a_game() as game:
        for name in NAMES:
            await begin(game, name)
    narrator = HeldNarrator("a", "b")
    async with a_game(narrator=narrator, turns_at_once=1) as game, asyncio.timeout(10):
        slow = [asyncio.create_task(choose(game, name)) for name in ("a", "b")]
        for _ in slow:
            await narrator.entered.acquire()
        assert (await choose(game, "c")).turn == 1
        narrator.release.set()
        assert [turn.turn for turn in await asyncio.gather(*slow)] == [1, 1]


async def test_only_so_many_turns_are_worked_at_and_one_that_waits_can_be_reset(
    a_game: GameMaker,
) -> None:
    async with a_game() as game:
        for name in NAMES:
            await begin(game, name)
    stores: list[HeldStore] = []

    def held(store: SessionStore) -> SessionStore:
        stores.append(HeldStore(store))
        return cast(SessionStore, stores[-1])

    async with a_game(around=held, turns_at_once=1) as game, asyncio.timeout(10):
        first, second, third = (asyncio.create_task(choose(game, name)) for name in NAMES)
        await stores[0].committing.acquire()
        while game.jobs.count() < len(NAMES):
            await asyncio.sleep(0)
        with pytest.raises(TurnInProgress):
            await choose(game, "b")
        assert (await game.sessions.reset("b", world=None, seed=None)).turn == -1
        with pytest.raises(StaleTurn):
            await second
        assert stores[0].committing.locked()
        stores[0].release.set()
        assert [(await first).turn, (await third).turn] == [1, 1]
        assert [await turn_of(game, name) for name in NAMES] == [1, -1, 1]
