"""What a picture model is told of a frame: the same facts that the built-in painter works from.

Equal facts give equal words, and nothing in them names a session.
"""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

from app.models.narration import PictureRequest, PictureStyle
from app.models.scene import Camera, SceneFacts

LONGEST: Final = 1500
"""Characters of a prompt."""

Reference = Literal["composition", "look"]

_STYLE: Final = 320
_AVOID: Final = 220
_ALT: Final = 320
_LAYOUT: Final = 320
"""Kept free for what stands where."""
_NAME: Final = 40
_HALF_VIEW: Final = math.tan(math.radians(39))
"""Half the width of what is seen, a metre ahead: the built-in camera's 78 degrees."""
_THIRD: Final = _HALF_VIEW / 3
_MARGIN: Final = 1.15
"""What stands just outside the frame may reach into it."""
_NEAR, _MIDDLE, _SIGHT = 8.0, 30.0, 420.0
_UNSAFE: Final = re.compile(r"[^\w .,;:'\-()!?&/%°]+")

_PLACES: Final = MappingProxyType(
    {
        "desert": "open desert scrub",
        "fence": "open ground along a perimeter fence",
        "road": "a road across open country",
        "forest": "deep forest",
        "snowfield": "an open snowfield",
        "shore": "a bare seashore",
        "town": "a street of a small town",
        "lab": "inside a laboratory building",
        "bunker": "inside a concrete bunker",
        "field": "open farmland",
        "cave": "inside a rock tunnel",
        "rooftop": "on a flat roof, high up",
    }
)
_BEYOND: Final = MappingProxyType(
    {
        "desert": "high desert and far mesas",
        "country": "empty country",
        "snow": "snow to the horizon",
        "sea": "the open sea",
        "city": "a dark city",
    }
)
_INDOORS: Final = frozenset({"lab", "bunker", "cave"})
_SKIES: Final = MappingProxyType(
    {
        "clear": "clear air",
        "dust": "dust blowing, the distance lost in it",
        "rain": "steady rain, wet surfaces",
        "fog": "thick fog, shapes fading with distance",
        "snow": "falling snow",
    }
)
_THINGS: Final = MappingProxyType(
    {
        "antenna": "antenna mast",
        "apparatus": "clockwork apparatus",
        "bags": "sealed body-length bags",
        "bell": "fog bell",
        "board": "notice board",
        "body": "motionless body",
        "bodybag": "sealed body-length bag",
        "boat": "small boat",
        "buildings": "low buildings",
        "cart": "trolley",
        "croft": "stone cottage",
        "crofts": "stone cottages",
        "culvert": "concrete culvert mouth",
        "dish": "satellite dish",
        "drain": "storm drain",
        "fence": "chain-link fence",
        "gate": "vehicle gate",
        "lab": "windowless laboratory block",
        "lens": "lighthouse lens",
        "mast": "radio mast",
        "phone": "wall telephone",
        "poles": "line of utility poles",
        "pump": "fuel pump",
        "sink": "steel sink",
        "tank": "storage tank",
        "tank_glass": "tall glass specimen tank",
        "terminal": "computer terminal",
    }
)
_LAST_RULES: Final = (
    "Seen through the eyes of somebody standing there; no part of them in view. "
    "4:3 frame, the subject within its central 16:9 band. "
    "No text, no captions, no lettering, no user interface, no border, no watermark."
)
_REFERENCES: Final = MappingProxyType(
    {
        "composition": "is a rough render of this very frame: keep its camera, horizon and light, "
        "and what stands where in it, and finish it in the style named above",
        "look": "is the frame before it in the same film: keep its grade, grain, palette and the "
        "looks of things and people that are in both",
    }
)


@dataclass(frozen=True, slots=True)
class _Seen:
    """Something in the frame."""

    words: str
    ahead: float
    aside: float
    """In half widths of the frame at its distance; left is negative."""
    somebody: bool


def prompt_for(request: PictureRequest, references: Sequence[Reference] = ()) -> str:
    """The whole prompt: how it looks, what is there and where, and what must not be there."""
    scene = request.scene
    fixed = [
        _style(request.style),
        _setting(scene),
        _light(scene),
        _mood(scene),
        *_referring(references),
        _LAST_RULES,
        _avoid(request.style),
    ]
    room = LONGEST - sum(len(part) + 1 for part in fixed if part)
    shown = _sentence(_clean(request.alt, max(0, min(_ALT, room - _LAYOUT))))
    layout = _layout(scene, room - len(shown) - 1)
    style, setting, *rest = fixed
    return " ".join(part for part in (style, setting, shown, layout, *rest) if part)


def _style(style: PictureStyle) -> str:
    return _sentence(_clean(style.prefix, _STYLE).rstrip(",; "))


def _avoid(style: PictureStyle) -> str:
    words = _clean(style.negative, _AVOID)
    return f"Avoid: {words.rstrip('.')}." if words else ""


def _setting(scene: SceneFacts) -> str:
    where = f"The scene: {_PLACES[scene.biome]}"
    if scene.surroundings is not None and scene.biome not in _INDOORS:
        where += f", beyond it {_BEYOND[scene.surroundings]}"
    if scene.year is not None:
        where += f", in the year {scene.year}, with nothing newer"
    return where + "."


def _light(scene: SceneFacts) -> str:
    """The hour, the weather, and what else gives light."""
    hour = f"{int(scene.hour) % 24:02d}:{round(scene.hour % 1 * 60) % 60:02d}"
    if scene.biome in _INDOORS:
        parts = [f"Interior light at {hour}, no open sky"]
    else:
        parts = [f"{_daylight(scene.hour)}, about {hour}", _SKIES[scene.weather]]
    if scene.flashlight:
        parts.append("a hand-held light falls on what is straight ahead")
    return "; ".join(parts) + "."


def _daylight(hour: float) -> str:
    spans = (
        (5.0, "Night"),
        (7.0, "Dawn, low cold light"),
        (10.0, "Morning light"),
        (15.0, "High daylight"),
        (17.5, "Late afternoon, long shadows"),
        (20.0, "Dusk, the last light"),
    )
    return next((words for until, words in spans if hour < until), "Night")


def _mood(scene: SceneFacts) -> str:
    parts = []
    if scene.dead:
        parts.append("The last frame of the film: the camera has fallen, dark and tinged with red")
    elif scene.threat >= 0.7:
        parts.append("Mood: immediate dread, unsteady camera")
    elif scene.threat >= 0.4:
        parts.append("Mood: tense, something is wrong")
    elif scene.threat >= 0.15:
        parts.append("Mood: uneasy")
    else:
        parts.append("Mood: still, empty")
    if abs(scene.camera.roll) > 0.1 and not scene.dead:
        parts.append("the horizon tilted")
    if scene.camera.pitch > 60:
        parts.append("looking up")
    elif scene.camera.pitch < -60:
        parts.append("looking down")
    return ", ".join(parts) + "."


def _referring(references: Sequence[Reference]) -> Iterator[str]:
    for number, reference in enumerate(references, 1):
        yield f"Image {number} {_REFERENCES[reference]}."


def _layout(scene: SceneFacts, room: int) -> str:
    """What stands where, people and near things first, as much of it as there is room for."""
    start = "In the frame: "
    room -= len(start) + 2
    said: list[str] = []
    for one in sorted(set(_seen(scene)), key=lambda seen: (not seen.somebody, seen.ahead)):
        words = f"{one.words} {_across(one.aside)}, {_away(one.ahead)}"
        if words in said or len(words) + 2 > room:
            continue
        said.append(words)
        room -= len(words) + 2
    return start + "; ".join(said) + "." if said else ""


def _seen(scene: SceneFacts) -> Iterator[_Seen]:
    for prop in scene.props:
        thing = _THINGS.get(prop.token) or _words(prop.token)
        state = _words(prop.state)
        words = f"{_with_article(thing)} ({state})" if state else _with_article(thing)
        yield from _in_view(scene.camera, words, prop.x, prop.z, somebody=False)
    for figure in scene.figures:
        pose = _words(figure.pose) or "standing"
        words = f"{_with_article(_words(figure.token) or 'figure')}, {pose}, face not clear,"
        yield from _in_view(scene.camera, words, figure.x, figure.z, somebody=True)
    for stain in scene.stains:
        yield from _in_view(
            scene.camera, "a dark stain on the ground", stain.x, stain.z, somebody=False
        )


def _in_view(camera: Camera, words: str, x: float, z: float, *, somebody: bool) -> Iterator[_Seen]:
    dx, dz = x - camera.x, z - camera.z
    ahead = dx * math.sin(camera.yaw) + dz * math.cos(camera.yaw)
    if not 0.5 < ahead < _SIGHT:
        return
    aside = (dx * math.cos(camera.yaw) - dz * math.sin(camera.yaw)) / ahead
    if abs(aside) <= _HALF_VIEW * _MARGIN:
        yield _Seen(words, ahead, aside, somebody)


def _across(aside: float) -> str:
    if abs(aside) <= _THIRD:
        return "in the centre"
    return "on the left" if aside < 0 else "on the right"


def _away(ahead: float) -> str:
    if ahead < _NEAR:
        return "near"
    return "in the middle distance" if ahead < _MIDDLE else "far off"


def _words(name: str) -> str:
    return _clean(name.replace("_", " "), _NAME).lower()


def _with_article(thing: str) -> str:
    if thing.endswith("s") and not thing.endswith("ss"):
        return thing
    return f"an {thing}" if thing[:1] in "aeiou" else f"a {thing}"


def _sentence(words: str) -> str:
    return f"{words.rstrip('.')}." if words else ""


def _clean(text: str, longest: int) -> str:
    """One line of plain words: some servers take commands between angle brackets."""
    plain = " ".join(_UNSAFE.sub(" ", text).split())
    return plain if len(plain) <= longest else plain[:longest].rpartition(" ")[0]
