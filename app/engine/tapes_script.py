"""What a tape shows and for how long: a run becomes a script, without a picture being looked at.

Pure and quick, so that captions are there long before the film. Times are counted in frames, so
that a caption, its page in the picture and its chapter cannot drift apart.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from app.models.narration import Ending
from app.models.session import HistoryEntry
from app.models.tape import Closing, Opening, Page, Scene
from app.models.vocabulary import Quality

FPS: Final = 12
"""The camera moves a pixel or two a second: more frames would show the same."""
PAGE_LETTERS: Final = 170
STILLS_BYTES: Final = 8_000_000

_TITLE_S: Final = 5.0
_ENDING_S: Final = 6.0
_CREDITS_S: Final = 5.0
_LETTERS_S: Final = 19.0
"""Read in a second by somebody in no hurry."""
_PAGE_S: Final = 1.0
_SHORTEST_PAGE_S: Final = 2.5
_ACTION_S: Final = 1.6
_ACTION_LETTERS_S: Final = 24.0

_SENTENCE: Final = re.compile("(?<=[.!?\u2026][\"'\u201d\u2019)])\\s+|(?<=[.!?\u2026])\\s+")


@dataclass(frozen=True, slots=True)
class Form:
    """The size of a film."""

    width: int = 960
    height: int = 720
    fps: int = FPS
    stills_bytes: int = STILLS_BYTES


FORMS: Final[Mapping[Quality, Form]] = MappingProxyType(
    {"fast": Form(), "high": Form(width=1280, height=960)}
)
"""By the session's quality."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a script is made of besides the turns."""

    title: str
    tagline: str
    year: int
    first: HistoryEntry
    last: HistoryEntry
    ending: Ending | None


def opening(told: Told, form: Form) -> Opening:
    """The title card."""
    return Opening(
        title=told.title,
        tagline=told.tagline,
        year=told.year,
        seed=told.first.state.seed,
        date=_dates(told),
        width=form.width,
        height=form.height,
        fps=form.fps,
        frames=_frames(_TITLE_S, form),
        stills_bytes=form.stills_bytes,
    )


def scenes(
    entries: Iterable[tuple[HistoryEntry, str | None]], form: Form, start: int
) -> Iterator[Scene]:
    """A scene for every turn, in order. Each comes with its picture, if one was wanted."""
    for entry, picture in entries:
        scene = _scene(entry, picture, form, start)
        start += scene.frames
        yield scene


def closing(told: Told, form: Form, start: int) -> Closing:
    """The ending, or where the run stands, and the credits."""
    last, ending = told.last, told.ending
    over = last.phase == "over"
    old = told.year < _CAMCORDERS
    lines = [f"You: {last.action}"] if over and last.action else []
    if over and last.is_timeout:
        lines.append("You hesitated. The world went first.")
    if not last.alive and last.state.player.injuries:
        lines.append(f"Hurt: {', '.join(last.state.player.injuries)}.")
    if ending is not None and ending.epitaph:
        lines.append(ending.epitaph)
    return Closing(
        headline=("The last plate" if old else "Tape ends") if over else "So far",
        verdict=_verdict(last),
        died=not last.alive,
        title=ending.title if ending else "",
        lines=tuple(lines),
        credits=_credits(told),
        start=start,
        ending_frames=_frames(_ENDING_S, form),
        credits_frames=_frames(_CREDITS_S, form),
    )


def paged(text: str) -> tuple[str, ...]:
    """Text in pages that can be read at a glance; joined by spaces they are the text again.

    Pages end with sentences where they can, and are of about the same length.
    """
    words = " ".join(text.split())
    count = -(-len(words) // PAGE_LETTERS)
    if count <= 1:
        return (words,)
    pages: list[str] = []
    room = min(PAGE_LETTERS, len(words) // count + 40)
    for piece in _pieces(words):
        if pages and len(pages[-1]) + 1 + len(piece) <= room:
            pages[-1] += f" {piece}"
        else:
            pages.append(piece)
    return tuple(pages)


def _pieces(words: str) -> Iterator[str]:
    """Sentences; one that no page can hold, in parts of words; a giant word stays whole."""
    for sentence in _SENTENCE.split(words):
        line = ""
        parts = -(-len(sentence) // PAGE_LETTERS)
        room = len(sentence) // parts + 12 if parts > 1 else PAGE_LETTERS
        for word in sentence.split():
            if line and len(line) + 1 + len(word) > room:
                yield line
                line = word
            else:
                line = f"{line} {word}" if line else word
        if line:
            yield line


_CAMCORDERS: Final = 1970
"""Since when there is a tape to be found; before, it is plates that were scanned."""


def _scene(entry: HistoryEntry, picture: str | None, form: Form, start: int) -> Scene:
    state, action = entry.state, entry.action if entry.turn else None
    acts = bool(action) or entry.is_timeout
    seconds = _ACTION_S + len(action or "") / _ACTION_LETTERS_S
    return Scene(
        turn=entry.turn,
        heading=f"{state.location.name}, {state.time_of_day}",
        action=" ".join(action.split()) if action else None,
        timeout=entry.is_timeout,
        fate=entry.fate if acts else None,
        picture=picture,
        hard=entry.hard_transition,
        movement=entry.movement,
        start=start,
        action_frames=_frames(seconds, form) if acts else 0,
        pages=tuple(Page(text=text, frames=_reading(text, form)) for text in paged(entry.dispatch)),
    )


def _reading(text: str, form: Form) -> int:
    return _frames(max(_SHORTEST_PAGE_S, _PAGE_S + len(text) / _LETTERS_S), form)


def _frames(seconds: float, form: Form) -> int:
    return max(1, round(seconds * form.fps))


def _dates(told: Told) -> str:
    first, last = (f"{entry.at:%d %b %Y}".lstrip("0") for entry in (told.first, told.last))
    return first if first == last else f"{first} to {last}"


def _verdict(last: HistoryEntry) -> str:
    if last.phase != "over":
        return f"Turn {last.turn}, alive"
    return f"{'It ends' if last.alive else 'Died'}, turn {last.turn}"


def _credits(told: Told) -> tuple[tuple[str, str], ...]:
    return (
        ("World", told.title),
        ("Seed", str(told.first.state.seed)),
        ("Played", _dates(told)),
        ("Turns", str(told.last.turn)),
    )
