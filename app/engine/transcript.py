"""The story of a session as a text that can be read, shared and searched."""

from typing import Literal

from app.models.session import HistoryEntry, Meta

Format = Literal["md", "txt"]


def transcript(meta: Meta, title: str, entries: list[HistoryEntry], style: Format) -> str:
    """All turns in order; pictures are told by their alt texts."""
    parts = [_heading(meta, title, style)]
    for entry in entries:
        parts.extend(_turn(entry, style))
    return "\n\n".join(parts) + "\n"


def _heading(meta: Meta, title: str, style: Format) -> str:
    heading = f"{title}: {meta.name}"
    return f"# {heading}" if style == "md" else f"{heading}\n{'=' * len(heading)}"


def _turn(entry: HistoryEntry, style: Format) -> list[str]:
    label = "Intro" if entry.turn == 0 else f"Turn {entry.turn}"
    parts = [f"## {label}" if style == "md" else f"{label}\n{'-' * len(label)}"]
    if entry.turn:
        said = "(you hesitated)" if entry.is_timeout else entry.action or ""
        fate = f" [{entry.fate.lower()}]" if entry.fate and entry.fate != "NORMAL" else ""
        parts.append(f"> {said}{fate}")
    parts.append(entry.dispatch)
    if entry.image is not None and entry.image.status != "off":
        alt = f"Picture: {entry.image.alt}"
        parts.append(f"*{alt}*" if style == "md" else f"[{alt}]")
    return parts
