"""A store that takes only so much: of the disk for one session and for all, and so many sessions.

Looked up in counters before anything is written, so that a full store costs no turn its money and
no walk over the disk is waited for. What is there already can always be read, and be deleted.
"""

import asyncio
import contextlib
import itertools
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

from app.errors import SessionExists, SessionNotFound, StorageFull
from app.models.base import SessionId
from app.models.record import MediaFile, SessionRecord, StoredEntry
from app.models.session import Meta
from app.models.vocabulary import MediaFolder
from app.storage.around import ClaimAround, StoreAround
from app.storage.store import Claim, SessionStore
from app.storage.usage import BLOCK, Size, Usage, measure

logger = logging.getLogger(__name__)

TURN_BYTES: Final = 8192
"""What the text of a turn counts as until its session is measured again."""
NEW_BYTES: Final = 8 * BLOCK
"""The same for a session that has just been made: its files and folders."""
EVERY: Final = 60.0
"""Seconds after which sessions that have changed are measured again."""
WHOLE: Final = 60
"""Every so manieth time everything is: somebody else may have tidied up."""
_AT_ONCE: Final = 32

Pause = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Allowance:
    """0 is no limit."""

    session_bytes: int
    disk_bytes: int
    sessions: int


class Quota:
    """What is used, what is allowed, and the task that measures."""

    def __init__(
        self,
        root: Path,
        archives: Path,
        allowance: Allowance,
        refused: Callable[[str], None],
        *,
        pause: Pause = asyncio.sleep,
    ) -> None:
        self.usage = Usage()
        self.measured = asyncio.Event()
        """Everything has been measured since the start."""
        self._root = root
        self._archives = archives
        self._allowance = allowance
        self._refused = refused
        self._pause = pause
        self._changed: set[str] = set()
        self._task: asyncio.Task[None] | None = None

    # -- what is allowed -----------------------------------------------------------------

    @property
    def has_room(self) -> bool:
        """Whether `check_new` would let another session in."""
        most, disk = self._allowance.sessions, self._allowance.disk_bytes
        return not (most and len(self.usage.sessions) >= most) and not (
            disk and self.usage.total > disk
        )

    def check_new(self) -> None:
        """There may be one session more. Raises `StorageFull`."""
        most = self._allowance.sessions
        if most and len(self.usage.sessions) >= most:
            self._refused("sessions")
            raise StorageFull(
                f"This server keeps at most {most} sessions (ELSEWHERE_MAX_SESSIONS)."
            )
        self.check_disk(0)

    def check_turn(self, session_id: str) -> None:
        """Another turn may be played in this session. Raises `StorageFull`."""
        self.check(session_id, TURN_BYTES)

    def check(self, session_id: str, *written: int) -> None:
        """Files of these sizes may be added to it. Raises `StorageFull`."""
        more, most = sum(written), self._allowance.session_bytes
        if most and self.usage.of(session_id) + more > most:
            self._refused("session_bytes")
            raise StorageFull(
                f"This session may take {most} bytes of the disk (ELSEWHERE_MAX_SESSION_BYTES).",
                details="A rewind, a reset or a fork from an earlier turn goes on with less.",
            )
        self.check_disk(more)

    def check_disk(self, more: int) -> None:
        """So many bytes may be added, anywhere. Raises `StorageFull`."""
        most = self._allowance.disk_bytes
        if most and self.usage.total + more > most:
            self._refused("disk_bytes")
            raise StorageFull(
                f"All sessions and archives together may take {most} bytes of the disk "
                "(ELSEWHERE_MAX_DISK_BYTES)."
            )

    # -- what is used --------------------------------------------------------------------

    def changed(self, session_id: str, *written: int) -> None:
        """Files of about these sizes were added to it, or some were taken away."""
        self.usage.grow(session_id, *written)
        self._changed.add(session_id)

    async def moved(self, session_id: str, archive: str | None) -> None:
        """A run has become an archive, or is gone, and the session goes on or has gone too."""
        self._changed.discard(session_id)
        if archive is None:
            self.usage.drop(self.usage.sessions, session_id)
        else:
            self.usage.archived(session_id, archive)
        await self.measure((session_id,))

    async def measure(self, session_ids: Iterable[str]) -> None:
        """Look at these sessions again."""
        await self._measure(self._root, self.usage.sessions, list(session_ids))

    async def measure_archive(self, name: str) -> None:
        """Look at this archive again."""
        await self._measure(self._archives, self.usage.archives, [name])

    async def measure_all(self) -> None:
        """Look at everything that is there."""
        kinds = ((self._root, self.usage.sessions), (self._archives, self.usage.archives))
        for folder, kind in kinds:
            before = set(kind)
            there = await asyncio.to_thread(_names, folder)
            for name in before - set(there):
                self.usage.drop(kind, name)
            await self._measure(folder, kind, there)
        self.measured.set()

    async def _measure(self, folder: Path, kind: dict[str, Size], names: list[str]) -> None:
        for start in range(0, len(names), _AT_ONCE):
            some = names[start : start + _AT_ONCE]
            if kind is self.usage.sessions:
                self._changed.difference_update(some)
            for name, size in zip(some, await asyncio.to_thread(_sizes, folder, some), strict=True):
                if name in self._changed:
                    continue  # It was written to meanwhile, and is looked at again.
                if size is None:
                    self.usage.drop(kind, name)
                else:
                    self.usage.put(kind, name, size)

    # -- the task ------------------------------------------------------------------------

    def open(self) -> None:
        """Begin to measure, in the background."""
        self._task = asyncio.create_task(self._keep(), name="disk usage")

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})

    async def _keep(self) -> None:
        for beat in itertools.count():
            try:
                if beat % WHOLE:
                    await self.measure(tuple(self._changed))
                else:
                    await self.measure_all()
            except OSError as error:
                logger.warning("disk usage cannot be measured", extra={"errno": error.errno})
            await self._pause(EVERY)


def _names(folder: Path) -> list[str]:
    try:
        return [path.name for path in folder.iterdir() if not path.name.startswith(".")]
    except FileNotFoundError:
        return []


def _sizes(folder: Path, names: list[str]) -> list[Size | None]:
    return [measure(folder / name) for name in names]


def _size(path: Path) -> int:
    return path.stat().st_size


def metered(store: SessionStore, quota: Quota) -> SessionStore:
    """`store`, with all that is added through it checked first and counted after."""
    return cast(SessionStore, _MeteredStore(store, quota))


class _MeteredStore(StoreAround):
    def __init__(self, store: SessionStore, quota: Quota) -> None:
        super().__init__(store)
        self._quota = quota

    async def open(self) -> None:
        await self._store.open()
        self._quota.open()

    async def close(self) -> None:
        await self._quota.close()
        await self._store.close()

    async def create(self, meta: Meta, record: SessionRecord) -> None:
        await self._check_new(meta.session_id)
        await self._store.create(meta, record)
        self._quota.changed(meta.session_id, NEW_BYTES)

    async def fork(self, source: SessionId, turn: int, meta: Meta, record: SessionRecord) -> None:
        await self._check_new(meta.session_id)
        await self._store.fork(source, turn, meta, record)
        await self._quota.measure((meta.session_id,))

    async def restore(self, name: str, meta: Meta, record: SessionRecord) -> None:
        await self._check_new(meta.session_id)
        await self._store.restore(name, meta, record)
        await self._quota.measure((meta.session_id,))

    async def import_(self, upload: Path, meta: Callable[[Meta], Meta]) -> Meta:
        self._quota.check_new()
        imported = await self._store.import_(upload, meta)
        await self._quota.measure((imported.session_id,))
        return imported

    def _around(self, claim: Claim) -> Claim:
        return _MeteredClaim(claim, self._quota)

    async def put_media(self, session_id: SessionId, folder: MediaFolder, file: MediaFile) -> None:
        self._quota.check(session_id, len(file.data))
        await self._store.put_media(session_id, folder, file)
        self._quota.changed(session_id, len(file.data))

    async def keep_media(
        self, session_id: SessionId, folder: MediaFolder, name: str, made: Path
    ) -> None:
        size = await asyncio.to_thread(_size, made)
        self._quota.check(session_id, size)
        await self._store.keep_media(session_id, folder, name, made)
        self._quota.changed(session_id, size)

    async def keep_archive_media(
        self, name: str, folder: MediaFolder, file: str, made: Path
    ) -> None:
        self._quota.check_disk(await asyncio.to_thread(_size, made))
        await self._store.keep_archive_media(name, folder, file, made)
        await self._quota.measure_archive(name)

    async def delete(self, session_id: SessionId, *, archive: bool) -> str | None:
        kept = await self._store.delete(session_id, archive=archive)
        await self._quota.moved(session_id, kept)
        return kept

    async def delete_archive(self, name: str) -> None:
        await self._store.delete_archive(name)
        self._quota.usage.drop(self._quota.usage.archives, name)

    async def _check_new(self, session_id: SessionId) -> None:
        """What exists already is told first: then it is no matter of room."""
        if self._quota.has_room:
            return
        with contextlib.suppress(SessionNotFound):
            await self._store.meta(session_id)
            raise SessionExists
        self._quota.check_new()


class _MeteredClaim(ClaimAround):
    def __init__(self, claim: Claim, quota: Quota) -> None:
        super().__init__(claim)
        self._quota = quota

    async def commit(
        self,
        record: SessionRecord,
        entry: StoredEntry | None = None,
        media: tuple[MediaFile, ...] = (),
    ) -> None:
        session_id = record.snapshot.session_id
        if entry is None:
            await self._claim.commit(record, entry, media)
            return
        sizes = (TURN_BYTES, *(len(file.data) for file in media))
        self._quota.check(session_id, *sizes)
        await self._claim.commit(record, entry, media)
        self._quota.changed(session_id, *sizes)

    async def restart(self, meta: Meta, record: SessionRecord) -> str | None:
        archive = await self._claim.restart(meta, record)
        await self._quota.moved(meta.session_id, archive)
        return archive

    async def rewind(self, turn: int, meta: Meta, record: SessionRecord) -> str:
        archive = await self._claim.rewind(turn, meta, record)
        await self._quota.moved(meta.session_id, archive)
        return archive
