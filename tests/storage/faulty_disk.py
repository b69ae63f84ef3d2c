"""A disk whose n-th call fails, or that has only so much room."""

import errno
import threading
from collections.abc import Callable
from typing import Any, cast

from app.storage.io import StorageIO
from tests.storage.memory_disk import MemoryDisk

_NEVER_FAILS = frozenset({"close", "lock"})


class Faults:
    """`io` is the disk as the store sees it."""

    def __init__(self, disk: MemoryDisk) -> None:
        self.io = cast(StorageIO, _Watched(disk, self))
        self.calls: list[str] = []
        self.struck: str | None = None
        """The call that was made to fail."""
        self._countdown = 0
        self._fault: str | int = ""

    def arm(self, nth: int, fault: str | int) -> None:
        """Let the n-th call from now fail: an errno, or "short" for half of a write."""
        self._countdown, self._fault, self.struck = nth, fault, None

    def disarm(self) -> None:
        self._countdown = 0

    def before(self, name: str, args: tuple[Any, ...]) -> tuple[Any, ...]:
        self.calls.append(name)
        self._countdown -= 1
        if self._countdown != 0:
            return args
        if self._fault != "short":
            self.struck = name
            raise OSError(self._fault, "injected")
        if name == "write_at" and len(args[1]) > 1:
            self.struck = name
            return args[0], args[1][: len(args[1]) // 2], args[2]
        return args


class _Watched:
    def __init__(self, disk: MemoryDisk, faults: Faults) -> None:
        self._disk, self._faults = disk, faults

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method: Callable[..., Any] = getattr(self._disk, name)
        if name in _NEVER_FAILS:
            return method

        def watched(*args: Any) -> Any:
            return method(*self._faults.before(name, args))

        return watched


class SmallDisk(MemoryDisk):
    """Only `room` bytes of file content fit. Writes what fits, like a real one."""

    room: int = 0

    def write_at(self, fd: int, data: memoryview, offset: int) -> int:
        used = sum(len(node) for node in self._reachable())
        growth = max(0, offset + len(data) - self.size(fd))
        short = max(0, used + growth - self.room)
        if short >= len(data):
            raise OSError(errno.ENOSPC, "injected")
        return super().write_at(fd, data[: len(data) - short], offset)

    def _reachable(self) -> list[bytearray]:
        inodes: set[int] = set(self._open.values())
        folders = [0]
        while folders:
            for inode in self._folder(folders.pop()).values():
                node = self.nodes[inode]
                if isinstance(node, dict):
                    folders.append(inode)
                inodes.add(inode)
        found = [self.nodes[inode] for inode in inodes]
        return [node for node in found if isinstance(node, bytearray)]


class HeldDisk(MemoryDisk):
    """Holds every sync of one file name until a test lets go: a disk that is slow for one."""

    def __init__(self, hold: str) -> None:
        super().__init__()
        self.hold = hold
        self.reached, self.let_go = threading.Event(), threading.Event()
        self.armed = False

    def sync_folder(self, path: Any) -> None:
        if self.armed and self.hold in path.parts:
            self.reached.set()
            assert self.let_go.wait(20)
        super().sync_folder(path)
