"""Turns what a session added into the models of a pack: places, ways, things, people, items."""

import re
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final
from zlib import crc32

from app.engine.world.compile_actions import PERSON
from app.engine.world.compiled import Action, Result
from app.engine.world.kit import KIT, KitDeed, KitDeedWords, filled, turned, worded
from app.engine.world.pack import (
    Affordance,
    Agent,
    Effects,
    Exit,
    Item,
    MapCell,
    Observation,
    Outcome,
    Outcomes,
    Pack,
    Paint,
    Place,
    Prop,
    TextWhen,
    View,
)
from app.engine.world.words import bare, definite
from app.models.vocabulary import Tier
from app.models.world import GrownPerson, GrownPlace, GrownProp, GrownWay

_BETWEEN: Final = re.compile(r"\s(?:of|in|on|with|from|under|for|to|at|and)\s")
AS_FOUND: Final = "as_found"
_FOUND_EVERY = 2
_WORDINGS = 3
"""Of the words of a kind each thing gets so many, beginning with others than the one before."""
_GROUNDS = 9973
_FEWEST = 3
_BACK = "Go back to {}"
_ON = "Go on to {}"


def nouns_of(name: str) -> list[str]:
    """What a player may call it: `coil` and `rope` for a coil of wet rope. What only says of
    which kind it is may be said of its neighbours too."""
    parts = _BETWEEN.split(bare(name).casefold())
    return list(dict.fromkeys(part.split()[-1] for part in parts if part.split()))


# -- things


Turns = Mapping[str, int]
"""For each deed, how many things before had it: two of a kind are not told of alike."""


def deeds_of(prop: GrownProp) -> list[str]:
    """The deeds of the kit that can be done with a thing."""
    kind = KIT.looks.get(prop.look)
    if prop.portable:
        return ["look", "take"]
    return ["look", *(kind.deeds if kind else ())]


def manners_of(person: GrownPerson) -> list[str]:
    """The deeds of the kit that can be done with somebody who means no harm."""
    return ["look", *KIT.manners.get(person.manner, [])]


def prop_of(prop: GrownProp, pack: Pack, turns: Turns) -> Prop:
    """A thing with what its kind is good for."""
    kind = KIT.looks.get(prop.look)
    thing = KIT.thing(prop.kit) if prop.kit else None
    paint = Paint(token=kind.token, at=(prop.x, prop.z), states=_variants(prop)) if kind else None
    return Prop(
        name=prop.name,
        nouns=list(dict.fromkeys([*nouns_of(prop.name), *(thing.nouns if thing else [])])),
        paint=paint,
        states=list(prop.states),
        affordances=[
            _deed(name, at, prop, pack, _own_words(prop, name)) for name, at in turns.items()
        ],
    )


def person_of(person: GrownPerson, pack: Pack, turns: Turns) -> Prop:
    """Somebody who means no harm: what can be done with them is done as with a thing."""
    words = KitDeedWords()
    return Prop(
        name=person.name,
        nouns=nouns_of(person.name),
        tags=[PERSON],
        affordances=[_deed(name, at, person, pack, words) for name, at in turns.items()],
    )


def _variants(prop: GrownProp) -> dict[str, str]:
    return {state: state for state in prop.states if state != AS_FOUND}


def _deed(
    name: str, at: int, thing: GrownProp | GrownPerson, pack: Pack, own: KitDeedWords
) -> Affordance:
    deed = KIT.deeds[name]
    label = own.label or turned(deed.label, at)[0]
    ok = own.ok or ([thing.text] if name == "look" else [])
    gains = {"item+": thing.id} if name == "take" else _gains(deed, at, pack)

    def outcomes(written: list[str], kind: list[str], fx: Effects) -> list[Outcome]:
        texts = written or turned(kind, at)[:_WORDINGS]
        return [Outcome(text=worded(text, thing.name), fx=fx) for text in texts]

    return Affordance(
        id=name,
        verbs=deed.verbs,
        kind=deed.kind,
        risk=deed.risk,
        label=[TextWhen(text=worded(label, thing.name))],
        once=not deed.cooldown,
        cooldown=deed.cooldown,
        outcomes=Outcomes(
            ok=outcomes(ok, deed.ok, gains),
            mixed=outcomes(own.mixed, deed.mixed, _known(deed.fx_mixed, pack)),
            bad=outcomes(own.bad, deed.bad, _known(deed.fx_bad, pack)),
        ),
    )


def shared_words(action: Action, prop: GrownProp | None, turns: Turns) -> Action:
    """The same deed, with the words that it has from its kind known as such: what was told of
    one thing is not told of the next. `prop` is None for somebody."""
    name = action.id.rpartition(":")[2]
    if name not in turns or action.results is None:
        return action
    deed, own = KIT.deeds[name], _own_words(prop, name)
    written: dict[Tier, bool] = {
        "ok": bool(own.ok) or name == "look",
        "mixed": bool(own.mixed),
        "bad": bool(own.bad),
    }
    kinds: dict[Tier, list[str]] = {"ok": deed.ok, "mixed": deed.mixed, "bad": deed.bad}
    results: dict[Tier, tuple[Result, ...]] = {}
    better: Tier = "ok"
    for tier, kind in kinds.items():
        if not kind and not written[tier]:
            # A tier without words of any kind comes out as the next better one.
            results[tier] = results[better]
            continue
        better = tier
        found = action.results[tier]
        results[tier] = found if written[tier] else _numbered(found, name, tier, turns, len(kind))
    return replace(action, results=MappingProxyType(results))


def _numbered(
    results: tuple[Result, ...], name: str, tier: Tier, turns: Turns, count: int
) -> tuple[Result, ...]:
    return tuple(
        replace(
            result,
            said=replace(result.said, id=f"={name}:{tier}:{(turns[name] + at) % count}"),
        )
        for at, result in enumerate(results)
    )


def _own_words(prop: GrownProp | None, deed: str) -> KitDeedWords:
    thing = KIT.thing(prop.kit) if prop is not None and prop.kit else None
    return thing.deeds.get(deed, KitDeedWords()) if thing else KitDeedWords()


def _gains(deed: KitDeed, at: int, pack: Pack) -> Effects:
    fx = _known(deed.fx, pack)
    finds = [item for item in KIT.finds if item in pack.items]
    if deed.finds and finds and at % _FOUND_EVERY:
        fx = {**fx, "item+": finds[at // _FOUND_EVERY % len(finds)]}
    return fx


def _known(fx: Effects, pack: Pack) -> Effects:
    """Those effects that mean something in this world."""
    return {key: value for key, value in fx.items() if key == "health" or key in pack.qualities}


def item_of(name: str, text: str = "") -> Item:
    """Something that is carried, and can be looked at if there is anything to see."""
    if not text:
        return Item(name=name, nouns=nouns_of(name))
    deed = KIT.deeds["look"]
    look = Affordance(
        id="look",
        verbs=deed.verbs,
        kind=deed.kind,
        risk=0,
        label=[TextWhen(text=worded(deed.label[0], name))],
        once=True,
        outcomes=Outcomes(ok=[Outcome(text=text)]),
    )
    return Item(name=name, nouns=nouns_of(name), affordances=[look])


# -- people


def agent_of(person: GrownPerson, pack: Pack) -> Agent:
    """Somebody who means harm, as a body on the map."""
    raw = filled(KIT.hostile, person.name)
    raw["weakness"] = [
        one
        for one in raw["weakness"]
        if all(key.removeprefix("item.") in pack.items for key in one["needs"])
    ]
    for outcomes in (raw["flee"], *(one["outcomes"] for one in raw["weakness"])):
        for outcome in (one for tier in outcomes.values() for one in tier):
            outcome["fx"] = {
                key: value
                for key, value in outcome.get("fx", {}).items()
                if key in pack.qualities or key in ("health", "item-")
            }
    raw["goals"] = [
        goal
        for goal in raw["goals"]
        if all(key == "turn" or key in pack.qualities for key in goal.get("when", {}))
    ]
    raw |= {"name": person.name, "nouns": nouns_of(person.name), "start": [person.place]}
    return Agent.model_validate({**raw, "paint_token": person.figure})


# -- places


def place_of(place: GrownPlace, exits: list[Exit], props: list[str]) -> Place:
    """A place in the words of the kit's place that it is, else in those of its kind."""
    words = KIT.words_of(place.biome, indoor=place.indoor)
    kit = KIT.place(place.kit) if place.kit else None
    return Place(
        name=place.name,
        biome=place.biome,
        indoor=place.indoor,
        cover=kit.cover if kit else 1,
        danger=kit.danger if kit else 1,
        props=props,
        exits=exits,
        first=[place.text],
        back=kit.back if kit and kit.back else words.back,
        observe=[Observation(text=text) for text in kit.observe + words.observe[:_FEWEST]]
        if kit and kit.observe
        else [Observation(text=text) for text in words.observe],
        watch_label=turned(words.watch, place.turn)[0],
        hide_label=(kit.hide if kit else "") or turned(words.hide, place.turn)[0],
        rest_label=(kit.rest if kit else "") or turned(words.rest, place.turn)[0],
        view=View(seed_offset=crc32(place.name.encode()) % _GROUNDS),
        map=MapCell(col=place.col, row=place.row),
    )


def exits_of(way: GrownWay, at: str, names: dict[str, str]) -> Exit:
    """One end of a way: as it was told of from where it was first seen, and back again."""
    kit = KIT.place(way.kit) if way.kit else None
    if at == way.origin:
        return Exit(
            to=way.to,
            label=way.label,
            back_label=_ON.format(definite(names[way.to])),
            ok=list(kit.come) if kit else [],
        )
    return Exit(to=way.origin, label=_BACK.format(definite(names[way.origin])))
