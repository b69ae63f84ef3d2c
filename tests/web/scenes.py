"""Every screen in every state, by name: for axe, for screenshots, for eyes."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from types import MappingProxyType
from typing import Any, Final

from playwright.async_api import Page

from app.errors import ProviderTimeout
from tests.web.browser import until, until_mode, until_turn
from tests.web.stage import Stage, Step

SESSION: Final = "tape"
LONG: Final = (
    "The floodlight swings past and the gravel goes black again. Forty yards of open ground, then "
    "the fence, then the long shed with two windows lit. Someone inside is humming.\n\n"
    "Your left hand will not close. You have counted the frames that are left, twice, and both "
    "times there were fewer than you thought."
)

Scene = Callable[[Stage, Page], Awaitable[None]]


async def open_play(stage: Stage, page: Page, *, turns: int = 2) -> None:
    """A story a few turns in, in the browser."""
    await stage.begin(SESSION)
    for _ in range(turns):
        await stage.act(SESSION)
    await page.goto(f"{stage.url}/p/{SESSION}")
    await until_turn(page, turns)
    await until(page, "document.querySelector('.conn.live')")


async def remember(stage: Stage, page: Page) -> None:
    """The browser has played these tapes before."""
    await stage.begin(SESSION)
    await stage.act(SESSION)
    await stage.begin("second", world="skerry_light")
    await stage.begin("third")
    await stage.die("third")
    await page.goto(f"{stage.url}/manifest.webmanifest")
    tapes = "['tape', 'second', 'third'].map((id) => ({id, at: 0}))"
    await page.evaluate(f"localStorage.setItem('elsewhere.tapes', JSON.stringify({tapes}))")


async def prefer(stage: Stage, page: Page, **prefs: Any) -> None:
    """Settings of this browser, from an earlier visit."""
    await page.goto(f"{stage.url}/manifest.webmanifest")
    kept = json.dumps({"version": 1, **prefs})
    await page.evaluate("(kept) => localStorage.setItem('elsewhere.prefs', kept)", kept)


async def start_empty(stage: Stage, page: Page) -> None:
    await page.goto(stage.url)
    await until(page, "document.querySelectorAll('.box').length >= 2")


async def start(stage: Stage, page: Page) -> None:
    await remember(stage, page)
    await page.goto(stage.url)
    await until(page, "document.querySelectorAll('.save h3').length === 3")


async def start_loading(stage: Stage, page: Page) -> None:
    await remember(stage, page)
    held = asyncio.Event()
    await page.route("**/api/sessions/*/history*", lambda route: held.wait())
    await page.goto(stage.url)
    await until(page, "document.querySelectorAll('.save.empty').length === 3")


async def start_failed(stage: Stage, page: Page) -> None:
    await remember(stage, page)
    await page.route("**/api/sessions/*/history*", lambda route: route.abort())
    await page.goto(stage.url)
    await until(page, "document.querySelector('.start .note')")


async def new(stage: Stage, page: Page) -> None:
    await page.goto(f"{stage.url}/p/default")
    await until_mode(page, "new")


async def loading(stage: Stage, page: Page) -> None:
    await stage.begin(SESSION)
    held = asyncio.Event()
    await page.route("**/api/state*", lambda route: held.wait())
    await page.goto(f"{stage.url}/p/{SESSION}")
    await until_mode(page, "loading")


async def choosing(stage: Stage, page: Page) -> None:
    await open_play(stage, page)


async def clock(stage: Stage, page: Page) -> None:
    await stage.begin(SESSION)
    await stage.call("PATCH", f"/api/sessions/{SESSION}", settings={"deadline_seconds": 300})
    await page.goto(f"{stage.url}/p/{SESSION}")
    await until(page, "document.querySelector('.clock')?.textContent.includes(':')")


async def held(stage: Stage, page: Page) -> None:
    await clock(stage, page)
    await page.get_by_role("button", name="Hold").click()
    await until_mode(page, "held")


async def without_pictures(stage: Stage, page: Page) -> None:
    await prefer(stage, page, pictures="off")
    await open_play(stage, page)
    await until(page, "document.querySelector('.tv[data-state=off]')")


async def picture_on_request(stage: Stage, page: Page) -> None:
    await prefer(stage, page, pictures="tap")
    await open_play(stage, page)
    await until(page, "document.querySelector('.tv[data-state=tap]')")


async def described(stage: Stage, page: Page) -> None:
    """Beside the picture; on a phone, below it once it is large."""
    await open_play(stage, page)
    summary = page.get_by_text("Describe this picture")
    if await summary.is_visible():
        await summary.click()
    else:
        await page.get_by_role("button", name="Show the whole picture").click()
        await until(page, "document.querySelector('dialog.picture img')?.complete")


async def rewound(stage: Stage, page: Page) -> None:
    await open_play(stage, page)
    await page.keyboard.press("u")
    await until(page, "document.querySelector('.toast')")
    await until_turn(page, 1)


async def own_words(stage: Stage, page: Page) -> None:
    await open_play(stage, page)
    await page.locator(".ch.free").click()
    await page.locator("textarea").fill("Hum the note back, a third lower, and count")


async def sending(stage: Stage, page: Page) -> None:
    await open_play(stage, page)
    step = stage.narrator.next(Step())
    await page.locator(".ch").nth(1).click()
    await step.begun.wait()
    await until_mode(page, "sending")


async def slow(stage: Stage, page: Page) -> None:
    await sending(stage, page)
    await until(page, "document.querySelector('.waiting')?.textContent.includes('Still writing')")


async def own_words_sent(stage: Stage, page: Page) -> None:
    await own_words(stage, page)
    stage.narrator.next(Step())
    await page.get_by_role("button", name="Do it").click()
    await until_mode(page, "sending")


async def streaming(stage: Stage, page: Page) -> None:
    await open_play(stage, page)
    stage.illustrator.ready.clear()
    stage.narrator.next(Step(pieces=(LONG[:170],), text=LONG))
    await page.locator(".ch").nth(1).click()
    await until_mode(page, "streaming")


async def developing(stage: Stage, page: Page) -> None:
    await open_play(stage, page)
    stage.illustrator.ready.clear()
    stage.narrator.next(Step.at_once(LONG))
    await page.locator(".ch").nth(1).click()
    await until_turn(page, 3)


async def picture_lost(stage: Stage, page: Page) -> None:
    await open_play(stage, page)
    stage.illustrator.broken = True
    stage.narrator.next(Step.at_once(LONG))
    await page.locator(".ch").nth(1).click()
    await until_turn(page, 3)
    await until(page, "document.querySelector('.tv[data-state=failed]')")


async def error(stage: Stage, page: Page) -> None:
    await open_play(stage, page)
    stage.narrator.next(Step.at_once(error=ProviderTimeout()))
    await page.locator(".ch").nth(1).click()
    await until_mode(page, "error")


async def unreachable(stage: Stage, page: Page) -> None:
    await open_play(stage, page)
    await page.route("**/api/game/action*", lambda route: route.abort())
    await page.locator(".ch").nth(1).click()
    await until_mode(page, "error")


async def new_text(stage: Stage, page: Page) -> None:
    """Who has scrolled away while the turn was made is told where the text is."""
    await open_play(stage, page)
    width = await page.evaluate("innerWidth")
    await page.set_viewport_size({"width": width, "height": 480})
    step = stage.narrator.next(Step(text=LONG))
    await page.locator(".ch").nth(1).click()
    await step.begun.wait()
    await until_mode(page, "sending")
    await page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    await until(page, "document.querySelector('play-screen').place.scrolled")
    step.go.set()
    await until(page, "document.querySelector('.newtext')")


async def stale(stage: Stage, page: Page) -> None:
    await open_play(stage, page)
    await page.route("**/events*", lambda route: route.abort())
    await page.evaluate("document.querySelector('play-screen').play.stream.close()")
    await stage.act(SESSION)
    await page.locator(".ch").nth(1).click()
    await until_mode(page, "stale")


async def elsewhere(stage: Stage, page: Page) -> None:
    await open_play(stage, page)
    step = stage.narrator.next(Step())
    acting = asyncio.create_task(stage.act(SESSION))
    await step.begun.wait()
    await until_mode(page, "elsewhere")
    stage.keep(acting)


async def spectator(stage: Stage, page: Page) -> None:
    await stage.begin(SESSION)
    await stage.act(SESSION)
    codes = (await stage.http.get(f"/share/{SESSION}")).json()
    await page.goto(f"{stage.url}/s/{codes['watch']}")
    await until_mode(page, "spectator")


async def refused(stage: Stage, page: Page) -> None:
    await spectator(stage, page)
    await page.locator(".ch").first.focus()
    await page.keyboard.press("Enter")
    await until(page, "document.querySelector('choice-list .note-line')")


async def over(stage: Stage, page: Page) -> None:
    await stage.begin(SESSION)
    await stage.die(SESSION)
    await page.goto(f"{stage.url}/p/{SESSION}")
    await until_mode(page, "over")


async def gone(stage: Stage, page: Page) -> None:
    await page.goto(f"{stage.url}/p/nobody-was-here")
    await until(page, "document.querySelector('.lost h1')")


async def missing(stage: Stage, page: Page) -> None:
    await page.goto(f"{stage.url}/s/00000000")
    await until(page, "document.querySelector('.lost h1')")


async def retrying(stage: Stage, page: Page) -> None:
    await open_play(stage, page)
    await page.route("**/events*", lambda route: route.abort())
    await page.evaluate(
        "(() => { const {stream} = document.querySelector('play-screen').play;"
        " stream.source.dispatchEvent(new Event('error')); })()"
    )
    await until(page, "document.querySelector('.rib')")


async def offline(stage: Stage, page: Page) -> None:
    await open_play(stage, page)
    await page.context.set_offline(True)
    await until(page, "document.querySelector('.rib')?.textContent.includes('offline')")


async def polling(stage: Stage, page: Page) -> None:
    """A proxy that holds the stream back: the state is asked for instead."""
    await stage.begin(SESSION)
    silent = asyncio.Event()
    await page.route("**/events*", lambda route: silent.wait())
    await page.goto(f"{stage.url}/p/{SESSION}")
    await until(page, "document.querySelector('.conn')?.textContent.includes('Checking')")


async def history(stage: Stage, page: Page) -> None:
    await stage.begin(SESSION)
    for _ in range(4):
        await stage.act(SESSION)
    fork = await stage.call("POST", f"/api/sessions/{SESSION}/fork", turn=2)
    state = await stage.state(fork["session_id"])
    await stage.act(fork["session_id"], choice_id=state["choices"][1]["id"])
    await stage.call("POST", f"/api/sessions/{SESSION}/rewind", turn=3)
    state = await stage.state(SESSION)
    await stage.act(SESSION, choice_id=state["choices"][2]["id"])
    await page.goto(f"{stage.url}/p/{SESSION}/history#turn-2")
    await until(page, "document.querySelectorAll('.lb').length >= 2")


async def tape(stage: Stage, page: Page) -> None:
    await stage.begin(SESSION)
    for _ in range(6):
        await stage.act(SESSION)
    await stage.die(SESSION)
    await page.goto(f"{stage.url}/t/{SESSION}")
    await until(page, "document.querySelector('.strip img')")


async def film(stage: Stage, page: Page) -> None:
    """The tape of a run whose film is there."""
    await stage.begin(SESSION)
    await stage.act(SESSION)
    await stage.die(SESSION)
    await filmed(stage)
    await page.goto(f"{stage.url}/t/{SESSION}")
    await until(page, "document.querySelector('.tv.film video')?.readyState > 0")


async def film_in_the_making(stage: Stage, page: Page) -> None:
    await stage.begin(SESSION)
    await stage.act(SESSION)
    await stage.call("POST", f"/api/sessions/{SESSION}/tapes")
    await stage.deck.entered.acquire()
    await page.goto(f"{stage.url}/t/{SESSION}")
    await until(page, "document.querySelector('.film-line progress')?.value === 0.5")


async def filmed(stage: Stage) -> None:
    """The run as it is now has its film."""
    stage.deck.let_go()
    path = f"/api/sessions/{SESSION}/tapes"
    await stage.call("POST", path)
    while (await stage.call("GET", path))["items"][0]["status"] != "ready":
        await asyncio.sleep(0.02)


async def moving(stage: Stage, page: Page) -> None:
    """A turn with a clip."""
    await stage.begin(SESSION)
    await stage.call("PATCH", f"/api/sessions/{SESSION}", settings={"videos": True})
    await stage.act(SESSION)
    await page.goto(f"{stage.url}/p/{SESSION}")
    await until_turn(page, 1)
    await until(page, "document.querySelector('.tv[data-state=ready] .clip')")


async def so_far(stage: Stage, page: Page) -> None:
    """The tape of a run that goes on, by a link to one of its turns."""
    await stage.begin(SESSION)
    await stage.act(SESSION)
    await stage.act(SESSION)
    codes = (await stage.http.get(f"/share/{SESSION}")).json()
    await page.goto(f"{stage.url}/s/{codes['watch']}/1")
    await until(page, "document.querySelector('.strip img')")


async def settings(stage: Stage, page: Page) -> None:
    await open_play(stage, page)
    await page.get_by_role("button", name="Settings").click()
    await until(page, "document.querySelector('#set-story-clock')")


async def share(stage: Stage, page: Page) -> None:
    await open_play(stage, page)
    await page.get_by_role("button", name="Share").click()
    await until(page, "document.querySelector('.share .code')")


async def keys(stage: Stage, page: Page) -> None:
    await open_play(stage, page)
    await page.keyboard.press("?")
    await until(page, "document.querySelector('help-page dl')")


async def picture(stage: Stage, page: Page) -> None:
    await open_play(stage, page)
    await page.keyboard.press("p")
    await until(page, "document.querySelector('dialog.picture img')?.complete")


SCENES: Final = MappingProxyType(
    {
        scene.__name__: scene
        for scene in (
            start_empty, start, start_loading, start_failed, new, loading, choosing, clock, held,
            without_pictures, picture_on_request, described, rewound, own_words, own_words_sent,
            sending, slow, streaming, developing, picture_lost, error, unreachable, new_text,
            stale, elsewhere, spectator, refused, over, gone, missing, retrying, offline, polling,
            history, tape, film, film_in_the_making, moving, so_far, settings, share, keys, picture,
        )
    }
)  # fmt: skip
