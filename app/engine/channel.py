"""One session's stream of events: ids, what is kept of it, and the queue of each who watches."""

import asyncio
import re
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from app.models.events import Event, Presence, SessionReset, TurnCommitted
from app.models.session import Snapshot

KEPT: Final = 256
"""Events that a channel keeps for those who resume."""
KEPT_UNWATCHED: Final = 32
"""The same while nobody watches. What is older, the history tells."""
ROOM: Final = 128
"""Events that may wait for one reader. Who is further behind is let go, and can still resume."""
DELTA_SECONDS: Final = 0.02
DELTA_SECONDS_EACH: Final = 0.00025
"""Deltas are gathered for so long, and longer for each who watches: telling 1 000 streams takes
some 40 ms of the event loop, and words that come four times a second still run."""
PRESENCE_SECONDS: Final = 0.25
PRESENCE_SECONDS_EACH: Final = 0.002
PING_SECONDS: Final = 15.0
"""A sign of life so often: who watches can tell a quiet session from a dead connection."""

_ID: Final = re.compile(r"(\d{1,16})(?:\.(\d{1,16})\.(\d{1,9}))?", re.ASCII)


class EventId(NamedTuple):
    """Orders as the events do. See `app.engine.events`."""

    commit: int
    opened: int = 0
    number: int = 0

    @classmethod
    def parse(cls, text: str) -> "EventId | None":
        """None for what no event of ours has as its id."""
        found = _ID.fullmatch(text)
        return cls(*(int(part or 0) for part in found.groups())) if found else None

    def __str__(self) -> str:
        return f"{self.commit}.{self.opened}.{self.number}" if self.opened else str(self.commit)


class Owed(NamedTuple):
    """What a channel does not know: everything after commit `since`, up to its own beginning."""

    since: int
    until: EventId


class Told:
    """An event as it is told: with its id, if it can be resumed from, and encoded only once."""

    __slots__ = ("_frame", "event", "id")

    def __init__(self, id_: EventId | None, event: Event) -> None:
        self.id = id_
        self.event = event
        self._frame: bytes | None = None

    def frame(self, encode: Callable[["Told"], bytes]) -> bytes:
        """The event as it goes over the wire, however many hear it."""
        if self._frame is None:
            self._frame = encode(self)
        return self._frame


class Watch:
    """One who watches: an open stream. Whoever has it calls `close` in the end."""

    def __init__(self, channel: "Channel", *, plays: bool) -> None:
        self._channel = channel
        self.plays = plays
        """Whether who watches may play."""
        self._waiting: deque[Told] = deque()
        self._room = ROOM
        self._nudged = False
        self._over = False
        self._wake: asyncio.Future[None] | None = None

    def open_with(self, opening: Sequence[Told]) -> None:
        """What this stream begins with; the first of it is `hello`."""
        self._waiting.extend(opening)
        self._room = len(self._waiting) + ROOM

    def lead_with(self, missed: Sequence[Told]) -> None:
        """Put what the history tells behind `hello` and before all else."""
        if self._waiting:  # else it was let go meanwhile
            hello = self._waiting.popleft()
            self._waiting.extendleft(reversed((hello, *missed)))
            self._room += len(missed)

    def put(self, told: Told) -> None:
        if self._over:
            return
        if len(self._waiting) >= self._room:
            self._waiting.clear()
            self.end()
        else:
            self._waiting.append(told)
            self._rouse()

    def nudge(self) -> None:
        """Have `next` return, even if there is nothing: a sign of life."""
        self._nudged = True
        self._rouse()

    def end(self) -> None:
        """The stream ends when what waits has been read."""
        self._over = True
        self._rouse()

    async def next(self) -> tuple[Told, ...] | None:
        """Wait for events and take all that are there; None when the stream is over.

        None of them at all is a sign of life, now and then. One may wait at a time.
        """
        if not (self._waiting or self._nudged or self._over):
            self._wake = asyncio.get_running_loop().create_future()
            await self._wake
        if self._over and not self._waiting:
            return None
        taken = tuple(self._waiting)
        self._waiting.clear()
        self._nudged = False
        return taken

    def close(self) -> None:
        """Watch no more."""
        self._waiting.clear()
        self.end()
        self._channel.leave(self)

    def _rouse(self) -> None:
        if self._wake is not None and not self._wake.done():
            self._wake.set_result(None)


class Channel:
    """What one session tells. It lives while somebody watches, and a while longer."""

    def __init__(
        self, snapshot: Snapshot, *, opened: int, idle: Callable[["Channel"], None]
    ) -> None:
        """`snapshot` is what is true now; `idle` is called once nobody has watched for long."""
        self.turn = snapshot.turn
        self.last = EventId(snapshot.last_event_id, opened)
        self._opened = opened
        self._base = self.last
        self._number = 0
        self._kept: deque[Told] = deque()
        self._watches: set[Watch] = set()
        self._present = (0, 0)
        self._linger = 0.0
        self._idle = idle
        self._closed = False
        self._delta_timer: asyncio.TimerHandle | None = None
        self._presence_timer: asyncio.TimerHandle | None = None
        self._idle_timer: asyncio.TimerHandle | None = None
        self._ping_timer: asyncio.TimerHandle | None = None

    @property
    def players(self) -> int:
        """Open streams of those who may play."""
        return sum(watch.plays for watch in self._watches)

    @property
    def watchers(self) -> int:
        return len(self._watches)

    # -- telling -------------------------------------------------------------------------

    def tell(self, event: Event) -> None:
        """Tell of something between two commits."""
        self._number += 1
        self._keep(EventId(self.last.commit, self._opened, self._number), event)

    def commit(self, commit: int, events: Sequence[Event]) -> None:
        """Tell what a commit changed. The last event of it has its number as id."""
        if commit <= self.last.commit:  # it counts nothing, so it has no number of its own
            for event in events:
                self.tell(event)
            return
        for event in events[:-1]:
            self.tell(event)
        if events:
            self._keep(EventId(commit), events[-1])
        self.last = EventId(commit)

    def mention(self, event: Event) -> None:
        """Tell those who watch now. It has no id and is not kept."""
        told = Told(None, event)
        for watch in tuple(self._watches):
            watch.put(told)

    def soon(self, action: Callable[[], None]) -> None:
        """Do `action` shortly, once for all who ask until then; never if nobody watches."""
        if self._delta_timer is None and self._watches:
            wait = DELTA_SECONDS + DELTA_SECONDS_EACH * self.watchers

            def act() -> None:
                self._delta_timer = None
                action()

            self._delta_timer = asyncio.get_running_loop().call_later(wait, act)

    def begin_afresh(self, opened: int, commit: int | None = None) -> None:
        """Forget what was kept: something may have been committed that was never told here."""
        self._opened = max(opened, self._opened + 1)
        self._kept.clear()
        self.last = EventId(self.last.commit if commit is None else commit, self._opened)
        self._base = self.last

    def _keep(self, id_: EventId, event: Event) -> None:
        if isinstance(event, TurnCommitted | SessionReset):
            self.turn = event.turn
        told = Told(id_, event)
        self.last = id_
        self._kept.append(told)
        while len(self._kept) > (KEPT if self._watches else KEPT_UNWATCHED):
            self._base = self._kept.popleft().id or self._base
        for watch in tuple(self._watches):
            watch.put(told)

    # -- hearing -------------------------------------------------------------------------

    def since(self, position: EventId) -> tuple[Owed | None, tuple[Told, ...]]:
        """What came after `position`: what is kept of it, and what only the history can tell."""
        if position == self._base:
            return None, tuple(self._kept)
        ids = [told.id for told in self._kept]
        if position in ids:
            return None, tuple(self._kept)[ids.index(position) + 1 :]
        after = EventId(position.commit)
        kept = tuple(told for told in self._kept if told.id is not None and told.id > after)
        begins_again = any(isinstance(told.event, SessionReset) for told in kept)
        if begins_again or position.commit > self._base.commit:
            return None, kept
        return Owed(position.commit, self._base), kept

    def join(self, *, plays: bool = True) -> Watch:
        watch = Watch(self, plays=plays)
        if self._closed:
            watch.end()
        else:
            self._watches.add(watch)
            self._stop(self._idle_timer)
            self._presence_changes()
            if len(self._watches) == 1:
                self._ping_later()
        return watch

    def leave(self, watch: Watch) -> None:
        if watch in self._watches:
            self._watches.discard(watch)
            self._presence_changes()
            self.rest(self._linger)

    def rest(self, linger: float) -> None:
        """Live on for `linger` seconds from now, and as long as somebody watches."""
        self._linger = linger
        self._stop(self._idle_timer)
        if not self._watches and not self._closed:
            loop = asyncio.get_running_loop()
            self._idle_timer = loop.call_later(linger, self._rested)

    def close(self) -> None:
        """End every stream of it."""
        self._closed = True
        timers = (self._delta_timer, self._presence_timer, self._idle_timer, self._ping_timer)
        for timer in timers:
            self._stop(timer)
        for watch in self._watches:
            watch.end()
        self._watches.clear()

    def _rested(self) -> None:
        self.close()
        self._idle(self)

    def _ping_later(self) -> None:
        self._stop(self._ping_timer)
        loop = asyncio.get_running_loop()
        self._ping_timer = loop.call_later(PING_SECONDS, self.ping)

    def ping(self) -> None:
        """Nudge everybody, and again later while there is anybody."""
        for watch in self._watches:
            watch.nudge()
        if self._watches:
            self._ping_later()

    def _presence_changes(self) -> None:
        if self._presence_timer is None and not self._closed:
            wait = PRESENCE_SECONDS + PRESENCE_SECONDS_EACH * self.watchers
            loop = asyncio.get_running_loop()
            self._presence_timer = loop.call_later(wait, self._tell_presence)

    def _tell_presence(self) -> None:
        self._presence_timer = None
        present = (self.players, self.watchers)
        if present != self._present:
            self._present = present
            players, watchers = present
            self.mention(Presence(turn=self.turn, players=players, watchers=watchers))

    @staticmethod
    def _stop(timer: asyncio.TimerHandle | None) -> None:
        if timer is not None:
            timer.cancel()
