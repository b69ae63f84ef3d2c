"""One session's folder: everything that is done to it on a thread, in the order that is safe.

    meta.json state.json history.json ledger.jsonl images/ videos/ tapes/

Blocking calls throughout; nothing here knows of the event loop, of claims or of other sessions.
"""

import errno
import re
import secrets
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from app.models.ledger import LedgerEntry, LedgerLine, LedgerSums
from app.models.record import MediaFile, SessionRecord, StoredEntry
from app.models.session import Meta
from app.models.vocabulary import MediaFolder
from app.storage import history, ledger_file
from app.storage.disk import Disk
from app.storage.faults import Damage
from app.storage.history import HISTORY, Head, Marks
from app.storage.io import WRITE
from app.storage.ledger_file import LEDGER
from app.storage.state_file import (
    META,
    STATE,
    TEMPORARIES,
    Committed,
    decode_meta,
    decode_state,
    encode,
)

MEDIA_FOLDERS: Final[tuple[MediaFolder, ...]] = ("images", "videos", "tapes")
_MEDIA_NAME = re.compile(r"[a-z0-9-]{1,64}\.(webp|mp4|vtt)")


def is_media_name(folder: str, name: str) -> bool:
    return folder in MEDIA_FOLDERS and _MEDIA_NAME.fullmatch(name) is not None


@dataclass(frozen=True, slots=True)
class Loaded:
    """What is known of a session without looking at the disk again."""

    meta: Meta
    record: SessionRecord
    head: Head
    ledger: LedgerSums
    mended: bool = True
    """False while the remains of a failed write could not be removed: readable, not writable."""
    marks: Marks = field(default_factory=Marks, compare=False)
    """Also the identity of this run: a session that was swapped for another has new ones."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What a commit adds to a session besides its state."""

    entry: StoredEntry
    media: tuple[MediaFile, ...] = ()


class SessionFolder:
    """`incoming` is where media are written before they get their name; the same file system."""

    def __init__(self, disk: Disk, path: Path, incoming: Path) -> None:
        self.path = path
        self.disk = disk
        self._incoming = incoming

    def exists(self) -> bool:
        """Raises `Damage` when something else than a folder lies there."""
        kind = self.disk.io.kind(self.path)
        if kind not in (None, "folder"):
            raise Damage("the session is not a folder")
        return kind is not None

    def begin(self, meta: Meta, record: SessionRecord) -> None:
        """Write a session that has no turn yet into a folder that is not there yet."""
        self.make_folders()
        self.disk.write(self.path / HISTORY, history.OPENING + history.CLOSING)
        self.finish(meta, record, history.EMPTY)

    def make_folders(self) -> None:
        self.disk.io.mkdir(self.path)
        for folder in MEDIA_FOLDERS:
            self.disk.io.mkdir(self.path / folder)

    def finish(self, meta: Meta, record: SessionRecord, head: Head) -> None:
        """Complete a folder whose history and media are there: `state.json` comes last."""
        self.disk.write(self.path / META, encode(meta))
        self.disk.sync_folder(self.path)
        self._write_state(record, head)

    def read(self) -> Loaded:
        """As it lies there, nothing mended. Raises `Damage`."""
        loaded = self._read_small()
        with self.disk.opened_or_damaged(self.path / HISTORY) as fd:
            history.check(self.disk, fd, loaded.head)
        return loaded

    def recover(self, *, suspicious: bool) -> Loaded:
        """`read`, after removing what a crash or a failed commit left behind.

        `suspicious`: this process saw a write fail, so even what can be read may not be durable.
        """
        loaded = self._read_small()
        history.repair(self.disk, self.path / HISTORY, loaded.head)
        for name in TEMPORARIES:
            self.disk.forget(self.path / name)
        if suspicious:
            self.disk.sync_folder(self.path)
        return loaded

    def commit(self, before: Loaded, record: SessionRecord, turn: Turn | None) -> Loaded:
        """All of it or none of it. After any exception `recover` must run before the next use."""
        head = before.head
        if turn is not None:
            for file in turn.media:
                self.put_media("images" if file.name.endswith(".webp") else "videos", file)
            data = history.encode_entry(turn.entry)
            head = history.append(self.disk, self.path / HISTORY, head, data)
        self._write_state(record, head)
        return replace(before, record=record, head=head)

    def change_meta(self, before: Loaded, meta: Meta) -> Loaded:
        self.disk.replace(self.path / META, encode(meta))
        return replace(before, meta=meta)

    def post(self, before: Loaded, entries: tuple[LedgerEntry, ...]) -> Loaded:
        """Add to the ledger, which needs no commit: money is spent whatever becomes of a turn."""
        ledger_file.append(self.disk, self.path / LEDGER, entries)
        return replace(before, ledger=entries[-1].sums)

    def calls(self, *, before: int | None, limit: int) -> tuple[LedgerLine, ...]:
        """A page of the ledger, newest first."""
        return ledger_file.read_calls(self.disk, self.path / LEDGER, before=before, limit=limit)

    def take_over_ledger(self, folder: "SessionFolder") -> None:
        """Go on with the ledger of the run that this one will replace: it is of the session."""
        if self.disk.io.kind(folder.path / LEDGER) == "file":
            self.disk.copy(folder.path / LEDGER, self.path / LEDGER)
            self.disk.sync_folder(self.path)

    def put_media(self, folder: MediaFolder, file: MediaFile) -> None:
        """Complete and durable under its name, or not there at all."""
        if self.disk.io.kind(self.path / folder) != "folder":
            raise Damage(f"{folder} is not a folder")
        temporary = self._incoming / secrets.token_hex(16)
        try:
            self.disk.write(temporary, file.data)
            self.disk.io.rename(temporary, self.path / folder / file.name)
        except OSError:
            self.disk.forget_quietly(temporary)
            raise
        self.disk.sync_folder(self.path / folder)

    def keep_media(self, folder: MediaFolder, name: str, made: Path) -> None:
        """`put_media` of a file that is there already, on the same file system."""
        if self.disk.io.kind(self.path / folder) != "folder":
            raise Damage(f"{folder} is not a folder")
        with self.disk.opened(made, WRITE) as fd:
            self.disk.sync(fd)
        try:
            self.disk.io.rename(made, self.path / folder / name)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            self._take_in(made, self.path / folder / name)
        self.disk.sync_folder(self.path / folder)

    def _take_in(self, made: Path, target: Path) -> None:
        """Archives may lie on another disk; what begins with a dot there is rubbish."""
        copy = self.path.parent / f".{secrets.token_hex(16)}"
        try:
            self.disk.copy(made, copy)
            self.disk.io.rename(copy, target)
        except OSError:
            self.disk.forget_quietly(copy)
            raise

    def files(self, folder: MediaFolder) -> list[tuple[str, int]]:
        """What can be served of a folder, by name, with its size."""
        if self.disk.io.kind(self.path / folder) != "folder":
            return []
        found: list[tuple[str, int]] = []
        for name in sorted(self.disk.io.names(self.path / folder)):
            if is_media_name(folder, name) and self.has_media(folder, name):
                with self.disk.opened(self.path / folder / name) as fd:
                    found.append((name, self.disk.io.size(fd)))
        return found

    def has_media(self, folder: MediaFolder, name: str) -> bool:
        io = self.disk.io
        # Both are looked at without following links: a planted one leads out of the session.
        return (
            io.kind(self.path) == "folder"
            and io.kind(self.path / folder) == "folder"
            and io.kind(self.path / folder / name) == "file"
        )

    def page(self, loaded: Loaded, *, before: int | None, limit: int) -> tuple[StoredEntry, ...]:
        """Up to `limit` entries with a turn below `before` (None: from the end), newest first."""
        turns = loaded.head.turn + 1
        stop = turns if before is None else max(0, min(before, turns))
        first = max(0, stop - limit)
        path = self.path / HISTORY
        return history.read_page(self.disk, path, loaded.head, loaded.marks, first=first, stop=stop)

    def _read_small(self) -> Loaded:
        if not self.exists():
            raise Damage("the session is missing")
        meta = decode_meta(self.disk.read(self.path / META))
        state = decode_state(self.disk.read(self.path / STATE))
        if meta.session_id != state.record.snapshot.session_id:
            raise Damage("meta.json and state.json are of different sessions")
        head = Head(state.turn, state.history_bytes, state.history_crc)
        ledger = ledger_file.read_sums(self.disk, self.path / LEDGER)
        return Loaded(meta, state.record, head, ledger)

    def _write_state(self, record: SessionRecord, head: Head) -> None:
        self.disk.replace(self.path / STATE, encode(_committed(record, head)))


def state_of(loaded: Loaded) -> bytes:
    """The content of its `state.json`."""
    return encode(_committed(loaded.record, loaded.head))


def _committed(record: SessionRecord, head: Head) -> Committed:
    return Committed(turn=head.turn, history_bytes=head.length, history_crc=head.crc, record=record)
