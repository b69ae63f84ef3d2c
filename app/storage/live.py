"""The sessions in use: who may touch which files when, what is in memory, and what went wrong.

Every write of a session, and every read that goes to its disk for the first time, holds that
session's file lock for as long as its thread job takes: milliseconds, and never while a turn is
being made. That is what keeps a recovery from running against a commit.
"""

import contextlib
import logging
from collections.abc import Callable, Iterator
from functools import partial
from typing import TypeVar

from app.errors import GameError, InvalidSessionId, SessionDamaged, SessionNotFound, StorageError
from app.storage.cache import Cache
from app.storage.faults import Damage, SyncFailed, is_full, storage_error
from app.storage.index import Index
from app.storage.locks import SessionLocks
from app.storage.session_folder import Loaded, SessionFolder
from app.storage.sessions_root import SessionsRoot, is_session_id
from app.storage.threads import Threads

logger = logging.getLogger(__name__)

T = TypeVar("T")

_ATTEMPTS = 16
"""More than one only if the session was swapped, or fell out of memory, just then."""


class LiveSessions:
    """All methods raise `SessionNotFound`, `SessionDamaged`, `StorageFull` and `StorageError`."""

    def __init__(self, root: SessionsRoot, threads: Threads, cache: Cache, index: Index) -> None:
        self._root = root
        self._threads = threads
        self._cache = cache
        self._index = index
        self.file_locks = SessionLocks()
        self._damaged: set[str] = set()
        self._suspicious: set[str] = set()
        """A write failed and nothing has been read afresh since."""
        self._read_only: set[str] = set()
        """A sync failed: what the disk holds is not known, so nothing more is written."""

    @property
    def count(self) -> int:
        """Sessions in memory."""
        return len(self._cache)

    @property
    def damaged_count(self) -> int:
        return len(self._damaged)

    @property
    def read_only_count(self) -> int:
        return len(self._read_only)

    async def loaded(self, session_id: str) -> Loaded:
        """From memory, or from the disk when it is not there."""
        cached = self._cache.get(session_id)
        if cached is not None:
            return cached
        async with self.file_locks.waiting(session_id):
            return await self._loaded(session_id)

    async def writable(self, session_id: str) -> Loaded:
        """The same, for somebody who means to write."""
        loaded = await self.loaded(session_id)
        self._refuse_read_only(session_id)
        return loaded

    async def reload(self, session_id: str) -> Loaded:
        """Read afresh, and give a damaged or read-only session another chance."""
        async with self.file_locks.waiting(session_id):
            if session_id in self._read_only:
                self._suspicious.add(session_id)
            self.forget(session_id)
            return await self._loaded(session_id)

    async def read(
        self, session_id: str, job: Callable[[SessionFolder, Loaded], T], *, whole: bool = False
    ) -> T:
        """Read from a session's files without holding up its writers.

        Meanwhile the session may be swapped for another under the same id (a reset). Then what
        was read does not fit what was known of it, and the job is done again with the new one.
        `whole`: the job looks at several files, so even without an error it may have a mixture.
        """
        for _ in range(_ATTEMPTS):
            loaded = await self.loaded(session_id)
            failure: Damage | OSError | None = None
            try:
                result = await self._threads.run(partial(self._read, session_id, job, loaded))
                if not whole:
                    return result
            except (Damage, OSError) as error:
                failure = error
            if (await self.loaded(session_id)).marks is loaded.marks:
                if failure is not None:
                    raise self._told(session_id, failure) from failure
                return result
        raise StorageError("This session changes faster than it can be read.")

    def _read(
        self, session_id: str, job: Callable[[SessionFolder, Loaded], T], loaded: Loaded
    ) -> T:
        return job(self._root.folder(session_id), loaded)

    async def change(
        self, session_id: str, job: Callable[[SessionFolder, Loaded], tuple[Loaded, T]]
    ) -> T:
        """Write to a session. After any exception it is read afresh before its next use."""
        async with self.file_locks.waiting(session_id):
            loaded = await self._loaded(session_id)
            self._refuse_read_only(session_id)

            def mended() -> tuple[Loaded, T]:
                before = loaded
                if not before.mended:
                    before = self._root.mend(session_id, suspicious=True)
                return job(self._root.folder(session_id), before)

            with self._writing(session_id):
                after, result = await self._threads.run(mended)
            self._keep(session_id, after)
            return result

    async def add(self, session_id: str, job: Callable[[], Loaded]) -> Loaded:
        """Bring a session into being. `job` raises `SessionExists`."""
        check_session_id(session_id)
        async with self.file_locks.waiting(session_id):
            with self._writing(session_id):
                loaded = await self._threads.run(job)
            self._keep(session_id, loaded)
            return loaded

    async def remove(self, session_id: str, job: Callable[[Loaded | None], T]) -> T:
        """Take a session away. A damaged one is handed to the job as None, unread."""
        async with self.file_locks.waiting(session_id):
            loaded: Loaded | None = None
            with contextlib.suppress(SessionDamaged):
                loaded = await self._loaded(session_id)
            with self._writing(session_id):
                result = await self._threads.run(lambda: job(loaded))
            self.forget(session_id)
            self._index.drop(session_id)
            return result

    def forget(self, session_id: str) -> None:
        """Keep nothing of a session in memory, not even that it was damaged."""
        self._cache.drop(session_id)
        self._damaged.discard(session_id)
        self._read_only.discard(session_id)

    async def _loaded(self, session_id: str) -> Loaded:
        cached = self._cache.get(session_id)
        if cached is not None:
            return cached
        check_session_id(session_id)  # every way to a file that is not yet in memory leads here
        if session_id in self._damaged:
            raise SessionDamaged
        suspicious = session_id in self._suspicious
        read_only = session_id in self._read_only
        try:
            loaded = await self._threads.run(
                lambda: self._root.touch(session_id, suspicious=suspicious, read_only=read_only)
            )
        except SessionNotFound:
            self._suspicious.discard(session_id)
            raise
        except Damage as damage:
            self._damaged.add(session_id)
            raise self._told(session_id, damage) from damage
        except OSError as error:
            raise storage_error(error) from error
        self._keep(session_id, loaded)
        return loaded

    def _keep(self, session_id: str, loaded: Loaded) -> None:
        if loaded.mended:
            self._suspicious.discard(session_id)
        self._cache.put(session_id, loaded)
        self._index.note(session_id, loaded.meta, loaded.record.snapshot)

    @contextlib.contextmanager
    def _writing(self, session_id: str) -> Iterator[None]:
        try:
            yield
        except BaseException as error:
            if isinstance(error, GameError):
                raise  # refused before anything was written
            self._cache.drop(session_id)
            self._suspicious.add(session_id)
            if isinstance(error, Damage):
                raise self._told(session_id, error) from error
            if isinstance(error, SyncFailed) and not is_full(error):
                self._read_only.add(session_id)
                logger.exception("session is read-only", extra={"session_id": session_id})
            if isinstance(error, OSError):
                raise storage_error(error) from error
            raise

    def _told(self, session_id: str, error: Damage | OSError) -> SessionDamaged | StorageError:
        if isinstance(error, OSError):
            return storage_error(error)
        extra = {"session_id": session_id, "reason": str(error)}
        logger.error("session damaged", extra=extra)
        return SessionDamaged()

    def _refuse_read_only(self, session_id: str) -> None:
        if session_id in self._read_only:
            raise StorageError("The disk failed under this session: it can be read only.")


def check_session_id(session_id: str) -> None:
    """Raises `InvalidSessionId`: ids become folder names, so they are looked at again here."""
    if not is_session_id(session_id):
        raise InvalidSessionId
