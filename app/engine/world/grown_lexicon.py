"""The words of what a session added, on top of what was worked out for its pack."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType

from app.engine.world.compiled import Action, Compiled
from app.engine.world.lexicon import Lexicon, headings_between
from app.engine.world.pack import Pack
from app.engine.world.spelling import Speller
from app.engine.world.vocabulary import all_keys, key, tokens
from app.engine.world.words import bare

Headings = Mapping[str, frozenset[str]]


def exit_headings(pack: Pack, place_id: str, exits: tuple[Action, ...]) -> Headings:
    """Where each way out of a place points."""
    place = pack.places[place_id]
    return {
        action.id: headings_between(pack, place_id, exit_)
        for action, exit_ in zip(exits, place.exits, strict=True)
    }


def lexicon_with(
    base: Compiled, pack: Pack, headings: Iterable[Headings], nouns: frozenset[str]
) -> Lexicon:
    """The words of the pack and of all that was added to it."""
    lexicon = base.lexicon
    places = {
        name: one for name, one in pack.places.items() if base.pack.places.get(name) is not one
    }
    named = {
        name: all_keys(noun for prop in place.props for noun in pack.props[prop].nouns)
        for name, place in places.items()
    }
    surfaces = _surfaces(base.pack, pack)
    people = {name: one for name, one in pack.agents.items() if name not in base.pack.agents}
    return replace(
        lexicon,
        speller=Speller({surface: stem for stem, surface in surfaces.items()}, lexicon.speller),
        nouns=nouns,
        near=MappingProxyType(
            {
                **lexicon.near,
                **{name: all_keys(one.local_nouns) | named[name] for name, one in places.items()},
            }
        ),
        names=MappingProxyType(
            {**lexicon.names, **{name: all_keys([bare(one.name)]) for name, one in places.items()}}
        ),
        props=MappingProxyType({**lexicon.props, **named}),
        headings=MappingProxyType(
            {**lexicon.headings, **{way: at for one in headings for way, at in one.items()}}
        ),
        item_verbs=MappingProxyType(
            {
                **lexicon.item_verbs,
                **{name: frozenset() for name in pack.items if name not in base.items},
            }
        ),
        people=lexicon.people | all_keys(noun for one in people.values() for noun in one.nouns),
        surfaces=MappingProxyType({**surfaces, **lexicon.surfaces}),
    )


def _surfaces(base: Pack, pack: Pack) -> dict[str, str]:
    """How the stems of what was added are written out."""
    names = [
        *(noun for name, one in pack.props.items() if name not in base.props for noun in one.nouns),
        *(noun for name, one in pack.items.items() if name not in base.items for noun in one.nouns),
        *(
            noun
            for name, one in pack.agents.items()
            if name not in base.agents
            for noun in one.nouns
        ),
        *(one.name for name, one in pack.places.items() if name not in base.places),
    ]
    found: dict[str, str] = {}
    for name in names:
        for token in tokens(name):
            found.setdefault(key(token), token)
    return found
