"""The gate: every request to the API passes here before anything is done for it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal

from fastapi import Request, Response

from app.edge.access.keys import ServiceKeys
from app.edge.access.tokens import Grant, Tokens
from app.edge.limits.addresses import address_of
from app.edge.secret import read_or_make
from app.errors import (
    ArchiveNotFound,
    Forbidden,
    GameError,
    ReadOnly,
    SessionNotFound,
    Unauthorized,
)
from app.models.access import Role
from app.models.session import Meta

Access = Literal["session", "archive", "visitor", "public", "service"]
"""What a route asks for: a token of the session or archive it is about; nothing, but what it shows
and makes is the caller's own (`visitor`); nothing at all; a service key."""

COOKIE: Final = "elsewhere-session-"
"""Followed by the session's id; the value is a token."""
MOST_COOKIES: Final = 25
"""Sessions that one browser keeps tokens of; the one that expires first goes first."""
TOKEN_HEADER: Final = "Elsewhere-Token"  # noqa: S105 (a name)
READING: Final = frozenset(("GET", "HEAD"))
_BEARER: Final = "bearer "


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, as far as it was shown."""

    everything: bool = False
    """May do everything: with a service key, or where access is open."""
    service: str | None = None
    """The name of the key that was shown."""
    grants: Mapping[str, Grant] = field(default_factory=lambda: MappingProxyType({}))
    """By session, in the order in which they were shown. Signed here; the session may have had
    its tokens replaced since."""

    def plays(self, session_id: str) -> bool:
        """Whether somebody who was let in to this session may do more than watch."""
        return self.everything or self.grants[session_id].role == "play"

    def role(self, meta: Meta) -> Role | None:
        """What this caller may do with a session."""
        if self.everything:
            return "play"
        grant = self.grants.get(meta.session_id)
        return grant.role if grant is not None and grant.known_to(meta) else None


ANYBODY: Final = Caller(everything=True)


def caller_of(request: Request) -> Caller:
    """Who sent this request, once it was let in."""
    caller: Caller = getattr(request.state, "caller", ANYBODY)
    return caller


def owner_of(request: Request) -> str | None:
    """Whose what this request makes will be; None for a client without limits."""
    address = address_of(request.scope)
    if address is None:
        return None
    service = caller_of(request).service
    return f"address {address}" if service is None else f"key {service}"


@dataclass(frozen=True, slots=True)
class Doors:
    """Where the gate looks up what a request is about. Both raise when there is no such thing."""

    session: Callable[[str], Awaitable[Meta]]
    archive: Callable[[str], Awaitable[Meta]]


class Gate:
    """Lets requests in, or raises why not."""

    def __init__(
        self,
        keys: ServiceKeys,
        doors: Doors,
        *,
        secret: Path,
        clock: Callable[[], datetime],
        lifetime: timedelta,
        visitors: bool,
    ) -> None:
        self._keys = keys
        self._doors = doors
        self._secret = secret
        self._clock = clock
        self._lifetime = lifetime
        self._visitors = visitors
        self._opened: Tokens | None = None

    async def open(self) -> None:
        """Read the server's secret, or make it."""
        key = await asyncio.to_thread(read_or_make, self._secret)
        self._opened = Tokens(key, self._lifetime, self._clock)

    @property
    def _tokens(self) -> Tokens:
        if self._opened is None:
            raise RuntimeError("the gate is not open yet")
        return self._opened

    async def admit(self, request: Request, access: Access, about: str | None) -> None:
        """Note on `request` who sent it.

        `about` is the session or archive that the request names, None if it names none.

        Raises:
            Unauthorized: nothing was shown, or it is wrong, expired or replaced.
            Forbidden: a service key is needed; `ReadOnly`: a spectator would change something.
            SessionNotFound, ArchiveNotFound: it is somebody else's, or not there at all.
        """
        if access == "public":
            return
        caller = self.caller(request)
        request.state.caller = caller
        if caller.everything:
            return
        if access == "visitor":
            if not (self._visitors or caller.grants):
                raise Unauthorized
            return
        if access == "service" or about is None:
            raise Forbidden if caller.grants else Unauthorized
        if await self._role(caller, access, about) == "watch" and request.method not in READING:
            raise ReadOnly

    def caller(self, request: Request) -> Caller:
        """Who sent it. Raises `Unauthorized` for a bearer that is nobody's.

        What is shown in another manner (a password for a proxy) is not for us.
        """
        shown = request.headers.get("authorization", "")
        if shown.lower().startswith(_BEARER):
            token = shown[len(_BEARER) :].strip()
            name = self._keys.name_of(token)
            if name is not None:
                return Caller(everything=True, service=name)
            grant = self._tokens.read(token)
            return Caller(grants=MappingProxyType({grant.session_id: grant}))
        return Caller(grants=MappingProxyType(self._kept(request)))

    async def _role(self, caller: Caller, access: Access, about: str) -> Role:
        archived = access == "archive"
        hidden: type[GameError] = ArchiveNotFound if archived else SessionNotFound
        session_id = about.rpartition("_")[0] if archived else about
        if session_id not in caller.grants:
            # Nobody learns whether it is there.
            raise hidden if caller.grants else Unauthorized
        door = self._doors.archive if archived else self._doors.session
        role = caller.role(await door(about))
        if role is None:
            raise Unauthorized("This token was replaced by another.")
        return role

    # -- giving tokens -------------------------------------------------------------------

    def token(self, meta: Meta, role: Role) -> tuple[str, datetime]:
        """A new token of a session, and until when it is good."""
        return self._tokens.issue(meta, role)

    def give(self, request: Request, response: Response, meta: Meta) -> None:
        """The token of a session that `request` made, as a header; to browsers as a cookie too."""
        token, _ = self.token(meta, "play")
        response.headers[TOKEN_HEADER] = token
        if not caller_of(request).everything:
            self.keep(request, response, meta.session_id, token)

    def keep(self, request: Request, response: Response, session_id: str, token: str) -> None:
        """Have the browser keep a token. Scripts cannot read it, other sites cannot use it."""
        kept = self._kept(request)
        kept.pop(session_id, None)
        oldest_first = sorted(kept.values(), key=lambda grant: grant.expires)
        https = request.url.scheme == "https"
        for grant in oldest_first[: max(0, len(kept) + 1 - MOST_COOKIES)]:
            name = COOKIE + grant.session_id
            response.delete_cookie(name, path="/", secure=https, httponly=True, samesite="lax")
        response.set_cookie(
            COOKIE + session_id,
            token,
            max_age=int(self._lifetime.total_seconds()),
            path="/",
            secure=https,
            httponly=True,
            samesite="lax",
        )

    def _kept(self, request: Request) -> dict[str, Grant]:
        """The tokens that a browser sends; one that is no good is no token."""
        grants = {}
        for name, value in request.cookies.items():
            if not name.startswith(COOKIE):
                continue
            try:
                grant = self._tokens.read(value)
            except Unauthorized:
                continue
            grants[grant.session_id] = grant
        return grants
