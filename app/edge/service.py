"""What routes work with, and the parameters that many of them share."""

import hashlib
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Annotated, Final
from urllib.parse import unquote

from fastapi import Header, Path, Query, Request, Response
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from app.edge.access.gate import Access, Gate
from app.edge.metrics import Metrics
from app.edge.readiness import Readiness
from app.engine.game import Game
from app.engine.idling import Idling
from app.engine.ports import Illustrator
from app.engine.requests import SOMEBODY, Asked
from app.engine.sessions import DEFAULT_SESSION, Sessions
from app.models.access import Role
from app.models.base import SAFE_INTEGER, WHOLE, Model, Seed, SessionId
from app.models.events import Actor, ClientName, PlayerName
from app.models.session import Meta
from app.settings import ServiceSettings
from app.storage.owners import Owners
from app.storage.quota import Quota

RESPOND_ASYNC: Final = "respond-async"


@dataclass(frozen=True, slots=True)
class Service:
    """One running service: the game, and what is known and counted about it."""

    game: Game
    metrics: Metrics
    settings: ServiceSettings
    version: str
    narrator: str
    """Who words the turns: `offline`, or a model's name."""
    illustrator: str
    painter: Illustrator
    """The built-in one: it costs nothing, so that covers of worlds are its work."""
    readiness: Readiness
    working: Callable[[], AbstractAsyncContextManager[None]]
    """Around the game: who tells and paints is ready, and lets go at the end."""
    quota: Quota
    """What is used of the disk, and what may be."""
    owners: Owners
    """Who made how many sessions, and how many they may."""
    idling: Idling
    gate: Gate | None
    """Lets requests in; None where everybody may do everything."""


def service_of(request: Request) -> Service:
    """The service that this request came to.

    A call and not a dependency: FastAPI's resolving of one costs a sixth of `GET /api/state`.
    """
    service: Service = request.app.state.service
    return service


def give_token(request: Request, response: Response, meta: Meta) -> None:
    """Whoever made this session may play it; where everybody may, there is nothing to give."""
    gate = service_of(request).gate
    if gate is not None:
        gate.give(request, response, meta)


def lend_token(request: Request, response: Response, meta: Meta, role: Role) -> None:
    """This browser may do `role` with the session from now on."""
    gate = service_of(request).gate
    if gate is not None and gate.caller(request).role(meta) not in ("play", role):
        gate.keep(request, response, meta.session_id, gate.token(meta, role)[0])


async def admit(request: Request, about: str, access: Access = "session") -> None:
    """Let in, or refuse, a request that no route of the API's let in. Raises as the gate does."""
    gate = service_of(request).gate
    if gate is not None:
        await gate.admit(request, access, about)


def sessions_of(request: Request) -> Sessions:
    """The sessions of that service."""
    return service_of(request).game.sessions


SessionPath = Annotated[SessionId, Path(description="Names one isolated game.")]
SessionQuery = Annotated[SessionId, Query(description="Names one isolated game.")]
WorldName = Annotated[
    str, Field(min_length=1, max_length=64, description="A world of `GET /api/worlds`.")
]
TurnNumber = Annotated[
    int, Field(ge=0, le=SAFE_INTEGER, description="A turn; the intro is 0."), WHOLE
]


def _name(quoted: object) -> object:
    """A header takes no more than ASCII, so names come percent-encoded."""
    return " ".join(unquote(quoted).split()) if isinstance(quoted, str) else quoted


Named = Annotated[
    PlayerName | None,
    BeforeValidator(_name),
    Header(
        alias="Elsewhere-Player",
        pattern=r"^[^\x00-\x1f\x7f-\x9f]*$",
        description="Who asks, for those who watch. Percent-encoded.",
    ),
]


class Manner(BaseModel):
    """The headers of a request that plays: how it wants to be taken."""

    model_config = ConfigDict(frozen=True)

    key: Annotated[
        str | None,
        Field(
            alias="Idempotency-Key",
            min_length=1,
            max_length=200,
            description="One per intent. The same key with the same body plays one turn, however "
            "often it is sent, and is answered with that turn.",
        ),
    ] = None
    prefer: Annotated[
        str | None,
        Field(
            alias="Prefer",
            max_length=200,
            description="`respond-async`: answer 202 as soon as the turn is being made; the "
            "events tell the rest.",
        ),
    ] = None
    client: Annotated[
        ClientName | None,
        Field(
            alias="Elsewhere-Client",
            description="What kind of client asks, for those who watch: `web`, `discord`.",
        ),
    ] = None
    name: Annotated[
        PlayerName | None,
        BeforeValidator(_name),
        Field(
            alias="Elsewhere-Player",
            pattern=r"^[^\x00-\x1f\x7f-\x9f]*$",
            description="Who asks, for those who watch. Percent-encoded.",
        ),
    ] = None

    @property
    def early(self) -> bool:
        wishes = (self.prefer or "").split(",")
        return any(wish.partition(";")[0].strip().lower() == RESPOND_ASYNC for wish in wishes)

    @property
    def actor(self) -> Actor:
        if self.client is None and self.name is None:
            return SOMEBODY
        return Actor(name=self.name, client=self.client or SOMEBODY.client)


class AboutSession(Model):
    """Names the session."""

    session_id: SessionId = DEFAULT_SESSION


class Playing(AboutSession):
    """What every request that plays may carry."""

    expected_turn: Annotated[
        int | None,
        Field(
            ge=-1,
            le=SAFE_INTEGER,
            description="The turn that the client shows (-1 before the intro). If the session "
            "is elsewhere by now, nothing is played: 409 `stale_turn`.",
        ),
        WHOLE,
    ] = None


class Beginning(Playing):
    """Where a story begins. Left out, the server chooses."""

    world: WorldName | None = None
    seed: Seed | None = None


How = Annotated[Manner, Header()]


def asked(request: Request, body: Playing, manner: Manner) -> Asked:
    """What a playing request carries beside its action."""
    key, fingerprint = manner.key, ""
    if key is not None:
        content = f"{request.scope['path']}\n{body.model_dump_json()}"
        fingerprint = hashlib.sha256(content.encode()).hexdigest()
    return Asked(
        key=key,
        fingerprint=fingerprint,
        expected_turn=body.expected_turn,
        actor=manner.actor,
        early=manner.early,
    )
