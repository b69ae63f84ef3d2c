"""Locks by session. A lock exists only while somebody holds it or waits for it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from weakref import WeakValueDictionary

from app.errors import TurnInProgress


class SessionLocks:
    """One `asyncio.Lock` a session; idle ones vanish, so 10 000 past sessions cost nothing."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def __len__(self) -> int:
        return len(self._locks)

    @contextlib.asynccontextmanager
    async def waiting(self, session_id: str) -> AsyncIterator[None]:
        """Hold the lock, after whoever has it now."""
        async with self._lock(session_id):
            yield

    @contextlib.asynccontextmanager
    async def at_once(self, session_id: str) -> AsyncIterator[None]:
        """Hold the lock or raise `TurnInProgress`; never waits."""
        lock = self._lock(session_id)
        # No await lies between this test and the acquire, so nobody can slip in.
        if lock.locked():
            raise TurnInProgress
        async with lock:
            yield

    def _lock(self, session_id: str) -> asyncio.Lock:
        return self._locks.setdefault(session_id, asyncio.Lock())
