"""A disk in memory that remembers every change made to it, and what a power cut may leave of it.

Stricter than real file systems: nothing is durable until it is synced, and unsynced changes may
be lost one by one, in any order, whole, torn in the middle or as zeros.
"""

import copy
import errno
import itertools
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from app.storage.io import Kind

File = bytearray
Folder = dict[str, int]
Fate = Literal["kept", "lost", "torn", "zeroed"]


@dataclass(frozen=True)
class Write:
    inode: int
    offset: int
    data: bytes


@dataclass(frozen=True)
class Truncate:
    inode: int
    size: int


@dataclass(frozen=True)
class Enter:
    """A name appears in a folder."""

    folder: int
    name: str
    inode: int


@dataclass(frozen=True)
class Leave:
    folder: int
    name: str


@dataclass(frozen=True)
class Rename:
    """Durable with its target folder, whatever became of the entry it came from."""

    source: int
    source_name: str
    folder: int
    name: str
    inode: int


@dataclass(frozen=True)
class Make:
    """An inode comes into being; seen only once a name enters a folder."""

    inode: int
    is_folder: bool


@dataclass(frozen=True)
class Sync:
    inode: int


Change = Write | Truncate | Enter | Leave | Rename | Make | Sync


@dataclass
class MemoryDisk:
    """Implements `StorageIO`."""

    nodes: dict[int, File | Folder] = field(default_factory=lambda: {0: {}})
    base: dict[int, File | Folder] = field(default_factory=lambda: {0: {}})
    """What was there, durably, before the first change of the log."""
    log: list[Change] = field(default_factory=list)
    _open: dict[int, int] = field(default_factory=dict)
    _fds: Iterator[int] = field(default_factory=lambda: itertools.count(1000))

    # -- what a power cut leaves

    def after_power_cut(self, at: int, fates: dict[int, Fate]) -> "MemoryDisk":
        """The disk as of change number `at`, the unsynced changes having met their fates."""
        left = MemoryDisk(nodes=copy.deepcopy(self.base))
        for number, change in enumerate(self.log[:at]):
            left._suffer(change, fates.get(number, "kept"))
        left.base = copy.deepcopy(left.nodes)
        return left

    def unsynced(self, at: int) -> list[int]:
        """Numbers of the changes before `at` that no sync before `at` has made durable."""
        open_changes: list[int] = []
        for number, change in enumerate(self.log[:at]):
            if isinstance(change, Sync):
                open_changes = [n for n in open_changes if _durable_by(self.log[n]) != change.inode]
            elif not isinstance(change, Make):
                open_changes.append(number)
        return open_changes

    def _suffer(self, change: Change, fate: Fate) -> None:
        if fate == "lost":
            return
        if isinstance(change, Write) and fate != "kept":
            data = change.data
            short = data[: len(data) // 2] if fate == "torn" else bytes(len(data))
            change = Write(change.inode, change.offset, short)
        self._apply(change)

    def _apply(self, change: Change) -> None:
        match change:
            case Make(inode, is_folder):
                self.nodes[inode] = {} if is_folder else bytearray()
            case Write(inode, offset, data):
                file = self._file(inode)
                file.extend(bytes(max(0, offset - len(file))))
                file[offset : offset + len(data)] = data
            case Truncate(inode, size):
                file = self._file(inode)
                file.extend(bytes(max(0, size - len(file))))
                del file[size:]
            case Enter(folder, name, inode):
                self._folder(folder)[name] = inode
            case Leave(folder, name):
                self._folder(folder).pop(name, None)
            case Rename(source, source_name, folder, name, inode):
                self._folder(source).pop(source_name, None)
                self._folder(folder)[name] = inode
            case Sync():
                pass

    def _do(self, change: Change) -> None:
        self.log.append(change)
        self._apply(change)

    # -- StorageIO

    def open(self, path: Path, flags: int) -> int:
        folder = self._at(path.parent)
        inode = self._folder(folder).get(path.name)
        if inode is None:
            if not flags & os.O_CREAT:
                raise FileNotFoundError(errno.ENOENT, "no such file", str(path))
            inode = self._made(folder, path.name, is_folder=False)
        elif isinstance(self.nodes[inode], dict):
            raise IsADirectoryError(errno.EISDIR, "a folder", str(path))
        elif flags & os.O_TRUNC:
            self._do(Truncate(inode, 0))
        fd = next(self._fds)
        self._open[fd] = inode
        return fd

    def open_folder(self, path: Path) -> int:
        fd = next(self._fds)
        self._open[fd] = self._at(path)
        return fd

    def open_in(self, folder: int, name: str) -> int:
        fd = next(self._fds)
        self._open[fd] = self._folder(self._open[folder])[name]
        return fd

    def names_in(self, folder: int) -> list[str]:
        return list(self._folder(self._open[folder]))

    def close(self, fd: int) -> None:
        del self._open[fd]

    def size(self, fd: int) -> int:
        return len(self._file(self._open[fd]))

    def read_at(self, fd: int, size: int, offset: int) -> bytes:
        return bytes(self._file(self._open[fd])[offset : offset + size])

    def write_at(self, fd: int, data: memoryview, offset: int) -> int:
        self._do(Write(self._open[fd], offset, bytes(data)))
        return len(data)

    def truncate(self, fd: int, size: int) -> None:
        self._do(Truncate(self._open[fd], size))

    def sync(self, fd: int) -> None:
        self._do(Sync(self._open[fd]))

    def sync_folder(self, path: Path) -> None:
        self._do(Sync(self._at(path)))

    def rename(self, source: Path, target: Path) -> None:
        inode = self._at(source)
        there = self._folder(self._at(target.parent)).get(target.name)
        if there is not None and isinstance(self.nodes[there], dict) and self.nodes[there]:
            raise OSError(errno.ENOTEMPTY, "not empty", str(target))
        old, new = self._at(source.parent), self._at(target.parent)
        self._do(Rename(old, source.name, new, target.name, inode))

    def link(self, source: Path, target: Path) -> None:
        self._do(Enter(self._at(target.parent), target.name, self._at(source)))

    def unlink(self, path: Path) -> None:
        self._at(path)
        self._do(Leave(self._at(path.parent), path.name))

    def mkdir(self, path: Path) -> None:
        folder = self._at(path.parent)
        if path.name in self._folder(folder):
            raise FileExistsError(errno.EEXIST, "exists", str(path))
        self._made(folder, path.name, is_folder=True)

    def rmdir(self, path: Path) -> None:
        if self._folder(self._at(path)):
            raise OSError(errno.ENOTEMPTY, "not empty", str(path))
        self._do(Leave(self._at(path.parent), path.name))

    def names(self, path: Path) -> list[str]:
        return list(self._folder(self._at(path)))

    def kind(self, path: Path) -> Kind | None:
        try:
            inode = self._at(path)
        except FileNotFoundError:
            return None
        return "folder" if isinstance(self.nodes[inode], dict) else "file"

    def lock(self, path: Path) -> int:
        return self.open(path, os.O_CREAT)

    def content(self, path: Path) -> bytes:
        return bytes(self._file(self._at(path)))

    def files(self, path: Path) -> Iterator[tuple[Path, bytes]]:
        """Every file and folder below, in order."""
        for name in sorted(self.names(path)):
            if self.kind(path / name) == "folder":
                yield path / name, b""
                yield from self.files(path / name)
            else:
                yield path / name, self.content(path / name)

    # -- inodes

    def _made(self, folder: int, name: str, *, is_folder: bool) -> int:
        inode = max(self.nodes) + 1
        self._do(Make(inode, is_folder))
        self._do(Enter(folder, name, inode))
        return inode

    def _at(self, path: Path) -> int:
        inode = 0
        for name in path.parts[1:]:
            node = self.nodes[inode]
            if not isinstance(node, dict) or name not in node:
                raise FileNotFoundError(errno.ENOENT, "no such file", str(path))
            inode = node[name]
        return inode

    def _file(self, inode: int) -> File:
        node = self.nodes[inode]
        assert isinstance(node, bytearray)
        return node

    def _folder(self, inode: int) -> Folder:
        node = self.nodes[inode]
        if not isinstance(node, dict):
            raise NotADirectoryError(errno.ENOTDIR, "not a folder")
        return node


def _durable_by(change: Change) -> int | None:
    """The inode whose sync makes a change durable."""
    match change:
        case Write(inode) | Truncate(inode):
            return inode
        case Enter(folder) | Leave(folder) | Rename(folder=folder):
            return folder
    return None


def fates(disk: MemoryDisk, at: int, *, most: int = 48) -> Iterator[dict[int, Fate]]:
    """What may become of the unsynced changes: all combinations where they are few."""
    unsynced = disk.unsynced(at)
    possible: list[tuple[Fate, ...]] = [
        ("kept", "lost", "torn", "zeroed") if isinstance(disk.log[n], Write) else ("kept", "lost")
        for n in unsynced
    ]
    count = 1
    for options in possible:
        count *= len(options)
    if count <= most:
        for combination in itertools.product(*possible):
            yield dict(zip(unsynced, combination, strict=True))
        return
    yield {}
    yield dict.fromkeys(unsynced, "lost")
    for number, options in zip(unsynced, possible, strict=True):
        for fate in options[1:]:
            yield {number: fate}
        yield {other: "lost" for other in unsynced if other != number}
        yield {other: "lost" for other in unsynced if other > number}
