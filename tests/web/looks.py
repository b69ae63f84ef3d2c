"""How the client looks: twelve states at two sizes, beside pictures that were looked at.

The pictures are made at half size. Letters are drawn a little differently by every Chromium, so
pixels are compared only under the version that drew the references; where everything stands is
compared under any. `python -m tests.web.screenshots --references` makes them anew.
"""

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from PIL import Image, ImageChops, ImageDraw
from playwright.async_api import Browser, Page, Route

from app.engine.ports import Hear, Purse
from app.engine.world.loader import load_world
from app.engine.world.world import World
from app.main import SHIPPED_WORLDS
from app.models.narration import Brief, Picture, PictureRequest, Telling
from tests.doubles import QuickIllustrator
from tests.web.browser import PHONE, WIDE, new_context, until
from tests.web.scenes import SCENES
from tests.web.stage import ScriptedNarrator, Step, staged

LOOKS: Final = (
    "start", "loading", "choosing", "held", "own_words", "sending", "streaming", "picture_lost",
    "error", "stale", "history", "tape",
)  # fmt: skip
REFERENCES: Final = Path(__file__).parent / "references"
LAYOUT: Final = REFERENCES / "layout.json"
PACKS: Final = Path(__file__).parents[1] / "world" / "pack_fixture"

MOST_PIXELS: Final = 0.005
"""Share of pixels that may differ."""
SAME: Final = 12
"""Of 255, in each colour: what nobody sees."""
MOVED: Final = 8
"""CSS pixels by which a box may stand elsewhere: a word that is a little wider."""
TODAY: Final = "2026-06-01T12:00:00Z"

SHORT: Final = (
    "The key turns. Behind the door the salt has come down like snow, and somebody has swept a "
    "path through it, lately, and on the knees."
)
CHOICES: Final = (
    "Follow the path that was swept",
    "Put out the lamp and listen for the watchman",
    "Wedge the door with the knife",
    "Wait for the tide to tell you the time",
)
BOXES: Final = """[...document.querySelectorAll([
  '.bar', '.brand', '.conn', 'page-nav .btn', '.rib', '.hero h1', '.hero .btn', '.hero .tv', '.sec',
  '.save', '.box', '.play .tv',
  '.whole', '.hud', '.chip', '.dis', 'h1', '.fate', '.chose', '.prose',
  '.act', '.act h2', '.clock', '.tape', '.ch', '.slot', '.own', '.note', '.note .btn', '.keys',
  '.reel-list > li', '.det', '.vcr', '.strip button', '.stats div', '.words', '.stack > .btn',
].join())].filter((one) => one.checkVisibility()).map((one) => {
  const {x, y, width, height} = one.getBoundingClientRect();
  return [`${one.localName}.${one.classList[0] ?? ''}`, ...[x, y, width, height].map(Math.round)];
})"""
VISIBLE: Final = """[...document.images].filter((one) => {
  const {top, bottom, left, right} = one.getBoundingClientRect();
  return one.checkVisibility() && top < innerHeight && bottom > 0 && left < innerWidth && right > 0;
}).every((one) => one.complete && one.naturalWidth)"""

Box = Sequence[Any]


@dataclass(frozen=True, slots=True)
class Look:
    """One state at one size."""

    picture: Image.Image
    boxes: Sequence[Box]


class StillNarrator(ScriptedNarrator):
    """Tells the same every time: what is looked at is the page, not the prose."""

    async def tell(self, brief: Brief, *, hear: Hear, purse: Purse) -> Telling:
        if not self.steps:
            self.next(Step.at_once(SHORT, choices=CHOICES))
        return await super().tell(brief, hear=hear, purse=purse)


class StillIllustrator(QuickIllustrator):
    """Paints a shore, always the same one."""

    async def paint(self, request: PictureRequest, *, purse: Purse) -> Picture:
        del request, purse
        return Picture(data=still())


def still() -> bytes:
    """A picture that is the same on every machine."""
    picture = Image.new("RGB", (1024, 768))
    draw = ImageDraw.Draw(picture)
    for y in range(768):
        light = abs(y - 400) // 5
        draw.line((0, y, 1024, y), (150 - light, 130 - light // 2, 90 + light // 3))
    draw.polygon(((0, 400), (260, 250), (420, 400)), (70, 60, 60))
    draw.rectangle((640, 300, 860, 520), (40, 50, 52))
    draw.rectangle((700, 360, 760, 420), (240, 210, 140))
    draw.polygon(((480, 768), (540, 400), (560, 400), (720, 768)), (96, 90, 80))
    out = io.BytesIO()
    picture.save(out, "WEBP", quality=80)
    return out.getvalue()


def worlds() -> Mapping[str, World]:
    """One of the tests' own, whose words nobody polishes, and one for the shelf."""
    second = "skerry_light"
    return MappingProxyType(
        {
            "salt_works": load_world(PACKS / "salt_works"),
            second: load_world(SHIPPED_WORLDS / second),
        }
    )


async def look(
    browser: Browser, name: str, folder: Path, packs: Mapping[str, World]
) -> Mapping[str, Look]:
    """One state at both sizes, by the names of their references."""
    waits = 1.5 if name == "streaming" else 20
    async with staged(
        folder, painter=StillIllustrator(), narrator=StillNarrator(), worlds=packs,
        default_world="salt_works", image_deadline_seconds=waits,
    ) as stage:  # fmt: skip
        context = await new_context(browser, reduced_motion="reduce", service_workers="block")
        page = await context.new_page()
        await page.clock.set_fixed_time(TODAY)
        await page.route("**/app.css", _wait_for_letters)
        await page.route(
            "**/covers/*", lambda route: route.fulfill(body=still(), content_type="image/webp")
        )
        await SCENES[name](stage, page)
        await page.mouse.move(0, 0)
        found = {f"{name}-{size[0]}": await _at(page, size) for size in (WIDE, PHONE)}
        await context.close()
    return found


async def _wait_for_letters(route: Route) -> None:
    """A page draws what it has; a picture of it waits for the typefaces."""
    answer = await route.fetch()
    style = (await answer.text()).replace("font-display: optional", "font-display: block")
    await route.fulfill(response=answer, body=style)


async def _at(page: Page, size: tuple[int, int]) -> Look:
    await page.set_viewport_size({"width": size[0], "height": size[1]})
    await page.evaluate("document.fonts.ready.then(() => null)")
    await until(page, VISIBLE)
    shot = Image.open(io.BytesIO(await page.screenshot(animations="disabled")))
    half = shot.convert("RGB").resize((size[0] // 2, size[1] // 2), Image.Resampling.BOX)
    return Look(half, await page.evaluate(BOXES))


# -- beside the references -------------------------------------------------------------------------


def different(one: Image.Image, two: Image.Image) -> tuple[float, Image.Image]:
    """The share of pixels that differ, and a picture of where."""
    if one.size != two.size:
        return 1.0, one
    bands = ImageChops.difference(one, two).split()
    worst = bands[0]
    for band in bands[1:]:
        worst = ImageChops.lighter(worst, band)
    marked = worst.point(lambda value: 255 if value > SAME else 0)
    return marked.histogram()[255] / (one.width * one.height), marked


def moved(now: Sequence[Box], then: Sequence[Box]) -> list[str]:
    """What stands elsewhere than it did, or is not there, or is new."""
    kinds, once = [box[0] for box in now], [box[0] for box in then]
    if kinds != once:
        return [f"now {kinds}", f"once {once}"]
    return [
        f"{a[0]} at {list(a[1:])}, once {list(b[1:])}"
        for a, b in zip(now, then, strict=True)
        if any(abs(x - y) > MOVED for x, y in zip(a[1:], b[1:], strict=True))
    ]


def keep(browser: Browser, found: Mapping[str, Look]) -> None:
    """These are the references from now on."""
    REFERENCES.mkdir(exist_ok=True)
    for old in REFERENCES.glob("*.webp"):
        old.unlink()
    for name, one in found.items():
        one.picture.save(REFERENCES / f"{name}.webp", lossless=True, method=6)
    lines = ",\n".join(
        f"{json.dumps(name)}: {json.dumps([list(box) for box in one.boxes])}"
        for name, one in sorted(found.items())
    )
    version = json.dumps(browser.version)
    LAYOUT.write_text(f'{{"chromium": {version}, "boxes": {{\n{lines}\n}}}}\n', "utf-8")


def kept() -> tuple[str, Mapping[str, Sequence[Box]]]:
    """The Chromium that drew the references, and where everything stood."""
    told = json.loads(LAYOUT.read_text("utf-8"))
    return told["chromium"], told["boxes"]
