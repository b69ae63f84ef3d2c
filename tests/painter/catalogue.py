"""The tables of docs/pictures.md, from the painter itself.

`python -m tests.painter.catalogue` writes them into the page; a test says when they are stale.
"""

import itertools
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import get_args

from app.engine.providers.offline.painter.era import token_then
from app.engine.providers.offline.painter.figures import FIGURES, POSES, kinds
from app.engine.providers.offline.painter.film import PALETTES
from app.engine.providers.offline.painter.kin import HUNG, MAKERS, kindred
from app.engine.providers.offline.painter.setting import Setting
from app.models.vocabulary import Biome, Surroundings, Weather

PAGE = Path(__file__).parents[2] / "docs" / "pictures.md"
BEGIN, END = "<!-- generated: python -m tests.painter.catalogue -->", "<!-- end of generated -->"


@dataclass(frozen=True)
class _Asking(Setting):
    """A setting that remembers which states a maker asked for."""

    answer: bool = False
    asked: set[str] = field(default_factory=set)

    def is_in(self, *states: str) -> bool:
        self.asked.update(state for state in states if state)
        return self.answer


def states_of(token: str) -> tuple[str, ...]:
    """Every state of a token that changes how it is painted."""
    found: set[str] = set()
    for answer, dark, old in itertools.product((False, True), repeat=3):
        setting = _Asking("", Random(1), dark, False, 0.3, 1, old, answer)
        MAKERS[token](setting)
        found |= setting.asked
    return tuple(sorted(found))


def _listed(words: tuple[str, ...]) -> str:
    return ", ".join(f"`{word}`" for word in words)


def tables() -> str:
    """What a pack may ask for, as Markdown."""
    lines = [
        f"**Biomes**: {_listed(get_args(Biome))}.",
        f"**Weathers**: {_listed(get_args(Weather))}.",
        f"**Palettes** (`style.palette`): {_listed(PALETTES)}.",
        f"**Surroundings** (from the pack's places): {_listed(get_args(Surroundings))}.",
        f"**Poses**: {_listed(POSES)}.",
    ]
    lines = [line + "\n" for line in lines]
    lines += ["| figure | also by these words |", "|---|---|"]
    lines += [f"| `{name}` | {', '.join(kinds(name))} |" for name in FIGURES]
    lines += ["", "| token | states | also by these words | before 1925 |", "|---|---|---|---|"]
    for token in sorted(MAKERS):
        then = token_then(token)
        hung = " (on a wall)" if token in HUNG else ""
        lines.append(
            f"| `{token}`{hung} | {', '.join(states_of(token))} | {', '.join(kindred(token))} | "
            f"{'' if then == token else f'`{then}`'} |"
        )
    return "\n".join(lines)


def page(text: str) -> str:
    """The page with its tables made anew."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{tables()}\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
