"""What a run remembers of itself: bounded, however long it gets."""

from types import MappingProxyType
from typing import Final

from app.engine.world.words import lower_first, shorten, upper_first
from app.models.vocabulary import Tier
from app.models.world import WorldState

MAX_SUMMARY = 600
MAX_DISPATCHES = 3
MAX_DISPATCH = 600
MAX_RECENT = 8
MAX_BEATS = 5
_LABEL = 90
_COST: Final = MappingProxyType({"ok": "", "mixed": ", at a cost", "bad": ", and it went badly"})


def remember(
    before: str, *, action: str, tier: Tier | None, place: str | None, notes: tuple[str, ...] = ()
) -> str:
    """The summary with one turn more; the oldest sentences go first."""
    said = lower_first(shorten(action.strip().rstrip(".!?"), _LABEL))
    sentence = upper_first(f"{said}{_COST[tier or 'ok']}")
    if place is not None:
        sentence += f" (now at {place})"
    sentence += "."
    for note in notes:
        sentence += f" {upper_first(note.rstrip('.'))}."
    return trim(f"{before} {sentence}".strip())


def trim(summary: str) -> str:
    while len(summary) > MAX_SUMMARY:
        _, found, rest = summary.partition(". ")
        summary = rest if found else summary[-MAX_SUMMARY:]
    return summary


def dispatches(state: WorldState, dispatch: str) -> tuple[str, ...]:
    return (*state.last_dispatches, shorten(dispatch, MAX_DISPATCH))[-MAX_DISPATCHES:]
