"""What many games of one bot come to in figures (OFFLINE.md section d)."""

import re
import statistics
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from app.engine.world.bots import Run, Step
from app.engine.world.consequence import ECHO
from app.engine.world.resolution import Resolution
from app.engine.world.world import World
from app.models.vocabulary import ActionKind

_SENTENCE: Final = re.compile(r"(?<=[.?!'])\s+(?=[A-Z'0-9])")
_STORY = 31
"""Dispatches, the opening's too, in which sentences are compared with one another."""
_NEARBY = 10
_SHORT = 3
"""Words below which a sentence is a tag like `Joyce says.`"""
_ALIKE = 21
"""Dispatches by which two seeds are compared."""
_BARE = 12
"""Words below which a turn told nothing but its deed."""
_LONG = 25
FOUR = 4


@dataclass(frozen=True, slots=True)
class Game:
    """One game in figures; small, so that another process may play it."""

    turns: int
    sentences: int
    repeats: int
    near_repeats: tuple[str, ...]
    """Sentences that came again within ten turns."""
    labels: int
    carried: int
    sets: tuple[int, ...]
    distinct: tuple[float, ...]
    unsafe: int
    kinds: Counter[str]
    words: tuple[int, ...]
    echoes: tuple[str, ...]
    """Actions that were told by their labels, for want of a text of their own."""
    told: frozenset[str]
    ending: str
    tone: str
    met: int
    """The first turn in which somebody was here; 0: never."""
    meetings: int
    storylets: tuple[str, ...]
    locked: int
    """Turns that showed what cannot be chosen yet."""


def reckon(world: World, run: Run) -> Game:
    """The figures of one run."""
    told = [split(text) for text in run.dispatches]
    within = [one for text in told[:_STORY] for one in text]
    ending = run.last.ending
    kinds = [
        list(_kinds(world, before, one))
        for before, one in zip(_before(run), run.steps, strict=True)
    ]
    labels, carried = _carried(run)
    return Game(
        turns=len(run.steps),
        sentences=len(within),
        repeats=len(within) - len(set(within)),
        near_repeats=tuple(_near_repeats(told)),
        labels=labels,
        carried=carried,
        sets=tuple(len(one.offers) for one in run.steps),
        distinct=tuple(len(set(one)) / len(one) for one in kinds),
        unsafe=sum(all(offer.choice.risk != "low" for offer in one.offers) for one in run.steps),
        kinds=Counter(offer.choice.kind for one in run.steps for offer in one.offers),
        words=tuple(len(one.after.wording.dispatch.split()) for one in run.steps),
        echoes=tuple(_echoes(run)),
        told=frozenset(one for text in told[:_ALIKE] for one in text),
        ending=ending.id if ending else "open",
        tone=ending.tone if ending else "open",
        met=next((turn for turn, one in enumerate(run.steps, 1) if _meets(one)), 0),
        meetings=_meetings(run.steps[:_LONG]),
        storylets=tuple(run.last.world.storylets),
        locked=sum(bool(one.after.locked) for one in run.steps),
    )


def _before(run: Run) -> list[Resolution]:
    """What each step began with."""
    return [run.opening, *(one.after for one in run.steps)][: len(run.steps)]


def _kinds(world: World, before: Resolution, step: Step) -> Iterator[ActionKind]:
    actions = world.at(before.world).actions
    return (actions[offer.action].kind for offer in step.offers)


def split(text: str) -> list[str]:
    """The sentences of a dispatch."""
    return _SENTENCE.split(text)


def _near_repeats(told: Sequence[Sequence[str]]) -> Iterator[str]:
    last: dict[str, int] = {}
    for turn, text in enumerate(told):
        for sentence in text:
            short = len(sentence.split()) < _SHORT
            if not short and turn - last.get(sentence, -_NEARBY) < _NEARBY:
                yield sentence
            last[sentence] = turn


def _carried(run: Run) -> tuple[int, int]:
    labels = carried = 0
    for one, two in pairwise(run.steps):
        before = {offer.choice.text for offer in one.offers}
        carried += sum(offer.choice.text in before for offer in two.offers)
        labels += len(two.offers)
    return labels, carried


def _echoes(run: Run) -> Iterator[str]:
    for turn, one in enumerate(run.steps, 1):
        for name, told in one.after.world.used.items():
            if told == turn and name.startswith(ECHO):
                yield name.removeprefix(ECHO)


def _meets(step: Step) -> bool:
    return any(agent.state == "here" for agent in step.after.world.agents.values())


def _meetings(steps: Sequence[Step]) -> int:
    here = [False, *map(_meets, steps)]
    return sum(now and not before for before, now in pairwise(here))


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of one bot's games, or of all bots' games together."""

    games: tuple[Game, ...]

    @property
    def runs(self) -> int:
        return len(self.games)

    @property
    def median_turns(self) -> float:
        return statistics.median(one.turns for one in self.games)

    @property
    def repeated(self) -> float:
        """Share of sentences that were told before in the same run."""
        return statistics.fmean(one.repeats / max(1, one.sentences) for one in self.games)

    @property
    def near_repeats(self) -> Counter[str]:
        return Counter(sentence for one in self.games for sentence in one.near_repeats)

    @property
    def carried_over(self) -> float:
        """Share of labels that stood in the choices before too."""
        return sum(one.carried for one in self.games) / max(1, sum(x.labels for x in self.games))

    @property
    def smallest_set(self) -> int:
        return min((size for one in self.games for size in one.sets), default=0)

    @property
    def sets_of_four(self) -> float:
        sizes = [size for one in self.games for size in one.sets]
        return sum(size == FOUR for size in sizes) / max(1, len(sizes))

    @property
    def distinct_kinds(self) -> float:
        """Kinds of a set of choices, as a share of it."""
        return statistics.fmean(share for one in self.games for share in one.distinct)

    @property
    def without_safe(self) -> int:
        return sum(one.unsafe for one in self.games)

    @property
    def kinds(self) -> Counter[str]:
        return sum((one.kinds for one in self.games), Counter[str]())

    @property
    def words_mean(self) -> float:
        return statistics.fmean(words for one in self.games for words in one.words)

    def words_at(self, percent: int) -> int:
        words = sorted(words for one in self.games for words in one.words)
        return words[min(len(words) - 1, len(words) * percent // 100)]

    @property
    def filler(self) -> float:
        """Share of turns that told next to nothing."""
        words = [words for one in self.games for words in one.words]
        return sum(one < _BARE for one in words) / max(1, len(words))

    @property
    def echoes(self) -> Counter[str]:
        return Counter(action for one in self.games for action in one.echoes)

    @property
    def echoed(self) -> float:
        """Share of turns whose consequence was the label again."""
        return self.echoes.total() / max(1, sum(one.turns for one in self.games))

    @property
    def jaccard(self) -> float:
        """How much two seeds share of their sentences, neighbours compared."""
        pairs = pairwise([one.told for one in self.games])
        alike = [len(a & b) / len(a | b) for a, b in pairs]
        return statistics.fmean(alike) if alike else 0.0

    @property
    def endings(self) -> Counter[str]:
        return Counter(one.ending for one in self.games)

    def share_of(self, tone: str) -> float:
        """Share of runs that ended in this tone."""
        return sum(one.tone == tone for one in self.games) / max(1, self.runs)

    @property
    def won(self) -> float:
        return self.share_of("win")

    @property
    def died(self) -> float:
        return self.share_of("death")

    @property
    def met(self) -> tuple[int, ...]:
        """In those runs that met anybody: when first."""
        return tuple(one.met for one in self.games if one.met)

    @property
    def met_in_time(self) -> float:
        """Share of those who met anybody that did so from turn 6 to 12."""
        return sum(6 <= turn <= 12 for turn in self.met) / max(1, len(self.met))

    @property
    def meetings(self) -> float:
        """Encounters in the first 25 turns."""
        return statistics.fmean(one.meetings for one in self.games)

    @property
    def locked(self) -> float:
        """Share of turns that show what cannot be chosen yet."""
        return sum(one.locked for one in self.games) / max(1, sum(x.turns for x in self.games))

    @property
    def storylets(self) -> Counter[str]:
        return Counter(name for one in self.games for name in one.storylets)

    @property
    def storylets_a_run(self) -> float:
        return statistics.fmean(len(one.storylets) for one in self.games)
