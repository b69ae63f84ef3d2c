"""Plays a pack with bots and prints its figures: `python -m tests.world.bots cinder_flat 100`."""

import re
import statistics
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from app.engine.world.loader import load_world
from app.engine.world.world import World
from tests.world.players import POLICIES, Policy, Run, play

WORLDS = Path(__file__).parents[2] / "app" / "worlds"
_SENTENCE = re.compile(r"(?<=[.?!'])\s+(?=[A-Z'0-9])")


@dataclass(frozen=True, slots=True)
class Metrics:
    """The figures of OFFLINE.md section d, over many runs of one bot."""

    runs: int
    median_turns: float
    repeated: float
    """Share of sentences that were told before in the same run."""
    repeats_within_ten: int
    carried_over: float
    """Share of labels that stood in the choices before too."""
    sets_of_four: float
    smallest_set: int
    distinct_kinds: float
    without_safe: int
    words_p5: float
    words_p95: float
    words_mean: float
    longest: int
    jaccard: float
    endings: Counter[str]
    tones: Counter[str]
    first_encounter: tuple[int, ...]
    encounters_in_25: float
    storylets: Counter[str]
    storylets_a_run: float
    silent_turns: float
    """Share of turns in which nothing but the deed was told."""

    @property
    def won(self) -> float:
        return self.tones["win"] / self.runs

    @property
    def died(self) -> float:
        return self.tones["death"] / self.runs

    @property
    def met_in_time(self) -> float:
        """Share of those who met anybody that did so from turn 6 to 12."""
        met = [turn for turn in self.first_encounter if turn]
        return sum(6 <= turn <= 12 for turn in met) / max(1, len(met))


def sentences(text: str) -> list[str]:
    return _SENTENCE.split(text)


def play_many(world: World, policy: Policy, runs: int, *, turns: int = 40) -> list[Run]:
    return [play(world, seed, policy, turns=turns) for seed in range(100, 100 + runs)]


def measure(world: World, runs: Sequence[Run]) -> Metrics:
    """Every figure of these runs."""
    words = [len(one.after.wording.dispatch.split()) for run in runs for one in run.steps]
    sets = [one.offers for run in runs for one in run.steps]
    tones, endings = Counter[str](), Counter[str]()
    for run in runs:
        ending = run.last.ending
        endings[ending.id if ending else "open"] += 1
        tones[ending.tone if ending else "open"] += 1
    seen = Counter(name for run in runs for name in run.last.world.storylets)
    kinds = world.compiled.actions
    return Metrics(
        runs=len(runs),
        median_turns=statistics.median(len(run.steps) for run in runs),
        repeated=statistics.fmean(_repeated(run) for run in runs),
        repeats_within_ten=sum(_repeats_within(run, 10) for run in runs),
        carried_over=_carried_over(runs),
        sets_of_four=sum(len(one) == 4 for one in sets) / len(sets),
        smallest_set=min(map(len, sets)),
        distinct_kinds=statistics.fmean(
            len({kinds[offer.action].kind for offer in one}) / len(one) for one in sets
        ),
        without_safe=sum(all(offer.choice.risk != "low" for offer in one) for one in sets),
        words_p5=_percentile(words, 5),
        words_p95=_percentile(words, 95),
        words_mean=statistics.fmean(words),
        longest=max(words),
        jaccard=_jaccard(runs),
        endings=endings,
        tones=tones,
        first_encounter=tuple(_first_encounter(run) for run in runs),
        encounters_in_25=statistics.fmean(_encounters(run, 25) for run in runs),
        storylets=seen,
        storylets_a_run=statistics.fmean(len(run.last.world.storylets) for run in runs),
        silent_turns=sum(word < 12 for word in words) / len(words),
    )


def _percentile(values: Sequence[int], percent: int) -> float:
    return sorted(values)[min(len(values) - 1, len(values) * percent // 100)]


def _repeated(run: Run) -> float:
    told = [one for text in run.dispatches[:31] for one in sentences(text)]
    return sum(count - 1 for count in Counter(told).values()) / len(told)


def _repeats_within(run: Run, turns: int) -> int:
    last: dict[str, int] = {}
    found = 0
    for turn, text in enumerate(run.dispatches):
        for sentence in sentences(text):
            if sentence in last and turn - last[sentence] < turns:
                found += 1
            last[sentence] = turn
    return found


def _carried_over(runs: Sequence[Run]) -> float:
    same = total = 0
    for run in runs:
        for one, two in pairwise(run.steps):
            before = {offer.choice.text for offer in one.offers}
            same += sum(offer.choice.text in before for offer in two.offers)
            total += len(two.offers)
    return same / max(1, total)


def _jaccard(runs: Sequence[Run]) -> float:
    """How much two seeds share of their sentences, 20 turns each, neighbours compared."""
    told = [{one for text in run.dispatches[:21] for one in sentences(text)} for run in runs]
    pairs = list(pairwise(told))
    return statistics.fmean(len(a & b) / len(a | b) for a, b in pairs) if pairs else 0.0


def _first_encounter(run: Run) -> int:
    for turn, one in enumerate(run.steps, 1):
        if any(agent.state == "here" for agent in one.after.world.agents.values()):
            return turn
    return 0


def _encounters(run: Run, turns: int) -> int:
    count, before = 0, False
    for one in run.steps[:turns]:
        here = any(agent.state == "here" for agent in one.after.world.agents.values())
        count += here and not before
        before = here
    return count


def report(world: World, name: str, metrics: Metrics) -> str:
    """The figures as a page of text."""
    one = metrics
    known = [storylet.id for storylet in world.pack.storylets]
    rare = [story for story in known if one.storylets[story] < 0.03 * one.runs]
    common = [story for story in known if one.storylets[story] > 0.6 * one.runs]
    met = [turn for turn in one.first_encounter if turn]
    return f"""\
== {name}: {one.runs} runs, median {one.median_turns:.0f} turns
repeated sentences {one.repeated:.2%} (within ten turns: {one.repeats_within_ten})
labels carried over {one.carried_over:.1%}; sets of four {one.sets_of_four:.1%}
smallest set {one.smallest_set}; kinds {one.distinct_kinds:.2f}; unsafe sets {one.without_safe}
words mean {one.words_mean:.0f}, p5 {one.words_p5:.0f}, p95 {one.words_p95:.0f}
longest {one.longest}; bare turns {one.silent_turns:.1%}
Jaccard between seeds {one.jaccard:.2f}; storylets a run {one.storylets_a_run:.1f}
won {one.won:.0%}, died {one.died:.0%}; {dict(one.endings.most_common())}
met somebody in {len(met)} of {one.runs} runs, first at turn {statistics.median(met or [0]):.0f}
of these from turn 6 to 12: {one.met_in_time:.0%}; encounters in 25 turns {one.encounters_in_25:.1f}
rare storylets (<3 %) {len(rare)} of {len(known)}: {" ".join(rare)}
common storylets (>60 %): {" ".join(common)}"""


def main(arguments: Sequence[str]) -> str:
    name, runs = arguments[0], int(arguments[1]) if len(arguments) > 1 else 100
    world = load_world(WORLDS / name)
    return "\n\n".join(
        report(world, bot, measure(world, play_many(world, policy, runs)))
        for bot, policy in POLICIES
    )


if __name__ == "__main__":
    sys.stdout.write(main(sys.argv[1:]) + "\n")
