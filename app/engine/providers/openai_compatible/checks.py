"""What is checked of a model's words once their form is right; what fails has built-in words.

A dispatch is refused when it
- is far shorter or longer than the world's dispatches, or empty once markup is taken off
- is noise: words without end, hardly any letters, or the same few words over and over
- repeats a run of words of the prompt's example
- uses a banned word, or holds pieces of the form: braces, keys, placeholders
- names somebody or something of the world that is not in reach or not known yet
- names somebody or something that we never told of (a capital inside a sentence; English only)
- says that the living player died, or that the dead one lives; or, at an ending, asks for more
- asks the player what to do
A choice is refused when it is too short or long, filler, the same as another, names what must not
be named, uses a banned word, or (English only) shares no word of substance with the choice that
will be played. Other texts are refused when too long, or for a name or word as above.
Not checked: whether an invented lower-case thing exists, or who carries what; what a dispatch
says changes nothing.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from app.engine.providers.openai_compatible.plain import has_run_of, line
from app.models.narration import Brief, Grounding
from app.models.session import Choice

SHORTEST, LONGEST = 0.5, 1.6
"""Shares of the world's own shortest and longest dispatch that pass."""
MAX_VISION: Final = 400
MAX_SITUATION: Final = 160
MAX_SUMMARY: Final = 240
_COPIED: Final = 8
"""Words in a row that no two stories share by chance."""
_CHOICE: Final = (4, 90)

_WORD: Final = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)*|\d+")
_ENDLESS: Final = re.compile(r"\w{40,}|(\w)\1{11,}")
_LETTERS: Final = 0.6
"""The share of letters among what is no space, below which a text is noise."""
_VARIETY: Final = 0.3
"""The share of different words, below which a text of some length is noise."""
_SOME_LENGTH: Final = 12
_WIDE: Final = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
"""Scripts that do not put spaces between words: two characters count as one."""
_NAMED: Final = re.compile(r"(?<=[a-z,;] )([A-Z][a-z]{2,})(?=\b)")
_FORM: Final = re.compile(r'"\s*:|[{}]|\w_\w|\[\w+\]')
_ARTICLE: Final = re.compile(r"^(?:the|a|an|your|his|her|their)\s+", re.IGNORECASE)
_STEM: Final = 4

_KNOWN_TO_ALL: Final = re.compile(
    r"""monday|tuesday|wednesday|thursday|friday|saturday|sunday|january|february|march|april|may
    |june|july|august|september|october|november|december|christmas|easter|english|french|german
    |spanish|russian|american|british|latin|greek|morse|god|lord|bible|sir|madam|doctor|polaroid
    |geiger|plough|orion|mrs|mother|father|mum|dad|figure|chapter|north|south|east|west|earth|moon|sun""",
    re.VERBOSE,
)
"""Names, in lower case, that belong to no world."""
_PLAIN_WORDS: Final = re.compile(
    r"""about|after|again|against|along|another|around|away|back|before|behind|below|beside|between
    |beyond|closer|down|from|front|here|hold|into|like|look|more|near|next|onto|over|past|side
    |slowly|some|that|them|then|there|they|this|through|towards?|under|until|upon|what|when|where
    |with|without|your|yourself|carefully|quickly|quietly|make|take|keep|going|the|and|for|are|you
    |its|his|her|out|off|one|has|had|can|get|let|put|try|use|way|all|own""",
    re.VERBOSE,
)
"""Words that two choices may share and still be about different things."""
_FILLER: Final = re.compile(
    r"^(?:look around(?: you)?|continue|go on|carry on|keep going|move on|proceed|wait|do nothing|"
    r"do something(?: else)?|next|ok(?:ay)?|yes|no|explore|explore (?:the )?(?:area|surroundings)|"
    r"think|none|n/?a|option \w+|choice \w+|\W*)$",
    re.IGNORECASE,
)
_DIED: Final = re.compile(
    r"\byou(?:['\u2019]re| are| lie| fall| drop)(?: now| already)? dead\b"
    r"(?! (?:tired|set|sure|certain|ahead|centre|center|level|still|quiet|calm|weight|on|"
    r"asleep|silent|slow|wrong|right|drunk|to the world)\b)|"
    r"\byou (?:die|died|have died|perish|"
    r"bleed to death|are killed)\b(?! (?:a little|laughing|down|inside)\b)|"
    r"\byour (?:heart stops(?! for)|life ends|death is)|"
    r"\bthe last thing you (?:ever )?(?:see|hear|feel|know)\b",
    re.IGNORECASE,
)
_LIVES: Final = re.compile(
    r"\byou (?:survive|live on|will live|are (?:still )?alive|are safe|get (?:back )?up(?: again)?|"
    r"stand up again|go on|keep (?:going|running|walking|moving)|walk on|wake up)\b|"
    r"\byou['\u2019]re (?:still )?alive\b",
    re.IGNORECASE,
)
_ASKS: Final = re.compile(
    r"\bwhat (?:do|will|would|should) you do\b|\bwhat(?:['\u2019]s| is) your next\b|"
    r"\bchoose (?:wisely|now|one)\b|\bthe choice is yours\b|\byour (?:options|choices) are\b|"
    r"(?:^|[.!?] )your move\b|"
    r"\bwill you \w+[^.!?]*\?\s*$|\bgame over\b|"
    r"\bhealth points\b|\bhit points\b",
    re.IGNORECASE,
)
_GOES_ON: Final = re.compile(
    r"\byou (?:can|could|may|might) (?:still|yet|now|try|go on)\b|\bto be continued\b|"
    r"\bthe story (?:goes on|continues|is not over)\b|\?\s*$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something that a text must not be."""

    code: str
    """For the log."""
    problem: str
    """For the model."""


class Checks:
    """The checks of one turn."""

    def __init__(
        self,
        brief: Brief,
        grounding: Grounding,
        *,
        proposed: Iterable[str] = (),
        example: str = "",
    ) -> None:
        """`proposed`: names that the model brings. `example`: words that it was only shown."""
        voice = grounding.voice
        told = "\n".join((*_told(brief, grounding), *proposed)).casefold()
        self._brief = brief
        self._grounding = grounding
        self._example = example
        self._english = voice.language.casefold().startswith("en")
        self._words = frozenset(_words(told))
        self._banned = _any_of(voice.banned_words)
        self._absent = _any_of(
            bare for name in grounding.absent if not _says(bare := _ARTICLE.sub("", name), told)
        )

    def dispatch(self, text: str) -> list[Flaw]:
        """What is wrong with a dispatch, already plain."""
        flaws = [*self._length(text), *self._wrong_words(text, "The dispatch")]
        if has_run_of(_COPIED, text, self._example):
            flaws.append(
                Flaw("copied", "The dispatch repeats the example, which is not this story.")
            )
        if is_noise(text):
            flaws.append(Flaw("noise", "The dispatch is not prose; write plain sentences."))
        if _FORM.search(text):
            flaws.append(Flaw("form", "The dispatch holds pieces of the form; write plain prose."))
        return flaws + (self._against_outcome(text) if self._english else [])

    def aside(self, text: str | None, longest: int) -> str | None:
        """Another text of the turn on one line, or None if it cannot be used."""
        said = line(text or "")
        if not said or len(said) > longest or is_noise(said) or _FORM.search(said):
            return None
        if has_run_of(min(_COPIED, len(said.split())), said, self._example):
            return None
        if self._wrong_words(said, ""):
            return None
        return said

    def choices(self, said: Iterable[tuple[str, str]]) -> tuple[Choice, ...]:
        """The choices of the brief, in the model's words where these will do."""
        wanted: dict[str, str] = {}
        for slot, text in said:
            wanted.setdefault(slot, line(text).rstrip(". "))
        offered = self._brief.choices
        taken = {_key(choice.text) for choice in offered}
        worded = []
        for choice in offered:
            text = wanted.get(choice.id, "")
            if self._fits(text, choice) and _key(text) not in taken - {_key(choice.text)}:
                taken.add(_key(text))
                choice = choice.model_copy(update={"text": text[0].upper() + text[1:]})
            worded.append(choice)
        return tuple(worded)

    def clean(self, text: str) -> bool:
        """Whether a proposal's text uses nothing that must not be said."""
        return not any(said and said.search(text) for said in (self._banned, self._absent))

    def _fits(self, text: str, choice: Choice) -> bool:
        shortest, longest = _CHOICE
        if not shortest <= len(text) <= longest or _FILLER.match(text):
            return False
        if is_noise(text) or self._wrong_words(text, ""):
            return False
        if has_run_of(min(_COPIED, len(text.split())), text, self._example):
            return False
        if not self._english:
            return True
        meant = _stems(choice.text)
        return not meant or bool(meant & _stems(text))

    def _length(self, text: str) -> list[Flaw]:
        fewest, most = self._grounding.voice.words
        count = len(_WORD.findall(_WIDE.sub("", text))) + len(_WIDE.findall(text)) // 2
        if count < max(1, fewest * SHORTEST):
            return [Flaw("short", f"The dispatch has {count} words; write {fewest} to {most}.")]
        if count > most * LONGEST:
            return [Flaw("long", f"The dispatch has {count} words; write {fewest} to {most}.")]
        return []

    def _wrong_words(self, text: str, what: str) -> list[Flaw]:
        flaws = []
        if self._banned and (found := self._banned.search(text)):
            flaws.append(Flaw("banned", f'{what} uses "{found[0]}", which is never used here.'))
        if self._absent and (found := self._absent.search(text)):
            problem = f'{what} speaks of "{found[0]}", which is not here or not known yet.'
            flaws.append(Flaw("absent", problem))
        if self._english and (names := self._unknown(text)):
            problem = f"{what} names {', '.join(names)}, of which you were not told. Leave it out."
            flaws.append(Flaw("unknown", problem))
        return flaws

    def _unknown(self, text: str) -> list[str]:
        """Names in the middle of a sentence that nothing we told contains."""
        found = dict.fromkeys(_NAMED.findall(text))
        return [name for name in found if not self._is_known(name.casefold())][:3]

    def _is_known(self, name: str) -> bool:
        return (
            bool(_KNOWN_TO_ALL.fullmatch(name))
            or name in self._words
            or name.removesuffix("s") in self._words
            or f"{name}s" in self._words
        )

    def _against_outcome(self, text: str) -> list[Flaw]:
        alive, ending = self._grounding.alive, self._brief.ending
        flaws = []
        if alive and (ending is None or ending.tone != "death") and _DIED.search(text):
            flaws.append(Flaw("dead", "The dispatch says that the player died, who is alive."))
        if not alive and _LIVES.search(text):
            flaws.append(Flaw("alive", "The dispatch says that the player lives, who is dead."))
        if _ASKS.search(text):
            flaws.append(Flaw("asks", "The dispatch talks about the game or asks the player."))
        if ending is not None and _GOES_ON.search(text):
            flaws.append(Flaw("goes_on", "The story ends here: leave nothing to be done or asked."))
        return flaws


def is_noise(text: str) -> bool:
    """Whether a model lost itself: no reader would take this for words."""
    if _WIDE.search(text):
        return False  # Scripts without spaces and capitals: a run of signs is a sentence.
    if _ENDLESS.search(text):
        return True
    shown = [character for character in text if not character.isspace()]
    if sum(map(str.isalpha, shown)) < len(shown) * _LETTERS:
        return True
    words = _WORD.findall(text.casefold())
    return len(words) >= _SOME_LENGTH and len(set(words)) < len(words) * _VARIETY


def _told(brief: Brief, grounding: Grounding) -> Iterable[str]:
    voice = grounding.voice
    yield from (voice.title, voice.role, voice.goal, voice.style, grounding.place, grounding.sample)
    yield from grounding.facts
    yield from grounding.threads
    yield from grounding.names
    yield from (target.name for target in grounding.targets)
    yield from brief.outcome
    yield from brief.last_dispatches
    yield from (choice.text for choice in brief.choices)
    wording = brief.wording
    yield from (wording.dispatch, wording.vision_dispatch, wording.situation, wording.summary)
    yield from (brief.summary, brief.action or "")
    if brief.ending is not None:
        yield from (brief.ending.title, brief.ending.text, brief.ending.epitaph)


def _words(text: str) -> Iterable[str]:
    for word in _WORD.findall(text):
        yield word
        yield from re.split(r"['\u2019]", word)[:1]


def _any_of(names: Iterable[str]) -> re.Pattern[str] | None:
    """A pattern of any of these, as whole words."""
    said = sorted({name.strip() for name in names if len(name.strip()) > 1}, key=len, reverse=True)
    if not said:
        return None
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, said))})(?!\w)", re.IGNORECASE)


def _says(name: str, told: str) -> bool:
    pattern = _any_of((name,))
    return bool(pattern and pattern.search(told))


def _key(text: str) -> str:
    return " ".join(_WORD.findall(text.casefold()))


def _stems(text: str) -> frozenset[str]:
    """The beginnings of the words of substance in a choice."""
    words = _WORD.findall(text.casefold())
    return frozenset(
        word[:_STEM]
        for word in words
        if len(word) >= _STEM - 1 and not _PLAIN_WORDS.fullmatch(word)
    )
