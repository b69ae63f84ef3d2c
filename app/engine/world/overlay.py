"""A world as one session has it: the pack as it was compiled, and on top what the session added.

What was compiled is never touched. An overlay is made by pure code, so equal additions give an
equal world; what it is made of is kept while it is in use, so that a turn which adds nothing
costs nothing.
"""

from collections import Counter
from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType

from app.engine.world.compile_places import at_hand, known_at, prop_views, ways_in
from app.engine.world.compiled import Action, Compiled, Setting
from app.engine.world.compiler import PackCompiler, actions_of, union
from app.engine.world.grammar import is_plural
from app.engine.world.grown_lexicon import exit_headings, lexicon_with
from app.engine.world.grown_parts import (
    agent_of,
    deeds_of,
    exits_of,
    item_of,
    manners_of,
    person_of,
    place_of,
    prop_of,
    shared_words,
)
from app.engine.world.grown_words import shared_back, shared_observe, with_facts
from app.engine.world.kept_parts import Parts
from app.engine.world.pack import Exit, Pack, Place, Prop
from app.engine.world.vocabulary import all_keys
from app.models.scene import SceneFigure
from app.models.session import CarriedItem
from app.models.world import Grown, GrownFact, GrownPerson, GrownPlace, GrownProp, GrownWay


@dataclass(frozen=True, slots=True)
class _Site:
    """All that one place has of what was added."""

    ways: tuple[GrownWay, ...]
    props: tuple[GrownProp, ...]
    people: tuple[GrownPerson, ...]
    facts: tuple[GrownFact, ...]

    @property
    def parts(self) -> tuple[object, ...]:
        return (*self.ways, *self.props, *self.people, *self.facts)


class Overlay:
    """Makes one grown world."""

    def __init__(self, base: Compiled, grown: Grown, parts: Parts) -> None:
        self.base = base
        self.grown = grown
        self.parts = parts
        self.places = {one.id: one for one in grown.places}
        self.known = (*base.settings, *self.places)
        names = {name: place.name for name, place in base.pack.places.items()}
        self.names = names | {name: place.name for name, place in self.places.items()}
        self.ways = _sound(grown.ways, self.known, self.places, base.pack.meta.start_place)
        self.things = {one.id: one for one in grown.props}
        self.kind = {one.id: one for one in grown.people if one.manner != "hostile"}
        self.hostile = {
            one.id: one
            for one in grown.people
            if one.manner == "hostile" and one.place in self.known
        }
        self.turns: dict[str, dict[str, int]] = {}
        """For each thing and person, how often their deeds were given out before."""
        self.pack = self._pack()
        self.compiler = PackCompiler(self.pack)

    # -- the pack

    def _pack(self) -> Pack:
        pack, grown, get = self.base.pack, self.grown, self.parts.get
        # Things and people are only ever added, so what comes later changes nothing of these.
        done, met = Counter[str](), Counter[str]()
        props: dict[str, Prop] = {}
        for name, one in self.things.items():
            turns = _turns(done, deeds_of(one))
            self.turns[name] = dict(turns)
            props[name] = get(("prop", turns), (one,), partial(prop_of, one, pack, dict(turns)))
        for name, who in self.kind.items():
            turns = _turns(met, manners_of(who))
            self.turns[name] = dict(turns)
            props[name] = get(("person", turns), (who,), partial(person_of, who, pack, dict(turns)))
        agents = {
            name: get("agent", (one,), partial(agent_of, one, pack))
            for name, one in self.hostile.items()
        }
        items = {
            one.id: get("item", (one,), partial(item_of, one.name, one.text))
            for one in grown.props
            if one.portable
        }
        items |= {
            item.id: get("item", (item,), partial(item_of, item.name)) for item in grown.items
        }
        return pack.model_copy(
            update={
                "places": {**pack.places, **self._places()},
                "props": {**pack.props, **props},
                "agents": {**pack.agents, **agents},
                "items": {**pack.items, **items},
            }
        )

    def _places(self) -> dict[str, Place]:
        """The places that were added, and those that were added to."""
        found: dict[str, Place] = {}
        for name in self.known:
            site = self.site(name)
            own = self.places.get(name)
            if own is None and not site.parts:
                continue
            found[name] = self.parts.get(
                ("place", name), (own, *site.parts), partial(self._place, name, own, site)
            )
        return found

    def _place(self, name: str, own: GrownPlace | None, site: _Site) -> Place:
        exits = [self._exit(way, name) for way in site.ways]
        props = [thing.id for thing in site.props] + [somebody.id for somebody in site.people]
        if own is not None:
            return place_of(own, exits, props)
        place = self.base.pack.places[name]
        return place.model_copy(
            update={"exits": [*place.exits, *exits], "props": [*place.props, *props]}
        )

    def _exit(self, way: GrownWay, at: str) -> Exit:
        return exits_of(way, at, self.names)

    def site(self, name: str) -> _Site:
        grown = self.grown
        props = tuple(one for one in grown.props if one.place == name)
        people = tuple(one for one in self.kind.values() if one.place == name)
        about = {f"place:{name}", *(f"prop:{one.id}" for one in props)}
        about |= {f"person:{one.id}" for one in people}
        if name in self.base.settings:
            about |= {f"prop:{prop}" for prop in self.base.settings[name].props}
        return _Site(
            ways=tuple(one for one in self.ways if name in (one.origin, one.to)),
            props=props,
            people=people,
            facts=tuple(one for one in grown.facts if one.about in about),
        )

    # -- compiling

    def compile(self) -> Compiled:
        base, pack = self.base, self.pack
        places = self._changed()
        changed = {name: self._setting(name, place) for name, place in places.items()}
        headings = [
            self.parts.get(
                "headings", (place,), partial(exit_headings, pack, name, changed[name].exits)
            )
            for name, place in places.items()
        ]
        bodies = {
            name: self.parts.get("body", (pack.agents[name],), partial(self.compiler.body, name))
            for name in self.hostile
        }
        props = {name: pack.props[name] for name in pack.props.keys() - base.pack.props.keys()}
        props = dict(sorted(props.items()))
        items = {name: pack.items[name] for name in pack.items if name not in base.pack.items}
        carried = {
            name: self.parts.get("carried", (item,), partial(self.compiler.item_actions, name))
            for name, item in items.items()
        }
        looks = {action.id: action for actions in carried.values() for action in actions}
        nouns = {name: all_keys(prop.nouns) for name, prop in props.items()}
        item_nouns = {name: all_keys(item.nouns) for name, item in items.items()}
        settings = {**base.settings, **changed}
        states = {name: prop.states[0] for name, prop in props.items()}
        every = union(
            base.nouns,
            *nouns.values(),
            *item_nouns.values(),
            *(body.nouns for body in bodies.values()),
            *(setting.nouns for setting in changed.values()),
        )
        return replace(
            base,
            pack=pack,
            settings=MappingProxyType(settings),
            actions=MappingProxyType(
                {**base.actions, **looks, **actions_of(changed.values(), bodies.values())}
            ),
            carried=MappingProxyType({**base.carried, **carried}),
            bodies=MappingProxyType({**base.bodies, **bodies}),
            base_facts=MappingProxyType(
                {**base.base_facts, **{f"prop.{name}": one for name, one in states.items()}}
            ),
            prop_states=MappingProxyType({**base.prop_states, **states}),
            plurals=base.plurals | {name for name, one in props.items() if is_plural(one.name)},
            prop_views=MappingProxyType({**base.prop_views, **prop_views(props.items())}),
            items=MappingProxyType(
                {
                    **base.items,
                    **{name: CarriedItem(id=name, name=one.name) for name, one in items.items()},
                }
            ),
            item_nouns=MappingProxyType({**base.item_nouns, **item_nouns}),
            prop_nouns=MappingProxyType({**base.prop_nouns, **nouns}),
            nouns=every,
            lexicon=lexicon_with(base, pack, headings, every),
            ways_in=MappingProxyType(ways_in(settings)),
            grown_props=MappingProxyType({one.id: one for one in self.grown.props}),
            grown_people=MappingProxyType({one.id: one for one in self.grown.people}),
        )

    def _changed(self) -> dict[str, Place]:
        base = self.base.pack.places
        return {
            name: place for name, place in self.pack.places.items() if base.get(name) is not place
        }

    def _setting(self, name: str, place: Place) -> Setting:
        # A place object stands for everything that was added there: it is made anew with it.
        if name in self.base.settings:
            return self.parts.get("authored", (place,), partial(self._authored, name, place))
        return self.parts.get("grown", (place,), partial(self._new, name, place))

    def _authored(self, name: str, place: Place) -> Setting:
        base, site, compiler = self.base.settings[name], self.site(name), self.compiler
        exits = (*base.exits, *compiler.exit_actions(name, place)[len(base.exits) :])
        added = place.props[len(base.props) :]
        actions = [self._shared(action) for prop in added for action in compiler.prop_actions(prop)]
        return replace(
            base,
            exits=exits,
            actions=(*base.actions, *actions, *self._follows(site)),
            spare=compiler.spare_actions(name, place, exits),
            props=tuple(place.props),
            nouns=base.nouns.union(
                all_keys(self.names[one.target] for one in exits[len(base.exits) :]),
                *(all_keys(self.pack.props[prop].nouns) for prop in added),
            ),
            lines=with_facts(base.lines, site.facts),
            people=_people(site),
        )

    def _new(self, name: str, place: Place) -> Setting:
        site = self.site(name)
        made = self.compiler.setting(name, place, (), {})
        known = known_at(name, place)
        # No condition names a place that was added, so all of a kind have these in common.
        kind = (place.biome, place.indoor, place.cover, place.danger)
        events, lines = self.parts.get(
            kind, (), partial(at_hand, known, self.base.events.values(), self.base.lines)
        )
        own = self.places[name]
        return replace(
            made,
            events=events,
            lines=with_facts(lines, site.facts),
            actions=(*map(self._shared, made.actions), *self._follows(site)),
            back=shared_back(own) or made.back,
            observe=shared_observe(own, made.observe),
            people=_people(site),
        )

    def _shared(self, action: Action) -> Action:
        prop = self.things.get(action.target)
        return shared_words(action, prop, self.turns.get(action.target, {}))

    def _follows(self, site: _Site) -> tuple[Action, ...]:
        return tuple(self.compiler.follow_action(one.id, one.name) for one in site.people)


def _turns(done: Counter[str], deeds: list[str]) -> tuple[tuple[str, int], ...]:
    """How often each of these deeds was given out before, by which its words are turned."""
    turns = tuple((deed, done[deed]) for deed in deeds)
    done.update(deeds)
    return turns


def _sound(
    ways: tuple[GrownWay, ...],
    known: tuple[str, ...],
    added: dict[str, GrownPlace],
    start: str,
) -> tuple[GrownWay, ...]:
    """The ways whose ends exist. A place whose way in went with another edition of the pack is
    joined to where the world begins."""
    found = [one for one in ways if one.origin in known and one.to in known]
    joined = {end for one in found for end in (one.origin, one.to)}
    lost = [name for name in added if name not in joined and name != start]
    found += [GrownWay(origin=start, to=name, label=f"Go to {added[name].name}") for name in lost]
    return tuple(found)


def _people(site: _Site) -> tuple[tuple[GrownPerson, SceneFigure], ...]:
    return tuple(
        (one, SceneFigure(token=one.figure, x=one.x, z=one.z, pose="waiting"))
        for one in site.people
    )
