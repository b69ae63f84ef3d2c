"""What is told at places that a session added, or added to."""

from types import MappingProxyType
from typing import Final

from app.engine.world.compile_places import Lines
from app.engine.world.compiled import Observed, Said
from app.engine.world.conditions import compile_condition
from app.engine.world.kit import KIT
from app.engine.world.slots import AMBIENT
from app.engine.world.words import count_words
from app.models.world import GrownFact, GrownPlace

_ECHO: Final = 4
"""Turns after which the built-in prose may speak of a fact that a model brought in."""


def with_facts(lines: Lines, facts: tuple[GrownFact, ...]) -> Lines:
    """The built-in prose speaks of what a model made true, a while afterwards and once."""
    if not facts:
        return lines
    told = tuple(_said(fact) for fact in facts)
    return MappingProxyType({**lines, AMBIENT: (*told, *lines.get(AMBIENT, ()))})


def _said(fact: GrownFact) -> Said:
    when = compile_condition({"turn": f">={fact.turn + _ECHO}"}, "")
    return Said(f"#{fact.text}", fact.text, when, count_words(fact.text))


def shared_back(place: GrownPlace) -> tuple[Said, ...]:
    """Words that many places share are told at one of them only."""
    kit = KIT.place(place.kit) if place.kit else None
    if kit and kit.back:
        return ()
    return _shared("back", place)


def _shared(field: str, place: GrownPlace) -> tuple[Said, ...]:
    groups = dict.fromkeys([place.biome, "indoor" if place.indoor else "outdoor"])
    return tuple(
        Said(f"={group}:{field}:{at}", text, words=count_words(text))
        for group in groups
        if group in KIT.words
        for at, text in enumerate(getattr(KIT.words[group], field))
    )


def shared_observe(place: GrownPlace, made: tuple[Observed, ...]) -> tuple[Observed, ...]:
    kit = KIT.place(place.kit) if place.kit else None
    own = made[: len(kit.observe)] if kit else ()
    return (*own, *(Observed(said, ()) for said in _shared("observe", place)))
