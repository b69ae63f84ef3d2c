"""Compiles places: what is there, what can be done, and what may be told or happen there."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType

from app.engine.world.compile_actions import ActionCompiler
from app.engine.world.compiled import Event, Observed, Said, Setting
from app.engine.world.conditions import Condition, Fact
from app.engine.world.pack import Pack, Paint, Place, Prop
from app.engine.world.pack_error import PackError
from app.engine.world.vocabulary import all_keys
from app.engine.world.words import definite
from app.models.scene import Camera, SceneProp
from app.models.session import Location
from app.models.vocabulary import Surroundings

Events = tuple[Event, ...]
Lines = Mapping[str, tuple[Said, ...]]


class PlaceCompiler(ActionCompiler):
    """Adds places to what compiles actions."""

    def setting(
        self,
        place_id: str,
        place: Place,
        events: Iterable[Event],
        lines: Lines,
    ) -> Setting:
        where = f"places.{place_id}"
        for prop_id in place.props:
            if prop_id not in self.pack.props:
                raise PackError(f"{self.names.pack}: {where}", f"there is no prop {prop_id!r}")
        view = place.view
        exits = self.exit_actions(place_id, place)
        known = known_at(place_id, place)
        may_happen, told = at_hand(known, events, lines)
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
            events=may_happen,
            lines=told,
            props=tuple(place.props),
            scenery=tuple(painted(paint) for paint in place.scenery),
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


def known_at(place_id: str, place: Place) -> dict[str, Fact]:
    """The facts that are always the same at a place."""
    return {
        "place": place_id,
        "biome": place.biome,
        "indoor": place.indoor,
        "cover": place.cover,
        "danger": place.danger,
    }


def at_hand(
    known: Mapping[str, Fact], events: Iterable[Event], lines: Lines
) -> tuple[Events, Lines]:
    """The events and the lines that are possible where this is known."""
    return (
        tuple(
            replace(event, when=when)
            for event in events
            if (when := event.when.given(known)) is not None
        ),
        MappingProxyType({slot: _told_at(known, said) for slot, said in lines.items()}),
    )


def _told_at(known: Mapping[str, Fact], lines: Iterable[Said]) -> tuple[Said, ...]:
    """The lines that can ever be told at a place: what is always true there is tested once."""
    return tuple(
        replace(said, when=when) for said in lines if (when := said.when.given(known)) is not None
    )


def prop_views(props: Iterable[tuple[str, Prop]]) -> dict[tuple[str, str], SceneProp]:
    """How each prop is painted in each of its states."""
    return {
        (prop_id, state): painted(prop.paint, prop.paint.states.get(state, ""))
        for prop_id, prop in props
        if prop.paint is not None
        for state in prop.states
    }


def surroundings_of(pack: Pack) -> Surroundings:
    """What lies around every place of a pack: a roof in the desert looks out on the desert."""
    biomes = {place.biome for place in pack.places.values()}
    if "desert" in biomes:
        return "desert"
    if "shore" in biomes:
        return "sea"
    if "snowfield" in biomes:
        return "snow"
    return "city" if "town" in biomes and "rooftop" in biomes else "country"


def painted(paint: Paint, state: str = "") -> SceneProp:
    x, z = paint.at
    return SceneProp(token=paint.token, x=x, z=z, yaw=paint.yaw, state=state, scale=paint.scale)


def ways_in(
    settings: Mapping[str, Setting],
) -> dict[str, tuple[tuple[str, Condition | None], ...]]:
    into: dict[str, list[tuple[str, Condition | None]]] = {place: [] for place in settings}
    for place, setting in settings.items():
        for action in setting.exits:
            if action.way is not None:
                needs = action.way.open_to_bodies
                into[action.way.to].append((place, needs if needs.specificity else None))
    return {place: tuple(ways) for place, ways in into.items()}
