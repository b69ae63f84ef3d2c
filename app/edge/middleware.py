"""The outermost layers, as plain ASGI: who asks, how much may be sent, what is logged."""

import logging
import re
import secrets
import time
from collections.abc import Mapping
from typing import Final

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.edge.failures import InternalError, failure
from app.edge.metrics import Metrics
from app.errors import PayloadTooLarge
from app.logs import REQUEST_ID, SESSION_ID

logger = logging.getLogger(__name__)
access = logging.getLogger("app.access")

_SANE_ID: Final = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_METHODS: Final = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
_NO_STORE: Final = (b"cache-control", b"no-store")
NO_ROUTE: Final = "(none)"
CLIENT_GONE: Final = 499
"""Logged, never sent: the client left before it had its answer."""


class RequestLog:
    """Names every request, logs it in one line, counts it, and answers what nobody foresaw.

    The name is the client's `X-Request-ID` if that is a plain one, and comes back in the answer.
    An answer that does not say how long it may be kept may not be kept at all.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

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
                if not any(name == b"cache-control" for name, _ in headers):
                    headers.append(_NO_STORE)  # What is true now is not what was true then.
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
    """Refuses a body that is too large before it is read, or as soon as it proves to be.

    `own` gives paths with a limit of their own.
    """

    def __init__(self, app: ASGIApp, limit: int, own: Mapping[str, int]) -> None:
        self._app = app
        self._limit = limit
        self._own = own

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._own.get(scope["path"], self._limit)
        if _declared_length(scope) > limit:
            refusal = PayloadTooLarge(details=f"At most {limit} bytes.")
            await failure(refusal)(scope, receive, send)
            return
        taken = 0

        async def receive_some() -> Message:
            nonlocal taken
            message = await receive()
            if message["type"] == "http.request":
                taken += len(message.get("body", b""))
                if taken > limit:
                    raise PayloadTooLarge(details=f"At most {limit} bytes.")
            return message

        await self._app(scope, receive_some, send)


def _declared_length(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value) if value.isdigit() else 0
    return 0


def _request_id(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _SANE_ID.fullmatch(value):
            return str(value, "ascii")
    return secrets.token_hex(8)
