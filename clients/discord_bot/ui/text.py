"""Text of players and models for Discord: said as it is, whatever it contains, and never longer
than there is room for."""

import re
from typing import Final

_MARKS: Final = re.compile(r"[\\*_~|`\[\]<>]")
_LINE: Final = re.compile(r"^([^\S\n]*)([#\-+]|[0-9]+(?=\.))", re.MULTILINE)
_WORD_END: Final = re.compile(r"\s\S*$")
ELLIPSIS: Final = "…"
_APART: Final = "\u200b"


def plain(text: str) -> str:
    """Text in which nothing is a mark, a mention, a link or a time."""
    text = _MARKS.sub(r"\\\g<0>", text.replace("\r", ""))
    text = _LINE.sub(_quoted, text)
    # No mention, and no link that a model or a player made up.
    return text.replace("@", f"@{_APART}").replace("://", f":{_APART}//")


def cut(text: str, room: int) -> str:
    """At most `room` characters; what is cut ends with an ellipsis, between two words."""
    if len(text) <= room:
        return text
    if room <= len(ELLIPSIS):
        return ELLIPSIS[:room]
    kept = text[: room - 1]
    shorter = _WORD_END.sub("", kept)
    if len(shorter) * 2 > len(kept):
        kept = shorter
    return kept.rstrip() + ELLIPSIS


def fitted(text: str, room: int) -> str:
    """`plain`, in at most `room` characters. Cut before it is quoted: no mark is torn apart."""
    size = room
    quoted = plain(cut(text, size))
    while len(quoted) > room and size > 0:
        size = max(0, size - max(1, (len(quoted) - room) // 2))
        quoted = plain(cut(text, size))
    return quoted


def one_line(text: str) -> str:
    """Without line breaks and what cannot be seen."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def pieces(text: str, room: int) -> list[str]:
    """The whole text, `plain`, in pieces of at most `room` characters."""
    found: list[str] = []
    rest = text.strip()
    while rest:
        size = min(len(rest), room)
        while len(plain(rest[:size])) > room:
            size -= max(1, (len(plain(rest[:size])) - room) // 2)
        if size < len(rest):
            space = max(rest.rfind(" ", 1, size), rest.rfind("\n", 1, size))
            size = space if space > size // 2 else size
        found.append(plain(rest[:size]))
        rest = rest[size:].lstrip()
    return found


def _quoted(match: re.Match[str]) -> str:
    space, mark = match.groups()
    return f"{space}{mark}\\" if mark.isdigit() else f"{space}\\{mark}"
