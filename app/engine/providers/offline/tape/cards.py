"""The sheets that lie over the pictures: captions, what was done, title, ending, credits."""

from typing import Final

from PIL import Image, ImageDraw, ImageFont

from app.engine.providers.offline.tape.lettering import (
    AMBER,
    BLOOD,
    DEEP,
    INK,
    MUTED,
    TEAL,
    TEAL_HIGH,
    WHITE,
    Ink,
    Line,
    Pen,
)
from app.models.tape import Closing, Opening, Page, Scene
from app.models.vocabulary import Fate

_MARGIN: Final = 48
_CAMCORDERS: Final = 1970
_FATES: Final[tuple[tuple[Fate, str, Ink, Ink], ...]] = (
    ("LUCKY", "FATE: LUCKY", (18, 66, 62), TEAL_HIGH),
    ("NORMAL", "FATE: EVEN", (19, 36, 36), MUTED),
    ("UNLUCKY", "FATE: UNLUCKY", BLOOD, WHITE),
)


class Cards:
    """Draws with one pen. Sizes are those of a film 720 pixels high."""

    def __init__(self, pen: Pen, opening: Opening) -> None:
        self._pen = pen
        self._opening = opening
        self._old = opening.year < _CAMCORDERS

    # -- over the pictures ---------------------------------------------------------------

    def caption(self, scene: Scene, page: int) -> Image.Image:
        """A page of the dispatch, where and when, and the marks of the camera."""
        pen, sheet = self._pen, self._pen.sheet()
        font, lines = self._words(scene.pages[page])
        step, head = pen.px(46), pen.px(40)
        bottom = pen.height - pen.px(30)
        top = bottom - step * len(lines) - head
        _shade(sheet, top - pen.px(44), top - pen.px(8))
        left, right = pen.px(_MARGIN), pen.width - pen.px(_MARGIN)
        small = pen.font("osd", 32)
        pages = f"{page + 1}/{len(scene.pages)}" if len(scene.pages) > 1 else ""
        heading = _cut(scene.heading.upper(), small, right - left - pen.px(90))
        pen.write(sheet, (left, top + pen.px(18)), Line(heading, small, TEAL_HIGH))
        pen.write(sheet, (right, top + pen.px(18)), Line(pages, small, MUTED), anchor="rs")
        for number, text in enumerate(lines, 1):
            pen.write(sheet, (left, top + head + step * number - pen.px(12)), Line(text, font, INK))
        self._marks(sheet, scene.turn)
        return sheet

    def counter(self, seconds: int) -> Image.Image:
        """How far the tape has run. A plate has no counter."""
        pen, sheet = self._pen, self._pen.sheet()
        if not self._old:
            clock = f"SP {seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
            at = (pen.width - pen.px(_MARGIN), pen.px(66))
            pen.write(sheet, at, Line(clock, pen.font("osd", 40), INK), anchor="rs")
        return sheet

    def action(self, scene: Scene, *, fated: bool) -> Image.Image:
        """What was done, and then what fate made of it."""
        pen, sheet = self._pen, self._pen.sheet()
        sheet.paste((*DEEP, 205), (0, 0, pen.width, pen.height))
        middle = pen.width / 2
        words = "You hesitated." if scene.timeout else scene.action or ""
        room = pen.width - 2 * pen.px(96)
        font, lines = pen.fitted(words, "bold", 46, width=room, lines=7)
        step = round(font.size * 1.32)
        top = pen.height * 0.47 - step * len(lines) / 2
        label = "THE WORLD GOES FIRST" if scene.timeout else "YOU"
        pen.write(
            sheet, (middle, top - pen.px(18)), Line(label, pen.font("osd", 36), TEAL), anchor="ms"
        )
        for number, text in enumerate(lines, 1):
            at = (middle, top + step * number - pen.px(8))
            pen.write(sheet, at, Line(text, font, WHITE), anchor="ms")
        if fated and scene.fate is not None:
            self._fate(sheet, scene.fate, round(top + step * len(lines) + pen.px(34)))
        return sheet

    # -- cards of their own --------------------------------------------------------------

    def title(self) -> Image.Image:
        """What this is: the world, the seed, when it was played, and whose machine kept it."""
        pen, sheet, opening = self._pen, self._pen.sheet(), self._opening
        sheet.paste((*DEEP, 176), (0, 0, pen.width, pen.height))
        left, room = pen.px(72), pen.width - 2 * pen.px(72)
        font, lines = pen.fitted(opening.title.upper(), "osd", 124, width=room, lines=3)
        step = round(font.size * 0.92)
        y = round(pen.height * 0.47 - step * (len(lines) - 1) / 2)
        what = "RECOVERED PLATES" if self._old else "RECOVERED TAPE"
        pen.write(sheet, (left, y - round(font.size * 0.9)), Line(what, pen.font("osd", 40), TEAL))
        for number, text in enumerate(lines):
            at = (left, y + step * number)
            pen.write(sheet, at, Line(text, font, WHITE), ghost=max(1, pen.px(5)))
        y += step * (len(lines) - 1) + pen.px(64)
        tagline, told = pen.fitted(opening.tagline, "text", 32, width=room, lines=3)
        for text in told:
            pen.write(sheet, (left, y), Line(text, tagline, INK))
            y += pen.px(44)
        small, base = pen.font("osd", 36), pen.height - pen.px(60)
        pen.write(sheet, (left, base), Line(opening.date.upper(), small, MUTED))
        seed = Line(f"SEED {opening.seed}", small, MUTED)
        pen.write(sheet, (pen.width - left, base), seed, anchor="rs")
        self._cassette(sheet, left, pen.px(56))
        return sheet

    def ending(self, closing: Closing) -> Image.Image:
        """How it ended, when, and of what."""
        pen, sheet = self._pen, self._pen.sheet()
        sheet.paste((*DEEP, 190), (0, 0, pen.width, pen.height))
        left, room = pen.px(72), pen.width - 2 * pen.px(72)
        font, lines = pen.fitted(closing.headline.upper(), "osd", 150, width=room, lines=1)
        y = round(pen.height * 0.31)
        ghost = max(1, pen.px(7))
        pen.write(sheet, (left, y), Line(lines[0] if lines else "", font, WHITE), ghost=ghost)
        y += pen.px(34)
        tint = BLOOD if closing.died else (18, 66, 62)
        _tag(pen, sheet, (left, y), closing.verdict.upper(), tint, WHITE)
        y += pen.px(112)
        if closing.title:
            title, said = pen.fitted(closing.title, "bold", 44, width=room, lines=2)
            for text in said:
                pen.write(sheet, (left, y), Line(text, title, AMBER))
                y += pen.px(54)
        for words in closing.lines:
            small, said = pen.fitted(words, "text", 32, width=room, lines=4)
            for text in said:
                pen.write(sheet, (left, y), Line(text, small, INK))
                y += round(small.size * 1.36)
            y += pen.px(12)
        return sheet

    def credits(self, closing: Closing) -> Image.Image:
        """Who is to be thanked; with the seed it can be played again."""
        pen, sheet = self._pen, self._pen.sheet()
        sheet.paste((*DEEP, 255), (0, 0, pen.width, pen.height))
        middle, gap = pen.width / 2, pen.px(22)
        y = round(pen.height * 0.5 - pen.px(58) * len(closing.credits) / 2)
        for what, who in closing.credits:
            label = Line(what.upper(), pen.font("osd", 38), TEAL)
            pen.write(sheet, (middle - gap, y), label, anchor="rs")
            font, lines = pen.fitted(who, "text", 34, width=pen.width // 2 - 3 * gap, lines=1)
            pen.write(sheet, (middle + gap, y), Line(" ".join(lines), font, INK))
            y += pen.px(58)
        self._cassette(sheet, round(middle) - pen.px(122), pen.height - pen.px(110))
        return sheet

    # -- parts ---------------------------------------------------------------------------

    def _words(self, page: Page) -> tuple[ImageFont.FreeTypeFont, list[str]]:
        room = self._pen.width - 2 * self._pen.px(_MARGIN)
        return self._pen.fitted(page.text, "text", 36, width=room, lines=4)

    def _marks(self, sheet: Image.Image, turn: int) -> None:
        pen = self._pen
        left, line, font = pen.px(_MARGIN), pen.px(66), pen.font("osd", 40)
        if self._old:
            pen.write(sheet, (left, line), Line(f"PLATE {turn:02}", font, INK))
            return
        size = pen.px(22)
        points = [(left, line - size), (left, line), (left + size, line - size / 2)]
        draw = ImageDraw.Draw(sheet)
        draw.polygon([(x + 2, y + 2) for x, y in points], fill=(0, 0, 0, 200))
        draw.polygon(points, fill=(*INK, 255))
        pen.write(sheet, (left + pen.px(34), line), Line("PLAY", font, INK))
        number = Line(f"TURN {turn:02}", font, INK)
        pen.write(sheet, (left + pen.px(126), line), number)

    def _fate(self, sheet: Image.Image, fate: Fate, top: int) -> None:
        for name, words, tint, ink in _FATES:
            if name == fate:
                _tag(self._pen, sheet, (self._pen.width // 2, top), words, tint, ink, centred=True)

    def _cassette(self, sheet: Image.Image, left: int, top: int) -> None:
        """Our mark."""
        pen, draw = self._pen, ImageDraw.Draw(sheet)
        wide, high, edge = pen.px(58), pen.px(38), max(1, pen.px(3))
        box = (left, top, left + wide, top + high)
        draw.rounded_rectangle(box, pen.px(4), outline=(*TEAL_HIGH, 255), width=edge)
        for x in (0.3, 0.7):
            hub, radius = left + wide * x, pen.px(6)
            y = top + high * 0.42
            ring = (hub - radius, y - radius, hub + radius, y + radius)
            draw.ellipse(ring, outline=(*TEAL_HIGH, 255), width=edge)
        foot = (left + wide * 0.28, top + high * 0.78, left + wide * 0.72, top + high)
        draw.rectangle(foot, fill=(*BLOOD, 255))
        name = Line("ELSEWHERE", pen.font("osd", 44), WHITE)
        pen.write(sheet, (left + wide + pen.px(16), top + high - pen.px(6)), name)


def _tag(
    pen: Pen,
    sheet: Image.Image,
    at: tuple[int, int],
    words: str,
    tint: Ink,
    ink: Ink,
    *,
    centred: bool = False,
) -> None:
    """Words in a box whose upper left corner, or upper middle, is at `at`."""
    font, pad, high = pen.font("osd", 42), pen.px(16), pen.px(52)
    wide = round(font.getlength(words)) + 2 * pad
    left, top = at[0] - (wide // 2 if centred else 0), at[1]
    draw = ImageDraw.Draw(sheet)
    draw.rounded_rectangle((left, top, left + wide, top + high), pen.px(5), fill=(*tint, 255))
    draw.text((left + pad, top + high / 2), words, font=font, fill=(*ink, 255), anchor="lm")


def _shade(sheet: Image.Image, start: int, full: int) -> None:
    """Darkness from `start` down, all of it from `full` on, so that words are read on anything."""
    height, most = sheet.height, 222
    column = Image.new("L", (1, height))
    span = max(1, full - start)
    for y in range(max(0, start), height):
        column.putpixel((0, y), min(most, most * (y - start) // span))
    sheet.paste((*DEEP, 255), (0, 0, sheet.width, sheet.height))
    sheet.putalpha(column.resize(sheet.size))


def _cut(text: str, font: ImageFont.FreeTypeFont, room: int) -> str:
    """As much of a heading as fits."""
    while text and font.getlength(text) > room:
        text = text[:-1]
    return text
