"""Browsers that were given a link for watching cannot act, whatever their page sends.

The link leaves a cookie, and requests that carry it and would change the watched session are
refused here. It binds a browser, not a person: who knows a session's id and speaks to the API
without the cookie is not a spectator.
"""

from collections.abc import Sequence
from typing import Final

from fastapi import Request, Response
from pydantic_core import from_json
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.edge.failures import failure
from app.engine.sessions import DEFAULT_SESSION
from app.errors import ReadOnly

COOKIE: Final = "elsewhere-watching"
MOST_WATCHED: Final = 20
"""The oldest is forgotten first."""
_BETWEEN: Final = "."
_READING: Final = frozenset(("GET", "HEAD", "OPTIONS"))
_BY_BODY: Final = ("/api/game/", "/api/state/", "/api/config")
_BY_PATH: Final = "/api/sessions/"
_BY_ARCHIVE: Final = "/api/archives/"


def watched(request: Request) -> tuple[str, ...]:
    """The sessions that this browser watches, oldest first."""
    value = request.cookies.get(COOKIE, "")
    return tuple(part for part in value.split(_BETWEEN) if part)


def set_watched(request: Request, response: Response, session_ids: Sequence[str]) -> None:
    https = request.url.scheme == "https"
    kept = list(dict.fromkeys(session_ids))[-MOST_WATCHED:]
    if kept:
        response.set_cookie(
            COOKIE,
            _BETWEEN.join(kept),
            max_age=30 * 86400,
            path="/",
            secure=https,
            httponly=True,
            samesite="lax",
        )
    else:
        response.delete_cookie(COOKIE, path="/", secure=https, httponly=True, samesite="lax")


class Spectators:
    """ASGI: refuses what a spectator's browser would change."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in _READING:
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        sessions = watched(request)
        if not sessions:
            await self._app(scope, receive, send)
            return
        path: str = scope["path"]
        if path.startswith(_BY_BODY):
            body = await Request(scope, receive).body()
            named, receive = _named_in(body), _again(body, receive)
        else:
            named = _named_by(path)
        if named in sessions:
            await failure(ReadOnly())(scope, receive, send)
            return
        await self._app(scope, receive, send)


def _named_by(path: str) -> str | None:
    """The session that an address is about; of an archive, the one whose run it was."""
    if path.startswith(_BY_ARCHIVE):
        return path.removeprefix(_BY_ARCHIVE).partition("/")[0].rpartition("_")[0]
    if path.startswith(_BY_PATH):
        return path.removeprefix(_BY_PATH).partition("/")[0]
    return None


def _named_in(body: bytes) -> str | None:
    """The session that a body is about. One that cannot be read is refused further in."""
    if not body.strip():
        return DEFAULT_SESSION
    try:
        parsed = from_json(body)
    except ValueError:
        return None
    named = parsed.get("session_id", DEFAULT_SESSION) if isinstance(parsed, dict) else None
    return named if isinstance(named, str) else None


def _again(body: bytes, receive: Receive) -> Receive:
    """The body once more, for those who read it after us."""
    given = False

    async def replay() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay
