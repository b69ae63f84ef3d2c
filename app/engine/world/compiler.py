"""Compiles a pack once at load: every condition, effect and text checked, then indexed."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from app.engine.world.compile_places import (
    PlaceCompiler,
    painted,
    prop_views,
    surroundings_of,
    ways_in,
)
from app.engine.world.compiled import (
    Action,
    Body,
    Clock,
    Compiled,
    End,
    Event,
    Opening,
    Said,
    Setting,
)
from app.engine.world.conditions import Fact
from app.engine.world.grammar import is_plural
from app.engine.world.lexicon import lexicon_of
from app.engine.world.pack import Line, Pack, Quality, Storylet
from app.engine.world.pack_error import PackError
from app.engine.world.slots import canonical
from app.engine.world.vocabulary import all_keys
from app.models.session import CarriedItem
from app.models.world import GrownPerson, GrownProp

_SECONDS = 60
_NOTHING: Final[Mapping[str, GrownProp]] = MappingProxyType({})
_NOBODY: Final[Mapping[str, GrownPerson]] = MappingProxyType({})


def compile_pack(pack: Pack) -> Compiled:
    """Raises `PackError` for anything that could not be played."""
    return PackCompiler(pack).compile()


class PackCompiler(PlaceCompiler):
    """Adds events, agents and the rest to what compiles places."""

    def compile(self) -> Compiled:
        pack = self.pack
        events = self._events()
        lines = self._lines(pack.lines)
        clocks = self._clocks()
        settings = {
            place_id: self.setting(place_id, place, events.values(), lines)
            for place_id, place in pack.places.items()
        }
        bodies = {agent_id: self.body(agent_id) for agent_id in pack.agents}
        carried = {item_id: self.item_actions(item_id) for item_id in pack.items}
        nouns = {prop_id: all_keys(prop.nouns) for prop_id, prop in pack.props.items()}
        item_nouns = {item_id: all_keys(item.nouns) for item_id, item in pack.items.items()}
        every = union(
            *nouns.values(),
            *item_nouns.values(),
            *(body.nouns for body in bodies.values()),
            *(setting.nouns for setting in settings.values()),
        )
        actions = self._index(settings.values(), events.values(), bodies.values(), carried)
        states = {prop_id: prop.states[0] for prop_id, prop in pack.props.items()}
        return Compiled(
            pack=pack,
            settings=MappingProxyType(settings),
            actions=MappingProxyType(actions),
            carried=MappingProxyType(carried),
            events=MappingProxyType(events),
            clocks=clocks,
            stages=MappingProxyType(
                {said.id: (said, clock) for clock in clocks for _, said, _ in clock.stages}
            ),
            bodies=MappingProxyType(bodies),
            ends=self._ends(),
            openings=self._openings(),
            lucky=self.said_list("lucky", pack.fates.lucky),
            unlucky=self.said_list("unlucky", pack.fates.unlucky),
            base_facts=MappingProxyType(self._base_facts(states)),
            prop_states=MappingProxyType(states),
            plurals=frozenset(
                prop_id
                for prop_id, prop in pack.props.items()
                if (is_plural(prop.name) if prop.plural is None else prop.plural)
            ),
            prop_views=MappingProxyType(prop_views(pack.props.items())),
            items=MappingProxyType(
                {key: CarriedItem(id=key, name=item.name) for key, item in pack.items.items()}
            ),
            item_nouns=MappingProxyType(item_nouns),
            prop_nouns=MappingProxyType(nouns),
            nouns=every,
            lexicon=lexicon_of(
                pack,
                every,
                union(*(action.verbs for action in actions.values())),
                {
                    place_id: [action.id for action in setting.exits]
                    for place_id, setting in settings.items()
                },
            ),
            ways_in=MappingProxyType(ways_in(settings)),
            thresholds=MappingProxyType(
                {name: _thresholds(quality) for name, quality in pack.qualities.items()}
            ),
            lines=MappingProxyType(lines),
            surroundings=surroundings_of(pack),
            grown_props=_NOTHING,
            grown_people=_NOBODY,
        )

    # -- what happens

    def _events(self) -> dict[str, Event]:
        seen: dict[str, Event] = {}
        for spec in self.pack.storylets:
            where = f"storylets.{spec.id}"
            if spec.id in seen:
                raise PackError(f"{self.names.pack}: {where}", "two storylets share this id")
            texts = self.said_list(f"*{spec.id}", spec.text)
            when = self.condition(spec.when, where)
            seen[spec.id] = Event(
                spec=spec,
                when=when,
                texts=texts,
                longest=max(said.words for said in texts),
                ops=self.ops(spec.fx, where),
                choices=self.event_actions(spec),
                paint=tuple(painted(paint) for paint in spec.paint),
                excl=frozenset(spec.excl),
                place_bound="place" in spec.when or spec.needs_presence is not None,
                follows=_follows(spec, self.pack.storylets),
            )
        return seen

    def body(self, agent_id: str) -> Body:
        spec = self.pack.agents[agent_id]
        where = f"agents.{agent_id}"
        for place in [*spec.start, *spec.avoids]:
            if place not in self.pack.places:
                raise PackError(f"{self.names.pack}: {where}", f"there is no place {place!r}")
        lines = spec.lines
        return Body(
            id=agent_id,
            spec=spec,
            goals=tuple(
                (self.condition(goal.when, f"{where}.goals"), goal.goal, goal.target)
                for goal in spec.goals
            ),
            lines=MappingProxyType(
                {
                    rung: self.said_list(f"&{agent_id}:{rung}", said)
                    for rung, said in (
                        ("heard", lines.heard),
                        ("near", lines.near),
                        ("seen", lines.seen or lines.here),
                        ("here", lines.here),
                        ("hit", lines.hit),
                        ("lost", lines.lost),
                    )
                }
            ),
            answers=self.answer_actions(agent_id),
            flee=self.flee_action(agent_id),
            avoids=frozenset(spec.avoids),
            nouns=all_keys(spec.nouns),
        )

    def _clocks(self) -> tuple[Clock, ...]:
        return tuple(
            Clock(
                id=hazard_id,
                spec=hazard,
                ticks=tuple(
                    (self.condition(tick.when, f"hazards.{hazard_id}.tick"), tick.by)
                    for tick in hazard.tick
                ),
                stages=tuple(
                    (
                        at,
                        self.said(f"!{hazard_id}:{at}", stage.text),
                        self.ops(stage.fx, f"hazards.{hazard_id}.stages.{at}"),
                    )
                    for at, stage in sorted(hazard.stages.items())
                ),
                full=self.ops(hazard.full, f"hazards.{hazard_id}.full"),
                words=hazard.visible_as,
            )
            for hazard_id, hazard in self.pack.hazards.items()
        )

    def _ends(self) -> tuple[End, ...]:
        return tuple(
            End(
                spec,
                self.condition(spec.when, f"endings.{spec.id}"),
                self.said_list(f"%{spec.id}", spec.text),
            )
            for spec in self.pack.endings
        )

    def _openings(self) -> tuple[Opening, ...]:
        meta = self.pack.meta
        opened: list[Opening] = []
        for intro in self.pack.intros:
            hour = meta.start_hour if intro.start_hour is None else intro.start_hour
            place = intro.start_place or meta.start_place
            if place not in self.pack.places:
                raise PackError(f"{self.names.pack}: intros.{intro.id}", f"no place {place!r}")
            opened.append(
                Opening(
                    id=intro.id,
                    text=self.said(f"^{intro.id}", intro.text),
                    place=place,
                    minutes=round(hour * _SECONDS),
                    ops=self.ops(intro.fx, f"intros.{intro.id}"),
                )
            )
        return tuple(opened)

    def _lines(self, lines: Iterable[Line]) -> dict[str, tuple[Said, ...]]:
        slots: dict[str, list[Said]] = {}
        for line in lines:
            slot = canonical(line.slot)
            said = slots.setdefault(slot, [])
            for text in [line.t] if isinstance(line.t, str) else line.t:
                tags = frozenset(line.excl)
                said.append(
                    self.said(f"{slot}:{len(said)}", text, line.c, f"lines.{slot}", excl=tags)
                )
        return {
            slot: tuple(sorted(said, key=lambda one: -one.when.specificity))
            for slot, said in slots.items()
        }

    # -- facts and pictures

    def _base_facts(self, states: Mapping[str, str]) -> dict[str, Fact]:
        return {
            **{f"prop.{prop_id}": state for prop_id, state in states.items()},
            **{f"clock.{hazard_id}": 0 for hazard_id in self.pack.hazards},
            **{f"arc.{arc}": 0 for arc in sorted(self.names.arcs)},
            "tier": "",
            "fate": "",
            "moved": False,
            "timeout": False,
            "hidden": False,
        }

    def _index(
        self,
        settings: Iterable[Setting],
        events: Iterable[Event],
        bodies: Iterable[Body],
        carried: Mapping[str, tuple[Action, ...]],
    ) -> dict[str, Action]:
        actions: list[Action] = []
        for event in events:
            actions += event.choices
        for more in carried.values():
            actions += more
        found = {action.id: action for action in actions}
        return found | actions_of(settings, bodies)


def actions_of(settings: Iterable[Setting], bodies: Iterable[Body]) -> dict[str, Action]:
    """What can be done at these places and with these people, by id."""
    actions: list[Action] = []
    for setting in settings:
        actions += [*setting.exits, *setting.actions, *setting.stays, *setting.spare]
    for body in bodies:
        actions += [*body.answers, body.flee]
    return {action.id: action for action in actions}


def _follows(spec: Storylet, storylets: Iterable[Storylet]) -> int:
    """The stage of the same arc that comes before; 0 for the first. Gaps are fine."""
    stage = spec.stage or 0
    return max(
        (
            one.stage or 0
            for one in storylets
            if one.arc == spec.arc and 0 < (one.stage or 0) < stage
        ),
        default=0,
    )


def _thresholds(quality: Quality) -> tuple[tuple[int, int, str], ...]:
    """The words of a quality, each with the range in which it fits."""
    found: list[tuple[int, int, str]] = []
    for bound, text in quality.thresholds.items():
        try:
            number = int(bound[2:])
        except ValueError:
            raise PackError(f"qualities: {quality.label}", f"{bound!r} is no bound") from None
        if bound[:2] not in (">=", "<="):
            raise PackError(f"qualities: {quality.label}", f"{bound!r} is no bound")
        low, high = (number, quality.max) if bound[:2] == ">=" else (quality.min, number)
        found.append((low, high, text))
    return tuple(found)


def union(*sets: frozenset[str]) -> frozenset[str]:
    return frozenset().union(*sets)
