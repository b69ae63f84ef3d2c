"""Which names of a world may be spoken of now, and which must not be: not met, not known."""

from app.engine.world.compiled import Compiled
from app.engine.world.growth_text import proper_names, says
from app.models.world import WorldState


def spoken(world: Compiled, state: WorldState) -> tuple[str, ...]:
    """The names of all that is in reach, or that the player has come to know."""
    pack, setting = world.pack, world.settings[state.place]
    places = [state.place, *(way.target for way in setting.exits), *state.visited]
    seen = [place for place in (state.place, *state.visited) if place in world.settings]
    props = [*setting.props, *(prop for place in seen for prop in world.settings[place].props)]
    names = [pack.places[place].name for place in dict.fromkeys(places) if place in pack.places]
    names += [pack.props[prop].name for prop in dict.fromkeys(props)]
    names += [pack.items[item].name for item in state.items]
    names += [body.spec.name for name, body in world.bodies.items() if is_known(state, name)]
    return tuple(dict.fromkeys(names))


def is_known(state: WorldState, agent: str) -> bool:
    """Whether the player has heard or seen somebody."""
    now = state.agents.get(agent)
    if now is not None and now.state in ("near", "here"):
        return True
    mark = f"&{agent}:"
    return any(text.startswith(mark) for text in state.used)


def unspoken(world: Compiled, state: WorldState, told: str) -> tuple[str, ...]:
    """Names that nobody may speak of yet: of people, places and things neither in reach nor
    known, and the proper names of secrets. `told`: all that may be said now.

    Plain words are left out: there are doors everywhere. Never part of a prompt.
    """
    pack = world.pack
    known = {name.casefold() for name in spoken(world, state)}
    everything = [
        *(place.name for place in pack.places.values()),
        *(agent.name for agent in pack.agents.values()),
        *(item.name for item in pack.items.values()),
        *(prop.name for prop in pack.props.values()),
    ]
    found = [
        name
        for name in dict.fromkeys(everything)
        if name.casefold() not in known and _is_telling(name) and not says(name, told)
    ]
    return (*found, *(name for name in secret_names(world, state) if not says(name, told)))


def secret_names(world: Compiled, state: WorldState) -> tuple[str, ...]:
    """Proper names that stand in nothing but secrets."""
    open_, hidden = set[str](), set[str]()
    for fact in world.pack.bible:
        names = proper_names(fact.text)
        secret = fact.secret and fact.id not in state.known and not _is_revealed(fact, state)
        (hidden if secret else open_).update(names)
    return tuple(sorted(hidden - open_))


def _is_revealed(fact: object, state: WorldState) -> bool:
    flag = getattr(fact, "revealed_by", None)
    return flag is not None and bool(state.flags.get(str(flag).removeprefix("flag.")))


def _is_telling(name: str) -> bool:
    """Whether a name means one thing only: of several words, or with a capital."""
    words = name.removeprefix("the ").removeprefix("a ").removeprefix("an ").split()
    return len(words) > 1 or words[-1][:1].isupper()
