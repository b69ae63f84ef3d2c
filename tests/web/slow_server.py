"""A service whose narrator takes its time, as a process that can be killed.

`python -m tests.web.slow_server FOLDER PORT`
"""

import asyncio
import sys
from pathlib import Path
from types import MappingProxyType
from typing import Final

import uvicorn

from app.engine.ports import Hear, Purse
from app.engine.providers.offline.narrator import OfflineNarrator
from app.engine.world.loader import load_world
from app.main import SHIPPED_WORLDS, create_app
from app.models.narration import Brief, Telling
from app.settings import ServiceSettings
from tests.doubles import QuickIllustrator

WORD_SECONDS: Final = 0.04


class SlowNarrator(OfflineNarrator):
    """Says a word at a time, except in the intro."""

    async def tell(self, brief: Brief, *, hear: Hear, purse: Purse) -> Telling:
        telling = await super().tell(brief, hear=hear, purse=purse)
        if brief.turn:
            for word in telling.dispatch.split(" "):
                hear(f"{word} ")
                await asyncio.sleep(WORD_SECONDS)
        return telling


def main(folder: str, port: str) -> None:
    settings = ServiceSettings(sessions_dir=Path(folder) / "sessions")
    world = settings.default_world
    worlds = MappingProxyType({world: load_world(SHIPPED_WORLDS / world)})  # The sooner it is up.
    app = create_app(
        settings, narrator=SlowNarrator(), illustrator=QuickIllustrator(), worlds=worlds
    )
    uvicorn.run(app, host="127.0.0.1", port=int(port), log_config=None, access_log=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
