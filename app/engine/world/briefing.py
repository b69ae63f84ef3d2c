"""The facts of a turn as plain sentences: what a model may be told, and nothing else."""

from app.engine.world.compiled import Compiled
from app.engine.world.draft import Draft
from app.engine.world.grammar import be
from app.engine.world.graph import FAR
from app.engine.world.words import definite, listing, upper_first
from app.models.narration import Grounding, Target, Voice

_NEARBY = 2


def facts_of(draft: Draft) -> tuple[str, ...]:
    """What is true and may be said, after the turn."""
    world, setting = draft.world, draft.setting
    said = [*setting.truths]
    said.append(f"It is {draft.facts['tod']}; the weather: {draft.weather}.")
    said += _props(draft)
    ways = [
        world.settings[action.target].name
        for action in setting.exits
        if action.needs.holds(draft.facts)
    ]
    if ways:
        said.append(f"From here one can get to {listing([definite(way) for way in ways])}.")
    said += _agents(draft)
    carried = [world.pack.items[item].name for item in draft.items]
    said.append(f"The player carries {listing(carried) or 'nothing'}.")
    said += [f"The player is hurt: {injury.text}." for injury in draft.injuries]
    said += _qualities(draft)
    said += [text for text in (_known(world, fact) for fact in draft.known) if text]
    said += [f"Still open: {thread}" for thread in draft.threads]
    return tuple(said)


def grounding_of(draft: Draft, alive: bool) -> Grounding:  # noqa: FBT001 (bound by `partial`)
    """The slice of the world that a model needs to word this turn."""
    world, setting = draft.world, draft.setting
    targets = _targets(draft)
    return Grounding(
        voice=_voice(world),
        place=setting.name,
        sample=setting.first[0].text if setting.first else "",
        facts=facts_of(draft),
        threads=tuple(draft.threads),
        targets=targets,
        looks=(),
        names=tuple(target.name for target in targets),
        absent=(),
        alive=alive,
        grows=False,
    )


def _voice(world: Compiled) -> Voice:
    pack = world.pack
    return Voice(
        title=pack.title,
        role=pack.player.role,
        goal=pack.goal,
        year=pack.year,
        language=pack.language,
        rating=pack.rating,
        person=pack.meta.person,
        tense=pack.meta.tense,
        style=pack.style.llm_voice,
        banned_words=tuple(pack.meta.banned_words),
        words=pack.meta.dispatch_words,
    )


def _targets(draft: Draft) -> tuple[Target, ...]:
    """What a proposal may be about: the things, people and ways that are in reach."""
    world, setting = draft.world, draft.setting
    found = [Target(id="here", name=setting.name)]
    found += [Target(id=f"prop:{prop}", name=world.pack.props[prop].name) for prop in setting.props]
    found += [Target(id=f"item:{item}", name=world.pack.items[item].name) for item in draft.items]
    found += [
        Target(id=f"agent:{name}", name=body.spec.name)
        for name, body in world.bodies.items()
        if draft.agents[name].state in ("near", "here")
    ]
    found += [
        Target(id=f"place:{way.target}", name=world.settings[way.target].name)
        for way in setting.exits
        if way.needs.holds(draft.facts)
    ]
    return tuple(found)


def _props(draft: Draft) -> list[str]:
    said: list[str] = []
    for prop in draft.setting.props:
        name = upper_first(definite(draft.world.pack.props[prop].name))
        state = draft.props.get(prop) or draft.world.prop_states[prop]
        plain = state == "as_found"
        here = f"{name} {be(plural=prop in draft.world.plurals)} here"
        said.append(f"{here}." if plain else f"{here}: {state.replace('_', ' ')}.")
    return said


def _agents(draft: Draft) -> list[str]:
    said: list[str] = []
    for name, body in draft.world.bodies.items():
        distance = draft.facts.get(f"agent.{name}.dist", FAR)
        state = draft.agents[name].state
        who = upper_first(definite(body.spec.name))
        if state in ("near", "here"):
            said.append(f"{who} is {state}.")
        elif isinstance(distance, int) and distance <= _NEARBY and state != "asleep":
            where = ("in this place", "one place away", "two places away")[distance]
            said.append(f"{who} is {where}, and is not seen.")
        if state in ("near", "here"):
            said += [
                fact.text
                for fact in draft.world.pack.bible
                if fact.scope == f"agent:{name}" and not fact.secret
            ]
    return said


def _qualities(draft: Draft) -> list[str]:
    said: list[str] = []
    for name, spec in draft.world.pack.qualities.items():
        now = draft.qualities.get(name, spec.start)
        words = [text for low, high, text in draft.world.thresholds[name] if low <= now <= high]
        if words:
            said.append(f"{spec.label}: {words[-1]}.")
    return said


def _known(world: Compiled, fact_id: str) -> str | None:
    return next((fact.text for fact in world.pack.bible if fact.id == fact_id), None)
