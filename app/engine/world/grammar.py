"""Whether a thing is one or many, as far as its name can tell."""

import re
from typing import Final

_AFTER_HEAD: Final = re.compile(
    r"\s(?:of|in|on|at|with|to|from|for|under|over|behind|by|beside|between|that|which)\s"
)
_MANY: Final = frozenset(
    {"sheep", "people", "men", "women", "children", "teeth", "feet", "geese", "mice", "cattle"}
)
_ONE: Final = ("ss", "us", "is", "'s", "\u2019s")


def is_plural(name: str) -> bool:
    """`the prints` and `the writings on the wall` are many; `the visitors' book` is one."""
    head = _AFTER_HEAD.split(name.strip())[0].split()[-1:]
    word = head[0].casefold() if head else ""
    return word in _MANY or (word.endswith("s") and not word.endswith(_ONE))


def be(*, plural: bool) -> str:
    return "are" if plural else "is"
