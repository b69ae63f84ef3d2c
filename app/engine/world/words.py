"""Small helpers of English prose: counting, templates, and a player's words told back."""

import re
from random import Random

_ALTERNATIVES = re.compile(r"\[([^\[\]]*\|[^\[\]]*)\]")
_UNSAFE = re.compile(r"[^\w\s'\u2019,;:()\-]|_")
_SENTENCE = re.compile(r"[.!?\n\r]")
_PERSON = re.compile(
    r"\b(i'm|i\u2019m|i've|i\u2019ve|i'll|i\u2019ll|i|my|mine|me|myself|am)\b", re.IGNORECASE
)
_ARTICLES = ("the ", "a ", "an ")


def count_words(text: str) -> int:
    return len(text.split())


def settle(text: str, random: Random) -> str:
    """Choose one of each `[this|that]`."""
    return _ALTERNATIVES.sub(lambda found: random.choice(found[1].split("|")), text)


def has_alternatives(text: str) -> bool:
    return _ALTERNATIVES.search(text) is not None


def lower_first(text: str) -> str:
    """Lower the first letter, unless the word is a name or a shout: `TANK`, `I`."""
    return text[:1].lower() + text[1:] if not text[:2].isupper() else text


def upper_first(text: str) -> str:
    return text[:1].upper() + text[1:]


def deed(label: str) -> str:
    """A choice told as done: `Cut the wire` becomes `You cut the wire.`"""
    return f"You {lower_first(label.strip().rstrip('.!?'))}."


def bare(name: str) -> str:
    """A name without its article."""
    for article in _ARTICLES:
        if name.lower().startswith(article):
            return name[len(article) :]
    return name


def definite(name: str) -> str:
    """A name as it stands in a sentence: with an article unless it is a proper one."""
    if name.lower().startswith(_ARTICLES) or name[:1].isupper():
        return name
    return f"the {name}"


def listing(names: list[str]) -> str:
    if len(names) <= 1:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


def shorten(text: str, limit: int) -> str:
    """At most `limit` characters, cut between words."""
    if len(text) <= limit:
        return text
    return text[: limit - 1].rsplit(" ", 1)[0].rstrip(",;:") + "…"


def told_back(words: str, limit: int = 120) -> str:
    """A player's words as the end of a sentence that begins with `You`: no markup, one sentence."""
    sentence = next((part for part in _SENTENCE.split(words) if part.strip()), "")
    plain = " ".join(_UNSAFE.sub(" ", sentence).split())
    plain = re.sub(r"^(i|you|we)\s+(?=\w)", "", plain, flags=re.IGNORECASE)
    plain = _PERSON.sub(_second_person, plain).strip(" ,;:-")
    return shorten(lower_first(plain), limit)


def _second_person(found: re.Match[str]) -> str:
    word = found[0].lower().replace("\u2019", "'")
    if word in ("my", "mine"):
        return "your" if word == "my" else "yours"
    if word == "myself":
        return "yourself"
    if word == "am":
        return "are"
    return {"i'm": "you are", "i've": "you have", "i'll": "you will"}.get(word, "you")
