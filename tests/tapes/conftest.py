"""A game whose tapes are made by a deck of the test's choosing; films are tiny."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from app.engine.game import Game, Pace, compose
from app.engine.making import Crew
from app.engine.ports import TapeDeck
from app.engine.providers.offline.narrator import OfflineNarrator
from app.engine.world.world import World
from app.storage.files import FileSessionStore
from tests.doubles import QuickIllustrator
from tests.tapes.runs import SMALL

GameMaker = Callable[..., AbstractAsyncContextManager[Game]]


@pytest.fixture
def a_game(tmp_path: Path, worlds: Mapping[str, World]) -> GameMaker:
    """`async with a_game(deck) as game`; the same folder each time, so that a second one finds
    what the first one left."""

    @asynccontextmanager
    async def make(deck: TapeDeck | None, **more: Any) -> AsyncIterator[Game]:
        crew = Crew(OfflineNarrator(), QuickIllustrator(), OfflineNarrator(), QuickIllustrator())
        store = FileSessionStore(tmp_path / "sessions", tmp_path / "archives", durability="process")
        game = compose(
            store, worlds, crew, deck=deck, default_world="cinder_flat", pace=Pace(), **more
        )
        game.tapes._form = SMALL
        await game.open()
        try:
            yield game
        finally:
            await game.close()

    return make
