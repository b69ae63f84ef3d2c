"""The corpus of typed actions: reading it, and judging what the world makes of one."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import yaml

from app.engine.world.draft import Draft
from app.engine.world.free_text import Reading, read
from app.engine.world.world import World
from app.models.world import WorldState

TYPED = Path(__file__).parent / "typed"


@dataclass(frozen=True, slots=True)
class Typed:
    """One typed action and every answer to it that would be fair."""

    pack: str
    category: str
    place: str
    words: str
    fair: tuple[str, ...]
    stand: Mapping[str, Any]


def corpus() -> Iterator[Typed]:
    for path in sorted(TYPED.glob("*.yaml")):
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
        pack = raw.pop("pack")
        for category, entries in raw.items():
            for place, words, fair, *stand in entries:
                yield Typed(
                    pack=pack,
                    category=category,
                    place=place,
                    words=words,
                    fair=tuple(one.strip() for one in fair.split("|")),
                    stand=stand[0] if stand else {},
                )


def standing(world: World, one: Typed) -> WorldState:
    """The world at the moment in which the words are typed."""
    state, stand = world.begin(1).world, one.stand
    here = stand.get("here")
    return state.model_copy(
        update={
            "place": one.place,
            "pending": (),
            "health": 60,
            "came_from": stand.get("came_from"),
            "weather": stand.get("weather", state.weather),
            "items": (*state.items, *stand.get("items", ())),
            "flags": dict(stand.get("flags", {})),
            "arcs": {**state.arcs, **stand.get("arcs", {})},
            "qualities": {**state.qualities, **stand.get("qualities", {})},
            "visited": {
                **state.visited,
                one.place: 1,
                **dict.fromkeys(stand.get("visited", ()), 1),
            },
            "agents": {
                name: agent.model_copy(update={"place": one.place, "state": "here"})
                if name == here
                else agent.model_copy(update={"place": _elsewhere(world, one.place)})
                for name, agent in state.agents.items()
            },
        }
    )


def _elsewhere(world: World, place: str) -> str:
    """Far from the player, so that nobody is about by chance."""
    settings = world.compiled.settings
    near = {place, *(way.target for way in settings[place].exits)}
    return next(name for name in reversed(list(settings)) if name not in near)


def told(reading: Reading) -> str:
    """A reading as the corpus names it."""
    if reading.verdict == "action" and reading.action is not None:
        return reading.action.id
    if reading.verdict == "try":
        return f"try.{reading.kind}"
    return {"told": "free_look"}.get(reading.verdict, reading.verdict)


def answer(world: World, one: Typed) -> str:
    return told(read(Draft(world.compiled, standing(world, one), seed=1, turn=5), one.words))


def is_fair(one: Typed, answered: str) -> bool:
    return any(
        fnmatchcase(answered, fair) or (fair == "try" and answered.startswith("try."))
        for fair in one.fair
    )


@dataclass(frozen=True, slots=True)
class Marks:
    """How many of a category were answered fairly."""

    asked: Mapping[str, int]
    fair: Mapping[str, int]
    misses: tuple[str, ...]

    def share(self, category: str | None = None) -> float:
        if category is None:
            return sum(self.fair.values()) / sum(self.asked.values())
        return self.fair[category] / self.asked[category]

    def page(self) -> str:
        rows = [f"{name}: {self.fair[name]}/{self.asked[name]}" for name in self.asked]
        return "\n".join([*self.misses, *rows, f"all: {self.share():.1%}"])


def mark(worlds: Mapping[str, World]) -> Marks:
    """Put the whole corpus to the worlds that are there."""
    asked, fair = Counter[str](), Counter[str]()
    misses = []
    for one in corpus():
        if one.pack not in worlds:
            continue
        answered = answer(worlds[one.pack], one)
        asked[one.category] += 1
        fair[one.category] += is_fair(one, answered)
        if not is_fair(one, answered):
            misses.append(
                f"{one.category} | {one.place} | {one.words!r} -> {answered},"
                f" not {' | '.join(one.fair)}"
            )
    return Marks(asked, fair, tuple(misses))
