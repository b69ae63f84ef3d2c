"""How long to wait, how often to ask again, and when that is safe."""

import random
from dataclasses import dataclass

import httpx


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds."""

    connect: float = 5.0
    read: float = 30.0
    """For what is only read or set."""
    play: float = 180.0
    """For what plays: a model may take its time."""
    silence: float = 45.0
    """After so long without a word an event stream counts as broken; the service pings every
    15 s."""

    def of(self, read: float) -> httpx.Timeout:
        return httpx.Timeout(read, connect=self.connect, pool=self.connect)


@dataclass(frozen=True, slots=True)
class Retries:
    """Asking again after a lost connection, or after a 502, 503 or 504 that is not the service's.

    Only what does no harm when it comes twice is sent again: reads, and what carries an
    idempotency key. Everything else only where the connection could not be made at all.
    """

    attempts: int = 3
    first_delay: float = 0.3
    longest_delay: float = 15.0

    def delay(self, failures: int, *, at_least: float = 0.0) -> float:
        """How long to wait after so many failures in a row: doubled each time. Jittered, so that
        those whom the same outage hit do not come back as one."""
        most = min(self.first_delay * 2.0 ** (min(failures, 30) - 1), self.longest_delay)
        return max(most * random.uniform(0.5, 1.0), at_least * random.uniform(1.0, 1.5))
