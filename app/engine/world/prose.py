"""The page of one turn: which texts are told, in which order, and what has to wait.

A text is told once. When nothing unused fits there is silence; only what must be said may come
again, least recently told first. Texts of one turn, and of the turn after, never share a tag.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from app.engine.world.compiled import Said
from app.engine.world.draft import Draft
from app.engine.world.words import count_words, put_in, settle

AGAIN = 12
"""Turns after which something that must be said may be said in the same words."""
MAX_QUEUE = 3
NOUN = "{noun}"
"""The one thing that a text may leave open: what a player named that is not here."""


class Rank(IntEnum):
    """The order of a dispatch."""

    CONSEQUENCE = 0
    FATE = 1
    PARTING = 2
    """What somebody does to a player who is just leaving."""
    ARRIVAL = 3
    EVENT = 4
    AMBIENT = 5
    ENDING = 6


@dataclass(frozen=True, slots=True)
class Part:
    """A text on the page."""

    rank: Rank
    text: str
    words: int
    keep: bool
    later: str
    """Under which name it waits for the next turn, if it does not fit into this one."""


class Page:
    """The texts of one turn, gathered as the turn is resolved."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._parts: list[Part] = []
        self._words = 0
        self._tags: set[str] = set()
        self._taboo = frozenset(draft.before.excl)
        self.limits = draft.world.pack.meta.dispatch_words

    @property
    def words(self) -> int:
        return self._words

    @property
    def tags(self) -> tuple[str, ...]:
        return tuple(sorted(self._tags))

    @property
    def room(self) -> int:
        """Words that still fit."""
        return self.limits[1] - self._words

    def __len__(self) -> int:
        return len(self._parts)

    def has(self, rank: Rank) -> bool:
        return any(part.rank is rank for part in self._parts)

    def clashes(self, tags: frozenset[str]) -> bool:
        return bool(tags) and not (tags.isdisjoint(self._tags) and tags.isdisjoint(self._taboo))

    # -- choosing

    def pick(self, pool: Iterable[Said], purpose: str, *, again: int | None = None) -> Said | None:
        """The most specific unused text that fits. `pool` has the most specific first."""
        facts, used = self._draft.facts, self._draft.used
        best: list[Said] = []
        stale: list[Said] = []
        for said in pool:
            if best and said.when.specificity < best[0].when.specificity:
                break
            # What was told is by far the commonest reason to pass over a text, and the cheapest.
            told = used.get(said.id)
            if told is not None and (again is None or self._draft.turn - told < again):
                continue
            if not said.when.holds(facts) or (said.excl and self.clashes(said.excl)):
                continue
            if told is None:
                best.append(said)
            else:
                stale.append(said)
        if best:
            return best[0] if len(best) == 1 else self._draft.random(purpose).choice(best)
        return min(stale, key=lambda said: (used[said.id], said.id)) if stale else None

    # -- writing

    def tell(
        self,
        rank: Rank,
        said: Said,
        *,
        keep: bool = False,
        later: bool = False,
        noun: str | None = None,
    ) -> None:
        self._draft.used[said.id] = self._draft.turn
        self._tags |= said.excl
        text = settle(said.text, self._draft.random(said.id)) if said.varies else said.text
        if noun is not None:
            text = put_in(text, NOUN, noun)
        self._add(Part(rank, text, said.words, keep, said.id if later else ""))

    def tell_one(
        self,
        rank: Rank,
        pool: Iterable[Said],
        purpose: str,
        *,
        again: int | None = None,
        keep: bool = False,
        later: bool = False,
    ) -> bool:
        """Tell one of these, if any fits; False is silence."""
        said = self.pick(pool, purpose, again=again)
        if said is None:
            return False
        self.tell(rank, said, keep=keep, later=later)
        return True

    def line(self, rank: Rank, slot: str, *, again: int | None = None, keep: bool = False) -> bool:
        pool = self._draft.setting.lines.get(slot, ())
        return self.tell_one(rank, pool, f"line:{slot}", again=again, keep=keep)

    def put(self, rank: Rank, text: str, *, keep: bool = True, later: bool = False) -> None:
        """Tell something that is no text of the pack."""
        self._add(Part(rank, text, count_words(text), keep, text if later else ""))

    def tag(self, tags: frozenset[str]) -> None:
        self._tags |= tags

    def _add(self, part: Part) -> None:
        self._parts.append(part)
        self._words += part.words

    # -- reading

    def compose(self) -> tuple[str, tuple[str, ...]]:
        """The dispatch, and what has to wait for the next one."""
        parts = sorted(self._parts, key=lambda part: part.rank)
        total, waiting = self._words, []
        for part in sorted(parts, key=lambda part: (part.rank, part.words), reverse=True):
            if total <= self.limits[1]:
                break
            if not part.keep:
                parts.remove(part)
                total -= part.words
                if part.later:
                    waiting.append(part.later)
        queue = (*self._draft.queue, *waiting)[-MAX_QUEUE:]
        return " ".join(part.text for part in parts), queue
