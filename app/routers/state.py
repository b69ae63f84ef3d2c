"""What is true now."""

from typing import Final

from fastapi import Request

from app.edge.envelope import Envelope
from app.edge.routes import ABOUT_A_SESSION, WRITING, Route, RouteTable
from app.edge.service import AboutSession, SessionQuery, WorldName, sessions_of
from app.engine.sessions import DEFAULT_SESSION
from app.errors import InvalidSessionId, SessionDamaged, WorldNotFound
from app.models.base import Seed
from app.models.session import State

Told = Envelope[State]
"""Made once: naming the type anew costs a thirtieth of `GET /api/state`."""


class Reset(AboutSession):
    """Which session begins again, and where."""

    world: WorldName | None = None
    seed: Seed | None = None


async def read_state(request: Request, session_id: SessionQuery = DEFAULT_SESSION) -> Told:
    """What is true now.

    Everything a client needs to draw the game: the situation, the last dispatch and its
    picture, the offered choices, the player. Reads never wait for a turn that is being made
    (`phase` is `resolving` then), and a GET creates nothing.
    """
    state = await sessions_of(request).state(session_id)
    return Told(message=state.situation, data=state)


async def reset_state(body: Reset, request: Request) -> Told:
    """Begin again.

    A run that has turns is archived first; name, settings and world survive unless another
    world is named. A turn that is being made is cancelled. An unknown session is created, so
    clients can bring their own ids. The same `seed` and the same choices give the same game.
    """
    state = await sessions_of(request).reset(body.session_id, world=body.world, seed=body.seed)
    return Told(message="The session begins again: play the intro.", data=state)


async def reload_state(body: AboutSession, request: Request) -> Told:
    """Read the state afresh from the store.

    The same as `GET /api/state`, past every cache: what is on the disk is what is answered.
    """
    state = await sessions_of(request).reload(body.session_id)
    return Told(message="Read afresh.", data=state)


TABLE: Final = RouteTable(
    tag="state",
    about="What is true now in a session.",
    routes=(
        Route("GET", "/api/state", read_state, ABOUT_A_SESSION, hot=True),
        Route(
            "POST",
            "/api/state/reset",
            reset_state,
            (InvalidSessionId, SessionDamaged, WorldNotFound, *WRITING),
        ),
        Route("POST", "/api/state/reload", reload_state, ABOUT_A_SESSION),
    ),
)
