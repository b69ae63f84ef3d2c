"""The painter of the built-in illustrator: one frame of a first-person world from plain facts.

Pure and total: equal facts and version give equal bytes, and every valid `SceneFacts` is painted.
"""

from typing import Final

from app.engine.providers.offline.painter.encode import webp
from app.engine.providers.offline.painter.scene import coverage, render
from app.models.scene import SceneFacts

__all__ = ["PAINTER_VERSION", "coverage", "paint", "render"]

PAINTER_VERSION: Final = 1
"""Rises whenever equal facts come to give another picture."""


def paint(scene: SceneFacts) -> bytes:
    """One frame as WebP of the scene's size."""
    return webp(render(scene))
