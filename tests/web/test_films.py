"""Films of a run and clips of a turn, in a real browser that plays them."""

import asyncio
from typing import Any, Final

import pytest
from playwright.async_api import Browser, Page

from tests.web.browser import new_context, until, until_turn
from tests.web.scenes import SESSION, film, film_in_the_making, moving, prefer
from tests.web.stage import Stage, Step
from tests.web.test_budget import SHIFTS

pytestmark = [pytest.mark.asyncio(loop_scope="session")]

WATCHED: Final = """window.refused = []; document.addEventListener('securitypolicyviolation',
  (event) => refused.push(event.violatedDirective + ' ' + event.blockedURI));"""
VIDEO: Final = "document.querySelector('.tv video')"
CUES: Final = f"{VIDEO}?.textTracks[0]?.cues"
FOCUSED: Final = "document.activeElement"


async def watched(page: Page) -> None:
    """What is refused by the page's policy, and what moves, is written down."""
    await page.add_init_script(WATCHED + SHIFTS)


async def test_a_film_comes_by_its_event_and_plays(stage: Stage, page: Page) -> None:
    await watched(page)
    await film_in_the_making(stage, page)
    assert await page.locator("tape-player").count() == 1
    # Nobody can ask any more: the event alone brings it.
    await until(page, "document.querySelector('tape-film').stream.live")
    await page.route("**/tapes", lambda route: route.abort())
    await page.evaluate("shifts.splice(0)")
    stage.deck.let_go()
    await until(page, f"{VIDEO}?.readyState > 0")
    assert await page.evaluate("shifts") == []
    assert await page.locator("tape-player").count() == 0
    assert await page.evaluate(f"{VIDEO}.paused && !{VIDEO}.autoplay")
    await until(page, f"{CUES}?.length > 2")
    told = (await stage.state(SESSION))["dispatch"]
    words = await page.evaluate(f"[...{CUES}].map((cue) => cue.text).join(' ')")
    assert told[:20] in words
    await play_with_the_keyboard(page)
    await page.evaluate(f"{VIDEO}.currentTime = {CUES}.getCueById('0.1').startTime + 0.1")
    await until(page, "location.hash === '#turn-0'")
    await until(page, "document.querySelector('.words .place').textContent.startsWith('0.')")
    assert await page.evaluate(f"{VIDEO}.readyState > 0")
    assert await page.evaluate("refused") == []


async def play_with_the_keyboard(page: Page) -> None:
    for _ in range(30):
        await page.keyboard.press("Tab")
        if await page.evaluate(f"{FOCUSED} === {VIDEO}"):
            break
    await page.keyboard.press("Space")
    await until(page, f"{VIDEO}.currentTime > 0.2")
    await page.keyboard.press("Space")
    await until(page, f"{VIDEO}.paused")


async def test_its_pictures_and_the_file_are_a_click_away(stage: Stage, page: Page) -> None:
    await film(stage, page)
    async with page.expect_download() as download:
        await page.get_by_role("link", name="Download the film").click()
    path = await (await download.value).path()
    assert path.read_bytes()[4:8] == b"ftyp"
    await page.get_by_role("button", name="Picture by picture").click()
    await until(page, "document.querySelector('.strip img')")
    assert await page.evaluate(f"{VIDEO} === null")
    await page.get_by_role("button", name="The film", exact=True).click()
    await until(page, f"{VIDEO}?.readyState > 0")


async def test_a_film_from_a_turn_on_begins_there(stage: Stage, page: Page) -> None:
    await film(stage, page)
    await page.goto("about:blank")
    await page.goto(f"{stage.url}/t/{SESSION}#turn-0")
    await until(page, f"{CUES}?.getCueById('0.1')")
    await until(page, f"{VIDEO}.currentTime > 1")


async def test_players_have_it_made_and_spectators_see_it(
    stage: Stage, chromium: Browser, page: Page
) -> None:
    await stage.begin(SESSION)
    await stage.act(SESSION)
    codes = (await stage.http.get(f"/share/{SESSION}")).json()
    context = await new_context(chromium)
    spectator = await context.new_page()
    await spectator.goto(f"{stage.url}/s/{codes['watch']}/1")
    await until(spectator, "document.querySelector('tape-film')?.stream.live")
    make = (
        "[...document.querySelectorAll('button')].find((one) => one.textContent.includes('Make'))"
    )
    assert await spectator.evaluate(f"{make} === undefined")
    await page.goto(f"{stage.url}/t/{SESSION}")
    await page.get_by_role("button", name="Make the film").click()
    await until(page, "document.querySelector('.film-line progress')")
    stage.deck.let_go()
    await until(page, f"{VIDEO}?.readyState > 0")
    await until(spectator, f"{VIDEO}?.readyState > 0")
    assert await spectator.evaluate(f"{make} === undefined")
    assert await spectator.get_by_role("link", name="Download the film").count() == 1
    await context.close()


async def test_a_film_that_cannot_be_played_leaves_the_pictures(stage: Stage, page: Page) -> None:
    await page.route("**/tapes/*.mp4", lambda route: route.abort())
    await film_in_the_making(stage, page)
    stage.deck.let_go()
    await until(page, "document.querySelector('.toast')?.textContent.includes('cannot be played')")
    assert await page.locator("tape-player .strip button").count() == 2


async def test_a_clip_comes_by_its_event_plays_and_moves_nothing(stage: Stage, page: Page) -> None:
    await watched(page)
    await moving(stage, page)
    stage.narrator.next(Step.at_once("It goes on."))
    stage.illustrator.ready.clear()
    await page.locator(".ch").first.click()
    await until_turn(page, 2)
    await asyncio.sleep(0.6)  # Shifts within half a second of a click do not count.
    await page.evaluate("shifts.splice(0)")
    assert await page.locator(".clip").count() == 0
    stage.illustrator.ready.set()
    await until(page, "document.querySelector('.tv[data-state=ready] .clip')")
    assert await page.evaluate(f"{VIDEO} === null"), "it plays by itself"
    await page.evaluate("document.querySelector('.clip').focus()")
    await page.keyboard.press("Enter")
    await until(page, f"{VIDEO}?.currentTime > 0.2 && {FOCUSED} === {VIDEO}")
    assert await page.evaluate(f"{VIDEO}.muted && !{VIDEO}.loop && {VIDEO}.controls")
    assert await page.evaluate(SAME_BOX)
    await page.evaluate(f"{VIDEO}.currentTime = {VIDEO}.duration")
    await until(page, f"{VIDEO} === null && {FOCUSED}.matches('.clip')")
    assert await page.evaluate("shifts") == []
    assert await page.evaluate("refused") == []


SAME_BOX: Final = """(() => {
  const [film, picture] = ['.tv video', '.tv img.frame'].map((one) =>
    JSON.stringify(document.querySelector(one).getBoundingClientRect()));
  return film === picture;
})()"""


@pytest.mark.parametrize(
    ("motion", "plays"), [("no-preference", True), ("reduce", False)], ids=["moves", "still"]
)
async def test_a_clip_plays_by_itself_only_where_that_is_wished(
    stage: Stage, chromium: Browser, motion: Any, plays: bool
) -> None:
    context = await new_context(chromium, reduced_motion=motion)
    page = await context.new_page()
    await prefer(stage, page, clipsPlay=True)
    await stage.begin(SESSION)
    await stage.call("PATCH", f"/api/sessions/{SESSION}", settings={"videos": True})
    await stage.act(SESSION)
    await page.goto(f"{stage.url}/p/{SESSION}")
    await until(page, "document.querySelector('.tv[data-state=ready] :is(.clip, video)')")
    if plays:
        # Once: then its picture stands there again.
        await until(page, "document.querySelector('scene-stage').moved")
        await until(page, f"{VIDEO} === null && document.querySelector('.clip')")
    assert await page.evaluate("document.querySelector('scene-stage').moved !== null") == plays
    await context.close()


async def test_moving_pictures_are_switched_on_by_players(stage: Stage, page: Page) -> None:
    await stage.begin(SESSION)
    await page.goto(f"{stage.url}/p/{SESSION}")
    await page.get_by_role("button", name="Settings").click()
    await page.get_by_label("Moving pictures").check()
    await until(page, "document.querySelector('settings-page').story.videos")
    assert (await stage.state(SESSION))["settings"]["videos"] is True
