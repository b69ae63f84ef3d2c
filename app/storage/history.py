"""`history.json`: a JSON array that only ever grows, one sealed record a line.

    [
    {"crc":"...","version":2,"entry":{...},"world":{...},"lineage":"...",...}
    ,{"crc":"...","version":2,"entry":{...},"world":{...},"lineage":"...",...}
    ]

Each record owns its newline, so that the committed part is never written again: an append
overwrites the closing bracket only. `Head` says how much is committed; what lies behind it is
the closing bracket or the remains of a crash.
"""

from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

from app.models.record import FORMAT, StoredEntry
from app.storage.disk import SLICE, Disk
from app.storage.faults import Damage
from app.storage.io import WRITE
from app.storage.migrations import entry_of_today, parsed
from app.storage.sealing import seal, unseal

HISTORY = "history.json"
OPENING = b"[\n"
CLOSING = b"]\n"
LONGEST_RECORD = 8 << 20

_TODAY = b'{"version":%d,' % FORMAT
_BLOCK = 64 << 10
_NEAR = 256
"""Turns from the end that are found by reading backwards rather than by the marks."""
_EVERY = 64
"""A mark in memory for each so many turns: 12 KiB for 100 000."""


@dataclass(frozen=True, slots=True)
class Head:
    """The committed part: its last turn, its length and the checksum over all of it."""

    turn: int
    length: int
    crc: int

    def after(self, data: bytes) -> "Head":
        return Head(self.turn + 1, self.length + len(data), crc32(data, self.crc))


EMPTY = Head(turn=-1, length=len(OPENING), crc=crc32(OPENING))


def encode_entry(entry: StoredEntry) -> bytes:
    """One line, with the comma that sets it off from the one before."""
    comma = b"," if entry.entry.turn > 0 else b""
    return comma + seal(entry.model_dump_json().encode()) + b"\n"


def check_line(line: bytes, turn: int) -> bytes:
    """The JSON object in a line (its newline removed), whole and unchanged, or `Damage`."""
    comma = b"," if turn > 0 else b""
    if not line.startswith(comma + b"{"):
        raise Damage(f"turn {turn} does not begin as it should")
    try:
        return unseal(line[len(comma) :])
    except Damage as damage:
        raise Damage(f"turn {turn}: {damage}") from damage


def decode_line(line: bytes, turn: int) -> StoredEntry:
    entry = _decoded(check_line(line, turn), f"turn {turn}")
    if entry.entry.turn != turn:
        raise Damage(f"turn {turn} says that it is turn {entry.entry.turn}")
    return entry


def decode_anywhere(line: bytes) -> StoredEntry | None:
    """A record that is whole, wherever it stands: it says itself which turn it is."""
    try:
        return _decoded(unseal(line.removeprefix(b",")), "a turn")
    except Damage:
        return None


def _decoded(body: bytes, what: str) -> StoredEntry:
    try:
        if body.startswith(_TODAY):
            return StoredEntry.model_validate_json(body)
        return parsed(body, StoredEntry, entry_of_today)
    except ValueError as error:
        raise Damage(f"{what} is of another version or shape") from error
    except Damage as damage:
        raise Damage(f"{what}: {damage}") from damage


def append(disk: Disk, path: Path, head: Head, data: bytes) -> Head:
    """Add one encoded record behind `head`. It counts once a state names the new head."""
    with disk.opened_or_damaged(path, WRITE) as fd:
        disk.write_all(fd, data + CLOSING, head.length)
        disk.sync(fd)
    return head.after(data)


def check(disk: Disk, fd: int, head: Head) -> bool:
    """Whether the array is closed right behind `head`. Shorter than `head` is `Damage`."""
    size = disk.io.size(fd)
    if size < head.length or disk.read_range(fd, 0, len(OPENING)) != OPENING:
        raise Damage("history.json is cut short or does not begin as it should")
    closed = head.length + len(CLOSING)
    return size == closed and disk.read_range(fd, head.length, closed) == CLOSING


def repair(disk: Disk, path: Path, head: Head) -> None:
    """Cut off what a crash left behind `head`. The cost does not depend on the length."""
    with disk.opened_or_damaged(path, WRITE) as fd:
        if check(disk, fd, head):
            return
        disk.io.truncate(fd, head.length)
        disk.write_all(fd, CLOSING, head.length)
        disk.sync(fd)


def lines(disk: Disk, fd: int, head: Head) -> Iterator[bytes]:
    """Every committed line from turn 0 on, without its newline; memory stays bounded."""
    left = b""
    for piece in disk.slices(fd, len(OPENING), head.length):
        *whole, left = (left + piece).split(b"\n")
        yield from whole
        if len(left) > LONGEST_RECORD:
            raise Damage("history.json holds a giant record")
    if left:
        raise Damage("history.json does not end with a newline")


class Marks:
    """Where every 64th record begins: found once, kept while the session is in memory.

    The committed part never changes, so marks stay true and are only ever added.
    """

    def __init__(self) -> None:
        self._offsets = array("Q", [len(OPENING)])

    def span(self, disk: Disk, fd: int, head: Head, first: int, stop: int) -> tuple[int, int, int]:
        """Offsets around the turns `first` to `stop - 1`, and the turn at the first offset."""
        needed = min(-(-stop // _EVERY), (head.turn + 1) // _EVERY)
        if needed >= len(self._offsets):
            self._offsets = self._extended(disk, fd, head)
        begin, end = first // _EVERY, -(-stop // _EVERY)
        end_offset = self._offsets[end] if end < len(self._offsets) else head.length
        return self._offsets[begin], end_offset, begin * _EVERY

    def _extended(self, disk: Disk, fd: int, head: Head) -> "array[int]":
        offsets = self._offsets[:]  # a copy: two readers may be at it
        at, seen = offsets[-1], 0
        for piece in disk.slices(fd, at, head.length):
            found = piece.find(b"\n")
            while found >= 0:
                seen += 1
                if seen % _EVERY == 0:
                    offsets.append(at + found + 1)
                found = piece.find(b"\n", found + 1)
            at += len(piece)
        if (len(offsets) - 1) != (head.turn + 1) // _EVERY:
            raise Damage("history.json holds another number of turns than it should")
        return offsets


def read_page(
    disk: Disk, path: Path, head: Head, marks: Marks, *, first: int, stop: int
) -> tuple[StoredEntry, ...]:
    """The turns `first` to `stop - 1`, newest first; both lie within what `head` commits."""
    found = read_lines(disk, path, head, marks, first=first, stop=stop)
    numbered = zip(found, range(first, stop), strict=True)
    return tuple(decode_line(line, turn) for line, turn in numbered)[::-1]


def read_lines(
    disk: Disk, path: Path, head: Head, marks: Marks, *, first: int, stop: int
) -> list[bytes]:
    """The lines of the turns `first` to `stop - 1`, oldest first, as they are written."""
    if first >= stop:
        return []
    with disk.opened_or_damaged(path) as fd:
        if head.turn + 1 - first <= _NEAR:
            found = _last_lines(disk, fd, head, head.turn + 1 - first)
            found = found[: stop - first]
        else:
            start, end, turn = marks.span(disk, fd, head, first, stop)
            found = disk.read_range(fd, start, end).split(b"\n")[first - turn : stop - turn]
    if len(found) != stop - first:
        raise Damage("history.json holds fewer turns than it should")
    return found


def _last_lines(disk: Disk, fd: int, head: Head, count: int) -> list[bytes]:
    """The last `count` lines, oldest first, read backwards from the end."""
    start, step, data = head.length, _BLOCK, b""
    while start > len(OPENING) and data.count(b"\n") <= count:
        begin = max(len(OPENING), start - step)
        data = disk.read_range(fd, begin, start) + data
        start, step = begin, min(step * 2, SLICE)
    if not data.endswith(b"\n"):
        raise Damage("history.json does not end with a newline")
    return data[:-1].split(b"\n")[-count:]
