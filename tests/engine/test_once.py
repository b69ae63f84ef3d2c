"""Exactly one turn: from a double click, equal keys, a click racing the deadline (R7)."""

import asyncio

import pytest

from app.engine.game import Game
from app.engine.requests import Asked
from app.engine.views import SettingsChange
from app.errors import (
    DeadlineNotReached,
    GameError,
    IdempotencyMismatch,
    StaleTurn,
    TurnInProgress,
)
from app.models.session import Turn
from tests.doubles import HeldNarrator
from tests.engine.conftest import Clock, GameMaker
from tests.engine.play import begin, choose, turn_of


async def test_a_double_click_plays_one_turn(a_game: GameMaker) -> None:
    async with a_game() as game:
        await begin(game)
    narrator = HeldNarrator()
    async with a_game(narrator=narrator) as game, asyncio.timeout(10):
        first = asyncio.create_task(choose(game))
        await narrator.entered.acquire()
        with pytest.raises(TurnInProgress):
            await choose(game)
        narrator.release.set()
        assert (await first).turn == 1
        assert await turn_of(game) == 1


async def test_fifty_equal_keys_are_one_turn_and_one_telling(a_game: GameMaker) -> None:
    async with a_game() as game:
        await begin(game)
    narrator = HeldNarrator()
    async with a_game(narrator=narrator) as game, asyncio.timeout(10):
        clicks = [asyncio.create_task(choose(game, key="k1")) for _ in range(50)]
        await narrator.entered.acquire()
        narrator.release.set()
        turns = await asyncio.gather(*clicks)
        assert {turn.model_dump_json() for turn in turns} == {turns[0].model_dump_json()}
        assert narrator.calls == 1
        assert await turn_of(game) == 1
        again = await game.turns.act(
            "default",
            choice=None,
            choice_id=turns[0].choices[0].id,
            fate=None,
            asked=Asked(key="k2", fingerprint="other"),
        )
        assert again.turn == 2


async def test_a_key_answers_again_after_a_restart_and_after_other_turns(
    a_game: GameMaker,
) -> None:
    async with a_game() as game:
        await begin(game)
        told = await choose(game, words="wait by the culvert", key="k1")
        await choose(game)
    async with a_game() as game:
        again = await choose(game, words="wait by the culvert", key="k1")
        assert again == told
        assert await turn_of(game) == 2


async def test_a_key_with_another_body_is_refused(a_game: GameMaker) -> None:
    async with a_game() as game:
        await begin(game)
        await choose(game, words="wait", key="k1")
        with pytest.raises(IdempotencyMismatch):
            await choose(game, words="run", key="k1")
        assert await turn_of(game) == 1


async def test_a_regeneration_is_answered_again_with_the_same_choices(a_game: GameMaker) -> None:
    async with a_game() as game:
        before = await begin(game)
        asked = Asked(key="r1", fingerprint="r")
        first = await game.turns.regenerate("default", asked=asked)
        second = await game.turns.regenerate("default", asked=asked)
        assert second == first
        assert await turn_of(game) == 0
        assert not {c.text for c in before.choices} & {c.text for c in first.choices}
        assert (await game.sessions.state("default")).choices == first.choices


async def test_sixty_four_actions_at_once_are_one_turn(a_game: GameMaker) -> None:
    async with a_game() as game:
        await begin(game)
        outcomes = await asyncio.gather(
            *(choose(game, words=f"count to {n}", expected_turn=0) for n in range(64)),
            return_exceptions=True,
        )
        played = [outcome for outcome in outcomes if isinstance(outcome, Turn)]
        refused = [outcome for outcome in outcomes if isinstance(outcome, GameError)]
        assert len(played) == 1
        assert len(refused) == 63
        assert {error.code for error in refused} <= {"turn_in_progress", "stale_turn"}
        assert await turn_of(game) == 1


@pytest.mark.parametrize("penalty_first", [True, False])
async def test_a_click_racing_the_deadline_is_one_turn(
    a_game: GameMaker, clock: Clock, penalty_first: bool
) -> None:
    async with a_game() as game:
        meta = await game.sessions.create(
            session_id="race", name=None, description="", world=None, seed=3, settings=None
        )
        await _with_deadline(game, meta.session_id, 30)
        await begin(game, "race", seed=3)
        with pytest.raises(DeadlineNotReached):
            await game.turns.penalty("race", asked=Asked())
        clock.passes(31)
        penalty = game.turns.penalty("race", asked=Asked())
        click = choose(game, "race", expected_turn=0)
        race = [penalty, click] if penalty_first else [click, penalty]
        outcomes = await asyncio.gather(*race, return_exceptions=True)
        assert sum(isinstance(outcome, Turn) for outcome in outcomes) == 1
        lost = next(outcome for outcome in outcomes if not isinstance(outcome, Turn))
        assert isinstance(lost, TurnInProgress | StaleTurn | DeadlineNotReached)
        assert await turn_of(game, "race") == 1


async def test_the_deadline_is_armed_anew_by_each_turn_and_survives_a_restart(
    a_game: GameMaker, clock: Clock
) -> None:
    async with a_game() as game:
        await begin(game)
        assert (await game.turns.begin_tick("default")).deadline_at is None
        await _with_deadline(game, "default", 60)
        tick = await game.turns.begin_tick("default")
        assert tick.deadline_at is not None
        assert (tick.deadline_at - clock.now).total_seconds() == 60
        clock.passes(20)
        assert (await game.turns.begin_tick("default")).deadline_at == tick.deadline_at
    async with a_game() as game:
        state = await game.sessions.state("default")
        assert state.deadline_at == tick.deadline_at
        turn = await choose(game)
        assert turn.deadline_at is not None
        assert (turn.deadline_at - clock.now).total_seconds() == 60
        await _with_deadline(game, "default", 0)
        assert (await game.sessions.state("default")).deadline_at is None
        assert (await game.turns.penalty("default", asked=Asked())).is_timeout


async def test_ticks_at_once_with_an_action_refuse_nobody(a_game: GameMaker) -> None:
    async with a_game() as game:
        await begin(game)
        await _with_deadline(game, "default", 60)
        outcomes = await asyncio.gather(
            *(game.turns.begin_tick("default") for _ in range(8)), choose(game)
        )
        assert isinstance(outcomes[-1], Turn)


async def test_the_job_map_is_empty_when_nobody_plays(a_game: GameMaker) -> None:
    async with a_game() as game:
        await asyncio.gather(*(begin(game, f"s{n}") for n in range(20)))
        assert [n for n in range(20) if game.jobs.running(f"s{n}")] == []


async def _with_deadline(game: Game, session_id: str, seconds: int) -> None:
    change = SettingsChange(deadline_seconds=seconds)
    await game.sessions.change(session_id, name=None, description=None, settings=change)
