"""A script turned into frames, one by one: a run of any length is drawn in the same memory."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, TextIO

from PIL.Image import Image

from app.engine.providers.offline.film.encoding import Span
from app.engine.providers.offline.painter.arrays import Array
from app.engine.providers.offline.tape.cards import Cards
from app.engine.providers.offline.tape.lettering import Pen
from app.engine.providers.offline.tape.pictures import Pictures, camera
from app.engine.providers.offline.tape.planes import Overlay, Planes, Screen, overlay
from app.models.tape import Closing, Opening, Scene

_FATE_AT: Final = 0.45
"""Of the time in which an action is shown: then fate answers."""
_DISSOLVE_S: Final = 0.9
_BLINK_S: Final = 0.25


class Script:
    """A script as a file. Only a scene at a time is ever in memory."""

    def __init__(self, path: Path) -> None:
        """Raises `ValueError` for a file that is no script, and `OSError`."""
        self._path = path
        last = ""
        with self._open() as file:
            self.opening = Opening.model_validate_json(file.readline(), strict=False)
            for line in file:
                last = line
        self.closing = Closing.model_validate_json(last, strict=False)
        self.stills = 3 + sum(len(one.pages) + bool(one.action_frames) for one in self.scenes())
        """How many moments must not be missed."""

    def scenes(self) -> Iterator[Scene]:
        with self._open() as file:
            file.readline()
            for line in file:
                if line.startswith('{"turn":'):
                    yield Scene.model_validate_json(line, strict=False)

    def _open(self) -> TextIO:
        return self._path.open(encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Still:
    """A moment that must not be missed: a card, or a page of a scene."""

    draw: Callable[[], Planes]
    """Most are only counted, or looked at a few at a time."""
    frames: int
    """How long it is shown in the film."""
    scene: int
    """Counts title, turns and end: stills of one scene follow one another."""
    main: bool
    """The one of its scene that is kept when there is no room for more."""


class Reel:
    """The frames of one script."""

    def __init__(self, script: Script) -> None:
        opening = script.opening
        self.width, self.height = opening.width & ~1, opening.height & ~1
        self._script = script
        self._fps = opening.fps
        self._pen = Pen(self.width, self.height)
        self._cards = Cards(self._pen, opening)
        self._pictures = Pictures(self._pen)
        self._screen = Screen(self.width, self.height)

    @property
    def frames_in_all(self) -> int:
        return self._script.closing.frames

    # -- what goes along with the pictures -----------------------------------------------

    def chapters(self) -> Iterator[Span]:
        """One a turn, and one each for what is before and after them."""
        opening, closing = self._script.opening, self._script.closing
        yield Span(0, self._at(opening.frames), opening.title)
        for scene in self._script.scenes():
            what = f"Turn {scene.turn}" if scene.turn else "Intro"
            start, end = scene.start, scene.start + scene.frames
            yield Span(self._at(start), self._at(end), f"{what}: {scene.heading}")
        yield Span(self._at(closing.start), self._at(closing.frames), closing.headline)

    def captions(self) -> Iterator[Span]:
        """The pages of every dispatch."""
        for scene in self._script.scenes():
            at = scene.start + scene.action_frames
            for page in scene.pages:
                if page.text:
                    yield Span(self._at(at), self._at(at + page.frames), page.text)
                at += page.frames

    # -- the pictures --------------------------------------------------------------------

    def frames(self) -> Iterator[Array]:
        """Every frame of the film, as planes."""
        clock = _Clock(self._cards, self._fps)
        for frame in self._moving(clock):
            clock.tick()
            yield frame.array()

    def stills(self) -> Iterator[Still]:
        """The film without its motion. Nothing is read or drawn that is not asked for."""
        opening, closing = self._script.opening, self._script.closing
        last: Callable[[], Planes] | None = None
        number = 0
        for number, scene in enumerate(self._script.scenes(), 1):
            picture = _Once(partial(self._pictures.of, scene))
            if last is None:
                card = partial(self._still, scene, picture, 0.0, self._cards.title)
                yield Still(card, opening.frames, 0, main=True)
            elif scene.action_frames:
                sheet = partial(self._cards.action, scene, fated=True)
                draw = partial(_card, last, sheet)
                yield Still(draw, scene.action_frames, number, main=False)
            last = partial(self._still, scene, picture, 1.0, None)
            for page, told in enumerate(scene.pages):
                sheet = partial(self._cards.caption, scene, page)
                draw = partial(self._still, scene, picture, 0.5, sheet)
                yield Still(draw, told.frames, number, main=page == 0)
        if last is not None:
            ending = partial(_card, last, partial(self._cards.ending, closing))
            yield Still(ending, closing.ending_frames, number + 1, main=True)
            thanks = partial(_card, last, partial(self._cards.credits, closing))
            yield Still(thanks, closing.credits_frames, number + 2, main=True)

    def _still(
        self, scene: Scene, picture: "_Once", at: float, sheet: Callable[[], Image] | None
    ) -> Planes:
        return self._seen(scene, picture(), at, overlay(sheet()) if sheet is not None else None)

    def _moving(self, clock: "_Clock") -> Iterator[Planes]:
        before: Planes | None = None
        for scene in self._script.scenes():
            picture = self._pictures.of(scene)
            if before is None:
                yield from self._title(scene, picture)
            else:
                for card in self._action(scene, before):
                    # What is dissolved is what was last seen.
                    before = card
                    yield card
            yield from self._scene(scene, picture, before, clock)
            before = self._seen(scene, picture, 1.0, None)
        if before is not None:
            yield from self._ends(before)

    def _title(self, scene: Scene, picture: Planes) -> Iterator[Planes]:
        """Out of darkness, before the first picture."""
        frames = self._script.opening.frames
        sheet = overlay(self._cards.title())
        frame = self._seen(scene, picture, 0.0, sheet)
        dark = _dark(frame)
        fade = round(_DISSOLVE_S * self._fps)
        for number in range(frames):
            yield dark.mixed(frame, (number + 1) / fade) if number < fade else frame

    def _action(self, scene: Scene, before: Planes) -> Iterator[Planes]:
        turns = round(scene.action_frames * _FATE_AT)
        for fated, frames in ((False, turns), (True, scene.action_frames - turns)):
            if frames:
                card = _under(before, overlay(self._cards.action(scene, fated=fated)))
                for _ in range(frames):
                    yield card

    def _scene(
        self, scene: Scene, picture: Planes, before: Planes | None, clock: "_Clock"
    ) -> Iterator[Planes]:
        total = sum(page.frames for page in scene.pages)
        fade = round((_DISSOLVE_S if scene.hard else _BLINK_S) * self._fps) if before else 0
        count = 0
        for page, told in enumerate(scene.pages):
            sheet = overlay(self._cards.caption(scene, page))
            for _ in range(told.frames):
                frame = self._seen(scene, picture, count / max(1, total - 1), None)
                if before is not None and count < fade:
                    frame = before.mixed(frame, (count + 1) / (fade + 1))
                if sheet is not None:
                    sheet.on(frame)
                if (counter := clock.sheet()) is not None:
                    counter.on(frame)
                yield frame
                count += 1

    def _ends(self, last: Planes) -> Iterator[Planes]:
        closing = self._script.closing
        ending = _under(last, overlay(self._cards.ending(closing)))
        fade = round(_DISSOLVE_S * self._fps)
        for number in range(closing.ending_frames):
            yield last.mixed(ending, (number + 1) / fade) if number < fade else ending
        credits_ = _under(last, overlay(self._cards.credits(closing)))
        for number in range(closing.credits_frames):
            yield ending.mixed(credits_, (number + 1) / fade) if number < fade else credits_

    def _seen(self, scene: Scene, picture: Planes, at: float, sheet: Overlay | None) -> Planes:
        """A picture by the camera, through the screen, with something over it."""
        box = camera(scene, at, picture.size)
        frame = self._screen.before(picture.cut(box, (self.width, self.height)))
        if sheet is not None:
            sheet.on(frame)
        return frame

    def _at(self, frame: int) -> float:
        return frame / self._fps


class _Clock:
    """The counter in the corner; drawn once a second."""

    def __init__(self, cards: Cards, fps: int) -> None:
        self._cards, self._fps = cards, fps
        self._frame = 0
        self._second = -1
        self._sheet: Overlay | None = None

    def tick(self) -> None:
        self._frame += 1

    def sheet(self) -> Overlay | None:
        second = self._frame // self._fps
        if second != self._second:
            self._second = second
            self._sheet = overlay(self._cards.counter(second))
        return self._sheet


class _Once:
    """Makes a picture when it is first asked for."""

    def __init__(self, make: Callable[[], Planes]) -> None:
        self._make = make
        self._made: Planes | None = None

    def __call__(self) -> Planes:
        if self._made is None:
            self._made = self._make()
        return self._made


def _card(below: Callable[[], Planes], sheet: Callable[[], Image]) -> Planes:
    return _under(below(), overlay(sheet()))


def _under(below: Planes, sheet: Overlay | None) -> Planes:
    frame = below.copy()
    if sheet is not None:
        sheet.on(frame)
    return frame


def _dark(like: Planes) -> Planes:
    return Planes(like.y.point([16] * 256), like.u.point([128] * 256), like.v.point([128] * 256))
