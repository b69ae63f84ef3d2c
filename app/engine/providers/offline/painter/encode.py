"""A finished frame as WebP."""

import io
from typing import Final

from PIL import Image

from app.engine.providers.offline.painter.arrays import Array

_BYTES_PER_PIXEL: Final = 70_000 / (1024 * 768)
_QUALITIES: Final = (68, 54, 42)


def webp(image: Array) -> bytes:
    """WebP at the best of a few qualities that keeps a 1024 x 768 frame within about 70 kB."""
    picture = Image.fromarray(image)
    limit = max(6_000, int(_BYTES_PER_PIXEL * picture.width * picture.height))
    data = b""
    for quality in _QUALITIES:
        out = io.BytesIO()
        picture.save(out, "WEBP", quality=quality, method=2)
        data = out.getvalue()
        if len(data) <= limit:
            break
    return data
