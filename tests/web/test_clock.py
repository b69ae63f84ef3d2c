"""Row 10. The clock of a turn is the server's, whatever the browser's own clock says or does."""

import asyncio
from datetime import datetime
from typing import Final

import pytest
from playwright.async_api import Browser, Page, Request, Route

from tests.web.browser import MODE, new_context, until, until_mode, until_turn
from tests.web.proxy import between
from tests.web.scenes import SESSION
from tests.web.stage import Stage, on_disk

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.slow]

LIVE: Final = "document.querySelector('.conn.live')"
CLOCK: Final = "document.querySelector('.clock').innerText"
FAST: Final = "const now = Date.now.bind(Date); Date.now = () => now() + 2 * 3600 * 1000;"
"""A browser that is two hours ahead."""


async def begin(stage: Stage, seconds: int) -> None:
    await stage.begin(SESSION)
    await set_clock(stage, seconds)


async def set_clock(stage: Stage, seconds: int) -> None:
    await stage.call("PATCH", f"/api/sessions/{SESSION}", settings={"deadline_seconds": seconds})


def penalties_of(page: Page) -> list[str]:
    asked: list[str] = []

    def note(request: Request) -> None:
        if request.url.endswith("/timeout_penalty"):
            asked.append(request.url)

    page.on("request", note)
    return asked


async def test_the_clock_runs_out_once(stage: Stage, chromium: Browser) -> None:
    """Two tabs, one of them two hours wrong: the world plays one turn."""
    await begin(stage, 2)
    contexts = [await new_context(chromium) for _ in range(2)]
    pages = [await context.new_page() for context in contexts]
    await pages[1].add_init_script(FAST)
    for one in pages:
        await one.goto(f"{stage.url}/p/{SESSION}")
    for one in pages:
        await until(one, "document.title.startsWith('Turn 1 ')")
        assert "You hesitated." in await one.locator(".chose").inner_text()
    await set_clock(stage, 0)
    history = on_disk(stage.folder, SESSION)
    assert [entry["turn"] for entry in history] == list(range(len(history)))
    assert all(entry["is_timeout"] for entry in history[1:])
    assert (await stage.state(SESSION))["turn"] == len(history) - 1
    for context in contexts:
        await context.close()


@pytest.mark.parametrize("first", ["click", "clock"])
async def test_a_click_and_the_clock_at_once_are_one_turn(
    stage: Stage, chromium: Browser, first: str
) -> None:
    """Both are on their way when the server hears of them. Who came too late is told so."""
    await begin(stage, 6)  # so long that both pages are there, and the click is first
    contexts = [await new_context(chromium) for _ in range(2)]
    clicking, waiting = [await context.new_page() for context in contexts]
    held: dict[str, Route] = {}
    both = asyncio.Event()

    async def hold(route: Route) -> None:
        held.setdefault("clock" if "timeout" in route.request.url else "click", route)
        if len(held) == 2:
            both.set()

    for page in (clicking, waiting):
        await page.route("**/api/game/*", hold)
        await page.goto(f"{stage.url}/p/{SESSION}")
        await until_turn(page, 0)
    words = await clicking.locator(".ch").first.locator("span").first.inner_text()
    await clicking.locator(".ch").first.click()
    await asyncio.wait_for(both.wait(), 30)
    second = ({*held} - {first}).pop()
    await asyncio.gather(held[first].continue_(), held[second].continue_())
    for page in (clicking, waiting):
        await until(page, "document.title.startsWith('Turn 1 ')")
    (_, turn) = on_disk(stage.folder, SESSION)
    if turn["is_timeout"]:
        await until_mode(clicking, "stale")
        assert words in await clicking.locator(".note").inner_text()
    else:
        assert turn["action"] == words
        await until_mode(clicking, "choosing")
    await set_clock(stage, 0)
    assert len(on_disk(stage.folder, SESSION)) == 2
    for context in contexts:
        await context.close()


async def test_a_held_clock_stands_and_choices_stay_open(stage: Stage, page: Page) -> None:
    """Long after it would have run out."""
    await begin(stage, 2)
    asked = penalties_of(page)
    await page.goto(f"{stage.url}/p/{SESSION}")
    await until_turn(page, 0)
    due = datetime.fromisoformat((await stage.state(SESSION))["deadline_at"]).timestamp() * 1000
    await page.keyboard.press("h")
    await until_mode(page, "held")
    assert not any(sign.isdigit() for sign in await page.locator(".clock").inner_text())
    await until(page, f"Date.now() > {due} + 1000")
    state = await stage.state(SESSION)
    assert state["held_by"]
    assert state["deadline_at"] is None
    assert asked == []
    assert await stage.turns(SESSION) == 1
    await page.locator(".ch").first.click()
    await until(page, "document.title.startsWith('Turn 1 ')")
    await set_clock(stage, 0)


async def test_a_laptop_that_slept_for_an_hour_is_not_hurt(stage: Stage, page: Page) -> None:
    """By its own clock the turn ran out; by the server's it did not."""
    await begin(stage, 300)
    asked = penalties_of(page)
    await page.clock.install()
    await page.goto(f"{stage.url}/p/{SESSION}")
    await until_turn(page, 0)
    await until(page, LIVE)
    await page.clock.fast_forward("01:00:00")
    await until(page, f"document.querySelector('play-screen').play.game.skew < -3500000 && {LIVE}")
    await until(page, f"/[34]:\\d\\d/.test({CLOCK})")
    await until_mode(page, "choosing")
    assert asked == []
    assert await stage.turns(SESSION) == 1


@pytest.mark.parametrize("held_back", [False, True], ids=["stream", "polling"])
async def test_the_clock_that_is_shown_is_the_server_s(
    stage: Stage, page: Page, held_back: bool
) -> None:
    """In a browser two hours ahead, with a stream and without."""
    await begin(stage, 300)
    before = (await stage.state(SESSION))["deadline_at"]
    asked = penalties_of(page)
    await page.add_init_script(FAST)
    async with between(stage.url) as proxy:
        proxy.fault = "hold" if held_back else "none"
        await page.goto(f"{proxy.url}/p/{SESSION}")
        await until(page, f"{MODE} === 'choosing' && {LIVE}")
        await until(page, f"/[34]:\\d\\d/.test({CLOCK})")
    # Nor was it given more time for coming back late.
    assert (await stage.state(SESSION))["deadline_at"] == before
    assert asked == []
    assert await stage.turns(SESSION) == 1
