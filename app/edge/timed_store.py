"""The store with the time measured that the commit of a turn takes."""

from typing import cast

from app.engine.stages import Timed
from app.models.record import MediaFile, SessionRecord, StoredEntry
from app.storage.around import ClaimAround, StoreAround
from app.storage.store import Claim, SessionStore


def timed_store(store: SessionStore, timed: Timed) -> SessionStore:
    """`store`, and `timed` around each of its commits that adds a turn."""
    return cast(SessionStore, _TimedStore(store, timed))


class _TimedStore(StoreAround):
    def __init__(self, store: SessionStore, timed: Timed) -> None:
        super().__init__(store)
        self._timed = timed

    def _around(self, claim: Claim) -> Claim:
        return _TimedClaim(claim, self._timed)


class _TimedClaim(ClaimAround):
    def __init__(self, claim: Claim, timed: Timed) -> None:
        super().__init__(claim)
        self._timed = timed

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
