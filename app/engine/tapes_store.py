"""The store as the game uses it: a run that ends or moves is noticed, and its tape made.

Nobody has to remember to tell the tapes, and a run is never moved away from under one.
"""

from typing import cast

from app.engine.tapes import Tapes
from app.models.record import MediaFile, SessionRecord, StoredEntry
from app.models.session import Meta
from app.storage.around import ClaimAround, StoreAround
from app.storage.store import Claim, SessionStore


def taping(store: SessionStore, tapes: Tapes) -> SessionStore:
    """`store`, with `tapes` told of what becomes of runs."""
    return cast(SessionStore, _TapingStore(store, tapes))


class _TapingStore(StoreAround):
    def __init__(self, store: SessionStore, tapes: Tapes) -> None:
        super().__init__(store)
        self._tapes = tapes

    def _around(self, claim: Claim) -> Claim:
        return _TapingClaim(claim, self._tapes)

    async def delete(self, session_id: str, *, archive: bool) -> str | None:
        await self._tapes.cancel(session_id)
        kept = await self._store.delete(session_id, archive=archive)
        if kept is not None:
            self._tapes.shelved(session_id, kept, whole=False)
        return kept

    async def delete_archive(self, name: str) -> None:
        await self._tapes.cancel_archived(name)
        await self._store.delete_archive(name)


class _TapingClaim(ClaimAround):
    def __init__(self, claim: Claim, tapes: Tapes) -> None:
        super().__init__(claim)
        self._tapes = tapes

    async def commit(
        self,
        record: SessionRecord,
        entry: StoredEntry | None = None,
        media: tuple[MediaFile, ...] = (),
    ) -> None:
        await self._claim.commit(record, entry, media)
        if entry is not None and entry.entry.phase == "over":
            self._tapes.ended(record.snapshot.session_id)

    async def restart(self, meta: Meta, record: SessionRecord) -> str | None:
        await self._tapes.cancel(meta.session_id)
        archive = await self._claim.restart(meta, record)
        if archive is not None:
            self._tapes.shelved(meta.session_id, archive, whole=True)
        return archive

    async def rewind(self, turn: int, meta: Meta, record: SessionRecord) -> str:
        over = self._claim.record.snapshot.phase == "over"
        await self._tapes.cancel(meta.session_id)
        archive = await self._claim.rewind(turn, meta, record)
        self._tapes.shelved(meta.session_id, archive, whole=over)
        return archive
