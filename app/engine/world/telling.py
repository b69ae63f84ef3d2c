"""What a player may simply ask, answered from the facts: no dice, no noise, no harm."""

from collections.abc import Callable
from types import MappingProxyType
from typing import Final

from app.engine.world.draft import Draft
from app.engine.world.grammar import be
from app.engine.world.phrases import About
from app.engine.world.prose import Page, Rank
from app.engine.world.words import definite, listing, lower_first, upper_first

LOOKED: Final = "try:told"
"""How a question is remembered; asking twice on end costs the turn like anything else."""
_HOURS: Final = (
    "twelve", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven",
)  # fmt: skip
_TIMES: Final = MappingProxyType(
    {"dawn": "first light", "day": "daylight", "dusk": "dusk", "night": "dark"}
)
_QUARTERS: Final = (
    "a little after {}",
    "past a quarter after {}",
    "past half after {}",
    "almost {}",
)
_HOUR, _DAY = 60, 12
_FINE, _WORN, _BAD = 85, 60, 30
_MOST = 3


def tell(draft: Draft, page: Page, about: About) -> None:
    """Answer a question about how things stand."""
    for text in _ANSWERS[about](draft):
        page.put(Rank.CONSEQUENCE, text)


def free_of_charge(draft: Draft) -> bool:
    """Whether nobody moves while the player looks about."""
    return draft.before.recent[-1:] != (LOOKED,)


def _where(draft: Draft) -> list[str]:
    setting, pack = draft.setting, draft.world.pack
    props = [definite(pack.props[prop].name) for prop in setting.props[:_MOST]]
    place = f"This is {definite(setting.name)}."
    near = f"Within reach: {listing(props)}." if props else ""
    return [" ".join(part for part in (place, near, *_ways(draft)) if part)]


def _ways(draft: Draft) -> list[str]:
    ways = dict.fromkeys(
        definite(draft.world.settings[action.target].name)
        for action in draft.setting.exits
        if action.needs.holds(draft.facts)
    )
    if not ways:
        return ["No way out of here is open."]
    return [f"{'The way' if len(ways) == 1 else 'The ways'} from here: {listing(list(ways))}."]


def _who(draft: Draft) -> list[str]:
    bodies = draft.world.bodies
    here = [bodies[name].spec.name for name, one in draft.agents.items() if one.state == "here"]
    near = [bodies[name].spec.name for name, one in draft.agents.items() if one.state == "near"]
    if here:
        return [f"{upper_first(definite(here[0]))} is here, and close."]
    if near:
        return [f"{upper_first(definite(near[0]))} is near, though not yet upon you."]
    kind = [definite(person.name) for person, _ in draft.setting.people]
    if kind:
        return [f"{upper_first(listing(kind))} {be(plural=len(kind) > 1)} here."]
    return ["Nobody that you can see, and nobody that you can hear."]


def _hurt(draft: Draft) -> list[str]:
    health = draft.health
    if health >= _FINE:
        state = "You are sound, near enough"
    elif health >= _WORN:
        state = "You are worn, and can go on"
    elif health >= _BAD:
        state = "You are badly hurt, and it shows"
    else:
        state = "You are on your feet, and there is not much more to be said for you"
    wounds = [injury.text for injury in draft.injuries[:_MOST] if injury.text]
    return [f"{state}: {listing(wounds)}." if wounds else f"{state}."]


def _time(draft: Draft) -> list[str]:
    hour, minute = divmod(draft.minutes, _HOUR)
    quarter = minute * len(_QUARTERS) // _HOUR
    name = _HOURS[(hour + (quarter == len(_QUARTERS) - 1)) % _DAY]
    light = _TIMES.get(str(draft.facts["tod"]), "dark")
    return [f"It is {_QUARTERS[quarter].format(name)}, by your reckoning, and {light}."]


def _goal(draft: Draft) -> list[str]:
    return [f"You have not forgotten: {lower_first(draft.world.pack.goal)}"]


def _have(draft: Draft) -> list[str]:
    names = [definite(draft.world.pack.items[item].name) for item in draft.items]
    return [f"You have {listing(names)}." if names else "You have nothing but what you stand in."]


_ANSWERS: Final = MappingProxyType[About, Callable[[Draft], list[str]]](
    {
        "where": _where,
        "ways": _ways,
        "have": _have,
        "who": _who,
        "hurt": _hurt,
        "time": _time,
        "goal": _goal,
    }
)
