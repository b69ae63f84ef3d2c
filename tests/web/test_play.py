"""Playing in a real browser against a real server."""

import asyncio
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, BrowserContext, Page

from app.errors import ProviderError, ProviderTimeout
from tests.web.browser import PHONE, new_context, until, until_mode, until_turn
from tests.web.scenes import LONG, SESSION, open_play
from tests.web.stage import Stage, Step, on_disk

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.slow]

FOCUS = """(() => {
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  const box = one.getBoundingClientRect();
  const style = getComputedStyle(one);
  const seen = box.width > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0;
  const marked = style.outlineStyle !== 'none' || one.closest('.save') !== null;
  return {what: one.innerText?.trim().slice(0, 40) || one.tagName, seen, marked};
})()"""


async def test_from_the_start_screen_to_the_second_turn(stage: Stage, page: Page) -> None:
    await page.goto(stage.url)
    await page.get_by_role("button", name="Insert tape Cinder Flat, 1993").click()
    await until_turn(page, 0)
    choice = page.locator(".ch").first
    words = await choice.locator("span").first.inner_text()
    await choice.click()
    await until_turn(page, 1)
    assert words in await page.locator(".chose").inner_text()
    assert await page.locator(".conn").inner_text() == "SAVED"
    await page.get_by_role("link", name="Elsewhere, start page").click()
    await page.get_by_role("link", name="Continue turn 1").wait_for()


async def test_with_the_keyboard_alone_from_the_start_to_death_and_back(
    stage: Stage, page: Page
) -> None:
    """Row 1. No mouse; every stop of the focus is seen and marked."""
    await page.goto(stage.url)
    await until(page, "document.querySelectorAll('.box .btn').length > 0")
    for _ in range(40):
        await page.keyboard.press("Tab")
        stop = await page.evaluate(FOCUS)
        assert stop is None or (stop["seen"] and stop["marked"]), stop
        if stop and stop["what"].startswith("Insert tape"):
            break
    await page.keyboard.press("Enter")
    await until_turn(page, 0)
    session = urlsplit(page.url).path.rpartition("/")[2]
    for turn in range(1, 6):
        await asyncio.sleep(0.35)  # Keys within 0.3 s of new choices were meant for the old ones.
        await page.keyboard.press(str(1 + turn % 4))
        await until_turn(page, turn)
        assert await page.evaluate("document.activeElement.id") == "title"
    await stage.die(session)
    await until_mode(page, "over")
    await page.keyboard.press("Tab")
    for _ in range(30):
        stop = await page.evaluate(FOCUS)
        if stop and stop["what"].startswith("Rewind to turn"):
            break
        await page.keyboard.press("Tab")
    assert stop
    assert stop["seen"]
    assert stop["marked"]
    last = int(stop["what"].split()[3])
    await page.keyboard.press("Enter")
    await until_turn(page, last)


MEANT_FOR_THE_ONE_BEFORE = """document.querySelector('main').addEventListener('game', (event) => {
  if (event.detail.told?.turn.turn !== 2 || event.detail.intent || window.pressed) return;
  requestAnimationFrame(() => {
    window.pressed = true;
    document.dispatchEvent(new KeyboardEvent('keydown', {key: '1', bubbles: true}));
    const again = new MouseEvent('click', {detail: 2, bubbles: true});
    document.querySelector('.ch').dispatchEvent(again);
  });
})"""
"""A key, and the second half of a double click, as soon as there are new choices."""


async def test_one_intent_is_one_turn(stage: Stage, page: Page) -> None:
    """Row 2. A double click, a click with a key, a key that is held."""
    await open_play(stage, page, turns=0)
    await page.locator(".ch").first.dblclick()
    await until_turn(page, 1)
    assert await stage.turns(SESSION) == 2
    await asyncio.sleep(0.35)
    await page.evaluate(MEANT_FOR_THE_ONE_BEFORE)
    await page.evaluate(
        "document.querySelectorAll('.ch')[1].click();"
        "document.dispatchEvent(new KeyboardEvent('keydown', {key: '2', bubbles: true}))"
    )
    await until_turn(page, 2)
    await until(page, "window.pressed")
    await asyncio.sleep(0.3)
    assert await stage.turns(SESSION) == 3
    await asyncio.sleep(0.35)
    await page.locator(".ch").nth(2).focus()
    for _ in range(12):
        await page.keyboard.down("Enter")
    await page.keyboard.up("Enter")
    await until_turn(page, 3)
    await asyncio.sleep(0.3)
    assert await stage.turns(SESSION) == 4


async def test_two_browsers_choose_at_once(stage: Stage, chromium: Browser) -> None:
    """Row 3. One of them is told that the story moved on, and can branch with its choice."""
    contexts = [await new_context(chromium) for _ in range(2)]
    one, two = [await context.new_page() for context in contexts]
    await open_play(stage, one, turns=0)
    await two.goto(f"{stage.url}/p/{SESSION}")
    await until_turn(two, 0)
    # The second has lost touch, as a laptop does that was asleep for a second.
    await two.evaluate("document.querySelector('play-screen').play.stream.close()")
    words = await two.locator(".ch").nth(1).locator("span").first.inner_text()
    await one.locator(".ch").first.click()
    await until_turn(one, 1)
    await two.locator(".ch").nth(1).click()
    await until_mode(two, "stale")
    assert words in await two.locator(".note").inner_text()
    assert await stage.turns(SESSION) == 2
    await two.get_by_role("button", name="Branch from turn 0 with my choice").click()
    await until_turn(two, 1)
    assert words in await two.locator(".chose").inner_text()
    assert not two.url.endswith(f"/p/{SESSION}")
    (intro, taken) = on_disk(stage.folder, SESSION)
    branch = urlsplit(two.url).path.rpartition("/")[2]
    (shared, ours) = on_disk(stage.folder, branch)
    assert (shared["turn"], shared["dispatch"]) == (0, intro["dispatch"])
    assert ours["action"] == words
    assert taken["action"] != words
    for context in contexts:
        await context.close()


async def test_a_turn_that_discord_started_is_told_here_too(stage: Stage, page: Page) -> None:
    """Row 4."""
    await open_play(stage, page)
    step = stage.narrator.next(Step(pieces=(LONG[:60],), text=LONG))
    acting = asyncio.create_task(stage.act(SESSION, choice="hum the note back"))
    await step.begun.wait()
    await until_mode(page, "streaming")
    assert LONG[:60] in await page.locator(".prose").inner_text()
    assert "hum the note back" in await page.locator(".chose").inner_text()
    step.go.set()
    turn = await acting
    await until_turn(page, 3)
    told = await page.locator(".prose").inner_text()
    assert told.replace("\n\n", " ") == turn["dispatch"].replace("\n\n", " ")


DOWN = "scrollTo(0, 380)"
ONE_LINE = ("Wait.",) * 4
"""What was chosen stands above the text: a line more there, and the browser, which keeps what one
reads where it is, scrolls by as much."""
SPY = """(() => {
  window.moved = [];
  const ways = ['scrollTo', 'scrollBy', 'scroll', 'scrollIntoView'];
  for (const on of [window, Element.prototype]) for (const name of ways) {
    const real = on[name];
    on[name] = function (...given) { moved.push(name); return real.apply(this, given); };
  }
  const real = HTMLElement.prototype.focus;
  HTMLElement.prototype.focus = function (how) {
    if (!how?.preventScroll) moved.push('focus');
    return real.call(this, how);
  };
})()"""
TEXT_TOP = "document.querySelector('.dis').getBoundingClientRect().top"


async def test_nobody_scrolls_the_reader(stage: Stage, chromium: Browser) -> None:
    """New text shows its top; and who has scrolled meanwhile is only told of it."""
    context = await new_context(chromium, PHONE)
    page = await context.new_page()
    await open_play(stage, page)
    long = LONG * 3
    stage.narrator.next(Step.at_once(long, choices=ONE_LINE))
    await page.locator(".ch").first.click()
    await until_turn(page, 3)

    await page.evaluate(DOWN)
    step = stage.narrator.next(Step(text=long, choices=ONE_LINE))
    await page.locator(".ch").first.click()
    await step.begun.wait()
    assert await page.evaluate(TEXT_TOP) < 0
    step.go.set()
    await until_turn(page, 4)
    assert 0 <= await page.evaluate(TEXT_TOP) < PHONE[1] * 0.7

    step = stage.narrator.next(Step(text=long))
    await page.locator(".ch").first.click()
    await step.begun.wait()
    await page.evaluate(DOWN)
    await page.evaluate(SPY)
    where = await page.evaluate("[scrollY, document.querySelector('.prose').offsetTop]")
    assert where[0] > 100
    step.go.set()
    await until_turn(page, 5)
    await page.get_by_role("button", name="New text").wait_for()
    assert await page.evaluate("[scrollY, document.querySelector('.prose').offsetTop]") == where
    assert await page.evaluate("moved") == []
    await page.get_by_role("button", name="New text").click()
    assert 0 <= await page.evaluate(TEXT_TOP) < PHONE[1] * 0.7
    assert await page.get_by_role("button", name="New text").count() == 0
    await context.close()


async def test_a_picture_is_late_or_lost_and_holds_nothing_up(stage: Stage, page: Page) -> None:
    """Row 8: the server's part of it."""
    await open_play(stage, page)
    stage.illustrator.ready.clear()
    await page.locator(".ch").first.click()
    await until_turn(page, 3)
    assert "DEVELOPING PICTURE" in (await page.locator(".tv").inner_text()).upper()
    assert await page.locator(".ch").first.get_attribute("aria-disabled") is None
    stage.illustrator.ready.set()
    await until(page, "document.querySelector('.tv[data-state=ready]')")
    stage.illustrator.broken = True
    await page.locator(".ch").first.click()
    await until_turn(page, 4)
    await until(page, "document.querySelector('.tv[data-state=failed]')")
    assert "The story goes on." in await page.locator(".tv").inner_text()


async def test_a_picture_that_cannot_be_loaded_can_be_tried_again(stage: Stage, page: Page) -> None:
    """Row 8: a 404 between us and the server."""
    await open_play(stage, page)
    await page.route("**/images/**", lambda route: route.fulfill(status=404))
    await page.locator(".ch").first.click()
    await until_turn(page, 3)
    await until(page, "document.querySelector('.tv[data-state=failed]')")
    await page.unroute("**/images/**")
    await page.get_by_role("button", name="Try the picture again").click()
    await until(page, "document.querySelector('.tv[data-state=ready]')")


async def test_who_watches_changes_nothing(stage: Stage, page: Page) -> None:
    """Row 12. By click, by key, and by a request made by hand in the page."""
    await stage.begin(SESSION)
    codes = (await stage.http.get(f"/share/{SESSION}")).json()
    await page.goto(f"{stage.url}/s/{codes['watch']}")
    await until_mode(page, "spectator")
    await asyncio.sleep(0.35)
    await page.locator(".ch").first.click(force=True)
    assert "you are watching" in await page.locator(".note-line").first.inner_text()
    await page.keyboard.press("1")
    status = await page.evaluate(
        f"fetch('/api/game/action', {{method: 'POST', headers: {{'Content-Type': "
        f"'application/json'}}, body: JSON.stringify({{session_id: '{SESSION}', choice: 'run'}})"
        "}).then((answer) => answer.status)"
    )
    assert status == 403
    assert await stage.turns(SESSION) == 1
    await stage.act(SESSION)
    await until_turn(page, 1, "spectator")


NASTY = (
    "<script>window.hurt = 1</script><img src=x onerror=window.hurt=2>",
    "\u202eright to left\u202c and שלום עולם",
    "W" * 600,
    "🕯️🧑‍🚒 **bold** [link](javascript:hurt) &amp; {{hurt}} ${hurt}",
    "long " * 800,
)


@pytest.mark.parametrize("text", NASTY, ids=["html", "rtl", "no spaces", "emoji", "4000"])
async def test_what_a_model_writes_is_text(stage: Stage, chromium: Browser, text: str) -> None:
    """Row 13, at 320 CSS pixels."""
    context = await new_context(chromium, (320, 640))
    page = await context.new_page()
    await open_play(stage, page)
    stage.narrator.next(Step.at_once(text, choices=(text[:200], text[:120])))
    await page.locator(".ch").first.click()
    await until_turn(page, 3)
    assert await page.evaluate("window.hurt") is None
    told = await page.evaluate("document.querySelector('.prose').textContent")
    assert told.strip() == text.strip()
    assert await page.evaluate("document.querySelectorAll('.prose script, .prose img').length") == 0
    wide = await page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 320
    await context.close()


async def test_what_is_said_aloud(stage: Stage, page: Page) -> None:
    """Row 15. Exactly these sentences, and nothing twice."""
    await open_play(stage, page)
    await page.evaluate(
        "window.said = []; document.addEventListener('elsewhere:said', (e) => said.push(e.detail))"
    )
    pieces = ("The light ", "goes ", "out.")
    stage.narrator.next(Step(pieces=pieces[:2], text="The light goes out."))
    step = stage.narrator.steps[-1]
    await page.locator(".ch").first.click()
    await until_mode(page, "streaming")
    step.go.set()
    await until_turn(page, 3)
    stage.illustrator.ready.clear()
    stage.narrator.next(Step.at_once("It comes on again."))
    await page.locator(".ch").first.click()
    await until_turn(page, 4)
    stage.illustrator.ready.set()
    await until(page, "document.querySelector('.tv[data-state=ready]')")
    stage.narrator.next(Step.at_once(error=ProviderTimeout()))
    await page.locator(".ch").first.click()
    await until_mode(page, "error")
    await asyncio.sleep(0.1)
    assert await page.evaluate("window.said") == [
        "Choice sent.",
        "New scene. The light goes out. Four choices.",
        "Choice sent.",
        "New scene. It comes on again. Four choices.",
        "Picture ready.",
        "Choice sent.",
        "The turn could not be made. Your choice is kept and nothing has changed.",
    ]
    streaming = await page.evaluate("document.querySelectorAll('.dis [aria-live]').length")
    assert streaming == 0


async def test_a_whole_game_asks_nobody_else(stage: Stage, context: BrowserContext) -> None:
    """Row 18."""
    page = await context.new_page()
    hosts: set[str] = set()
    page.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
    await open_play(stage, page)
    await page.locator(".ch").first.click()
    await until_turn(page, 3)
    for name in ("Settings", "Share", "Help"):
        await page.get_by_role("button", name=name).click()
        await page.get_by_role("button", name="Close").click()
    await page.get_by_role("link", name="History").click()
    await until(page, "document.querySelectorAll('.fr').length === 4")
    await page.goto(f"{stage.url}/t/{SESSION}")
    await until(page, "document.querySelector('.strip img')")
    await page.goto(stage.url)
    await until(page, "document.querySelector('.box')")
    assert hosts == {urlsplit(stage.url).netloc}


async def test_without_javascript_there_is_a_page_that_explains(
    stage: Stage, chromium: Browser
) -> None:
    """Row 19."""
    context = await new_context(chromium, java_script_enabled=False)
    page = await context.new_page()
    await page.goto(stage.url)
    text = await page.locator("noscript").inner_text()
    assert "JavaScript" in text
    link = page.locator("noscript a")
    assert await link.get_attribute("href") == "/docs"
    assert await link.is_visible()
    await context.close()


async def test_own_words_survive_an_error_and_a_reload(stage: Stage, page: Page) -> None:
    await open_play(stage, page)
    stage.narrator.next(Step.at_once(error=ProviderError()))
    await page.locator(".ch.free").click()
    await page.locator("textarea").fill("hum the note back")
    await page.keyboard.press("Enter")
    await until_mode(page, "error")
    assert "hum the note back" in await page.locator(".note").inner_text()
    await page.reload()
    await until_turn(page, 2)
    assert await page.locator("textarea").input_value() == "hum the note back"
    await page.locator("textarea").press("Enter")
    await until_turn(page, 3)
    assert "hum the note back" in await page.locator(".chose").inner_text()
    assert await page.locator("textarea").count() == 0


async def test_the_tape_is_read_only_by_link_and_plays(stage: Stage, page: Page) -> None:
    await stage.begin(SESSION)
    for _ in range(3):
        await stage.act(SESSION)
    codes = (await stage.http.get(f"/share/{SESSION}")).json()
    await page.goto(f"{stage.url}/s/{codes['watch']}/1")
    slider = page.get_by_role("slider", name="Turn")
    assert await slider.get_attribute("aria-valuetext") == "Turn 1 of 3"
    assert await page.get_by_role("button", name="Rewind").count() == 0
    await page.get_by_role("button", name="Next frame").click()
    assert await slider.get_attribute("aria-valuetext") == "Turn 2 of 3"
    await page.get_by_role("combobox", name="Speed").select_option("4")
    await page.get_by_role("button", name="Play tape").click()
    await until(page, "document.querySelector('[type=range]').value === '3'")


async def test_history_branches_and_goes_back(stage: Stage, page: Page) -> None:
    await stage.begin(SESSION)
    for _ in range(3):
        await stage.act(SESSION)
    await page.goto(f"{stage.url}/p/{SESSION}/history#turn-1")
    await page.get_by_role("button", name="Branch from here").click()
    await until_turn(page, 1)
    branch = urlsplit(page.url).path.rpartition("/")[2]
    assert branch != SESSION
    assert await stage.turns(branch) == 2
    await page.go_back()
    await until(page, "document.querySelectorAll('.fr').length === 4")
    await page.get_by_role("link", name="Back to the story").click()
    await until_turn(page, 3)
    await page.keyboard.press("u")
    await until_turn(page, 2)
    assert await stage.turns(SESSION) == 3


async def test_a_code_joins(stage: Stage, page: Page) -> None:
    await stage.begin(SESSION)
    code = (await stage.http.get(f"/share/{SESSION}")).json()["play"]
    await page.goto(stage.url)
    await page.get_by_label("Eight-letter code").fill(f"{code[:4].upper()}-{code[4:]}")
    await page.get_by_role("button", name="Play along").click()
    await until_turn(page, 0)
    assert urlsplit(page.url).path == f"/p/{SESSION}"


async def test_a_failed_narrator_is_retried_with_the_same_key(stage: Stage, page: Page) -> None:
    keys: list[str | None] = []
    page.on(
        "request",
        lambda request: (
            keys.append(request.headers.get("idempotency-key"))
            if request.url.endswith("/api/game/action")
            else None
        ),
    )
    await open_play(stage, page)
    stage.narrator.next(Step.at_once(error=ProviderTimeout()))
    await page.locator(".ch").first.click()
    await until_mode(page, "error")
    assert await stage.turns(SESSION) == 3
    await page.get_by_role("button", name="Retry this choice").click()
    await until_turn(page, 3)
    assert len(keys) == 2
    assert keys[0] == keys[1]
    await page.locator(".ch").first.click()
    await until_turn(page, 4)
    assert keys[2] != keys[0]
