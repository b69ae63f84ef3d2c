"""The worlds that a story can be in."""

from typing import Annotated, Any, Final

from fastapi import Path, Request
from pydantic import Field, StringConstraints

from app.edge.envelope import Envelope
from app.edge.routes import Route, RouteTable
from app.edge.service import service_of
from app.engine.world.pack import Pack
from app.errors import WorldNotFound
from app.models.base import Model


class WorldSummary(Model):
    """A world as it is offered."""

    id: str
    title: str
    tagline: str
    year: int
    rating: str
    language: str
    is_default: Annotated[bool, Field(description="Played when a request names no world.")]


class WorldList(Model):
    """The worlds of this server."""

    items: tuple[WorldSummary, ...]


class WorldDetail(WorldSummary):
    """What may be known of a world before it is played."""

    role: Annotated[str, Field(description="Who the player is.")]
    goal: str
    places: Annotated[int, Field(description="How many there are to be found.")]
    target_turns: Annotated[tuple[int, int], Field(description="How long a run tends to be.")]
    picture_width: int
    picture_height: int


async def list_worlds(request: Request) -> Envelope[WorldList]:
    """List the worlds of this server.

    Any of them can be named by `world` in an intro, a reset or a new session.
    """
    service = service_of(request)
    default = service.settings.default_world
    packs = [world.pack for world in service.game.founding.worlds.values()]
    items = tuple(WorldSummary(**_summary(pack, default)) for pack in packs)
    return Envelope[WorldList](message=f"{len(items)} worlds.", data=WorldList(items=items))


async def read_world(
    world_id: Annotated[
        str,
        StringConstraints(min_length=1, max_length=64),
        Path(description="A world's id, as it is listed."),
    ],
    request: Request,
) -> Envelope[WorldDetail]:
    """A world before it is played.

    Who the player is and what they are after. Its secrets stay secret.
    """
    service = service_of(request)
    pack = service.game.founding.world(world_id).pack
    detail = WorldDetail(
        **_summary(pack, service.settings.default_world),
        role=pack.player.role,
        goal=pack.goal,
        places=len(pack.places),
        target_turns=pack.meta.target_turns,
        picture_width=pack.meta.width,
        picture_height=pack.meta.height,
    )
    return Envelope[WorldDetail](message=pack.title, data=detail)


def _summary(pack: Pack, default: str) -> dict[str, Any]:
    return {
        "id": pack.id,
        "title": pack.title,
        "tagline": pack.tagline,
        "year": pack.year,
        "rating": pack.rating,
        "language": pack.language,
        "is_default": pack.id == default,
    }


TABLE: Final = RouteTable(
    tag="worlds",
    about="The worlds that a story can be in.",
    routes=(
        Route("GET", "/api/worlds", list_worlds, access="public"),
        Route("GET", "/api/worlds/{world_id}", read_world, (WorldNotFound,), access="public"),
    ),
)
