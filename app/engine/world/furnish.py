"""What a world that grows adds of its own accord: ways on, neighbours, things, and people.

From the kit and the seed alone, so that a bare premise is a world without any model. A place is
looked after once, when the player first comes there; what a model adds comes on top of it.
"""

from types import MappingProxyType
from typing import Final

from app.engine.world.additions import add_person, add_place, add_prop, add_way, named
from app.engine.world.draft import Draft
from app.engine.world.kit import KIT, KitPlace, KitThing
from app.engine.world.words import bare
from app.models.vocabulary import Surroundings
from app.models.world import (
    MAX_GROWN_PLACES,
    MAX_GROWN_PROPS,
    MAX_GROWN_WAYS,
    AgentState,
    Grown,
)

PLACES: Final = 16
"""Places that a world makes of itself; the rest of the room is for what a model proposes."""
PROPS: Final = 34
PEOPLE: Final = 6
_WAYS_ON: Final = 2
"""Ways that lead on from a place that is new."""
_THINGS: Final = (2, 3)
_SOMEBODY: Final = 0.3
_LOOP: Final = 0.35
_CROWDED: Final = 4
"""Ways from a place, beyond which it gets none that is not needed."""
_ELSEWHERE: Final = MappingProxyType[Surroundings, frozenset[str]](
    {
        "desert": frozenset({"forest", "shore", "snowfield", "field"}),
        "snow": frozenset({"desert", "field", "forest", "road", "town", "rooftop"}),
        "sea": frozenset({"desert", "snowfield"}),
        "city": frozenset({"desert", "snowfield"}),
        "country": frozenset({"desert", "snowfield"}),
    }
)
"""What does not lie in such a country: climates are not a day's walk apart."""


def furnish(draft: Draft) -> None:
    """Look after the place where the player is, if this world grows and nobody has yet."""
    grown = draft.grown
    if not draft.world.pack.meta.grows or not draft.may_grow or draft.place in grown.furnished:
        return
    draft.regrow(_Furnishing(draft).all())


class _Furnishing:
    """One place looked after. All is gathered first, and a world made of it once."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.world = draft.world
        self.here = draft.place
        self.random = draft.random(f"furnish:{draft.place}")
        self.names = named(draft.world, draft.grown)
        """What was there before; nothing of the kit is used twice."""
        self.grown = draft.grown.model_copy(
            update={"furnished": (*draft.grown.furnished, draft.place)}
        )

    def all(self) -> Grown:
        self._things()
        self._ways()
        self._people()
        return self.grown

    def _is_named(self, name: str) -> bool:
        return bare(name).casefold() in self.names

    # -- things

    def _things(self) -> None:
        """Things that belong in such a place."""
        standing = len(self.draft.setting.props)
        made = len(self.grown.props)
        own = sum(1 for prop in self.grown.props if prop.kit)
        room = self.random.choice(_THINGS) - standing
        room = min(room, PROPS - own, MAX_GROWN_PROPS - made)
        nouns = set(self.world.lexicon.props[self.here])
        for thing in self._fitting():
            called = {word for noun in (thing.nouns or [thing.name]) for word in noun.split()}
            if room <= 0:
                break
            if called & nouns:
                continue
            room -= 1
            nouns |= called
            self.grown = add_prop(
                self.world, self.grown, name=thing.name, text=thing.text, look=thing.look,
                place=self.here, portable=thing.portable, state=thing.state, kit=thing.id,
            )  # fmt: skip

    def _fitting(self) -> list[KitThing]:
        """What the kit has for this place and was not used yet; then what it has for its kind."""
        used = {prop.kit for prop in self.grown.props}
        grown = next((one for one in self.grown.places if one.id == self.here), None)
        place = KIT.place(grown.kit) if grown and grown.kit else None
        setting, year = self.draft.setting, self.world.pack.year
        alike = [
            thing
            for one in KIT.places
            if one.biome == setting.biome and one.indoor == setting.indoor
            for thing in one.things
        ]
        self.random.shuffle(alike)
        own = place.things if place else []
        found = [KIT.thing(name) for name in dict.fromkeys([*own, *alike])]
        return [
            thing
            for thing in found
            if thing is not None
            and thing.id not in used
            and thing.since <= year
            and not self._is_named(thing.name)
        ]

    # -- ways

    def _ways(self) -> None:
        """Ways on to new places while there is room for any, and now and then one round."""
        draft = self.draft
        exits = draft.setting.exits
        fresh = sum(way.target not in draft.visited for way in exits)
        wanted = _WAYS_ON + (not draft.visited) - fresh
        opened = 0
        for _ in range(max(0, wanted)):
            place = self._neighbour() if self._has_room() else None
            if place is None:
                break
            self._open(place)
            opened += 1
        ways = len(exits) + opened
        if ways < _WAYS_ON or (ways < _CROWDED and self.random.random() < _LOOP):
            self._way_round()

    def _has_room(self) -> bool:
        grown = self.grown
        own = sum(1 for place in grown.places if place.kit)
        most = len(grown.places) < MAX_GROWN_PLACES and len(grown.ways) < MAX_GROWN_WAYS
        return own < PLACES and most

    def _open(self, place: KitPlace) -> None:
        self.grown = add_place(
            self.world, self.grown, origin=self.here, name=place.name, biome=place.biome,
            indoor=place.indoor, way=place.way, text=self.random.choice(place.first),
            turn=self.draft.turn, kit=place.id,
        )  # fmt: skip

    def _neighbour(self) -> KitPlace | None:
        """A place of the kit that may lie beside this one."""
        used = {place.kit for place in self.grown.places}
        year, climate = self.world.pack.year, self.world.surroundings
        near = KIT.near.get(self.draft.setting.biome, [])
        free = [
            place
            for place in KIT.places
            if place.id not in used
            and place.since <= year
            and place.biome not in _ELSEWHERE[climate]
            and not self._is_named(place.name)
        ]
        beside = [place for biome in near for place in free if place.biome == biome]
        return self.random.choice(beside or free) if free else None

    def _way_round(self) -> None:
        """A way to a place that is known already, so that the country is no mere tree."""
        beside = {way.target for way in self.draft.setting.exits} | {self.here}
        beside |= {way.to for way in self.grown.ways if way.origin == self.here}
        far = [
            name
            for name, setting in self.world.settings.items()
            if name not in beside and len(setting.exits) < _CROWDED and name in self.draft.visited
        ]
        if far and len(self.grown.ways) < MAX_GROWN_WAYS:
            to = self.random.choice(far)
            self.grown = add_way(self.world, self.grown, origin=self.here, to=to)

    # -- people

    def _people(self) -> None:
        """Somebody who means harm is about from the first; others are met now and then."""
        met = len(self.grown.people)
        if not self.world.bodies:
            self._somebody(hostile=True)
        elif self.draft.turn and met < PEOPLE and self.random.random() < _SOMEBODY:
            self._somebody(hostile=False)

    def _somebody(self, *, hostile: bool) -> None:
        found = [
            one
            for one in KIT.people
            if (one.manner == "hostile") is hostile and not self._is_named(one.name)
        ]
        if not found:
            return
        who = self.random.choice(found)
        elsewhere = [place.id for place in self.grown.places] or [self.here]
        place = self.random.choice(elsewhere) if hostile else self.here
        self.grown, person = add_person(
            self.world, self.grown, name=who.name, text=who.text, manner=who.manner,
            figure=who.figure, place=place,
        )  # fmt: skip
        if hostile:
            self.draft.agents[person] = AgentState(place=place, state="asleep")
