"""What a dozen scenes look like from across the room: small, and with a tolerance.

Bytes may differ between versions of NumPy and Pillow; a picture may not. After a wanted change,
`python -m tests.painter.test_golden` stores the thumbnails anew: look at them before you commit.
"""

from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
from PIL import Image

from app.engine.providers.offline.painter import render
from app.models.scene import SceneFacts, SceneFigure
from tests.painter.scenes import SAMPLES, prop, scene

_STORED: Final = Path(__file__).parent / "golden.png"
_SIZE: Final = (32, 18)
_TOLERANCE: Final = 5 / 255
_OLD: Final[dict[str, Any]] = {"surroundings": "sea", "year": 1907, "palette": "frost"}
_SCENES: Final[tuple[SceneFacts, ...]] = (
    *(SAMPLES[k] for k in (0, 1, 2, 3, 5, 7, 9, 10, 12)),
    scene("field", 21, "fog", props=(prop("lighthouse", 6, 40), prop("grave", -3, 9)), **_OLD),
    scene("bunker", 22, place="room", props=(prop("stove", 2, 7), prop("clock", -2, 7)), **_OLD),
    scene("lab", 22, place="room", figures=(SceneFigure(token="orderly", x=0.4, z=6),)),
)


def _thumbnail(facts: SceneFacts) -> Any:
    small = Image.fromarray(render(facts)).resize(_SIZE, Image.Resampling.BOX)
    return np.asarray(small, np.uint8)


@pytest.mark.parametrize("number", range(len(_SCENES)))
def test_a_scene_looks_as_it_did(number: int) -> None:
    stored = np.asarray(Image.open(_STORED).convert("RGB"), np.float32)
    before = stored[number * _SIZE[1] : (number + 1) * _SIZE[1]] / 255
    now = _thumbnail(_SCENES[number]).astype(np.float32) / 255

    assert np.sqrt(((now - before) ** 2).mean()) <= _TOLERANCE


if __name__ == "__main__":
    Image.fromarray(np.concatenate([_thumbnail(facts) for facts in _SCENES])).save(
        _STORED, optimize=True
    )
