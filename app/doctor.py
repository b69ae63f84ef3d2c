"""`elsewhere doctor`: try each configured model once, and say what works and what a turn costs."""

import asyncio
import io
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from PIL import Image as Pixels

from app.crew import (
    WARN_DAYS,
    days_left,
    endpoint_of,
    hire_filmmaker,
    hire_illustrator,
    hire_narrator,
    prices_of,
)
from app.engine.providers.offline.illustrator import OfflineIllustrator
from app.engine.world.loader import load_worlds
from app.engine.world.resolution import Resolution
from app.engine.world.world import World
from app.errors import GameError
from app.models.ledger import MICROS, Capability, Units
from app.models.narration import Brief, ClipRequest, PictureRequest, PictureStyle
from app.settings import ModelServer, ServiceSettings

WELL: Final = 0
ILL: Final = 1
"""The exit status when something that is configured does not work."""
SEED: Final = 7
CLIP_SECONDS: Final = 4
TURNS: Final = 40
"""Of a usual game, for what it comes to."""


@dataclass(slots=True)
class Receipt:
    """A purse that pays for the one try and keeps the bill."""

    calls: int = 0
    micros: int = 0
    unpriced: bool = False
    estimated: bool = False
    units: list[Units] = field(default_factory=list)

    async def reserve(
        self, capability: Capability, *, provider: str, model: str, at_most: int | None
    ) -> "Receipt":
        del capability, provider, model, at_most
        self.calls += 1
        return self

    def settle(
        self, units: Units, micros: int | None, *, estimated: bool = False, request_id: str = ""
    ) -> None:
        del request_id
        self.units.append(units)
        self.micros += micros or 0
        self.unpriced = self.unpriced or micros is None
        self.estimated = self.estimated or estimated

    def release(self) -> None:
        """It cost nothing."""

    def said(self) -> str:
        """What it came to, in a few words."""
        if self.unpriced:
            return "price unknown (ELSEWHERE_PRICES can name it)"
        about = "about " if self.estimated else ""
        return f"{about}{dollars(self.micros)}"


def dollars(micros: int) -> str:
    """Four decimals: a turn's text costs less than a tenth of a cent."""
    return f"${micros / MICROS:.4f}"


def run(settings: ServiceSettings, worlds: Path) -> int:
    """Try what is configured; returns the exit status."""
    return asyncio.run(examine(settings, worlds))


async def examine(settings: ServiceSettings, worlds: Path) -> int:
    """The same, on a loop that is there."""
    world = load_worlds(worlds)[settings.default_world]
    receipts: list[Receipt] = []
    well = True
    for name, server, attempt in (
        ("text", settings.text, _try_text),
        ("image", settings.image, _try_image),
        ("video", settings.video, _try_video),
    ):
        if server is None:
            if name != "video":
                _say(f"{name}: built in. It costs nothing and needs no network.")
            continue
        receipt = Receipt()
        well &= await _tried(name, settings, server, receipt, attempt, world)
        if name != "video":  # No turn waits for a clip, or must have one.
            receipts.append(receipt)
    if receipts and well:
        _say_cost(settings, receipts)
    return WELL if well else ILL


_Attempt = Callable[[ServiceSettings, ModelServer, World, Receipt], Awaitable[str]]


async def _tried(
    name: str,
    settings: ServiceSettings,
    server: ModelServer,
    receipt: Receipt,
    attempt: _Attempt,
    world: World,
) -> bool:
    _say(f"{name}: {server.model} at {server.base_url}")
    began = time.perf_counter()
    try:
        found = await attempt(settings, server, world, receipt)
    except GameError as error:
        _say(f"  does not work: {error}")
        return False
    seconds = time.perf_counter() - began
    calls = f", {receipt.calls} calls" if receipt.calls > 1 else ""
    _say(f"  works: {found}; {seconds:.1f} s{calls}; {receipt.said()}")
    await _warn(settings, server)
    return True


async def _try_text(
    settings: ServiceSettings, server: ModelServer, world: World, receipt: Receipt
) -> str:
    """Word the first turn of the default world, as a player would get it."""
    narrator = hire_narrator(settings, server)
    began, heard = time.perf_counter(), list[float]()
    try:
        brief = _brief(world)
        telling = await narrator.tell(
            brief, hear=lambda _: heard.append(time.perf_counter() - began), purse=receipt
        )
    finally:
        await narrator.close()
    first = f"first words after {heard[0]:.1f} s, " if heard else ""
    tokens = sum((one.input_tokens for one in receipt.units), 0)
    written = sum((one.output_tokens for one in receipt.units), 0)
    kept = "" if telling.dispatch != brief.wording.dispatch else "; its words could not be used"
    return f"{narrator.mode} mode, {first}{tokens} tokens in, {written} out{kept}"


async def _try_image(
    settings: ServiceSettings, server: ModelServer, world: World, receipt: Receipt
) -> str:
    """Paint the first frame of the default world."""
    painters = OfflineIllustrator(1)
    illustrator = hire_illustrator(settings, server, painters)
    resolution = _first(world)
    style = world.pack.style
    try:
        picture = await illustrator.paint(
            PictureRequest(
                session_id="doctor",
                turn=0,
                scene=resolution.scene,
                alt=resolution.wording.vision_dispatch,
                style=PictureStyle(prefix=style.image_prompt_prefix, negative=style.negative),
            ),
            purse=receipt,
        )
    finally:
        await illustrator.close()
        await painters.close()
    with Pixels.open(io.BytesIO(picture.data)) as seen:
        width, height = seen.size
    size = len(picture.data) // 1024
    return f"{illustrator.mode}, {width}x{height}, {size} KiB as kept"


async def _try_video(
    settings: ServiceSettings, server: ModelServer, world: World, receipt: Receipt
) -> str:
    """Make the shortest clip of the first frame of the default world."""
    filmmaker = hire_filmmaker(settings, server)
    resolution = _first(world)
    request = ClipRequest(
        prompt=f"{world.pack.style.image_prompt_prefix} {resolution.wording.vision_dispatch}",
        seconds=CLIP_SECONDS,
        width=1280,
        height=720,
    )
    try:
        clip = await filmmaker.film(request, purse=receipt)
    finally:
        await filmmaker.close()
    return f"{CLIP_SECONDS} s asked for, {len(clip.data) // 1024} KiB"


def _first(world: World) -> Resolution:
    return world.begin(SEED)


def _brief(world: World) -> Brief:
    resolution = _first(world)
    return Brief(
        session_id="doctor",
        world=world.pack.id,
        seed=SEED,
        turn=0,
        action=None,
        is_custom_action=False,
        fate=None,
        tier=None,
        movement=resolution.movement,
        grounding=resolution.grounding(),
        outcome=resolution.outcome,
        last_dispatches=(),
        summary="",
        choices=tuple(offer.choice for offer in resolution.world.offers),
        ending=None,
        wording=resolution.wording,
    )


async def _warn(settings: ServiceSettings, server: ModelServer) -> None:
    from app.engine.providers.openai_compatible.lifetimes import shutdown_date

    ends = await shutdown_date(endpoint_of(settings, server))
    if ends is None:
        return
    days = days_left(ends)
    if days < WARN_DAYS:
        _say(f"  WARNING: {server.model} is shut down on {ends} ({days} days): name another.")


def _say_cost(settings: ServiceSettings, receipts: list[Receipt]) -> None:
    if any(one.unpriced for one in receipts):
        _say("a turn: price unknown")
    else:
        turn = sum(one.micros for one in receipts)
        _say(
            f"a turn: {dollars(turn)}; a game of {TURNS} turns: {dollars(turn * TURNS)} "
            f"(prices as of {prices_of(settings).as_of})"
        )
    cap = settings.day_budget_usd
    _say(
        f"all sessions together stop at ${cap:.2f} a day"
        if cap is not None
        else "no cap for a day is set (ELSEWHERE_DAY_BUDGET_USD)"
    )


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
