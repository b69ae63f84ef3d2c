"""What a client may do to a connection, before there is a request and after its answer.

uvicorn waits as long as a client likes: for the first byte, for the rest of the headers, for
somebody who takes none of the answer. Here each of these has an end, and what is kept of
somebody who has not asked for anything yet is bounded.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Self, cast

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from app.edge.failures import failure
from app.edge.headers import always
from app.edge.limits.arrivals import Arrivals
from app.errors import GameError, MalformedRequest, PayloadTooLarge, RateLimited, RequestTimeout
from app.limit_settings import LimitSettings

PIPELINED: Final = 16
"""Requests that may wait on one connection for the answer to the one before. No browser sends
any; each is some 2 KB here for 20 bytes there."""
WASTED: Final = 128 << 20
"""Bytes that are still taken after the answer, and forgotten, so that a client comes to read it:
who hangs up on somebody that sends makes them lose what they were sent. And so many seconds."""
WASTED_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True)
class Patience:
    """How long and for how much a connection is waited for."""

    head_bytes: int
    head_seconds: float
    stall_seconds: float
    connections: int
    wasted_seconds: float = WASTED_SECONDS

    @classmethod
    def of(cls, settings: LimitSettings) -> Self:
        return cls(
            settings.max_head_bytes,
            settings.head_seconds,
            settings.stall_seconds,
            settings.max_connections,
        )


class Config(uvicorn.Config):
    """uvicorn's, for one server with these limits. The app itself finds out who asks."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        patience: Patience,
        refused: Callable[[str], None],
        **more: Any,  # noqa: ANN401 (as uvicorn takes them)
    ) -> None:
        super().__init__(app, http=Connection, proxy_headers=False, ws="none", **more)
        self.patience = patience
        self.refused = refused
        self.waiting: dict[Connection, None] = {}
        """Those that have asked for nothing, or for nothing more; who waits longest is first."""
        self.arrivals = Arrivals()


class Connection(HttpToolsProtocol):
    """One connection: uvicorn's, with an end to its patience."""

    config: Config

    def __init__(self, config: uvicorn.Config, *given: Any, **more: Any) -> None:  # noqa: ANN401 (uvicorn's own)
        super().__init__(config, *given, **more)
        self._patience = self.config.patience
        self._due: asyncio.TimerHandle | None = None
        """When the head, or the rest of a body that nobody wants any more, must be there."""
        self._stalled: asyncio.TimerHandle | None = None
        self._arriving = False
        """A head is there and its body is not, or not all of it."""
        self._held = b""
        """What has arrived and is not parsed yet, because so much else has."""
        self._unparsed = 0
        """Bytes since the parser had something to say."""
        self._head = 0
        self._wasted = 0
        self._error: GameError | None = None
        self._done = False
        """Nothing more is said here, and nothing is listened to."""

    # -- the connection ------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(cast(asyncio.Transport, transport))
        self.config.waiting[self] = None
        self._expect(self._patience.head_seconds)
        most = self._patience.connections
        if most and len(self.connections) > most:
            self._make_room()

    def connection_lost(self, exc: Exception | None) -> None:
        self._expect(None)
        self._takes(stalled=False)
        self.config.waiting.pop(self, None)
        self._held = b""
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._done:
            self._waste(len(data))
        elif self._held or not self.config.arrivals.take(self._take_up):
            self._held += data
            self.config.waiting.pop(self, None)  # It has asked, as far as anybody knows.
            self._expect(None)
            self.flow.pause_reading()
        else:
            self._parse(data)

    def eof_received(self) -> None:
        self._take_up()
        super().eof_received()

    def _take_up(self) -> None:
        """What was held is parsed now, unless the connection has gone meanwhile."""
        held, self._held = self._held, b""
        if held and not (self._done or self.transport.is_closing()):
            self.flow.resume_reading()
            if not (self._arriving or self._answering()):
                self.config.waiting[self] = None
            self._parse(held)

    def _parse(self, data: bytes) -> None:
        self._unparsed += len(data)
        super().data_received(data)
        if self._done or self.transport.is_closing():
            return
        if self._unparsed > self._patience.head_bytes + len(data):
            self._refuse(self._too_long())
        elif self._due is None and not self._arriving and (self._head or self._unparsed):
            self._expect(self._patience.head_seconds)

    def pause_writing(self) -> None:
        self._takes(stalled=True)
        super().pause_writing()

    def resume_writing(self) -> None:
        self._takes(stalled=False)
        super().resume_writing()

    # -- what the parser says ------------------------------------------------------------

    def on_url(self, url: bytes) -> None:
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._count(len(name) + len(value))
        if not self._arriving:  # else it comes behind a body, and nobody asks for it
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._unparsed = 0
        self._arriving = True
        self._expect(None)
        self.config.waiting.pop(self, None)
        if len(self.pipeline) >= PIPELINED:
            self._error = RateLimited(details="Too many requests on one connection.")
            raise self._error
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._unparsed = 0
        if self.cycle.response_complete:
            self._waste(len(body))
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._unparsed = self._head = self._wasted = 0
        self._arriving = False
        self._expect(None)
        super().on_message_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.transport.is_closing():
            return
        if self._arriving:
            self._expect(self._patience.wasted_seconds)
        elif self.cycle.response_complete:
            self.config.waiting[self] = None

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 (uvicorn's)
        self._refuse(self._error or MalformedRequest())

    # -- its end -------------------------------------------------------------------------

    def _count(self, size: int) -> None:
        self._unparsed = 0
        self._head += size
        if self._head > self._patience.head_bytes:
            self._error = self._too_long()
            raise self._error

    def _too_long(self) -> GameError:
        return PayloadTooLarge(details=f"At most {self._patience.head_bytes} bytes of headers.")

    def _expect(self, seconds: float | None) -> None:
        if self._due is not None:
            self._due.cancel()
        self._due = None if seconds is None else self.loop.call_later(seconds, self._overdue)

    def _overdue(self) -> None:
        self._due = None
        if self._done:
            self.transport.abort()
        elif self._answering():  # it waits itself, and may take its time
            self._expect(self._patience.head_seconds)
        elif self._head or self._unparsed:
            self._refuse(RequestTimeout())
        else:
            self.transport.close()

    def _waste(self, size: int) -> None:
        self._wasted += size
        if self._wasted > WASTED:
            self.transport.abort()

    def _takes(self, *, stalled: bool) -> None:
        if self._stalled is not None:
            self._stalled.cancel()
        self._stalled = (
            self.loop.call_later(self._patience.stall_seconds, self._give_up) if stalled else None
        )

    def _give_up(self) -> None:
        self.config.refused("stalled")
        self.transport.abort()

    def _make_room(self) -> None:
        """Let the one go that has waited longest without asking; if all are at work, this one."""
        longest = next(iter(self.config.waiting))
        self.config.refused("connections")
        if longest is self:
            self._refuse(RateLimited("This server has as many connections as it takes."))
        else:
            longest.transport.close()

    def _answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _refuse(self, error: GameError) -> None:
        """Say why, unless an answer is under way, and hang up."""
        if not self._answering() and not self._arriving:
            answer = failure(error, {"connection": "close"})
            lines = [f"HTTP/1.1 {error.status} {error.code}".encode()]
            headers = dict(always(other_sites=False)) | dict(answer.raw_headers)
            lines += [name + b": " + value for name, value in headers.items()]
            self.transport.write(b"\r\n".join([*lines, b"", bytes(answer.body)]))
            self.config.refused(error.code)
            self._hang_up()
        else:
            self.transport.close()

    def _hang_up(self) -> None:
        """The client has seen the last of us, and is given a moment to say that it has."""
        self._done = True
        self._expect(self._patience.wasted_seconds)
        if self.transport.can_write_eof():
            self.transport.write_eof()
        else:
            self.transport.close()
