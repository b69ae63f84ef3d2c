"""How late the event loop is: what everybody waits for when something blocks it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Final

EVERY: Final = 0.25
"""Seconds between two looks."""


@asynccontextmanager
async def lag_measured(
    observe: Callable[[float], None], every: float = EVERY
) -> AsyncIterator[None]:
    """Meanwhile `observe` is told, again and again, by how many seconds a timer was late."""
    task = asyncio.create_task(_measure(observe, every), name="loop lag")
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _measure(observe: Callable[[float], None], every: float) -> None:
    clock = asyncio.get_running_loop().time
    while True:
        due = clock() + every
        await asyncio.sleep(every)
        observe(max(0.0, clock() - due))
