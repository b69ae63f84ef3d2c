"""Tokens of players and spectators: signed, for one session, for a time. Nothing is stored.

A token names the session, the moment it was made and how often its tokens were replaced, so that
a session made anew under the same id, or with its tokens replaced, does not know the old ones.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from itsdangerous import BadSignature, URLSafeSerializer

from app.errors import Unauthorized
from app.models.access import Role
from app.models.session import Meta

_SALT: Final = "elsewhere session token"


@dataclass(frozen=True, slots=True)
class Grant:
    """What a token that was signed here says. It counts only while the session `knows` it."""

    session_id: str
    role: Role
    born: int
    """When the session was made, in microseconds."""
    edition: int
    """How often the session's tokens had been replaced."""
    expires: int
    """Unix time."""

    def known_to(self, meta: Meta) -> bool:
        """Whether the session still takes it."""
        return (self.session_id, self.born, self.edition) == identity(meta)


class Tokens:
    """Makes and reads tokens with the secret of this server."""

    def __init__(self, secret: bytes, lifetime: timedelta, clock: Callable[[], datetime]) -> None:
        self._signed = URLSafeSerializer(
            secret, salt=_SALT, signer_kwargs={"digest_method": hashlib.sha256}
        )
        self._lifetime = lifetime
        self._clock = clock

    def issue(self, meta: Meta, role: Role) -> tuple[str, datetime]:
        """A token, and until when it is good."""
        expires = (self._clock() + self._lifetime).replace(microsecond=0)
        said = [*identity(meta), role, int(expires.timestamp())]
        return str(self._signed.dumps(said)), expires

    def read(self, token: str) -> Grant:
        """What a token says. Raises `Unauthorized` if it was not made here, or is too old."""
        try:
            # As `issue` wrote it: it is signed.
            session_id, born, edition, role, expires = self._signed.loads(token)
        except BadSignature:
            raise Unauthorized("This token was not made here.") from None
        grant = Grant(session_id, role, born, edition, expires)
        if grant.expires <= self._clock().timestamp():
            raise Unauthorized("This token has expired.")
        return grant


def identity(meta: Meta) -> tuple[str, int, int]:
    """What tells a session, and its tokens of now, from all others and from those before."""
    return meta.session_id, int(meta.created_at.timestamp() * 1_000_000), meta.edition
