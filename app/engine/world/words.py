"""Small helpers of English prose: counting, templates, and a player's words told back."""

import re
from random import Random

_ALTERNATIVES = re.compile(r"\[([^\[\]]*\|[^\[\]]*)\]")
_UNSAFE = re.compile(r"[^\w\s'\u2019,;:()\-]|_")
_SENTENCE = re.compile(r"[.!?\n\r]")
_PERSON = re.compile(
    r"\b(i'm|i\u2019m|i've|i\u2019ve|i'll|i\u2019ll|i|my|mine|me|myself|am|we|our|us|ourselves)\b",
    re.IGNORECASE,
)
_POLITE = re.compile(
    r"^(?:(?:please|pls|maybe|perhaps|ok|okay|well|now|then),? |(?:can|could|may|might|should|"
    r"shall|would) (?:i|we|you)(?: please| just)? |(?:i|we|you)(?: want to| wanna| would like to|"
    r"'d like to| try to| need to| have to| decide to| decided to| think i'll| will| shall|"
    r" should| can| could| must| just)? (?=\w)|(?:i'll|we'll|i'd like to|we'd like to) |"
    r"(?:let me|let us|let's|try to|trying to|just|going to|gonna|about to) )",
    re.IGNORECASE,
)
_CHATTER = re.compile(
    r"^(?:i'm|i am|we're|we are) (?:going to|gonna|about to|trying to) ", re.IGNORECASE
)
_PROGRESSIVE = re.compile(r"^(?:i'm|i am|we're|we are) ", re.IGNORECASE)
_GERUND = re.compile(
    r"^(?!(?:sing|ring|bring|swing|fling|sling|string|cling|sting|wring|spring|ping|ding)\b)"
    r"\w{2,}ing\b",
    re.IGNORECASE,
)
_LONGEST_WORD, _SHOUT = 24, 4
_STUFF = frozenset(
    [
        "water",
        "lime",
        "gauze",
        "fire",
        "dust",
        "sand",
        "salt",
        "oil",
        "straw",
        "snow",
        "ice",
        "bread",
        "mutton",
        "coal",
        "peat",
        "lint",
        "weed",
        "hay",
        "canvas",
        "medicine",
        "brandy",
    ]
)
"""What comes without an article."""
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


def put_in(text: str, place: str, noun: str) -> str:
    """A noun where a text leaves room for it, with the article that fits there."""
    before, found, after = text.partition(place)
    if not found:
        return text
    last = before.rsplit(maxsplit=1)[-1].lower() if before.strip() else ""
    return f"{before}{_article(last, noun)}{noun}{after}"


def _article(before: str, noun: str) -> str:
    if before == "no":
        return ""
    if before != "be":
        return "the "
    if is_plural(noun) or noun in _STUFF:
        return ""
    return "an " if noun[:1] in "aeiou" else "a "


def is_plural(noun: str) -> bool:
    return noun.endswith("s") and not noun.endswith(("ss", "us", "is"))


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
    plain = " ".join(
        word for word in _UNSAFE.sub(" ", sentence).split() if len(word) <= _LONGEST_WORD
    )
    plain = _quiet(plain.strip(" ,;:-"))
    plain = _PROGRESSIVE.sub("are ", _CHATTER.sub("", plain.strip(" ,;:-")))
    plain = _manners(plain)
    if _GERUND.match(plain):
        plain = f"are {plain}"
    plain = _PERSON.sub(_second_person, plain).strip(" ,;:-")
    return shorten(lower_first(plain), limit)


def _manners(text: str) -> str:
    """`please could I just sing` is `sing`."""
    before = None
    while before != text:
        before, text = text, _POLITE.sub("", text)
    return text


def _quiet(text: str) -> str:
    """A player who shouts is told of in an ordinary voice."""
    return text.lower() if len(text) > _SHOUT and text.isupper() else text


def _second_person(found: re.Match[str]) -> str:
    word = found[0].lower().replace("\u2019", "'")
    if word in ("my", "our"):
        return "your"
    if word == "mine":
        return "yours"
    if word in ("myself", "ourselves"):
        return "yourself"
    if word == "am":
        return "are"
    return {"i'm": "you are", "i've": "you have", "i'll": "you will"}.get(word, "you")
