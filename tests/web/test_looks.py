"""Row 17: twelve states at two sizes look as they did when somebody looked at them."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from playwright.async_api import Browser

from app.engine.world.world import World
from tests.web.looks import (
    LOOKS,
    MOST_PIXELS,
    REFERENCES,
    different,
    kept,
    look,
    moved,
    worlds,
)

AGAIN = "if that is meant: python -m tests.web.screenshots --references, and look at them"


@pytest.fixture(scope="module")
def packs() -> Mapping[str, World]:
    return worlds()


@pytest.mark.slow
@pytest.mark.asyncio(loop_scope="session")
@pytest.mark.parametrize("name", LOOKS)
async def test_it_looks_as_it_did(
    chromium: Browser, tmp_path: Path, packs: Mapping[str, World], name: str
) -> None:
    version, boxes = kept()
    for size, now in (await look(chromium, name, tmp_path, packs)).items():
        elsewhere = moved(now.boxes, boxes[size])
        with Image.open(REFERENCES / f"{size}.webp") as reference:
            share, where = different(now.picture, reference.convert("RGB"))
        now.picture.save(tmp_path / f"{size}.png")
        where.save(tmp_path / f"{size}-difference.png")
        assert not elsewhere, (size, elsewhere, tmp_path, AGAIN)
        if chromium.version == version:
            assert share <= MOST_PIXELS, (size, f"{share:.2%}", tmp_path, AGAIN)


def test_every_look_has_its_references() -> None:
    names = {f"{name}-{width}" for name in LOOKS for width in (1440, 390)}
    assert {path.stem for path in REFERENCES.glob("*.webp")} == names
    assert set(kept()[1]) == names
    assert all(len(boxes) >= 8 for boxes in kept()[1].values())
    assert sum(path.stat().st_size for path in REFERENCES.iterdir()) < 2_000_000


def test_a_difference_is_seen() -> None:
    page = Image.open(REFERENCES / "choosing-1440.webp").convert("RGB")
    assert different(page, page)[0] == 0
    shifted = Image.new("RGB", page.size)
    shifted.paste(page, (0, 2))
    assert different(page, shifted)[0] > MOST_PIXELS
    without_a_choice = page.copy()
    ImageDraw.Draw(without_a_choice).rectangle((460, 300, 700, 328), (8, 18, 18))
    assert different(page, without_a_choice)[0] > MOST_PIXELS
    assert different(page, page.resize((100, 100)))[0] == 1
    boxes = kept()[1]["choosing-1440"]
    assert moved(boxes, boxes) == []
    assert moved(boxes[:-1], boxes)
    assert moved([[box[0], box[1], box[2] + 9, *box[3:]] for box in boxes], boxes)
