"""Turns what a session added into the models of a pack: places, ways, things, people, items."""

from zlib import crc32

from app.engine.world.compile_actions import PERSON
from app.engine.world.kit import KIT, KitDeed, KitDeedWords, KitThing, filled, turned, worded
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
from app.models.world import GrownPerson, GrownPlace, GrownProp, GrownWay

_AFTER_HEAD = (" of ", " in ", " on ", " with ", " from ", " under ", " for ", " to ", " at ")
_FOUND_EVERY = 2
_GROUNDS = 9973
_FEWEST = 3
_BACK = "Go back to {}"
_ON = "Go on to {}"


def nouns_of(name: str) -> list[str]:
    """What a player may call it: its whole name, and the word in it that says what it is."""
    whole = bare(name).casefold()
    head = whole
    for word in _AFTER_HEAD:
        head = head.partition(word)[0]
    return list(dict.fromkeys([whole, head.split()[-1] if head.split() else whole]))


# -- things


def prop_of(prop: GrownProp, pack: Pack) -> Prop:
    """A thing with what its kind is good for."""
    kind = KIT.looks.get(prop.look)
    thing = KIT.thing(prop.kit) if prop.kit else None
    deeds = [_looking(prop)]
    deeds += [
        _deed(name, prop, pack, thing.deeds.get(name) if thing else None)
        for name in (kind.deeds if kind and not prop.portable else [])
    ]
    if prop.portable:
        deeds.append(_deed("take", prop, pack, None))
    paint = Paint(token=kind.token, at=(prop.x, prop.z), states=_variants(prop)) if kind else None
    return Prop(
        name=prop.name,
        nouns=_nouns(prop, thing),
        paint=paint,
        states=list(prop.states),
        affordances=deeds,
    )


def _nouns(prop: GrownProp, thing: KitThing | None) -> list[str]:
    return list(dict.fromkeys([*nouns_of(prop.name), *(thing.nouns if thing else [])]))


def _variants(prop: GrownProp) -> dict[str, str]:
    return {state: state for state in prop.states[1:]}


def _looking(prop: GrownProp) -> Affordance:
    deed = KIT.deeds["look"]
    return Affordance(
        id="look",
        verbs=deed.verbs,
        kind=deed.kind,
        risk=0,
        label=[TextWhen(text=worded(turned(deed.label, prop.nth)[0], prop.name))],
        once=True,
        outcomes=Outcomes(ok=[Outcome(text=prop.text)]),
    )


def _deed(name: str, prop: GrownProp, pack: Pack, own: KitDeedWords | None) -> Affordance:
    deed, words = KIT.deeds[name], own or KitDeedWords()
    label = words.label or turned(deed.label, prop.nth)[0]
    return Affordance(
        id=name,
        verbs=deed.verbs,
        kind=deed.kind,
        risk=deed.risk,
        label=[TextWhen(text=worded(label, prop.name))],
        once=not deed.cooldown,
        cooldown=deed.cooldown,
        outcomes=Outcomes(
            ok=_outcomes(words.ok, deed.ok, deed, prop, _gains(deed, name, prop, pack)),
            mixed=_outcomes(words.mixed, deed.mixed, deed, prop, _known(deed.fx_mixed, pack)),
            bad=_outcomes(words.bad, deed.bad, deed, prop, _known(deed.fx_bad, pack)),
        ),
    )


def _outcomes(
    own: list[str], kind: list[str], deed: KitDeed, prop: GrownProp, fx: Effects
) -> list[Outcome]:
    """The thing's own words, else the kind's: one of them for each thing, so that two things of
    a kind are not told of alike; all of them where the same can be done again."""
    texts = own or turned(kind, prop.nth)[: None if deed.cooldown else 1]
    return [Outcome(text=worded(text, prop.name), fx=fx) for text in texts]


def _gains(deed: KitDeed, name: str, prop: GrownProp, pack: Pack) -> Effects:
    fx = {"item+": prop.id} if name == "take" else _known(deed.fx, pack)
    finds = [item for item in KIT.finds if item in pack.items]
    if deed.finds and finds and prop.nth % _FOUND_EVERY:
        fx = {**fx, "item+": finds[prop.nth // _FOUND_EVERY % len(finds)]}
    return fx


def _known(fx: Effects, pack: Pack) -> Effects:
    """Those effects that mean something in this world."""
    return {key: value for key, value in fx.items() if key == "health" or key in pack.qualities}


def item_of(name: str) -> Item:
    return Item(name=name, nouns=nouns_of(name))


# -- people


def person_of(person: GrownPerson, pack: Pack) -> Prop:
    """Somebody who means no harm: what can be done with them is done as with a thing."""
    # A person's deeds come round again, so all words of a kind are theirs.
    plain = GrownProp(
        id=person.id, name=person.name, text=person.text, place=person.place, nth=person.nth
    )
    deeds = [_deed(name, plain, pack, None) for name in KIT.manners.get(person.manner, [])]
    return Prop(
        name=person.name,
        nouns=nouns_of(person.name),
        tags=[PERSON],
        affordances=[_looking(plain), *deeds],
    )


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
