"""Whether the service is up, whether it can work, and what it is."""

from typing import Annotated, Final, Literal

from fastapi import Request, Response
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import Field

from app.edge.bodies import LenientRoute
from app.edge.envelope import Envelope
from app.edge.routes import Route, RouteTable
from app.edge.service import Service, service_of
from app.engine.checks import MAX_WORDS
from app.engine.sessions import DEFAULT_SESSION, HISTORY_LIMIT
from app.errors import SessionDamaged, StorageError, StorageFull
from app.models.base import Model
from app.routers.media import Text


class Health(Model):
    """The process is up. Nothing more is said or asked."""

    status: Literal["ok"] = "ok"
    service: Literal["elsewhere"] = "elsewhere"
    version: str


class Ready(Model):
    """What the service works with, each tried just now."""

    store: Literal["ok"] = "ok"
    narrator: str
    illustrator: str


class Limits(Model):
    """How much this server takes."""

    body_bytes: int
    import_bytes: int
    action_characters: int
    history_page: int


class Info(Model):
    """What this server is."""

    version: str
    worlds: tuple[str, ...]
    default_world: str
    narrator: Annotated[str, Field(description="Who words the turns; `offline` is built in.")]
    illustrator: Annotated[str, Field(description="Who paints; `offline` is built in.")]
    durability: Annotated[
        Literal["power", "process"],
        Field(description="What an acknowledged turn survives: a power cut, or a crash."),
    ]
    limits: Limits


async def read_health(request: Request) -> Health:
    """Is the process up?

    For process managers; not in the envelope. Whether it can work: `GET /api/ready`.
    """
    return Health(version=service_of(request).version)


async def read_ready(request: Request) -> Envelope[Ready]:
    """Can it work?

    Reads a session afresh from the store and names the providers in use. 503 while the store
    does not answer.
    """
    service = service_of(request)
    await _try_store(service)
    ready = Ready(narrator=service.narrator, illustrator=service.illustrator)
    return Envelope[Ready](message="Ready.", data=ready)


async def read_info(request: Request) -> Envelope[Info]:
    """What is this server?

    Its version, its worlds, who narrates and paints, and its limits.
    """
    service = service_of(request)
    settings = service.settings
    info = Info(
        version=service.version,
        worlds=tuple(service.game.founding.worlds),
        default_world=settings.default_world,
        narrator=service.narrator,
        illustrator=service.illustrator,
        durability=settings.durability,
        limits=Limits(
            body_bytes=settings.max_body_bytes,
            import_bytes=settings.max_import_bytes,
            action_characters=MAX_WORDS,
            history_page=HISTORY_LIMIT,
        ),
    )
    return Envelope[Info](message="Elsewhere.", data=info)


async def read_metrics(request: Request) -> Response:
    """Counters for Prometheus.

    Requests by route and status, turns by source and outcome, turn seconds, pictures by what
    came of them, sessions whose turn is being made. No session is named.
    """
    return Response(service_of(request).metrics.exposition(), media_type=CONTENT_TYPE_LATEST)


async def _try_store(service: Service) -> None:
    """Raises `StorageError` while the store does not answer."""
    try:
        await service.game.sessions.reload(DEFAULT_SESSION)
    except SessionDamaged:
        return  # One damaged session is that session's trouble: the store did answer.


TABLE: Final = RouteTable(
    tag="service",
    about="Whether it is up, whether it can work, and what it is.",
    routes=(
        Route("GET", "/api/health", read_health, kind=LenientRoute, access="public"),
        Route(
            "GET",
            "/api/ready",
            read_ready,
            (StorageError, StorageFull),
            kind=LenientRoute,
            access="public",
        ),
        Route("GET", "/api/info", read_info, access="public"),
        Route("GET", "/metrics", read_metrics, kind=LenientRoute, answers=Text, access="service"),
    ),
)
