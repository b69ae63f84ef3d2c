"""The outermost layers, as plain ASGI: who asks, how much may be sent, what is logged."""

import asyncio
import logging
import math
import re
import secrets
import time
from collections.abc import Callable, Mapping
from typing import Final

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.edge.failures import InternalError, failure
from app.edge.headers import Raw
from app.edge.metrics import Metrics
from app.errors import GameError, PayloadTooLarge, RequestTimeout
from app.logs import REQUEST_ID, SESSION_ID

logger = logging.getLogger(__name__)
access = logging.getLogger("app.access")

_SANE_ID: Final = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_METHODS: Final = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
_READS: Final = frozenset(("GET", "HEAD", "OPTIONS"))
NO_ROUTE: Final = "(none)"
LEAST_RATE: Final = 8192.0
"""Bytes a second that a client must send of a large body."""
MOST_DIGITS: Final = 19
CLIENT_GONE: Final = 499
"""Logged, never sent: the client left before it had its answer."""


class RequestLog:
    """Names every request, logs it in one line, counts it, and answers what nobody foresaw.

    The name is the client's `X-Request-ID` if that is a plain one, and comes back in the answer.
    An answer is given each of `headers` that it does not say itself.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics, headers: Raw = ()) -> None:
        self._app = app
        self._metrics = metrics
        self._headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(scope)
        id_header = (b"x-request-id", request_id.encode("ascii"))
        named, about = REQUEST_ID.set(request_id), SESSION_ID.set(None)
        status, began = 0, time.perf_counter()

        async def send_named(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = [*message["headers"], id_header]
                said = {name for name, _ in headers}
                headers += [header for header in self._headers if header[0] not in said]
                message = {**message, "headers": headers}
            await send(message)

        try:
            await self._app(scope, receive, send_named)
        except ClientDisconnect:
            status = status or CLIENT_GONE
        except Exception:
            logger.exception("request broke")
            if status:
                raise  # Part of the answer is out: only dropping the connection is honest.
            await failure(InternalError())(scope, receive, send_named)
        finally:
            self._note(scope, status, time.perf_counter() - began)
            SESSION_ID.reset(about)
            REQUEST_ID.reset(named)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        method = scope["method"] if scope["method"] in _METHODS else "OTHER"
        route = getattr(scope.get("route"), "path_format", NO_ROUTE)
        self._metrics.request(method, route, status)
        if access.isEnabledFor(logging.INFO):
            # Not `access.info`, which would walk the stack to find out who calls: we know.
            fields = {
                "method": method,
                "route": route,
                "status": status,
                "ms": round(seconds * 1000, 1),
            }
            access.handle(
                access.makeRecord(
                    access.name, logging.INFO, "", 0, "answered", (), None, extra=fields
                )
            )


class BodyLimit:
    """Refuses a body that is too large before it is read, or as soon as it proves to be; and one
    that does not come.

    `own` gives paths with a limit of their own. A body has `seconds` to be there, and a second
    more for every `LEAST_RATE` bytes that have come. Once the answer has begun nobody needs to
    be told: the client then counts as gone.
    """

    def __init__(
        self,
        app: ASGIApp,
        limit: int,
        own: Mapping[str, int],
        seconds: float,
        refused: Callable[[str], None],
    ) -> None:
        self._app = app
        self._limit = limit
        self._own = own
        self._seconds = seconds
        self._refused = refused

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        declared = _declared_length(scope)
        if declared is None and scope["method"] in _READS:
            await self._app(scope, receive, send)  # There is no body, and nobody would read it.
            return
        limit = self._own.get(scope["path"], self._limit)
        if declared is not None and declared > limit:
            self._refused("body_bytes")
            await failure(_too_large(limit))(scope, receive, send)
            return
        clock = asyncio.get_running_loop().time
        taken, complete, answering, due = 0, False, False, clock() + self._seconds

        async def receive_some() -> Message:
            nonlocal taken, complete
            if complete:
                return await receive()
            try:
                async with asyncio.timeout_at(due + taken / LEAST_RATE):
                    message = await receive()
            except TimeoutError:
                complete = True
                return self._refuse("body_seconds", RequestTimeout(), answering=answering)
            taken += len(message.get("body", b""))
            complete = not message.get("more_body", False)
            if taken > limit:
                complete = True
                return self._refuse("body_bytes", _too_large(limit), answering=answering)
            return message

        async def send_on(message: Message) -> None:
            nonlocal answering
            answering = True
            await send(message)

        await self._app(scope, receive_some, send_on)

    def _refuse(self, name: str, error: GameError, *, answering: bool) -> Message:
        self._refused(name)
        if not answering:
            raise error
        return {"type": "http.disconnect"}


def _too_large(limit: int) -> PayloadTooLarge:
    return PayloadTooLarge(details=f"At most {limit} bytes.")


def _declared_length(scope: Scope) -> float | None:
    """The largest that is declared; 0 if there is a body of unknown length, None if there is none.

    What is no number, or none that a body could have, is more than any limit.
    """
    declared: float | None = None
    for name, value in scope["headers"]:
        if name == b"content-length":
            length = int(value) if value.isdigit() and len(value) < MOST_DIGITS else math.inf
            declared = max(declared or 0, length)
        elif name == b"transfer-encoding":
            declared = declared or 0
    return declared


def _request_id(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _SANE_ID.fullmatch(value):
            return str(value, "ascii")
    return secrets.token_hex(8)
