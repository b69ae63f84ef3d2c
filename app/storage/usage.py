"""What sessions and archives take of the disk: counted as it is written, measured now and then."""

import os
from pathlib import Path
from stat import S_ISDIR
from typing import Final, NamedTuple

BLOCK: Final = 4096


class Size(NamedTuple):
    """In bytes, as whole blocks. A picture that a fork shares is whole in both, and halved in
    what the disk has of each."""

    whole: int
    share: int


NOTHING: Final = Size(0, 0)


class Usage:
    """The counters. What is not measured yet counts as nothing."""

    def __init__(self) -> None:
        self.sessions: dict[str, Size] = {}
        self.archives: dict[str, Size] = {}
        self.total = 0

    def of(self, session_id: str) -> int:
        return self.sessions.get(session_id, NOTHING).whole

    def put(self, kind: dict[str, Size], name: str, size: Size) -> None:
        """`kind` is `sessions` or `archives`."""
        self.total += size.share - kind.get(name, NOTHING).share
        kind[name] = size

    def drop(self, kind: dict[str, Size], name: str) -> None:
        self.total -= kind.pop(name, NOTHING).share

    def grow(self, session_id: str, *written: int) -> None:
        """Files of these sizes have been added to a session."""
        more = sum(blocks(size) for size in written)
        whole, share = self.sessions.get(session_id, NOTHING)
        self.put(self.sessions, session_id, Size(whole + more, share + more))

    def archived(self, session_id: str, name: str) -> None:
        """A session has become an archive."""
        size = self.sessions.get(session_id, NOTHING)
        self.drop(self.sessions, session_id)
        self.put(self.archives, name, size)


def blocks(size: int) -> int:
    """What a file of this size takes."""
    return -(-size // BLOCK) * BLOCK


def measure(folder: Path) -> Size | None:
    """Blocking; None for a folder that is not there, or goes away meanwhile."""
    whole = share = 0
    folders = [str(folder)]
    try:
        while folders:
            with os.scandir(folders.pop()) as entries:
                for entry in entries:
                    taken = _taken(entry.stat(follow_symlinks=False))
                    whole += taken.whole
                    share += taken.share
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(entry.path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    return Size(whole, share)


def _taken(stat: os.stat_result) -> Size:
    size = blocks(stat.st_size)
    if S_ISDIR(stat.st_mode):  # its links are its subfolders
        return Size(size, size)
    return Size(size, size // max(1, stat.st_nlink))
