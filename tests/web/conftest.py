"""One Chromium for all tests of a worker; a server and a context for each."""

from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page

from app.engine.world.world import World
from tests.web.browser import browsing, new_context
from tests.web.stage import Stage, staged


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    async with browsing() as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="session")
async def stage(tmp_path: Path, worlds: Mapping[str, World]) -> AsyncIterator[Stage]:
    async with staged(tmp_path, worlds=worlds) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def context(chromium: Browser) -> AsyncIterator[BrowserContext]:
    made = await new_context(chromium)
    yield made
    await made.close()


@pytest_asyncio.fixture(loop_scope="session")
async def page(context: BrowserContext) -> AsyncIterator[Page]:
    """A page in which nothing may go wrong unseen."""
    made = await context.new_page()
    errors: list[str] = []
    made.on("pageerror", lambda error: errors.append(str(error)))
    yield made
    assert errors == []
