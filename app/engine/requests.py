"""What a playing request carries beside its action."""

from dataclasses import dataclass
from typing import Final

from app.models.events import Actor

SOMEBODY: Final = Actor()


@dataclass(frozen=True, slots=True)
class Asked:
    """`key` is the Idempotency-Key; `fingerprint` a digest of the route and its body."""

    key: str | None = None
    fingerprint: str = ""
    expected_turn: int | None = None
    actor: Actor = SOMEBODY
    """Who asks, for those who watch."""
    early: bool = False
    """The client does not wait for the turn: it will learn from the events what came of it."""


NOBODY_ASKED: Final = Asked()
