"""How records follow one another: a new session, a session after a turn, after a rewind."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from app.engine.requests import NOBODY_ASKED, Asked
from app.engine.world.resolution import Resolution, View
from app.models.narration import Telling
from app.models.proposals import Proposals
from app.models.record import (
    REMEMBERED_REQUESTS,
    Hold,
    RequestRecord,
    SessionRecord,
    StoredEntry,
)
from app.models.session import Choice, HistoryEntry, Image, Meta, Snapshot, Turn, Video
from app.models.vocabulary import Fate
from app.models.world import Offer, WorldState


@dataclass(frozen=True, slots=True)
class Move:
    """What a turn answers: an offered choice, the player's own words, the clock, or nothing yet."""

    text: str | None
    custom: bool = False
    timeout: bool = False
    asked: Asked = NOBODY_ASKED


def lineage(*parts: object) -> str:
    """A digest that names a run's way so far; equal games have equal ones."""
    return hashlib.sha256("|".join(map(str, parts)).encode()).hexdigest()[:16]


def new_record(
    meta: Meta, seed: int, view: View, at: datetime, *, events: int = 0
) -> SessionRecord:
    """A session before its intro. `view` is what the intro will find."""
    snapshot = Snapshot(
        session_id=meta.session_id,
        world=meta.world,
        seed=seed,
        turn=-1,
        last_event_id=events,
        phase="new",
        player=view.player,
        location=view.location,
        time_of_day=view.time_of_day,
        weather=view.weather,
        mood=view.mood,
        chaos=view.chaos,
        situation="The story has not begun.",
        dispatch="",
        vision_dispatch="",
        choices=(),
        image=None,
        video=None,
        fate=None,
        movement=None,
        deadline_at=None,
        created_at=meta.created_at,
        updated_at=at,
    )
    return SessionRecord(snapshot=snapshot, world=None, lineage=lineage(meta.world, seed, meta.run))


def after_turn(
    before: SessionRecord,
    resolution: Resolution,
    telling: Telling,
    image: Image | None,
    video: Video | None = None,
    *,
    move: Move,
    accepted: Proposals | None,
    pack: str,
    cost_usd: float,
    deadline_at: datetime | None,
    at: datetime,
) -> tuple[SessionRecord, StoredEntry]:
    """The record that a committed turn makes true, and its line of history."""
    view, last = resolution.view, before.snapshot
    turn, over = last.turn + 1, resolution.ending is not None
    world = worded(resolution.world, telling)
    way = next_lineage(before, move, resolution.fate)
    snapshot = Snapshot(
        session_id=last.session_id,
        world=last.world,
        seed=last.seed,
        turn=turn,
        last_event_id=last.last_event_id + 1,
        phase="over" if over else "choosing",
        player=view.player,
        location=view.location,
        time_of_day=view.time_of_day,
        weather=view.weather,
        mood=view.mood,
        chaos=view.chaos,
        situation=telling.situation,
        dispatch=telling.dispatch,
        vision_dispatch=telling.vision_dispatch,
        choices=telling.choices,
        locked=resolution.locked,
        image=image,
        video=video,
        fate=resolution.fate,
        movement=resolution.movement,
        deadline_at=None if over else deadline_at,
        spent_usd=last.spent_usd + cost_usd,
        created_at=last.created_at,
        updated_at=at,
    )
    entry = HistoryEntry(
        session_id=last.session_id,
        turn=turn,
        phase=snapshot.phase,
        action=move.text,
        is_custom_action=move.custom,
        is_timeout=move.timeout,
        fate=resolution.fate,
        dispatch=telling.dispatch,
        vision_dispatch=telling.vision_dispatch,
        movement=resolution.movement,
        hard_transition=resolution.hard_transition,
        alive=view.player.alive,
        health=view.player.health,
        chaos=view.chaos,
        situation=telling.situation,
        evolution_summary=telling.summary,
        image=image,
        video=video,
        choices=telling.choices,
        locked=resolution.locked,
        deadline_at=snapshot.deadline_at,
        source=telling.source,
        cost_usd=cost_usd,
        at=at,
        offered=last.choices,
        request_key=move.asked.key,
        state=snapshot,
    )
    record = SessionRecord(
        snapshot=snapshot,
        world=world,
        requests=_remember(before.requests, move.asked, turn),
        lineage=way,
    )
    return record, StoredEntry(entry=entry, world=world, lineage=way, accepted=accepted, pack=pack)


def with_choices(
    before: SessionRecord, world: WorldState, asked: Asked, at: datetime
) -> SessionRecord:
    """The same turn with other choices."""
    choices = tuple(offer.choice for offer in world.offers)
    snapshot = _changed(before.snapshot, at, choices=choices)
    requests = _remember(before.requests, asked, snapshot.turn, choices)
    return before.model_copy(update={"snapshot": snapshot, "world": world, "requests": requests})


def with_deadline(
    before: SessionRecord, deadline_at: datetime | None, hold: Hold | None, at: datetime
) -> SessionRecord:
    """The same turn with its deadline armed, or held, or neither."""
    snapshot = _changed(before.snapshot, at, deadline_at=deadline_at)
    return before.model_copy(update={"snapshot": snapshot, "hold": hold})


def at_turn(
    stored: StoredEntry, meta: Meta, *, events: int, deadline_at: datetime | None, at: datetime
) -> SessionRecord:
    """The record of a session that goes on from the end of an earlier turn."""
    snapshot = stored.entry.state.model_copy(
        update={
            "session_id": meta.session_id,
            "last_event_id": events,
            "deadline_at": None if stored.entry.phase == "over" else deadline_at,
            "created_at": meta.created_at,
            "updated_at": at,
        }
    )
    way = lineage(stored.lineage, meta.session_id, meta.run)
    return SessionRecord(snapshot=snapshot, world=stored.world, lineage=way)


def gone_on(
    ended: SessionRecord, meta: Meta, deadline_at: datetime | None, at: datetime
) -> SessionRecord:
    """The record of a session that goes on, as `meta`, where another one ended.

    The answered requests named the other one: none of them can come again.
    """
    last = ended.snapshot
    snapshot = _changed(
        last,
        at,
        session_id=meta.session_id,
        deadline_at=deadline_at if last.phase == "choosing" else None,
        created_at=meta.created_at,
    )
    way = lineage(ended.lineage, meta.session_id, meta.run)
    return SessionRecord(snapshot=snapshot, world=ended.world, lineage=way)


def as_turn(
    entry: HistoryEntry, *, image: Image | None, video: Video | None, choices: tuple[Choice, ...]
) -> Turn:
    """The turn as a client sees it."""
    fields = {name: getattr(entry, name) for name in Turn.model_fields}
    shown = {"image": image, "video": video, "choices": choices}
    return Turn(**{**fields, **shown})


def next_lineage(before: SessionRecord, move: Move, fate: Fate | None) -> str:
    """Names the media of the turn that this move makes."""
    return lineage(before.lineage, move.text, move.timeout, fate)


def _changed(snapshot: Snapshot, at: datetime, **fields: object) -> Snapshot:
    """Something of the same turn is different: a durable change, so it counts as an event."""
    counted = {"last_event_id": snapshot.last_event_id + 1, "updated_at": at}
    return snapshot.model_copy(update=fields | counted)


def worded(world: WorldState, telling: Telling) -> WorldState:
    """The offers carry the words that the player reads, so that a click can name them."""
    by_id = {choice.id: choice for choice in telling.choices}
    if all(by_id.get(offer.choice.id) is offer.choice for offer in world.offers):
        return world
    offers = tuple(
        Offer(**{**dict(offer), "choice": by_id[offer.choice.id]})
        for offer in world.offers
        if offer.choice.id in by_id
    )
    return world.model_copy(update={"offers": offers})


def _remember(
    requests: tuple[RequestRecord, ...],
    asked: Asked,
    turn: int,
    choices: tuple[Choice, ...] | None = None,
) -> tuple[RequestRecord, ...]:
    if asked.key is None:
        return requests
    made = RequestRecord(key=asked.key, fingerprint=asked.fingerprint, turn=turn, choices=choices)
    return (*requests[-(REMEMBERED_REQUESTS - 1) :], made)
