"""What happens in a session, as it happens."""

from typing import Annotated, Final

from fastapi import Header, Query, Request, Response
from fastapi.sse import EventSourceResponse

from app.edge.access.gate import caller_of
from app.edge.limits.addresses import address_of
from app.edge.limits.traffic import traffic_of
from app.edge.routes import ABOUT_A_SESSION, Route, RouteTable
from app.edge.service import SessionPath, service_of
from app.edge.streams import EventStream
from app.models.events import AnyEvent

After = Annotated[
    str | None,
    Query(
        max_length=64,
        description="An event's id, or the `last_event_id` of a state: the stream begins after it.",
    ),
]
LastEventId = Annotated[
    str | None,
    Header(
        alias="Last-Event-ID",
        description="The same, as browsers send it by themselves. It wins over `after`.",
    ),
]


async def watch_session(
    session_id: SessionPath,
    request: Request,
    after: After = None,
    last_event_id: LastEventId = None,
) -> EventSourceResponse:
    """Watch a session.

    A stream of server-sent events; `data` is JSON, and its `type` is the event's name. It begins
    with `hello`. `turn.committed` alone is enough to draw a turn. Read the state, then watch
    `after` its `last_event_id`: nothing is missed, and nothing that comes twice does harm.
    Browsers resume by themselves. What cannot be told any more is a `resync`: read the state.
    A client that reads too slowly is let go, and resumes like any other.
    """
    position = last_event_id if last_event_id is not None else after
    leave = traffic_of(request).stream(address_of(request.scope), session_id)
    try:
        watch = await service_of(request).game.watching.watch(
            session_id, after=position, plays=caller_of(request).plays(session_id)
        )
    except BaseException:
        leave()
        raise
    return EventStream(watch, leave)


class Stream(Response):
    """For the docs. FastAPI would iterate what a route of `EventSourceResponse` returns."""

    media_type = EventSourceResponse.media_type


TABLE: Final = RouteTable(
    tag="events",
    about="What happens, as it happens: one stream a session, for any number of clients.",
    routes=(
        Route(
            "GET",
            "/api/sessions/{session_id}/events",
            watch_session,
            ABOUT_A_SESSION,
            answers=Stream,
            streams=AnyEvent,
        ),
    ),
)
