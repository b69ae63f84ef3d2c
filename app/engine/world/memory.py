"""What a run remembers of itself: bounded, however long it gets."""

from collections.abc import Sequence
from types import MappingProxyType
from typing import Final

from app.engine.world.words import shorten, upper_first
from app.models.vocabulary import Tier
from app.models.world import WorldState

MAX_SUMMARY = 600
MAX_DISPATCHES = 3
MAX_DISPATCH = 600
MAX_RECENT = 8
MAX_BEATS = 5
_LABEL = 90
_COST: Final = MappingProxyType({"ok": "", "mixed": ", at a cost", "bad": ", and it went badly"})


def sentence(action: str, tier: Tier | None, place: str | None, notes: Sequence[str] = ()) -> str:
    """One turn in a sentence: what was done, how it went, and what of it should be remembered."""
    said = upper_first(shorten(action.strip().rstrip(".!?"), _LABEL)) + _COST[tier or "ok"]
    if place is not None:
        said = f"{said} (now at {place})"
    return " ".join([f"{said}.", *(f"{upper_first(note.rstrip('.'))}." for note in notes)])


def remember(before: str, sentence: str) -> str:
    """The summary with one turn more; the oldest sentences go first."""
    return trim(f"{before} {sentence}" if before else sentence)


def trim(summary: str) -> str:
    while len(summary) > MAX_SUMMARY:
        _, found, rest = summary.partition(". ")
        summary = rest if found else summary[-MAX_SUMMARY:]
    return summary


def dispatches(state: WorldState, dispatch: str) -> tuple[str, ...]:
    return (*state.last_dispatches, shorten(dispatch, MAX_DISPATCH))[-MAX_DISPATCHES:]
