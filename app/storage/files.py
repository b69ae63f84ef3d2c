"""`SessionStore` over a folder of files. One process to a folder."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Literal, TypeVar

from app.errors import (
    MediaNotFound,
    NotFound,
    SessionDamaged,
    SessionExists,
    StorageError,
    TurnNotFound,
)
from app.models.base import SessionId
from app.models.ledger import LedgerEntry, LedgerLine, LedgerSums
from app.models.record import MediaFile, SessionRecord, StoredEntry
from app.models.session import Meta
from app.models.vocabulary import MediaFolder
from app.storage.archives import Archives
from app.storage.branching import branch
from app.storage.cache import Cache
from app.storage.claim import FileClaim
from app.storage.disk import Disk
from app.storage.exporting import Export
from app.storage.faults import Damage, storage_error
from app.storage.importing import Import
from app.storage.index import Index, metas_of, scan
from app.storage.io import RealIO, StorageIO
from app.storage.live import LiveSessions, check_session_id
from app.storage.locks import SessionLocks
from app.storage.searching import search
from app.storage.session_folder import Loaded, SessionFolder, is_media_name
from app.storage.sessions_root import SessionsRoot, now
from app.storage.store import ArchiveSummary, Found, Page, Room, StoredFile, Summary
from app.storage.threads import Threads

T = TypeVar("T")

CACHED_SESSIONS = 512
MAX_IMPORT_BYTES = 1 << 30
"""Of an import once it is unpacked."""
_METAS = 64
_LARGE = 1 << 20
_LARGE_AT_ONCE = 2
"""More large files written at the same time gain nothing and make the turns wait."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Of a store, for the metrics."""

    loaded: int
    """Sessions in memory."""
    damaged: int
    read_only: int
    working: int
    """Jobs on its threads."""
    waiting: int


class FileSessionStore:
    """See `SessionStore`; everything that touches the disk is one job on the store's threads."""

    def __init__(
        self,
        root: Path,
        archives: Path,
        *,
        durability: Literal["power", "process"],
        io: StorageIO | None = None,
        threads: int = 16,
        cached_sessions: int = CACHED_SESSIONS,
        max_import_bytes: int = MAX_IMPORT_BYTES,
        clock: Callable[[], datetime] = now,
    ) -> None:
        disk = Disk(io or RealIO(), durable=durability == "power")
        self._root = SessionsRoot(disk, root, archives, clock)
        self._archives = Archives(self._root)
        self._threads = Threads(threads)
        self._index = Index()
        self._live = LiveSessions(self._root, self._threads, Cache(cached_sessions), self._index)
        self._claims = SessionLocks()
        self._days = asyncio.Lock()
        self._large = asyncio.Semaphore(_LARGE_AT_ONCE)
        self._max_import_bytes = max_import_bytes
        self._lock: int | None = None

    @property
    def locks_held(self) -> int:
        """How many session locks exist: 0 when nobody writes, however many sessions there are."""
        return len(self._claims) + len(self._live.file_locks)

    @property
    def figures(self) -> Figures:
        """How it stands at this moment."""
        return Figures(
            loaded=self._live.count,
            damaged=self._live.damaged_count,
            read_only=self._live.read_only_count,
            working=self._threads.working,
            waiting=self._threads.waiting,
        )

    async def probe(self) -> Room:
        if self._lock is None:
            raise StorageError("The store is not open.")
        return Room(await self._run(self._root.probe))

    async def open(self) -> None:
        try:
            self._lock = await self._threads.run(self._root.take)
        except BlockingIOError as error:
            raise StorageError("Another process is using the sessions folder.") from error
        except OSError as error:
            raise storage_error(error) from error

    async def close(self) -> None:
        lock, self._lock = self._lock, None
        await self._threads.close()
        if lock is not None:
            self._root.let_go(lock)

    async def create(self, meta: Meta, record: SessionRecord) -> None:
        _check_pair(meta, record, turn=-1)

        def job() -> Loaded:
            if self._root.exists(meta.session_id):
                raise SessionExists
            with self._root.removed_on_failure(self._root.draft()) as draft:
                draft.begin(meta, record)
            return self._root.add(meta.session_id, draft)

        await self._live.add(meta.session_id, job)

    async def fork(self, source: SessionId, turn: int, meta: Meta, record: SessionRecord) -> None:
        _check_pair(meta, record, turn=turn)
        if await self._run(partial(self._root.is_taken, meta.session_id)):
            raise SessionExists

        drafts: list[SessionFolder] = []

        def draw(folder: SessionFolder, loaded: Loaded) -> SessionFolder:
            while drafts:  # the source was swapped meanwhile: begin anew
                self._root.drop(drafts.pop())
            if not 0 <= turn <= loaded.head.turn:
                raise TurnNotFound
            with self._root.removed_on_failure(self._root.draft()) as draft:
                branch(folder, loaded.head, draft, turn, meta, record)
            drafts.append(draft)
            return draft

        draft = await self._live.read(source, draw, whole=True)
        await self._live.add(meta.session_id, lambda: self._root.add(meta.session_id, draft))

    async def load(self, session_id: SessionId) -> SessionRecord:
        return (await self._live.loaded(session_id)).record

    async def reload(self, session_id: SessionId) -> SessionRecord:
        return (await self._live.reload(session_id)).record

    async def meta(self, session_id: SessionId) -> Meta:
        return (await self._live.loaded(session_id)).meta

    async def change_meta(self, session_id: SessionId, change: Callable[[Meta], Meta]) -> Meta:
        def job(folder: SessionFolder, before: Loaded) -> tuple[Loaded, Meta]:
            meta = change(before.meta)
            if meta.session_id != session_id:
                raise ValueError("a session keeps its id")
            if meta == before.meta:
                return before, meta
            return folder.change_meta(before, meta), meta

        return await self._live.change(session_id, job)

    @contextlib.asynccontextmanager
    async def claim(self, session_id: SessionId) -> AsyncIterator[FileClaim]:
        async with self._claims.at_once(session_id):
            claim = FileClaim(self._live, self._root, await self._live.writable(session_id))
            try:
                yield claim
            finally:
                claim.end()

    async def entry(self, session_id: SessionId, turn: int) -> StoredEntry:
        def job(folder: SessionFolder, loaded: Loaded) -> StoredEntry:
            if not 0 <= turn <= loaded.head.turn:
                raise TurnNotFound
            return folder.page(loaded, before=turn + 1, limit=1)[0]

        return await self._live.read(session_id, job)

    async def page(
        self, session_id: SessionId, *, before: int | None, limit: int
    ) -> tuple[StoredEntry, ...]:
        return await self._live.read(
            session_id, lambda folder, loaded: folder.page(loaded, before=before, limit=limit)
        )

    async def search(
        self, session_id: SessionId, words: str, *, before: int | None, limit: int
    ) -> Found:
        return await self._live.read(
            session_id,
            lambda folder, loaded: search(folder, loaded, words, before=before, limit=limit),
        )

    async def list(
        self, *, sort: Literal["accessed", "created"], limit: int, cursor: str | None
    ) -> Page:
        await self._index.complete(lambda: self._run(partial(scan, self._root)))
        items: list[Summary] = []
        last = None
        for session_id, here in self._index.ids(sort, cursor):
            if len(items) == limit:
                return Page(tuple(items), last)
            try:
                loaded = await self._live.loaded(session_id)
            except (NotFound, SessionDamaged, StorageError):
                continue
            items.append(Summary(loaded.meta, loaded.record.snapshot))
            last = here
        return Page(tuple(items), None)

    async def idle_since(self, moment: datetime) -> tuple[SessionId, ...]:
        await self._index.complete(lambda: self._run(partial(scan, self._root)))
        return self._index.before(moment)

    async def metas(self) -> AsyncIterator[tuple[Meta, ...]]:
        ids = await self._run(self._root.ids)
        for start in range(0, len(ids), _METAS):
            yield await self._run(partial(metas_of, self._root, ids[start : start + _METAS]))

    async def delete(self, session_id: SessionId, *, archive: bool) -> str | None:
        def job(loaded: Loaded | None) -> str | None:
            has_turns = loaded is None or loaded.head.turn >= 0
            return self._root.remove(session_id, archive=archive and has_turns)

        async with self._claims.at_once(session_id):
            return await self._live.remove(session_id, job)

    async def put_media(self, session_id: SessionId, folder: MediaFolder, file: MediaFile) -> None:
        _check_media(folder, file.name)
        await self._live.writable(session_id)
        large = self._large if len(file.data) > _LARGE else contextlib.nullcontext()
        async with large:
            await self._run(partial(self._root.folder(session_id).put_media, folder, file))

    async def media(self, session_id: SessionId, folder: MediaFolder, name: str) -> Path:
        await self._live.loaded(session_id)
        return await self._media(self._root.folder(session_id), folder, name)

    async def files(self, session_id: SessionId, folder: MediaFolder) -> tuple[StoredFile, ...]:
        await self._live.loaded(session_id)
        found = await self._run(partial(self._root.folder(session_id).files, folder))
        return tuple(StoredFile(name, size) for name, size in found)

    @contextlib.asynccontextmanager
    async def workshop(self) -> AsyncIterator[Path]:
        path = await self._run(self._root.workshop)
        try:
            yield path
        finally:
            await self._run(partial(self._root.clear, path))

    async def keep_media(
        self, session_id: SessionId, folder: MediaFolder, name: str, made: Path
    ) -> None:
        _check_media(folder, name)
        await self._live.writable(session_id)
        async with self._large:
            await self._run(partial(self._root.folder(session_id).keep_media, folder, name, made))

    async def ledger(self, session_id: SessionId) -> LedgerSums:
        return (await self._live.loaded(session_id)).ledger

    async def post(self, session_id: SessionId, entries: tuple[LedgerEntry, ...]) -> None:
        await self._live.change(
            session_id, lambda folder, before: (folder.post(before, entries), None)
        )

    async def ledger_page(
        self, session_id: SessionId, *, before: int | None, limit: int
    ) -> tuple[LedgerLine, ...]:
        return await self._live.read(
            session_id, lambda folder, _: folder.calls(before=before, limit=limit)
        )

    async def day_ledger(self, day: date) -> LedgerSums:
        return await self._run(partial(self._root.day_sums, day))

    async def post_day(self, day: date, entries: tuple[LedgerEntry, ...]) -> None:
        async with self._days:
            await self._run(partial(self._root.post_day, day, entries))

    async def archives(self) -> tuple[ArchiveSummary, ...]:
        return await self._run(self._archives.summaries)

    async def archive(self, name: str) -> tuple[Meta, SessionRecord]:
        loaded = await self._run(partial(self._archives.loaded, name))
        return loaded.meta, loaded.record

    async def archive_page(
        self, name: str, *, before: int | None, limit: int
    ) -> tuple[StoredEntry, ...]:
        def job() -> tuple[StoredEntry, ...]:
            loaded = self._archives.loaded(name)
            return self._archives.folder(name).page(loaded, before=before, limit=limit)

        return await self._run(job)

    async def archive_media(self, name: str, folder: MediaFolder, file: str) -> Path:
        session = await self._run(partial(self._archives.folder, name))
        return await self._media(session, folder, file)

    async def archive_files(self, name: str, folder: MediaFolder) -> tuple[StoredFile, ...]:
        found = await self._run(lambda: self._archives.folder(name).files(folder))
        return tuple(StoredFile(file, size) for file, size in found)

    async def keep_archive_media(
        self, name: str, folder: MediaFolder, file: str, made: Path
    ) -> None:
        _check_media(folder, file)
        async with self._large:
            await self._run(lambda: self._archives.folder(name).keep_media(folder, file, made))

    async def restore(self, name: str, meta: Meta, record: SessionRecord) -> None:
        def job() -> SessionFolder:
            loaded, folder = self._archives.loaded(name), self._archives.folder(name)
            _check_pair(meta, record, turn=loaded.head.turn)
            if self._root.is_taken(meta.session_id):
                raise SessionExists
            with self._root.removed_on_failure(self._root.draft()) as draft:
                branch(folder, loaded.head, draft, loaded.head.turn, meta, record, all_media=True)
            return draft

        draft = await self._run(job)
        await self._live.add(meta.session_id, lambda: self._root.add(meta.session_id, draft))

    async def delete_archive(self, name: str) -> None:
        await self._run(partial(self._archives.delete, name))

    async def export(self, session_id: SessionId) -> AsyncIterator[bytes]:
        opened: list[Export] = []

        def job(folder: SessionFolder, loaded: Loaded) -> Export:
            opened.append(Export(folder, loaded))
            return opened[-1]

        try:
            export = await self._live.read(session_id, job, whole=True)
            while (piece := await self._run(export.next)) is not None:
                yield piece
        finally:
            for export in opened:  # more than one if the session was swapped just then
                await self._run(export.close)

    async def import_(self, upload: Path, meta: Callable[[Meta], Meta]) -> Meta:
        parcel = await self._run(partial(Import, upload, self._max_import_bytes))
        try:
            named = meta(parcel.meta)
            check_session_id(named.session_id)

            def job() -> SessionFolder:
                if self._root.is_taken(named.session_id):
                    raise SessionExists
                with self._root.removed_on_failure(self._root.draft()) as draft:
                    parcel.build(draft, named)
                return draft

            draft = await self._run(job)
        finally:
            await self._run(parcel.close)
        await self._live.add(named.session_id, lambda: self._root.add(named.session_id, draft))
        return named

    async def _media(self, session: SessionFolder, folder: MediaFolder, name: str) -> Path:
        if not is_media_name(folder, name):
            raise MediaNotFound
        if not await self._run(partial(session.has_media, folder, name)):
            raise MediaNotFound
        return session.path / folder / name

    async def _run(self, job: Callable[[], T]) -> T:
        try:
            return await self._threads.run(job)
        except Damage as damage:
            raise SessionDamaged from damage
        except OSError as error:
            raise storage_error(error) from error


def _check_media(folder: MediaFolder, name: str) -> None:
    if not is_media_name(folder, name):
        raise ValueError("this is no place or name for media")


def _check_pair(meta: Meta, record: SessionRecord, *, turn: int) -> None:
    check_session_id(meta.session_id)
    if meta.session_id != record.snapshot.session_id:
        raise ValueError("meta and record are of one session")
    if record.snapshot.turn != turn:
        raise ValueError(f"this session begins at turn {turn}")
