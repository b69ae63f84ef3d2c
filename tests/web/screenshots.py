"""Pictures of the real client, played and painted for them.

`python -m tests.web.screenshots` writes docs/pictures/web-*.webp;
`python -m tests.web.screenshots FOLDER [SCENE...]` writes every state at both sizes as PNG.
"""

import asyncio
import io
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PIL import Image
from playwright.async_api import Browser

from app.engine.providers.offline.illustrator import OfflineIllustrator
from tests.web.browser import PHONE, WIDE, browsing, new_context, until
from tests.web.scenes import SCENES
from tests.web.stage import staged

ROOT: Final = Path(__file__).parents[2]
SHOWN: Final = (
    ("start", "start", WIDE),
    ("play", "choosing", WIDE),
    ("streaming", "streaming", WIDE),
    ("history", "history", WIDE),
    ("tape", "tape", WIDE),
    ("phone", "choosing", PHONE),
)
DECODED: Final = "[...document.querySelectorAll('img:not([loading])')].every((one) => one.complete)"
SETTLED: Final = 900
"""Milliseconds: the picture is decoded and painted."""


async def shoot(browser: Browser, name: str, size: tuple[int, int]) -> bytes:
    """One scene as PNG, with real pictures."""
    painters = OfflineIllustrator(2)
    with tempfile.TemporaryDirectory() as folder:
        waits = 1.5 if name == "developing" else 20
        async with staged(Path(folder), painter=painters, image_deadline_seconds=waits) as stage:
            context = await new_context(browser, size, reduced_motion="reduce")
            page = await context.new_page()
            await SCENES[name](stage, page)
            await until(page, DECODED)
            await page.wait_for_timeout(SETTLED)
            shot = await page.screenshot()
            await context.close()
    await painters.close()
    return shot


async def main(arguments: Sequence[str]) -> None:
    async with browsing() as browser:
        if not arguments:
            for title, name, size in SHOWN:
                image = Image.open(io.BytesIO(await shoot(browser, name, size)))
                image.save(ROOT / "docs/pictures" / f"web-{title}.webp", quality=82, method=6)
            return
        folder = Path(arguments[0])
        folder.mkdir(parents=True, exist_ok=True)
        for name in arguments[1:] or SCENES:
            for size in (WIDE, PHONE):
                (folder / f"{name}-{size[0]}.png").write_bytes(await shoot(browser, name, size))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
