"""The store with the time measured that the commit of a turn takes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

from app.engine.stages import Timed
from app.models.record import MediaFile, SessionRecord, StoredEntry
from app.storage.store import Claim, SessionStore


def timed_store(store: SessionStore, timed: Timed) -> SessionStore:
    """`store`, and `timed` around each of its commits that adds a turn."""
    return cast(SessionStore, _TimedStore(store, timed))


class _TimedStore:
    def __init__(self, store: SessionStore, timed: Timed) -> None:
        self._store = store
        self._timed = timed

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 (whatever the store has there)
        return getattr(self._store, name)

    @asynccontextmanager
    async def claim(self, session_id: str) -> AsyncIterator[Claim]:
        async with self._store.claim(session_id) as claim:
            yield cast(Claim, _TimedClaim(claim, self._timed))


class _TimedClaim:
    def __init__(self, claim: Claim, timed: Timed) -> None:
        self._claim = claim
        self._timed = timed

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 (whatever a claim has there)
        return getattr(self._claim, name)

    async def commit(
        self,
        record: SessionRecord,
        entry: StoredEntry | None = None,
        media: tuple[MediaFile, ...] = (),
    ) -> None:
        if entry is None:
            await self._claim.commit(record, entry, media)
            return
        with self._timed("commit"):
            await self._claim.commit(record, entry, media)
