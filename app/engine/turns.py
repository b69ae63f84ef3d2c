"""The life of a turn: check, make, commit; acknowledged only when all of it is kept.

A turn is a job that the server owns. The client that asked may vanish; the turn goes on, and
whoever comes back finds it. Telling and picture are made side by side.
"""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from app.engine.checks import deadline_of, require_begun, require_same
from app.engine.deadlines import Deadlines
from app.engine.founding import Founding
from app.engine.jobs import Job, Jobs
from app.engine.plays import Plays
from app.engine.requests import Asked
from app.errors import InvalidRequest, SessionNotFound, StaleTurn
from app.models.base import Model, UtcTime
from app.models.record import SessionRecord
from app.models.session import Choice, Settings, Turn
from app.models.vocabulary import Fate, Phase, TimeOfDay, Weather
from app.storage.store import SessionStore


@dataclass(frozen=True, slots=True)
class Playing:
    """A turn that was asked for: it is being made, or was made already."""

    made: Job[Turn] | Turn

    async def result(self) -> Turn:
        """The turn, once it is there. Raises what kept it from being made."""
        return self.made if isinstance(self.made, Turn) else await self.made.result()

    async def accepted(self) -> int:
        """The number of the turn, as soon as nothing can be refused any more.

        Raises what was refused; what fails after that, the events tell.
        """
        number = None if isinstance(self.made, Turn) else await self.made.under_way()
        return (await self.result()).turn if number is None else number

    def when_over(self, tell: Callable[[Turn | BaseException], None]) -> None:
        """Have `tell` called with what comes of it, whoever waits for it."""
        if isinstance(self.made, Turn):
            tell(self.made)
        else:
            self.made.task.add_done_callback(lambda task: tell(_outcome(task)))


class Tick(Model):
    """The situation at the start of a turn. Reporting it plays nothing."""

    turn: int
    phase: Phase
    situation: str
    choices: tuple[Choice, ...]
    time_of_day: TimeOfDay
    weather: Weather
    threats: tuple[str, ...]
    deadline_at: UtcTime | None


class Turns:
    """Takes what players ask for and has it played, one job a session."""

    def __init__(
        self,
        store: SessionStore,
        founding: Founding,
        plays: Plays,
        jobs: Jobs,
        deadlines: Deadlines,
    ) -> None:
        self._store = store
        self._founding = founding
        self._plays = plays
        self._jobs = jobs
        self._deadlines = deadlines
        self.acted: Callable[[str, Asked], None] = _unminded
        """Told whenever somebody chooses, or asks for other choices."""
        self.room: Callable[[str], None] = _roomy
        """Asked before a turn is made, and paid for. Raises `StorageFull`."""

    # -- what players ask for ------------------------------------------------------------

    async def intro(
        self, session_id: str, *, world: str | None, seed: int | None, asked: Asked
    ) -> Turn:
        """Play turn 0; on a session that has begun, answer its turn 0 and change nothing.

        Makes an unknown session, in `world` and from `seed` where they are given.
        """
        return await (await self.begin(session_id, world=world, seed=seed, asked=asked)).result()

    async def begin(
        self, session_id: str, *, world: str | None, seed: int | None, asked: Asked
    ) -> Playing:
        """`intro`, without waiting for the turn."""
        try:
            record = await self._store.load(session_id)
        except SessionNotFound:
            record = None
        if record is not None and record.snapshot.turn >= 0:
            return Playing(await self.first(session_id))
        return await self._play(
            session_id, asked, lambda: self._plays.intro(session_id, world, seed, asked)
        )

    async def act(
        self,
        session_id: str,
        *,
        choice: str | None,
        choice_id: str | None,
        fate: Fate | None,
        asked: Asked,
    ) -> Turn:
        """Resolve an offered choice (by id or by its words) or the player's own words."""
        playing = await self.begin_act(
            session_id, choice=choice, choice_id=choice_id, fate=fate, asked=asked
        )
        return await playing.result()

    async def begin_act(
        self,
        session_id: str,
        *,
        choice: str | None,
        choice_id: str | None,
        fate: Fate | None,
        asked: Asked,
    ) -> Playing:
        """`act`, without waiting for the turn."""
        if (choice is None) == (choice_id is None):
            raise InvalidRequest("An action needs `choice` or `choice_id`.", details="body: one of")
        self.acted(session_id, asked)
        return await self._once(
            session_id,
            asked,
            lambda: self._plays.act(session_id, choice, choice_id, fate, asked),
        )

    async def penalty(self, session_id: str, *, asked: Asked) -> Turn:
        """Let the world play because the player did not. Raises `DeadlineNotReached`."""
        return await (await self.begin_penalty(session_id, asked=asked)).result()

    async def begin_penalty(self, session_id: str, *, asked: Asked) -> Playing:
        """`penalty`, without waiting for the turn."""
        return await self._once(session_id, asked, lambda: self._plays.penalty(session_id, asked))

    async def regenerate(self, session_id: str, *, asked: Asked) -> Turn:
        """Offer other choices for this turn, none of the old ones. No turn is spent."""
        return await (await self.begin_regenerate(session_id, asked=asked)).result()

    async def begin_regenerate(self, session_id: str, *, asked: Asked) -> Playing:
        """`regenerate`, without waiting for it."""
        self.acted(session_id, asked)
        return await self._once(
            session_id, asked, lambda: self._plays.regenerate(session_id, asked)
        )

    async def begin_tick(self, session_id: str) -> Tick:
        """Report the situation, and arm the deadline if the session has one and none is armed.

        While a turn is being made it only reports.
        """
        record = await self._store.load(session_id)
        require_begun(record)
        settings = (await self._store.meta(session_id)).settings
        await self._jobs.brief_ones(session_id)
        if settings.deadline_seconds and not self._jobs.running(session_id):
            record = await self._deadlines.arm(session_id)
        return self._tick(record, settings)

    async def current(self, session_id: str) -> Turn:
        """The turn being made, once it is there; else the last one. Raises `NotStarted`."""
        job = self._jobs.running(session_id)
        if job is not None and job.yields:
            made: Turn = await job.result()
            return made
        record = await self._store.load(session_id)
        require_begun(record)
        return await self._plays.told(session_id, record.snapshot.turn, record.snapshot.choices)

    async def first(self, session_id: str) -> Turn:
        """Turn 0, with the choices that it offered, or the present ones if it is the last."""
        record = await self._store.load(session_id)
        if record.snapshot.turn < 0:
            return await self.current(session_id)
        present = record.snapshot.choices if record.snapshot.turn == 0 else None
        return await self._plays.told(session_id, 0, present)

    # -- one job a session ---------------------------------------------------------------

    async def _once(
        self, session_id: str, asked: Asked, work: Callable[[], Coroutine[Any, Any, Turn]]
    ) -> Playing:
        """Play, unless this very request was answered before."""
        if asked.key is not None:
            record = await self._store.load(session_id)
            if (answered := await self._plays.repeat(record, asked)) is not None:
                return Playing(answered)
        return await self._play(session_id, asked, work)

    async def _play(
        self, session_id: str, asked: Asked, work: Callable[[], Coroutine[Any, Any, Turn]]
    ) -> Playing:
        await self._jobs.brief_ones(session_id)
        running = self._jobs.running(session_id)
        if running is not None and asked.key is not None and running.asked.key == asked.key:
            require_same(running.asked.fingerprint, asked)
            return Playing(running)
        self.room(session_id)
        return Playing(self._jobs.start(session_id, work, asked=asked))

    def _tick(self, record: SessionRecord, settings: Settings) -> Tick:
        snapshot = record.snapshot
        threats: tuple[str, ...] = ()
        if record.world is not None:
            view = self._founding.world(snapshot.world).view(record.world, turn=snapshot.turn)
            threats = view.threats
        return Tick(
            turn=snapshot.turn,
            phase=snapshot.phase,
            situation=snapshot.situation,
            choices=snapshot.choices,
            time_of_day=snapshot.time_of_day,
            weather=snapshot.weather,
            threats=threats,
            deadline_at=deadline_of(snapshot, settings),
        )


def _unminded(_: str, __: Asked) -> None:
    """Nobody minds who acts."""


def _roomy(_: str) -> None:
    """There is always room."""


def _outcome(task: asyncio.Task[Turn]) -> Turn | BaseException:
    if task.cancelled():
        return StaleTurn()
    return task.exception() or task.result()
