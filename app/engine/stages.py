"""The parts of a turn, for those who measure how long they take."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Literal

Stage = Literal["resolve", "tell", "paint", "commit"]
Timed = Callable[[Stage], AbstractContextManager[None]]
"""Around one of them."""


def untimed(_: Stage) -> AbstractContextManager[None]:
    """Nobody measures."""
    return nullcontext()
