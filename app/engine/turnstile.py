"""So many turns at once are worked at, however many are asked for.

Loading a session, resolving its turn and committing it are work for the processor; ten thousand
sessions that submit at once would each hold a world in memory and make the event loop late. A
turn that waits here is nothing but a place in a queue, and one that waits for a model is outside.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Turnstile:
    """First come, first served; but who was inside before comes in again before those who were
    not: what they hold is given back sooner, and at most twice `places` hold anything."""

    def __init__(self, places: int) -> None:
        self._free = places
        self._coming: deque[asyncio.Future[None]] = deque()
        self._returning: deque[asyncio.Future[None]] = deque()

    @property
    def waiting(self) -> int:
        """How many wait to come in, for the first time or again."""
        return sum(not called.done() for called in (*self._coming, *self._returning))

    @asynccontextmanager
    async def inside(self) -> AsyncIterator[None]:
        """Work at a turn, when it is its time."""
        await self._enter(self._coming)
        try:
            yield
        finally:
            self._leave()

    @asynccontextmanager
    async def outside(self) -> AsyncIterator[None]:
        """For one who is inside: wait for somebody else, while others work."""
        self._leave()
        try:
            yield
            await self._enter(self._returning)
        except BaseException:
            self._free -= 1  # `inside` gives it back. Who has failed does not queue for that.
            raise

    async def _enter(self, queue: deque[asyncio.Future[None]]) -> None:
        if self._free > 0:
            self._free -= 1
            return
        called = asyncio.get_running_loop().create_future()
        queue.append(called)
        try:
            await called
        except asyncio.CancelledError:
            if not called.cancelled():  # Called just then: the place is for the next.
                self._leave()
            raise

    def _leave(self) -> None:
        """The place goes straight to the next, so that nobody can slip in before them."""
        self._free += 1
        for queue in (self._returning, self._coming):
            while self._free > 0 and queue:
                called = queue.popleft()
                if not called.done():
                    self._free -= 1
                    called.set_result(None)
