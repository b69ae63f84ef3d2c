"""Where keys are asked for, the page needs none: its token comes with the game that it begins."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from playwright.async_api import Browser, Request

from app.engine.world.world import World
from tests.web.browser import new_context, until, until_mode, until_turn
from tests.web.stage import staged

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]

KEPT_KEYS_WAIT = 350
"""Milliseconds in which new choices take no key yet."""


async def test_a_game_is_played_shared_and_closed_to_strangers(
    tmp_path: Path, worlds: Mapping[str, World], chromium: Browser
) -> None:
    async with staged(tmp_path, worlds=worlds, access="keys") as stage:
        ours, theirs = await new_context(chromium), await new_context(chromium)
        page, other = await ours.new_page(), await theirs.new_page()
        await page.goto(stage.url)
        await page.get_by_role("button", name="Insert tape Cinder Flat, 1993").click()
        await until_turn(page, 0)
        session = page.url.rpartition("/")[2]
        await page.locator(".ch").first.click()
        await until_turn(page, 1)

        asked: list[str] = []
        other.on("request", lambda request: asked.append(_path(request)))
        await other.goto(f"{stage.url}/p/{session}")
        await until(other, "document.body.innerText.includes('key or a token')")
        await other.wait_for_timeout(KEPT_KEYS_WAIT)
        reads = [path for path in asked if path == "/api/state"]
        assert len(reads) <= 3, "what is not for us is not asked for again and again"

        codes = await page.evaluate(f"fetch('/share/{session}').then((said) => said.json())")
        await other.goto(f"{stage.url}/s/{codes['watch']}")
        await until_mode(other, "spectator")
        await other.goto(f"{stage.url}/s/{codes['play']}")
        await until_turn(other, 1)
        await other.locator(".ch").first.click()
        await until_turn(other, 2)
        await until_turn(page, 2)

        await page.goto(stage.url)
        await until(page, "document.querySelectorAll('.save h3').length === 1")
        await ours.close()
        await theirs.close()


async def test_links_are_taken_back(
    tmp_path: Path, worlds: Mapping[str, World], chromium: Browser
) -> None:
    async with staged(tmp_path, worlds=worlds) as stage:
        await stage.begin("tape")
        before = (await stage.http.get("/share/tape")).json()
        context = await new_context(chromium)
        page = await context.new_page()
        await page.goto(f"{stage.url}/p/tape")
        await until_turn(page, 0)
        await page.get_by_role("button", name="Share").click()
        await page.get_by_role("button", name="Take back every link").click()
        await until(page, "document.body.innerText.includes('lead nowhere')")
        after = (await stage.http.get("/share/tape")).json()
        assert not {*before.values()} & {*after.values()}
        for role in ("play", "watch"):
            assert (await stage.http.get(f"/s/{before[role]}")).status_code == 404
            assert (await stage.http.get(f"/s/{after[role]}")).status_code == 200
        await context.close()


def _path(request: Request) -> str:
    return request.url.partition("://")[2].partition("/")[2].partition("?")[0].join(("/", ""))
