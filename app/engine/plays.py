"""The turns themselves: each holds the session's claim, resolves, and has the turn made.

Every method is the work of a job (`turns.py`). What must hold is checked inside the claim.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from app.engine.checks import (
    offered,
    require_late,
    require_playable,
    require_same,
    require_turn,
)
from app.engine.clips import Clips
from app.engine.events import Events
from app.engine.fate import draw
from app.engine.founding import Founding
from app.engine.jobs import Jobs
from app.engine.making import TurnMaker
from app.engine.pictures import Pictures
from app.engine.ports import Hear
from app.engine.records import Move, as_turn, with_choices
from app.engine.requests import Asked
from app.engine.stages import Timed, untimed
from app.engine.turnstile import Turnstile
from app.engine.world.resolution import Resolution
from app.engine.world.world import World
from app.errors import SessionNotFound
from app.models.events import Actor, ChosenAction, ComingImage, TurnStarted
from app.models.record import SessionRecord
from app.models.session import Choice, HistoryEntry, Settings, Snapshot, Turn
from app.models.vocabulary import Fate, MediaStatus
from app.models.world import WorldState
from app.storage.store import Claim, SessionStore


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


@dataclass(frozen=True, slots=True)
class _Resolved:
    """What comes of a move, before it is told."""

    resolution: Resolution
    move: Move
    choice_id: str | None = None


class Plays:
    """All of a turn is saved, or none of it."""

    def __init__(
        self,
        store: SessionStore,
        founding: Founding,
        maker: TurnMaker,
        jobs: Jobs,
        pictures: Pictures,
        clips: Clips,
        events: Events,
        turnstile: Turnstile,
        *,
        clock: Callable[[], datetime],
        timed: Timed = untimed,
    ) -> None:
        self._store = store
        self._founding = founding
        self._maker = maker
        self._jobs = jobs
        self._pictures = pictures
        self._clips = clips
        self._events = events
        self._turnstile = turnstile
        self._clock = clock
        self._timed = timed

    # -- the turns -----------------------------------------------------------------------

    async def intro(
        self, session_id: str, world_id: str | None, seed: int | None, asked: Asked
    ) -> Turn:
        """Turn 0; a session that is unknown is founded, one in another world begins again."""
        async with self._turnstile.inside():
            try:
                await self._store.load(session_id)
            except SessionNotFound:
                await self._founding.found(session_id, world=world_id, seed=seed)
            async with self._store.claim(session_id) as claim:
                require_turn(claim.record, asked)
                snapshot = claim.record.snapshot
                if snapshot.turn >= 0:
                    return await self.told(session_id, 0)
                if world_id not in (None, snapshot.world) or seed not in (None, snapshot.seed):
                    await self._founding.begin_again(claim, world=world_id, seed=seed)
                world = self._founding.world(claim.record.snapshot.world)
                settings = (await self._store.meta(session_id)).settings
                with self._timed("resolve"):
                    resolution = world.begin(claim.record.snapshot.seed)
                resolved = _Resolved(resolution, Move(None, asked=asked))
                entry = await self._make(claim, world, settings, resolved)
        return await self.shown(entry)

    async def act(
        self,
        session_id: str,
        choice: str | None,
        choice_id: str | None,
        fate: Fate | None,
        asked: Asked,
    ) -> Turn:
        """A turn that an offered choice, or the player's own words, brought about."""

        def resolve(scene: _Scene) -> _Resolved:
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
            move = Move(text, custom=offer is None, asked=asked)
            return _Resolved(resolution, move, offer.choice.id if offer else None)

        return await self._resolved(session_id, asked, resolve)

    async def penalty(self, session_id: str, asked: Asked) -> Turn:
        """A turn that the world played, because the player did not."""

        def resolve(scene: _Scene) -> _Resolved:
            snapshot = scene.snapshot
            require_late(scene.record, scene.settings, self._clock())
            resolution = scene.world.penalty(
                scene.before, seed=snapshot.seed, turn=snapshot.turn + 1
            )
            late = replace(asked, actor=Actor(name=asked.actor.name, client="timeout"))
            return _Resolved(resolution, Move(None, timeout=True, asked=late))

        return await self._resolved(session_id, asked, resolve)

    async def regenerate(self, session_id: str, asked: Asked) -> Turn:
        """The same turn with other choices."""
        async with self._turnstile.inside(), self._store.claim(session_id) as claim:
            if (answered := await self.repeat(claim.record, asked)) is not None:
                return answered
            before = require_playable(claim.record, asked)
            snapshot = claim.record.snapshot
            world = self._founding.world(snapshot.world).regenerate(
                before, seed=snapshot.seed, turn=snapshot.turn
            )
            await claim.commit(with_choices(claim.record, world, asked, self._clock()))
            return await self.told(session_id, snapshot.turn, claim.record.snapshot.choices)

    async def _resolved(
        self, session_id: str, asked: Asked, resolve: Callable[[_Scene], _Resolved]
    ) -> Turn:
        async with self._turnstile.inside(), self._store.claim(session_id) as claim:
            if (answered := await self.repeat(claim.record, asked)) is not None:
                return answered
            before = require_playable(claim.record, asked)
            settings = (await self._store.meta(session_id)).settings
            world = self._founding.world(claim.record.snapshot.world)
            with self._timed("resolve"):
                resolved = resolve(_Scene(world, before, claim.record, settings))
            entry = await self._make(claim, world, settings, resolved)
        return await self.shown(entry)

    async def _make(
        self, claim: Claim, world: World, settings: Settings, resolved: _Resolved
    ) -> HistoryEntry:
        with self._begun(claim.record.snapshot, settings, resolved) as hear:
            return await self._maker.make(
                claim, world, resolved.resolution, resolved.move, hear=hear
            )

    @contextmanager
    def _begun(self, snapshot: Snapshot, settings: Settings, resolved: _Resolved) -> Iterator[Hear]:
        """All checks are passed: whoever did not want to wait is answered, and watchers know."""
        session_id, asked = snapshot.session_id, resolved.move.asked
        if asked.early:
            self._events.expect(session_id, snapshot)
        self._jobs.begun(session_id, snapshot.turn + 1)
        with self._events.turn(session_id, _started(snapshot, settings, resolved)) as hear:
            yield hear

    # -- as clients see them -------------------------------------------------------------

    async def repeat(self, record: SessionRecord, asked: Asked) -> Turn | None:
        """The answer that this very request was given before, if it was."""
        if asked.key is None:
            return None
        for request in record.requests:
            if request.key == asked.key:
                require_same(request.fingerprint, asked)
                return await self.told(record.snapshot.session_id, request.turn, request.choices)
        return None

    async def told(
        self, session_id: str, turn: int, choices: tuple[Choice, ...] | None = None
    ) -> Turn:
        """A turn of the history, with its own choices unless others are given."""
        stored = await self._store.entry(session_id, turn)
        return await self.shown(stored.entry, choices)

    async def shown(self, entry: HistoryEntry, choices: tuple[Choice, ...] | None = None) -> Turn:
        image = await self._pictures.shown(entry.session_id, entry.image)
        video = await self._clips.shown(entry.session_id, entry.video)
        choices = entry.choices if choices is None else choices
        return as_turn(entry, image=image, video=video, choices=choices)


def _started(snapshot: Snapshot, settings: Settings, resolved: _Resolved) -> TurnStarted:
    move, scene = resolved.move, resolved.resolution.scene
    choice = None if move.text is None else ChosenAction(id=resolved.choice_id, text=move.text)
    status: MediaStatus = "pending" if settings.images else "off"
    return TurnStarted(
        turn=snapshot.turn + 1,
        expected_turn=snapshot.turn,
        actor=move.asked.actor,
        choice=choice,
        fate=resolved.resolution.fate,
        image=ComingImage(status=status, width=scene.width, height=scene.height),
    )
