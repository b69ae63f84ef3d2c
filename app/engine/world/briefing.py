"""The facts of a turn as plain sentences: what a model may be told, and nothing else."""

from app.engine.world.compiled import Compiled
from app.engine.world.draft import Draft
from app.engine.world.grammar import be
from app.engine.world.graph import FAR
from app.engine.world.kit import KIT
from app.engine.world.limits import wanted
from app.engine.world.naming import is_known, spoken, unspoken
from app.engine.world.words import definite, listing, shorten, upper_first
from app.models.narration import Grounding, Target, Voice
from app.models.world import GrownFact, WorldState

_NEARBY = 2
_BUDGET = 1800
"""Characters of facts in a prompt."""
_NEWEST = 6
"""Facts that a session added and that are about something else than what is here."""
_LOOKS = 30
_SAMPLE = 240


def facts_of(draft: Draft) -> tuple[str, ...]:
    """What is true and may be said, after the turn: here and now, then what came to be known,
    the newest last."""
    now, learnt = _facts(draft)
    return tuple(dict.fromkeys([*now, *learnt]))


def _facts(draft: Draft) -> tuple[list[str], list[str]]:
    setting = draft.setting
    said = [*setting.truths]
    said.append(f"It is {draft.facts['tod']}; the weather: {draft.weather}.")
    said += _props(draft)
    said += _people(draft)
    ways = [
        draft.world.settings[action.target].name
        for action in setting.exits
        if action.needs.holds(draft.facts)
    ]
    if ways:
        said.append(f"From here one can get to {listing([definite(way) for way in ways])}.")
    said += _agents(draft)
    carried = [draft.world.pack.items[item].name for item in draft.items]
    said.append(f"The player carries {listing(carried) or 'nothing'}.")
    said += [f"The player is hurt: {injury.text}." for injury in draft.injuries]
    said += _qualities(draft)
    here, elsewhere = _grown_facts(draft)
    known = [text for text in (_known(draft.world, fact) for fact in draft.known) if text]
    return [*said, *here], [*known, *elsewhere]


def grounding_of(
    draft: Draft, after: WorldState, *, alive: bool, improvised: bool = False
) -> Grounding:
    """The slice of the world that a model needs to word this turn."""
    world, setting = draft.world, draft.setting
    facts = _within(*_facts(draft))
    kinds = wanted(world.pack.meta.grows, draft.grown) if alive and after.ending is None else ()
    if improvised and kinds:
        kinds = (*kinds, "effects")
    said = (*facts, *draft.outcome, *after.last_dispatches)
    told = "\n".join((*said, world.pack.goal, world.pack.player.role))
    return Grounding(
        voice=_voice(world),
        place=setting.name,
        sample=shorten(setting.first[0].text, _SAMPLE) if setting.first else "",
        facts=facts,
        threads=tuple(draft.threads),
        targets=targets_of(draft),
        looks=_looks(draft) if "props" in kinds else (),
        names=spoken(world, after),
        absent=unspoken(world, after, told),
        alive=alive,
        grows=bool({"facts", "props", "people", "places"} & set(kinds)),
        wanted=kinds,
    )


def _within(now: list[str], learnt: list[str]) -> tuple[str, ...]:
    """As much as there is room for: here and now first, then what was learnt last."""
    left = _BUDGET
    kept: list[str] = []
    for fact in dict.fromkeys(now):
        if len(fact) <= left:
            kept.append(fact)
            left -= len(fact)
    newest: list[str] = []
    for fact in dict.fromkeys(reversed(learnt)):
        if len(fact) > left:
            break
        newest.append(fact)
        left -= len(fact)
    return (*kept, *reversed(newest))


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


def targets_of(draft: Draft) -> tuple[Target, ...]:
    """What a proposal may be about: the things, people and ways that are in reach."""
    world, setting = draft.world, draft.setting
    people = {person.id: person.name for person, _ in setting.people}
    found = [Target(id="here", name=setting.name)]
    found += [
        Target(id=f"prop:{prop}", name=world.pack.props[prop].name)
        for prop in setting.props
        if prop not in people
    ]
    found += [Target(id=f"person:{name}", name=called) for name, called in people.items()]
    found += [Target(id=f"item:{item}", name=world.pack.items[item].name) for item in draft.items]
    found += [
        Target(id=f"agent:{name}", name=body.spec.name)
        for name, body in world.bodies.items()
        if draft.agents[name].state in ("near", "here")
    ]
    ways = dict.fromkeys(way.target for way in setting.exits if way.needs.holds(draft.facts))
    found += [Target(id=f"place:{way}", name=world.settings[way].name) for way in ways]
    return tuple(found)


def _looks(draft: Draft) -> tuple[str, ...]:
    """Kinds of things that can be painted in such a place."""
    indoor = draft.setting.indoor
    fitting = [
        name for name, look in KIT.looks.items() if (look.indoor if indoor else look.outdoor)
    ]
    return tuple(fitting[:_LOOKS])


def _props(draft: Draft) -> list[str]:
    said: list[str] = []
    people = {person.id for person, _ in draft.setting.people}
    for prop in draft.setting.props:
        if prop in people:
            continue
        name = upper_first(definite(draft.world.pack.props[prop].name))
        state = draft.props.get(prop) or draft.world.prop_states[prop]
        plain = state == "as_found"
        here = f"{name} {be(plural=prop in draft.world.plurals)} here"
        said.append(f"{here}." if plain else f"{here}: {state.replace('_', ' ')}.")
    return said


def _people(draft: Draft) -> list[str]:
    return [
        f"{upper_first(definite(person.name))} is here, and is {person.manner}."
        for person, _ in draft.setting.people
    ]


def _agents(draft: Draft) -> list[str]:
    said: list[str] = []
    for name, body in draft.world.bodies.items():
        distance = draft.facts.get(f"agent.{name}.dist", FAR)
        state = draft.agents[name].state
        who = upper_first(definite(body.spec.name))
        if state in ("near", "here"):
            said.append(f"{who} is {state}.")
        elif isinstance(distance, int) and distance <= _NEARBY and state != "asleep":
            if not is_known(draft.before, name):
                # Whom the player has not met is not told of by name.
                continue
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


def _grown_facts(draft: Draft) -> tuple[list[str], list[str]]:
    """What a session made true: of what is here, and the newest of what is not."""
    targets = {target.id for target in targets_of(draft) if not target.id.startswith("place:")}
    targets |= {"", f"place:{draft.place}"}
    here: list[str] = [person.text for person, _ in draft.setting.people]
    here += [
        draft.world.grown_props[prop].text
        for prop in draft.setting.props
        if prop in draft.world.grown_props
    ]
    elsewhere: list[GrownFact] = []
    for fact in draft.grown.facts:
        if fact.about in targets:
            here.append(fact.text)
        else:
            elsewhere.append(fact)
    return here, [fact.text for fact in elsewhere[-_NEWEST:]]
