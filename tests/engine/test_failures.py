"""An outage is an error and never story; a client that leaves loses nothing (R5, R6)."""

import asyncio
import random
from pathlib import Path

import pytest

from app.engine.game import Game, Pace
from app.engine.ports import Hear, Purse
from app.engine.providers.offline.narrator import OfflineNarrator
from app.engine.requests import Asked
from app.engine.views import SettingsChange
from app.errors import BudgetExhausted, NotReady, ProviderError, ProviderTimeout, StaleTurn
from app.models.ledger import Units
from app.models.narration import Brief, Picture, PictureRequest, Telling
from tests.conftest import Measured
from tests.doubles import (
    FailingNarrator,
    HeldIllustrator,
    HeldNarrator,
    PricedIllustrator,
    PricedNarrator,
    QuickIllustrator,
    SilentNarrator,
)
from tests.engine.conftest import Clock, GameMaker
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


@pytest.mark.parametrize("left", [0.05, 0.5, 1.05])
async def test_a_turn_that_cannot_be_paid_whole_costs_nothing(
    a_game: GameMaker, left: float
) -> None:
    """Neither part, the picture only, or either of them but not both."""
    painter = PricedIllustrator()
    async with a_game(narrator=PricedNarrator(), illustrator=painter) as game:
        await _set(game, budget_usd=1.1 + left)
        assert (await begin(game)).cost_usd == 1.1
        before = await game.sessions.state("default")
        for _ in range(3):
            with pytest.raises(BudgetExhausted):
                await choose(game)
        assert await game.sessions.state("default") == before
        assert before.cost.spent_usd == 1.1
        await game.ledger.drain("default")
        report = await game.sessions.cost("default", limit=50, before=None)
        assert (report.held_usd, report.text.calls, report.image.calls) == (0, 1, 1)
        await _set(game, budget_usd=2.2)
        turn = await choose(game)
        assert (turn.source, turn.cost_usd) == ("ai", 1.1)


async def test_a_part_that_is_never_asked_for_is_not_waited_for(a_game: GameMaker) -> None:
    """A telling that fails before it reserves anything lets the picture go, and the other way."""
    painter = PricedIllustrator()

    class Unwilling(PricedIllustrator):
        async def paint(self, request: PictureRequest, *, purse: Purse) -> Picture:
            raise ProviderError("The breaker is open.")

    class Failing(PricedNarrator):
        async def tell(self, brief: Brief, *, hear: Hear, purse: Purse) -> Telling:
            raise ProviderError("The breaker is open.")

    async with a_game(narrator=Failing(), illustrator=painter) as game, asyncio.timeout(10):
        await _set(game, budget_usd=5)
        with pytest.raises(ProviderError):
            await begin(game)
        assert (await game.sessions.state("default")).cost.spent_usd == 0
    async with (
        a_game(narrator=PricedNarrator(), illustrator=Unwilling()) as game,
        asyncio.timeout(10),
    ):
        turn = await begin(game)
        assert turn.image is not None
        assert (turn.source, turn.image.status) == ("ai", "failed")


async def test_words_wait_no_longer_for_a_picture_than_its_deadline(a_game: GameMaker) -> None:
    class Held(PricedIllustrator):
        async def paint(self, request: PictureRequest, *, purse: Purse) -> Picture:
            await asyncio.Event().wait()
            raise AssertionError(request)

    pace = Pace(image=0.02)
    async with (
        a_game(narrator=PricedNarrator(), illustrator=Held(), pace=pace) as game,
        asyncio.timeout(10),
    ):
        await _set(game, budget_usd=5)
        turn = await begin(game)
        assert turn.image is not None
        assert (turn.source, turn.image.status) == ("ai", "pending")


async def test_the_part_that_cannot_be_paid_is_taken_by_the_built_in_one(
    a_game: GameMaker,
) -> None:
    painter, understudy = PricedIllustrator(), QuickIllustrator()
    crew = {"narrator": PricedNarrator(), "illustrator": painter, "understudy": understudy}
    async with a_game(**crew) as game:
        await _set(game, budget_usd=1.05, on_provider_failure="offline")
        turn = await begin(game)
        assert turn.image is not None
        assert (turn.source, turn.image.status, turn.cost_usd) == ("ai", "ready", 1)
        assert (painter.refused, len(understudy.requests)) == (1, 1)
        await _set(game, budget_usd=1.15)
        turn = await choose(game)
        assert turn.image is not None
        assert (turn.source, turn.image.status, turn.cost_usd) == ("offline", "ready", 0.1)
        assert len(understudy.requests) == 1
        await _set(game, budget_usd=1.1)
        turn = await choose(game)
        assert turn.image is not None
        assert (turn.source, turn.image.status, turn.cost_usd) == ("offline", "ready", 0)
        assert (painter.refused, len(understudy.requests)) == (1, 2)


async def test_a_budget_of_nothing_asks_no_model_for_anything(a_game: GameMaker) -> None:
    painter = PricedIllustrator()
    async with a_game(narrator=PricedNarrator(), illustrator=painter) as game:
        await _set(game, budget_usd=0)
        with pytest.raises(BudgetExhausted):
            await begin(game)
        await _set(game, on_provider_failure="offline")
        assert (await begin(game)).source == "offline"
        assert (painter.refused, painter.requests) == (0, [])
        report = await game.sessions.cost("default", limit=10, before=None)
        assert (report.calls, report.spent_usd) == ((), 0)


async def test_the_day_of_the_whole_service_has_a_cap_too(a_game: GameMaker, clock: Clock) -> None:
    async with a_game(narrator=PricedNarrator(), day_cap_usd=1.5) as game:
        await begin(game)
        with pytest.raises(BudgetExhausted):
            await begin(game, "another")
    async with a_game(narrator=PricedNarrator(), day_cap_usd=1.5) as game:
        with pytest.raises(BudgetExhausted):
            await choose(game)
        clock.passes(86_400)
        assert (await choose(game)).source == "ai"


async def test_a_failed_picture_is_failed_or_painted_by_the_built_in_one_as_set(
    a_game: GameMaker,
) -> None:
    painter, understudy = PricedIllustrator(), QuickIllustrator()
    painter.broken = True
    async with a_game(illustrator=painter, understudy=understudy) as game:
        turn = await begin(game)
        assert turn.image is not None
        assert (turn.image.status, turn.cost_usd) == ("failed", 0.1)
        await _set(game, on_provider_failure="offline")
        turn = await choose(game)
        assert turn.image is not None
        assert (turn.image.status, turn.cost_usd) == ("ready", 0.1)
        assert len(understudy.requests) == 1


async def test_a_silent_painter_leaves_time_for_the_built_in_one(a_game: GameMaker) -> None:
    painter, understudy = HeldIllustrator(), HeldIllustrator()
    pace = Pace(image=0.05, late_image=0.45)
    crew = {"illustrator": painter, "understudy": understudy}
    async with a_game(**crew, pace=pace) as game, asyncio.timeout(10):
        await _set(game, on_provider_failure="offline")
        turn = await begin(game)
        assert turn.image is not None
        assert turn.image.status == "pending"
        await understudy.entered.acquire()
        understudy.release.set()
        while (image := (await game.sessions.state("default")).image) is not None:
            if image.status != "pending":
                break
            await asyncio.sleep(0)
        assert image is not None
        assert image.status == "ready"


async def test_a_failed_telling_gives_up_the_picture_and_its_money(a_game: GameMaker) -> None:
    class Slow(QuickIllustrator):
        """Reserves, and settles only when it is given up."""

        def __init__(self) -> None:
            super().__init__()
            self.reserved, self.given_up = asyncio.Event(), asyncio.Event()

        async def paint(self, request: PictureRequest, *, purse: Purse) -> Picture:
            hold = await purse.reserve("image", provider="double", model="oil", at_most=100)
            self.reserved.set()
            try:
                await asyncio.Event().wait()
            finally:
                self.given_up.set()
                hold.settle(Units(), 100, estimated=True)
            raise AssertionError(request)

    class Failing(OfflineNarrator):
        async def tell(self, brief: Brief, *, hear: Hear, purse: Purse) -> Telling:
            await painter.reserved.wait()
            raise ProviderError("The model answered 500.")

    painter = Slow()
    async with a_game(narrator=Failing(), illustrator=painter) as game, asyncio.timeout(10):
        with pytest.raises(ProviderError):
            await begin(game)
        assert painter.given_up.is_set()
        await game.ledger.drain("default")
        report = await game.sessions.cost("default", limit=10, before=None)
        assert (report.spent_usd, report.held_usd) == (0.0001, 0)
        assert report.image.estimated_calls == 1
        assert (await game.sessions.state("default")).cost.spent_usd == 0.0001


async def test_what_was_spent_outlives_the_run_but_not_the_session(a_game: GameMaker) -> None:
    async with a_game(narrator=PricedNarrator()) as game:
        await begin(game, "mine")
        await choose(game, "mine")
        await game.sessions.rewind("mine", turn=0)
        await game.sessions.reset("mine", world=None, seed=5)
        state = await game.sessions.state("mine")
        assert (state.turn, state.cost.spent_usd) == (-1, 2.0)
        await begin(game, "mine")
        meta = await game.sessions.fork("mine", turn=0, new_id="branch", name=None)
        assert (await game.sessions.state(meta.session_id)).cost.spent_usd == 0
        assert (await game.sessions.state("mine")).cost.spent_usd == 3.0
        await game.sessions.delete("mine", archive=True)
        await begin(game, "mine")
        assert (await game.sessions.state("mine")).cost.spent_usd == 1.0
    async with a_game() as game:
        assert (await game.sessions.state("mine")).cost.spent_usd == 1.0


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


async def test_two_hundred_clients_leave_at_any_moment(
    a_game: GameMaker, measured: Measured
) -> None:
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
    measured("clients gone", 200)


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
        with pytest.raises(NotReady):
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
