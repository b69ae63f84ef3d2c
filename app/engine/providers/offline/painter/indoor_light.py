"""How interiors are lit: tubes that fail, bare bulbs in caves, red lamps under threat."""

import math
from dataclasses import dataclass
from random import Random

import numpy as np

from app.engine.providers.offline.painter.arrays import (
    FLOAT,
    Array,
    Colour,
    planar,
    rgb,
)
from app.engine.providers.offline.painter.camera import View
from app.engine.providers.offline.painter.era import is_old
from app.engine.providers.offline.painter.light import Lamp, Torch
from app.engine.providers.offline.painter.mesh import Material, Shape, paint
from app.engine.providers.offline.painter.outdoor_light import lit_by_lamps
from app.engine.providers.offline.painter.plan import Plan
from app.engine.providers.offline.painter.props_shading import Seen
from app.engine.providers.offline.painter.shell import tunnel_middle
from app.engine.providers.offline.painter.stage import Stage
from app.models.scene import SceneFacts

_ALARM = 0.6
"""From this threat on the emergency lamps burn red."""
_SPACING = 3.6


@dataclass(frozen=True)
class Indoors:
    """The lighting of one interior frame."""

    view: View
    torch: Torch | None
    lamps: tuple[Lamp, ...]
    ambient: Colour
    haze: Colour
    sight: float

    def on_pieces(self, normals: Array) -> Array:
        """The little light that is everywhere."""
        result: Array = planar(self.ambient) * (FLOAT(0.8) + FLOAT(0.25) * normals[1])
        return result

    def on_pixels(self, seen: Seen) -> Array | None:
        """Tubes, lamps and torch."""
        return lit_by_lamps(seen, self.torch, self.lamps, self.view)

    def veil(self, ahead: Array, column: Array, width: int) -> tuple[Array, Array]:  # noqa: ARG002 - even dark
        """The dark at the end."""
        return 1 - np.exp(ahead * FLOAT(-1 / self.sight)), planar(self.haze)

    def flat(self) -> Colour:
        """A silhouette shows against what is lit behind it."""
        return self.ambient


def indoor_lighting(
    scene: SceneFacts, view: View, lamps: tuple[Lamp, ...], torch: Torch | None
) -> Indoors:
    if is_old(scene):
        dim = 0.7 if scene.threat > _ALARM else 1.0
        warm = (0.072 * dim, 0.060 * dim, 0.050 * dim)
        return Indoors(view, torch, lamps, warm, (0.020, 0.016, 0.013), 26.0)
    if scene.threat > _ALARM:
        return Indoors(view, torch, lamps, (0.085, 0.018, 0.014), (0.060, 0.012, 0.010), 22.0)
    murky = scene.weather in ("fog", "dust")
    return Indoors(
        view, torch, lamps, (0.058, 0.070, 0.070), (0.018, 0.026, 0.027), 11.0 if murky else 24.0
    )


def tubes(scene: SceneFacts, plan: Plan, stage: Stage, view: View) -> list[Lamp]:
    """Ceiling lights in rows: some on, some failing, some dead; one near the eye always burns."""
    if is_old(scene):
        return _oil_lamps(scene, plan, stage, view)
    alarm = scene.threat > _ALARM
    random = Random(f"{scene.place_seed}|tubes")
    flicker = Random(f"{scene.seed}|{scene.turn}|tubes")
    rows = (0.0,) if plan.half < 4 else (-plan.half / 2, plan.half / 2)
    spots = []
    z = 1.8
    while z < plan.north - 0.5:
        spots += [(x, z, random.random(), flicker.random()) for x in rows]
        z += _SPACING
    if not spots:
        spots = [(0.0, plan.north - 1.5, 1.0, 1.0)]
    ahead = view.x + 4 * view.sin, view.z + 4 * view.cos
    kept = min(
        range(len(spots)), key=lambda k: math.hypot(spots[k][0] - ahead[0], spots[k][1] - ahead[1])
    )
    lamps = []
    for k, (x, z, state, now) in enumerate(spots):
        power = 1.0 if state > 0.55 or k == kept else 0.2 + 0.6 * now if state > 0.40 else 0.0
        if alarm:
            power = 0.75 if k % 2 == kept % 2 else 0.10
        _fitting(stage, scene, plan, x, z, power, alarm=alarm)
        if power > 0.05:
            colour = (
                rgb("ff2c1c") if alarm else rgb("ffe3b4" if scene.biome == "bunker" else "d6eee6")
            )
            lamps.append(
                Lamp(x, plan.height - 0.15, z, colour, power * 1.6, 3.9 if not alarm else 4.6)
            )
    return lamps


def _oil_lamps(scene: SceneFacts, plan: Plan, stage: Stage, view: View) -> list[Lamp]:
    """Lamps that hang on chains; one near the eye burns, and low when something is near."""
    flicker = Random(f"{scene.seed}|{scene.turn}|wick").uniform(0.9, 1.1)
    low = scene.threat > _ALARM
    power = (0.95 if low else 1.5) * flicker
    colour = "ff9a4c" if low else "ffc27a"
    kept = max(0, round((view.z + 4 * view.cos - 3.0) / 6.0))
    lamps = []
    for k in range(max(1, int((plan.north - 1.5) / 6.0) + 1)):
        z = min(3.0 + k * 6.0, plan.north - 1.2)
        burns = k == kept or Random(f"{scene.place_seed}|wick|{k}").random() < 0.5
        y = plan.height - 0.85
        _oil_lamp(stage, colour if burns else "", plan.height, y, z)
        if burns:
            lamps.append(Lamp(0.0, y, z, rgb(colour), power, 4.4))
    return lamps


def _oil_lamp(stage: Stage, colour: str, ceiling: float, y: float, z: float) -> None:
    brass = paint("8a6c34", Material.METAL, second="3a2a10")
    shape = Shape(casts=False)
    shape.line((0, ceiling - y, 0), (0, 0.24, 0), 0.02, paint("15110c"))
    shape.tube((0, -0.12, 0), (0, 0.0, 0), 0.09, brass, end=0.13, sides=10)
    glass = paint(colour, Material.GLOW, glow=1.5) if colour else paint("2a3030", Material.GLASS)
    shape.tube((0, 0.0, 0), (0, 0.2, 0), 0.06, glass, end=0.045, sides=8)
    shape.tube((0, 0.17, 0), (0, 0.27, 0), 0.24, brass.dim(0.8), end=0.06, sides=12, caps=False)
    if colour:
        shape.bulb((0, 0.08, 0), colour, 0.0, 1, 0.9)
    stage.place(shape, 0.0, y, z)


def _fitting(
    stage: Stage, scene: SceneFacts, plan: Plan, x: float, z: float, power: float, *, alarm: bool
) -> None:
    shape = Shape(casts=False)
    colour = "ff4030" if alarm else "fff0cc" if scene.biome == "bunker" else "eafff8"
    lit = paint(colour, Material.GLOW, glow=0.15 + 1.25 * power)
    frame = paint("5a6462", Material.METAL)
    if scene.biome == "bunker":
        shape.tube((0, -0.02, 0), (0, -0.20, 0), 0.11, lit, end=0.08, sides=8)
        for t in (0, 1.57, 3.14, 4.71):
            shape.line(
                (math.cos(t) * 0.14, 0, math.sin(t) * 0.14),
                (math.cos(t) * 0.1, -0.24, math.sin(t) * 0.1),
                0.02,
                frame,
            )
    else:
        shape.face(
            [
                (-0.16, -0.06, 0.62),
                (0.16, -0.06, 0.62),
                (0.16, -0.06, -0.62),
                (-0.16, -0.06, -0.62),
            ],
            lit,
            two_sided=True,
        )
        for side in (-0.18, 0.18):
            shape.line((side, -0.05, -0.64), (side, -0.05, 0.64), 0.05, frame)
    if power > 0.3:
        shape.bulb((0, -0.15, 0), colour, 0.0, 1, 0.7 * power)
    stage.place(shape, x, plan.height, z)


def _left_lantern(stage: Stage, x: float, z: float, colour: str) -> Lamp:
    """A lantern that somebody left on the floor, by one wall or the other."""
    side = Random(f"{z}|ledge").choice((-1.6, 1.6))
    brass = paint("2a2418", Material.METAL)
    shape = Shape().tube((0, 0, 0), (0, 0.07, 0), 0.12, brass, sides=10)
    shape.tube((0, 0.07, 0), (0, 0.29, 0), 0.07, paint(colour, Material.GLOW, glow=1.4), sides=8)
    shape.tube((0, 0.29, 0), (0, 0.4, 0), 0.1, brass, end=0.04, sides=8)
    shape.bulb((0, 0.2, -0.1), colour, 0.0, 1, 0.9)
    stage.place(shape, x + side, 0, z)
    return Lamp(x + side * 0.9, 0.7, z - 0.2, rgb(colour), 1.35, 3.6)


def cave_lamps(scene: SceneFacts, stage: Stage, view: View) -> list[Lamp]:
    """Bare bulbs on a cable: a few, and red under threat."""
    alarm = scene.threat > _ALARM
    colour = "ff3a24" if alarm else "ffc880"
    old = is_old(scene)
    lamps = []
    first = math.floor((view.z - 2) / 7) - (0 if view.cos >= 0 else 4)
    kept = math.floor((view.z + 5 * view.cos) / 7)
    for k in range(first, first + 6):
        z = k * 7 + 3.5
        x = tunnel_middle(scene, z)
        if Random(f"{scene.place_seed}|bulb|{k}").random() < 0.35 and k != kept:
            continue
        if old:
            lamps.append(_left_lantern(stage, x, z, colour))
            continue
        shape = Shape(casts=False)
        shape.line((0, 0.5, 0), (0, 0.08, 0), 0.02, paint("0c0c0c"))
        shape.tube(
            (0, 0.08, 0), (0, -0.08, 0), 0.05, paint(colour, Material.GLOW, glow=1.6), sides=6
        )
        shape.bulb((0, 0, -0.06), colour, 0.0, 1, 0.9)
        stage.place(shape, x, 2.0, z)
        lamps.append(Lamp(x, 2.0, z, rgb(colour), 1.35, 3.4))
    return lamps
