"""The built-in filmmaker: a turn's picture and the one before it become a clip, in a process.

Nothing here imports NumPy or PyAV: the server stays small, and whatever becomes of an encoder, it
is one clip's loss. A process starts with the first clip.
"""

import asyncio
from contextlib import suppress
from typing import Final

from app.engine.ports import Purse
from app.engine.providers.offline.film.task import Fitting, Shot, packed, unpacked
from app.engine.providers.offline.processes import Worker, WorkerDied, WorkRefused
from app.errors import ProviderError
from app.models.narration import Clip, ClipRequest

_WORKER: Final = "app.engine.providers.offline.film.worker"
_FPS: Final = 24
_PATIENCE: Final = 60.0
"""Seconds for one frame: the process is nice to everybody else, and may have to wait."""


class OfflineFilmmaker:
    """Makes clips, at most `hands` at once; further ones wait their turn."""

    priced = False

    def __init__(self, hands: int = 1) -> None:
        self._idle: asyncio.LifoQueue[Worker] = asyncio.LifoQueue()
        self._workers = tuple(Worker(_WORKER) for _ in range(max(1, hands)))
        self._closed = False
        for worker in self._workers:
            self._idle.put_nowait(worker)

    async def film(self, request: ClipRequest, *, purse: Purse) -> Clip:
        """Make one clip of the request's picture. Raises `ProviderError`.

        A process that dies is replaced and the clip tried once more.
        """
        del purse
        if request.picture is None:
            raise ProviderError("There is no picture to set in motion.")
        shot = Shot(
            width=request.width,
            height=request.height,
            fps=_FPS,
            seconds=request.seconds,
            movement=request.movement,
            dissolves=request.hard_transition,
            weather=request.weather,
            indoors=request.indoors,
            seed=request.seed,
            turn=request.turn,
        )
        pictures = (request.picture, *([request.previous] if request.previous else []))
        return await self._made(packed(shot.model_dump_json().encode(), *pictures), tries=2)

    async def fit(self, data: bytes, request: ClipRequest) -> Clip:
        """A clip from elsewhere (MP4) as the one that was asked for. Raises `ProviderError`."""
        fitting = Fitting(
            width=request.width, height=request.height, fps=_FPS, seconds=request.seconds
        )
        return await self._made(packed(fitting.model_dump_json().encode(), data), tries=1)

    async def close(self) -> None:
        """End the processes; waits for them."""
        self._closed = True
        await asyncio.gather(*(worker.close() for worker in self._workers))

    async def _made(self, task: bytes, *, tries: int) -> Clip:
        worker = await self._idle.get()
        try:
            for _ in range(tries):
                if self._closed:
                    raise ProviderError("The filmmaker is closed.")
                with suppress(WorkerDied):
                    poster, clip = unpacked(await worker.do(task, patience=_PATIENCE))
                    return Clip(data=clip, poster=poster)
        except WorkRefused as error:
            raise ProviderError(str(error)) from error
        except OSError as error:
            raise ProviderError("The filmmaker could not be started.") from error
        finally:
            self._idle.put_nowait(worker)
        raise ProviderError("The clip could not be made.")
