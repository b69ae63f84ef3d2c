"""What routes work with, and the parameters that many of them share."""

import hashlib
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Annotated

from fastapi import Header, Path, Query, Request
from pydantic import Field

from app.edge.metrics import Metrics
from app.engine.game import Game
from app.engine.requests import Asked
from app.engine.sessions import DEFAULT_SESSION, Sessions
from app.models.base import SAFE_INTEGER, Model, Seed, SessionId
from app.settings import ServiceSettings


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
    working: Callable[[], AbstractAsyncContextManager[None]]
    """Around the game: who tells and paints is ready, and lets go at the end."""


def service_of(request: Request) -> Service:
    """The service that this request came to.

    A call and not a dependency: FastAPI's resolving of one costs a sixth of `GET /api/state`.
    """
    service: Service = request.app.state.service
    return service


def sessions_of(request: Request) -> Sessions:
    """The sessions of that service."""
    return service_of(request).game.sessions


SessionPath = Annotated[SessionId, Path(description="Names one isolated game.")]
SessionQuery = Annotated[SessionId, Query(description="Names one isolated game.")]
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        description="One per intent. The same key with the same body plays one turn, however "
        "often it is sent, and is answered with that turn.",
    ),
]
WorldName = Annotated[
    str, Field(min_length=1, max_length=64, description="A world of `GET /api/worlds`.")
]
TurnNumber = Annotated[int, Field(ge=0, le=SAFE_INTEGER, description="A turn; the intro is 0.")]


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
    ] = None


class Beginning(Playing):
    """Where a story begins. Left out, the server chooses."""

    world: WorldName | None = None
    seed: Seed | None = None


def asked(request: Request, body: Playing, key: str | None) -> Asked:
    """What a playing request carries beside its action."""
    if key is None:
        return Asked(expected_turn=body.expected_turn)
    content = f"{request.scope['path']}\n{body.model_dump_json()}"
    fingerprint = hashlib.sha256(content.encode()).hexdigest()
    return Asked(key=key, fingerprint=fingerprint, expected_turn=body.expected_turn)
