"""A page of pictures for people to look at: scenes painted into a folder, and biomes to paint."""

import html
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.engine.providers.offline.painter import PAINTER_VERSION, coverage, paint
from app.models.scene import SceneFacts, SceneFigure, SceneProp
from app.models.vocabulary import Biome, Weather

HOURS: Final = (6.3, 13.0, 19.0, 23.0)
_ROOFED: Final = frozenset(("lab", "bunker", "cave"))
_SEEN: Final = 60
"""From so many pixels of a full picture on a thing is visible."""
_SIZE: Final = (512, 384)
_STYLE: Final = (
    "body{background:#111;color:#aaa;font:14px sans-serif;display:grid;gap:8px;"
    "grid-template-columns:repeat(auto-fill,minmax(320px,1fr))}"
    "h1{grid-column:1/-1;font-size:1.2em}figure{margin:0}img{width:100%}"
)


@dataclass(frozen=True)
class Exhibit:
    """One picture of a page: its file's name without the ending, what to call it, its scene."""

    name: str
    caption: str
    scene: SceneFacts


def sheet(
    biomes: Iterable[Biome], weathers: Iterable[Weather], hours: Iterable[float] = HOURS
) -> Iterator[Exhibit]:
    """One scene for each biome, hour and weather, with something and somebody in it."""
    wanted, times = tuple(weathers), tuple(hours)
    for row, biome in enumerate(biomes):
        for hour in times:
            for weather in wanted:
                yield Exhibit(
                    name=f"{biome}-{hour:g}-{weather}",
                    caption=f"{biome}, {hour:g} h, {weather}",
                    scene=_scene(biome, row, hour, weather),
                )


def _scene(biome: Biome, row: int, hour: float, weather: Weather) -> SceneFacts:
    token = "desk" if biome in _ROOFED else "car"
    somebody = SceneFigure(token="stranger", x=-1.5, z=17.0)  # noqa: S106 - a painter's word
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
        figures=(somebody,) if hour > 22 else (),
        width=_SIZE[0],
        height=_SIZE[1],
    )


def _unseen(scene: SceneFacts) -> str:
    """What an author should know: which props of the scene its picture does not show."""
    small = scene.model_copy(
        update={"width": max(64, scene.width // 2), "height": max(64, scene.height // 2)}
    )
    seen = zip(scene.props, coverage(small), strict=True)
    hidden = [prop.token for prop, pixels in seen if pixels < _SEEN / 4]
    return f" (not visible: {', '.join(hidden)})" if hidden else ""


def write(folder: Path, title: str, exhibits: Iterable[Exhibit]) -> Path:
    """Paint scenes into a folder; the page that shows them."""
    folder.mkdir(parents=True, exist_ok=True)
    shown = []
    for one in exhibits:
        (folder / f"{one.name}.webp").write_bytes(paint(one.scene))
        caption = html.escape(one.caption + _unseen(one.scene))
        shown.append(
            f'<figure><img src="{html.escape(one.name)}.webp" alt="{caption}" loading="lazy">'
            f"<figcaption>{caption}</figcaption></figure>"
        )
    page = folder / "index.html"
    page.write_text(
        f"<!doctype html><meta charset=utf-8><title>{html.escape(title)}</title>"
        f"<style>{_STYLE}</style><h1>{html.escape(title)}: painter version {PAINTER_VERSION}</h1>"
        + "\n".join(shown)
        + "\n",
        encoding="utf-8",
    )
    return page
