"""The service is killed: nothing is lost, nothing comes twice, and every screen tells the truth."""

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import httpx
import pytest
from playwright.async_api import Browser, BrowserContext, Page, Request

from tests.web.browser import PHONE, new_context, until, until_mode, until_turn
from tests.web.killable import free_port, killable
from tests.web.proxy import between
from tests.web.scenes import SESSION
from tests.web.stage import on_disk

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.slow, pytest.mark.alone]

CHIP: Final = "document.querySelector('.conn')?.textContent.trim()"
REACHED: Final = f"['Live', 'Saved', 'Checking'].includes({CHIP})"
LOST: Final = "document.querySelector('.rib')"
STREAM: Final = "document.querySelector('play-screen').play.stream"
TOLD: Final = "document.querySelector('.prose').textContent.trim()"
TO_CHOOSE: Final = "document.querySelector('.act')?.dataset.mode === 'choosing'"
"""The turn is there, not only its words so far."""
RECOVERED_S: Final = 2.0
LIFE: Final = 60.0
"""Seconds in which a turn is told, on a machine that is busy."""


def keys_of(page: Page) -> list[str | None]:
    """The keys of the actions that the page asks for, as it asks."""
    keys: list[str | None] = []

    def asked(request: Request) -> None:
        if request.url.endswith("/api/game/action"):
            keys.append(request.headers.get("idempotency-key"))

    page.on("request", asked)
    return keys


async def begin(http: httpx.AsyncClient, session_id: str = SESSION) -> None:
    answer = await http.post("/api/game/intro", json={"session_id": session_id, "seed": 7})
    assert answer.is_success, answer.text


async def test_a_server_is_killed_in_the_middle_of_a_sentence(page: Page, tmp_path: Path) -> None:
    """Row 5. The turn that was lost with it is made after all: once, with the choice and the key
    that it had."""
    port, keys = free_port(), keys_of(page)
    async with killable(tmp_path, port) as http:
        await begin(http)
        await page.goto(f"http://127.0.0.1:{port}/p/{SESSION}")
        await until_turn(page, 0)
        await until(page, REACHED)
        words = await page.locator(".ch").first.locator("span").first.inner_text()
        await page.locator(".ch").first.click()
        await until(page, f"{TOLD}.split(' ').length > 6")
    await until(page, LOST)
    assert await page.evaluate(CHIP) in ("Retrying", "Offline")
    assert len(on_disk(tmp_path, SESSION)) == 1
    async with killable(tmp_path, port):
        await until(page, REACHED, RECOVERED_S + 3)
        await until(page, "document.title.startsWith('Turn 1 ')", LIFE)
        await until_turn(page, 1)
        told = await page.evaluate(TOLD)
        assert await page.locator(".rib").count() == 0
    history = on_disk(tmp_path, SESSION)
    assert [entry["action"] for entry in history] == [None, words]
    assert told == history[1]["dispatch"].replace("\n\n", "")
    assert len(keys) == 2
    assert len({*keys}) == 1


async def refused(page: Page) -> str:
    """Choose, while there is no server: the words of what was chosen."""
    await until(page, LOST)
    words = await page.locator(".ch").nth(1).locator("span").first.inner_text()
    await page.locator(".ch").nth(1).click()
    await until_mode(page, "error")
    card = await page.locator(".note").inner_text()
    assert words in card
    assert "is kept" in card
    return words


async def test_a_choice_that_no_server_heard_is_kept_with_its_key(
    context: BrowserContext, tmp_path: Path
) -> None:
    """Row 5. It is played when there is a server again; even if the page was loaded anew in
    between, as the second of these is."""
    port = free_port()
    pages = {name: await context.new_page() for name in ("stays", "leaves")}
    keys = {name: keys_of(page) for name, page in pages.items()}
    async with killable(tmp_path, port) as http:
        for name, page in pages.items():
            await begin(http, name)
            await page.goto(f"http://127.0.0.1:{port}/p/{name}")
            await until_turn(page, 0)
            await until(page, REACHED)
    words = {name: await refused(page) for name, page in pages.items()}
    await pages["leaves"].goto("about:blank")
    async with killable(tmp_path, port):
        await pages["leaves"].go_back()
        for name, page in pages.items():
            await until_turn(page, 1)
            assert words[name] in await page.locator(".chose").inner_text()
            kept = await page.evaluate(f"sessionStorage.getItem('elsewhere.wish.{name}')")
            assert kept is None
    for name, sent in keys.items():
        assert [entry["action"] for entry in on_disk(tmp_path, name)] == [None, words[name]]
        assert len(sent) >= 2
        assert len({*sent}) == 1


async def until_all(pages: Sequence[Page], condition: str, seconds: float) -> None:
    await asyncio.gather(*(until(page, condition, seconds) for page in pages))


@pytest.mark.timeout(180)
async def test_two_seconds_later_every_screen_shows_the_same(
    chromium: Browser, tmp_path: Path
) -> None:
    """kill -9 in mid-text under seven tabs, a second device on which somebody has typed, a proxy
    that buffers and a laptop that sleeps: within two seconds of there being a server again all
    are with it, then show the same turn, and no choice or typed word is lost."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    contexts = [await new_context(chromium) for _ in range(3)]
    device = await new_context(chromium, PHONE)
    tabs = [await contexts[0].new_page() for _ in range(7)]
    phone, held, laptop = [await one.new_page() for one in (device, *contexts[1:])]
    everybody = [*tabs, phone, held, laptop]
    async with between(url) as proxy:
        proxy.fault = "hold"
        await laptop.clock.install()
        async with killable(tmp_path, port) as http:
            await begin(http)
            for page in everybody:
                await page.goto(f"{proxy.url if page is held else url}/p/{SESSION}")
            await until_all(everybody, f"{REACHED}", 15)
            await phone.bring_to_front()
            await phone.locator(".ch.free").click()
            await phone.locator("textarea").fill("hum the note back")
            await tabs[6].bring_to_front()
            words = await tabs[6].locator(".ch").first.locator("span").first.inner_text()
            await tabs[6].locator(".ch").first.click()
            await until_all([*tabs, phone], f"{TOLD}.split(' ').length > 6", 15)
            # Its lid is closed: no timer runs any more, and its stream ends without a word.
            await until(laptop, f"{STREAM}.live")
            await laptop.clock.pause_at(await laptop.evaluate("Date.now() + 1000"))
            await laptop.evaluate(f"{STREAM}.source?.close()")
        await until_all([*tabs, phone, held], f"{LOST} || {CHIP} === 'Retrying'", 15)
        async with killable(tmp_path, port):
            back = time.monotonic()
            await laptop.clock.fast_forward("45:00")
            await laptop.clock.resume()
            await until_all(everybody, f"{REACHED} && !{LOST}", 15)
            recovered = time.monotonic() - back
            await until_all(everybody, f"document.title.startsWith('Turn 1 ') && {TO_CHOOSE}", LIFE)
            (first, turn) = on_disk(tmp_path, SESSION)
            shown = [await page.evaluate(TOLD) for page in everybody]
            typed = await phone.locator("textarea").input_value()
        assert first["action"] is None
        assert turn["action"] == words
        assert shown == [turn["dispatch"].replace("\n\n", "")] * len(everybody)
        assert typed == "hum the note back"
    for context in (*contexts, device):
        await context.close()
    assert recovered <= RECOVERED_S, recovered
