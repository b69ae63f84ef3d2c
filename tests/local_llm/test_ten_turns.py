"""Ten turns told by a real small model. It writes badly; what is tested is everything else:
the game goes on, what the model tells is kept, what it gets wrong never becomes story."""

import logging
import time
from pathlib import Path
from typing import Any, Final

import pytest

from app.engine.providers.openai_compatible.checks import is_noise
from app.engine.views import SettingsChange
from app.main import create_app
from app.models.session import Turn
from app.settings import ServiceSettings
from tests.doubles import QuickIllustrator
from tests.engine.play import begin, choose
from tests.local_llm.conftest import CYLLAMA, LLAMA, Manners, served

TURNS: Final = 10
SECONDS: Final = 240.0
"""For one turn: prompt and answer on two slow cores, repairs included."""

logger = logging.getLogger(__name__)


@pytest.mark.local_llm
@pytest.mark.timeout(2400)
@pytest.mark.parametrize("manners", [LLAMA, CYLLAMA], ids=lambda one: one.name)
async def test_ten_turns(manners: Manners, tools: Path, model: Path, tmp_path: Path) -> None:
    async with served(manners, tools, model) as base_url:
        settings = ServiceSettings(
            sessions_dir=tmp_path / "sessions",
            text_base_url=base_url,
            text_model="gemma",
            text_deadline_seconds=SECONDS,
            text_extra={"temperature": 0.7, "seed": 1},
        )
        app = create_app(settings, illustrator=QuickIllustrator())
        async with app.router.lifespan_context(app):
            game = app.state.service.game
            await _go_on_without(game)
            turns: list[tuple[Turn, float]] = []
            while len(turns) < TURNS:
                began = time.perf_counter()
                turn = await (choose(game, index=len(turns) % 3) if turns else begin(game))
                turns.append((turn, time.perf_counter() - began))
                if turn.phase == "over":
                    break
            cost = await game.sessions.cost("default", limit=200, before=None)
    _report(manners, turns, cost)
    for turn, seconds in turns:
        assert seconds < SECONDS + 5
        for text in (turn.dispatch, turn.vision_dispatch, turn.situation):
            assert text.strip()
            assert not is_noise(text)
        assert turn.phase == "over" or len({one.text for one in turn.choices}) >= 3
    assert [turn.turn for turn, _ in turns] == list(range(len(turns)))
    assert cost.text.calls >= len(turns)
    assert cost.text.units.output_tokens > 0


async def _go_on_without(game: Any) -> None:
    """A small model may fail a turn; the built-in narrator takes it then, and says so."""
    change = SettingsChange(on_provider_failure="offline")
    await game.sessions.change("default", name=None, description=None, settings=change)


def _report(manners: Manners, turns: list[tuple[Turn, float]], cost: Any) -> None:
    told = [turn for turn, _ in turns if turn.source == "ai"]
    times = sorted(seconds for _, seconds in turns)
    logger.info(
        "%s: %d of %d turns told by the model, p50 %.1f s, longest %.1f s; ledger %s",
        manners.name,
        len(told),
        len(turns),
        times[len(times) // 2],
        times[-1],
        cost.model_dump_json()[:300],
    )
    for turn, seconds in turns:
        logger.info("%d %s %.1f s: %s", turn.turn, turn.source, seconds, turn.dispatch)
