"""Whether the service is up, whether it can work, and what it is."""

from typing import Annotated, Final, Literal

from fastapi import Request, Response
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import Field

from app.edge.bodies import LenientRoute
from app.edge.envelope import Envelope
from app.edge.routes import Route, RouteTable
from app.edge.service import service_of
from app.engine.checks import MAX_WORDS
from app.engine.sessions import HISTORY_LIMIT
from app.errors import NotReady, StorageError, StorageFull
from app.models.base import Model
from app.routers.media import Text


class Health(Model):
    """The process is up. Nothing more is said or asked."""

    status: Literal["ok"] = "ok"
    service: Literal["elsewhere"] = "elsewhere"
    version: str


class Ready(Model):
    """What the service works with, each tried within the last second."""

    store: Literal["ok"] = "ok"
    narrator: str
    illustrator: str
    free_bytes: Annotated[int, Field(description="On the fuller of the disks it writes to.")]
    painter: Annotated[
        Literal["idle", "busy", "ok"],
        Field(description="The built-in illustrator; `idle`: its processes start when wanted."),
    ]
    breakers: Annotated[
        dict[str, Literal["closed", "open", "half-open"]],
        Field(
            description="Of the models in use. While one is `open` its model is left alone; "
            "the service is ready all the same."
        ),
    ]


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

    Writes to the disk, reads a session afresh, looks at the room that is left and at the
    built-in illustrator. 503 while one of them fails, and as soon as the service is stopping.
    """
    service = service_of(request)
    standing = await service.readiness.look()
    ready = Ready.model_validate(
        {
            "narrator": service.narrator,
            "illustrator": service.illustrator,
            "free_bytes": standing.room.free,
            "painter": standing.painter,
            "breakers": standing.breakers,
        }
    )
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

    Requests by route and status; turns by source and outcome, and their seconds by stage; calls
    to models, what failed and what was spent; sessions, queues, event streams, and how late the
    event loop is. No session is named.
    """
    return Response(service_of(request).metrics.exposition(), media_type=CONTENT_TYPE_LATEST)


TABLE: Final = RouteTable(
    tag="service",
    about="Whether it is up, whether it can work, and what it is.",
    routes=(
        Route("GET", "/api/health", read_health, kind=LenientRoute, access="public"),
        Route(
            "GET",
            "/api/ready",
            read_ready,
            (NotReady, StorageError, StorageFull),
            kind=LenientRoute,
            access="public",
        ),
        Route("GET", "/api/info", read_info, access="public"),
        Route("GET", "/metrics", read_metrics, kind=LenientRoute, answers=Text, access="service"),
    ),
)
