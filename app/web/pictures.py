"""Pictures that the client shows beside the API's: covers of worlds, and small copies."""

import asyncio
import io
from collections import OrderedDict
from collections.abc import Callable, Coroutine, Hashable
from pathlib import Path
from typing import Final

from app.engine.ports import Hold, Illustrator
from app.engine.world.world import World
from app.errors import BudgetExhausted
from app.models.ledger import Capability
from app.models.narration import PictureRequest
from app.models.scene import SceneFacts

SMALL: Final = (256, 192)
_SMALL_QUALITY: Final = 64
_COVER_SEED: Final = 1
_COVER_SESSION: Final = "cover"
_KEPT: Final = 512
"""Small pictures in memory: some three megabytes."""
_AT_ONCE: Final = 2


class Pictures:
    """Makes each picture once and keeps the ones that were asked for last."""

    def __init__(self, painter: Illustrator) -> None:
        self._painter = painter
        self._made: OrderedDict[Hashable, asyncio.Task[bytes]] = OrderedDict()
        self._slots = asyncio.Semaphore(_AT_ONCE)

    async def cover(self, world: World) -> bytes:
        """The place where a world's stories begin, as the built-in illustrator sees it.

        Raises `ProviderError`.
        """
        return await self._once(world, lambda: self._paint(_cover_scene(world)))

    async def small(self, file: Path) -> bytes:
        """A small copy of a WebP file. Raises `OSError` if it has gone or is no picture."""
        return await self._once(file, lambda: self._shrunk(file))

    async def _once(self, key: Hashable, make: Callable[[], Coroutine[None, None, bytes]]) -> bytes:
        task = self._made.get(key)
        if task is None:
            task = asyncio.create_task(make(), name="a picture for the client")
            self._made[key] = task
            while len(self._made) > _KEPT:
                self._made.popitem(last=False)
        self._made.move_to_end(key)
        try:
            # Whoever leaves does not take the picture from those who wait for the same one.
            return await asyncio.shield(task)
        finally:
            if task.done() and (task.cancelled() or task.exception()) and key in self._made:
                del self._made[key]

    async def _shrunk(self, file: Path) -> bytes:
        async with self._slots:
            return await asyncio.to_thread(_shrink, file)

    async def _paint(self, scene: SceneFacts) -> bytes:
        request = PictureRequest(session_id=_COVER_SESSION, turn=0, scene=scene, alt="")
        return (await self._painter.paint(request, purse=_NoMoney())).data

    async def close(self) -> None:
        """Ends what is being made."""
        tasks = [task for task in self._made.values() if not task.done()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class _NoMoney:
    """A cover is not worth a call that costs."""

    async def reserve(
        self, capability: Capability, *, provider: str, model: str, at_most: int | None
    ) -> Hold:
        del capability, provider, model, at_most
        raise BudgetExhausted


def _cover_scene(world: World) -> SceneFacts:
    return world.scene(world.begin(_COVER_SEED).world, seed=_COVER_SEED, turn=0)


def _shrink(file: Path) -> bytes:
    from PIL import Image  # Not before it is needed: it is most of this module's weight.

    with Image.open(file) as picture:
        copy = picture.convert("RGB")
    copy.thumbnail(SMALL, Image.Resampling.BOX)
    out = io.BytesIO()
    copy.save(out, "WEBP", quality=_SMALL_QUALITY, method=4)
    return out.getvalue()
