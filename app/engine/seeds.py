"""The only source of chance: one stream per session, turn and purpose."""

from random import Random


def stream(seed: int, turn: int, purpose: str) -> Random:
    """A stream that depends on nothing else, so that new content cannot change an old roll.

    A string seeds through SHA-512, which no interpreter setting changes; `hash()` would.
    """
    return Random(f"{seed}|{turn}|{purpose}")
