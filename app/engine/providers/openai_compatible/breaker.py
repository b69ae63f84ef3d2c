"""A circuit breaker: a server that keeps failing is left alone for a while."""

import logging
import math
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from app.engine.providers.openai_compatible.failures import trouble_of
from app.errors import ProviderError

logger = logging.getLogger(__name__)


class Breaker:
    """Watches the calls of one capability.

    Closed: calls pass. After `failures` failures of the server within `window` seconds it opens:
    calls fail at once, and cost nothing. After a while one call is let through as a probe; an
    answer closes the breaker, a failure opens it for twice as long. What a server refuses or
    words badly is an answer.
    """

    def __init__(
        self,
        name: str,
        *,
        failures: int = 5,
        window: float = 60.0,
        rest: float = 10.0,
        longest: float = 300.0,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._name = name
        self._limit = failures
        self._window = window
        self._first_rest = self._rest = rest
        self._longest = longest
        self._now = now
        self._failures: deque[float] = deque(maxlen=failures)
        self._opens_until: float | None = None
        self._probing = False

    @property
    def state(self) -> str:
        """`closed`, `open` or `half-open`."""
        if self._opens_until is None:
            return "closed"
        return "open" if self._now() < self._opens_until else "half-open"

    @contextmanager
    def watched(self) -> Iterator[None]:
        """One call. Raises `ProviderError` at once, with the time to wait, while open."""
        probe = self._admit()
        try:
            yield
        except ProviderError as error:
            if trouble_of(error).servers:
                self._failed(probe=probe)
            else:
                self._answered(probe=probe)
            raise
        except BaseException:
            # Cancelled, or over budget: nothing was learnt.
            self._probing = self._probing and not probe
            raise
        else:
            self._answered(probe=probe)

    def _admit(self) -> bool:
        """Whether the call is a probe."""
        if self._opens_until is None:
            return False
        left = self._opens_until - self._now()
        if left > 0 or self._probing:
            error = ProviderError(f"The {self._name} model keeps failing and is given a rest.")
            error.retry_after, error.kind = max(1, math.ceil(left)), "resting"
            raise error
        self._probing = True
        return True

    def _failed(self, *, probe: bool) -> None:
        now = self._now()
        if probe:
            self._rest = min(self._rest * 2, self._longest)
            self._open(now)
        elif self._opens_until is None:
            self._failures.append(now)
            full = len(self._failures) == self._limit
            if full and now - self._failures[0] <= self._window:
                self._open(now)

    def _open(self, now: float) -> None:
        self._probing = False
        self._failures.clear()
        self._opens_until = now + self._rest
        logger.warning(
            "model rests", extra={"capability": self._name, "seconds": round(self._rest)}
        )

    def _answered(self, *, probe: bool) -> None:
        # Calls that set out before it opened say nothing of how the server is now.
        if probe:
            self._probing = False
            self._opens_until = None
            self._rest = self._first_rest
            logger.info("model is back", extra={"capability": self._name})
