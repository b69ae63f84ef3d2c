"""Distances on the graph of places, over the ways that are open to others than the player."""

from app.engine.world.compiled import Compiled
from app.engine.world.conditions import Facts

FAR = 99


def distances(world: Compiled, facts: Facts, goal: str) -> dict[str, int]:
    """Steps from each place to `goal`; a place from where there is no way is left out."""
    found = {goal: 0}
    edge = [goal]
    ways_in = world.ways_in
    while edge:
        following: list[str] = []
        for place in edge:
            step = found[place] + 1
            for origin, passable in ways_in[place]:
                if origin not in found and (passable is None or passable.holds(facts)):
                    found[origin] = step
                    following.append(origin)
        edge = following
    return found


def ways_out(world: Compiled, facts: Facts, place: str, avoids: frozenset[str]) -> list[str]:
    """Where somebody at `place` can go in one step, in the pack's order."""
    return list(
        dict.fromkeys(
            action.target
            for action in world.settings[place].exits
            if action.way is not None
            and action.target not in avoids
            and action.way.open_to_bodies.holds(facts)
        )
    )
