"""The bots' table: every figure of a pack beside its bar, and whether it holds."""

import math
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from app.engine.world.figures import Figures
from app.engine.world.pack import Pack

TOGETHER: Final = "all"
RARE, COMMON = 0.03, 0.6
_MOST_NAMED = 12
Unit = Literal["share", "number"]
Measure = Callable[[Figures, Pack], float]


@dataclass(frozen=True, slots=True)
class Bar:
    """What a figure should be, for which of the bots."""

    name: str
    of: Measure
    low: float | None = None
    high: float | None = None
    unit: Unit = "number"
    bots: tuple[str, ...] = ("random", "curious", "goal")
    sampled: bool = False
    """A share of runs: one run is a yes or a no."""
    written: bool = False
    """Of what its author wrote: a bare premise is not measured by it."""

    def bounds(self, figures: Figures, pack: Pack, sure: float) -> tuple[float, float]:
        """Its limits, wider by `sure` standard errors of so many games."""

        def error(bound: float) -> float:
            return sure * self._error(bound, figures, pack) if sure else 0.0

        low = -math.inf if self.low is None else self.low - error(self.low)
        high = math.inf if self.high is None else self.high + error(self.high)
        return low, high

    def _error(self, bound: float, figures: Figures, pack: Pack) -> float:
        runs = max(2, figures.runs)
        if self.sampled:
            return math.sqrt(bound * (1 - bound) / runs)
        if self.unit != "share" or self.bots == (TOGETHER,):
            return 0.0
        each = [self.of(Figures((game,)), pack) for game in figures.games]
        return statistics.pstdev(each) / math.sqrt(runs)

    def __str__(self) -> str:
        low = None if self.low is None else _shown(self.low, self.unit)
        high = None if self.high is None else _shown(self.high, self.unit)
        if low is not None and high is not None:
            return f"{low} to {high}" if low != high else low
        return f">= {low}" if high is None else f"<= {high}"


@dataclass(frozen=True, slots=True)
class Judged:
    """A bar, held against one bot's games."""

    bar: Bar
    bot: str
    value: float
    holds: bool

    def __str__(self) -> str:
        return f"{self.bar.name}, {self.bot}: {_shown(self.value, self.bar.unit)} ({self.bar})"


def judge(played: Mapping[str, Figures], pack: Pack, *, sure: float = 0.0) -> tuple[Judged, ...]:
    """Every bar against every bot that it is for. `sure`: how many standard errors are forgiven."""
    return tuple(_judged(played, pack, sure))


def _judged(played: Mapping[str, Figures], pack: Pack, sure: float) -> Iterator[Judged]:
    everybody = together(played)
    for bar in BARS:
        if bar.written and pack.base is not None:
            continue
        for bot in bar.bots:
            figures = everybody if bot == TOGETHER else played.get(bot)
            if figures is None:
                continue
            value = bar.of(figures, pack)
            low, high = bar.bounds(figures, pack, sure)
            yield Judged(bar, bot, value, low <= value <= high)


def together(played: Mapping[str, Figures]) -> Figures:
    return Figures(tuple(game for figures in played.values() for game in figures.games))


# -- the bars


def storylets_seen(figures: Figures, pack: Pack) -> float:
    """Share of storylets that are not rare."""
    return 1.0 - len(rare(figures, pack)) / max(1, len(pack.storylets))


def rare(figures: Figures, pack: Pack) -> list[str]:
    seen = figures.storylets
    return [one.id for one in pack.storylets if seen[one.id] < RARE * figures.runs]


def common(figures: Figures, pack: Pack) -> list[str]:
    seen = figures.storylets
    return [one.id for one in pack.storylets if seen[one.id] > COMMON * figures.runs]


def unreached(figures: Figures, pack: Pack) -> list[str]:
    return [one.id for one in pack.endings if one.id not in figures.endings]


_ALL: Final = (TOGETHER,)
BARS: Final[tuple[Bar, ...]] = (
    Bar("repeated sentences in 30 turns", lambda f, _: f.repeated, high=0.02, unit="share"),
    Bar("the same sentence within 10 turns", lambda f, _: f.near_repeats.total(), high=0),
    Bar("labels carried over", lambda f, _: f.carried_over, high=0.35, unit="share"),
    Bar("smallest set of choices", lambda f, _: f.smallest_set, low=3),
    Bar("sets of four", lambda f, _: f.sets_of_four, low=0.98, unit="share"),
    Bar("kinds in a set", lambda f, _: f.distinct_kinds, low=0.75),
    Bar("sets without a safe choice", lambda f, _: f.without_safe, high=0),
    Bar("filler turns", lambda f, _: f.filler, high=0.01, unit="share"),
    Bar("told by the label alone", lambda f, _: f.echoed, high=0.03, unit="share"),
    Bar("words, 5th percentile", lambda f, _: f.words_at(5), low=25),
    Bar("words, 95th percentile", lambda f, _: f.words_at(95), high=75),
    Bar("sentences shared by two seeds", lambda f, _: f.jaccard, high=0.25, unit="share"),
    Bar("wins", lambda f, _: f.won, 0.35, 0.55, "share", ("goal",), sampled=True, written=True),
    Bar("deaths", lambda f, _: f.died, 0.2, 0.35, "share", ("goal",), sampled=True, written=True),
    Bar("wins", lambda f, _: f.won, None, 0.1, "share", ("random",), sampled=True, written=True),
    Bar("median turns", lambda f, _: f.median_turns, 12, None, "number", ("random",)),
    Bar(
        "first encounter from turn 6 to 12", lambda f, _: f.met_in_time, 0.8,
        unit="share", sampled=True, written=True,
    ),
    Bar(
        "storylets seen in 3 % of runs", storylets_seen, 0.9,
        unit="share", bots=_ALL, written=True,
    ),
    Bar(
        "storylets seen in 60 % of runs", lambda f, p: len(common(f, p)),
        high=0, bots=_ALL, written=True,
    ),
    Bar(
        "endings never reached", lambda f, p: len(unreached(f, p)),
        high=0, bots=_ALL, written=True,
    ),
)  # fmt: skip


# -- as a page


def page(pack: Pack, played: Mapping[str, Figures]) -> str:
    """The table, and what an author needs to know beside it."""
    runs = ", ".join(f"{bot} {figures.runs}" for bot, figures in played.items())
    rows = [("figure", "bot", "is", "should be", ""), *map(_row, judge(played, pack))]
    widths = [max(len(row[at]) for row in rows) for at in range(5)]
    table = "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )
    notes = "\n".join(_notes(pack, played))
    return f"{pack.id}: runs: {runs}\n\n{table}\n\n{notes}\n"


def markdown(worlds: Sequence[tuple[Pack, Mapping[str, Figures]]]) -> str:
    """The tables of several worlds side by side, for a document."""
    bots = list(dict.fromkeys(bot for _, played in worlds for bot in played))
    cells: dict[tuple[str, str], dict[tuple[str, str], str]] = {}
    for pack, played in worlds:
        for one in judge(played, pack):
            row = cells.setdefault((one.bar.name, str(one.bar)), {})
            shown = _shown(one.value, one.bar.unit) + ("" if one.holds else " (short)")
            column = bots[0] if one.bot == TOGETHER else one.bot
            row[pack.id, column] = f"all: {shown}" if one.bot == TOGETHER else shown
    heads = [f"{pack.id}: {bot}" for pack, _ in worlds for bot in bots]
    rows = [["figure", "should be", *heads], ["---"] * (len(heads) + 2)]
    for (name, bar), row in cells.items():
        rows.append(
            [name, bar, *(row.get((pack.id, bot), "") for pack, _ in worlds for bot in bots)]
        )
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _row(one: Judged) -> tuple[str, str, str, str, str]:
    is_ = _shown(one.value, one.bar.unit)
    return one.bar.name, one.bot, is_, str(one.bar), "ok" if one.holds else "short"


def _notes(pack: Pack, played: Mapping[str, Figures]) -> Iterator[str]:
    for bot, one in played.items():
        yield (
            f"{bot}: median {one.median_turns:g} turns; won {one.won:.0%}, died {one.died:.0%}; "
            f"{one.meetings:.1f} encounters in 25 turns, the first at turn "
            f"{statistics.median(one.met or (0,)):g}; {one.words_mean:.0f} words a turn; "
            f"{one.storylets_a_run:.1f} storylets a run; {one.locked:.0%} of turns show a goal"
        )
        yield f"  endings: {_counted(one.endings.most_common(), one.runs)}"
        kinds = one.kinds.most_common()
        yield f"  choices: {_counted(kinds, one.kinds.total())}"
    everybody = together(played)
    yield from _names("rare storylets (<3 %)", rare(everybody, pack))
    yield from _names("common storylets (>60 %)", common(everybody, pack))
    yield from _names("endings never reached", unreached(everybody, pack))
    yield from _names("told by their labels most", _most(everybody.echoes.most_common()))
    yield from _names("told twice within 10 turns", _most(everybody.near_repeats.most_common()))


def _counted(counts: list[tuple[str, int]], total: int) -> str:
    return ", ".join(f"{name} {count / max(1, total):.0%}" for name, count in counts)


def _most(counts: list[tuple[str, int]]) -> list[str]:
    return [f"{name} ({count})" for name, count in counts[:_MOST_NAMED]]


def _names(title: str, names: list[str]) -> Iterator[str]:
    if names:
        yield f"{title}: {', '.join(names)}"


def _shown(value: float, unit: Unit) -> str:
    if unit == "share":
        return f"{value:.2%}" if 0 < value < 0.01 else f"{value:.0%}"
    return f"{value:.2f}".rstrip("0").rstrip(".")
