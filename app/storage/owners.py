"""So many sessions of one owner and no more: who made which, in a file beside the sessions.

`.owners` has a line for each session that was made for somebody who is counted, and one for each
of these that has ended: `<session> <owner>` and `<session> -`; the last line about a session holds.
An owner stands there as a keyed digest that only this server can make, and nowhere else: not in
the session, its exports, its archives, answers or logs. What is written survives the death of the
process; of the last moment before a power cut a few sessions may count for nobody.
"""

import asyncio
import contextlib
import hashlib
import logging
import os
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextvars import ContextVar
from functools import partial
from pathlib import Path
from typing import Final, TypeVar, cast

from app.errors import RateLimited, SessionDamaged, SessionExists, SessionNotFound, StorageError
from app.models.base import SessionId
from app.models.record import SessionRecord
from app.models.session import Meta
from app.storage.around import StoreAround
from app.storage.faults import storage_error
from app.storage.store import SessionStore

logger = logging.getLogger(__name__)

T = TypeVar("T")

OWNERS_FILE: Final = ".owners"
OWNER: Final[ContextVar[str | None]] = ContextVar("owner", default=None)
"""For whom the present task works, where that is counted; jobs it starts carry it on."""
WAIT: Final = 3600
"""Seconds after which it may be worth asking again: somebody may have ended a session."""

_LINE: Final = re.compile(r"([A-Za-z0-9_-]{1,64}) ([0-9a-f]{32}|-)")
_DIGEST_BYTES: Final = 16
_NOBODY: Final = "-"
_SPARE: Final = 1000
"""Lines that need not be there, until the file is written anew."""


class Owners:
    """How many sessions each owner has. `most` of 0 is no limit."""

    def __init__(
        self, root: Path, secret: Callable[[], bytes], most: int, refused: Callable[[str], None]
    ) -> None:
        self._root = root
        self._secret = secret
        self._most = most
        self._refused = refused
        self._key = b""
        self._of: dict[str, str] = {}
        self._counts: Counter[str] = Counter()
        self._lines = 0
        self._writing = asyncio.Lock()

    def open(self) -> None:
        """Read who made what; sessions that are gone count no more. Blocking."""
        with contextlib.suppress(FileNotFoundError):
            there = set(os.listdir(self._root))  # noqa: PTH208 (50 000 names, and no paths)
            text = (self._root / OWNERS_FILE).read_text("ascii", "replace")
            for found in map(_LINE.fullmatch, text.splitlines()):  # A torn line is none.
                if found is None or found[1] not in there:
                    continue
                if found[2] == _NOBODY:
                    self._of.pop(found[1], None)
                else:
                    self._of[found[1]] = found[2]
            self._replace(dict(self._of))
        self._counts = Counter(self._of.values())

    async def asks(self) -> str | None:
        """Who makes something now, as the file has it; None for somebody who is not counted."""
        owner = OWNER.get()
        if owner is None:
            return None
        if not self._key:
            self._key = await asyncio.to_thread(self._secret)
        key, size = self._key, _DIGEST_BYTES
        return hashlib.blake2b(owner.encode(), key=key, digest_size=size).hexdigest()

    def has_room(self, owner: str) -> bool:
        return not self._most or self._counts[owner] < self._most

    async def check(self) -> None:
        """Who asks may make one session more. Raises `RateLimited`."""
        owner = await self.asks()
        if owner is not None and not self.has_room(owner):
            self._refused("sessions_per_owner")
            raise RateLimited(
                f"You have as many sessions here as one may have: {self._most}.",
                details="End one of yours first (sessions_per_owner).",
                after=WAIT,
            )

    def take(self, owner: str) -> None:
        """A session is being made for them."""
        self._counts[owner] += 1

    def leave(self, owner: str) -> None:
        """It was not made, or is no more."""
        self._counts[owner] -= 1
        if self._counts[owner] <= 0:
            del self._counts[owner]

    async def made(self, session_id: str, owner: str) -> None:
        """The session is there, in the place that was taken."""
        before = self._of.get(session_id)
        if before is not None:
            self.leave(before)
        self._of[session_id] = owner
        await self._write(session_id, owner)

    async def gone(self, session_id: str) -> None:
        """The session is there no more."""
        owner = self._of.pop(session_id, None)
        if owner is not None:
            self.leave(owner)
            await self._write(session_id, _NOBODY)

    async def _write(self, session_id: str, owner: str) -> None:
        async with self._writing:  # in the order in which it happened
            self._lines += 1
            many = self._lines > 2 * len(self._of) + _SPARE
            line = _line((session_id, owner))
            write = partial(self._replace, dict(self._of)) if many else partial(self._append, line)
            try:
                await asyncio.to_thread(write)
            except OSError as error:  # It counts all the same, until a restart.
                logger.warning("owner not kept", extra={"errno": error.errno})

    def _append(self, line: str) -> None:
        _write_to(self._root / OWNERS_FILE, os.O_APPEND, line)

    def _replace(self, of: Mapping[str, str]) -> None:
        written = self._root / f"{OWNERS_FILE}.new"
        _write_to(written, os.O_TRUNC, "".join(map(_line, of.items())))
        written.replace(self._root / OWNERS_FILE)
        self._lines = len(of)


def _write_to(path: Path, how: int, text: str) -> None:
    opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | how, 0o600)
    with os.fdopen(opened, "ab", buffering=0) as file:
        file.write(text.encode("ascii"))


def _line(of: tuple[str, str]) -> str:
    """Begins with its end: behind a line that a full disk cut short the next one stands whole."""
    return f"\n{of[0]} {of[1]}"


def owned(store: SessionStore, owners: Owners) -> SessionStore:
    """`store`, with what is made through it counted for who asks."""
    return cast(SessionStore, _OwnedStore(store, owners))


class _OwnedStore(StoreAround):
    def __init__(self, store: SessionStore, owners: Owners) -> None:
        super().__init__(store)
        self._owners = owners

    async def open(self) -> None:
        await self._store.open()
        try:
            await asyncio.to_thread(self._owners.open)
        except OSError as error:
            raise storage_error(error) from error

    async def create(self, meta: Meta, record: SessionRecord) -> None:
        await self._add(meta.session_id, lambda: self._store.create(meta, record))

    async def fork(self, source: SessionId, turn: int, meta: Meta, record: SessionRecord) -> None:
        await self._add(meta.session_id, lambda: self._store.fork(source, turn, meta, record))

    async def restore(self, name: str, meta: Meta, record: SessionRecord) -> None:
        await self._add(meta.session_id, lambda: self._store.restore(name, meta, record))

    async def import_(self, upload: Path, meta: Callable[[Meta], Meta]) -> Meta:
        chosen: list[SessionId] = []

        def choose(exported: Meta) -> Meta:
            renamed = meta(exported)
            chosen.append(renamed.session_id)
            return renamed

        owner = await self._owners.asks()
        if owner is None:
            return await self._store.import_(upload, meta)
        await self._owners.check()
        return await self._placed(owner, chosen, lambda: self._store.import_(upload, choose))

    async def delete(self, session_id: SessionId, *, archive: bool) -> str | None:
        try:
            return await self._store.delete(session_id, archive=archive)
        finally:
            if not await self._is_there(session_id):
                await self._owners.gone(session_id)

    async def _add(self, session_id: SessionId, add: Callable[[], Awaitable[T]]) -> T:
        owner = await self._owners.asks()
        if owner is None:
            return await add()
        if not self._owners.has_room(owner):
            # What exists already is told first: then it is no matter of room.
            if await self._is_there(session_id):
                raise SessionExists
            await self._owners.check()
        return await self._placed(owner, [session_id], add)

    async def _placed(
        self, owner: str, made: Sequence[SessionId], add: Callable[[], Awaitable[T]]
    ) -> T:
        """`made` holds the session's id at the latest when it is there."""
        self._owners.take(owner)
        try:
            added = await add()
        except BaseException as error:
            # The store does to the end what it has begun, whoever was cancelled.
            cancelled = isinstance(error, asyncio.CancelledError)
            if cancelled and made and await self._is_there(made[-1]):
                await self._owners.made(made[-1], owner)
            else:
                self._owners.leave(owner)
            raise
        await self._owners.made(made[-1], owner)
        return added

    async def _is_there(self, session_id: SessionId) -> bool:
        try:
            await self._store.meta(session_id)
        except SessionNotFound:
            return False
        except (SessionDamaged, StorageError):
            return True
        return True
