"""One frame from its facts: everything is placed, lit, painted, and put on tape."""

import numpy as np

from app.engine.providers.offline.painter.arrays import Array
from app.engine.providers.offline.painter.camera import View
from app.engine.providers.offline.painter.film import Take, develop
from app.engine.providers.offline.painter.glows import shine
from app.engine.providers.offline.painter.indoors import paint_indoors
from app.engine.providers.offline.painter.light import Lamp, Light, Torch
from app.engine.providers.offline.painter.noise import Noise
from app.engine.providers.offline.painter.outdoor_light import lamp
from app.engine.providers.offline.painter.outdoors import Setup, paint_outdoors
from app.engine.providers.offline.painter.placing import furnish
from app.engine.providers.offline.painter.props_shading import Canvas
from app.engine.providers.offline.painter.relief import Relief
from app.engine.providers.offline.painter.stage import Stage
from app.engine.providers.offline.painter.weather import fall
from app.models.scene import SceneFacts

_LAMPS = 5
_ROOFED = frozenset(("lab", "bunker", "cave"))


def render(scene: SceneFacts) -> Array:
    """The frame as (height, width, 3) of uint8."""
    faults = np.random.default_rng([abs(scene.seed), abs(scene.turn)])
    light = Light.of(scene)
    indoors = scene.biome in _ROOFED
    canvas, view, stage = _canvas(scene, light, faults)
    shine(canvas, view, stage.bulbs, stage.cones)
    take = Take(
        bright=light.day and not indoors,
        night=not light.day and not indoors,
        palette=scene.palette,
        threat=scene.threat,
        dead=scene.dead,
        turn=scene.turn,
        faults=faults,
    )
    return develop(canvas.colour, view.width, view.height, take)


def coverage(scene: SceneFacts) -> tuple[int, ...]:
    """Of each prop of the facts, how many pixels of the frame show it; 0 is not visible."""
    faults = np.random.default_rng([abs(scene.seed), abs(scene.turn)])
    canvas, _, _ = _canvas(scene, Light.of(scene), faults, labelled=True)
    if canvas.labels is None:  # it was asked for
        raise AssertionError
    seen = np.bincount(canvas.labels[canvas.labels >= 0], minlength=len(scene.props))
    return tuple(seen.tolist())


def _canvas(
    scene: SceneFacts, light: Light, faults: np.random.Generator, *, labelled: bool = False
) -> tuple[Canvas, View, Stage]:
    view = View.of(
        scene.camera,
        scene.width,
        scene.height,
        float(np.clip(faults.normal(0, 0.008), -0.02, 0.02)),
    )
    if scene.biome in _ROOFED:
        interior, view = paint_indoors(scene, view, labelled=labelled)
        return interior.canvas, view, interior.stage
    return _outdoors(scene, view, light, labelled=labelled)


def _outdoors(
    scene: SceneFacts, view: View, light: Light, *, labelled: bool
) -> tuple[Canvas, View, Stage]:
    relief = Relief.of(scene.biome, scene.place_seed, scene.surroundings)
    view = view.raised(relief.ground(view.x, view.z))
    stage = Stage((view.x, view.z))
    furnish(stage, scene, relief, dark=not light.day)
    torch = Torch.of(scene, view)
    setup = Setup(scene, view, light, relief, torch, _lamps(stage, view), stage.gather(), labelled)
    canvas = paint_outdoors(setup)
    fall(canvas, view, light, torch, Noise.of(scene.seed), scene.turn)
    return canvas, view, stage


def _lamps(stage: Stage, view: View) -> tuple[Lamp, ...]:
    """The few lights that matter most to what is seen."""
    near = sorted(
        (b for b in stage.bulbs if b.power > 0),
        key=lambda b: ((b.at[0] - view.x) ** 2 + (b.at[2] - view.z) ** 2) / b.power,
    )
    return tuple(lamp(b.at, b.colour, b.power, b.reach) for b in near[:_LAMPS])
