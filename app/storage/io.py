"""The few file-system calls that the store makes, as an object.

Tests put a recording or failing one in its place (the crash model, the n-th-call fault loop), so
nothing in `app.storage` touches the disk in another way.
"""

import errno
import fcntl
import os
import stat
import sys
from pathlib import Path
from typing import Literal, Protocol

Kind = Literal["file", "folder", "other"]

READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
WRITE = os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK
CREATE = WRITE | os.O_CREAT | os.O_TRUNC
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW


class StorageIO(Protocol):
    """Every call may raise `OSError`; `write_at` may write less than it was given."""

    def open(self, path: Path, flags: int) -> int:
        """A descriptor of a regular file; a link or anything else is refused with ELOOP."""
        ...

    def open_folder(self, path: Path) -> int:
        """A descriptor that goes on naming this folder after it was renamed."""
        ...

    def open_in(self, folder: int, name: str) -> int:
        """`open` for reading, in an opened folder."""
        ...

    def names_in(self, folder: int) -> list[str]: ...

    def close(self, fd: int) -> None: ...

    def size(self, fd: int) -> int: ...

    def read_at(self, fd: int, size: int, offset: int) -> bytes: ...

    def write_at(self, fd: int, data: memoryview, offset: int) -> int: ...

    def truncate(self, fd: int, size: int) -> None: ...

    def sync(self, fd: int) -> None: ...

    def sync_folder(self, path: Path) -> None: ...

    def rename(self, source: Path, target: Path) -> None: ...

    def link(self, source: Path, target: Path) -> None: ...

    def unlink(self, path: Path) -> None: ...

    def mkdir(self, path: Path) -> None: ...

    def rmdir(self, path: Path) -> None: ...

    def names(self, path: Path) -> list[str]: ...

    def kind(self, path: Path) -> Kind | None:
        """What lies there, links not followed; None when nothing does."""
        ...

    def lock(self, path: Path) -> int:
        """Take an exclusive lock that ends with the process; `BlockingIOError` when taken."""
        ...


class RealIO:
    """The operating system's own calls."""

    def open(self, path: Path, flags: int) -> int:
        return _regular(os.open(path, flags, 0o600))

    def open_folder(self, path: Path) -> int:
        return os.open(path, _FOLDER)

    def open_in(self, folder: int, name: str) -> int:
        return _regular(os.open(name, READ, dir_fd=folder))

    def names_in(self, folder: int) -> list[str]:
        return os.listdir(folder)

    def close(self, fd: int) -> None:
        os.close(fd)

    def size(self, fd: int) -> int:
        return os.fstat(fd).st_size

    def read_at(self, fd: int, size: int, offset: int) -> bytes:
        return os.pread(fd, size, offset)

    def write_at(self, fd: int, data: memoryview, offset: int) -> int:
        return os.pwrite(fd, data, offset)

    def truncate(self, fd: int, size: int) -> None:
        os.ftruncate(fd, size)

    def sync(self, fd: int) -> None:
        if sys.platform == "darwin":
            fcntl.fcntl(fd, fcntl.F_FULLFSYNC)  # fsync there stops at the drive's cache
        else:
            os.fdatasync(fd)

    def sync_folder(self, path: Path) -> None:
        fd = os.open(path, _FOLDER)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)

    def rename(self, source: Path, target: Path) -> None:
        os.rename(source, target)  # noqa: PTH104 (half the cost of Path.rename in a commit)

    def link(self, source: Path, target: Path) -> None:
        os.link(source, target, follow_symlinks=False)

    def unlink(self, path: Path) -> None:
        os.unlink(path)  # noqa: PTH108 (as above)

    def mkdir(self, path: Path) -> None:
        os.mkdir(path, 0o700)  # noqa: PTH102 (as above)

    def rmdir(self, path: Path) -> None:
        os.rmdir(path)  # noqa: PTH106 (as above)

    def names(self, path: Path) -> list[str]:
        return os.listdir(path)  # noqa: PTH208 (names are all that is wanted)

    def kind(self, path: Path) -> Kind | None:
        try:
            mode = os.lstat(path).st_mode
        except FileNotFoundError:
            return None
        if stat.S_ISDIR(mode):
            return "folder"
        return "file" if stat.S_ISREG(mode) else "other"

    def lock(self, path: Path) -> int:
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(fd)
            raise
        return fd


def is_locked(path: Path) -> bool:
    """Whether a process holds the lock at `path`. Creates and changes nothing."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(fd)
    return False


def free_bytes(path: Path) -> int:
    """Room for files of this process, on the disk that `path` lies on."""
    found = os.statvfs(path)
    return found.f_bavail * found.f_frsize


def _regular(fd: int) -> int:
    if stat.S_ISREG(os.fstat(fd).st_mode):
        return fd
    os.close(fd)
    raise OSError(errno.ELOOP, "not a regular file")
