"""Watching a session: one stream, taken up again where it broke."""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from types import TracebackType
from typing import Final, Self

from clients.game_client.calls import (
    DEFAULT_SESSION,
    Calls,
    not_ours,
    session_path,
)
from clients.game_client.errors import (
    NotFound,
    NotOurs,
    RateLimited,
    StorageFailed,
    Unreachable,
)
from clients.game_client.events import Event, SessionOver, event_of
from clients.game_client.sse import Frame, Frames, TooLong

logger = logging.getLogger(__name__)

_EVENTS: Final = "text/event-stream"
LONGEST_WISH: Final = 60.0
"""Seconds. A server may ask for patience, but not for ever."""

_PASSING: Final = (Unreachable, NotOurs, RateLimited, StorageFailed)
"""What may be better in a moment: a service that restarts, a proxy that has lost it."""


class EventStream:
    """The events of a session, for one reader.

    Entered with `async with`, it is connected before anything else is done, so that nothing that
    happens from then on is missed; and it is closed at the end. It can be iterated without: then
    it connects when it is first read, and is closed when it ends or nobody holds it any more.
    """

    def __init__(self, events: AsyncGenerator[Event]) -> None:
        self._events = events
        self._first: Event | None = None

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Event:
        first, self._first = self._first, None
        return await anext(self._events) if first is None else first

    async def __aenter__(self) -> Self:
        try:
            self._first = await anext(self._events, None)
        except BaseException:
            await self.aclose()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Let go of the connection."""
        self._first = None
        await self._events.aclose()


class WatchingCalls(Calls):
    """What happens, as it happens."""

    def events(
        self,
        session_id: str = DEFAULT_SESSION,
        *,
        after: str | int | None = None,
        patience: float | None = None,
    ) -> EventStream:
        """Watch a session from now on, or from the event `after`: an `event_id`, or the
        `last_event_id` of a state.

        A stream that breaks is taken up again where it broke, for as long as it takes; or, with
        `patience`, until there was no connection for so many seconds: then what was in the way
        is raised. Every connection begins with a `Hello`. What cannot be told any more is a
        `Resync`: read the state. The stream ends when the session is deleted or the client is
        closed. Raises `SessionNotFound` for a session that is not there when it begins.
        """
        position = "" if after is None else str(after)
        if not (position.isascii() and position.isprintable()):
            raise ValueError("no event has such an id")
        return EventStream(self._watch(session_path(session_id, "events"), position, patience))

    async def _watch(
        self, path: str, position: str, patience: float | None
    ) -> AsyncGenerator[Event]:
        seen, failures, lost_at = False, 0, time.monotonic()
        while not self._http.is_closed:
            wish = 0.0
            frames = Frames(position)
            try:
                async with aclosing(self._connection(path, frames)) as told:
                    async for frame in told:
                        seen, failures, position = True, 0, frame.id
                        event = event_of(frame.event, frame.data, frame.id or None)
                        yield event
                        if isinstance(event, SessionOver) and event.reason == "deleted":
                            return
            except NotFound:
                if seen:
                    return
                raise
            except _PASSING as problem:
                out_of_patience = patience is not None and time.monotonic() - lost_at >= patience
                if failures and out_of_patience:
                    raise
                wish = problem.retry_after or 0.0
            if self._http.is_closed:
                return
            if failures == 0:
                lost_at = time.monotonic()
                logger.info("stream is lost")
            failures += 1
            wish = min(max(wish, (frames.retry_ms or 0) / 1000), LONGEST_WISH)
            await asyncio.sleep(self._retries.delay(failures, at_least=wish))

    async def _connection(self, path: str, frames: Frames) -> AsyncGenerator[Frame]:
        """One connection's events. Raises `ServiceError`; ends when the service ends it."""
        headers = {"Accept": _EVENTS, "Accept-Encoding": "identity", "Cache-Control": "no-store"}
        if frames.last_id:
            headers["Last-Event-ID"] = frames.last_id
        silence = self._timing.silence
        async with self._open(path, read=silence, headers=headers) as response:
            if not response.headers.get("content-type", "").startswith(_EVENTS):
                raise not_ours(response)
            async for piece in response.aiter_bytes():
                try:
                    whole = frames.feed(piece)
                except TooLong:
                    raise not_ours(response) from None
                for frame in whole:
                    yield frame
