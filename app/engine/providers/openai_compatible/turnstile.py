"""Many tasks with a little work each, and a loop that has to come round in between."""

import asyncio


class Turnstile:
    """Lets one task go on in each round of the event loop, in the order in which they came.

    32 answers whose next pieces have all arrived would otherwise be served in one round, and
    32 requests ordered at once all be put together in one: 100 ms in which nobody else is heard.
    """

    def __init__(self) -> None:
        self._door = asyncio.Lock()

    async def turn(self) -> None:
        """Return in a round of one's own."""
        async with self._door:
            await asyncio.sleep(0)
