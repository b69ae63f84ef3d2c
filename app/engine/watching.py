"""Beginning to watch a session: from now, or from where somebody stopped, exactly."""

from collections.abc import Iterator, Sequence
from typing import Final, Literal

from app.engine.announcing import deadline_event, turn_events
from app.engine.channel import EventId, Owed, Told, Watch
from app.engine.clips import Clips
from app.engine.events import Events
from app.engine.pictures import Pictures
from app.engine.records import lineage
from app.errors import ProviderError
from app.models.events import (
    ChoicesChanged,
    Event,
    ImageFailed,
    ImageReady,
    Resync,
    VideoFailed,
    VideoReady,
)
from app.models.record import SessionRecord, StoredEntry
from app.models.session import Image, Video
from app.storage.store import SessionStore

MOST_TURNS: Final = 50
"""Told again to who was away; after more it is quicker to read the state."""
LATE_TURNS: Final = 3
"""Turns already seen whose picture or clip may have come meanwhile."""


class Watching:
    """Opens streams."""

    def __init__(
        self, store: SessionStore, events: Events, pictures: Pictures, clips: Clips
    ) -> None:
        self._store = store
        self._events = events
        self._pictures = pictures
        self._clips = clips

    async def watch(
        self, session_id: str, *, after: str | None = None, plays: bool = True
    ) -> Watch:
        """A stream from now on, or from the event after the id `after`. `plays`: whether it is
        of somebody who may play.

        Raises `SessionNotFound`, `SessionDamaged`. The caller closes it.
        """
        record = await self._store.load(session_id)
        # No await lies between the load and this, so it is what is true now.
        watch, owed = self._events.subscribe(session_id, record.snapshot, after, plays=plays)
        if owed is not None:
            try:
                watch.lead_with(await self._missed(record, owed))
            except BaseException:
                watch.close()
                raise
        return watch

    async def _missed(self, record: SessionRecord, owed: Owed) -> list[Told]:
        """What the history tells of the time between a commit and the channel's beginning."""
        session_id, since, until = record.snapshot.session_id, owed.since, owed.until.commit
        limit = min(until - since, MOST_TURNS + 1) + LATE_TURNS
        newest_first = await self._store.page(
            session_id, before=record.snapshot.turn + 1, limit=limit
        )
        entries = newest_first[::-1]
        missed = [stored for stored in entries if since < _number(stored) <= until]
        if len(missed) > MOST_TURNS:
            return [_resync(record, owed, "too_old")]
        if not _unbroken(record, entries, owed):
            return [_resync(record, owed, "reset")]
        seen = [stored for stored in entries if _number(stored) <= since]
        told = [Told(None, event) for event in await self._late_media(seen[-LATE_TURNS:])]
        for stored in missed:
            image = await self._pictures.shown(session_id, stored.entry.image)
            video = await self._clips.shown(session_id, stored.entry.video)
            committed, *rest = turn_events(stored.entry, image, video)
            told.append(Told(EventId(_number(stored)), committed))
            told.extend(Told(None, event) for event in rest)
        last = (seen + missed)[-1] if seen or missed else None
        told.extend(Told(None, event) for event in _present(record, last, owed))
        return told

    async def _late_media(self, seen: list[StoredEntry]) -> list[Event]:
        """What became of pictures and clips that were still to come when the turn was told."""
        told: list[Event] = []
        for stored in seen:
            entry = stored.entry
            if entry.image is not None and entry.image.status == "pending":
                image = await self._pictures.shown(entry.session_id, entry.image)
                if image is not None and image.status != "pending":
                    told.append(_picture(entry.turn, image))
            if entry.video is not None and entry.video.status == "pending":
                video = await self._clips.shown(entry.session_id, entry.video)
                if video is not None and video.status != "pending":
                    told.append(_clip(entry.turn, video))
        return told


def _resync(record: SessionRecord, owed: Owed, reason: Literal["too_old", "reset"]) -> Told:
    return Told(owed.until, Resync(turn=record.snapshot.turn, reason=reason))


def _picture(turn: int, image: Image) -> Event:
    if image.status == "ready":
        return ImageReady(turn=turn, image=image)
    return ImageFailed(turn=turn, image=image, code=ProviderError.code)


def _clip(turn: int, video: Video) -> Event:
    if video.status == "ready":
        return VideoReady(turn=turn, video=video)
    return VideoFailed(turn=turn, video=video, code=ProviderError.code)


def _number(stored: StoredEntry) -> int:
    """The commit that made this turn true."""
    return stored.entry.state.last_event_id


def _follows(older: StoredEntry, newer: StoredEntry) -> bool:
    entry = newer.entry
    return newer.lineage == lineage(older.lineage, entry.action, entry.is_timeout, entry.fate)


def _unbroken(record: SessionRecord, entries: Sequence[StoredEntry], owed: Owed) -> bool:
    """Whether the turns since a commit follow from one another.

    A reset or a rewind in between is not in the history, but the lineages of the turns before
    and after it do not fit. Where it may have come before the commit too, this says no.
    """
    since, until = owed.since, owed.until.commit
    if since == until:
        return True
    if not entries or entries[-1].lineage != record.lineage:
        return False
    older: StoredEntry | None = None
    for stored in entries:
        follows = older is not None and _follows(older, stored)
        broken = not follows and (older is not None or stored.entry.turn == 0)
        # It came between these two turns, and at the latest just before the second.
        if broken and since < min(_number(stored) - 1, until):
            return False
        older = stored
    return True


def _present(record: SessionRecord, last: StoredEntry | None, owed: Owed) -> Iterator[Event]:
    """What changed since the last turn: it is told as it is now."""
    if last is None or owed.since == owed.until.commit:
        return
    snapshot, entry = record.snapshot, last.entry
    if entry.turn != snapshot.turn:
        return
    if snapshot.choices != entry.choices:
        yield ChoicesChanged(turn=snapshot.turn, choices=snapshot.choices)
    if snapshot.deadline_at != entry.deadline_at or record.hold is not None:
        yield deadline_event(record)
