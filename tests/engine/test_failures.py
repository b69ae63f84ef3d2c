"""An outage is an error and never story; a client that leaves loses nothing (R5, R6)."""

import asyncio
import random
from pathlib import Path

import pytest

from app.engine.game import Game, Pace
from app.engine.requests import Asked
from app.engine.views import SettingsChange
from app.errors import BudgetExhausted, ProviderError, ProviderTimeout, StaleTurn
from tests.doubles import FailingNarrator, HeldNarrator, PricedNarrator, SilentNarrator
from tests.engine.conftest import GameMaker
from tests.engine.play import begin, choose, turn_of


async def _set(game: Game, **settings: object) -> None:
    change = SettingsChange(**settings)  # type: ignore[arg-type]  # checked by Pydantic
    await game.sessions.change("default", name=None, description=None, settings=change)


def _files(root: Path) -> dict[str, bytes]:
    files = [path for path in root.rglob("*") if path.is_file()]
    return {str(path.relative_to(root)): path.read_bytes() for path in files}


async def test_a_failing_narrator_changes_nothing_and_the_same_request_works_later(
    a_game: GameMaker, tmp_path: Path
) -> None:
    async with a_game() as game:
        await begin(game)
        before = await game.sessions.state("default")
    narrator = FailingNarrator()
    async with a_game(narrator=narrator) as game:
        files = _files(tmp_path / "sessions" / "default")
        with pytest.raises(ProviderError):
            await choose(game, words="wait", key="k")
        assert await game.sessions.state("default") == before
        assert _files(tmp_path / "sessions" / "default") == files
        narrator.broken = False
        assert (await choose(game, words="wait", key="k")).turn == 1


async def test_a_failing_intro_can_be_asked_for_again(a_game: GameMaker) -> None:
    narrator = FailingNarrator()
    async with a_game(narrator=narrator) as game:
        with pytest.raises(ProviderError):
            await begin(game, "fresh")
        assert (await game.sessions.state("fresh")).phase == "new"
        narrator.broken = False
        assert (await begin(game, "fresh")).turn == 0


async def test_a_silent_narrator_is_a_time_out(a_game: GameMaker) -> None:
    async with a_game() as game:
        await begin(game)
    async with a_game(narrator=SilentNarrator(), pace=Pace(text=0.01)) as game:
        with pytest.raises(ProviderTimeout):
            await choose(game)
        assert await turn_of(game) == 0
        assert game.jobs.running("default") is None


async def test_the_built_in_narrator_takes_over_where_the_session_says_so(
    a_game: GameMaker,
) -> None:
    async with a_game(narrator=FailingNarrator()) as game:
        await _set(game, on_provider_failure="offline")
        assert (await begin(game)).source == "offline"
        assert (await choose(game)).source == "offline"


async def test_a_spent_budget_stops_or_goes_on_built_in_as_set(a_game: GameMaker) -> None:
    async with a_game(narrator=PricedNarrator()) as game:
        await _set(game, budget_usd=2.5)
        assert (await begin(game)).source == "ai"
        assert (await choose(game)).source == "ai"
        before = await game.sessions.state("default")
        with pytest.raises(BudgetExhausted):
            await choose(game)
        assert await game.sessions.state("default") == before
        assert before.cost.spent_usd == 2.0
        await _set(game, on_provider_failure="offline")
        assert (await choose(game)).source == "offline"
        report = await game.sessions.cost("default", limit=10, before=None)
        assert [turn.cost_usd for turn in report.turns] == [0.0, 1.0, 1.0]
        assert [(call.turn, call.cost_usd) for call in report.calls] == [(1, 1.0), (0, 1.0)]
        await _set(game, budget_usd=None)
        assert (await choose(game)).source == "ai"


async def test_a_client_that_leaves_finds_its_turn(a_game: GameMaker) -> None:
    async with a_game() as game:
        await begin(game)
    narrator = HeldNarrator()
    async with a_game(narrator=narrator) as game, asyncio.timeout(10):
        click = asyncio.create_task(choose(game, words="wait", key="k"))
        await narrator.entered.acquire()
        click.cancel()
        with pytest.raises(asyncio.CancelledError):
            await click
        waiting = asyncio.create_task(game.turns.current("default"))
        narrator.release.set()
        assert (await waiting).turn == 1
        assert (await choose(game, words="wait", key="k")).turn == 1
        assert narrator.calls == 1


async def test_two_hundred_clients_leave_at_any_moment(a_game: GameMaker) -> None:
    """Cancelled after a random number of loop turns: the turn is whole or absent, and a retry
    with the same key gives the same turn from one telling."""
    draw = random.Random(20261122)
    narrator = HeldNarrator("nobody")
    async with a_game(narrator=narrator) as game, asyncio.timeout(60):
        await begin(game)
        calls = narrator.calls
        for n in range(200):
            if (await game.sessions.state("default")).phase == "over":
                await game.sessions.reset("default", world=None, seed=n)
                await begin(game, seed=n)
                calls = narrator.calls
            before = await turn_of(game)
            click = asyncio.create_task(choose(game, words=f"wait {n}", key=f"k{n}"))
            for _ in range(draw.randrange(40)):
                await asyncio.sleep(0)
            click.cancel()
            await asyncio.wait({click})
            again = await choose(game, words=f"wait {n}", key=f"k{n}")
            assert again.turn == before + 1
            assert await turn_of(game) == before + 1
            calls += 1
            assert narrator.calls == calls


async def test_a_reset_cancels_the_turn_that_is_being_made(a_game: GameMaker) -> None:
    async with a_game() as game:
        await begin(game)
    narrator = HeldNarrator()
    async with a_game(narrator=narrator) as game, asyncio.timeout(10):
        click = asyncio.create_task(choose(game))
        await narrator.entered.acquire()
        state = await game.sessions.reset("default", world=None, seed=1)
        assert (state.phase, state.turn) == ("new", -1)
        with pytest.raises(StaleTurn):
            await click
        narrator.release.set()
        assert (await begin(game, seed=1)).turn == 0


async def test_stopping_lets_a_turn_finish_or_rolls_it_back(a_game: GameMaker) -> None:
    async with a_game() as game:
        await begin(game)
    narrator = HeldNarrator()
    async with a_game(narrator=narrator, pace=Pace(shutdown=0)) as game, asyncio.timeout(10):
        click = asyncio.create_task(choose(game))
        await narrator.entered.acquire()
        await game.jobs.close(0)
        with pytest.raises(StaleTurn):
            await click
    narrator = HeldNarrator()
    async with a_game(narrator=narrator) as game, asyncio.timeout(10):
        assert await turn_of(game) == 0
        click = asyncio.create_task(choose(game))
        await narrator.entered.acquire()
        closing = asyncio.create_task(game.jobs.close(10))
        narrator.release.set()
        await closing
        assert (await click).turn == 1


async def test_the_answer_to_a_broken_turn_reaches_everybody_who_waits(a_game: GameMaker) -> None:
    async with a_game() as game:
        await begin(game)
    narrator = FailingNarrator()
    async with a_game(narrator=narrator) as game:
        clicks = [choose(game, words="wait", key="k") for _ in range(5)]
        outcomes = await asyncio.gather(*clicks, return_exceptions=True)
        assert {type(outcome) for outcome in outcomes} == {ProviderError}
        assert (await game.turns.regenerate("default", asked=Asked())).turn == 0
