"""Finds what an author would want to know about a pack before a player does. Nothing is played."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.engine.world import slots
from app.engine.world.locks import can_be_got
from app.engine.world.pack import Affordance, Pack, Place
from app.engine.world.pack_error import PackError
from app.engine.world.pack_walk import Walk, conditions, effects, texts
from app.engine.world.prose_lint import prose_findings
from app.engine.world.world import World

FEWEST_DEEDS = 3
FEWEST_AMBIENT = 6
FEWEST_OF_A_SLOT = 3
_DIES = re.compile(
    r"\byou (?:die|perish|drown|bleed out|burn to death|are killed|(?:do not|never) come back)\b"
    r"|\byou(?:'re| are) (?:now )?dead\b(?! (?:tired|sure|certain|calm|quiet|silent|still)\b)"
    r"|\byour (?:corpse|bones|grave)\b",
    re.IGNORECASE,
)
_LIVES = re.compile(
    r"\byou(?:'re| are) (?:still )?alive\b|\byou (?:survive|live on|get out|wake up)\b",
    re.IGNORECASE,
)
_NEEDED_SLOTS = ("time", "hide.ok", "rest.ok", "move.ok", "move.mixed", "move.bad")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, and where."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


def lint(pack: Pack) -> tuple[Finding, ...]:
    """Everything that can be told without playing. Empty: nothing was found."""
    try:
        world = World(pack)
    except PackError as error:
        return (Finding(error.where, error.fault),)
    walk = Walk(pack)
    found: list[Finding] = []
    for check in (
        _reachable,
        _enough_to_do,
        _nouns,
        _labels,
        _flags,
        _items,
        _props,
        _secrets,
        _locks,
        _arcs,
        _hazards,
        _agents,
        _endings,
    ):
        found += (Finding(where, what) for where, what in check(pack, walk))
    found += (Finding(where, what) for where, what in _lines(pack, world))
    found += (Finding(where, what) for where, what in prose_findings(pack, texts(pack)))
    return tuple(found)


_Found = Iterator[tuple[str, str]]


# -- places and what can be done there


def _reachable(pack: Pack, walk: Walk) -> _Found:
    starts = {pack.meta.start_place, *(one.start_place for one in pack.intros if one.start_place)}
    reached, edge = set(starts), list(starts)
    while edge:
        place = pack.places[edge.pop()]
        ways = {exit_.to for exit_ in place.exits} | walk.leads_to(place)
        edge += ways - reached
        reached |= ways
    for place_id in pack.places.keys() - reached:
        yield f"places.{place_id}", "cannot be reached from any start"


def _enough_to_do(pack: Pack, walk: Walk) -> _Found:
    del walk
    for place_id, place in pack.places.items():
        deeds = len(place.exits) + sum(
            len(pack.props[prop].affordances) for prop in place.props if prop in pack.props
        )
        # Where a world grows, what is missing comes of itself or of a model.
        if deeds < FEWEST_DEEDS and not pack.meta.grows:
            yield f"places.{place_id}", f"only {deeds} exits and affordances"
        for exit_ in place.exits:
            if exit_.needs and exit_.closed_text is None:
                yield f"places.{place_id}.exits.{exit_.to}", "may be closed, without closed_text"


def _nouns(pack: Pack, walk: Walk) -> _Found:
    del walk
    for place_id, place in pack.places.items():
        known: dict[str, str] = {}
        for prop_id in place.props:
            for noun in pack.props[prop_id].nouns:
                if known.setdefault(noun, prop_id) != prop_id:
                    yield f"places.{place_id}", f"{noun!r} names {known[noun]} and {prop_id}"


def _labels(pack: Pack, walk: Walk) -> _Found:
    del walk
    for place_id, place in pack.places.items():
        for label, count in Counter(_labels_at(pack, place)).items():
            if count > 1:
                yield f"places.{place_id}", f"{label!r} is the label of {count} actions"


def _labels_at(pack: Pack, place: Place) -> Iterator[str]:
    yield from (place.hide_label, place.rest_label, place.watch_label)
    yield from (exit_.label for exit_ in place.exits)
    for prop_id in place.props:
        for one in pack.props[prop_id].affordances:
            yield from (label.text for label in one.label)


# -- flags, things, states


def _flags(pack: Pack, walk: Walk) -> _Found:
    del walk
    tested = _names(conditions(pack), "flag.")
    is_set = _names(effects(pack), "flag.")
    for fact in pack.bible:
        if fact.revealed_by:
            tested.setdefault(fact.revealed_by.removeprefix("flag."), f"bible.{fact.id}")
    for name in sorted(tested.keys() - is_set.keys()):
        yield tested[name], f"tests the flag {name!r}, which nothing sets"
    for name in sorted(is_set.keys() - tested.keys()):
        yield is_set[name], f"sets the flag {name!r}, which nothing tests"


def _names(sources: Iterable[tuple[str, Mapping[str, Any]]], prefix: str) -> dict[str, str]:
    """Every name of a kind, with the first place where it stands."""
    found: dict[str, str] = {}
    for where, source in sources:
        for key in source:
            if key.startswith(prefix):
                found.setdefault(key.removeprefix(prefix), where)
    return found


def _items(pack: Pack, walk: Walk) -> _Found:
    del walk
    gained = set(pack.player.items)
    for _, source in effects(pack):
        value = source.get("item+", [])
        gained |= set(value) if isinstance(value, list) else {str(value)}
    for item in sorted(pack.items.keys() - gained):
        yield f"items.{item}", "can never be had"


def _props(pack: Pack, walk: Walk) -> _Found:
    del walk
    placed = {prop for place in pack.places.values() for prop in place.props}
    for prop_id in sorted(pack.props.keys() - placed):
        yield f"props.{prop_id}", "stands nowhere"
    for where, source in effects(pack):
        for key, value in source.items():
            prop = pack.props.get(key.removeprefix("prop.")) if key.startswith("prop.") else None
            if prop is not None and value not in prop.states:
                yield where, f"{key}: {value!r} is not among its states"
    for where, source in conditions(pack):
        for key, value in source.items():
            prop = pack.props.get(key.removeprefix("prop.")) if key.startswith("prop.") else None
            for one in value if isinstance(value, list) else [value]:
                if prop is not None and isinstance(one, str) and one not in prop.states:
                    yield where, f"{key}: {one!r} is not among its states"
    for prop_id, prop in pack.props.items():
        for state in (prop.paint.states if prop.paint else {}).keys() - set(prop.states):
            yield f"props.{prop_id}.paint", f"{state!r} is not among its states"


def _secrets(pack: Pack, walk: Walk) -> _Found:
    del walk
    told = {str(value) for _, source in effects(pack) for value in [source.get("fact")] if value}
    told |= {
        outcome.reveals for _, one in _all_outcomes(pack) for outcome in one if outcome.reveals
    }
    for fact in pack.bible:
        if fact.secret and fact.id not in told and fact.revealed_by is None:
            yield f"bible.{fact.id}", "is secret, and nothing reveals it"


def _locks(pack: Pack, walk: Walk) -> _Found:
    del walk
    for where, one in _all_affordances(pack):
        if one.locked_label is not None and not any(
            can_be_got(key, value) for key, value in one.needs.items()
        ):
            yield where, "has a locked_label, and nothing of its needs can be got by playing"


def _all_outcomes(pack: Pack) -> Iterator[tuple[str, list[Any]]]:
    for where, one in _all_affordances(pack):
        yield where, [*one.outcomes.ok, *one.outcomes.mixed, *one.outcomes.bad]


def _all_affordances(pack: Pack) -> Iterator[tuple[str, Affordance]]:
    def of(where: str, affordances: Iterable[Affordance]) -> Iterator[tuple[str, Affordance]]:
        for one in affordances:
            yield f"{where}.{one.id}", one

    for prop_id, prop in pack.props.items():
        yield from of(f"props.{prop_id}", prop.affordances)
    for item_id, item in pack.items.items():
        yield from of(f"items.{item_id}", item.affordances)
    for storylet in pack.storylets:
        yield from of(f"storylets.{storylet.id}", storylet.choices)


# -- what happens


def _arcs(pack: Pack, walk: Walk) -> _Found:
    del walk
    stages: dict[str, set[int]] = {}
    for storylet in pack.storylets:
        if storylet.arc is None and storylet.stage is not None:
            yield f"storylets.{storylet.id}", "has a stage of no arc"
        elif storylet.arc is not None and storylet.stage is not None:
            stages.setdefault(storylet.arc, set()).add(storylet.stage)
    moved = _names(effects(pack), "arc.")
    for arc, found in stages.items():
        if min(found) < 1:
            yield f"arcs.{arc}", "stages are counted from 1"
    for arc in sorted(moved.keys() - stages.keys()):
        if not any(f"arc.{arc}" in source for _, source in conditions(pack)):
            yield moved[arc], f"moves the arc {arc!r}, which has no storylets"


def _hazards(pack: Pack, walk: Walk) -> _Found:
    del walk
    for hazard_id, hazard in pack.hazards.items():
        for stage in hazard.stages:
            if not 0 < stage <= hazard.segments:
                yield f"hazards.{hazard_id}", f"stage {stage} is not on its clock"


def _agents(pack: Pack, walk: Walk) -> _Found:
    del walk
    for agent_id, agent in pack.agents.items():
        where = f"agents.{agent_id}"
        if agent.goals and agent.goals[-1].when:
            yield where, "its last goal should hold always"
        for goal in agent.goals:
            if goal.goal == "guard" and goal.target not in pack.places:
                yield where, "guards no place"
        for rung in ("heard", "near", "seen", "hit", "lost"):
            if len(getattr(agent.lines, rung)) < 2:
                yield f"{where}.lines.{rung}", "should have two texts at least"


def _endings(pack: Pack, walk: Walk) -> _Found:
    del walk
    if not any(ending.tone == "death" for ending in pack.endings):
        yield "endings", "there is no way to die in words"
    for ending in pack.endings:
        if not ending.when:
            yield f"endings.{ending.id}", "would end every run at once"
        dead = ending.tone == "death" or ending.kills or ending.when.get("health") == "<=0"
        for one in (*(text.text for text in ending.text), ending.epitaph):
            if not dead and _DIES.search(one):
                yield f"endings.{ending.id}", f"{one!r} is of somebody dead, without `kills`"
            if dead and _LIVES.search(one):
                yield f"endings.{ending.id}", f"{one!r} is of somebody alive, who is dead"


# -- lines


def _lines(pack: Pack, world: World) -> _Found:
    known = slots.KNOWN.union(
        map(slots.death_by, pack.agents),
        map(slots.look_at, pack.props),
    )
    for line in pack.lines:
        if slots.canonical(line.slot) not in known:
            yield f"lines.{line.slot}", "is a slot that nothing asks for"
    for place_id, setting in world.compiled.settings.items():
        ambient = len(setting.lines.get(slots.AMBIENT, ()))
        if ambient < FEWEST_AMBIENT:
            yield f"lines.amb at {place_id}", f"only {ambient} can be told here"
    counts = Counter[str]()
    for line in pack.lines:
        counts[slots.canonical(line.slot)] += 1 if isinstance(line.t, str) else len(line.t)
    for slot in _NEEDED_SLOTS:
        if counts[slots.canonical(slot)] < FEWEST_OF_A_SLOT:
            yield f"lines.{slot}", f"has only {counts[slots.canonical(slot)]} lines"
