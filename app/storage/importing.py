"""Makes a session out of an exported one that anybody may have written: everything is checked.

A file is judged by what it unpacks to, not by what it says of itself. Anything wrong is an
`InvalidRequest` that names it; a session takes its place only when all of it was right.
"""

import hashlib
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Final, TypeVar

from pydantic import ValidationError

from app.errors import InvalidRequest, PayloadTooLarge
from app.models.base import Model
from app.models.record import SessionRecord, StoredEntry
from app.models.session import Meta
from app.storage import history
from app.storage.branching import HistoryWriter, adopted, media_of, snapshot_under_id
from app.storage.disk import SLICE
from app.storage.faults import Damage
from app.storage.history import CLOSING, EMPTY, HISTORY, LONGEST_RECORD, OPENING, Head
from app.storage.io import CREATE
from app.storage.ledger_file import LEDGER, all_lines
from app.storage.parcel import MANIFEST, MOST_FILES, FileSum, Manifest, is_text, media_parts
from app.storage.session_folder import MEDIA_FOLDERS, SessionFolder
from app.storage.state_file import META, STATE, Committed, decode_meta, decode_state

_SMALL = 16 << 20
"""The most that manifest, meta and state may be."""
_END: Final = "<4s4H2LH"
_END_LENGTH: Final = struct.calcsize(_END)
_MOST_DIRECTORY = 16 << 20
_UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)

Content = TypeVar("Content", bound=Model)


class Import:
    """Blocking calls, in this order: `Import(...)`, `meta`, `build`; `close` in any case."""

    def __init__(self, upload: Path, most_bytes: int) -> None:
        # Opened here: a `ZipFile` of a path stays open as long as any of its members.
        self._file = upload.open("rb")
        try:
            _check_end(self._file)
            self._zip = _opened(self._file)
            self._members = _members(self._zip, most_bytes)
            self._sums = self._manifest()
            self.meta = _understood(META, self._small(META), decode_meta)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        self._file.close()

    def build(self, draft: SessionFolder, meta: Meta, *, ledger: bool = False) -> None:
        """Make the session in `draft` under the id of `meta`.

        `ledger`: with the one that a backup holds. Not for what a stranger sent: what a session
        has cost is for this server to say.
        """
        committed = self._committed()
        draft.make_folders()
        head, last = self._history(draft, committed, meta)
        _check_state(committed, self.meta, last)
        for name in self._members:
            parts = media_parts(name)
            if parts is not None:
                self._unpack(name, draft.path / parts[0] / parts[1], draft)
        for folder in MEDIA_FOLDERS:
            draft.disk.sync_folder(draft.path / folder)
        if ledger and LEDGER in self._members:
            self._ledger(draft)
        draft.finish(meta, _record_under_id(committed.record, meta), head)

    def check(self) -> int:
        """All that `build` checks, of every file, and nothing is made; returns the last turn."""
        committed, last = self._committed(), None
        for last in self.entries():
            self._check_media(last)
        _check_state(committed, self.meta, last)
        for name in self._members.keys() - {MANIFEST, META, STATE, HISTORY}:
            for _ in self._checked(name):
                pass
        return committed.turn

    def entries(self) -> Iterator[StoredEntry]:
        """Every turn, oldest first, each of them checked; nothing is made of it."""
        committed, head = self._committed(), EMPTY
        for line in _lines(self._checked(HISTORY)):
            yield _entry(line, head.turn + 1, self.meta)
            head = head.after(line + b"\n")
        _check_head(head, committed)

    def _committed(self) -> Committed:
        return _understood(STATE, self._small(STATE), decode_state)

    def _manifest(self) -> dict[str, FileSum]:
        data = b"".join(self._read(MANIFEST, _SMALL))
        try:
            sums = Manifest.model_validate_json(data).files
        except ValidationError as error:
            raise _wrong("manifest.json is of another version or shape") from error
        if sums.keys() != self._members.keys() - {MANIFEST}:
            raise _wrong("manifest.json names other files than there are")
        return sums

    def _history(
        self, draft: SessionFolder, committed: Committed, meta: Meta
    ) -> tuple[Head, StoredEntry | None]:
        disk, head, last = draft.disk, EMPTY, None
        with disk.opened(draft.path / HISTORY, CREATE) as fd:
            writer = HistoryWriter(disk, fd)
            for line in _lines(self._checked(HISTORY)):
                last = _entry(line, head.turn + 1, self.meta)
                self._check_media(last)
                head = head.after(line + b"\n")
                writer.add(history.encode_entry(adopted(last, meta.session_id)))
            writer.close()
        _check_head(head, committed)
        return writer.head, last

    def _check_media(self, stored: StoredEntry) -> None:
        for media, (folder, name) in media_of(stored.entry):
            if media.status == "ready" and f"{folder}/{name}" not in self._members:
                raise _wrong(f"{folder}/{name} is missing")

    def _ledger(self, draft: SessionFolder) -> None:
        path = draft.path / LEDGER
        self._unpack(LEDGER, path, draft)
        if not all(whole for _, whole in all_lines(draft.disk, path)):
            raise _wrong(f"{LEDGER} holds a line that no server wrote")

    def _unpack(self, name: str, target: Path, draft: SessionFolder) -> None:
        with draft.disk.opened(target, CREATE) as fd:
            at = 0
            for piece in self._checked(name):
                draft.disk.write_all(fd, piece, at)
                at += len(piece)
            draft.disk.sync(fd)

    def _small(self, name: str) -> bytes:
        if self._sums[name].size > _SMALL:
            raise _wrong(f"{name} is too large")
        return b"".join(self._checked(name))

    def _checked(self, name: str) -> Iterator[bytes]:
        """The content of a file, a piece at a time; at its end it is known to be right."""
        digest, size, expected = hashlib.sha256(), 0, self._sums[name]
        for piece in self._read(name, expected.size):
            digest.update(piece)
            size += len(piece)
            yield piece
        if (digest.hexdigest(), size) != (expected.sha256, expected.size):
            raise _wrong(f"{name} is not what the manifest says")

    def _read(self, name: str, most: int) -> Iterator[bytes]:
        left = most
        try:
            with self._zip.open(self._members[name]) as file:
                while piece := file.read(SLICE):
                    left -= len(piece)
                    if left < 0:
                        raise _wrong(f"{name} is too large")
                    yield piece
        except _UNREADABLE as error:
            raise _wrong(f"{name} cannot be unpacked") from error


def _opened(file: IO[bytes]) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(file)
    except (*_UNREADABLE, ValueError, struct.error) as error:
        raise _wrong("it is not a zip file") from error


def _check_end(file: IO[bytes]) -> None:
    """The last bytes of a zip say how long its list of files is; `zipfile` reads it at one go."""
    size = file.seek(0, 2)
    file.seek(max(0, size - _END_LENGTH - 20))
    tail = file.read()
    if len(tail) < _END_LENGTH:
        raise _wrong("it is not a zip file")
    mark, _, _, _, files, directory, _, comment = struct.unpack(_END, tail[-_END_LENGTH:])
    if mark != b"PK\x05\x06" or comment or tail.startswith(b"PK\x06\x07"):
        raise _wrong("it is not a zip file of the plain kind")
    if files > MOST_FILES or directory > _MOST_DIRECTORY:
        raise PayloadTooLarge("This session has too many files.")


def _members(source: zipfile.ZipFile, most_bytes: int) -> dict[str, zipfile.ZipInfo]:
    members: dict[str, zipfile.ZipInfo] = {}
    for info in source.infolist():
        name = info.filename
        if name in members:
            raise _wrong(f"{_shown(name)} is there twice")
        if name != info.orig_filename or not (is_text(name) or media_parts(name)):
            raise _wrong(f"{_shown(name)} is not a file of a session")
        if stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG):
            raise _wrong(f"{name} is a link or something else than a file")
        if info.flag_bits & 0x1 or info.compress_type not in (
            zipfile.ZIP_STORED,
            zipfile.ZIP_DEFLATED,
        ):
            raise _wrong(f"{name} is encrypted or packed in an unusual way")
        if info.header_offset < 0:
            raise _wrong(f"{name} lies outside of the file")
        members[name] = info
    for name in (MANIFEST, META, STATE, HISTORY):
        if name not in members:
            raise _wrong(f"{name} is missing")
    # No more than what it says is ever unpacked of a file, so this bounds the whole.
    if sum(info.file_size for info in members.values()) > most_bytes:
        raise PayloadTooLarge("This session is larger than this server takes.")
    return members


def _lines(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The lines between the brackets, without their newlines."""
    left, begun, closed = b"", False, False
    for piece in pieces:
        *whole, left = (left + piece).split(b"\n")
        if len(left) > LONGEST_RECORD:
            raise _wrong("history.json holds a giant record")
        for line in whole:
            if closed:
                raise _wrong("history.json goes on after its end")
            if not begun:
                begun = line + b"\n" == OPENING
                if not begun:
                    raise _wrong("history.json does not begin as it should")
            elif line + b"\n" == CLOSING:
                closed = True
            else:
                yield line
    if left or not closed:
        raise _wrong("history.json is cut short")


def _entry(line: bytes, turn: int, meta: Meta) -> StoredEntry:
    try:
        stored = history.decode_line(line, turn)
    except Damage as damage:
        raise _wrong(f"history.json, {damage}") from damage
    state = stored.entry.state
    if {stored.entry.session_id, state.session_id} != {meta.session_id} or state.turn != turn:
        raise _wrong(f"history.json, turn {turn} is of another session or turn")
    if {stored.entry.phase, state.phase} not in ({"choosing"}, {"over"}):
        raise _wrong(f"history.json, turn {turn} ends in the middle of a turn")
    return stored


def _check_head(head: Head, committed: Committed) -> None:
    if head != Head(committed.turn, committed.history_bytes, committed.history_crc):
        raise _wrong("history.json is not the one that state.json speaks of")


def _check_state(committed: Committed, meta: Meta, last: StoredEntry | None) -> None:
    snapshot = committed.record.snapshot
    if snapshot.session_id != meta.session_id:
        raise _wrong("state.json is of another session than meta.json")
    # What is kept is between two turns: one that is never finished would hold its session up.
    right = ("new",) if last is None else ("choosing", "over")
    if snapshot.phase not in right or (committed.record.world is None) != (last is None):
        raise _wrong(f"state.json cannot be {snapshot.phase!r} after its history")
    if last is None:
        return
    then = last.entry.state
    if (snapshot.world, snapshot.seed) != (then.world, then.seed):
        raise _wrong("state.json is of another game than history.json")


def _record_under_id(record: SessionRecord, meta: Meta) -> SessionRecord:
    if record.snapshot.session_id == meta.session_id:
        snapshot = snapshot_under_id(record.snapshot, meta.session_id)
        return record.model_copy(update={"snapshot": snapshot})
    # The requests that were answered named the other session: none of them can come again.
    snapshot = snapshot_under_id(record.snapshot, meta.session_id)
    return record.model_copy(update={"snapshot": snapshot, "requests": ()})


def _understood(name: str, data: bytes, decode: Callable[[bytes], Content]) -> Content:
    try:
        return decode(data)
    except Damage as damage:
        raise _wrong(f"{name}: {damage}") from damage


def _shown(name: str) -> str:
    return ascii(name[:80])


def _wrong(reason: str) -> InvalidRequest:
    return InvalidRequest("This file is not a session that can be imported.", details=reason)
