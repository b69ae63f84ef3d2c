"""Words as the free-text reader knows them: stems, kinds of verbs, and near misses."""

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from app.models.vocabulary import ActionKind

_TOKEN = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)?")
_SUFFIXES: Final = (
    ("ies", "y"), ("sses", "ss"), ("ches", "ch"), ("shes", "sh"), ("xes", "x"), ("ying", "y"),
    ("ing", ""), ("ied", "y"), ("ed", ""), ("ly", ""), ("s", ""),
)  # fmt: skip
_SHORTEST_STEM = 3
_SHORTEST_TYPO = 4

_VERBS: Final = MappingProxyType[ActionKind, str](
    {
        "move": "go walk run sprint climb enter leave head move sneak crawl jump return cross"
        " follow proceed advance step continue wander approach descend ascend exit travel march"
        " creep hurry dash swim wade",
        "investigate": "look examine inspect read listen watch study check smell observe sniff"
        " scan peer peek spy investigate count feel touch taste notice consider stare",
        "photograph": "photograph shoot picture snap frame film record photo",
        "use": "use cut open break push pull turn press light throw swing jam block tie burn"
        " dig unlock lock close shut operate switch start stop smash pry force insert swipe"
        " wedge drop put place fix repair build pour fill lift carry move wear plug",
        "search": "search loot rifle grab take find steal rummage collect gather pocket get pick"
        " ransack",
        "hide": "hide crouch duck lie wait cower conceal shelter freeze still",
        "talk": "talk ask shout call say tell hum sing yell scream speak whisper answer greet"
        " beg plead negotiate thank apologise apologize reply address wave signal",
        "fight": "attack hit fight punch stab kick kill strike charge tackle strangle bite shove"
        " wrestle hurt beat slash",
        "rest": "rest bandage heal sit breathe sleep dance pray eat drink relax recover treat"
        " bind patch meditate",
        "flee": "flee escape retreat bolt evade run sprint dash leave",
        "trick": "trick distract lure bluff fool pretend mimic decoy deceive lie",
    }
)
_IMPOSSIBLE = (
    "fly teleport nuke wake explode rocket magic levitate vanish respawn summon conjure resurrect"
    " fireball invisible timetravel undo win cheat hack immortal dragon laser morph transform"
)
_NEGATIONS = "not no never don't dont won't wont cannot can't cant without"
_FILLER = (
    "the a an and to of in it its your my with for on at i you me is are was be into onto from by"
    " then that this there here up down out off over some any very just try please want will would"
    " let lets go through under behind across along toward towards about after before between"
    " beside near inside outside against all both some one two few bit of at as so if or"
    " do does did can could should must have has had am were been what who where how why when"
)
_ADVERBS = (
    "around away back again now slowly quickly quietly carefully forward forwards backwards still"
    " low hard fast instead together everywhere nowhere somewhere home ahead straight please"
    " hand hands arm arms leg legs head face eyes foot feet knee knees breath body wound wounds"
)
_GENERIC = "use try check touch pick take get handle operate approach"
NEGATIONS: Final = frozenset(_NEGATIONS.split())
FILLER: Final = frozenset(_FILLER.split())
ADVERBS: Final = frozenset(_ADVERBS.split())
"""Words that say how, or name the player's own body: they ask for no thing."""
THEM: Final = frozenset(["him", "her", "them"])
SELF: Final = frozenset(["myself", "yourself", "suicide", "wrists"])
_GO: Final = frozenset(["go"])


def tokens(text: str) -> list[str]:
    return [token.replace("\u2019", "'") for token in _TOKEN.findall(text.casefold())]


def stem(word: str) -> str:
    """The word without its commonest endings: `running` and `runs` are `run`."""
    for suffix, instead in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= _SHORTEST_STEM - len(instead):
            if suffix == "s" and word.endswith(("ss", "us", "is")):
                return word
            root = word[: -len(suffix)] + instead
            return _undouble(root) if suffix in ("ing", "ed") else root
    return word


def _undouble(root: str) -> str:
    """`runn` is `run` and `clos` is `clos`: the e that was lost is cut everywhere."""
    if len(root) > _SHORTEST_STEM and root[-1] == root[-2] and root[-1] not in "lsz":
        return root[:-1]
    return root


def key(word: str) -> str:
    """What two spellings of one word share."""
    root = stem(word)
    return root[:-1] if len(root) > _SHORTEST_STEM and root.endswith("e") else root


def keys(text: str) -> frozenset[str]:
    """The content words of a text."""
    return frozenset(key(token) for token in tokens(text) if token not in FILLER)


def all_keys(texts: Iterable[str]) -> frozenset[str]:
    """Every word of names and verbs, the small ones left out."""
    return frozenset(key(one) for text in texts for one in tokens(text) if one not in FILLER - _GO)


KIND_VERBS: Final[Mapping[ActionKind, frozenset[str]]] = MappingProxyType(
    {kind: frozenset(key(verb) for verb in verbs.split()) for kind, verbs in _VERBS.items()}
)
VERBS: Final = frozenset().union(*KIND_VERBS.values())
GENERIC_KEYS: Final = frozenset(key(verb) for verb in _GENERIC.split())
"""Verbs that may mean whatever a thing is for."""
WAIT_KEYS: Final = frozenset(key(verb) for verb in ("wait", "stay", "pause", "nothing"))
PHOTO_KEYS: Final = KIND_VERBS["photograph"]
IMPOSSIBLE_KEYS: Final = frozenset(key(verb) for verb in _IMPOSSIBLE.split())


def kinds_of(verb: str) -> tuple[ActionKind, ...]:
    return tuple(kind for kind, verbs in KIND_VERBS.items() if verb in verbs)


class Speller:
    """Finds the known word that a typed one is at most one slip away from. Immutable."""

    __slots__ = ("_deletes", "_known")

    def __init__(self, known: Iterable[str]) -> None:
        self._known = frozenset(known)
        deletes: dict[str, str] = {}
        for word in sorted(self._known):
            if len(word) >= _SHORTEST_TYPO:
                for shorter in _deletes(word):
                    deletes.setdefault(shorter, word)
        self._deletes = MappingProxyType(deletes)

    def mend(self, word: str) -> str:
        """The word itself when it is known or like nothing known."""
        if word in self._known or len(word) < _SHORTEST_TYPO:
            return word
        if word in self._deletes:
            return self._deletes[word]
        for shorter in _deletes(word):
            if shorter in self._known and len(shorter) >= _SHORTEST_STEM:
                return shorter
            near = self._deletes.get(shorter)
            if near is not None and _one_apart(word, near):
                return near
        return word


def _deletes(word: str) -> list[str]:
    return [word[:at] + word[at + 1 :] for at in range(len(word))]


def _one_apart(one: str, other: str) -> bool:
    """Of equal length and differing by one letter, or by two that changed places."""
    if len(one) != len(other):
        return False
    apart = [at for at in range(len(one)) if one[at] != other[at]]
    if len(apart) == 1:
        return True
    if len(apart) != 2 or apart[1] != apart[0] + 1:
        return False
    return one[apart[0]] == other[apart[1]] and one[apart[1]] == other[apart[0]]
