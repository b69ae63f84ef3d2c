"""Telling whoever watches a session what happens in it: `announce`, `turn`, and who hears.

**How ids work.** The history is the only log. A commit carries `last_event_id`, and the last
event that it causes has that number as its id: `13`. What is told between two commits (a turn
has begun or failed, a late picture came) is `13.<opened>.<number>`: after commit 13, the n-th of
a channel that was opened at that time (ms since 1970). So ids grow, no id is ever used for
something else, not even after a crash, and the number before the dot is the `last_event_id` of
the state that an event belongs to.

A session has a channel while somebody watches it and for `LINGER` seconds after; it keeps the
last events with ids, and whoever resumes at one of them gets exactly what came after it.
Older and unknown ids (a restart, a channel that was given up) are resumed from the history: the
turns after that commit, pictures that came late, and the choices and the deadline as they are.
Where the history cannot say what was missed, the client is told to read the state: `resync`.
Nothing at all is kept of sessions that nobody watches, but the text so far of a running turn.

**Who announces what.** Every commit through the store is announced by what it changed
(`announcing.py`): turns, choices, deadlines, resets and the end need no call. `turn` announces
that a turn has begun, what is heard of it, and that it failed. Anything else goes to `announce`.
"""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import Final

from app.engine.channel import Channel, EventId, Owed, Told, Watch
from app.engine.ports import Hear
from app.errors import GameError, StaleTurn
from app.models.events import (
    DispatchDelta,
    Event,
    Hello,
    Resync,
    RunningTurn,
    SessionOver,
    TurnFailed,
    TurnStarted,
)
from app.models.session import Snapshot

LINGER: Final = 120.0
"""Seconds that a channel outlives its last watcher."""
MAX_UNWATCHED: Final = 256
"""Channels that live on without anybody; with more, the oldest are given up sooner."""
MAX_TEXT: Final = 20_000
"""Characters kept and told of a running turn. No dispatch is as long."""


class Running:
    """A turn that is being made, and what has been heard of it."""

    __slots__ = ("_pieces", "_size", "session_id", "started", "told")

    def __init__(self, session_id: str, started: TurnStarted) -> None:
        self.session_id = session_id
        self.started = started
        self.told = 0
        """Characters that the watchers have been sent."""
        self._pieces: list[str] = []
        self._size = 0

    def hear(self, text: str) -> None:
        text = text[: MAX_TEXT - self._size]
        self._pieces.append(text)
        self._size += len(text)

    @property
    def text(self) -> str:
        if len(self._pieces) > 1:
            self._pieces = ["".join(self._pieces)]
        return self._pieces[0] if self._pieces else ""

    def untold(self) -> DispatchDelta | None:
        """What the watchers have not been sent yet; they have, after this."""
        if self.told == self._size:
            return None
        offset, self.told = self.told, self._size
        return DispatchDelta(turn=self.started.turn, offset=offset, text=self.text[offset:])

    def view(self) -> RunningTurn:
        fields = {name: value for name, value in self.started if name != "type"}
        return RunningTurn(**fields, text=self.text)


class Events:
    """The channels of a service. Everything here happens at once and nothing waits."""

    def __init__(self, *, clock: Callable[[], datetime], linger: float = LINGER) -> None:
        self._clock = clock
        self._linger = linger
        self._channels: dict[str, Channel] = {}
        self._running: dict[str, Running] = {}
        self._closed = False

    # -- telling -------------------------------------------------------------------------

    def watched(self, session_id: str) -> bool:
        """Whether it is worth making an event: there is a channel to tell it in."""
        return session_id in self._channels

    def watching(self, session_id: str) -> int:
        """How many streams of it are open."""
        channel = self._channels.get(session_id)
        return channel.watchers if channel is not None else 0

    def announce(self, session_id: str, event: Event) -> None:
        """Tell of something that is no commit: a turn begun, a late picture. It gets an id."""
        if (channel := self._channels.get(session_id)) is not None:
            channel.tell(event)

    def follow(
        self, session_id: str, commit: int, told: Callable[[], Sequence[Event]], *, ends_turn: bool
    ) -> None:
        """Tell what a commit changed, after it; `commit` is its `last_event_id`.

        `told` is asked only if somebody hears it. `ends_turn`: a turn that is being made is
        there now, or will never be.
        """
        channel = self._channels.get(session_id)
        if ends_turn:
            self._end(session_id, channel)
        if channel is not None:
            channel.commit(commit, told())

    def doubt(self, session_id: str) -> None:
        """A write failed or was cut off: what is true now, only the store can say."""
        if (channel := self._channels.get(session_id)) is not None:
            channel.begin_afresh(_now())
            channel.tell(Resync(turn=channel.turn, reason="in_doubt"))

    def deleted(self, session_id: str) -> None:
        """The session is gone, and its streams end."""
        self._running.pop(session_id, None)
        if (channel := self._channels.pop(session_id, None)) is not None:
            channel.tell(SessionOver(turn=channel.turn, reason="deleted"))
            channel.close()

    def expect(self, session_id: str, snapshot: Snapshot) -> None:
        """Somebody will come and resume from here: keep what happens, for a while."""
        self._channel(session_id, snapshot)

    @contextmanager
    def turn(self, session_id: str, started: TurnStarted) -> Iterator[Hear]:
        """Announce that a turn is being made, and that it failed if an error comes through.

        Yields what is to be told of the dispatch while it is written. That the turn is there
        is announced by its commit.
        """
        running = Running(session_id, started)
        self._running[session_id] = running
        self.announce(session_id, started)
        try:
            yield partial(self._heard, running)
        except BaseException as error:
            if self._running.pop(session_id, None) is not None:
                self.announce(session_id, _failed(started, error))
            raise
        finally:
            if self._running.get(session_id) is running:
                del self._running[session_id]

    def _heard(self, running: Running, text: str) -> None:
        running.hear(text)
        channel = self._channels.get(running.session_id)
        if channel is not None and self._running.get(running.session_id) is running:
            channel.soon(lambda: self._tell_more(running))

    def _tell_more(self, running: Running) -> None:
        channel = self._channels.get(running.session_id)
        if channel is not None and (delta := running.untold()) is not None:
            channel.mention(delta)

    def _end(self, session_id: str, channel: Channel | None) -> None:
        """The running turn is over; its watchers are owed the rest of its text."""
        running = self._running.pop(session_id, None)
        if running is not None and channel is not None:
            self._tell_more(running)

    @property
    def streams(self) -> int:
        """How many are open."""
        return sum(channel.watchers for channel in self._channels.values())

    @property
    def watched_sessions(self) -> int:
        return sum(channel.watchers > 0 for channel in self._channels.values())

    # -- hearing -------------------------------------------------------------------------

    def subscribe(
        self, session_id: str, snapshot: Snapshot, after: str | None, *, plays: bool = True
    ) -> tuple[Watch, Owed | None]:
        """A stream that begins now; `snapshot` must be what is true at this moment.

        Beside it, what the stream is owed from before the channel's memory: the history must
        tell that, and `lead_with` takes it.
        """
        channel = self._channel(session_id, snapshot)
        if snapshot.last_event_id > channel.last.commit:  # A write in doubt was done after all.
            channel.begin_afresh(_now(), snapshot.last_event_id)
        running = self._running.get(session_id)
        if running is not None:
            self._tell_more(running)
        position = EventId.parse(after) if after is not None else None
        unknown = after is not None and (position is None or position.commit > channel.last.commit)
        owed: Owed | None = None
        kept: tuple[Told, ...] = ()
        if unknown or position is None:
            position = channel.last
        else:
            owed, kept = channel.since(position)
        watch = channel.join(plays=plays)
        hello = self._hello(channel, snapshot, running, plays=plays)
        opening = [Told(position, hello)]
        if unknown:
            opening.append(Told(channel.last, Resync(turn=snapshot.turn, reason="unknown_id")))
        opening.extend(kept)
        if kept and running is not None and running.told:
            # `turn.started` may be among them, and may have cleared what hello had said.
            again = DispatchDelta(turn=running.started.turn, offset=0, text=running.text)
            opening.append(Told(None, again))
        watch.open_with(opening)
        return watch, owed

    def close(self) -> None:
        """End every stream; those that come later end at once."""
        self._closed = True
        for channel in self._channels.values():
            channel.close()
        self._channels.clear()

    def _channel(self, session_id: str, snapshot: Snapshot) -> Channel:
        channel = self._channels.get(session_id)
        if channel is None:
            self._make_room()
            channel = Channel(snapshot, opened=_now(), idle=partial(self._idle, session_id))
            if self._closed:
                channel.close()
            else:
                self._channels[session_id] = channel
        channel.rest(self._linger)
        return channel

    def _make_room(self) -> None:
        """Give up the channel that was opened first of those that nobody watches."""
        resting = [name for name, channel in self._channels.items() if not channel.watchers]
        if len(resting) >= MAX_UNWATCHED:
            self._channels.pop(resting[0]).close()

    def _idle(self, session_id: str, channel: Channel) -> None:
        if self._channels.get(session_id) is channel:
            del self._channels[session_id]

    def _hello(
        self, channel: Channel, snapshot: Snapshot, running: Running | None, *, plays: bool
    ) -> Hello:
        return Hello(
            turn=snapshot.turn,
            role="player" if plays else "spectator",
            server_time=self._clock(),
            running_turn=running.view() if running else None,
            players=channel.players,
            watchers=channel.watchers,
        )


def _failed(started: TurnStarted, error: BaseException) -> TurnFailed:
    if isinstance(error, asyncio.CancelledError):
        error = StaleTurn("The session was reset while this turn was being made.")
    elif not isinstance(error, GameError):
        error = GameError("Something went wrong on this server; it has been logged.")
    return TurnFailed(
        turn=started.turn, code=error.code, error=str(error), retry_after=error.retry_after
    )


def _now() -> int:
    return time.time_ns() // 1_000_000
