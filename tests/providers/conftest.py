"""The whole service over real files, whose narrator and illustrator ask model servers."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import httpx
from pydantic import SecretStr

from app.edge.streams import encoded
from app.engine.channel import Watch
from app.engine.ports import Hear, Illustrator, Narrator, Purse
from app.engine.providers.openai_compatible.endpoint import Endpoint
from app.engine.world.world import World
from app.main import create_app
from app.models.narration import Brief, Picture, PictureRequest, Telling
from app.settings import ServiceSettings
from tests.http.conftest import Client

KEY: Final = "sk-canary-4f9d17c2a6"
"""The key of every endpoint here: a word that must turn up nowhere but in requests."""


def an_endpoint(base_url: str, **fields: Any) -> Endpoint:
    given: dict[str, Any] = {"api_key": SecretStr(KEY), "model": "gpt-6-luna", "deadline": 5.0}
    return Endpoint(base_url=base_url, **(given | fields))


@asynccontextmanager
async def a_service(
    folder: Path,
    worlds: Mapping[str, World],
    narrator: Narrator,
    illustrator: Illustrator,
    **settings: Any,
) -> AsyncIterator[Client]:
    """A client of the service over `folder`, spoken to in this process."""
    given = {"sessions_dir": folder / "sessions", "durability": "process", **settings}
    app = create_app(
        ServiceSettings(**given), narrator=narrator, illustrator=illustrator, worlds=worlds
    )
    async with (
        app.router.lifespan_context(app),
        Client(transport=httpx.ASGITransport(app), base_url="http://elsewhere.test") as client,
    ):
        client.app = app
        yield client


async def watch(client: Client, session_id: str) -> Watch:
    """What happens in a session from now on; whoever watches closes it."""
    opened: Watch = await client.app.state.service.game.watching.watch(session_id)
    return opened


async def told(watching: Watch) -> str:
    """Every event since last asked, as it goes over the wire. There must have been some."""
    events = await watching.next()
    assert events
    return "".join(event.frame(encoded).decode() for event in events)


class ByCase:
    """Each session asks a server of its own, so that each can be broken in its own way."""

    priced = True
    grounded = True
    wants_previous = True

    def __init__(self) -> None:
        self.narrators: dict[str, Narrator] = {}
        self.illustrators: dict[str, Illustrator] = {}

    async def tell(self, brief: Brief, *, hear: Hear, purse: Purse) -> Telling:
        return await self.narrators[brief.session_id].tell(brief, hear=hear, purse=purse)

    async def paint(self, request: PictureRequest, *, purse: Purse) -> Picture:
        return await self.illustrators[request.session_id].paint(request, purse=purse)
