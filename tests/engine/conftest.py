"""A whole game over real files, with a crew of the test's choosing and a clock it can turn."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.engine.game import Game, Pace, compose
from app.engine.making import Crew
from app.engine.ports import Illustrator, Narrator
from app.engine.providers.offline.narrator import OfflineNarrator
from app.engine.world.world import World
from app.storage.files import FileSessionStore
from app.storage.store import SessionStore
from tests.doubles import QuickIllustrator

DEFAULT_PACE = Pace()
SHIPPED = Path(__file__).parents[2] / "app" / "worlds"


class Clock:
    """Time that passes when the test says so."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def passes(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


GameMaker = Callable[..., AbstractAsyncContextManager[Game]]


@pytest.fixture
def a_game(tmp_path: Path, worlds: Mapping[str, World], clock: Clock) -> GameMaker:
    """`async with a_game(narrator=...) as game`: the same folder each time, so a second one
    finds what the first one left."""

    @asynccontextmanager
    async def make(
        *,
        narrator: Narrator | None = None,
        illustrator: Illustrator | None = None,
        understudy: Illustrator | None = None,
        pace: Pace = DEFAULT_PACE,
        around: Callable[[SessionStore], SessionStore] = lambda store: store,
        **more: Any,
    ) -> AsyncIterator[Game]:
        crew = Crew(
            narrator or OfflineNarrator(),
            illustrator or QuickIllustrator(),
            OfflineNarrator(),
            understudy or QuickIllustrator(),
        )
        store = FileSessionStore(tmp_path / "sessions", tmp_path / "archives", durability="process")
        game = compose(
            around(store),
            worlds,
            crew,
            default_world="cinder_flat",
            pace=pace,
            clock=clock,
            **more,
        )
        await game.open()
        try:
            yield game
        finally:
            await game.close()

    return make


@pytest.fixture
async def game(a_game: GameMaker) -> AsyncIterator[Game]:
    async with a_game() as made:
        yield made
