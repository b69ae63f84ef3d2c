"""Where the windows of rates are kept: in memory, and never more than so many."""

import time
from collections import OrderedDict, deque
from collections.abc import Callable
from typing import Final

from limits.aio.storage import MovingWindowSupport, Storage

MOST_KEYS: Final = 10_000
MOST_HITS: Final = 500_000
"""16 MB of them."""


class _Window:
    __slots__ = ("expiry", "hits")

    def __init__(self, expiry: float) -> None:
        self.hits: deque[float] = deque()
        self.expiry = expiry

    def prune(self, now: float) -> int:
        """Forget the hits that no longer count; how many."""
        hits, before, since = self.hits, len(self.hits), now - self.expiry
        while hits and hits[0] <= since:
            hits.popleft()
        return before - len(hits)


class Windows(Storage, MovingWindowSupport):
    """A storage of the library `limits`, for its moving windows.

    Its own in memory keeps every key until a pass over all of them finds that it has expired,
    and such a pass begins with every hit and takes a thread for every key: 35 us a hit with one
    client, and more with many. This one costs 2 us, whatever there is, and forgets the window
    that was asked for longest ago when there are too many of them.
    """

    STORAGE_SCHEME = None

    def __init__(
        self,
        *,
        most_keys: int = MOST_KEYS,
        most_hits: int = MOST_HITS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__()
        self._most_keys = most_keys
        self._most_hits = most_hits
        self._clock = clock
        self._windows: OrderedDict[str, _Window] = OrderedDict()
        self._hits = 0

    def __len__(self) -> int:
        return len(self._windows)

    @property
    def hits(self) -> int:
        """All that are kept."""
        return self._hits

    @property
    def base_exceptions(self) -> type[Exception]:
        return ValueError

    async def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        now = self._clock()
        window = self._windows.get(key)
        if window is None:
            window = self._windows[key] = _Window(expiry)
        else:
            self._windows.move_to_end(key)
            self._hits -= window.prune(now)
        if len(window.hits) + amount > limit:
            return False
        window.hits.extend([now] * amount)
        self._hits += amount
        self._forget_some(now)
        return True

    async def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:  # noqa: ARG002 (the library's)
        now = self._clock()
        window = self._windows.get(key)
        if window is None:
            return now, 0
        self._hits -= window.prune(now)
        return (window.hits[0] if window.hits else now), len(window.hits)

    async def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        await self.acquire_entry(key, self._most_hits, int(expiry), amount)
        return await self.get(key)

    async def get(self, key: str) -> int:
        return (await self.get_moving_window(key, 0, 0))[1]

    async def get_expiry(self, key: str) -> float:
        window = self._windows.get(key)
        return window.hits[-1] + window.expiry if window and window.hits else self._clock()

    async def check(self) -> bool:
        return True

    async def reset(self) -> int:
        count = len(self._windows)
        self._windows.clear()
        self._hits = 0
        return count

    async def clear(self, key: str) -> None:
        window = self._windows.pop(key, None)
        self._hits -= len(window.hits) if window else 0

    def _forget_some(self, now: float) -> None:
        """At most two that have expired, and as many as there are too many."""
        for _ in range(2):
            oldest = next(iter(self._windows.values()))
            if not oldest.hits or oldest.hits[-1] + oldest.expiry > now:
                break
            self._forget_oldest()
        while len(self._windows) > self._most_keys or self._hits > self._most_hits:
            self._forget_oldest()

    def _forget_oldest(self) -> None:
        _, window = self._windows.popitem(last=False)
        self._hits -= len(window.hits)
