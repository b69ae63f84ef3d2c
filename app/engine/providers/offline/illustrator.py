"""The built-in illustrator: scene facts become pictures in worker processes of its own.

NumPy holds the interpreter's lock for most of a frame, so that threads would stall the event loop.
Nothing here imports NumPy: the server stays small, the workers start when the first picture is
wanted, and each costs about 0.6 s to start once.
"""

import asyncio
from contextlib import suppress
from typing import Final, Literal

from app.engine.ports import Purse
from app.engine.providers.offline.processes import Worker, WorkerDied, WorkRefused
from app.errors import ProviderError
from app.models.narration import Picture, PictureRequest

_WORKER: Final = "app.engine.providers.offline.painter.worker"
_LARGEST: Final = 32 * 2**20
_NO_FACTS: Final = b"{}"
"""What a worker refuses at once."""
_PULSE_SECONDS: Final = 5.0
"""A process that starts takes 0.6."""

Pulse = Literal["idle", "busy", "ok"]


class OfflineIllustrator:
    """Paints frames, at most `painters` at once; further ones wait their turn."""

    priced = False
    wants_previous = False

    def __init__(self, painters: int = 2) -> None:
        self._idle: asyncio.LifoQueue[Worker] = asyncio.LifoQueue()
        self._painters = tuple(Worker(_WORKER, largest=_LARGEST) for _ in range(max(1, painters)))
        self._closed = False
        self._ailing = False
        """The last frame could not be painted."""
        self.waiting = 0
        """Frames that no painter is free for."""
        for painter in self._painters:
            self._idle.put_nowait(painter)

    async def paint(self, request: PictureRequest, *, purse: Purse) -> Picture:
        """Paint one frame as WebP of the scene's size.

        A worker that dies is replaced and the frame tried once more.

        Raises:
            ProviderError: the second try failed too, or the illustrator is closed.
        """
        del purse
        facts = request.scene.model_dump_json().encode()
        self.waiting += 1
        try:
            painter = await self._idle.get()
        finally:
            self.waiting -= 1
        try:
            data = await self._try(painter, facts) or await self._try(painter, facts)
        finally:
            self._idle.put_nowait(painter)
        self._ailing = not data
        if not data:
            raise ProviderError("The picture could not be painted.")
        return Picture(data=data)

    @property
    def working(self) -> int:
        """Painters at work."""
        return len(self._painters) - self._idle.qsize()

    async def pulse(self) -> Pulse:
        """Whether it could paint now. Starts no process before one was wanted, unless the last
        frame failed. Raises `ProviderError`."""
        if self._closed:
            raise ProviderError("The illustrator is closed.")
        if self._idle.empty():
            return "busy"
        painter = self._idle.get_nowait()
        try:
            if not (painter.started or self._ailing):
                return "idle"
            with suppress(WorkRefused):
                async with asyncio.timeout(_PULSE_SECONDS):
                    await painter.do(_NO_FACTS)
        except (WorkerDied, OSError) as error:  # a timeout is one of these
            self._ailing = True
            raise ProviderError("The painter does not answer.") from error
        finally:
            self._idle.put_nowait(painter)
        self._ailing = False
        return "ok"

    async def close(self) -> None:
        """End the workers; waits for them."""
        self._closed = True
        await asyncio.gather(*(painter.close() for painter in self._painters))

    async def _try(self, painter: Worker, facts: bytes) -> bytes:
        if self._closed:
            raise ProviderError("The illustrator is closed.")
        try:
            return await painter.do(facts)
        except (WorkerDied, WorkRefused):
            return b""
        except OSError as error:
            raise ProviderError("The painter could not be started.") from error
