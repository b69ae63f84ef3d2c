"""Words in the picture: the fonts of the browser client, set in lines that fit."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from PIL import Image, ImageDraw, ImageFont

import app

Face = Literal["osd", "text", "bold"]
Ink = tuple[int, int, int]

INK: Final[Ink] = (232, 240, 236)
MUTED: Final[Ink] = (167, 191, 189)
TEAL: Final[Ink] = (107, 171, 174)
TEAL_HIGH: Final[Ink] = (159, 211, 212)
AMBER: Final[Ink] = (240, 201, 135)
BLOOD: Final[Ink] = (139, 0, 0)
BLOOD_INK: Final[Ink] = (255, 167, 155)
DEEP: Final[Ink] = (7, 16, 16)
GROUND: Final[Ink] = (13, 27, 27)
WHITE: Final[Ink] = (255, 255, 255)

_FONTS: Final = Path(app.__file__).parent / "web" / "static" / "fonts"
_LEAST: Final = 4
"""Pixels of the smallest letters that are drawn at all."""
_NARROWER: Final = (0.55, 0.65, 0.75, 0.85, 0.92)
_BASE: Final = 720
"""Sizes are given for a film of this height."""


def _file(face: Face) -> Path:
    names = {"osd": "vt323", "text": "hyperlegible-400", "bold": "hyperlegible-700"}
    return _FONTS / f"{names[face]}.woff2"


@dataclass(frozen=True, slots=True)
class Line:
    """Some words in one line, as they stand in the picture."""

    text: str
    font: ImageFont.FreeTypeFont
    ink: Ink


class Pen:
    """Draws on transparent sheets of the film's size. Fonts are opened once."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self._fonts: dict[tuple[Face, int], ImageFont.FreeTypeFont] = {}

    def px(self, size: float) -> int:
        """A length of the design in pixels of this film."""
        return round(size * self.height / _BASE)

    def font(self, face: Face, size: float) -> ImageFont.FreeTypeFont:
        pixels = max(_LEAST, self.px(size))
        key = (face, pixels)
        if key not in self._fonts:
            self._fonts[key] = ImageFont.truetype(_file(face), pixels)
        return self._fonts[key]

    def sheet(self) -> Image.Image:
        return Image.new("RGBA", (self.width, self.height))

    def fitted(
        self, text: str, face: Face, size: float, *, width: int, lines: int
    ) -> tuple[ImageFont.FreeTypeFont, list[str]]:
        """The largest letters, up to `size`, in which the text takes no more lines than that."""
        while True:
            font = self.font(face, size)
            found = list(wrapped(text, font.getlength, width))
            if len(found) <= lines or self.px(size) <= _LEAST:
                return font, _balanced(text, font, width, found)
            size *= 0.92

    def write(
        self,
        sheet: Image.Image,
        at: tuple[float, float],
        line: Line,
        *,
        anchor: str = "ls",
        ghost: int = 0,
    ) -> None:
        """One line; `ghost` pixels apart, the red and the teal of a worn tape beside it."""
        draw = ImageDraw.Draw(sheet)
        x, y = at
        if ghost:
            draw.text((x + ghost, y), line.text, font=line.font, fill=(*BLOOD, 255), anchor=anchor)
            draw.text((x - ghost, y), line.text, font=line.font, fill=(*TEAL, 140), anchor=anchor)
        else:
            around = max(1, self.px(2))
            draw.text(
                (x + around / 2, y + around),
                line.text,
                font=line.font,
                fill=(0, 0, 0, 200),
                anchor=anchor,
            )
        draw.text((x, y), line.text, font=line.font, fill=(*line.ink, 255), anchor=anchor)


def _balanced(text: str, font: ImageFont.FreeTypeFont, width: int, found: list[str]) -> list[str]:
    """As many lines, but of about the same length: no word stands alone at the end."""
    for share in _NARROWER if len(found) > 1 else ():
        narrow = list(wrapped(text, font.getlength, width * share))
        if len(narrow) == len(found):
            return narrow
    return found


def wrapped(text: str, length: Callable[[str], float], width: float) -> Iterator[str]:
    """Lines no wider than `width`; a word that is, is broken."""
    line = ""
    for word in text.split():
        longer = f"{line} {word}" if line else word
        if length(longer) <= width:
            line = longer
            continue
        if line:
            yield line
        *whole, line = _broken(word, length, width)
        yield from whole
    if line:
        yield line


def _broken(word: str, length: Callable[[str], float], width: float) -> list[str]:
    if length(word) <= width:
        return [word]
    parts = [""]
    for letter in word:
        if parts[-1] and length(parts[-1] + letter) > width:
            parts.append("")
        parts[-1] += letter
    return parts
