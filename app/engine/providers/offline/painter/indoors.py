"""Paints a place under a roof: rooms and corridors from their plan, caves from their rings."""

import math
from dataclasses import dataclass, replace

import numpy as np

from app.engine.providers.offline.painter import (
    upscale,
)
from app.engine.providers.offline.painter.arrays import (
    FLOAT,
    Array,
    planar,
    rgb,
    smoothstep,
)
from app.engine.providers.offline.painter.camera import View
from app.engine.providers.offline.painter.era import is_old
from app.engine.providers.offline.painter.furnishing import dress, furnish_room
from app.engine.providers.offline.painter.indoor_light import (
    cave_lamps,
    indoor_lighting,
    tubes,
)
from app.engine.providers.offline.painter.light import Lamp, Torch
from app.engine.providers.offline.painter.mirrors import mirror
from app.engine.providers.offline.painter.noise import Noise
from app.engine.providers.offline.painter.plan import Plan
from app.engine.providers.offline.painter.props_shading import Canvas, lay, no_labels
from app.engine.providers.offline.painter.raster import draw
from app.engine.providers.offline.painter.shell import room, tunnel
from app.engine.providers.offline.painter.stage import Stage
from app.models.scene import SceneFacts

_FAR = 500.0
_SHARE = 2 / 3
"""Walls have hard edges, and cost less than land."""


@dataclass(frozen=True)
class Interior:
    """What was painted, and the lights that may glow in it."""

    canvas: Canvas
    stage: Stage
    torch: Torch | None


def paint_indoors(
    scene: SceneFacts, view: View, *, labelled: bool = False
) -> tuple[Interior, View]:
    """The frame before film, and the view it was painted in."""
    view = replace(
        view, x=float(np.clip(view.x, -_FAR, _FAR)), z=float(np.clip(view.z, -_FAR, _FAR)), eye=1.6
    )
    shell = Stage((view.x, view.z))
    stage = Stage((view.x, view.z))
    if scene.biome == "cave":
        shell.place(tunnel(scene, view), 0, 0, 0)
        lamps = cave_lamps(scene, stage, view)
        furnish_room(stage, scene, None)
    else:
        plan = Plan.of(scene).with_room_for(view.x, view.z)
        shell.place(room(plan, scene.biome, view, old=is_old(scene)), 0, 0, 0)
        lamps = tubes(scene, plan, stage, view)
        furnish_room(stage, scene, plan)
        dress(stage, scene, plan)
    dim = sum(lamp.power for lamp in lamps) < 0.5 and not any(b.power > 0.6 for b in stage.bulbs)
    torch = Torch.of(scene.model_copy(update={"flashlight": True}) if dim else scene, view)
    return _paint(scene, view, shell, stage, lamps, torch, labelled=labelled), view


def _paint(
    scene: SceneFacts,
    view: View,
    shell: Stage,
    stage: Stage,
    lamps: list[Lamp],
    torch: Torch | None,
    *,
    labelled: bool,
) -> Interior:
    base = view.base(_SHARE)
    noise = Noise.of(scene.place_seed * 31 + 5)
    carried = [
        Lamp(b.at[0], b.at[1], b.at[2], rgb(b.colour), b.power, b.reach)
        for b in stage.bulbs
        if b.power > 0
    ]
    near = sorted(lamps, key=lambda lamp: math.hypot(lamp.x - view.x, lamp.z - view.z))[:7]
    lighting = indoor_lighting(scene, view, tuple(near + carried[:5]), torch)
    small = replace(lighting, view=base, torch=None if torch is None else torch.at(base))
    walls = shell.gather()
    haze = planar(lighting.haze)
    below = Canvas(
        np.tile(haze, (1, base.width * base.height)).astype(FLOAT),
        np.full(base.width * base.height, 60.0, FLOAT),
    )
    if walls is not None:
        lay(base, below, draw(base, walls), small, noise, 0.0)
    canvas = Canvas(
        upscale.smooth(below.colour, base, view), upscale.nearest(below.depth, base, view)
    )
    if labelled:
        canvas.labels = no_labels(view)
    things = stage.gather()
    if things is not None:
        lay(view, canvas, draw(view, things), lighting, noise, 0.4)
    mirror(
        view,
        canvas,
        _wet_floor(view, canvas, noise, 0.08 if is_old(scene) else 0.26),
        noise,
        scene.place_seed % 64,
    )
    return Interior(canvas, stage, torch)


def _wet_floor(view: View, canvas: Canvas, noise: Noise, strength: float) -> Array:
    """Where the floor shows and is wet."""
    rows = np.arange(view.height, dtype=FLOAT)[:, None] - view.horizons()[None]
    floor = FLOAT(view.eye * view.focal) / np.maximum(rows, 1)
    seen = (rows > 4) & (
        np.abs(canvas.depth.reshape(view.height, view.width) - floor) < floor * FLOAT(0.03)
    )
    pixels = np.flatnonzero(seen)
    ahead = floor.ravel()[pixels]
    aside, onward = view.headings()
    column = pixels % view.width
    x, z = FLOAT(view.x) + ahead * aside[column], FLOAT(view.z) + ahead * onward[column]
    pools = smoothstep(0.44, 0.66, noise.fractal(x * FLOAT(0.22) + 9, z * FLOAT(0.22)))
    wet = np.zeros(view.height * view.width, FLOAT)
    wet[pixels] = pools * FLOAT(strength)
    return wet
