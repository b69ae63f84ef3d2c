"""Which way is meant by other words than its label's: a direction, what stands there, or back."""

from typing import Final

from app.engine.world.compiled import Action
from app.engine.world.graph import FAR, distances
from app.engine.world.heard import Heard, Here
from app.engine.world.vocabulary import MOVE_KEYS

LEAVE_KEYS: Final = frozenset(["leav", "leave", "exit", "flee", "escap", "run"])
_STAIRS: Final = frozenset(["stair", "step", "ladder", "way"])


def way_meant(here: Here, words: Heard) -> Action | None:
    """An exit, open or shut; None if the words lead nowhere."""
    draft, lexicon, things = here.draft, here.draft.world.lexicon, words.things
    if words.verb is not None and words.verb not in MOVE_KEYS | LEAVE_KEYS:
        return None
    ways = [action for action in here.options if action.way is not None]
    if words.verb is not None and things:
        if things <= lexicon.names[draft.place]:
            return _back(ways, draft.came_from) if words.verb in LEAVE_KEYS else None
        if things.isdisjoint(lexicon.props[draft.place]):
            found = _at_the_next(here, words, ways) or _toward(here, words, ways)
            if found is not None:
                return found
    if things - _STAIRS:
        return None
    if words.headings:
        return _pointed(here, words, ways)
    return _back(ways, draft.came_from) if words.back else None


def _at_the_next(here: Here, words: Heard, ways: list[Action]) -> Action | None:
    """To what stands at a neighbouring place: `run to the trucks`."""
    props = here.draft.world.lexicon.props
    there = [way for way in ways if not words.things.isdisjoint(props[way.target])]
    return max(there, key=lambda way: len(way.words & words.content), default=None)


def _toward(here: Here, words: Heard, ways: list[Action]) -> Action | None:
    """The first step to a place where the player has been."""
    draft, names = here.draft, here.draft.world.lexicon.names
    known = [
        place for place in draft.visited if place != draft.place and words.things & names[place]
    ]
    if len(known) != 1:
        return None
    steps = distances(draft.world, draft.facts, known[0])
    best = min(ways, key=lambda way: steps.get(way.target, FAR), default=None)
    return best if best is not None and best.target in steps else None


def _pointed(here: Here, words: Heard, ways: list[Action]) -> Action | None:
    """`go upstairs`, `left`: the way that points there, rather an open one."""
    headings, came_from = here.draft.world.lexicon.headings, here.draft.came_from
    return max(
        (way for way in (*ways, *here.shut) if not words.headings.isdisjoint(headings[way.id])),
        key=lambda way: (
            len(words.headings & headings[way.id]),
            len(way.words & words.content),
            words.back and way.target == came_from,
            way not in here.shut,
        ),
        default=None,
    )


def _back(ways: list[Action], came_from: str | None) -> Action | None:
    """Where the player came from, or else the plainest way."""
    return min(ways, key=lambda way: (way.target != came_from, way.risk), default=None)
