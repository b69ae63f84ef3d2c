"""What has arrived is taken up a little at a time, and the event loop comes round in between."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final

AT_ONCE: Final = 32
"""Arrivals taken up between two looks at everything else: some 10 ms of parsing and first steps.
Ten thousand requests that arrive together would otherwise hold the loop for seconds."""


class Arrivals:
    """First come, first served. Whoever comes while nobody waits goes on at once."""

    def __init__(self, at_once: int = AT_ONCE) -> None:
        self._at_once = self._left = at_once
        self._queue: deque[Callable[[], None]] = deque()
        self._armed = False

    def take(self, go_on: Callable[[], None]) -> bool:
        """Whether to go on now; else `go_on` is called when it is time."""
        if not self._armed:
            self._armed = True
            asyncio.get_running_loop().call_soon(self._next)
        if self._left > 0 and not self._queue:
            self._left -= 1
            return True
        self._queue.append(go_on)
        return False

    def _next(self) -> None:
        self._left = self._at_once
        while self._queue and self._left > 0:
            self._left -= 1
            self._queue.popleft()()
        self._armed = self._left < self._at_once
        if self._armed:
            asyncio.get_running_loop().call_soon(self._next)
