"""What a narrator's words must be before they may become fact: plain, and no contradiction."""

import re
import unicodedata
from collections.abc import Iterable
from types import MappingProxyType
from typing import Final

from app.engine.world.vocabulary import FILLER, keys, tokens
from app.engine.world.words import bare, lower_first

_MARKUP: Final = re.compile(
    r"[<>{}\[\]|\\^~`*_#=@$%]|:/|\bwww\.|\bhttps?\b|\.(?:com|net|org|io)\b", re.IGNORECASE
)
_TALKS_OF_US: Final = re.compile(
    r"\b(?:ignore|disregard|forget)\b.*\b(?:instructions?|rules|above|prompt)\b|\bas an ai\b|"
    r"\b(?:system|developer) prompt\b|\blanguage model\b|\bjson\b|\bhit points\b|\bhealth points\b",
    re.IGNORECASE,
)
_OF_THE_PLAYER: Final = re.compile(
    r"\b(?:you|the player|player)\b(?:'re|'ve|\u2019re|\u2019ve)?\s+(?:now |already |will |can )*"
    r"(?:are|is|have|has|carry|carries|hold|holds|own|owns|find|finds|got|get|win|wins|won|escape|"
    r"escapes|die|dies|died|lose|loses|kill|kills|heal|heals|gain|gains)\b",
    re.IGNORECASE,
)
"""What the rules keep count of: nobody is hurt, armed or saved by a sentence."""
_LETTERS: Final = frozenset("LMNPZ")
_FEWEST_WORDS: Final = 3
_LONGEST_NAME, _NAME_WORDS = 40, 6
_NEGATIONS: Final = frozenset(
    ["not", "no", "never", "nobody", "nothing", "none", "without", "nowhere", "neither", "nor"]
)
_PAIRS: Final = (
    ("open", "closed shut locked barred sealed bolted blocked"),
    ("unlocked", "locked barred bolted"),
    ("dead died killed", "alive living lives"),
    ("empty bare deserted abandoned", "full crowded occupied inhabited"),
    ("dry", "wet flooded soaked"),
    ("dark unlit out", "lit burning bright lighted"),
    ("whole intact sound", "broken smashed ruined cut torn"),
    ("on running working", "off stopped dead"),
    ("asleep sleeping", "awake"),
    ("hot warm", "cold frozen"),
    ("here present", "gone missing absent away"),
    ("safe harmless", "dangerous deadly poisonous poisoned"),
    ("clean", "dirty filthy"),
    ("inside", "outside"),
    ("friend friendly", "enemy hostile"),
    ("north", "south"),
    ("east", "west"),
)
_COUNTED = "one two three four five six seven eight nine ten eleven twelve dozen twenty hundred"
_NUMBERS: Final = frozenset(_COUNTED.split())
_ALIKE, _SAME, _SAID = 0.5, 0.74, 0.85
_MORE = 2


_Reduced = tuple[frozenset[str], bool, frozenset[tuple[int, bool]], frozenset[str]]


def _sides() -> dict[str, tuple[tuple[int, bool], ...]]:
    found: dict[str, tuple[tuple[int, bool], ...]] = {}
    for at, pair in enumerate(_PAIRS):
        for side, words in enumerate(pair):
            for word in words.split():
                found[word] = (*found.get(word, ()), (at, bool(side)))
    return found


_SIDES: Final = MappingProxyType(_sides())


def plain(text: str, longest: int) -> str | None:
    """The text on one line without surprises, or None if it is no plain text."""
    text = unicodedata.normalize("NFC", text)
    if any(unicodedata.category(one)[0] not in _LETTERS for one in text):
        return None
    text = " ".join(text.split())
    if not text or len(text) > longest or _MARKUP.search(text) or _TALKS_OF_US.search(text):
        return None
    return text


def sentence(text: str, longest: int) -> str | None:
    """A plain sentence, with its full stop."""
    said = plain(text, longest)
    if said is None or len(said.split()) < _FEWEST_WORDS or not said[0].isalpha():
        return None
    said = said[0].upper() + said[1:]
    if said[-1] in ".!?'\"\u2019\u201d":
        return said
    return f"{said}." if len(said) < longest else None


def is_of_the_player(text: str) -> bool:
    """Whether it says of the player what only the rules may say."""
    return _OF_THE_PLAYER.search(text) is not None


def name_of(text: str, *, proper: bool) -> str | None:
    """A name without its article, small unless it is (or may be, if `proper`) a proper one."""
    said = plain(text.strip(" .,;:!?'\""), _LONGEST_NAME)
    if said is None:
        return None
    said = bare(said)
    words = said.split()
    if not words or len(words) > _NAME_WORDS or not said[0].isalpha() or len(said) < 2:
        return None
    if all(word in FILLER for word in tokens(said)):
        return None
    many_capitals = len(words) > 1 and words[1][:1].isupper()
    return said if many_capitals or (proper and len(words) == 1) else lower_first(said)


def says(name: str, text: str) -> bool:
    """Whether a text names somebody or something, as whole words."""
    wanted = re.escape(bare(name).casefold())
    return bool(wanted) and re.search(rf"(?<!\w){wanted}(?!\w)", text.casefold()) is not None


def proper_names(text: str) -> frozenset[str]:
    """Words with a capital within a sentence: `Anders`, `Hesk`."""
    return frozenset(re.findall(r"(?<![.!?'\"\u201c] )(?<!^)\b([A-Z][a-z]{2,})\b", text))


class Truths:
    """What is known to be true, made ready to be compared with what is proposed."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._reduced: list[_Reduced] = []
        self._keys: list[frozenset[str]] = []
        for text in texts:
            self.add(text)

    def add(self, text: str) -> None:
        self._reduced.append(_reduced(text))
        self._keys.append(keys(text))

    def deny(self, text: str) -> bool:
        """Whether one of them says the contrary, as far as words can tell."""
        mine = _reduced(text)
        return any(_deny(mine, other) for other in self._reduced)

    def hold(self, text: str) -> bool:
        """Whether it is said already."""
        mine = keys(text)
        return any(_alike(mine, other) for other in self._keys)


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    shared = len(one & other)
    fewest = max(1, min(len(one), len(other)))
    return shared >= _SAID * fewest and abs(len(one) - len(other)) <= _MORE


def _reduced(text: str) -> _Reduced:
    """What it is about; whether it denies; on which sides it stands; the numbers in it."""
    words = tokens(text)
    negative = sum(word in _NEGATIONS or word.endswith("n't") for word in words) % 2 == 1
    sides = frozenset(side for word in words for side in _SIDES.get(word, ()))
    about = frozenset(
        one
        for one in keys(
            " ".join(
                word
                for word in words
                if word not in _SIDES and word not in _NEGATIONS and word not in _NUMBERS
            )
        )
    )
    return about, negative, sides, frozenset(words) & _NUMBERS


def _deny(one: _Reduced, other: _Reduced) -> bool:
    about, negative, sides, numbers = one
    about_too, negative_too, sides_too, numbers_too = other
    shared = len(about & about_too) / max(1, min(len(about), len(about_too)))
    if not about & about_too or shared < _ALIKE:
        return False
    pairs, pairs_too = _clear(sides), _clear(sides_too)
    for pair in pairs.keys() & pairs_too.keys():
        if (pairs[pair] ^ negative) != (pairs_too[pair] ^ negative_too):
            return True
    if shared < _SAME:
        return False
    if numbers and numbers_too and numbers != numbers_too:
        return True
    return negative != negative_too and not sides ^ sides_too


def _clear(sides: frozenset[tuple[int, bool]]) -> dict[int, bool]:
    """The sides that a sentence takes; what it says both ways is not clear."""
    pairs = [pair for pair, _ in sides]
    return {pair: side for pair, side in sides if pairs.count(pair) == 1}
