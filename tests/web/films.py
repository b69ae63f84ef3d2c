"""Films that a browser plays, made in no time."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Final

from app.engine.ports import Purse
from app.models.narration import Clip, ClipRequest
from app.models.tape import FILM, STILLS
from tests.doubles import QuickFilmmaker, flat_webp
from tests.film.footage import flat, mp4
from tests.tapes.decks import HeldDeck

FILM_SECONDS: Final = 10
CLIP_SECONDS: Final = 2
FPS: Final = 8


def film(seconds: int) -> bytes:
    """So many seconds of grey that becomes lighter."""
    shades = range(seconds * FPS)
    return mp4([flat(shade, shade, shade, 160, 120) for shade in shades], fps=FPS)


class PlayableDeck(HeldDeck):
    """Makes each film when it is told to, and one that can be watched."""

    async def record(self, folder: Path, *, heard: Callable[[float], None]) -> None:
        await super().record(folder, heard=heard)
        (folder / FILM).write_bytes(await asyncio.to_thread(film, FILM_SECONDS))
        (folder / STILLS).write_bytes(flat_webp("stills"))


class PlayableFilmmaker(QuickFilmmaker):
    """Clips that can be watched."""

    async def film(self, request: ClipRequest, *, purse: Purse) -> Clip:
        clip = await super().film(request, purse=purse)
        return clip.model_copy(update={"data": await asyncio.to_thread(film, CLIP_SECONDS)})
