"""What one service process asks of its interpreter. Process-wide, so only process edges call it."""

import gc
import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

GIL_SECONDS: Final = 0.001
"""How long a busy thread may keep the interpreter from one that waits for it.

A commit is a dozen system calls on a store thread, and after each of them the thread waits for
the event loop to let go: with the default of 5 ms, 16 threads commit 303 turns/s beside a busy
loop, with a tenth of it 2 010 (and the loop then gets a quarter as much done). 1 ms gave the most
turns/s over HTTP at 64 sessions: 391 beside 277 (in `make bench` S1, two cores, shared).
"""

COLLECT_AFTER: Final = (5000, 10, 20)
"""New objects, and collections of them, before the collector looks (its own: 700, 10, 10).

A turn leaves no cycles behind, only a connection does: there is next to nothing to find. But a
full look while 3 000 turns wait takes a quarter of a second, and happened every 70 000 objects.
"""

OTHER_FILES: Final = 512
"""Beside connections: what is written and served at the same time."""


@contextmanager
def composing() -> Iterator[None]:
    """While everything is made that lives as long as the service. The collector would look at it
    all, over and over, and find that it lives: a quarter of the time of a start."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def tune_process(connections: int = 0) -> None:
    """Call once everything that lives as long as the service has been made; `connections` are to
    be held open at once, if the system lets this process hold as many files."""
    sys.setswitchinterval(GIL_SECONDS)
    _allow_files(connections + OTHER_FILES)
    # Worlds and routes live for ever: the collector need not look at them again and again.
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)


def _allow_files(wanted: int) -> None:
    """Many systems let a process open 1024 files unless it asks for more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
