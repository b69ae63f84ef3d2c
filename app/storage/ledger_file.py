"""A ledger: a file to which one sealed line a call, and one about its end, are added.

    {"crc":"...","line":{...},"sums":{...}}

Each line carries the sums up to it, so the last whole one says all that a budget needs; no cost
depends on the length. What a crash or a full disk leaves behind that line counts for nothing: no
call is made before its line is durable. Reading ignores it and the next append cuts it off.
"""

import contextlib
import errno
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from app.models.ledger import LedgerEntry, LedgerLine, LedgerSums
from app.storage.disk import SLICE, Disk
from app.storage.faults import Damage
from app.storage.io import CREATE, WRITE
from app.storage.sealing import seal, unseal

logger = logging.getLogger(__name__)

LEDGER: Final = "ledger.jsonl"
_BLOCK: Final = 16 << 10
_LONGEST: Final = 1 << 20
"""No line is as long."""


def read_sums(disk: Disk, path: Path) -> LedgerSums:
    """What the last whole line says; nothing at all where there is no ledger."""
    try:
        with disk.opened(path) as fd:
            _, last = _end(disk, fd)
    except FileNotFoundError:
        return LedgerSums()
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise Damage(f"{path.name} is not a file") from error
        raise
    return last.sums if last else LedgerSums()


def append(disk: Disk, path: Path, entries: tuple[LedgerEntry, ...]) -> None:
    """Add lines, durable on return. After an error none of them is there, or they are as they
    would be after a crash."""
    data = b"".join(_encoded(entry) for entry in entries)
    with _opened(disk, path) as fd:
        end, _ = _end(disk, fd)
        if disk.io.size(fd) > end:
            logger.warning("remains behind a ledger's last line are cut off")
            disk.io.truncate(fd, end)
            disk.sync(fd)  # else they might come back behind a shorter line
        try:
            disk.write_all(fd, data, end)
            disk.sync(fd)
            if end == 0:
                disk.sync_folder(path.parent)
        except OSError:
            with contextlib.suppress(OSError):
                disk.io.truncate(fd, end)
            raise


def read_calls(disk: Disk, path: Path, *, before: int | None, limit: int) -> tuple[LedgerLine, ...]:
    """Up to `limit` calls with an id below `before` (None: from the end), newest first, each with
    the last that is known of it."""
    found: dict[int, LedgerLine] = {}
    with contextlib.suppress(FileNotFoundError), disk.opened(path) as fd:
        end, last = _end(disk, fd)
        stop = last.sums.next_id if last else 0
        stop = stop if before is None else min(before, stop)
        first = max(0, stop - limit)
        for _, entry in _backwards(disk, fd, end):
            if entry is None:
                continue  # a damaged line: the sums behind it hold all the same
            if first <= entry.line.id < stop:
                found.setdefault(entry.line.id, entry.line)
            if entry.line.status == "reserved" and entry.line.id <= first:
                break
    return tuple(found[number] for number in sorted(found, reverse=True))


def whole_length(disk: Disk, fd: int) -> int:
    """Where the last whole line of an opened ledger ends."""
    return _end(disk, fd)[0]


def all_lines(disk: Disk, path: Path) -> Iterator[tuple[bytes, bool]]:
    """Every line from the first on, as it is written, and whether it is a whole one.

    Memory stays bounded. What ends without a newline is the last line, and never whole.
    """
    left = b""
    with disk.opened(path) as fd:
        for piece in disk.slices(fd, 0, disk.io.size(fd)):
            *lines, left = (left + piece).split(b"\n")
            for line in lines:
                yield line + b"\n", _decoded(line + b"\n") is not None
            left = left[-_LONGEST:]
    if left:
        yield left, False


@contextlib.contextmanager
def _opened(disk: Disk, path: Path) -> Iterator[int]:
    try:
        fd = disk.io.open(path, WRITE)
    except FileNotFoundError:
        fd = disk.io.open(path, CREATE)
    try:
        yield fd
    finally:
        disk.io.close(fd)


def _end(disk: Disk, fd: int) -> tuple[int, LedgerEntry | None]:
    """Where the last whole line ends, and that line."""
    for stop, entry in _backwards(disk, fd, disk.io.size(fd)):
        if entry is not None:
            return stop, entry
    return 0, None


def _backwards(disk: Disk, fd: int, stop: int) -> Iterator[tuple[int, LedgerEntry | None]]:
    """Every line that ends at or before `stop`, last first: where it ends and what it says.

    What is no whole line, or is damaged, says None.
    """
    start, step, data = stop, _BLOCK, b""
    while start > 0:
        begin = max(0, start - step)
        data = disk.read_range(fd, begin, start) + data
        start, step = begin, min(step * 2, SLICE)
        # What stands before the first newline may begin further back.
        cut = data.find(b"\n") + 1 if start > 0 else 0
        if start > 0 and cut == 0:
            continue
        at = start + len(data)
        for line in reversed(data[cut:].splitlines(keepends=True)):
            yield at, _decoded(line)
            at -= len(line)
        data = data[:cut]


def _encoded(entry: LedgerEntry) -> bytes:
    return seal(entry.model_dump_json(exclude_defaults=True).encode()) + b"\n"


def _decoded(line: bytes) -> LedgerEntry | None:
    if not line.endswith(b"\n"):
        return None
    try:
        return LedgerEntry.model_validate_json(unseal(line[:-1]))
    except (Damage, ValidationError):
        return None
