"""What can be seen and known of a state: the scene, the view, and the words for both."""

from app.engine import rules
from app.engine.world import facts as fact_table
from app.engine.world import hazards
from app.engine.world.compiled import Compiled, Setting
from app.engine.world.resolution import View
from app.engine.world.words import definite, listing, upper_first
from app.models.scene import SceneFacts, SceneFigure, SceneProp, Stain
from app.models.session import Player
from app.models.vocabulary import EndingTone, TimeOfDay, Weather
from app.models.world import WorldState

_FAR_METRES = 160.0
_SHOWN = ("near", "here")
_BADLY_HURT = 40


def view(world: Compiled, state: WorldState) -> View:
    """What a player may know."""
    setting = world.settings[state.place]
    tod = fact_table.time_of_day(state.minutes)
    chaos = state.qualities.get("chaos", 0)
    alive = is_alive(world, state)
    feared = threats(world, state)
    return View(
        player=Player(
            alive=alive,
            health=state.health,
            injuries=tuple(injury.text for injury in state.injuries),
            inventory=tuple(world.items[item] for item in state.items),
        ),
        location=setting.location,
        time_of_day=tod,
        weather=state.weather,
        mood=rules.mood_of(
            dead=not alive,
            health=state.health,
            threat=threat(state),
            chaos=chaos,
        ),
        chaos=rules.chaos_of(chaos),
        situation=situation(setting, state, feared),
        threats=feared,
    )


def tone_of(world: Compiled, state: WorldState) -> EndingTone | None:
    if state.ending is None:
        return None
    return next((end.spec.tone for end in world.ends if end.spec.id == state.ending), "death")


def is_alive(world: Compiled, state: WorldState) -> bool:
    return not rules.is_dead(state.health, tone_of(world, state))


def threat(state: WorldState) -> float:
    states = {agent.state for agent in state.agents.values()}
    heat = state.qualities.get("heat", 0)
    return rules.threat_of(heat, here="here" in states, near="near" in states)


def threats(world: Compiled, state: WorldState) -> tuple[str, ...]:
    """What a player has reason to fear now, one phrase each."""
    found: list[str] = []
    for name, agent in state.agents.items():
        who = definite(world.bodies[name].spec.name) if name in world.bodies else name
        if agent.state == "here":
            found.append(f"{upper_first(who)} is here")
        elif agent.state == "near":
            found.append(f"{upper_first(who)} is close")
    indoor = world.settings[state.place].indoor
    return (*found, *hazards.threats(state.clocks, world.clocks, indoor=indoor))


def situation(setting: Setting, state: WorldState, feared: tuple[str, ...]) -> str:
    """Where things stand, in a sentence or two."""
    parts = [upper_first(_where(setting, state)) + "."]
    parts += [f"{upper_first(threat)}." for threat in feared[:2]]
    if state.health <= _BADLY_HURT:
        parts.append("You are badly hurt.")
    elif state.injuries:
        parts.append(f"You carry {_with_article(state.injuries[-1].text)}.")
    return " ".join(parts)


def _with_article(text: str) -> str:
    if text.startswith(("a ", "an ", "the ", "your ")) or text.endswith("s"):
        return text
    return f"an {text}" if text[:1] in "aeiou" else f"a {text}"


def _where(setting: Setting, state: WorldState) -> str:
    where = f"{setting.name}, {_hour(fact_table.time_of_day(state.minutes))}"
    return where if setting.indoor else where + _sky(state.weather)


def _hour(tod: TimeOfDay) -> str:
    return {"night": "at night", "dawn": "at dawn", "day": "by day", "dusk": "at dusk"}[tod]


def _sky(weather: Weather) -> str:
    return {
        "clear": "",
        "dust": ", dust in the air",
        "rain": ", in the rain",
        "fog": ", in fog",
        "snow": ", in snow",
    }[weather]


def visible_props(world: Compiled, state: WorldState) -> list[tuple[str, SceneProp]]:
    """The props of the place that are painted, with how they look now."""
    found: list[tuple[str, SceneProp]] = []
    for prop in world.settings[state.place].props:
        shown = world.prop_views.get((prop, state.props.get(prop) or world.prop_states[prop]))
        if shown is not None:
            found.append((prop, shown))
    return found


def scene(world: Compiled, state: WorldState, *, seed: int, turn: int) -> SceneFacts:
    """The facts of one frame; the painter and a hosted image prompt know nothing else."""
    setting = world.settings[state.place]
    tod = fact_table.time_of_day(state.minutes)
    meta = world.pack.meta
    props = [prop for _, prop in visible_props(world, state)]
    return SceneFacts(
        biome=setting.biome,
        place=setting.id,
        place_seed=setting.seed,
        seed=seed,
        turn=turn,
        hour=round(state.minutes % fact_table.DAY / 60, 2),
        weather=state.weather,
        threat=round(min(1.0, threat(state)), 2),
        flashlight=fact_table.has_light(setting.indoor, tod, state.qualities.get("battery")),
        camera=state.cameras.get(state.place) or setting.camera,
        props=(
            *props,
            *setting.scenery,
            *_event_props(world, state, turn),
            *_hazard_props(world, state, setting),
        ),
        figures=_figures(world, state),
        stains=_stains(state),
        dead=not is_alive(world, state),
        palette=world.pack.style.palette,
        surroundings=world.surroundings,
        year=world.pack.year,
        width=meta.width,
        height=meta.height,
    )


def _event_props(world: Compiled, state: WorldState, turn: int) -> tuple[SceneProp, ...]:
    """What the event of this turn, or one that is still open, put there."""
    shown = {one.storylet for one in state.pending}
    last = next(reversed(state.storylets), None)
    if last is not None and state.storylets[last] == turn:
        shown.add(last)
    return tuple(
        prop for name in sorted(shown) if name in world.events for prop in world.events[name].paint
    )


def _hazard_props(world: Compiled, state: WorldState, setting: Setting) -> tuple[SceneProp, ...]:
    if setting.indoor:
        return ()
    found: list[SceneProp] = []
    for clock in world.clocks:
        now = state.clocks.get(clock.id, 0)
        tokens = [
            stage.paint
            for at, stage in sorted(clock.spec.stages.items())
            if at <= now and stage.paint is not None
        ]
        if tokens:
            found.append(SceneProp(token=tokens[-1], x=0.0, z=_FAR_METRES))
    return tuple(found)


def _figures(world: Compiled, state: WorldState) -> tuple[SceneFigure, ...]:
    return tuple(
        SceneFigure(
            token=world.bodies[name].spec.paint_token,
            x=agent.x,
            z=agent.z,
            pose="standing" if agent.state == "here" else "waiting",
        )
        for name, agent in state.agents.items()
        if agent.state in _SHOWN and agent.x is not None and agent.z is not None
    ) + tuple(figure for _, figure in world.settings[state.place].people)


def _stains(state: WorldState) -> tuple[Stain, ...]:
    """Whoever is badly hurt leaves marks where they stand."""
    if state.health > _BADLY_HURT:
        return ()
    camera = state.cameras.get(state.place)
    x, z = (camera.x, camera.z) if camera else (0.0, 0.0)
    return (Stain(x=round(x + 0.6, 1), z=round(z + 3.0, 1), radius=0.5),)


def in_words(world: Compiled, state: WorldState) -> str:
    """What the picture shows, in plain words; its alternative text too."""
    setting = world.settings[state.place]
    text = upper_first(_where(setting, state))
    names = [world.pack.props[prop].name for prop, _ in visible_props(world, state)]
    if names:
        text += f": {listing([definite(name) for name in names])}"
    text += "."
    who = _who_stands(world, state)
    return f"{text} {upper_first(listing(who))}." if who else text


def _who_stands(world: Compiled, state: WorldState) -> list[str]:
    """The figures of the picture by name, the nearest first."""
    shown = [
        (name, agent.state)
        for name, agent in state.agents.items()
        if agent.state in _SHOWN and agent.x is not None and agent.z is not None
    ]
    shown.sort(key=lambda one: one[1] != "here")
    kind = [
        f"{definite(person.name)} stands by" for person, _ in world.settings[state.place].people
    ]
    return kind + [
        f"{definite(world.bodies[name].spec.name)} stands "
        + ("before you" if where == "here" else "further off")
        for name, where in shown
    ]
