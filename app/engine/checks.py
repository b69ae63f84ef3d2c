"""What must hold before a turn is made. Pure: records in, errors out."""

from datetime import datetime

from app.engine.requests import Asked
from app.errors import (
    ChoiceNotOffered,
    DeadlineNotReached,
    IdempotencyMismatch,
    InvalidRequest,
    NotStarted,
    SessionOver,
    StaleTurn,
)
from app.models.record import SessionRecord
from app.models.session import Settings, Snapshot
from app.models.world import Offer, WorldState

MAX_WORDS = 300
"""Characters of a player's own action."""


def require_begun(record: SessionRecord) -> WorldState:
    """The world of a session whose intro has been played. Raises `NotStarted`."""
    if record.world is None:
        raise NotStarted
    return record.world


def require_turn(record: SessionRecord, asked: Asked) -> None:
    """Raises `StaleTurn` when the client looks at another turn than the present one."""
    present = record.snapshot.turn
    if asked.expected_turn is not None and asked.expected_turn != present:
        raise StaleTurn(
            f"The session is at turn {present}, not {asked.expected_turn}.",
            details=f"turn: {present}",
        )


def require_playable(record: SessionRecord, asked: Asked) -> WorldState:
    """The world of a session that can be played now.

    Raises `NotStarted`, `SessionOver` (the dead do not act, on any path) or `StaleTurn`.
    """
    world = require_begun(record)
    require_turn(record, asked)
    if record.snapshot.phase == "over":
        raise SessionOver
    return world


def require_same(fingerprint: str, asked: Asked) -> None:
    """Raises `IdempotencyMismatch` when a key comes back with another request."""
    if fingerprint != asked.fingerprint:
        raise IdempotencyMismatch


def offered(offers: tuple[Offer, ...], choice: str | None, choice_id: str | None) -> Offer | None:
    """The offer that a client means, or None for the player's own words.

    Raises `ChoiceNotOffered` for an id that names nothing, `InvalidRequest` for empty words.
    """
    if choice_id is not None:
        for offer in offers:
            if offer.choice.id == choice_id:
                return offer
        raise ChoiceNotOffered(f"Choice {choice_id!r} is not on offer now.")
    words = " ".join((choice or "").split())
    if not words or len(words) > MAX_WORDS:
        raise InvalidRequest(
            f"An action is 1 to {MAX_WORDS} characters.", details="body.choice: length"
        )
    return next((o for o in offers if o.choice.text.casefold() == words.casefold()), None)


def require_late(record: SessionRecord, settings: Settings, now: datetime) -> None:
    """Raises `DeadlineNotReached` while the player has time left, or all the time there is."""
    if not settings.deadline_seconds:
        return  # The client keeps the time.
    if record.hold is not None:
        raise DeadlineNotReached("The deadline is held.", details=f"held by: {record.hold.by}")
    if record.snapshot.deadline_at is not None and now < record.snapshot.deadline_at:
        raise DeadlineNotReached


def deadline_of(snapshot: Snapshot, settings: Settings) -> datetime | None:
    """The armed deadline; switching deadlines off disarms it."""
    return snapshot.deadline_at if settings.deadline_seconds else None
