"""The dispatches of a tape as WebVTT: to be searched, read, and heard by a screen reader.

It is there before the film is, and says itself what the film will be: a tape whose captions have
no film is one that was being made.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from app.models.tape import Closing, Opening, Scene

_NOTE: Final = re.compile(r"^NOTE turns (\d{1,9}), seconds (\d{1,9}\.\d{3})$", re.MULTILINE)
HEAD_BYTES: Final = 256
"""In which `facts` are found."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a tape shows, as its captions say."""

    turns: int
    seconds: float


def captions(opening: Opening, scenes: Iterable[Scene], closing: Closing) -> Iterator[str]:
    """The file, in pieces. Cues are named `<turn>.<page>`, and `<turn>.0` is what was done."""
    fps = opening.fps
    body: list[str] = []
    turns = 0
    for scene in scenes:
        turns += 1
        body.extend(_cues(scene, fps))
    yield f"WEBVTT\n\nNOTE turns {turns}, seconds {closing.frames / fps:.3f}\n"
    yield from body
    span = _span(closing.start, closing.start + closing.ending_frames, fps)
    said = ". ".join(part for part in (closing.headline, closing.verdict, closing.title) if part)
    yield f"\nending\n{span}\n{_plain(said)}.\n"


def facts(head: str) -> Facts | None:
    """What a file that begins like this says of its film; None if it is none of ours."""
    found = _NOTE.search(head)
    return Facts(int(found[1]), float(found[2])) if found else None


def _cues(scene: Scene, fps: int) -> Iterator[str]:
    at = scene.start + scene.action_frames
    if scene.action_frames:
        done = "You hesitated." if scene.timeout else f"You: {scene.action}"
        fate = f" ({scene.fate.lower()})" if scene.fate in ("LUCKY", "UNLUCKY") else ""
        yield f"\n{scene.turn}.0\n{_span(scene.start, at, fps)}\n{_plain(done + fate)}\n"
    for number, page in enumerate(scene.pages, 1):
        span = _span(at, at + page.frames, fps)
        at += page.frames
        # A cue without words is none; the picture is there all the same.
        if page.text:
            yield f"\n{scene.turn}.{number}\n{span}\n{_plain(page.text)}\n"


def _span(first: int, end: int, fps: int) -> str:
    return f"{_time(first, fps)} --> {_time(end, fps)}"


def _time(frame: int, fps: int) -> str:
    millis = round(frame * 1000 / fps)
    seconds, millis = divmod(millis, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{millis:03}"


def _plain(text: str) -> str:
    """Nobody's words become a tag, or the arrow of a cue's times."""
    text = " ".join(text.split())
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
