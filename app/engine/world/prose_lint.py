"""What is wrong with a pack's sentences, as far as a rule can tell."""

import re
from collections.abc import Iterable, Iterator

from app.engine.world.pack import Pack
from app.engine.world.pack_walk import Text
from app.engine.world.prose import NOUN

LONGEST_SENTENCE = 32
LONGEST_FACT = 25
LONGEST_LABEL = 80
_PRONOUNS = re.compile(r"^(He|She|It|They|This|That)\b")
_SENTENCE = re.compile(r"(?<=[.?!])['\"]?\s+")
_PLACEHOLDER = re.compile(r"[{}<>]|\$\w|%s")
_INDOORS = re.compile(r"\b(tiles?|linoleum|ceiling|corridors?|wallpaper)\b", re.IGNORECASE)
_PLACED = ("place", "indoor", "biome")
_WHOLE = ("storylets", "props", "items", "agents")
"""Sections whose texts follow upon another sentence, so that a pronoun would have no owner."""


def prose_findings(pack: Pack, texts: Iterable[Text]) -> Iterator[tuple[str, str]]:
    banned = [
        re.compile(rf"\b{re.escape(word)}\b", re.IGNORECASE) for word in pack.meta.banned_words
    ]
    seen: dict[str, str] = {}
    for one in texts:
        for fault in _faults(one, banned):
            yield one.where, fault
        if one.role == "told" and len(one.text.split()) > 3:
            first = seen.setdefault(one.text, one.where)
            if first != one.where:
                yield one.where, f"says the same as {first}: {one.text[:40]!r}"


def _faults(one: Text, banned: Iterable[re.Pattern[str]]) -> Iterator[str]:
    start = one.text[:40]
    if not one.text.strip():
        yield "an empty text"
        return
    if _PLACEHOLDER.search(one.text.replace(NOUN, "")):
        yield f"an unresolved placeholder: {start!r}"
    for word in banned:
        if word.search(one.text):
            yield f"{word.pattern} is a banned word: {start!r}"
    section = one.where.partition(".")[0]
    if one.role == "told":
        yield from _told_faults(one, section)
    elif one.role == "label" and len(one.text) > LONGEST_LABEL:
        yield f"a label of more than {LONGEST_LABEL} characters: {start!r}"
    elif one.role == "fact" and len(one.text.split()) > LONGEST_FACT:
        yield f"a fact of more than {LONGEST_FACT} words: {start!r}"


def _told_faults(one: Text, section: str) -> Iterator[str]:
    start = one.text[:40]
    if section in _WHOLE and _PRONOUNS.match(one.text):
        yield f"begins with a pronoun: {start!r}"
    if any(len(sentence.split()) > LONGEST_SENTENCE for sentence in _SENTENCE.split(one.text)):
        yield f"a sentence of more than {LONGEST_SENTENCE} words: {start!r}"
    free = section in ("lines", "storylets") and not any(key in one.when for key in _PLACED)
    if free and _INDOORS.search(one.text):
        yield f"speaks of an interior without `indoor: true`: {start!r}"
