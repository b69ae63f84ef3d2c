"""Sessions that nobody plays any more become archives, if the host wants that."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final

from app.engine.autoplay import AutoPlay
from app.engine.events import Events
from app.engine.jobs import Jobs
from app.engine.sessions import DEFAULT_SESSION, Sessions
from app.errors import GameError
from app.storage.store import SessionStore

logger = logging.getLogger(__name__)

EVERY: Final = 3600.0
"""Seconds from one look to the next."""


class Idling:
    """One task, which looks now and then for sessions in which nothing was played or changed.

    Never takes one that is being played, that plays itself or that somebody watches, nor the
    default session. An archive can be gone on with: nothing is lost.
    """

    def __init__(
        self,
        store: SessionStore,
        sessions: Sessions,
        jobs: Jobs,
        events: Events,
        autoplay: AutoPlay,
        *,
        days: int,
        clock: Callable[[], datetime],
        pause: Callable[[float], Awaitable[None]],
    ) -> None:
        """`days` of 0: never."""
        self._store = store
        self._sessions = sessions
        self._jobs = jobs
        self._events = events
        self._autoplay = autoplay
        self._days = days
        self._clock = clock
        self._pause = pause
        self._task: asyncio.Task[None] | None = None

    def open(self) -> None:
        if self._days:
            self._task = asyncio.create_task(self._keep(), name="idle sessions")

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})

    async def look(self) -> tuple[str, ...]:
        """Archive what has been idle for long enough; which sessions that were."""
        before = self._clock() - timedelta(days=self._days)
        taken = []
        for session_id in await self._store.idle_since(before):
            try:
                if self._is_left(session_id) and await self._archive(session_id, before):
                    taken.append(session_id)
            except GameError as error:
                extra = {"session_id": session_id, "code": error.code}
                logger.warning("idle session stays", extra=extra)
        if taken:
            logger.info("idle sessions archived", extra={"count": len(taken)})
        return tuple(taken)

    async def _keep(self) -> None:
        while True:
            try:
                await self.look()
            except GameError as error:
                logger.warning("idle sessions not looked for", extra={"code": error.code})
            await self._pause(EVERY)

    def _is_left(self, session_id: str) -> bool:
        return not (
            session_id == DEFAULT_SESSION
            or self._jobs.running(session_id)
            or self._events.watching(session_id)
            or session_id in self._autoplay.playing
        )

    async def _archive(self, session_id: str, before: datetime) -> bool:
        record = await self._store.load(session_id)
        # No await lies between these looks and the job, which keeps every other one out.
        if record.snapshot.updated_at >= before or not self._is_left(session_id):
            return False
        await self._jobs.start(
            session_id, lambda: self._sessions.put_away(session_id), yields=False
        ).result()
        return True
