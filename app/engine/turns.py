"""The life of a turn: check, make, commit; acknowledged only when all of it is kept.

A turn is a job that the server owns. The client that asked may vanish; the turn goes on, and
whoever comes back finds it. Telling and picture are made side by side.
"""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.engine.checks import (
    deadline_of,
    offered,
    require_begun,
    require_late,
    require_playable,
    require_same,
    require_turn,
)
from app.engine.deadlines import Deadlines
from app.engine.fate import draw
from app.engine.founding import Founding
from app.engine.jobs import Jobs
from app.engine.making import TurnMaker
from app.engine.pictures import Pictures
from app.engine.records import Move, as_turn, with_choices
from app.engine.requests import Asked
from app.engine.world.resolution import Resolution
from app.engine.world.world import World
from app.errors import InvalidRequest, SessionNotFound
from app.models.base import Model, UtcTime
from app.models.record import SessionRecord
from app.models.session import Choice, HistoryEntry, Settings, Snapshot, Turn
from app.models.vocabulary import Fate, Phase, TimeOfDay, Weather
from app.models.world import WorldState
from app.storage.store import SessionStore


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


@dataclass(frozen=True, slots=True)
class _Scene:
    """What a turn is resolved from."""

    world: World
    before: WorldState
    record: SessionRecord
    settings: Settings

    @property
    def snapshot(self) -> Snapshot:
        return self.record.snapshot


class Turns:
    """Plays. All of a turn is saved, or none of it."""

    def __init__(
        self,
        store: SessionStore,
        founding: Founding,
        maker: TurnMaker,
        jobs: Jobs,
        pictures: Pictures,
        deadlines: Deadlines,
        *,
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._founding = founding
        self._maker = maker
        self._jobs = jobs
        self._pictures = pictures
        self._deadlines = deadlines
        self._clock = clock

    # -- what players ask for ------------------------------------------------------------

    async def intro(
        self, session_id: str, *, world: str | None, seed: int | None, asked: Asked
    ) -> Turn:
        """Play turn 0; on a session that has begun, answer its turn 0 and change nothing.

        Makes an unknown session, in `world` and from `seed` where they are given.
        """
        try:
            record = await self._store.load(session_id)
        except SessionNotFound:
            record = None
        if record is not None and record.snapshot.turn >= 0:
            return await self.first(session_id)
        return await self._play(
            session_id, asked, lambda: self._intro(session_id, world, seed, asked)
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
        if (choice is None) == (choice_id is None):
            raise InvalidRequest("An action needs `choice` or `choice_id`.", details="body: one of")
        if (answered := await self._answered(session_id, asked)) is not None:
            return answered
        return await self._play(
            session_id, asked, lambda: self._act(session_id, choice, choice_id, fate, asked)
        )

    async def penalty(self, session_id: str, *, asked: Asked) -> Turn:
        """Let the world play because the player did not. Raises `DeadlineNotReached`."""
        if (answered := await self._answered(session_id, asked)) is not None:
            return answered
        return await self._play(session_id, asked, lambda: self._penalty(session_id, asked))

    async def regenerate(self, session_id: str, *, asked: Asked) -> Turn:
        """Offer other choices for this turn, none of the old ones. No turn is spent."""
        if (answered := await self._answered(session_id, asked)) is not None:
            return answered
        return await self._play(session_id, asked, lambda: self._regenerate(session_id, asked))

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
        return await self._told(session_id, record.snapshot.turn, record.snapshot.choices)

    async def first(self, session_id: str) -> Turn:
        """Turn 0, with the choices that it offered, or the present ones if it is the last."""
        record = await self._store.load(session_id)
        if record.snapshot.turn < 0:
            return await self.current(session_id)
        present = record.snapshot.choices if record.snapshot.turn == 0 else None
        return await self._told(session_id, 0, present)

    # -- one job a session ---------------------------------------------------------------

    async def _play(
        self, session_id: str, asked: Asked, work: Callable[[], Coroutine[Any, Any, Turn]]
    ) -> Turn:
        await self._jobs.brief_ones(session_id)
        running = self._jobs.running(session_id)
        if running is not None and asked.key is not None and running.asked.key == asked.key:
            require_same(running.asked.fingerprint, asked)
            joined: Turn = await running.result()
            return joined
        return await self._jobs.start(session_id, work, asked=asked).result()

    async def _answered(self, session_id: str, asked: Asked) -> Turn | None:
        """The answer that this very request was given before, if it was."""
        if asked.key is None:
            return None
        record = await self._store.load(session_id)
        return await self._repeat(record, asked)

    async def _repeat(self, record: SessionRecord, asked: Asked) -> Turn | None:
        for request in record.requests:
            if request.key == asked.key:
                require_same(request.fingerprint, asked)
                return await self._told(record.snapshot.session_id, request.turn, request.choices)
        return None

    async def _told(
        self, session_id: str, turn: int, choices: tuple[Choice, ...] | None = None
    ) -> Turn:
        stored = await self._store.entry(session_id, turn)
        return await self._shown(stored.entry, choices)

    async def _shown(self, entry: HistoryEntry, choices: tuple[Choice, ...] | None = None) -> Turn:
        image = await self._pictures.shown(entry.session_id, entry.image)
        return as_turn(entry, image=image, choices=entry.choices if choices is None else choices)

    # -- the turns themselves ------------------------------------------------------------

    async def _intro(
        self, session_id: str, world_id: str | None, seed: int | None, asked: Asked
    ) -> Turn:
        try:
            await self._store.load(session_id)
        except SessionNotFound:
            await self._founding.found(session_id, world=world_id, seed=seed)
        async with self._store.claim(session_id) as claim:
            require_turn(claim.record, asked)
            snapshot = claim.record.snapshot
            if snapshot.turn >= 0:
                return await self._told(session_id, 0)
            if world_id not in (None, snapshot.world) or seed not in (None, snapshot.seed):
                await self._founding.begin_again(claim, world=world_id, seed=seed)
            world = self._founding.world(claim.record.snapshot.world)
            resolution = world.begin(claim.record.snapshot.seed)
            entry = await self._maker.make(claim, world, resolution, Move(None, asked=asked))
        return await self._shown(entry)

    async def _act(
        self,
        session_id: str,
        choice: str | None,
        choice_id: str | None,
        fate: Fate | None,
        asked: Asked,
    ) -> Turn:
        def resolve(scene: _Scene) -> tuple[Resolution, Move]:
            snapshot, turn = scene.snapshot, scene.snapshot.turn + 1
            drawn = fate
            if drawn is None or scene.settings.fate_by == "server":
                drawn = draw(snapshot.seed, turn)
            offer = offered(scene.before.offers, choice, choice_id)
            words = None if offer else " ".join((choice or "").split())
            resolution = scene.world.act(
                scene.before, seed=snapshot.seed, turn=turn, fate=drawn, offer=offer, words=words
            )
            text = offer.choice.text if offer else words
            return resolution, Move(text, custom=offer is None, asked=asked)

        return await self._resolved(session_id, asked, resolve)

    async def _penalty(self, session_id: str, asked: Asked) -> Turn:
        def resolve(scene: _Scene) -> tuple[Resolution, Move]:
            snapshot = scene.snapshot
            require_late(scene.record, scene.settings, self._clock())
            resolution = scene.world.penalty(
                scene.before, seed=snapshot.seed, turn=snapshot.turn + 1
            )
            return resolution, Move(None, timeout=True, asked=asked)

        return await self._resolved(session_id, asked, resolve)

    async def _resolved(
        self,
        session_id: str,
        asked: Asked,
        resolve: Callable[[_Scene], tuple[Resolution, Move]],
    ) -> Turn:
        async with self._store.claim(session_id) as claim:
            if (answered := await self._repeat(claim.record, asked)) is not None:
                return answered
            before = require_playable(claim.record, asked)
            snapshot = claim.record.snapshot
            settings = (await self._store.meta(session_id)).settings
            world = self._founding.world(snapshot.world)
            resolution, move = resolve(_Scene(world, before, claim.record, settings))
            entry = await self._maker.make(claim, world, resolution, move)
        return await self._shown(entry)

    async def _regenerate(self, session_id: str, asked: Asked) -> Turn:
        async with self._store.claim(session_id) as claim:
            if (answered := await self._repeat(claim.record, asked)) is not None:
                return answered
            before = require_playable(claim.record, asked)
            snapshot = claim.record.snapshot
            world = self._founding.world(snapshot.world).regenerate(
                before, seed=snapshot.seed, turn=snapshot.turn
            )
            await claim.commit(with_choices(claim.record, world, asked, self._clock()))
            return await self._told(session_id, snapshot.turn, claim.record.snapshot.choices)

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
