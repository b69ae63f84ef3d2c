"""Bots that play a world: at random, out of curiosity, and with its map and its goal in mind.

They know nothing of a particular pack. What the last one wants, it reads off the endings that win.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Final

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
LONGEST = 40
"""Turns after which a game that has not ended is left open."""
_SETTLED = 2
"""Turns in which nobody hesitates."""
_HURT, _HEATED = 45, 5


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


Policy = Callable[[WorldState, int, Random], Offer]
"""Picks one of the state's offers: state, number of the turn to come, a stream."""
Bot = Callable[[World], Policy]


def play(world: World, seed: int, bot: Bot, *, turns: int = LONGEST) -> Run:
    """One game to its end, or for so many turns. Equal arguments, equal game."""
    opening = world.begin(seed)
    run = Run(seed, opening)
    random, pick = Random(f"bot|{seed}"), bot(world)
    state = opening.world
    for turn in range(1, turns + 1):
        if state.ending is not None:
            break
        offers = state.offers
        if turn > _SETTLED and random.random() < TIMEOUTS:
            taken, after = None, world.penalty(state, seed=seed, turn=turn)
        else:
            taken = pick(state, turn, random)
            after = world.act(state, seed=seed, turn=turn, fate=draw(seed, turn), offer=taken)
        run.steps.append(Step(offers, taken, after))
        state = after.world
    return run


def at_random(world: World) -> Policy:
    """Takes whatever comes."""
    del world

    def pick(state: WorldState, turn: int, random: Random) -> Offer:
        del turn
        return random.choice(state.offers)

    return pick


def curious(world: World) -> Policy:
    """Looks into everything once, and would rather go on than back."""

    def pick(state: WorldState, turn: int, random: Random) -> Offer:
        del turn
        return random.choices(state.offers, [weight(one, state) for one in state.offers])[0]

    def weight(one: Offer, state: WorldState) -> float:
        action = world.at(state).actions[one.action]
        weight = 1.0
        if action.kind == "photograph" or action.goal:
            weight = 3.0
        elif action.source == "event":
            weight = 2.2
        elif one.action not in state.recent and one.target not in state.visited:
            weight = 2.0
        return weight * 0.6 if action.source in ("hide", "rest", "watch") else weight

    return pick


def with_a_goal(world: World) -> Policy:
    """Knows the map: goes where something useful can be done, and does it."""
    wanted = _wanted(world.compiled)
    wins = _winning(world.compiled)

    def pick(state: WorldState, turn: int, random: Random) -> Offer:
        plan = _Plan(world.at(state), wanted, wins, state, turn)
        return max(state.offers, key=lambda one: plan.worth(one) + random.random())

    return pick


class _Plan:
    """What a player who knows this world would want now."""

    def __init__(
        self,
        world: Compiled,
        wanted: frozenset[str],
        wins: frozenset[str],
        state: WorldState,
        turn: int,
    ) -> None:
        self.world = world
        self.state = state
        self.draft = Draft(world, state, seed=0, turn=turn)
        self.wanted = wanted
        self.wins = wins
        self.away = self._steps_to_use()
        self.here = any(agent.state == "here" for agent in state.agents.values())
        self.near = any(agent.state == "near" for agent in state.agents.values())

    def worth(self, one: Offer) -> float:
        action = self.world.actions[one.action]
        if self.here:
            return _worth_before_somebody(action)
        value = self._use(action)
        if action.way is not None:
            closer = self.away.get(self.state.place, FAR) - self.away.get(action.way.to, FAR)
            value += 2.5 if closer > 0 else -0.5
            value += 0.4 * (action.way.to not in self.state.visited)
        if action.source == "event":
            value += 0.8
        if action.source == "rest" and self.state.health < _HURT:
            value += 3.0
        if action.source == "hide" and self.state.qualities.get("heat", 0) >= _HEATED:
            value += 2.0
        if action.source == "hide" and self.near:
            value += 1.2
        return value

    def _use(self, action: Action) -> float:
        if action.goal and action.gated:
            return 7.0
        gained = _gained_by(action) & self.wanted
        return 4.0 if gained and not self._known(gained) else 0.0

    def _wins(self, action: Action) -> bool:
        return action.gated and bool(_gained_by(action) & self.wins)

    def _known(self, keys: frozenset[str]) -> bool:
        numbers = {key for key in keys if "." not in key}
        return not numbers and all(bool(self.draft.facts.get(key)) for key in keys)

    def _steps_to_use(self) -> dict[str, int]:
        """From each place, how many steps to the nearest thing worth doing; to what wins, if
        anything wins now."""
        useful = {
            place: [one for one in setting.actions if self._use(one) and is_open(self.draft, one)]
            for place, setting in self.world.settings.items()
        }
        winning = [place for place, actions in useful.items() if any(map(self._wins, actions))]
        found = dict.fromkeys(winning or (place for place in useful if useful[place]), 0)
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


def _worth_before_somebody(action: Action) -> float:
    worth = {"answer": 3.0, "flee": 2.8, "hide": 2.2, "exit": 1.8}.get(action.source, 0.0)
    return worth - 0.4 * action.risk + 4.0 * action.goal


def _winning(world: Compiled) -> frozenset[str]:
    """The flags that endings that win ask for."""
    wins = [end.when.keys for end in world.ends if end.spec.tone == "win"]
    return frozenset(key for keys in wins for key in keys if key.startswith("flag."))


def _wanted(world: Compiled) -> frozenset[str]:
    """The facts that winning needs, and the facts that doing those needs."""
    wins = [end.when for end in world.ends if end.spec.tone == "win"]
    direct = frozenset[str]().union(*(when.keys for when in wins))
    goals = [action for action in world.actions.values() if action.goal]
    first = direct.union(*(action.needs.keys for action in goals))
    helpful = [one.needs for one in world.actions.values() if _gained_by(one) & first]
    helpful += [one.when for one in world.events.values() if _gained(one.ops) & first]
    second = first.union(*(needs.keys for needs in helpful))
    ways = frozenset(
        key
        for action in world.actions.values()
        if action.way is not None
        for key in action.needs.keys
    )
    good = {name for name, spec in world.pack.qualities.items() if spec.polarity == "good"}
    named = frozenset(key for key in second | ways if key.startswith(("flag.", "item.")))
    return named | (first & good)


def _gained_by(action: Action) -> frozenset[str]:
    results = action.results["ok"] if action.results else ()
    return frozenset[str]().union(*(_gained(result.ops) for result in results))


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


BOTS: Final[tuple[tuple[str, Bot], ...]] = (
    ("random", at_random),
    ("curious", curious),
    ("goal", with_a_goal),
)
