"""What the network does, and what the page makes of it."""

import time
from dataclasses import replace

import pytest
from playwright.async_api import BrowserContext, Page

from tests.web.browser import until, until_mode, until_turn
from tests.web.proxy import between
from tests.web.scenes import SESSION, open_play
from tests.web.stage import Stage, Step

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.slow]

CHIP = "document.querySelector('.conn')?.textContent.trim()"
LIVE = f"['Live', 'Saved'].includes({CHIP})"
STREAM = "document.querySelector('play-screen').play.stream"
SOON = 10.0
"""Seconds in which it is live again, or polls."""


@pytest.mark.parametrize("status", [503, 204])
async def test_a_refused_stream_is_asked_for_again(stage: Stage, page: Page, status: int) -> None:
    """Row 6. One such answer ends an `EventSource` for ever; ours it does not."""
    await open_play(stage, page)
    await page.route("**/events*", lambda route: route.fulfill(status=status))
    await page.evaluate(f"{STREAM}.renew()")
    await until(page, "document.querySelector('.rib')")
    await page.unroute("**/events*")
    await until(page, LIVE, SOON)
    await stage.act(SESSION)
    await until_turn(page, 3)


async def test_an_id_that_nobody_knows_any_more(stage: Stage, page: Page) -> None:
    """Row 6. The server says `resync`, and the page reads what is true."""
    await open_play(stage, page)
    await page.evaluate(f"{STREAM}.after = '999.1.1'; {STREAM}.renew()")
    await stage.act(SESSION)
    await until_turn(page, 3)
    await until(page, LIVE, SOON)


async def test_a_proxy_that_keeps_streams_back(stage: Stage, page: Page) -> None:
    """Row 6. The page polls, says so, and can be played."""
    async with between(stage.url) as proxy:
        proxy.fault = "hold"
        await stage.begin(SESSION)
        await page.goto(f"{proxy.url}/p/{SESSION}")
        await until_turn(page, 0)
        await until(page, f"{CHIP} === 'Checking'", SOON)
        await page.locator(".ch").first.click()
        await until_turn(page, 1)
        await stage.act(SESSION)
        await until(page, "document.title.startsWith('Turn 2 ')", 15)


async def test_a_stream_that_went_quiet(stage: Stage, page: Page) -> None:
    """Row 6. A half-open socket: whoever chooses hears what came of it."""
    async with between(stage.url) as proxy:
        await stage.begin(SESSION)
        await page.goto(f"{proxy.url}/p/{SESSION}")
        await until_turn(page, 0)
        await until(page, LIVE)
        proxy.fault = "stall"
        await page.locator(".ch").first.click()
        await until(page, "document.title.startsWith('Turn 1 ')", SOON)
        proxy.fault = "none"
        await page.evaluate("dispatchEvent(new Event('online'))")
        await until(page, LIVE, SOON)


async def test_connections_are_cut(stage: Stage, page: Page) -> None:
    """Row 6. What happened meanwhile is told when the stream is back."""
    async with between(stage.url) as proxy:
        await stage.begin(SESSION)
        await page.goto(f"{proxy.url}/p/{SESSION}")
        await until_turn(page, 0)
        await until(page, LIVE)
        proxy.cut()
        await stage.act(SESSION)
        began = time.monotonic()
        await until_turn(page, 1)
        await until(page, LIVE, SOON)
        assert time.monotonic() - began < SOON


async def test_half_an_event_is_none(stage: Stage, page: Page) -> None:
    """Row 6. What was cut off comes again, whole."""
    async with between(stage.url) as proxy:
        await stage.begin(SESSION)
        await page.goto(f"{proxy.url}/p/{SESSION}")
        await until_turn(page, 0)
        await until(page, LIVE)
        proxy.fault = "half"
        turn = await stage.act(SESSION)
        await until(page, "document.title.startsWith('Turn 1 ')", SOON)
        await until(page, LIVE, SOON)
        assert str(proxy.fault) == "none"
        told = await page.evaluate("document.querySelector('.prose').textContent.trim()")
        assert told == turn["dispatch"].replace("\n\n", "")


async def test_a_stream_that_went_deaf_is_found_out(stage: Stage, page: Page) -> None:
    """Row 6. It is open and says nothing, and nobody here chooses: the state is compared with
    what was told, and the stream is opened anew."""
    await page.clock.install()
    async with between(stage.url) as proxy:
        await stage.begin(SESSION)
        await page.goto(f"{proxy.url}/p/{SESSION}")
        await until_turn(page, 0)
        await until(page, LIVE)
        proxy.fault = "stall"
        await stage.act(SESSION)
        await page.clock.run_for(8000)
        await until(page, "document.title.startsWith('Turn 1 ')", SOON)
        await until(page, f"!{LIVE}", SOON)
        proxy.fault = "none"
        await until(page, f"{LIVE} || {CHIP} === 'Checking'", SOON)


async def test_seven_tabs(stage: Stage, context: BrowserContext) -> None:
    """Row 7. A browser keeps six connections to a server, and every tab can still act."""
    await stage.begin(SESSION)
    pages = [await context.new_page() for _ in range(7)]
    for one in pages:
        await one.goto(f"{stage.url}/p/{SESSION}")
        await until_turn(one, 0)
    for turn, one in enumerate(pages, 1):
        await one.bring_to_front()  # A tab behind others draws seldom, and nobody clicks there.
        await until(one, f"document.title.startsWith('Turn {turn - 1} ')", SOON + 5)
        await until_mode(one, "choosing")
        await one.locator(".ch").first.click()
        await until_turn(one, turn)
    assert await stage.turns(SESSION) == 8


async def test_a_phone_that_slept(stage: Stage, page: Page) -> None:
    """A tab that was hidden reads the state when it is looked at again."""
    await open_play(stage, page)
    await page.evaluate(
        "Object.defineProperty(document, 'hidden', {value: true, configurable: true});"
        f"document.dispatchEvent(new Event('visibilitychange')); {STREAM}.source.close()"
    )
    await stage.act(SESSION)
    await page.evaluate(
        "delete document.hidden; document.dispatchEvent(new Event('visibilitychange'))"
    )
    await until(page, "document.title.startsWith('Turn 3 ')", 2.0)
    await until(page, LIVE, SOON)


async def test_without_a_network_there_is_something_to_read(
    stage: Stage, context: BrowserContext
) -> None:
    """The shell and what was read are kept; the start screen says how it is."""
    page = await context.new_page()
    await open_play(stage, page)
    await until(page, "navigator.serviceWorker.controller", 20)
    await page.goto(f"{stage.url}/p/{SESSION}/history")
    await until(page, "document.querySelectorAll('.fr img').length === 3")
    await context.set_offline(True)
    await page.reload()
    await until(page, "document.querySelectorAll('.fr').length === 3")
    assert "You are offline" in await page.locator("main").inner_text()
    assert await page.get_by_role("button", name="Branch from here").count() == 0
    await page.goto(stage.url)
    await until(page, "document.querySelector('.start .note')")
    assert "You are offline" in await page.locator(".start .note").inner_text()
    await context.set_offline(False)
    await page.get_by_role("button", name="Try again").click()
    await until(page, "document.querySelectorAll('.save h3').length === 1")


KEPT = (
    "caches.keys().then((names) => Promise.all(names.map(async (name) => [name, "
    "(await (await caches.open(name)).keys()).map((one) => new URL(one.url).pathname)])))"
)
PICTURES = "elsewhere-pictures"
FILL = f"""caches.open('{PICTURES}').then((cache) => Promise.all(
  Array.from({{length: 60}}, (_, n) => cache.put(`/small/x/${{n}}.webp`, new Response('x')))))"""
NEWER = "0123456789ab"


async def test_a_newer_version_is_offered_between_turns(
    stage: Stage, context: BrowserContext
) -> None:
    """It takes the place of the old one, of which nothing is kept; nor is anything of the API."""
    page = await context.new_page()
    await open_play(stage, page)
    await until(page, "navigator.serviceWorker.controller", 20)
    await page.evaluate(FILL)
    step = stage.narrator.next(Step())
    await page.locator(".ch").first.click()
    await step.begun.wait()
    old = await stage.web.shell()
    stage.web._shell = replace(old, build=NEWER)
    await page.evaluate("navigator.serviceWorker.ready.then((found) => found.update())")
    await until(page, "document.querySelector('.update')", 20)
    assert not await page.locator(".update").is_visible()
    step.go.set()
    await until_turn(page, 3)
    kept = dict(await page.evaluate(KEPT))
    assert f"elsewhere-{old.build}" in kept
    async with page.expect_navigation():
        await page.locator(".update").click()
    await until(page, f"document.querySelector('script[src]').src.includes('{NEWER}')")
    await until_turn(page, 3)
    await until(page, "document.querySelector('.tv[data-state=ready]')")
    kept = dict(await page.evaluate(KEPT))
    assert kept.keys() == {f"elsewhere-{NEWER}", PICTURES}
    assert 0 < len(kept[PICTURES]) <= 50
    told = [path for paths in kept.values() for path in paths if path.startswith("/api/")]
    assert all("/images/" in path for path in told)
