"""Near misses: the known word that a typed one is a slip of the finger away from."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from app.engine.world.vocabulary import IMPOSSIBLE_KEYS, PLAIN_KEYS, key

_SHORTEST, _SHORTEST_CHANGED, _LONG, _LONGEST = 4, 5, 8, 24
"""Letters from which a word may be mended at all, from which a letter of it may be another, from
which two slips are mended, and beyond which nothing is."""
_TAIL = 5
"""Letters of a known word by which a compound of it is known: a payphone is a phone."""
_FAR: Final = 9
_THEMSELVES: Final = PLAIN_KEYS | IMPOSSIBLE_KEYS


class Speller:
    """Finds the known word that was meant: one slip away, or two in a long word.

    What it says never changes.
    """

    __slots__ = ("_below", "_forms", "_known", "_near", "_tails")

    def __init__(self, forms: Mapping[str, str], below: "Speller | None" = None) -> None:
        """`forms` leads from each word as it may be written to its stem. `below` knows more
        words, which need not be worked out again."""
        self._below = below
        self._forms = MappingProxyType({**{stem: stem for stem in forms.values()}, **forms})
        self._known = frozenset(self._forms.values())
        # What is only laid over another is worked out when somebody mistypes.
        self._near = None if below is not None else self._index()
        self._tails = frozenset(word for word in self._known if len(word) >= _TAIL - 1)

    def _index(self) -> Mapping[str, tuple[str, ...]]:
        near: dict[str, tuple[str, ...]] = {}
        for word in sorted(self._forms):
            if len(word) >= _SHORTEST:
                for shorter in _shorter(word):
                    near[shorter] = (*near.get(shorter, ()), word)
        return MappingProxyType(near)

    def mend(self, token: str) -> str:
        """The stem of a word, or of the known word that it is a slip of."""
        word = key(token)
        if self.knows(word) or word in _THEMSELVES or not _SHORTEST <= len(token) <= _LONGEST:
            return word
        best = self._nearest(token) or self._nearest(word)
        if best is not None:
            return self.stem(best)
        return next((word[at:] for at in range(2, len(word) - 3) if self.ends(word[at:])), word)

    def knows(self, word: str) -> bool:
        """Whether it is the stem of a known word."""
        return word in self._known or (self._below is not None and self._below.knows(word))

    def ends(self, tail: str) -> bool:
        """Whether compounds may end on it."""
        return tail in self._tails or (self._below is not None and self._below.ends(tail))

    def stem(self, word: str) -> str:
        """The stem of a word as it may be written."""
        if self._below is not None and word not in self._forms:
            return self._below.stem(word)
        return self._forms[word]

    def candidates(self, shorter: str) -> tuple[str, ...]:
        """The words from which a letter or two were left out."""
        if self._near is None:
            self._near = self._index()
        own = self._near.get(shorter, ())
        return own if self._below is None else (*self._below.candidates(shorter), *own)

    def _nearest(self, word: str) -> str | None:
        """Rather a letter lost or two changed places than another letter."""
        allowed = 1 if len(word) < _LONG else 2
        best: tuple[int, bool, bool, int, str] | None = None
        for shorter in _shorter(word):
            for candidate in self.candidates(shorter):
                slips = _slips(word, candidate)
                if slips > allowed:
                    continue
                rank = _rank(slips, candidate, word)
                if best is None or rank < best:
                    best = rank
        return best[-1] if best is not None else None


def _rank(slips: int, candidate: str, word: str) -> tuple[int, bool, bool, int, str]:
    moved = sorted(candidate) == sorted(word)
    return slips, candidate[0] != word[0], not moved, -len(candidate), candidate


def _shorter(word: str) -> frozenset[str]:
    """The word, and what is left of it without one letter, or two if it is long."""
    once = {word[:at] + word[at + 1 :] for at in range(len(word))}
    found = {word, *once}
    if len(word) >= _LONG:
        found |= {one[:at] + one[at + 1 :] for one in once for at in range(len(one))}
    return frozenset(found)


def _slips(one: str, other: str) -> int:
    """Letters lost, added, changed, or changed places. In a short word none is changed."""
    if abs(len(one) - len(other)) > 2:
        return _FAR
    changed = 1 if min(len(one), len(other)) >= _SHORTEST_CHANGED else _FAR
    before: list[int] = []
    row = list(range(len(other) + 1))
    for at, letter in enumerate(one, start=1):
        above, row = row, [at]
        for to, wanted in enumerate(other, start=1):
            cost = min(
                above[to] + 1,
                row[to - 1] + 1,
                above[to - 1] + (0 if letter == wanted else changed),
            )
            if at > 1 and to > 1 and letter == other[to - 2] and one[at - 2] == wanted:
                cost = min(cost, before[to - 2] + 1)
            row.append(cost)
        before = above
    return row[-1]
