"""Work that outlives the request which asked for it. Every task has this owner."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from app.engine.requests import NOBODY_ASKED, Asked
from app.errors import GameError, NotReady, StaleTurn, TurnInProgress

logger = logging.getLogger(__name__)

T = TypeVar("T")

_STOPPING: Final = "The service is stopping; nothing changed."


@dataclass(frozen=True, slots=True)
class Job(Generic[T]):
    """One session's work under way.

    A turn `yields`: a reset may cancel it, and a second turn is refused rather than queued.
    What does not yield (a reset, arming a deadline) is over in milliseconds and waited for.
    """

    task: asyncio.Task[T]
    asked: Asked
    yields: bool
    begun: asyncio.Future[int]
    """The turn that is being made, once nothing can be refused any more."""
    stopping: Callable[[], bool]
    """Whether the service is being stopped."""

    async def result(self) -> T:
        """Wait for the work; a caller that gives up leaves it running.

        Raises what the work raised, `StaleTurn` when a reset cancelled it, and `NotReady` when
        the service was stopped before it was done.
        """
        await asyncio.wait({self.task})
        if self.task.cancelled():
            if self.stopping():
                raise NotReady(_STOPPING)
            raise StaleTurn("The session was reset while this turn was being made.")
        return self.task.result()

    async def under_way(self) -> int | None:
        """Wait until the turn is being made, and no longer; its number, or None when the work
        is over without having begun one."""
        waited: set[asyncio.Future[Any]] = {self.task, self.begun}
        await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
        return self.begun.result() if self.begun.done() else None


class Jobs:
    """At most one job a session; the map is empty when nobody plays."""

    def __init__(self) -> None:
        self._running: dict[str, Job[Any]] = {}
        self._stopping = False

    def running(self, session_id: str) -> Job[Any] | None:
        return self._running.get(session_id)

    def count(self) -> int:
        """How many sessions are at work."""
        return len(self._running)

    def start(
        self,
        session_id: str,
        work: Callable[[], Coroutine[Any, Any, T]],
        *,
        asked: Asked | None = None,
        yields: bool = True,
    ) -> Job[T]:
        """Begin `work`, which is not created at all when the session is busy: `TurnInProgress`;
        nor when the service is being stopped: `NotReady`.

        No await lies between the test and the entry in the map, so nobody can slip in.
        """
        if self._stopping:
            raise NotReady(_STOPPING)
        if session_id in self._running:
            raise TurnInProgress
        task = asyncio.create_task(work(), name=f"turn of {session_id}")
        begun: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        job = Job(task, asked or NOBODY_ASKED, yields, begun, lambda: self._stopping)
        self._running[session_id] = job
        task.add_done_callback(lambda done: self._ended(session_id, done))
        return job

    def begun(self, session_id: str, turn: int) -> None:
        """The session's job has passed every check and is making `turn`."""
        job = self._running.get(session_id)
        if job is not None and not job.begun.done():
            job.begun.set_result(turn)

    async def brief_ones(self, session_id: str) -> None:
        """Wait until no unyielding work of this session is under way."""
        while (job := self._running.get(session_id)) is not None and not job.yields:
            await asyncio.wait({job.task})

    async def preempt(self, session_id: str, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Cancel the session's turn, if one is being made, and do `work` in its place."""
        while (job := self._running.get(session_id)) is not None:
            if job.yields:
                job.task.cancel()
            await asyncio.wait({job.task})
        return await self.start(session_id, work, yields=False).result()

    async def close(self, grace: float) -> None:
        """Begin no more; let turns finish for `grace` seconds, then cancel what is left."""
        self._stopping = True
        tasks = {job.task for job in self._running.values()}
        if not tasks:
            return
        _, late = await asyncio.wait(tasks, timeout=grace)
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late)

    def _ended(self, session_id: str, task: asyncio.Task[Any]) -> None:
        del self._running[session_id]
        if task.cancelled():
            logger.info("turn cancelled", extra={"session_id": session_id})
            return
        error = task.exception()  # Retrieved here too: the client that asked may be gone.
        if error is not None and not isinstance(error, GameError):
            logger.error("turn broke", extra={"session_id": session_id}, exc_info=error)
