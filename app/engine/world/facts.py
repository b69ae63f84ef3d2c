"""The flat table of facts: what rules, prose, prompts and the painter all read."""

from collections.abc import Mapping

from app.engine.world.compiled import Compiled
from app.engine.world.conditions import Fact
from app.engine.world.graph import FAR
from app.models.vocabulary import TimeOfDay
from app.models.world import AgentState, WorldState

DAY = 24 * 60
_DAWN, _DAY, _DUSK, _NIGHT = 5 * 60, 7 * 60, 17 * 60, 20 * 60 + 20


def time_of_day(minutes: int) -> TimeOfDay:
    at = minutes % DAY
    if at < _DAWN or at >= _NIGHT:
        return "night"
    if at < _DAY:
        return "dawn"
    return "day" if at < _DUSK else "dusk"


def has_light(indoor: bool, tod: TimeOfDay, battery: int | None) -> bool:  # noqa: FBT001
    """Whether the flashlight burns. A world without a battery quality has no flashlight."""
    return battery is not None and battery > 0 and (indoor or tod == "night")


def compute(world: Compiled, state: WorldState, turn: int) -> dict[str, Fact]:
    """The table as of `turn`, but for the agents. During a turn the draft keeps it up to date."""
    facts: dict[str, Fact] = {**world.base_facts, **state.qualities}
    setting = world.settings[state.place]
    facts.update(setting.facts)
    _add_named(state, facts)
    tod = time_of_day(state.minutes)
    facts["turn"] = turn
    facts["health"] = state.health
    facts["weather"] = state.weather
    facts["tod"] = tod
    facts["hour"] = state.minutes % DAY / 60
    facts["day"] = state.minutes // DAY
    facts["injuries"] = len(state.injuries)
    facts["items"] = len(state.items)
    facts["prev_kind"] = state.prev_kind
    facts["prev"] = state.recent[-1] if state.recent else ""
    facts["torch"] = has_light(setting.indoor, tod, state.qualities.get("battery"))
    return facts


def _add_named(state: WorldState, facts: dict[str, Fact]) -> None:
    """What is true by name: things, flags, props, clocks, hurts."""
    for name in state.items:
        facts["item." + name] = True
    for name, value in state.flags.items():
        facts["flag." + name] = value
    for name, value in state.props.items():
        facts["prop." + name] = value
    for name, count in state.clocks.items():
        facts["clock." + name] = count
    for name, count in state.arcs.items():
        facts["arc." + name] = count
    for name in state.storylets:
        facts["storylet." + name] = True
    for name in state.visited:
        facts["visited." + name] = True
    for name, count in state.uses.items():
        facts["uses." + name] = count
    for injury in state.injuries:
        facts["injury." + injury.id] = True
        if injury.part:
            facts["injury." + injury.part] = True
    for name in state.known:
        facts["fact." + name] = True


def add_agents(
    agents: Mapping[str, AgentState], away: Mapping[str, int], facts: dict[str, Fact]
) -> None:
    """Where everybody is, and how far that is from the player."""
    here = near = False
    for name, agent in agents.items():
        facts["agent." + name] = facts[f"agent.{name}.state"] = agent.state
        facts[f"agent.{name}.place"] = agent.place
        facts[f"agent.{name}.dist"] = away.get(agent.place, FAR)
        here = here or agent.state == "here"
        near = near or agent.state == "near"
    facts["agent_here"] = here
    facts["agent_near"] = near
