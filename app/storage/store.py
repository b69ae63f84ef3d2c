"""`SessionStore`: the contract that every store keeps. One test suite runs on all of them."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Literal, Protocol

from app.models.base import SessionId
from app.models.ledger import LedgerEntry, LedgerLine, LedgerSums
from app.models.record import MediaFile, SessionRecord, StoredEntry
from app.models.session import Meta, Snapshot
from app.models.vocabulary import MediaFolder


@dataclass(frozen=True, slots=True)
class Summary:
    """A line of the session list."""

    meta: Meta
    snapshot: Snapshot


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the session list; `next_cursor` is None on the last one."""

    items: tuple[Summary, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found, newest first; it goes on below `next_before`, unless that is None."""

    entries: tuple[StoredEntry, ...]
    next_before: int | None


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file that can be served."""

    name: str
    size: int


@dataclass(frozen=True, slots=True)
class ArchiveSummary:
    """An ended run. `name` is `<session_id>_<UTC time>`."""

    name: str
    session_id: str
    archived_at: datetime
    turns: int


@dataclass(frozen=True, slots=True)
class Room:
    """That a write went through just now, and how many bytes there is room for."""

    free: int


class Claim(Protocol):
    """The exclusive right to write one session; nobody else can commit while it is held."""

    @property
    def record(self) -> SessionRecord:
        """What is true now: as loaded, or as last committed through this claim."""
        ...

    async def commit(
        self,
        record: SessionRecord,
        entry: StoredEntry | None = None,
        media: tuple[MediaFile, ...] = (),
    ) -> None:
        """Make `record` true, all of it or none of it, and durable before returning.

        With `entry` this adds a turn: `record.snapshot.turn` must be one more than before and
        equal to the entry's. Without one, the turn stays (an armed deadline, new choices).
        Once begun it runs to its end even when the caller is cancelled.
        Raises `StorageFull`, `StorageError`; the session then is what it was before, or the new
        state (never a mixture), and the next claim reads which from the disk.
        """
        ...

    async def restart(self, meta: Meta, record: SessionRecord) -> str | None:
        """Archive the run, if it has turns, and begin again under the same id.

        Returns the archive's name, or None when there was nothing to archive.
        """
        ...

    async def rewind(self, turn: int, meta: Meta, record: SessionRecord) -> str:
        """Archive the whole run and go on from the end of `turn`, which keeps its media.

        `record` is what will be true. Returns the archive's name. Raises `TurnNotFound`.
        """
        ...


class SessionStore(Protocol):
    """The only door to state and history. Sessions never wait for each other.

    Any method that names a session raises `SessionNotFound` or, when a file of it fails its
    checksum, `SessionDamaged`; a read never waits for a claim, and none creates anything.
    """

    async def open(self) -> None:
        """Take the folder for this process; finish what a crash left half done."""
        ...

    async def probe(self) -> Room:
        """Try a write and look at the room that is left. Raises `StorageError`."""
        ...

    async def close(self) -> None:
        """Wait for writes under way and let the folder go."""
        ...

    async def create(self, meta: Meta, record: SessionRecord) -> None:
        """Add a session. Raises `SessionExists`."""
        ...

    async def fork(self, source: SessionId, turn: int, meta: Meta, record: SessionRecord) -> None:
        """Add a session that begins with the source's history up to and including `turn`.

        Media are hard-linked, or copied where that cannot be done; the source is not touched.
        Raises `SessionExists`, `TurnNotFound`.
        """
        ...

    async def load(self, session_id: SessionId) -> SessionRecord: ...

    async def reload(self, session_id: SessionId) -> SessionRecord:
        """`load`, read afresh from the store."""
        ...

    async def meta(self, session_id: SessionId) -> Meta: ...

    async def change_meta(self, session_id: SessionId, change: Callable[[Meta], Meta]) -> Meta:
        """Replace the meta by `change` of it; needs no claim and waits for no turn."""
        ...

    def claim(self, session_id: SessionId) -> AbstractAsyncContextManager[Claim]:
        """Hold the session for writing. Raises `TurnInProgress` instead of queueing."""
        ...

    async def entry(self, session_id: SessionId, turn: int) -> StoredEntry:
        """One turn. Raises `TurnNotFound`."""
        ...

    async def page(
        self, session_id: SessionId, *, before: int | None, limit: int
    ) -> tuple[StoredEntry, ...]:
        """Up to `limit` entries with a turn below `before` (None: from the end), newest first."""
        ...

    async def search(
        self, session_id: SessionId, words: str, *, before: int | None, limit: int
    ) -> Found:
        """Entries below `before` that say `words`, whatever their case, newest first.

        Looks through a bounded number of turns: fewer than `limit`, even none, is no end yet.
        """
        ...

    async def list(
        self, *, sort: Literal["accessed", "created"], limit: int, cursor: str | None
    ) -> Page:
        """Sessions, newest first. A damaged session is left out of the list and logged."""
        ...

    async def idle_since(self, moment: datetime) -> tuple[SessionId, ...]:
        """Sessions in which nothing has been committed since, newest first."""
        ...

    def metas(self) -> AsyncIterator[tuple[Meta, ...]]:
        """The meta of every session, some at a time and in no order, for work in the background.

        Keeps nothing in memory. A damaged one is left out.
        """
        ...

    async def delete(self, session_id: SessionId, *, archive: bool) -> str | None:
        """Remove a session, keeping it as an archive or not. Raises `TurnInProgress`."""
        ...

    async def put_media(self, session_id: SessionId, folder: MediaFolder, file: MediaFile) -> None:
        """Keep a file that came after its turn was committed."""
        ...

    async def media(self, session_id: SessionId, folder: MediaFolder, name: str) -> Path:
        """A regular file of this session that can be served. Raises `MediaNotFound`."""
        ...

    async def files(self, session_id: SessionId, folder: MediaFolder) -> tuple[StoredFile, ...]:
        """All of them, by name."""
        ...

    def workshop(self) -> AbstractAsyncContextManager[Path]:
        """An empty folder for files that take long to make. It is never served, and is removed
        at the end; what a killed process leaves of it, the next `open` removes."""
        ...

    async def keep_media(
        self, session_id: SessionId, folder: MediaFolder, name: str, made: Path
    ) -> None:
        """`put_media` of a file from a workshop, however large: it is moved, not read."""
        ...

    async def ledger(self, session_id: SessionId) -> LedgerSums:
        """The sums of the session's ledger, from memory once it was loaded.

        A ledger is of the session and not of a run: it survives reset and rewind, goes to the
        archives with a deleted session, and is no part of an export, an import or a fork.
        """
        ...

    async def post(self, session_id: SessionId, entries: tuple[LedgerEntry, ...]) -> None:
        """Add lines to the session's ledger, all or none, durable before returning.

        Needs no claim: money is spent whatever becomes of a turn. Lines come in the order of
        their sums, so that only one caller at a time may post for a session.
        """
        ...

    async def ledger_page(
        self, session_id: SessionId, *, before: int | None, limit: int
    ) -> tuple[LedgerLine, ...]:
        """Up to `limit` calls with an id below `before` (None: from the end), newest first, each
        with the last that is known of it."""
        ...

    async def day_ledger(self, day: date) -> LedgerSums:
        """The sums of what all sessions together spent on a day."""
        ...

    async def post_day(self, day: date, entries: tuple[LedgerEntry, ...]) -> None:
        """`post` for a day's ledger."""
        ...

    async def archives(self) -> tuple[ArchiveSummary, ...]:
        """Ended runs, newest first."""
        ...

    async def archive(self, name: str) -> tuple[Meta, SessionRecord]:
        """Raises `ArchiveNotFound`."""
        ...

    async def archive_page(
        self, name: str, *, before: int | None, limit: int
    ) -> tuple[StoredEntry, ...]: ...

    async def archive_media(self, name: str, folder: MediaFolder, file: str) -> Path: ...

    async def archive_files(self, name: str, folder: MediaFolder) -> tuple[StoredFile, ...]: ...

    async def keep_archive_media(
        self, name: str, folder: MediaFolder, file: str, made: Path
    ) -> None:
        """An ended run changes no more, but its film is made when it has ended."""
        ...

    async def restore(self, name: str, meta: Meta, record: SessionRecord) -> None:
        """Add a session with the whole history of an archive, which stays as it is.

        All its media are hard-linked or copied. Raises `ArchiveNotFound`, `SessionExists`.
        """
        ...

    async def delete_archive(self, name: str) -> None: ...

    def export(self, session_id: SessionId) -> AsyncIterator[bytes]:
        """One `.zip` with everything, streamed; consistent as of the moment it begins."""
        ...

    async def import_(self, upload: Path, meta: Callable[[Meta], Meta]) -> Meta:
        """Add a session from an export that lies at `upload`; all of it is checked first.

        `meta` gives the imported session its new id. Raises `InvalidRequest` with the reason,
        `SessionExists`, `PayloadTooLarge`.
        """
        ...
