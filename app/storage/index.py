"""The order of the session list, kept in memory once somebody has asked for a list."""

import asyncio
import contextlib
import logging
from bisect import bisect_left, insort
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal

from app.errors import InvalidRequest
from app.models.session import Meta, Snapshot
from app.storage.faults import Damage
from app.storage.sessions_root import SessionsRoot, is_session_id
from app.storage.state_file import META, decode_meta

logger = logging.getLogger(__name__)

Sort = Literal["accessed", "created"]
_SORTS: Final[tuple[Sort, ...]] = ("accessed", "created")
_Key = tuple[int, str]


def _microseconds(at: datetime) -> int:
    # Integers: a float of seconds since 1970 loses the last microsecond.
    delta = at - datetime(1970, 1, 1, tzinfo=UTC)
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds


@dataclass(frozen=True, slots=True)
class Times:
    """What a session is sorted by."""

    accessed: int
    created: int

    @classmethod
    def of(cls, meta: Meta, snapshot: Snapshot) -> "Times":
        return cls(_microseconds(snapshot.updated_at), _microseconds(meta.created_at))

    def by(self, sort: Sort) -> int:
        return self.accessed if sort == "accessed" else self.created


class _Order:
    def __init__(self, sort: Sort) -> None:
        self._sort = sort
        self._keys: list[_Key] = []

    def replace(self, session_id: str, old: Times | None, new: Times | None) -> None:
        if old is not None:
            del self._keys[bisect_left(self._keys, (old.by(self._sort), session_id))]
        if new is not None:
            insort(self._keys, (new.by(self._sort), session_id))

    def below(self, key: _Key | None) -> Iterator[_Key]:
        """Newest first. Sound while the list changes under it: each step looks anew."""
        while True:
            at = len(self._keys) if key is None else bisect_left(self._keys, key)
            if at == 0:
                return
            key = self._keys[at - 1]
            yield key


class Index:
    """Both orders of all sessions; about 300 bytes each."""

    def __init__(self) -> None:
        self._times: dict[str, Times] = {}
        self._orders = {sort: _Order(sort) for sort in _SORTS}
        self._completing = asyncio.Lock()
        self._state: Literal["unused", "scanning", "complete"] = "unused"
        self._noted: set[str] = set()
        """Changed while the folder was being read: what the scan says of them is too old."""

    def note(self, session_id: str, meta: Meta, snapshot: Snapshot) -> None:
        if self._state != "unused":  # every commit comes by here
            self._change(session_id, Times.of(meta, snapshot))

    def drop(self, session_id: str) -> None:
        self._change(session_id, None)

    async def complete(self, scan: Callable[[], Awaitable[dict[str, Times]]]) -> None:
        """Learn of all sessions, the first time that somebody asks; later calls do nothing."""
        async with self._completing:
            if self._state == "complete":
                return
            self._state = "scanning"
            for session_id, times in (await scan()).items():
                if session_id not in self._noted:
                    self._set(session_id, times)
            self._state = "complete"
            self._noted.clear()

    def ids(self, sort: Sort, cursor: str | None) -> Iterator[tuple[str, str]]:
        """Ids from the cursor on, newest first, each with the cursor of what follows it."""
        start = None if cursor is None else _decoded(cursor)
        for at, session_id in self._orders[sort].below(start):
            yield session_id, f"{at}.{session_id}"

    def before(self, moment: datetime) -> tuple[str, ...]:
        """Sessions accessed before a moment, newest first."""
        key = (_microseconds(moment), "")
        return tuple(name for _, name in self._orders["accessed"].below(key))

    def _change(self, session_id: str, new: Times | None) -> None:
        if self._state == "unused":
            return
        if self._state == "scanning":
            self._noted.add(session_id)
        self._set(session_id, new)

    def _set(self, session_id: str, new: Times | None) -> None:
        old = self._times.pop(session_id, None)
        if new is not None:
            self._times[session_id] = new
        if old != new:
            for order in self._orders.values():
                order.replace(session_id, old, new)


def _decoded(cursor: str) -> _Key:
    at, _, session_id = cursor.partition(".")
    if not (at.removeprefix("-").isdecimal() and at.isascii() and is_session_id(session_id)):
        raise InvalidRequest("This cursor is not one that a list gave out.")
    return int(at), session_id


def scan(root: SessionsRoot) -> dict[str, Times]:
    """Read every session once. Blocking; a damaged one is left out and logged."""
    found = {}
    for session_id in root.ids():
        try:
            loaded = root.folder(session_id).read()
        except (Damage, OSError):
            logger.warning("session left out of the list", extra={"session_id": session_id})
            continue
        found[session_id] = Times.of(loaded.meta, loaded.record.snapshot)
    return found


def metas_of(root: SessionsRoot, ids: Sequence[str]) -> tuple[Meta, ...]:
    """What these sessions are called and how they are set. Blocking; unreadable ones are left."""
    found = []
    for session_id in ids:
        folder = root.folder(session_id)
        with contextlib.suppress(Damage, OSError):
            found.append(decode_meta(folder.disk.read(folder.path / META)))
    return tuple(found)
