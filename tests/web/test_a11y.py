"""Row 14: axe on every screen in every state at two sizes, and what axe cannot see."""

import re
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.async_api import Browser, Page

from tests.web.browser import PHONE, WIDE, new_context, until_turn
from tests.web.scenes import SCENES, SESSION, open_play, prefer
from tests.web.stage import Stage

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.slow]

AXE: Final = Path(__file__).parent / "vendor" / "axe.min.js"
TAGS: Final = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
RUN: Final = """async ([tags, rules]) => {
  const {violations} = await axe.run(document, {runOnly: tags, rules, resultTypes: ['violations']});
  return violations.map(({id, nodes}) => `${id}: ${nodes.map((one) => one.html).join(' | ')}`);
}"""
CLIPPED: Final = """[...document.querySelectorAll('.ch span, .btn, h1, h2, .chip')].filter((one) =>
  one.checkVisibility() && !one.closest('.vh, .t') && getComputedStyle(one).overflow === 'hidden'
    && one.scrollWidth > one.clientWidth + 2).map((one) => one.outerHTML)"""
TOKENS: Final = (
    Path(__file__).parents[2] / "app" / "web" / "static" / "css" / "tokens.css"
).read_text("utf-8")


async def violations(page: Page, **rules: bool) -> Any:
    chosen = {name.replace("_", "-"): {"enabled": enabled} for name, enabled in rules.items()}
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(AXE.read_text("utf-8"))
    return await page.evaluate(RUN, [list(TAGS), chosen])


@pytest.mark.parametrize("scene", SCENES)
async def test_nothing_is_in_the_way_of_anybody(
    stage: Stage, chromium: Browser, scene: str
) -> None:
    context = await new_context(chromium, reduced_motion="reduce")
    page = await context.new_page()
    await SCENES[scene](stage, page)
    for width, height in (WIDE, PHONE):
        await page.set_viewport_size({"width": width, "height": height})
        assert await violations(page) == [], f"{width} wide"
    moving = "document.getAnimations().filter((one) => one.playState === 'running').length"
    assert await page.evaluate(moving) == 0
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await context.close()


HARD: Final = ("choosing", "error", "history", "tape", "start", "clock", "own_words", "stale")
FITS: Final = "document.documentElement.scrollWidth <= innerWidth"
STUCK: Final = "getComputedStyle(document.querySelector('act-panel') ?? document.body).position"
SQUEEZED: Final = """[...document.querySelectorAll('.dis, act-panel, .act, .prose, .words')]
  .filter((one) => one.scrollHeight > one.clientHeight + 2).map((one) => one.className)"""


@pytest.mark.parametrize("scene", HARD)
async def test_it_fits_a_narrow_page(stage: Stage, chromium: Browser, scene: str) -> None:
    """WCAG 1.4.10: 320 CSS pixels, and nothing covers what is read."""
    context = await new_context(chromium, (320, 256))
    page = await context.new_page()
    await SCENES[scene](stage, page)
    assert await page.evaluate(FITS)
    assert await page.evaluate(STUCK) != "sticky"
    await context.close()


@pytest.mark.parametrize("scene", HARD)
async def test_large_letters_get_the_room_that_they_need(
    stage: Stage, chromium: Browser, scene: str
) -> None:
    """WCAG 1.4.4: letters twice as large, as in Settings."""
    context = await new_context(chromium)
    page = await context.new_page()
    await prefer(stage, page, textSize=200)
    await SCENES[scene](stage, page)
    for width, height in (WIDE, PHONE):
        await page.set_viewport_size({"width": width, "height": height})
        assert await page.evaluate(FITS), width
        assert await page.evaluate(CLIPPED) == [], width
        assert await page.evaluate(SQUEEZED) == [], width
        assert await page.evaluate(STUCK) != "sticky", width
    await context.close()


async def test_with_forced_colours_nothing_hangs_on_a_colour(
    stage: Stage, chromium: Browser
) -> None:
    context = await new_context(chromium, forced_colors="active")
    page = await context.new_page()
    await open_play(stage, page)
    assert "of 5" in await page.locator(".hud").inner_text()
    border = "getComputedStyle(document.querySelector('.ch')).borderTopWidth"
    assert await page.evaluate(border) != "0px"
    # axe reads the colours of the sheet, not the ones that the system puts in their place.
    assert await violations(page, color_contrast=False) == []
    assert await page.evaluate("getComputedStyle(document.body).backgroundImage") == "none"
    await page.locator(".ch").first.focus()
    await page.keyboard.press("Enter")
    await until_turn(page, 3)
    await context.close()


async def test_every_choice_is_large_enough_for_a_thumb(stage: Stage, chromium: Browser) -> None:
    context = await new_context(chromium, PHONE, has_touch=True)
    page = await context.new_page()
    await open_play(stage, page)
    heights = "[...document.querySelectorAll('.ch')].map((one) => one.getBoundingClientRect())"
    boxes = await page.evaluate(f"{heights}.map(({{height, bottom}}) => ({{height, bottom}}))")
    assert len(boxes) == 5
    for box in boxes:
        assert box["height"] >= 44
        assert box["bottom"] <= PHONE[1]
    await page.locator(".ch").last.tap()
    await page.locator("textarea").fill("sit down and wait")
    await page.get_by_role("button", name="Do it").tap()
    assert await page.evaluate("document.activeElement.tagName") != "TEXTAREA"
    await until_turn(page, 3)
    await context.close()


async def test_the_picture_is_described_and_said_to_be_missing(stage: Stage, page: Page) -> None:
    await open_play(stage, page)
    state = await stage.state(SESSION)
    assert await page.locator(".tv img").get_attribute("alt") == state["image"]["alt"]
    await page.get_by_text("Describe this picture").click()
    assert state["image"]["alt"] in await page.locator(".caption").inner_text()


# -- contrast, from the tokens: axe cannot tell it over gradients and pictures ---------------------


def _luminance(colour: str) -> float:
    def linear(value: int) -> float:
        share = value / 255
        return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(int(colour[n : n + 2], 16)) for n in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, two: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(two)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def token(name: str) -> str:
    found = re.search(rf"--{name}: (#[0-9A-F]{{6}})", TOKENS)
    assert found, name
    return found[1]


@pytest.mark.parametrize("ground", ["bg", "deep", "panel", "panel-high"])
@pytest.mark.parametrize("ink", ["ink", "muted", "teal-high", "blood-ink", "amber"])
async def test_text_can_be_read(ink: str, ground: str) -> None:
    assert contrast(token(ink), token(ground)) >= 4.5


@pytest.mark.parametrize(
    ("one", "two", "least"),
    [
        ("edge", "bg", 3.0),
        ("edge-high", "panel", 3.0),
        ("teal", "deep", 4.5),
    ],
)
async def test_borders_of_controls_can_be_seen(one: str, two: str, least: float) -> None:
    assert contrast(token(one), token(two)) >= least


async def test_fills_carry_their_text() -> None:
    black_on = partial(contrast, "#041010")
    assert contrast("#FFFFFF", token("blood")) >= 7
    assert black_on(token("teal")) >= 4.5
    assert black_on(token("amber")) >= 4.5
