"""Bots that play a world: one at random, one curious, one that knows the map and what it wants."""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from app.engine.fate import draw
from app.engine.world.choices import is_open
from app.engine.world.compiled import Action, Compiled
from app.engine.world.draft import Draft
from app.engine.world.effects import Ops
from app.engine.world.graph import FAR
from app.engine.world.resolution import Resolution
from app.engine.world.world import World
from app.models.world import Offer, WorldState

TIMEOUTS = 0.05
"""How often a bot hesitates too long."""


@dataclass(slots=True)
class Step:
    """One turn as a bot played it."""

    offers: tuple[Offer, ...]
    taken: Offer | None
    after: Resolution


@dataclass(slots=True)
class Run:
    """One whole game."""

    seed: int
    opening: Resolution
    steps: list[Step] = field(default_factory=list)

    @property
    def last(self) -> Resolution:
        return self.steps[-1].after if self.steps else self.opening

    @property
    def dispatches(self) -> list[str]:
        return [self.opening.wording.dispatch, *(one.after.wording.dispatch for one in self.steps)]


Policy = Callable[[World, WorldState, int, Random], Offer]
"""Picks one of the state's offers: world, state, number of the turn to come, a stream."""


def play(world: World, seed: int, policy: Policy, *, turns: int = 40) -> Run:
    """One game to its end, or for so many turns. Equal arguments, equal game."""
    opening = world.begin(seed)
    run = Run(seed, opening)
    random = Random(f"bot|{seed}")
    state = opening.world
    for turn in range(1, turns + 1):
        if state.ending is not None:
            break
        offers = state.offers
        if turn > 2 and random.random() < TIMEOUTS:
            taken, after = None, world.penalty(state, seed=seed, turn=turn)
        else:
            taken = policy(world, state, turn, random)
            after = world.act(state, seed=seed, turn=turn, fate=draw(seed, turn), offer=taken)
        run.steps.append(Step(offers, taken, after))
        state = after.world
    return run


def at_random(world: World, state: WorldState, turn: int, random: Random) -> Offer:
    del world, turn
    return random.choice(state.offers)


def curious(world: World, state: WorldState, turn: int, random: Random) -> Offer:
    """Looks into everything once, and would rather go on than back."""
    del turn
    weights = []
    for one in state.offers:
        action = world.compiled.actions[one.action]
        weight = 1.0
        if action.kind == "photograph" or action.goal:
            weight = 3.0
        elif action.source == "event":
            weight = 2.2
        elif one.action not in state.recent and one.target not in state.visited:
            weight = 2.0
        if action.source in ("hide", "rest", "watch"):
            weight *= 0.6
        weights.append(weight)
    return random.choices(state.offers, weights)[0]


def with_a_goal(world: World, state: WorldState, turn: int, random: Random) -> Offer:
    """Knows the map: goes where something useful can be done, and does it."""
    plan = _Plan(world.compiled, state, turn)
    return max(state.offers, key=lambda one: plan.worth(one) + random.random())


class _Plan:
    """What a player who knows this world would want now."""

    def __init__(self, world: Compiled, state: WorldState, turn: int) -> None:
        self.world = world
        self.state = state
        self.draft = Draft(world, state, seed=0, turn=turn)
        self.wanted = _wanted(world)
        self.away = self._steps_to_use()
        self.here = any(agent.state == "here" for agent in state.agents.values())
        self.near = any(agent.state == "near" for agent in state.agents.values())

    def worth(self, one: Offer) -> float:
        action = self.world.actions[one.action]
        if self.here:
            return self._worth_before_somebody(action)
        value = self._use(action)
        if action.way is not None:
            closer = self.away.get(self.state.place, FAR) - self.away.get(action.way.to, FAR)
            value += 2.5 if closer > 0 else -0.5
            value += 0.4 * (action.way.to not in self.state.visited)
        if action.source == "event":
            value += 0.8
        if action.source == "rest" and self.state.health < 45:
            value += 3.0
        if action.source == "hide" and self.state.qualities.get("heat", 0) >= 5:
            value += 2.0
        if action.source == "hide" and self.near:
            value += 1.2
        return value

    def _worth_before_somebody(self, action: Action) -> float:
        worth = {"answer": 3.0, "flee": 2.8, "hide": 2.2, "exit": 1.8}.get(action.source, 0.0)
        return worth - 0.4 * action.risk + 4.0 * action.goal

    def _use(self, action: Action) -> float:
        if action.goal and self._finishes(action):
            return 7.0
        gained = _keys(action)
        return 4.0 if gained & self.wanted and not self._known(gained & self.wanted) else 0.0

    def _finishes(self, action: Action) -> bool:
        del self
        return action.gated

    def _known(self, keys: frozenset[str]) -> bool:
        numbers = {key for key in keys if "." not in key}
        return not numbers and all(bool(self.draft.facts.get(key)) for key in keys)

    def _steps_to_use(self) -> dict[str, int]:
        """From each place, how many steps to the nearest thing worth doing."""
        found = {
            place: 0
            for place, setting in self.world.settings.items()
            if any(self._use(action) and is_open(self.draft, action) for action in setting.actions)
        }
        edge = list(found)
        while edge:
            following: list[str] = []
            for place in edge:
                for origin, setting in self.world.settings.items():
                    if origin not in found and any(
                        action.target == place and action.needs.holds(self.draft.facts)
                        for action in setting.exits
                    ):
                        found[origin] = found[place] + 1
                        following.append(origin)
            edge = following
        return found


def _wanted(world: Compiled) -> frozenset[str]:
    """The facts that winning needs, and the facts that doing those needs."""
    wins = [end.when for end in world.ends if end.spec.tone == "win"]
    direct = frozenset().union(*(when.keys for when in wins))
    goals = [action for action in world.actions.values() if action.goal]
    first = direct.union(*(action.needs.keys for action in goals))
    helpful = [one for one in world.actions.values() if _keys(one) & first]
    second = first.union(*(action.needs.keys for action in helpful))
    keys = frozenset(
        key
        for action in world.actions.values()
        if action.way is not None
        for key in action.needs.keys
    )
    return frozenset(
        key
        for key in second | keys
        if key.startswith(("flag.", "item.")) or key in world.pack.qualities
    ) - {"heat", "chaos", "battery"}


def _keys(action: Action) -> frozenset[str]:
    results = action.results["ok"] if action.results else ()
    return frozenset().union(*(_gained(result.ops) for result in results))


def _gained(ops: Ops) -> frozenset[str]:
    names = set()
    for op in ops:
        if op.kind == "quality" and op.value > 0:
            names.add(op.key)
        elif op.kind == "flag" and op.value:
            names.add(f"flag.{op.key}")
        elif op.kind == "gain":
            names.add(f"item.{op.key}")
    return frozenset(names)


POLICIES: tuple[tuple[str, Policy], ...] = (
    ("random", at_random),
    ("curious", curious),
    ("goal", with_a_goal),
)
