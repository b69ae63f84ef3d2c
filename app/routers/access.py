"""Tokens: what players and spectators show where keys are asked for."""

from typing import Annotated, Final

from fastapi import Request, Response
from pydantic import Field

from app.edge.envelope import Envelope
from app.edge.routes import ABOUT_A_SESSION, WRITING, Route, RouteTable
from app.edge.service import SessionPath, service_of, sessions_of
from app.errors import Forbidden
from app.models.access import Role
from app.models.base import Model, SessionId, UtcTime


class TokenRequest(Model):
    """What the token is for."""

    role: Annotated[
        Role, Field(description="`play` may do everything with the session, `watch` only read it.")
    ] = "watch"
    replace: Annotated[
        bool,
        Field(description="Make every token and share code that was given before worthless."),
    ] = False


class Token(Model):
    """A token of one session. Send it as `Authorization: Bearer`; it is shown this once."""

    session_id: SessionId
    role: Role
    token: str
    expires_at: UtcTime


async def make_token(
    session_id: SessionPath, body: TokenRequest, request: Request, response: Response
) -> Envelope[Token]:
    """Make a token of a session, or replace all of them.

    To be given away: for a second device, another player or a spectator. With `replace` the tokens
    and share codes given before are good for nothing; the browser that asks keeps its place.
    """
    gate = service_of(request).gate
    if gate is None:
        raise Forbidden("This server asks for no tokens: whoever reaches it may play.")
    sessions = sessions_of(request)
    meta = await (sessions.replace_tokens if body.replace else sessions.meta)(session_id)
    if body.replace:
        gate.give(request, response, meta)
    token, expires_at = gate.token(meta, body.role)
    made = Token(session_id=session_id, role=body.role, token=token, expires_at=expires_at)
    return Envelope[Token](message=f"May {body.role}.", data=made)


TABLE: Final = RouteTable(
    tag="access",
    about="Tokens for players and spectators, where `ELSEWHERE_ACCESS=keys`.",
    routes=(
        Route(
            "POST",
            "/api/sessions/{session_id}/tokens",
            make_token,
            (*ABOUT_A_SESSION, Forbidden, *WRITING),
            status=201,
        ),
    ),
)
