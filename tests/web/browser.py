"""Chromium, and what every test looks at in a page."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from playwright.async_api import Browser, BrowserContext, Page, Playwright, async_playwright

FLAGS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
WIDE: Final = (1440, 900)
PHONE: Final = (390, 844)
NAMES: Final = ("chromium", "chromium-browser", "google-chrome")


def chromium() -> str:
    """The browser of this machine: `CHROMIUM`, or what is in the path (`make chromium`)."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    assert found, "there is no Chromium: `make chromium` installs it"
    return found


@asynccontextmanager
async def browsing() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await launch(playwright)
        try:
            yield browser
        finally:
            await browser.close()


async def launch(playwright: Playwright) -> Browser:
    return await playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))


async def new_context(
    browser: Browser, size: tuple[int, int] = WIDE, **more: Any
) -> BrowserContext:
    viewport = {"width": size[0], "height": size[1]}
    context = await browser.new_context(viewport=viewport, locale="en-GB", **more)  # type: ignore[arg-type]
    context.set_default_timeout(15_000)
    return context


MODE: Final = "document.querySelector('.act')?.dataset.mode"


async def mode(page: Page) -> str:
    """The one state of the play screen."""
    found: str = await page.evaluate(MODE)
    return found


async def until(page: Page, condition: str, seconds: float = 15.0) -> None:
    """Wait for an expression to hold. Playwright's own way to wait needs `eval` in the page,
    which its policy forbids."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    while not await page.evaluate(f"Boolean({condition})"):
        shown = await page.evaluate("document.querySelector('main')?.innerText")
        assert loop.time() < deadline, f"never: {condition}\n{await page.title()}\n{shown}"
        await asyncio.sleep(0.02)


async def until_mode(page: Page, wanted: str) -> None:
    await until(page, f"{MODE} === '{wanted}'")


async def until_turn(page: Page, turn: int, wanted: str = "choosing") -> None:
    """Shown, and its choices open."""
    await until(page, f"{MODE} === '{wanted}' && document.title.startsWith('Turn {turn} ')")
