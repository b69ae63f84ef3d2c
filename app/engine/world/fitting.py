"""A state made under another edition of its pack, fitted to this one."""

from app.engine.world.compiled import Compiled
from app.models.world import AgentState, WorldState


def fit(world: Compiled, state: WorldState) -> WorldState:
    """The same state, if the pack still has all of it; else without what is gone.

    A pack may change under a game: an author reloads it, a server is brought up to date. A player
    whose place is gone stands where the world begins; whoever is new is asleep where they start.
    """
    pack = world.pack
    known = (
        state.place in world.settings
        and state.agents.keys() == world.bodies.keys()
        and all(item in world.carried for item in state.items)
        and all(agent.place in world.settings for agent in state.agents.values())
    )
    if known:
        return state
    agents = {
        name: _kept(world, state.agents.get(name), (body.spec.start or [pack.meta.start_place])[0])
        for name, body in world.bodies.items()
    }
    return state.model_copy(
        update={
            "place": state.place if state.place in world.settings else pack.meta.start_place,
            "came_from": state.came_from if state.came_from in world.settings else None,
            "items": tuple(item for item in state.items if item in world.carried),
            "cameras": {
                name: camera for name, camera in state.cameras.items() if name in world.settings
            },
            "agents": agents,
            "queue": (),
        }
    )


def _kept(world: Compiled, agent: AgentState | None, start: str) -> AgentState:
    if agent is None or agent.place not in world.settings:
        return AgentState(place=start, state="asleep")
    return agent
