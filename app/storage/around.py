"""What stands around a store: all of it passes through, but for what a subclass has to add."""

import inspect
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from app.models.base import SessionId
from app.models.record import MediaFile, SessionRecord, StoredEntry
from app.models.session import Meta
from app.storage.store import Claim, SessionStore


class StoreAround:
    """Does what the store inside does. A subclass overrides what it has something to say to."""

    def __init__(self, store: SessionStore) -> None:
        self._store = store

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 (whatever the store has there)
        found = getattr(self._store, name)
        if inspect.ismethod(found):  # Looked up through every store around the store only once.
            self.__dict__[name] = found
        return found

    @asynccontextmanager
    async def claim(self, session_id: SessionId) -> AsyncIterator[Claim]:
        async with self._store.claim(session_id) as claim:
            yield self._around(claim)

    def _around(self, claim: Claim) -> Claim:
        """The claim as it is given away."""
        return claim


class ClaimAround:
    """Does what the claim inside does."""

    def __init__(self, claim: Claim) -> None:
        self._claim = claim

    @property
    def record(self) -> SessionRecord:
        return self._claim.record

    async def commit(
        self,
        record: SessionRecord,
        entry: StoredEntry | None = None,
        media: tuple[MediaFile, ...] = (),
    ) -> None:
        await self._claim.commit(record, entry, media)

    async def restart(self, meta: Meta, record: SessionRecord) -> str | None:
        return await self._claim.restart(meta, record)

    async def rewind(self, turn: int, meta: Meta, record: SessionRecord) -> str:
        return await self._claim.rewind(turn, meta, record)
