"""Share codes: eight letters that stand for a session and for what may be done with it.

A code follows from a secret of this server and the session, so that nothing is stored. It holds
until the session's codes are replaced, or the session ends. Who has a code has what it stands for.
"""

import asyncio
import base64
import hashlib
import hmac
import re
import time
from collections.abc import AsyncIterator
from pathlib import Path
from types import MappingProxyType
from typing import Final

from app.edge.access.tokens import identity
from app.edge.secret import read_or_make
from app.engine.sessions import Sessions
from app.errors import NotFound
from app.models.access import ROLES, Role
from app.models.base import Model
from app.models.session import Meta

_LENGTH: Final = 8
_PLAIN: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_SHOWN: Final = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's alphabet: no letter is mistaken for another."""
_TO_SHOWN: Final = MappingProxyType(str.maketrans(_PLAIN, _SHOWN))
_FORGIVING: Final = MappingProxyType(
    str.maketrans({"o": "0", "i": "1", "l": "1", "-": None, " ": None})
)
_CODE: Final = re.compile(f"[{_SHOWN}]{{{_LENGTH}}}")
_RESTING_SECONDS: Final = 2.0
"""Between two walks through all sessions, so that guessing costs the server little."""
_PAGE: Final = 200


class Share(Model):
    """What a code stands for, while the session is the one it was made for."""

    meta: Meta
    role: Role

    @property
    def session_id(self) -> str:
        return self.meta.session_id


class Codes(Model):
    """The codes of one session."""

    play: str
    watch: str


class Shares:
    """Makes codes and finds what they stand for."""

    def __init__(self, key_file: Path) -> None:
        self._key_file = key_file
        self._key: bytes | None = None
        self._known: dict[str, Share] = {}
        self._walked = -_RESTING_SECONDS
        self._walking = asyncio.Lock()

    async def codes(self, meta: Meta) -> Codes:
        """The codes of a session, which are known from now on."""
        made = _codes(await self._get_key(), meta)
        self._known |= made
        play, watch = made
        return Codes(play=play, watch=watch)

    async def find(self, written: str, sessions: Sessions) -> Share | None:
        """What a code stands for, as somebody wrote it: case, hyphens and blanks do not matter."""
        code = written.lower().translate(_FORGIVING)
        if not _CODE.fullmatch(code):
            return None
        if code not in self._known:
            await self._walk(sessions)
        share = self._known.get(code)
        if share is None:
            return None
        try:
            now = await sessions.meta(share.session_id)
        except NotFound:
            return None
        return share if identity(now) == identity(share.meta) else None

    async def _walk(self, sessions: Sessions) -> None:
        """Learn the codes of every session that there is now."""
        async with self._walking:
            if time.monotonic() - self._walked < _RESTING_SECONDS:
                return
            key = await self._get_key()
            known: dict[str, Share] = {}
            async for meta in _metas(sessions):
                known |= _codes(key, meta)
            self._known, self._walked = known, time.monotonic()

    async def _get_key(self) -> bytes:
        if self._key is None:
            self._key = await asyncio.to_thread(read_or_make, self._key_file)
        return self._key


async def _metas(sessions: Sessions) -> AsyncIterator[Meta]:
    cursor: str | None = None
    while True:
        page = await sessions.list(sort="created", limit=_PAGE, cursor=cursor)
        for meta in page.items:
            yield meta
        cursor = page.next_cursor
        if cursor is None:
            return


def _codes(key: bytes, meta: Meta) -> dict[str, Share]:
    """In the order of `ROLES`."""
    return {_code(key, meta, role): Share(meta=meta, role=role) for role in ROLES}


def _code(key: bytes, meta: Meta, role: Role) -> str:
    said = "|".join((role, *map(str, identity(meta))))
    digest = hmac.digest(key, said.encode(), hashlib.sha256)
    return base64.b32encode(digest[:5]).decode().translate(_TO_SHOWN)
