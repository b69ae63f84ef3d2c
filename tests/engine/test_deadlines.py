"""The deadline is the server's: held, let go on, extended, and never played twice."""

import asyncio
from datetime import timedelta

import pytest

from app.engine.game import Game
from app.engine.requests import Asked
from app.engine.views import SettingsChange
from app.errors import (
    DeadlineNotReached,
    NoDeadline,
    NotStarted,
    SessionOver,
    StaleTurn,
    TurnInProgress,
)
from app.models.session import State, Turn
from tests.doubles import HeldNarrator
from tests.engine.conftest import Clock, GameMaker
from tests.engine.play import begin, choose, turn_of


async def _with_deadline(game: Game, seconds: int, session_id: str = "default") -> None:
    change = SettingsChange(deadline_seconds=seconds)
    await game.sessions.change(session_id, name=None, description=None, settings=change)


async def _hold(game: Game, by: str = "Ada") -> State:
    return await game.sessions.set_deadline("default", "hold", by=by, seconds=None)


async def _resume(game: Game) -> State:
    return await game.sessions.set_deadline("default", "resume", by="Ada", seconds=None)


async def _extend(game: Game, seconds: int | None = None) -> State:
    return await game.sessions.set_deadline("default", "extend", by="Ada", seconds=seconds)


async def _penalty(game: Game) -> Turn:
    return await game.turns.penalty("default", asked=Asked())


async def test_a_held_deadline_stands_still_over_a_restart(a_game: GameMaker, clock: Clock) -> None:
    async with a_game() as game:
        await _with_deadline(game, 60)
        await begin(game)
        clock.passes(20)
        state = await _hold(game)
        assert (state.deadline_at, state.held_by, state.held_seconds) == (None, "Ada", 40)
        clock.passes(3600)
        assert (await _hold(game, "Bob")).held_by == "Ada"
    async with a_game() as game:
        clock.passes(3600)
        state = await game.sessions.state("default")
        assert (state.deadline_at, state.held_by, state.held_seconds) == (None, "Ada", 40)
        assert (await game.turns.begin_tick("default")).deadline_at is None
        with pytest.raises(DeadlineNotReached):
            await _penalty(game)
        state = await _resume(game)
        assert (state.deadline_at, state.held_by) == (clock.now + timedelta(seconds=40), None)
        assert (await _resume(game)).deadline_at == state.deadline_at
        clock.passes(40)
        assert (await _penalty(game)).is_timeout


async def test_choices_stay_usable_while_it_is_held_and_the_next_turn_has_its_own(
    a_game: GameMaker, clock: Clock
) -> None:
    async with a_game() as game:
        await _with_deadline(game, 60)
        await begin(game)
        await _hold(game)
        clock.passes(600)
        turn = await choose(game)
        assert turn.deadline_at == clock.now + timedelta(seconds=60)
        assert (await game.sessions.state("default")).held_by is None


async def test_a_hold_is_no_reason_to_lose_the_choices(game: Game) -> None:
    await _with_deadline(game, 60)
    await begin(game)
    await _hold(game)
    await game.turns.regenerate("default", asked=Asked())
    assert (await game.sessions.state("default")).held_by == "Ada"


async def test_time_can_be_extended_ten_times_over_and_not_more(game: Game, clock: Clock) -> None:
    await _with_deadline(game, 30)
    await begin(game)
    clock.passes(10)
    assert (await _extend(game)).deadline_at == clock.now + timedelta(seconds=50)
    assert (await _extend(game, 20)).deadline_at == clock.now + timedelta(seconds=70)
    assert (await _extend(game, 6000)).deadline_at == clock.now + timedelta(seconds=300)
    assert (await _extend(game)).deadline_at == clock.now + timedelta(seconds=300)
    await _hold(game)
    await _with_deadline(game, 60)
    assert (await _extend(game, 100)).held_seconds == 160
    assert (await _resume(game)).deadline_at == clock.now + timedelta(seconds=160)


async def test_one_that_has_passed_can_still_be_extended(game: Game, clock: Clock) -> None:
    await _with_deadline(game, 30)
    await begin(game)
    clock.passes(500)
    assert (await _extend(game, 30)).deadline_at == clock.now + timedelta(seconds=30)
    with pytest.raises(DeadlineNotReached):
        await _penalty(game)


async def test_another_length_begins_anew_at_once(game: Game, clock: Clock) -> None:
    await begin(game)
    await _with_deadline(game, 60)
    clock.passes(50)
    await _with_deadline(game, 120)
    state = await game.sessions.state("default")
    assert state.deadline_at == clock.now + timedelta(seconds=120)
    await _with_deadline(game, 0)
    clock.passes(500)
    await _with_deadline(game, 120)
    # Not the one that passed while deadlines were off.
    state = await game.sessions.state("default")
    assert state.deadline_at == clock.now + timedelta(seconds=120)
    await _hold(game)
    await _with_deadline(game, 30)
    state = await game.sessions.state("default")
    assert (state.deadline_at, state.held_seconds) == (None, 30)
    await _with_deadline(game, 0)
    assert (await game.sessions.state("default")).held_by is None
    assert (await _penalty(game)).is_timeout


async def test_a_change_of_another_setting_leaves_the_clock_alone(game: Game, clock: Clock) -> None:
    await _with_deadline(game, 60)
    await begin(game)
    before = await game.sessions.state("default")
    clock.passes(10)
    change = SettingsChange(quality="high", deadline_seconds=60)
    await game.sessions.change("default", name=None, description=None, settings=change)
    after = await game.sessions.state("default")
    assert (after.deadline_at, after.last_event_id) == (before.deadline_at, before.last_event_id)


async def test_what_has_no_deadline_says_so(game: Game) -> None:
    await _with_deadline(game, 60)
    with pytest.raises(NotStarted):
        await _hold(game)
    await begin(game)
    await _with_deadline(game, 0)
    for ask in (_hold, _resume, _extend):
        with pytest.raises(NoDeadline):
            await ask(game)
    while (await _penalty(game)).phase != "over":
        pass
    await _with_deadline(game, 60)
    assert (await game.sessions.state("default")).deadline_at is None
    with pytest.raises(SessionOver):
        await _hold(game)


async def test_a_change_while_a_turn_is_made_is_for_the_turns_after_it(a_game: GameMaker) -> None:
    narrator = HeldNarrator()
    narrator.release.set()
    async with a_game(narrator=narrator) as game:
        await _with_deadline(game, 60)
        await begin(game)
        await narrator.entered.acquire()
        narrator.release.clear()
        click = asyncio.create_task(choose(game))
        await narrator.entered.acquire()
        await _with_deadline(game, 90)
        with pytest.raises(TurnInProgress):
            await _hold(game)
        narrator.release.set()
        assert (await click).deadline_at is not None
        assert (await game.turns.begin_tick("default")).deadline_at == (await click).deadline_at


async def test_hold_and_extend_count_as_events(game: Game) -> None:
    await _with_deadline(game, 60)
    await begin(game)
    first = (await game.sessions.state("default")).last_event_id
    asked = (_hold, _extend, _resume, _extend)
    seen = [(await ask(game)).last_event_id for ask in asked]
    assert seen == list(range(first + 1, first + 5))


async def test_fifty_clicks_racing_the_deadline_are_one_turn_each(
    a_game: GameMaker, clock: Clock
) -> None:
    async with a_game() as game:
        await _with_deadline(game, 30)
        await begin(game, seed=3)
        winners = set()
        for round_ in range(50):
            turn = await turn_of(game)
            if (await game.sessions.state("default")).phase == "over":
                await game.sessions.rewind("default", turn=0)
                turn = 0
            clock.passes(31)
            expected = Asked(expected_turn=turn)
            race = [
                game.turns.penalty("default", asked=expected),
                choose(game, words="wait", expected_turn=turn),
                game.turns.begin_tick("default"),
            ]
            order = race[round_ % 3 :] + race[: round_ % 3]
            outcomes = await asyncio.gather(*order, return_exceptions=True)
            turns = [outcome for outcome in outcomes if isinstance(outcome, Turn)]
            assert [one.turn for one in turns] == [turn + 1]
            assert await turn_of(game) == turn + 1
            winners.add(turns[0].is_timeout)
            for lost in outcomes:
                if isinstance(lost, BaseException):
                    assert isinstance(lost, TurnInProgress | StaleTurn | DeadlineNotReached)
        assert winners == {True, False}
