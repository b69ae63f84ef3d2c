"""Where a run and its tapes lie: a session, or the archive that it became."""

import contextlib
from pathlib import Path
from typing import Protocol

import aiofiles

from app.engine.tapes_captions import HEAD_BYTES, Facts, facts
from app.errors import MediaNotFound
from app.models.media_urls import archive_media_url, media_url
from app.models.record import StoredEntry
from app.models.vocabulary import Quality
from app.storage.store import SessionStore, StoredFile

LENGTH_UNKNOWN = Facts(turns=1, seconds=0.0)


class Shelf(Protocol):
    """One run. Every method raises what the store raises for a run that is gone or damaged."""

    @property
    def key(self) -> str:
        """Tells it from every other run."""
        ...

    async def page(self, *, before: int | None, limit: int) -> tuple[StoredEntry, ...]:
        """Turns, newest first."""
        ...

    async def picture(self, file: str) -> Path | None:
        """A picture of the run, if it is there."""
        ...

    async def quality(self) -> Quality:
        """What the run is set to."""
        ...

    async def tapes(self) -> tuple[StoredFile, ...]: ...

    async def facts(self, file: str) -> Facts:
        """What a captions file says of its film."""
        ...

    async def keep(self, file: str, made: Path) -> None:
        """Publish a finished file from a workshop."""
        ...

    def url(self, file: str) -> str: ...


class SessionShelf:
    """A session's present run."""

    def __init__(self, store: SessionStore, session_id: str) -> None:
        self._store, self.session_id = store, session_id

    @property
    def key(self) -> str:
        return f"session {self.session_id}"

    async def page(self, *, before: int | None, limit: int) -> tuple[StoredEntry, ...]:
        return await self._store.page(self.session_id, before=before, limit=limit)

    async def picture(self, file: str) -> Path | None:
        with contextlib.suppress(MediaNotFound):
            return await self._store.media(self.session_id, "images", file)
        return None

    async def quality(self) -> Quality:
        return (await self._store.meta(self.session_id)).settings.quality

    async def tapes(self) -> tuple[StoredFile, ...]:
        return await self._store.files(self.session_id, "tapes")

    async def facts(self, file: str) -> Facts:
        return await _facts(await self._store.media(self.session_id, "tapes", file))

    async def keep(self, file: str, made: Path) -> None:
        await self._store.keep_media(self.session_id, "tapes", file, made)

    def url(self, file: str) -> str:
        return media_url(self.session_id, "tapes", file)


class ArchiveShelf:
    """An ended run."""

    def __init__(self, store: SessionStore, name: str) -> None:
        self._store, self._name = store, name

    @property
    def key(self) -> str:
        return f"archive {self._name}"

    async def page(self, *, before: int | None, limit: int) -> tuple[StoredEntry, ...]:
        return await self._store.archive_page(self._name, before=before, limit=limit)

    async def picture(self, file: str) -> Path | None:
        with contextlib.suppress(MediaNotFound):
            return await self._store.archive_media(self._name, "images", file)
        return None

    async def quality(self) -> Quality:
        meta, _ = await self._store.archive(self._name)
        return meta.settings.quality

    async def tapes(self) -> tuple[StoredFile, ...]:
        return await self._store.archive_files(self._name, "tapes")

    async def facts(self, file: str) -> Facts:
        return await _facts(await self._store.archive_media(self._name, "tapes", file))

    async def keep(self, file: str, made: Path) -> None:
        await self._store.keep_archive_media(self._name, "tapes", file, made)

    def url(self, file: str) -> str:
        return archive_media_url(self._name, "tapes", file)


async def _facts(path: Path) -> Facts:
    try:
        async with aiofiles.open(path, "rb") as file:
            head = await file.read(HEAD_BYTES)
    except FileNotFoundError:
        raise MediaNotFound from None
    return facts(head.decode("utf-8", "replace")) or LENGTH_UNKNOWN
