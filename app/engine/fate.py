"""Fate: drawn by the server from the session's seed."""

from app.engine.seeds import stream
from app.models.vocabulary import Fate

_LUCKY_BELOW = 0.25
_UNLUCKY_FROM = 0.75


def draw(seed: int, turn: int) -> Fate:
    """The fate of a turn: one in four is lucky, one in four is not."""
    chance = stream(seed, turn, "fate").random()
    if chance < _LUCKY_BELOW:
        return "LUCKY"
    return "UNLUCKY" if chance >= _UNLUCKY_FROM else "NORMAL"
