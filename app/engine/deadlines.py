"""The deadline of a turn: armed, held, let go on, extended. The server owns it, not a client.

It says from when on the world may be asked to play for a player who hesitates; the server asks
by itself for nobody. Any number of clients may call at the deadline, or click at that moment:
one turn is played, since every one of them needs the session's claim.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, Literal

from app.engine.checks import require_begun
from app.engine.jobs import Jobs
from app.engine.records import with_deadline
from app.errors import NoDeadline, SessionOver
from app.models.record import Hold, SessionRecord
from app.models.session import Settings
from app.storage.store import SessionStore

TIMES: Final = 10
"""A deadline can be extended to so many times its length: who reads slowly needs that
(WCAG 2.2.1), and more is a hold."""

DeadlineAction = Literal["hold", "resume", "extend"]
Change = Callable[[SessionRecord, Settings, datetime], SessionRecord]
"""The record with another deadline, or the same one."""


def fresh(settings: Settings, now: datetime) -> datetime | None:
    """The deadline of a turn that begins now."""
    seconds = settings.deadline_seconds
    return now + timedelta(seconds=seconds) if seconds else None


def armed(record: SessionRecord, settings: Settings, now: datetime) -> SessionRecord:
    """With a deadline, unless one is armed or held or the turn has none."""
    snapshot = record.snapshot
    if snapshot.deadline_at is not None or record.hold is not None or not _runs(record, settings):
        return record
    return with_deadline(record, fresh(settings, now), None, now)


def rearmed(record: SessionRecord, settings: Settings, now: datetime) -> SessionRecord:
    """After a change of its length: the whole of the new one, and held if it was held."""
    if not _runs(record, settings):
        if record.snapshot.deadline_at is None and record.hold is None:
            return record
        return with_deadline(record, None, None, now)
    if record.hold is not None:
        hold = record.hold.model_copy(update={"seconds": float(settings.deadline_seconds)})
        return with_deadline(record, None, hold, now)
    return with_deadline(record, fresh(settings, now), None, now)


def held(by: str) -> Change:
    """The clock stands still; what is left of it is kept."""

    def hold(record: SessionRecord, settings: Settings, now: datetime) -> SessionRecord:
        _require_deadline(record, settings)
        if record.hold is not None:
            return record
        left = Hold(by=by, seconds=_left(record, settings, now))
        return with_deadline(record, None, left, now)

    return hold


def resumed(record: SessionRecord, settings: Settings, now: datetime) -> SessionRecord:
    """The clock goes on from where it was held."""
    _require_deadline(record, settings)
    if record.hold is None:
        return armed(record, settings, now)
    return with_deadline(record, now + timedelta(seconds=record.hold.seconds), None, now)


def extended(seconds: int | None) -> Change:
    """More time: `seconds`, or as much again as a turn has. Never less than there was."""

    def extend(record: SessionRecord, settings: Settings, now: datetime) -> SessionRecord:
        _require_deadline(record, settings)
        left = _left(record, settings, now)
        most = float(TIMES * settings.deadline_seconds)
        more = max(left, min(left + (seconds or settings.deadline_seconds), most))
        if record.hold is not None:
            hold = record.hold.model_copy(update={"seconds": more})
            return with_deadline(record, None, hold, now)
        return with_deadline(record, now + timedelta(seconds=more), None, now)

    return extend


class Deadlines:
    """Changes the deadline of a session's present turn."""

    def __init__(self, store: SessionStore, jobs: Jobs, *, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._jobs = jobs
        self._clock = clock

    async def arm(self, session_id: str) -> SessionRecord:
        """Start the clock, if the session has one and it does not run yet."""
        return await self._changed(session_id, armed)

    async def rearm(self, session_id: str) -> None:
        """Follow a change of the session's settings. A turn under way is left alone: it arms
        its own."""
        await self._jobs.brief_ones(session_id)
        if not self._jobs.running(session_id):
            await self._changed(session_id, rearmed)

    async def change(
        self, session_id: str, action: DeadlineAction, *, by: str, seconds: int | None
    ) -> None:
        """Hold it, let it go on or extend it; doing so twice changes nothing more.

        Raises `NotStarted`, `SessionOver`, `NoDeadline`, `TurnInProgress`.
        """
        changes: dict[DeadlineAction, Change] = {
            "hold": held(by),
            "resume": resumed,
            "extend": extended(seconds),
        }
        await self._jobs.brief_ones(session_id)
        await self._changed(session_id, changes[action])

    async def _changed(self, session_id: str, change: Change) -> SessionRecord:
        async def work() -> SessionRecord:
            async with self._store.claim(session_id) as claim:
                settings = (await self._store.meta(session_id)).settings
                after = change(claim.record, settings, self._clock())
                if after is not claim.record:
                    await claim.commit(after)
                return after

        return await self._jobs.start(session_id, work, yields=False).result()


def _runs(record: SessionRecord, settings: Settings) -> bool:
    """Whether this turn is one that has a deadline."""
    return settings.deadline_seconds > 0 and record.snapshot.phase == "choosing"


def _left(record: SessionRecord, settings: Settings, now: datetime) -> float:
    """Seconds; all of them before the clock was started."""
    if record.hold is not None:
        return record.hold.seconds
    if record.snapshot.deadline_at is None:
        return float(settings.deadline_seconds)
    return max(0.0, (record.snapshot.deadline_at - now).total_seconds())


def _require_deadline(record: SessionRecord, settings: Settings) -> None:
    require_begun(record)
    if record.snapshot.phase == "over":
        raise SessionOver
    if not settings.deadline_seconds:
        raise NoDeadline
