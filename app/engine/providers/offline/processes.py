"""A process for heavy work, as the server sees it: asked, listened to, ended when it is in doubt.

The other end is `serving.py`. Nothing that takes a core for long runs in the server itself: NumPy
and encoders would stall its event loop, and what brings a process of ours down ends one job only.
"""

import asyncio
import struct
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable
from pathlib import Path
from typing import Final

import app

_LARGEST: Final = 256 * 2**20
_FAREWELL_SECONDS: Final = 2.0


class WorkerDied(Exception):
    """The process ended with a task unanswered."""


class WorkRefused(Exception):
    """The process says why it cannot do this task; it is well, and ready for another."""


def _unheard(_: bytes) -> None:
    """Nobody asked how it goes."""


class Worker:
    """One process that does one task at a time, started on its first one and again after it died.

    `module` is run with `python -m` and calls `serving.serve`. Who announces more bytes than
    `largest` has lost its mind, and is ended.
    """

    def __init__(self, module: str, *, largest: int = _LARGEST) -> None:
        self._module = module
        self._largest = largest
        self._process: Process | None = None
        self._dying: list[Process] = []

    async def do(
        self,
        task: bytes,
        *,
        heard: Callable[[bytes], None] = _unheard,
        patience: float | None = None,
    ) -> bytes:
        """The answer to one task; `heard` is told what the worker says meanwhile.

        A worker that says nothing for `patience` seconds (None: for ever) is ended, as it is at
        once by whoever cancels this: half an answer is of no use.
        Raises `WorkerDied`, `WorkRefused`; and `OSError` if no process can be started.
        """
        process = await self._running()
        answered = False
        try:
            kind, answer = await self._ask(process, task, heard, patience)
            answered = True
        except (ConnectionError, asyncio.IncompleteReadError, TimeoutError) as error:
            raise WorkerDied from error
        finally:
            if not answered:
                self._process = None
                _kill(process)
                self._dying = [one for one in self._dying if one.returncode is None]
                self._dying.append(process)
        if kind == b"n":
            raise WorkRefused(answer.decode())
        return answer

    @property
    def started(self) -> bool:
        """Whether there is, or was, a process that is to be there."""
        return self._process is not None

    async def close(self) -> None:
        """End the process: ask first, then insist. Waits until it is gone."""
        process, self._process = self._process, None
        dying, self._dying = self._dying, []
        for one in dying:
            await one.wait()
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
                self._module,
                stdin=PIPE,
                stdout=PIPE,
                limit=2**20,
                # A worker ends with its stdin; Ctrl-C is for the server to handle.
                start_new_session=True,
                cwd=Path(app.__file__).parents[1],
            )
        return self._process

    async def _ask(
        self, process: Process, task: bytes, heard: Callable[[bytes], None], patience: float | None
    ) -> tuple[bytes, bytes]:
        """Send a task and read until its answer (`serving.py` says how both are framed)."""
        if process.stdin is None or process.stdout is None:
            raise WorkerDied
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(patience) as silence:
            process.stdin.write(struct.pack(">I", len(task)))
            process.stdin.write(task)
            await process.stdin.drain()
            while True:
                kind, size = struct.unpack(">cI", await process.stdout.readexactly(5))
                if kind not in (b"s", b"n", b"y") or size > self._largest:
                    raise WorkerDied
                message = await process.stdout.readexactly(size)
                if kind != b"s":
                    return kind, message
                if patience is not None:
                    silence.reschedule(loop.time() + patience)
                heard(message)


def _kill(process: Process) -> None:
    try:
        process.kill()
    except ProcessLookupError:
        return
