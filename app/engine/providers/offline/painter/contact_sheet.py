"""A page of pictures for people to look at: biomes by hours and weathers, from one command.

`python -m app.engine.providers.offline.painter.contact_sheet FOLDER` writes `index.html` and the
pictures beside it.
"""

import html
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, get_args

from app.engine.providers.offline.painter import PAINTER_VERSION, paint
from app.models.scene import SceneFacts, SceneFigure, SceneProp
from app.models.vocabulary import Biome, Weather

HOURS: Final = (6.3, 13.0, 19.0, 23.0)
_ROOFED: Final = frozenset(("lab", "bunker", "cave"))
_SIZE: Final = (512, 384)


def scenes(biomes: Iterable[Biome], weathers: Iterable[Weather]) -> Iterator[SceneFacts]:
    """One scene for each biome, hour and weather, with something and somebody in it."""
    wanted = tuple(weathers)
    for row, biome in enumerate(biomes):
        for hour in HOURS:
            for weather in wanted:
                yield _scene(biome, row, hour, weather)


def _scene(biome: Biome, row: int, hour: float, weather: Weather) -> SceneFacts:
    token = "desk" if biome in _ROOFED else "car"
    return SceneFacts(
        biome=biome,
        place=biome,
        place_seed=row,
        seed=row,
        turn=int(hour),
        hour=hour,
        weather=weather,
        threat=0.7 if hour > 22 else 0.2,
        flashlight=hour > 22 and weather != "clear",
        props=(SceneProp(token=token, x=2.2, z=10.0, yaw=0.5),),
        figures=(SceneFigure(token="stranger", x=-1.5, z=17.0),) if hour > 22 else (),  # noqa: S106 - a painter\'s word
        width=_SIZE[0],
        height=_SIZE[1],
    )


def write(folder: Path, facts: Iterable[SceneFacts]) -> Path:
    """Paint scenes into a folder; the page that shows them."""
    folder.mkdir(parents=True, exist_ok=True)
    figures = []
    for scene in facts:
        name = f"{scene.biome}-{scene.hour:g}-{scene.weather}.webp"
        (folder / name).write_bytes(paint(scene))
        caption = html.escape(f"{scene.biome}, {scene.hour:g} h, {scene.weather}")
        figures.append(
            f'<figure><img src="{name}" alt="{caption}" loading="lazy">'
            f"<figcaption>{caption}</figcaption></figure>"
        )
    page = folder / "index.html"
    page.write_text(
        "<!doctype html><meta charset=utf-8><title>Pictures</title>"
        "<style>body{background:#111;color:#aaa;font:14px sans-serif;display:grid;gap:8px;"
        "grid-template-columns:repeat(auto-fill,minmax(320px,1fr))}figure{margin:0}"
        "img{width:100%}</style>"
        f"<h1>Painter version {PAINTER_VERSION}</h1>" + "\n".join(figures),
        encoding="utf-8",
    )
    return page


if __name__ == "__main__":
    write(Path(sys.argv[1]), scenes(get_args(Biome), get_args(Weather)))
