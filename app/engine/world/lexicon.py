"""What the words of one pack mean, worked out once when it is loaded."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from app.engine.world.pack import Exit, Pack
from app.engine.world.spelling import Speller
from app.engine.world.vocabulary import ADVERBS, VERB_FORMS, all_keys, key, tokens
from app.engine.world.words import bare

_HEADINGS: Final = MappingProxyType(
    {
        "up": re.compile(r"\b(up|climb|ascend|upstairs)\b"),
        "down": re.compile(r"\b(down|descend|drop|jump)\b"),
        "left": re.compile(r"\bleft\b"),
        "right": re.compile(r"\bright\b"),
        "north": re.compile(r"\bnorth\b"),
        "south": re.compile(r"\bsouth\b"),
        "east": re.compile(r"\beast\b"),
        "west": re.compile(r"\bwest\b"),
    }
)
_WORDS: Final = MappingProxyType(
    {
        "upstairs": "up", "upward": "up", "up": "up", "above": "up",
        "downstairs": "down", "downward": "down", "down": "down", "below": "down",
        "left": "left", "right": "right",
        "north": "north", "south": "south", "east": "east", "west": "west",
        "inside": "in", "indoors": "in", "in": "in", "outside": "out", "outdoors": "out",
        "out": "out",
    }
)  # fmt: skip


def headings_of(words: Iterable[str]) -> frozenset[str]:
    """Up, left, north, in, ...: where the words point."""
    return frozenset(_WORDS[word] for word in words if word in _WORDS)


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The words of a pack. Immutable, shared by all sessions."""

    speller: Speller
    nouns: frozenset[str]
    near: Mapping[str, frozenset[str]]
    """For each place, the nouns of what is within reach or sight there, ways left out."""
    names: Mapping[str, frozenset[str]]
    """The words of each place's own name."""
    props: Mapping[str, frozenset[str]]
    """For each place, the nouns of its props."""
    headings: Mapping[str, frozenset[str]]
    """For each exit's id, where it points."""
    item_verbs: Mapping[str, frozenset[str]]
    people: frozenset[str]
    """The nouns of agents."""
    surfaces: Mapping[str, str]
    """How a stem is written out."""


def lexicon_of(
    pack: Pack, nouns: frozenset[str], verbs: Iterable[str], exits: Mapping[str, Iterable[str]]
) -> Lexicon:
    named = _named(pack)
    surfaces = _surfaces(pack)
    people = all_keys(noun for agent in pack.agents.values() for noun in agent.nouns)
    return Lexicon(
        speller=Speller(_forms(nouns.union(verbs), surfaces)),
        nouns=nouns,
        near=MappingProxyType(
            {
                place_id: all_keys(place.local_nouns) | named[place_id]
                for place_id, place in pack.places.items()
            }
        ),
        names=MappingProxyType(
            {place_id: all_keys([bare(place.name)]) for place_id, place in pack.places.items()}
        ),
        props=MappingProxyType(named),
        headings=MappingProxyType(
            {
                exit_id: headings_between(pack, place_id, exit_)
                for place_id, place in pack.places.items()
                for exit_id, exit_ in zip(exits[place_id], place.exits, strict=True)
            }
        ),
        item_verbs=MappingProxyType(
            {name: frozenset(map(key, item.verbs)) for name, item in pack.items.items()}
        ),
        people=people,
        surfaces=MappingProxyType(surfaces),
    )


def _forms(stems: frozenset[str], surfaces: Mapping[str, str]) -> dict[str, str]:
    """Every word that may be meant, as it is written, and its stem."""
    return {
        **{stem: stem for stem in stems},
        **{surface: stem for stem, surface in surfaces.items()},
        **{word: word for word in ADVERBS if len(word) > _SHORT},
        **{word: key(word) for word in VERB_FORMS},
    }


_SHORT = 4


def _named(pack: Pack) -> dict[str, frozenset[str]]:
    return {
        place_id: all_keys(noun for prop in place.props for noun in pack.props[prop].nouns)
        for place_id, place in pack.places.items()
    }


def headings_between(pack: Pack, place_id: str, exit_: Exit) -> frozenset[str]:
    """What the label says, and else what the map and the roofs say."""
    label = f"{exit_.label} {exit_.back_label or ''}".casefold()
    found = {name for name, pattern in _HEADINGS.items() if pattern.search(label)}
    here, there = pack.places[place_id], pack.places[exit_.to]
    if here.indoor != there.indoor:
        found.add("in" if there.indoor else "out")
    if found.isdisjoint(("north", "south", "east", "west")):
        east, south = there.map.col - here.map.col, there.map.row - here.map.row
        if abs(east) > abs(south):
            found.add("east" if east > 0 else "west")
        elif abs(south) > abs(east):
            found.add("south" if south > 0 else "north")
    return frozenset(found)


def _surfaces(pack: Pack) -> dict[str, str]:
    found: dict[str, str] = {}
    for nouns in (
        *(prop.nouns for prop in pack.props.values()),
        *(item.nouns for item in pack.items.values()),
        *(agent.nouns for agent in pack.agents.values()),
        *(place.local_nouns for place in pack.places.values()),
        *([place.name, place_id] for place_id, place in pack.places.items()),
    ):
        for noun in nouns:
            for token in tokens(noun):
                found.setdefault(key(token), token)
    return found
