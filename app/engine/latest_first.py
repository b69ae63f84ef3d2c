"""A turnstile for work that nobody waits for: so many at once, and whoever came last goes first."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Crowded(Exception):
    """So many newer ones wait that this one's turn will not come."""


class LatestFirst:
    """At most `at_once` are inside; at most `room` wait, and one more sends the oldest away."""

    def __init__(self, *, at_once: int, room: int) -> None:
        self._free = at_once
        self._room = room
        self._waiting: dict[int, asyncio.Future[None]] = {}

    @asynccontextmanager
    async def turn(self, number: int) -> AsyncIterator[None]:
        """Inside once it is `number`'s turn; a higher number is newer. Raises `Crowded`."""
        await self._enter(number)
        try:
            yield
        finally:
            self._free += 1
            self._admit()

    async def _enter(self, number: int) -> None:
        if self._free and not self._waiting:
            self._free -= 1
            return
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[number] = place
        if len(self._waiting) > self._room:
            oldest = self._waiting.pop(min(self._waiting))
            if not oldest.done():
                oldest.set_exception(Crowded())
        self._admit()
        try:
            await place
        except asyncio.CancelledError:
            if self._waiting.pop(number, None) is None and _entered(place):
                # It was let in and will not come: the next one may.
                self._free += 1
                self._admit()
            raise

    def _admit(self) -> None:
        while self._free and self._waiting:
            newest = self._waiting.pop(max(self._waiting))
            if not newest.done():  # One that is cancelled is on its way out.
                self._free -= 1
                newest.set_result(None)


def _entered(place: asyncio.Future[None]) -> bool:
    return place.done() and not place.cancelled() and place.exception() is None
