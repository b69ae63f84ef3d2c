"""Playing in a real browser against a real server."""

import asyncio

import httpx
import pytest
from playwright.async_api import BrowserContext, Page

from app.errors import ProviderError
from tests.web.browser import mode, until_mode, until_turn
from tests.web.stage import Stage, Step

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.slow]


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
    assert await page.get_by_role("link", name="Continue turn 1").count() == 1
