"""Whole-file operations over `StorageIO`: read, write, atomic replace, copy, remove."""

import contextlib
import errno
from collections.abc import Iterator
from pathlib import Path

from app.storage.faults import Damage, SyncFailed
from app.storage.io import CREATE, READ, StorageIO

SLICE = 1 << 20
"""Large files pass through in pieces of this size."""
_READ_LIMIT = 64 << 20
_NO_LINK = frozenset(
    {errno.EXDEV, errno.EPERM, errno.EMLINK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS}
)


class Disk:
    """`durable=False` leaves out every sync: enough for a killed process, not for a power cut."""

    def __init__(self, io: StorageIO, *, durable: bool) -> None:
        self.io = io
        self._durable = durable

    @contextlib.contextmanager
    def opened(self, path: Path, flags: int = READ) -> Iterator[int]:
        fd = self.io.open(path, flags)
        try:
            yield fd
        finally:
            self.io.close(fd)

    @contextlib.contextmanager
    def opened_or_damaged(self, path: Path, flags: int = READ) -> Iterator[int]:
        """A file that must be there: a missing one, or a link in its place, is `Damage`."""
        try:
            fd = self.io.open(path, flags)
        except OSError as error:
            if error.errno in (errno.ENOENT, errno.ELOOP):
                raise Damage(f"{path.name} is missing or not a file") from error
            raise
        try:
            yield fd
        finally:
            self.io.close(fd)

    def sync(self, fd: int) -> None:
        if self._durable:
            try:
                self.io.sync(fd)
            except OSError as error:
                raise SyncFailed(error.errno, "sync failed") from error

    def sync_folder(self, path: Path) -> None:
        if self._durable:
            try:
                self.io.sync_folder(path)
            except OSError as error:
                raise SyncFailed(error.errno, "sync failed") from error

    def read(self, path: Path) -> bytes:
        """A whole small file; a missing one, a link or a giant is `Damage`."""
        with self.opened_or_damaged(path) as fd:
            size = self.io.size(fd)
            if size > _READ_LIMIT:
                raise Damage(f"{path.name} is too large")
            return self.read_range(fd, 0, size)

    def read_range(self, fd: int, start: int, stop: int) -> bytes:
        """Exactly these bytes; a file that ends before `stop` is damage."""
        pieces, at = [], start
        while at < stop:
            piece = self.io.read_at(fd, stop - at, at)
            if not piece:
                raise Damage("a file ends too early")
            pieces.append(piece)
            at += len(piece)
        return b"".join(pieces)

    def slices(self, fd: int, start: int, stop: int) -> Iterator[bytes]:
        """The same, a piece at a time."""
        for at in range(start, stop, SLICE):
            yield self.read_range(fd, at, min(at + SLICE, stop))

    def write_all(self, fd: int, data: bytes, offset: int) -> None:
        rest = memoryview(data)
        while rest:
            written = self.io.write_at(fd, rest[:SLICE], offset)
            if written <= 0:
                raise OSError(errno.EIO, "nothing was written")
            rest, offset = rest[written:], offset + written

    def write(self, path: Path, data: bytes) -> None:
        """Write and sync a file that nobody reads yet; its name is not durable until the folder."""
        with self.opened(path, CREATE) as fd:
            self.write_all(fd, data, 0)
            self.sync(fd)

    def replace(self, path: Path, data: bytes) -> None:
        """The file has the old content or the new, whatever happens; durable on return."""
        temporary = path.with_name(path.name + ".tmp")
        self.write(temporary, data)
        self.io.rename(temporary, path)
        self.sync_folder(path.parent)

    def link_or_copy(self, source: Path, target: Path) -> None:
        """The same bytes under a second name. For files that never change."""
        try:
            self.io.link(source, target)
        except OSError as error:
            if error.errno not in _NO_LINK:
                raise
            self.copy(source, target)

    def copy(self, source: Path, target: Path) -> None:
        with self.opened(source) as old, self.opened(target, CREATE) as new:
            at = 0
            for piece in self.slices(old, 0, self.io.size(old)):
                self.write_all(new, piece, at)
                at += len(piece)
            self.sync(new)

    def forget(self, path: Path) -> None:
        """Remove a file if it is there."""
        with contextlib.suppress(FileNotFoundError):
            self.io.unlink(path)

    def forget_quietly(self, path: Path) -> None:
        """The same while another error is being told, which must not be hidden by this one."""
        with contextlib.suppress(OSError):
            self.io.unlink(path)

    def ensure_folder(self, path: Path) -> None:
        """Make a folder and what lies above it; one that exists is fine, a link to one as well."""
        if self.io.kind(path) is None:
            self.ensure_folder(path.parent)
            self.io.mkdir(path)
            self.sync_folder(path.parent)

    def copy_tree(self, source: Path, target: Path) -> None:
        """A durable copy of folders and files; anything else in the source is refused."""
        self.remove_tree(target)
        self.io.mkdir(target)
        for name in self.io.names(source):
            if self.io.kind(source / name) == "folder":
                self.copy_tree(source / name, target / name)
            else:
                self.copy(source / name, target / name)
        self.sync_folder(target)

    def remove_tree(self, path: Path) -> None:
        """Remove whatever is there, links themselves rather than what they point to."""
        kind = self.io.kind(path)
        if kind == "folder":
            for name in self.io.names(path):
                self.remove_tree(path / name)
            self.io.rmdir(path)
        elif kind is not None:
            self.forget(path)
