"""Plain text out of a model's: whatever it wrote, what is kept is words."""

import re
from collections.abc import Iterable
from typing import Final

CUT: Final = "…"

_CONTROL: Final = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)
_FENCE: Final = re.compile(r"```[a-z]*|~~~+", re.IGNORECASE)
_LINK: Final = re.compile(r"!?\[([^\]\n]{0,200})\]\([^)\s]{0,500}\)")
_ADDRESS: Final = re.compile(
    r"(?:\b[a-z][a-z0-9+.-]{1,10}://|\bwww\.|\bdata:[a-z]+/)\S*", re.IGNORECASE
)
_TAG: Final = re.compile(r"</?[a-z!][^<>]{0,300}>|<!--|-->", re.IGNORECASE)
_LEAD: Final = re.compile(
    r"^[ \t]*(?:#{1,6}[ \t]+|>[ \t]?|[-*+•][ \t]+|\d{1,2}[.)][ \t]+)", re.MULTILINE
)
_MARK: Final = re.compile(r"\*{1,3}|_{2,3}|`|(?<!\w)_(?=\w)|(?<=\w)_(?!\w)")
_ENDS: Final = ".!?\u2026\u3002"
_CLOSING: Final = "\"'\u2019\u201d)\u00bb\u2014:"
_SENTENCE_END: Final = re.compile(r"[.!?\u2026\u3002][\"'\u2019\u201d)]*(?=\s|$)|\u3002")
_WORDS: Final = re.compile(r"\w+")
_SPACES: Final = re.compile(r"[^\S\n]+")
_BREAKS: Final = re.compile(r" *\n\s*")


def plain(text: str) -> str:
    """Without markup, code fences, tags, addresses and control characters; one break between
    paragraphs and one space between words."""
    text = _CONTROL.sub("", text.replace("\t", " ").replace("\r", ""))
    text = _LINK.sub(r"\1", _FENCE.sub("", text))
    text = _TAG.sub("", _ADDRESS.sub("", text))
    text = _MARK.sub("", _LEAD.sub("", text))
    return _BREAKS.sub("\n", _SPACES.sub(" ", text)).strip()


def line(text: str) -> str:
    """The same on one line."""
    return plain(text).replace("\n", " ")


def uncontrolled(text: str) -> str:
    """A piece of text without control characters; its spaces and breaks stay."""
    return _CONTROL.sub("", text)


def shortened(text: str, length: int) -> str:
    """At most `length` characters, cut between words."""
    if len(text) <= length:
        return text
    head, _, _ = text[: length - 1].rpartition(" ")
    return (head or text[: length - 1]) + CUT


def finished(text: str) -> str:
    """Up to the end of the last whole sentence: a grammar that counts characters ends texts in
    the middle of a word. A text without a whole sentence stays as it is."""
    if not text or text[-1] in _ENDS or text[-1] in _CLOSING:
        return text
    ends = list(_SENTENCE_END.finditer(text))
    return text[: ends[-1].end()] if ends else text


def has_run_of(words: int, text: str, other: str) -> bool:
    """Whether so many words in a row stand in both texts."""
    ours, theirs = (_WORDS.findall(one.casefold()) for one in (text, other))
    runs = {tuple(theirs[at : at + words]) for at in range(len(theirs) - words + 1)}
    return any(tuple(ours[at : at + words]) in runs for at in range(len(ours) - words + 1))


def newest(texts: Iterable[str], budget: int) -> list[str]:
    """The last of `texts` that fit into `budget` characters together; the oldest are left out."""
    kept: list[str] = []
    for text in reversed(tuple(texts)):
        budget -= len(text)
        if budget < 0:
            break
        kept.insert(0, text)
    return kept
