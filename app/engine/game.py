"""The services of the game, put together over a store, worlds and a crew."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Final

from app.engine.announcing import announcing
from app.engine.autoplay import AutoPlay, Pause
from app.engine.clip_orders import Staging, staged
from app.engine.clips import Clips, Studio
from app.engine.deadlines import Deadlines
from app.engine.events import Events
from app.engine.founding import Founding
from app.engine.jobs import Jobs
from app.engine.ledger import Heed, Ledger, unheeded
from app.engine.making import Crew, TurnMaker
from app.engine.pictures import Pictures
from app.engine.plays import Plays
from app.engine.ports import TapeDeck
from app.engine.sessions import DEFAULT_SESSION, Sessions
from app.engine.stages import Timed, untimed
from app.engine.tapes import Tapes
from app.engine.tapes_store import taping
from app.engine.turns import Turns
from app.engine.turnstile import Turnstile
from app.engine.watching import Watching
from app.engine.world.world import World
from app.models.record import StoredEntry
from app.storage.store import SessionStore

TURNS_AT_ONCE: Final = 32
"""Turns that are worked at, beside those that wait for a model: twice the threads of the store."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds, counted from a turn's start; `shutdown` from the order to stop."""

    text: float = 45.0
    image: float = 20.0
    late_image: float = 180.0
    shutdown: float = 10.0


@dataclass(frozen=True, slots=True)
class Game:
    """What routers call, and what must be opened and closed around it."""

    turns: Turns
    autoplay: AutoPlay
    sessions: Sessions
    founding: Founding
    jobs: Jobs
    deadlines: Deadlines
    pictures: Pictures
    clips: Clips
    tapes: Tapes
    events: Events
    watching: Watching
    ledger: Ledger
    store: SessionStore
    pace: Pace

    async def open(self) -> None:
        """Take the store and make sure that the default session exists."""
        await self.store.open()
        await self.ledger.open()
        await self.founding.ensure(DEFAULT_SESSION)
        self.clips.open()
        self.tapes.open()
        self.autoplay.open()

    async def close(self) -> None:
        """End the streams, let turns finish or roll back within `pace.shutdown`, and let the store
        go."""
        self.events.close()
        await self.autoplay.close()
        await self.jobs.close(self.pace.shutdown)
        await self.clips.close()
        await self.tapes.close()
        await self.pictures.close()
        await self.ledger.close()
        await self.store.close()


def compose(
    store: SessionStore,
    worlds: Mapping[str, World],
    crew: Crew,
    *,
    studio: Studio | None = None,
    deck: TapeDeck | None = None,
    tapes_unasked: bool = True,
    default_world: str,
    pace: Pace,
    clock: Callable[[], datetime] | None = None,
    day_cap_usd: float | None = None,
    heed: Heed = unheeded,
    timed: Timed = untimed,
    pause: Pause = asyncio.sleep,
    turns_at_once: int = TURNS_AT_ONCE,
) -> Game:
    """Wire the services. Without a `studio` no turn moves, without a `deck` no run becomes a tape
    (`tapes_unasked`: those that end do so by themselves). `clock` gives aware UTC times;
    `day_cap_usd` is what all sessions together may spend on a day of UTC; `heed` hears of every
    call to a model that is over; `pause` waits for so many seconds, between the turns of
    auto-play; `turns_at_once` are worked at, beside those that wait for a model."""
    clock = clock or utc_now
    jobs = Jobs()
    events = Events(clock=clock)
    store = announcing(store, events)
    pictures = Pictures(store, events, deadline=pace.image, late=pace.late_image)
    tapes = Tapes(store, events, pictures, worlds, deck, unasked=tapes_unasked)
    store = taping(store, tapes)
    founding = Founding(store, worlds, default_world=default_world, clock=clock)
    deadlines = Deadlines(store, jobs, clock=clock)
    ledger = Ledger(store, clock, day_cap_usd=day_cap_usd, heed=heed)
    clips = Clips(store, events, pictures, ledger, studio, partial(_staged, founding))
    turnstile = Turnstile(turns_at_once)
    maker = TurnMaker(
        store, crew, pictures, clips, ledger, turnstile, text_deadline=pace.text, clock=clock
    )
    plays = Plays(
        store, founding, maker, jobs, pictures, clips, events, turnstile, clock=clock, timed=timed
    )
    turns = Turns(store, founding, plays, jobs, deadlines)
    autoplay = AutoPlay(store, turns, clock=clock, pause=pause)
    turns.acted = autoplay.noticed
    return Game(
        turns=turns,
        autoplay=autoplay,
        sessions=Sessions(
            store, founding, jobs, pictures, clips, deadlines, autoplay, ledger, clock=clock
        ),
        founding=founding,
        jobs=jobs,
        deadlines=deadlines,
        pictures=pictures,
        clips=clips,
        tapes=tapes,
        events=events,
        watching=Watching(store, events, pictures, clips),
        ledger=ledger,
        store=store,
        pace=pace,
    )


def _staged(founding: Founding, stored: StoredEntry) -> Staging:
    snapshot = stored.entry.state
    world = founding.world(snapshot.world)
    return staged(world, world.scene(stored.world, seed=snapshot.seed, turn=snapshot.turn))


def utc_now() -> datetime:
    return datetime.now(UTC)
