"""Pictures of the real client, played and painted for them.

`python -m tests.web.screenshots` writes docs/pictures/web-*.webp (`make screenshots`);
`python -m tests.web.screenshots --references` makes what tests/web/test_looks.py compares with;
`python -m tests.web.screenshots FOLDER [SCENE...]` writes every state as PNG: at both sizes, and
some on a narrow page, on a low one, with large letters and in forced colours.
"""

import asyncio
import io
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from PIL import Image
from playwright.async_api import Browser

from app.engine.providers.offline.illustrator import OfflineIllustrator
from app.engine.world.loader import load_worlds
from app.engine.world.world import World
from app.main import SHIPPED_WORLDS
from tests.web.browser import PHONE, WIDE, browsing, new_context, until
from tests.web.looks import LOOKS, VISIBLE, Look, keep, look, worlds
from tests.web.scenes import SCENES, prefer
from tests.web.stage import staged

PICTURES: Final = Path(__file__).parents[2] / "docs" / "pictures"
SHOWN: Final = MappingProxyType(
    {
        "start": "start",
        "play": "choosing",
        "streaming": "streaming",
        "history": "history",
        "tape": "tape",
    }
)
ON_A_PHONE: Final = ("start", "choosing", "sending", "tape")
GAP: Final = 20
QUALITY: Final = 76
SETTLED: Final = 900
"""Milliseconds: the picture is decoded and painted."""
HARD: Final = ("start", "choosing", "clock", "error", "history", "tape", "settings")

Size = tuple[int, int]
Worlds = Mapping[str, World]


async def shoot(
    browser: Browser, packs: Worlds, name: str, size: Size, *, letters: int = 100, **context: Any
) -> bytes:
    """One scene as PNG, with real pictures."""
    painters = OfflineIllustrator(2)
    with tempfile.TemporaryDirectory() as folder:
        waits = 1.5 if name == "developing" else 20
        async with staged(
            Path(folder), painter=painters, worlds=packs, image_deadline_seconds=waits
        ) as stage:
            made = await new_context(browser, size, reduced_motion="reduce", **context)
            page = await made.new_page()
            await prefer(stage, page, textSize=letters)
            await SCENES[name](stage, page)
            await until(page, VISIBLE, 60)
            await page.wait_for_timeout(SETTLED)
            shot = await page.screenshot()
            await made.close()
    await painters.close()
    return shot


async def show(browser: Browser, packs: Worlds) -> None:
    """What the documentation shows."""
    for title, name in SHOWN.items():
        image = Image.open(io.BytesIO(await shoot(browser, packs, name, WIDE)))
        image.save(PICTURES / f"web-{title}.webp", quality=QUALITY, method=6)
    width, height = PHONE
    sheet = Image.new("RGB", (len(ON_A_PHONE) * (width + GAP) - GAP, height), "#071010")
    for n, name in enumerate(ON_A_PHONE):
        shot = Image.open(io.BytesIO(await shoot(browser, packs, name, PHONE)))
        sheet.paste(shot, (n * (width + GAP), 0))
    sheet.save(PICTURES / "web-phone.webp", quality=QUALITY, method=6)


async def show_all(browser: Browser, packs: Worlds, folder: Path, names: Sequence[str]) -> None:
    """For eyes."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in names or SCENES:
        for size in (WIDE, PHONE):
            shot = await shoot(browser, packs, name, size)
            (folder / f"{name}-{size[0]}.png").write_bytes(shot)
    for name in set(HARD) & set(names or SCENES):
        ways: Mapping[str, Any] = {
            "narrow": {"size": (320, 640)},
            "low": {"size": (1280, 560)},
            "large": {"size": WIDE, "letters": 200},
            "large-phone": {"size": PHONE, "letters": 200},
            "forced": {"size": WIDE, "forced_colors": "active"},
        }
        for way, how in ways.items():
            shot = await shoot(browser, packs, name, **how)
            (folder / f"{name}-{way}.png").write_bytes(shot)


async def make_references(browser: Browser) -> None:
    packs, found = worlds(), dict[str, Look]()
    for name in LOOKS:
        with tempfile.TemporaryDirectory() as folder:
            found |= await look(browser, name, Path(folder), packs)
    keep(browser, found)


async def main(arguments: Sequence[str]) -> None:
    async with browsing() as browser:
        if list(arguments) == ["--references"]:
            await make_references(browser)
            return
        packs = load_worlds(SHIPPED_WORLDS)
        if arguments:
            await show_all(browser, packs, Path(arguments[0]), arguments[1:])
        else:
            await show(browser, packs)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
