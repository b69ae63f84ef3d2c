"""Whether the service can work, tried now and not remembered from better days."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

from app.engine.sessions import DEFAULT_SESSION, Sessions
from app.errors import GameError, NotReady, SessionDamaged
from app.models.ledger import Capability
from app.storage.store import Room, SessionStore

FRESH: Final = 1.0
"""Seconds that an answer is good for: asking all day costs one try a second."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What was found."""

    room: Room
    painter: str
    breakers: Mapping[Capability, str]


class Readiness:
    """Whoever stops the service sets `stopping` first."""

    def __init__(
        self,
        store: SessionStore,
        sessions: Sessions,
        paints: Callable[[], Awaitable[str]],
        breakers: Mapping[Capability, Callable[[], str]],
        *,
        min_free: int,
        fresh: float = FRESH,
    ) -> None:
        self.stopping = False
        self._store, self._sessions = store, sessions
        self._paints, self._breakers = paints, breakers
        self._min_free, self.fresh = min_free, fresh
        self._trying = asyncio.Lock()
        self._last: tuple[float, Standing | GameError] | None = None

    async def look(self) -> Standing:
        """What the service works with. Raises `NotReady`, `StorageError`."""
        if self.stopping:
            raise NotReady(details="the service is stopping")
        async with self._trying:
            now = asyncio.get_running_loop().time()
            if self._last is None or now - self._last[0] >= self.fresh:
                self._last = now, await self._tried()
            found = self._last[1]
        if isinstance(found, GameError):
            raise found.with_traceback(None)
        return found

    async def _tried(self) -> Standing | GameError:
        try:
            return await self._try()
        except GameError as error:
            return error

    async def _try(self) -> Standing:
        room = await self._store.probe()
        # One damaged session is that session's trouble: the store did answer.
        with contextlib.suppress(SessionDamaged):
            await self._sessions.reload(DEFAULT_SESSION)
        if room.free < self._min_free:
            raise NotReady(details=f"disk: {room.free} bytes are free of {self._min_free} wanted")
        try:
            painter = await self._paints()
        except GameError as error:
            raise NotReady(details=f"painter: {error}") from error
        breakers = {name: state() for name, state in self._breakers.items()}
        return Standing(room, painter, breakers)
