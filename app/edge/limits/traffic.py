"""How much one address, one session and all together may ask, and how much at the same time."""

import math
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, NoReturn

import limits
from limits.aio.strategies import MovingWindowRateLimiter
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from app.edge.failures import failure
from app.edge.limits.addresses import address_of
from app.edge.limits.windows import Windows
from app.errors import RateLimited
from app.limit_settings import NO_RATE, LimitSettings

Refused = Callable[[str], None]
"""Told of every refusal, by the name of the limit."""
Leave = Callable[[], None]
"""Gives a place back. Once is enough, twice does no harm."""

WAIT_FOR_A_PLACE: Final = 5
READS: Final = frozenset(("GET", "HEAD", "OPTIONS"))
_MAKES: Final = frozenset(
    (
        "/api/sessions",
        "/api/sessions/import",
        "/api/state/reset",
        "/api/game/intro",
        "/api/game/intro/image",
    )
)
_MAKES_TOO: Final = ("/fork", "/rewind", "/restore", "/tapes")


class Rate:
    """One limit over time, for any number of keys."""

    def __init__(
        self,
        name: str,
        text: str,
        windows: Windows,
        refused: Refused,
        clock: Callable[[], float],
    ) -> None:
        self.name = name
        self._items = [] if text == NO_RATE else limits.parse_many(text)
        self._limiter = MovingWindowRateLimiter(windows)
        self._refused = refused
        self._clock = clock

    async def hit(self, key: str) -> None:
        """Raises `RateLimited`, with the seconds until there is room again."""
        for item in self._items:
            if not await self._limiter.hit(item, self.name, key):
                await self._refuse(item, key)

    async def check(self, key: str) -> None:
        """The same, and counts nothing."""
        for item in self._items:
            if not await self._limiter.test(item, self.name, key):
                await self._refuse(item, key)

    async def _refuse(self, item: limits.RateLimitItem, key: str) -> NoReturn:
        self._refused(self.name)
        stats = await self._limiter.get_window_stats(item, self.name, key)
        wait = max(1, math.ceil(stats.reset_time - self._clock()))
        raise RateLimited(details=f"At most {item} ({self.name}).", after=wait)


class Places:
    """How many may be there at once, for each key. Keeps only keys of which one is there."""

    def __init__(self, name: str, most: int, refused: Refused) -> None:
        self._name = name
        self._most = most
        self._refused = refused
        self._taken: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._taken)

    def take(self, key: str) -> None:
        """Raises `RateLimited`."""
        if self._most and self._taken[key] >= self._most:
            self._refused(self._name)
            details = f"At most {self._most} at the same time ({self._name})."
            raise RateLimited(details=details, after=WAIT_FOR_A_PLACE)
        self._taken[key] += 1

    def leave(self, key: str) -> None:
        self._taken[key] -= 1
        if self._taken[key] <= 0:
            del self._taken[key]


class Traffic:
    """The limits of one service, and who is how near to them."""

    def __init__(
        self,
        settings: LimitSettings,
        refused: Refused,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.windows = Windows(clock=clock)

        def rate(name: str, text: str) -> Rate:
            return Rate(name, text, self.windows, refused, clock)

        self._reads = rate("reads", settings.rate_reads)
        self._changes = rate("changes", settings.rate_changes)
        self._makes = rate("makes", settings.rate_makes)
        self._guesses = rate("guesses", settings.rate_guesses)
        self._session = rate("session", settings.rate_session)
        self.turns = Places("turns", settings.turns_per_address, refused)
        at_once = settings.imports_at_once
        self._imports = (
            Places("imports", -(-at_once // 2), refused),
            Places("imports", at_once, refused),
        )
        self._streams = (
            Places("streams_per_address", settings.streams_per_address, refused),
            Places("streams_per_session", settings.streams_per_session, refused),
            Places("streams", settings.max_streams, refused),
        )

    async def asked(self, address: str, method: str, path: str) -> None:
        """A request of an address begins. Raises `RateLimited`."""
        if method in READS:
            await self._reads.hit(address)
            return
        await self._changes.hit(address)
        if path in _MAKES or path.endswith(_MAKES_TOO):
            await self._makes.hit(address)

    async def changes(self, address: str | None, method: str, session_id: str) -> None:
        """It is about this session. Raises `RateLimited`."""
        if address is not None and method not in READS:
            await self._session.hit(session_id)

    async def looks_up(self, address: str | None) -> None:
        """A share code is tried. Raises `RateLimited` after too many that stood for nothing, so
        that who guesses does not learn when they have guessed right."""
        if address is not None:
            await self._guesses.check(address)

    async def guessed(self, address: str | None) -> None:
        """It stood for nothing. Raises `RateLimited`."""
        if address is not None:
            await self._guesses.hit(address)

    def turn(self, address: str | None) -> Leave:
        """A turn is asked for; its place is taken until it is made. Raises `RateLimited`."""
        return _taken((self.turns, address))

    @contextmanager
    def importing(self, address: str | None) -> Iterator[None]:
        """A session is sent, and checked. Raises `RateLimited`. One address takes at most half
        of the places, however slowly it sends."""
        of_address, of_all = self._imports
        leave = _taken((of_address, address), (of_all, ""))
        try:
            yield
        finally:
            leave()

    def stream(self, address: str | None, session_id: str) -> Leave:
        """A stream begins. Raises `RateLimited`. The last two hold for everybody: they are what
        the service itself can bear."""
        of_address, of_session, of_all = self._streams
        return _taken((of_address, address), (of_session, session_id), (of_all, ""))


def _taken(*wanted: tuple[Places, str | None]) -> Leave:
    """A place in all of them or in none; a key of None needs none."""
    taken: list[tuple[Places, str]] = []

    def leave() -> None:
        while taken:
            places, key = taken.pop()
            places.leave(key)

    try:
        for places, key in wanted:
            if key is not None:
                places.take(key)
                taken.append((places, key))
    except RateLimited:
        leave()
        raise
    return leave


class RateLimit:
    """Refuses who asks too often, before anything is read or done for them."""

    def __init__(self, app: ASGIApp, traffic: Traffic) -> None:
        self._app = app
        self._traffic = traffic

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        address = address_of(scope)
        if address is not None:
            try:
                await self._traffic.asked(address, scope["method"], scope["path"])
            except RateLimited as error:
                await failure(error)(scope, receive, send)
                return
        await self._app(scope, receive, send)


def traffic_of(request: Request) -> Traffic:
    """The limits of the service that this request came to."""
    traffic: Traffic = request.app.state.traffic
    return traffic
