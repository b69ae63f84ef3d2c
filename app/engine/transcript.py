"""The story of a session as a text that can be read, shared and searched."""

import re
from typing import Final, Literal

from app.models.session import HistoryEntry, Meta

Format = Literal["md", "txt"]

_MARKS: Final = re.compile(r"[\\`*_\[\]<>#~|]")
"""What Markdown, or HTML within it, would take for more than a character."""


def heading(meta: Meta, title: str, style: Format) -> str:
    """How the text begins."""
    name = f"{title}: {_plain(meta.name, style)}"
    first = f"# {name}" if style == "md" else f"{name}\n{'=' * len(name)}"
    about = [_plain(meta.description, style)] if meta.description else []
    return "\n\n".join([first, *about])


def told(entry: HistoryEntry, style: Format) -> str:
    """One turn: what was done, what came of it, and its picture by its alt text."""
    label = "Intro" if entry.turn == 0 else f"Turn {entry.turn}"
    place = entry.state.location.name
    label = f"{label}, {_plain(place, style)}"
    parts = [f"## {label}" if style == "md" else f"{label}\n{'-' * len(label)}"]
    if entry.turn:
        said = "(you hesitated)" if entry.is_timeout else _plain(entry.action or "", style)
        fate = f" ({entry.fate.lower()})" if entry.fate and entry.fate != "NORMAL" else ""
        parts.append(f"> {said}{fate}")
    parts.append(_plain(entry.dispatch, style))
    if entry.image is not None and entry.image.status != "off":
        alt = f"Picture: {_plain(entry.image.alt, style)}"
        parts.append(f"*{alt}*" if style == "md" else f"[{alt}]")
    if entry.phase == "over":
        ended = "The end." if entry.alive else "You died."
        parts.append(f"**{ended}**" if style == "md" else ended)
    return "\n\n".join(parts)


def _plain(text: str, style: Format) -> str:
    """Words as they are: nobody's text becomes a heading, a link or a tag of the page."""
    if style == "txt":
        return text
    return _MARKS.sub(r"\\\g<0>", text)
