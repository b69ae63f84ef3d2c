"""What a picture is painted from: the built-in render of its frame, and the picture before it."""

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

from app.engine.providers.openai_compatible.decode import as_png
from app.engine.providers.openai_compatible.image_header import PictureRefused, header_of
from app.engine.providers.openai_compatible.image_prompt import Reference

_LARGEST: Final = 4 * 2**20


@dataclass(frozen=True, slots=True)
class Shown:
    """One reference, as WebP and, for servers that read nothing newer, as PNG."""

    kind: Reference
    webp: bytes
    png: bytes | None

    @classmethod
    def of(cls, kind: Reference, webp: bytes, *, png: bool) -> Self | None:
        """Unpacks the picture for its PNG: not for the event loop. None if it is damaged:
        a picture that came with an imported session may be anything."""
        try:
            if len(webp) > _LARGEST or header_of(webp, smallest=1).format != "WEBP":
                return None
            return cls(kind, webp, as_png(webp) if png else None)
        except PictureRefused:
            return None

    @property
    def file(self) -> tuple[str, io.BytesIO, str]:
        """As an upload."""
        name, data = ("webp", self.webp) if self.png is None else ("png", self.png)
        return f"{self.kind}.{name}", io.BytesIO(data), f"image/{name}"


def message(prompt: str, shown: Sequence[Shown]) -> dict[str, Any]:
    """A prompt and what it refers to, as a message of a chat."""
    pictures = [
        {
            "type": "image_url",
            "image_url": {"url": f"data:image/webp;base64,{base64.b64encode(one.webp).decode()}"},
        }
        for one in shown
    ]
    return {"role": "user", "content": [{"type": "text", "text": prompt}, *pictures]}
