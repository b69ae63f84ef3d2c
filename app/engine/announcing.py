"""The store as the engine uses it: what is committed through it is announced, by what it changed.

Nobody has to remember to announce, and nothing can be announced that is not committed.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import cast

from app.engine.events import Events
from app.engine.records import as_turn
from app.models.events import (
    ChoicesChanged,
    Deadline,
    Event,
    SessionOver,
    SessionReset,
    TurnCommitted,
)
from app.models.media_urls import image_file, media_url
from app.models.record import MediaFile, SessionRecord, StoredEntry
from app.models.session import HistoryEntry, Image, Meta, Snapshot, Video
from app.storage.around import ClaimAround, StoreAround
from app.storage.store import Claim, SessionStore


def announcing(store: SessionStore, events: Events) -> SessionStore:
    """`store`, with all that is written through it announced after it is durable."""
    return cast(SessionStore, _AnnouncingStore(store, events))


class _AnnouncingStore(StoreAround):
    def __init__(self, store: SessionStore, events: Events) -> None:
        super().__init__(store)
        self._events = events

    def _around(self, claim: Claim) -> Claim:
        return _AnnouncingClaim(claim, self._events)

    async def delete(self, session_id: str, *, archive: bool) -> str | None:
        kept = await self._store.delete(session_id, archive=archive)
        self._events.deleted(session_id)
        return kept


class _AnnouncingClaim(ClaimAround):
    def __init__(self, claim: Claim, events: Events) -> None:
        super().__init__(claim)
        self._events = events

    async def commit(
        self,
        record: SessionRecord,
        entry: StoredEntry | None = None,
        media: tuple[MediaFile, ...] = (),
    ) -> None:
        before = self._claim.record
        with self._told(record.snapshot.session_id):
            await self._claim.commit(record, entry, media)
        self._follow(record, lambda: changes(before, record, entry), ends_turn=entry is not None)

    async def restart(self, meta: Meta, record: SessionRecord) -> str | None:
        with self._told(meta.session_id):
            archive = await self._claim.restart(meta, record)
        self._begins_again(record, SessionReset(turn=record.snapshot.turn, reason="reset"))
        return archive

    async def rewind(self, turn: int, meta: Meta, record: SessionRecord) -> str:
        with self._told(meta.session_id):
            archive = await self._claim.rewind(turn, meta, record)
        self._begins_again(record, SessionReset(turn=turn, reason="rewind"))
        return archive

    def _begins_again(self, record: SessionRecord, reset: SessionReset) -> None:
        self._follow(record, lambda: (reset,), ends_turn=True)

    def _follow(
        self, record: SessionRecord, told: Callable[[], Sequence[Event]], *, ends_turn: bool
    ) -> None:
        snapshot = record.snapshot
        self._events.follow(snapshot.session_id, snapshot.last_event_id, told, ends_turn=ends_turn)

    @contextmanager
    def _told(self, session_id: str) -> Iterator[None]:
        """A write that failed, or whose caller was cancelled, may have been done all the same."""
        try:
            yield
        except BaseException:
            self._events.doubt(session_id)
            raise


def changes(
    before: SessionRecord, after: SessionRecord, stored: StoredEntry | None
) -> tuple[Event, ...]:
    """What a commit has to tell. Pure, so that the history can tell it again."""
    was, now = before.snapshot, after.snapshot
    if stored is not None:
        return turn_events(stored.entry, stored.entry.image, stored.entry.video)
    told: list[Event] = []
    if now.choices != was.choices:
        told.append(ChoicesChanged(turn=now.turn, choices=now.choices))
    if now.deadline_at != was.deadline_at or after.hold != before.hold:
        told.append(deadline_event(after))
    return tuple(told)


def turn_events(entry: HistoryEntry, image: Image | None, video: Video | None) -> tuple[Event, ...]:
    """A turn, and the end of the run if it ended it. `image` and `video` are as they are now."""
    shown = _with_url(entry.session_id, image)
    turn = as_turn(entry, image=shown, video=video, choices=entry.choices)
    committed = TurnCommitted(**dict(turn))
    if entry.phase != "over":
        return (committed,)
    return committed, over_event(entry.state)


def over_event(snapshot: Snapshot) -> SessionOver:
    return SessionOver(turn=snapshot.turn, reason="ending" if snapshot.player.alive else "death")


def deadline_event(record: SessionRecord) -> Deadline:
    hold = record.hold
    return Deadline(
        turn=record.snapshot.turn,
        deadline_at=record.snapshot.deadline_at,
        held_by=hold.by if hold else None,
    )


def _with_url(session_id: str, image: Image | None) -> Image | None:
    if image is None or image.status != "ready":
        return image
    return image.model_copy(update={"url": media_url(session_id, "images", image_file(image))})
