"""Compiles a pack once at load: every condition, effect and text checked, then indexed."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType

from app.engine.world.compile_actions import ActionCompiler
from app.engine.world.compiled import (
    Action,
    Body,
    Clock,
    Compiled,
    End,
    Event,
    Observed,
    Opening,
    Said,
    Setting,
)
from app.engine.world.conditions import Condition, Fact
from app.engine.world.grammar import is_plural
from app.engine.world.lexicon import lexicon_of
from app.engine.world.pack import Line, Pack, Paint, Place, Quality, Storylet
from app.engine.world.pack_error import PackError
from app.engine.world.slots import canonical
from app.engine.world.vocabulary import all_keys
from app.engine.world.words import definite
from app.models.scene import Camera, SceneProp
from app.models.session import CarriedItem, Location

_SECONDS = 60


def compile_pack(pack: Pack) -> Compiled:
    """Raises `PackError` for anything that could not be played."""
    return _Compiler(pack).compile()


class _Compiler(ActionCompiler):
    """Adds places, events, agents and the rest to what compiles actions."""

    def compile(self) -> Compiled:
        pack = self.pack
        events = self._events()
        lines = self._lines(pack.lines)
        clocks = self._clocks()
        settings = {
            place_id: self._setting(place_id, place, events, lines)
            for place_id, place in pack.places.items()
        }
        bodies = {agent_id: self._body(agent_id) for agent_id in pack.agents}
        carried = {item_id: self.item_actions(item_id) for item_id in pack.items}
        nouns = {prop_id: all_keys(prop.nouns) for prop_id, prop in pack.props.items()}
        item_nouns = {item_id: all_keys(item.nouns) for item_id, item in pack.items.items()}
        every = _union(
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
            prop_views=MappingProxyType(self._prop_views()),
            items=MappingProxyType(
                {key: CarriedItem(id=key, name=item.name) for key, item in pack.items.items()}
            ),
            item_nouns=MappingProxyType(item_nouns),
            prop_nouns=MappingProxyType(nouns),
            nouns=every,
            lexicon=lexicon_of(
                pack,
                every,
                _union(*(action.verbs for action in actions.values())),
                {
                    place_id: [action.id for action in setting.exits]
                    for place_id, setting in settings.items()
                },
            ),
            ways_in=MappingProxyType(_ways_in(settings)),
            thresholds=MappingProxyType(
                {name: _thresholds(quality) for name, quality in pack.qualities.items()}
            ),
        )

    # -- places

    def _setting(
        self,
        place_id: str,
        place: Place,
        events: Mapping[str, Event],
        lines: Mapping[str, tuple[Said, ...]],
    ) -> Setting:
        where = f"places.{place_id}"
        for prop_id in place.props:
            if prop_id not in self.pack.props:
                raise PackError(f"{self.names.pack}: {where}", f"there is no prop {prop_id!r}")
        view = place.view
        exits = self.exit_actions(place_id, place)
        known: dict[str, Fact] = {
            "place": place_id,
            "biome": place.biome,
            "indoor": place.indoor,
            "cover": place.cover,
            "danger": place.danger,
        }
        return Setting(
            id=place_id,
            name=place.name,
            biome=place.biome,
            indoor=place.indoor,
            cover=place.cover,
            danger=place.danger,
            facts=MappingProxyType(known),
            location=Location(id=place_id, name=place.name),
            seed=self.seed_of(place_id) + view.seed_offset,
            camera=Camera(x=view.x, z=view.z, yaw=view.yaw),
            first=self.plain_list(f"@{place_id}:first", place.first),
            back=self.plain_list(f"@{place_id}:back", place.back),
            observe=tuple(
                Observed(
                    self.said(f"@{place_id}:obs:{at}", one.text, one.when, where),
                    self.ops(one.fx, f"{where}.observe"),
                )
                for at, one in enumerate(place.observe)
            ),
            exits=exits,
            actions=tuple(
                action for prop_id in place.props for action in self.prop_actions(prop_id)
            ),
            stays=self.stay_actions(place_id, place),
            spare=self.spare_actions(place_id, place, exits),
            events=tuple(
                replace(event, when=when)
                for event in events.values()
                if (when := event.when.given(known)) is not None
            ),
            lines=MappingProxyType({slot: _told_at(known, said) for slot, said in lines.items()}),
            props=tuple(place.props),
            scenery=tuple(_painted(paint) for paint in place.scenery),
            nouns=all_keys(
                [*place.local_nouns, place.name, *(exit_.to for exit_ in place.exits)]
            ).union(*(all_keys(self.pack.props[prop_id].nouns) for prop_id in place.props)),
            truths=(
                f"The player is at {definite(place.name)}.",
                *(
                    fact.text
                    for fact in self.pack.bible
                    if not fact.secret and fact.scope in ("always", f"place:{place_id}")
                ),
            ),
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
                paint=tuple(_painted(paint) for paint in spec.paint),
                excl=frozenset(spec.excl),
                place_bound="place" in spec.when or spec.needs_presence is not None,
                follows=_follows(spec, self.pack.storylets),
            )
        return seen

    def _body(self, agent_id: str) -> Body:
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

    def _prop_views(self) -> dict[tuple[str, str], SceneProp]:
        return {
            (prop_id, state): _painted(prop.paint, prop.paint.states.get(state, ""))
            for prop_id, prop in self.pack.props.items()
            if prop.paint is not None
            for state in prop.states
        }

    def _index(
        self,
        settings: Iterable[Setting],
        events: Iterable[Event],
        bodies: Iterable[Body],
        carried: Mapping[str, tuple[Action, ...]],
    ) -> dict[str, Action]:
        actions: list[Action] = []
        for setting in settings:
            actions += [*setting.exits, *setting.actions, *setting.stays, *setting.spare]
        for event in events:
            actions += event.choices
        for body in bodies:
            actions += [*body.answers, body.flee]
        for more in carried.values():
            actions += more
        return {action.id: action for action in actions}


def _painted(paint: Paint, state: str = "") -> SceneProp:
    x, z = paint.at
    return SceneProp(token=paint.token, x=x, z=z, yaw=paint.yaw, state=state, scale=paint.scale)


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


def _told_at(known: Mapping[str, Fact], lines: Iterable[Said]) -> tuple[Said, ...]:
    """The lines that can ever be told at a place: what is always true there is tested once."""
    return tuple(
        replace(said, when=when) for said in lines if (when := said.when.given(known)) is not None
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


def _ways_in(
    settings: Mapping[str, Setting],
) -> dict[str, tuple[tuple[str, Condition | None], ...]]:
    into: dict[str, list[tuple[str, Condition | None]]] = {place: [] for place in settings}
    for place, setting in settings.items():
        for action in setting.exits:
            if action.way is not None:
                needs = action.way.open_to_bodies
                into[action.way.to].append((place, needs if needs.specificity else None))
    return {place: tuple(ways) for place, ways in into.items()}


def _union(*sets: frozenset[str]) -> frozenset[str]:
    return frozenset().union(*sets)
