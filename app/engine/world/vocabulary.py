"""Words as the free-text reader knows them: stems, kinds of verbs, and verbs that mean the same."""

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from app.models.vocabulary import ActionKind

_TOKEN = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)?")
_SUFFIXES: Final = (
    ("ies", "y"), ("sses", "ss"), ("ches", "ch"), ("shes", "sh"), ("xes", "x"), ("ying", "y"),
    ("ing", ""), ("ied", "y"), ("ed", ""), ("ly", ""), ("'s", ""), ("s", ""),
)  # fmt: skip
_SHORTEST_STEM = 3

_VERBS: Final = MappingProxyType[ActionKind, str](
    {
        "move": "go walk run sprint climb enter leave head move sneak crawl jump return cross"
        " follow proceed advance step continue wander approach descend ascend exit travel march"
        " creep hurry dash swim wade visit reach stroll slip squeeze squirm drop hop leap vault",
        "investigate": "look examine inspect read listen watch study check smell observe sniff"
        " scan peer peek spy investigate count feel touch taste notice consider stare explore see"
        " view survey gaze glance hear squint test measure ponder think remember",
        "photograph": "photograph shoot picture snap frame film record photo",
        "use": "use cut open break push pull turn press light throw swing jam block tie burn"
        " dig unlock lock close shut operate switch start stop smash pry force insert swipe"
        " wedge drop put place fix repair build pour fill lift carry wear plug flip toss hurl"
        " load shine drag shake stack draw write sign wash clean wipe polish"
        " rinse feed drive ride play tear rip hang post mail send"
        " disable connect aim point crank wind wave raise bury spill scrape scratch saw"
        " snip slice slide squash crush destroy wreck ruin blow pedal wake signal",
        "search": "search loot rifle grab take find steal rummage collect gather pocket get pick"
        " ransack fetch dig empty comb seek",
        "hide": "hide crouch duck lie cower conceal shelter freeze still",
        "talk": "talk ask shout call say tell hum sing yell scream speak whisper answer greet"
        " beg plead negotiate thank apologise apologize reply address hello hail whistle"
        " knock surrender chat mutter pray recite explain warn swear curse insult threaten"
        " show dial laugh",
        "fight": "attack hit fight punch stab kick kill strike charge tackle strangle bite shove"
        " wrestle hurt beat slash slap headbutt choke spit inject murder",
        "rest": "rest bandage heal sit breathe sleep eat drink relax recover treat"
        " bind patch meditate nap doze wrap dress stretch smoke wait dance pet stroke hug pat kiss"
        " cry weep kneel lean stand curl",
        "flee": "flee scram escape retreat bolt evade avoid dodge run sprint dash leave",
        "trick": "trick distract lure bluff fool pretend mimic decoy deceive lie disguise sabotage"
        " play trap",
    }
)
_ALIKE = (
    "look examine inspect study check view observe peer see stare gaze scan read",
    "listen hear",
    "cut saw slice sever snip clip",
    "open pry prise force unlock jimmy crack",
    "break smash destroy wreck",
    "take grab get pick steal lift fetch collect pull",
    "light burn ignite kindle fire torch",
    "start run crank activate",
    "switch flip throw activate",
    "throw toss hurl scatter fling lob",
    "push shove roll jam wedge",
    "climb ascend scale",
    "open enter",
    "release free loose let",
    "call phone dial ring radio raise hail",
    "knock tap rap",
    "talk speak say tell ask address whisper",
    "drink sip swallow",
    "eat taste bite",
    "sleep nap doze lie",
    "post mail send put insert",
    "reach stick grope feel put touch",
    "clean wash rinse polish wipe",
    "write sign finish",
    "bury stash conceal",
    "show hold offer present",
    "photograph shoot picture snap frame film copy",
    "inject stab put jab",
    "hum sing",
    "swing turn aim point rotate",
    "jump leap",
    "slide ride zip",
    "search loot rifle ransack rummage find comb",
)
_IMPOSSIBLE = (
    "fly teleport nuke explode magic magically levitate vanish respawn summon conjure resurrect"
    " fireball invisible timetravel undo win cheat hack immortal invincible dragon laser morph"
    " transform superpower shapeshift"
)
_NEGATIONS = (
    "not no never don't dont won't wont cannot can't cant without nobody refuse forget ignore"
    " because shouldn't mustn't wouldn't isn't"
)
_FILLER = (
    "the a an and to of in it its your my with for on at i you me is are was be into onto from by"
    " then that this there here up down out off over some any very just try please want will would"
    " let lets go through under behind across along toward towards about after before between"
    " beside near inside outside against all both some one two few bit of at as so if or"
    " do does did can could should must have has had am were been what who where how why when"
    " teh we our us i'm i'll i've i'd we'll let's it's they their his these those too"
    " which whether than while until thanks ok okay yes"
)
_ADVERBS = (
    "around away back again now slowly quickly quietly carefully forward forwards backwards still"
    " low hard fast instead together everywhere nowhere somewhere home ahead straight please"
    " hand hands arm arms leg legs head face eyes foot feet knee knees breath body wound wounds"
    " maybe perhaps really quick silently softly gently loudly aloud loud close closely anything"
    " something everything somebody someone anyone anybody first next soon once twice"
    " upstairs downstairs left right north south east west upward downward belly toes hair ear"
    " ears mouth teeth fingers finger shoulder chest meaning sound noise"
)
_GENERIC = "use try check touch pick take get handle operate approach"
_PLAIN = (
    "night right sight might tight round pound found ground hound water later after river paper"
    " space peace piece plane plate plant shore short shirt sharp share shape small smell smile"
    " snake horse mouse white while whole those these their there three throw sleep sheet shelf"
    " clean clear cloth cloud coast color could count court cover crowd death dream dress drink"
    " earth empty every exact faint false field fight final flame flesh fresh front ghost glass"
    " grass green group guard guess happy heart heavy human knife large laugh learn limit lunch"
    " matter metal mind money month moral mother motor mouth music never noise novel other ought"
    " party phase point power price pride prize proof queen quick quiet reach ready right rough"
    " scene score sense seven shame shift shock shoot sight since sleep solid sound speed spell"
    " spend spirit state steam stick still story storm sugar sweet table taste teeth thank thick"
    " thing think third tired today total touch tough track trade train treat trick truth under"
    " until usual value visit voice waste which woman world worry worse worst would wound wrong"
    " young father brother sister friend better bitter butter letter matter master planet market"
    " forest finger winter summer spring silver golden orange yellow purple bottle battle cattle"
    " castle candle handle middle little simple single double person people minute second moment"
    " morning evening president police soldier doctor nothing something anything"
)
NEGATIONS: Final = frozenset(_NEGATIONS.split())
FILLER: Final = frozenset(_FILLER.split())
ADVERBS: Final = frozenset(_ADVERBS.split())
"""Words that say how, or name the player's own body: they ask for no thing."""
SMALL: Final = FILLER | ADVERBS
THEM: Final = frozenset(["him", "her", "them"])
SELF: Final = frozenset(["myself", "yourself", "suicide", "wrists"])
ARTICLES: Final = frozenset(
    ["the", "a", "an", "my", "your", "his", "her", "their", "this", "these", "those", "some"]
)
"""What follows one of these is a thing, however much it looks like a verb."""
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
    """Every word of names and verbs; small ones only where they stand alone: a `can`, a `well`."""
    return frozenset(
        key(one) for text in texts for one in tokens(text) if one == text or one not in FILLER - _GO
    )


def _keyed(words: str) -> frozenset[str]:
    return frozenset(key(word) for word in words.split())


def _alike() -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for group in _ALIKE:
        one = _keyed(group)
        for word in one:
            found[word] = found.get(word, frozenset()) | one
    return found


KIND_VERBS: Final[Mapping[ActionKind, frozenset[str]]] = MappingProxyType(
    {kind: _keyed(verbs) for kind, verbs in _VERBS.items()}
)
VERBS: Final = frozenset().union(*KIND_VERBS.values())
VERB_FORMS: Final = frozenset(
    word for words in (*_VERBS.values(), *_ALIKE) for word in words.split()
)
ALIKE: Final[Mapping[str, frozenset[str]]] = MappingProxyType(_alike())
"""For a verb, those that mean about the same, itself among them."""
GENERIC_KEYS: Final = _keyed(_GENERIC)
"""Verbs that may mean whatever a thing is for."""
WAIT_KEYS: Final = _keyed("wait stay pause nothing")
IMPOSSIBLE_KEYS: Final = _keyed(_IMPOSSIBLE)
RESTING_KEYS: Final = _keyed(
    "rest bandage heal sit breathe sleep relax recover treat bind patch meditate nap doze wrap"
    " dress"
)
LOOK_KEYS: Final = _keyed("look watch observe listen see survey explore hear")
HARM_KEYS: Final = _keyed("kill hurt stab shoot cut hang murder")
AIM_KEYS: Final = _keyed("throw drop toss hurl eat drink break smash destroy")
"""Verbs that turn a carried thing against itself: no way of using it on another."""
CALL_KEYS: Final = _keyed("call dial phone ring")
SIGHT_KEYS: Final = ALIKE["look"]
AFAR_KEYS: Final = (
    KIND_VERBS["investigate"]
    | KIND_VERBS["photograph"]
    | KIND_VERBS["talk"]
    | KIND_VERBS["move"]
    | _keyed("wave signal point aim")
)
"""What can be done to a thing that is some way off."""
MOVE_KEYS: Final = KIND_VERBS["move"]
PLAIN_KEYS: Final = _keyed(_PLAIN)
"""Common words that are themselves, and no slip of the finger."""


def kinds_of(verb: str) -> tuple[ActionKind, ...]:
    return tuple(kind for kind, verbs in KIND_VERBS.items() if verb in verbs)
