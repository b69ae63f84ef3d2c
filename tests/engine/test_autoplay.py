"""Auto-play: the server plays by itself, sensibly, and stops for every reason that there is."""

import asyncio
import random
from collections.abc import Callable, Mapping

import pytest

from app.engine.autoplay import MOST_TURNS, RESUMED_AT_ONCE
from app.engine.fate import draw
from app.engine.game import Game
from app.engine.picking import HURT, WEAK, pick
from app.engine.requests import Asked
from app.engine.views import SettingsChange
from app.engine.world.world import World
from app.errors import SessionNotFound, TurnInProgress
from app.models.events import TurnStarted
from app.models.record import SessionRecord
from app.models.session import Choice, Player, Settings
from tests.doubles import FailingNarrator, HeldNarrator, PricedNarrator
from tests.engine.conftest import Clock, GameMaker
from tests.engine.play import begin, choose, turn_of
from tests.factories import a_record, a_snapshot


class Pauses:
    """Pauses that end when the test says so."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ends: list[tuple[float, asyncio.Event]] = []
        self._begun = asyncio.Event()

    async def __call__(self, seconds: float) -> None:
        end = (seconds, asyncio.Event())
        self._ends.append(end)
        self._begun.set()
        try:
            await end[1].wait()
        finally:
            if end in self._ends:
                self._ends.remove(end)

    @property
    def any(self) -> bool:
        return bool(self._ends)

    async def one(self) -> float:
        """Wait until somebody pauses; for how many seconds."""
        while not self._ends:
            self._begun.clear()
            await self._begun.wait()
        return self._ends[0][0]

    async def passes(self) -> float:
        """Let the pause that began first end, with the time that it takes."""
        seconds = await self.one()
        self._clock.passes(seconds)
        _, end = self._ends.pop(0)
        end.set()
        return seconds


@pytest.fixture
def pauses(clock: Clock) -> Pauses:
    return Pauses(clock)


async def _set(game: Game, session_id: str = "default", **settings: object) -> None:
    change = SettingsChange(**settings)  # type: ignore[arg-type]  # checked by Pydantic
    await game.sessions.change(session_id, name=None, description=None, settings=change)


async def _settings(game: Game, session_id: str = "default") -> Settings:
    return (await game.sessions.state(session_id)).settings


async def _count(game: Game) -> int:
    return (await game.sessions.overview("default")).meta.auto_turns


async def _until(holds: Callable[[], bool]) -> None:
    """Let others go on until it is so; the test's own time-out says if it never is."""
    while not holds():
        await asyncio.sleep(0.001)


async def _stopped(game: Game, session_id: str = "default") -> None:
    await _until(lambda: session_id not in game.autoplay.playing)


async def test_it_plays_a_choice_every_so_many_seconds(a_game: GameMaker, pauses: Pauses) -> None:
    async with a_game(pause=pauses) as game:
        before = await begin(game)
        await _set(game, auto_play=True, auto_play_seconds=20)
        for number in range(1, 5):
            assert await pauses.passes() == 20
            await pauses.one()
            assert await turn_of(game) == number
            entry = await game.sessions.entry("default", number)
            assert entry.action in {choice.text for choice in before.choices}
            assert not entry.is_custom_action
            before = entry
        assert await _count(game) == 4
        await _set(game, auto_play=False)
        await _stopped(game)


async def test_who_watches_is_told_that_it_was_auto_play(a_game: GameMaker, pauses: Pauses) -> None:
    async with a_game(pause=pauses) as game:
        await begin(game)
        watch = await game.watching.watch("default")
        await _set(game, auto_play=True)
        await pauses.passes()
        await pauses.one()
        told = [one.event for one in await watch.next() or ()]
        started = next(event for event in told if isinstance(event, TurnStarted))
        assert started.actor.client == "auto"
        watch.close()


async def test_it_stops_at_its_cap_and_the_cap_holds_over_a_restart(
    a_game: GameMaker, pauses: Pauses
) -> None:
    for seed in range(40):
        async with a_game(pause=pauses) as game:
            await game.sessions.reset("default", world=None, seed=seed)
            await begin(game, seed=seed)
            await _set(game, auto_play=True)
            await _play_on(game, pauses, turns=15)
        async with a_game(pause=pauses) as game:
            if not (await _settings(game)).auto_play:
                continue  # That run has ended.
            await pauses.one()
            await _play_on(game, pauses, turns=100)
            assert not (await _settings(game)).auto_play
            if (await game.sessions.state("default")).phase == "over":
                continue
            assert await turn_of(game) == MOST_TURNS
            assert await _count(game) == MOST_TURNS
            await _set(game, auto_play=True)
            await _play_on(game, pauses, turns=1)
            assert (await turn_of(game), await _count(game)) == (MOST_TURNS + 1, 1)
            return
    raise AssertionError("auto-play never lived through forty turns")


async def _play_on(game: Game, pauses: Pauses, *, turns: int) -> None:
    """Let it play so many turns, or until it stops."""
    for _ in range(turns):
        await pauses.passes()
        await _until(lambda: pauses.any or not game.autoplay.playing)
        if not game.autoplay.playing:
            return


async def test_it_ends_with_the_run(a_game: GameMaker, pauses: Pauses) -> None:
    async with a_game(pause=pauses) as game:
        await begin(game)
        await _set(game, auto_play=True)
        await pauses.one()
        while (await game.sessions.state("default")).phase != "over":
            await game.turns.penalty("default", asked=Asked())
        # The penalties were not somebody's choice, so that it did not stop for them.
        assert game.autoplay.playing == {"default"}
        await pauses.passes()
        await _stopped(game)
        assert not (await _settings(game)).auto_play
        assert await _count(game) == 0


@pytest.mark.parametrize("how", ["chooses", "says", "asks for other choices"])
async def test_whoever_acts_takes_over(a_game: GameMaker, pauses: Pauses, how: str) -> None:
    async with a_game(pause=pauses) as game:
        await begin(game)
        await _set(game, auto_play=True)
        await pauses.one()
        if how == "chooses":
            assert (await choose(game)).turn == 1
        elif how == "says":
            assert (await choose(game, words="wait")).turn == 1
        else:
            await game.turns.regenerate("default", asked=Asked())
        await _stopped(game)
        assert not (await _settings(game)).auto_play
        assert pauses._ends == []


async def test_whoever_acts_while_it_moves_takes_over_after_that_turn(
    a_game: GameMaker, pauses: Pauses
) -> None:
    narrator = HeldNarrator()
    narrator.release.set()
    async with a_game(narrator=narrator, pause=pauses) as game:
        await begin(game)
        await narrator.entered.acquire()
        narrator.release.clear()
        await _set(game, auto_play=True)
        await pauses.passes()
        await narrator.entered.acquire()
        with pytest.raises(TurnInProgress):
            await choose(game, words="wait")
        narrator.release.set()
        await _stopped(game)
        assert await turn_of(game) == 1
        assert not (await _settings(game)).auto_play


async def test_a_session_that_has_not_begun_is_waited_for(
    a_game: GameMaker, pauses: Pauses
) -> None:
    async with a_game(pause=pauses) as game:
        await game.sessions.create(
            session_id="demo",
            name=None,
            description="",
            world=None,
            seed=7,
            settings=Settings(auto_play=True),
        )
        await pauses.passes()
        await pauses.one()
        assert await turn_of(game, "demo") == -1
        await begin(game, "demo")
        await pauses.passes()
        await pauses.one()
        assert await turn_of(game, "demo") == 1


async def test_it_chooses_in_time_for_a_deadline_and_waits_while_one_is_held(
    a_game: GameMaker, pauses: Pauses
) -> None:
    async with a_game(pause=pauses) as game:
        await _set(game, deadline_seconds=20)
        await begin(game)
        await _set(game, auto_play=True, auto_play_seconds=60)
        assert await pauses.passes() == 18
        await pauses.one()
        assert not (await game.sessions.entry("default", 1)).is_timeout
        await game.sessions.set_deadline("default", "hold", by="Ada", seconds=None)
        await pauses.passes()
        assert await pauses.passes() == 60
        assert await turn_of(game) == 1
        await game.sessions.set_deadline("default", "resume", by="Ada", seconds=None)
        await pauses.passes()
        await pauses.one()
        assert await turn_of(game) == 2


async def test_a_model_that_fails_stops_it(a_game: GameMaker, pauses: Pauses) -> None:
    narrator = FailingNarrator()
    narrator.broken = False
    async with a_game(narrator=narrator, pause=pauses) as game:
        await begin(game)
        await _set(game, auto_play=True)
        narrator.broken = True
        await pauses.passes()
        await _stopped(game)
        assert not (await _settings(game)).auto_play
        assert await turn_of(game) == 0


async def test_a_spent_budget_stops_it(a_game: GameMaker, pauses: Pauses) -> None:
    async with a_game(narrator=PricedNarrator(), pause=pauses) as game:
        await _set(game, budget_usd=2)
        await begin(game)
        await _set(game, auto_play=True)
        await pauses.passes()
        await pauses.passes()
        await _stopped(game)
        assert not (await _settings(game)).auto_play
        assert await turn_of(game) == 1
        assert (await game.sessions.state("default")).cost.spent_usd == 2


@pytest.mark.parametrize("how", ["reset", "rewind", "delete"])
async def test_a_run_that_is_ended_by_hand_ends_it(
    a_game: GameMaker, pauses: Pauses, how: str
) -> None:
    async with a_game(pause=pauses) as game:
        await begin(game, "one")
        await begin(game, "other")
        for session_id in ("other", "one"):
            await _set(game, session_id, auto_play=True)
        await pauses.passes()
        await _until(lambda: len(pauses._ends) == 2)
        if how == "reset":
            await game.sessions.reset("one", world=None, seed=1)
        elif how == "rewind":
            await game.sessions.rewind("one", turn=0)
        else:
            await game.sessions.delete("one", archive=True)
        await _stopped(game, "one")
        if how == "delete":
            with pytest.raises(SessionNotFound):
                await game.sessions.state("one")
        else:
            assert not (await _settings(game, "one")).auto_play
        assert game.autoplay.playing == {"other"}
        assert (await _settings(game, "other")).auto_play


async def test_copies_of_a_session_that_plays_itself_do_not(
    a_game: GameMaker, pauses: Pauses
) -> None:
    async with a_game(pause=pauses) as game:
        await begin(game)
        await _set(game, auto_play=True)
        fork = await game.sessions.fork("default", turn=0, new_id="fork", name=None)
        assert not fork.settings.auto_play
        assert game.autoplay.playing == {"default"}


async def test_a_restart_goes_on_with_those_that_played_and_with_no_others(
    a_game: GameMaker, pauses: Pauses
) -> None:
    many = RESUMED_AT_ONCE + 30
    async with a_game(pause=pauses) as game:
        for number in range(many):
            await game.sessions.create(
                session_id=f"s{number}",
                name=None,
                description="",
                world=None,
                seed=7,
                settings=Settings(auto_play=number % 13 != 0),
            )
        quiet = {f"s{number}" for number in range(0, many, 13)}
    async with a_game(pause=pauses) as game:
        await _until(lambda: len(game.autoplay.playing) == RESUMED_AT_ONCE)
        assert not game.autoplay.playing & quiet
        first = set(game.autoplay.playing)
        await _until(lambda: len(pauses._ends) == RESUMED_AT_ONCE)
        waiting = {f"s{number}" for number in range(many)} - quiet - first
        assert waiting
        taken = waiting.pop()
        await begin(game, taken)
        await choose(game, taken)
        for session_id in first:
            await _set(game, session_id, auto_play=False)
        await _until(lambda: game.autoplay.playing == waiting)
        # Somebody had acted before it came to that session.
        await _until(lambda: len(pauses._ends) == len(waiting))
        assert not (await _settings(game, taken)).auto_play
    assert pauses._ends == []


async def test_closing_lets_a_turn_finish_and_leaves_no_task(
    a_game: GameMaker, pauses: Pauses
) -> None:
    narrator = HeldNarrator()
    narrator.release.set()
    async with a_game(narrator=narrator, pause=pauses) as game:
        await begin(game)
        await narrator.entered.acquire()
        narrator.release.clear()
        await _set(game, auto_play=True)
        await pauses.passes()
        await narrator.entered.acquire()
        asyncio.get_running_loop().call_later(0.01, narrator.release.set)
    assert [task for task in asyncio.all_tasks() if "auto-play" in task.get_name()] == []
    async with a_game(pause=pauses) as game:
        assert await turn_of(game) == 1
        assert (await _settings(game)).auto_play


async def test_switching_off_and_on_again_leaves_one_that_plays(
    a_game: GameMaker, pauses: Pauses
) -> None:
    async with a_game(pause=pauses) as game:
        await begin(game)
        for number in range(20):
            await _set(game, auto_play=number % 2 == 0)
        await _set(game, auto_play=True)
        await _until(lambda: len(pauses._ends) == 1)
        await pauses.passes()
        await pauses.one()
        assert (await turn_of(game), len(pauses._ends)) == (1, 1)
        assert (await _settings(game)).auto_play


def _offering(health: int, *risks: str) -> SessionRecord:
    choices = tuple(
        Choice(id=f"1{at}", text=f"{risk} {at}", kind="clever", risk=risk)  # type: ignore[arg-type]
        for at, risk in enumerate(risks)
    )
    snapshot = a_snapshot(turn=0, choices=choices, player=Player(health=health))
    return a_record(turn=0, snapshot=snapshot)


def _picks(record: SessionRecord) -> set[str]:
    """The risks that are taken, whatever chance says."""
    taken: set[str] = set()
    for seed in range(200):
        snapshot = record.snapshot.model_copy(update={"seed": seed})
        choice = pick(record.model_copy(update={"snapshot": snapshot}))
        assert choice is not None
        taken.add(choice.risk)
    return taken


def test_nobody_who_is_hurt_is_made_to_gamble() -> None:
    assert _picks(_offering(100, "low", "medium", "high", "high")) == {"low", "medium", "high"}
    assert _picks(_offering(HURT - 1, "low", "medium", "high", "high")) == {"low", "medium"}
    assert _picks(_offering(WEAK - 1, "low", "medium", "high", "high")) == {"low"}
    assert _picks(_offering(WEAK - 1, "medium", "high", "high")) == {"medium"}
    assert _picks(_offering(1, "high", "high", "high")) == {"high"}
    assert pick(_offering(1)) is None


def test_the_same_record_is_the_same_pick() -> None:
    record = _offering(100, "low", "medium", "high", "high")
    assert len({pick(record) for _ in range(5)}) == 1


def test_it_dies_half_as_often_as_chance_does(worlds: Mapping[str, World]) -> None:
    """The policy is worth having: forty games by it, and by chance."""
    died = {"policy": 0, "chance": 0}
    for how in died:
        for seed in range(40):
            died[how] += _dies(worlds["cinder_flat"], seed, by_policy=how == "policy")
    assert died["chance"] > 2 * died["policy"]


def _dies(world: World, seed: int, *, by_policy: bool) -> bool:
    chance = random.Random(seed)
    now = world.begin(seed)
    for turn in range(1, MOST_TURNS + 1):
        offers = now.world.offers
        if now.ending is not None:
            return now.ending.tone == "death"
        choices = tuple(offer.choice for offer in offers)
        snapshot = a_snapshot(turn=turn - 1, seed=seed, choices=choices, player=now.view.player)
        choice = pick(a_record(turn=turn - 1, snapshot=snapshot, world=now.world))
        offer = next(one for one in offers if one.choice is choice)
        now = world.act(
            now.world,
            seed=seed,
            turn=turn,
            fate=draw(seed, turn),
            offer=offer if by_policy else chance.choice(offers),
        )
    return False
