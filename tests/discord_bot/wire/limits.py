"""Rate limits as Discord has them: a bucket a route and channel, told of in headers; and faults
that a test orders."""

import fnmatch
import math
import time
from dataclasses import dataclass, field
from typing import Final

from aiohttp import web

from tests.discord_bot.wire.payloads import Json

OURS: Final = {"Via": "1.1 minidiscord"}
"""Without it discord.py takes a 429 for a ban by Cloudflare."""


@dataclass(slots=True)
class Limit:
    """So many requests in so many seconds."""

    requests: int = 5
    seconds: float = 5.0


@dataclass(slots=True)
class Window:
    """What is left of a bucket until it is filled up again."""

    limit: Limit
    left: int
    resets: float


@dataclass(slots=True)
class Fault:
    """What happens to the next requests that match, in place of an answer."""

    method: str
    path: str
    status: int
    code: int = 0
    retry_after: float | None = None
    times: int = 1
    is_cut: bool = False
    """The connection is closed without a word."""
    is_lost: bool = False
    """What was asked is done, and the answer is the fault."""

    def matches(self, request: web.Request) -> bool:
        path = request.path.removeprefix("/api/v10")
        return self.times > 0 and self.method == request.method and fnmatch.fnmatch(path, self.path)

    def answer(self, request: web.Request) -> web.Response:
        if self.is_cut:
            assert request.transport is not None
            request.transport.abort()
        return refused(self.status, self.code, retry_after=self.retry_after)


@dataclass(slots=True)
class Limits:
    """All buckets, and how often one was overdrawn."""

    rules: dict[tuple[str, str], Limit] = field(default_factory=dict)
    """By method and route, as `("PATCH", "/channels/{channel}/messages/{message}")`."""
    overdrawn: int = 0
    _windows: dict[str, Window] = field(default_factory=dict)

    def take(self, method: str, route: str, major: str) -> tuple[dict[str, str], float | None]:
        """The headers of the answer, and how long to wait if there is nothing left."""
        limit = self.rules.get((method, route))
        if limit is None:
            return {}, None
        key, now = f"{method} {route} {major}", time.monotonic()
        window = self._windows.get(key)
        if window is None or now >= window.resets:
            window = self._windows[key] = Window(limit, limit.requests, now + limit.seconds)
        wait = max(0.0, window.resets - now)
        is_over = window.left == 0
        window.left -= 0 if is_over else 1
        self.overdrawn += is_over
        headers = {
            "X-RateLimit-Limit": str(limit.requests),
            "X-RateLimit-Remaining": str(window.left),
            "X-RateLimit-Reset": str(time.time() + wait),
            "X-RateLimit-Reset-After": f"{math.ceil(wait * 1000) / 1000:.3f}",
            "X-RateLimit-Bucket": f"bucket-{method}-{route}".replace("/", "-"),
        }
        return headers, wait if is_over else None


def refused(
    status: int,
    code: int = 0,
    message: str = "refused by the test",
    *,
    retry_after: float | None = None,
) -> web.Response:
    """An error of Discord's."""
    body: Json = {"code": code, "message": message}
    headers = dict(OURS)
    if retry_after is not None:
        body |= {"retry_after": retry_after, "global": False}
        headers["Retry-After"] = str(math.ceil(retry_after))
    return said(body, status=status, headers=headers)


def said(body: object, *, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """JSON, of exactly the type that discord.py compares with."""
    response = web.json_response(body, status=status, headers=headers)
    response.headers["Content-Type"] = "application/json"
    return response
