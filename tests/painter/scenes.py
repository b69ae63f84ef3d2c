"""Scenes that the painter's tests share."""

from typing import Any, Final, get_args

import numpy as np
from PIL import Image

from app.engine.providers.offline.painter import render
from app.models.scene import Camera, SceneFacts, SceneFigure, SceneProp, Stain
from app.models.vocabulary import Biome, Weather

BIOMES: Final[tuple[Biome, ...]] = get_args(Biome)
WEATHERS: Final[tuple[Weather, ...]] = get_args(Weather)
SMALL: Final = (256, 192)


def scene(biome: Biome, hour: float = 12.0, weather: Weather = "clear", **more: Any) -> SceneFacts:
    """A scene with defaults; small unless a size is given."""
    facts: dict[str, Any] = {
        "place": "here",
        "place_seed": 1,
        "seed": 7,
        "turn": 1,
        "width": SMALL[0],
        "height": SMALL[1],
        **more,
    }
    return SceneFacts(biome=biome, hour=hour, weather=weather, **facts)


def prop(token: str, x: float, z: float, **more: Any) -> SceneProp:
    """A prop at a place."""
    return SceneProp(token=token, x=x, z=z, **more)


SAMPLES: Final[tuple[SceneFacts, ...]] = (
    scene("desert", 10, props=(prop("mast", 34, 110), prop("culvert", -4.5, 10))),
    scene(
        "fence", 19, props=(prop("fence", 0, 11.5), prop("watchtower", -6, 18), prop("lab", 10, 62))
    ),
    scene("road", 17.5, "dust", props=(prop("car", 0.5, 11, yaw=0.5), prop("poles", 6, 14))),
    scene("forest", 7, "fog", figures=(SceneFigure(token="stranger", x=2, z=17),)),
    scene("snowfield", 15, "snow"),
    scene("shore", 19, props=(prop("boat", -3, 9),)),
    scene("shore", 23.2),
    scene("town", 21.5, "rain", flashlight=True, props=(prop("car", 2.5, 12, yaw=1.3),)),
    scene("field", 13, props=(prop("barn", 8, 30),)),
    scene("rooftop", 23, props=(prop("antenna", 3, 9),)),
    scene(
        "lab",
        22,
        place="corridor",
        flashlight=True,
        props=(prop("gurney", 0.6, 8),),
        stains=(Stain(x=0, z=5),),
    ),
    scene("lab", 3, place="room", props=(prop("desk", 1.6, 9), prop("board", 0, 11))),
    scene("bunker", 22, threat=0.8, figures=(SceneFigure(token="orderly", x=0.2, z=9),)),
    scene("cave", 22, place="adit", props=(prop("crates", -1.8, 8),)),
)


def luma(image: Any) -> Any:
    """Brightness of an image, 0-1."""
    return np.asarray(Image.fromarray(image).convert("L"), np.float32) / 255


def painted(facts: SceneFacts) -> Any:
    """The brightness of a scene's picture."""
    return luma(render(facts))


def seen_from(facts: SceneFacts, **camera: float) -> SceneFacts:
    """The same scene from elsewhere."""
    return facts.model_copy(update={"camera": Camera(**camera)})
