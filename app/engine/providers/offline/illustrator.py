"""The built-in illustrator: scene facts become pictures in worker processes of its own.

NumPy holds the interpreter's lock for most of a frame, so that threads would stall the event loop.
Nothing here imports NumPy: the server stays small, the workers start when the first picture is
wanted, and each costs about 0.6 s to start once.
"""

import asyncio
import struct
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path
from typing import Final, Literal

import app
from app.engine.ports import Purse
from app.errors import ProviderError
from app.models.narration import Picture, PictureRequest

_WORKER: Final = "app.engine.providers.offline.painter.worker"
_LARGEST: Final = 32 * 2**20
_FAREWELL_SECONDS: Final = 2.0
_NO_FACTS: Final = b"{}"
"""What a worker answers at once, with nothing."""
_PULSE_SECONDS: Final = 5.0
"""A process that starts takes 0.6."""

Pulse = Literal["idle", "busy", "ok"]


class _WorkerDied(Exception):
    """The process of a painter ended with a request unanswered."""


class _Painter:
    """One worker process, started on its first picture and again after it died."""

    def __init__(self) -> None:
        self._process: Process | None = None

    async def paint(self, facts: bytes) -> bytes:
        """One picture. Whoever cancels this ends the process: half an answer is of no use."""
        process = await self._running()
        answered = False
        try:
            picture = await _ask(process, facts)
            answered = True
        except (ConnectionError, asyncio.IncompleteReadError) as error:
            raise _WorkerDied from error
        finally:
            if not answered:
                self._process = None
                _kill(process)
        return picture

    @property
    def started(self) -> bool:
        """Whether there is, or was, a process that is to be there."""
        return self._process is not None

    async def close(self) -> None:
        """End the process: ask first, then insist."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()
        try:
            async with asyncio.timeout(_FAREWELL_SECONDS):
                await process.wait()
        except TimeoutError:
            _kill(process)
            await process.wait()

    async def _running(self) -> Process:
        if self._process is None or self._process.returncode is not None:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                _WORKER,
                stdin=PIPE,
                stdout=PIPE,
                limit=2**20,
                # A worker ends with its stdin; Ctrl-C is for the server to handle.
                start_new_session=True,
                cwd=Path(app.__file__).parents[1],
            )
        return self._process


async def _ask(process: Process, facts: bytes) -> bytes:
    """Send facts and read the picture (painter/worker.py says how they are framed)."""
    if process.stdin is None or process.stdout is None:
        raise _WorkerDied
    process.stdin.write(facts + b"\n")
    await process.stdin.drain()
    (size,) = struct.unpack(">I", await process.stdout.readexactly(4))
    if size > _LARGEST:
        raise _WorkerDied
    return await process.stdout.readexactly(size)


def _kill(process: Process) -> None:
    try:
        process.kill()
    except ProcessLookupError:
        return


class OfflineIllustrator:
    """Paints frames, at most `painters` at once; further ones wait their turn."""

    priced = False
    wants_previous = False

    def __init__(self, painters: int = 2) -> None:
        self._idle: asyncio.LifoQueue[_Painter] = asyncio.LifoQueue()
        self._painters = tuple(_Painter() for _ in range(max(1, painters)))
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
            async with asyncio.timeout(_PULSE_SECONDS):
                await painter.paint(_NO_FACTS)
        except (_WorkerDied, OSError) as error:  # a timeout is one of these
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

    async def _try(self, painter: _Painter, facts: bytes) -> bytes:
        if self._closed:
            raise ProviderError("The illustrator is closed.")
        try:
            return await painter.paint(facts)
        except _WorkerDied:
            return b""
        except OSError as error:
            raise ProviderError("The painter could not be started.") from error
