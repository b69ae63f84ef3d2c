"""Paints a place under a roof: rooms and corridors from their plan, caves from their rings."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random
from types import MappingProxyType

import numpy as np

from app.engine.providers.offline.painter import (
    props_apparatus,
    props_camp,
    props_indoor,
    props_street,
    upscale,
)
from app.engine.providers.offline.painter.arrays import (
    FLOAT,
    Array,
    Colour,
    planar,
    rgb,
    smoothstep,
)
from app.engine.providers.offline.painter.camera import View
from app.engine.providers.offline.painter.kin import HUNG, nearest_token
from app.engine.providers.offline.painter.light import Lamp, Torch
from app.engine.providers.offline.painter.mesh import Material, Paint, Shape, paint
from app.engine.providers.offline.painter.mirrors import mirror
from app.engine.providers.offline.painter.noise import Noise
from app.engine.providers.offline.painter.outdoor_light import lit_by_lamps
from app.engine.providers.offline.painter.outdoors import stain_colour
from app.engine.providers.offline.painter.placing import place_figures, place_prop
from app.engine.providers.offline.painter.plan import Plan
from app.engine.providers.offline.painter.props_shading import Canvas, Seen, lay
from app.engine.providers.offline.painter.raster import draw
from app.engine.providers.offline.painter.setting import Setting
from app.engine.providers.offline.painter.shell import room, tunnel, tunnel_middle
from app.engine.providers.offline.painter.stage import Stage
from app.models.scene import SceneFacts, SceneProp

_ALARM = 0.6
"""From this threat on the emergency lamps burn red."""
_SPACING = 3.6
_FAR = 500.0
_DEEP = MappingProxyType(
    {"locker": 0.42, "cabinet": 0.42, "shelves": 0.5, "sink": 0.34, "pipe": 0.2}
)
"""How far from the wall the front of a hung thing stands."""
_FLAT = frozenset(("drain", "bags", "pipe"))


_ALONG_WALLS = (props_indoor.shelves, props_indoor.table, props_street.bench)
_LEFT_ABOUT = (
    *_ALONG_WALLS,
    props_indoor.chair,
    props_indoor.chair,
    props_apparatus.cart,
    props_camp.crate,
)
"""What such places have anyway; nothing that a story would need to open or read."""


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


@dataclass(frozen=True)
class Interior:
    """What was painted, and the lights that may glow in it."""

    canvas: Canvas
    stage: Stage
    torch: Torch | None


def paint_indoors(scene: SceneFacts, view: View) -> tuple[Interior, View]:
    """The frame before film, and the view it was painted in."""
    view = replace(
        view, x=float(np.clip(view.x, -_FAR, _FAR)), z=float(np.clip(view.z, -_FAR, _FAR)), eye=1.6
    )
    shell = Stage((view.x, view.z))
    stage = Stage((view.x, view.z))
    if scene.biome == "cave":
        shell.place(tunnel(scene, view), 0, 0, 0)
        lamps = _cave_lamps(scene, stage, view)
        _furnish(stage, scene, None)
    else:
        plan = Plan.of(scene).with_room_for(view.x, view.z)
        shell.place(room(plan, scene.biome, view), 0, 0, 0)
        lamps = _tubes(scene, plan, stage, view)
        _furnish(stage, scene, plan)
        _dress(stage, scene, plan)
    dim = sum(lamp.power for lamp in lamps) < 0.5 and not any(b.power > 0.6 for b in stage.bulbs)
    torch = Torch.of(scene.model_copy(update={"flashlight": True}) if dim else scene, view)
    return _paint(scene, view, shell, stage, lamps, torch), view


def _paint(
    scene: SceneFacts,
    view: View,
    shell: Stage,
    stage: Stage,
    lamps: list[Lamp],
    torch: Torch | None,
) -> Interior:
    base = view.base()
    noise = Noise.of(scene.place_seed * 31 + 5)
    carried = [
        Lamp(b.at[0], b.at[1], b.at[2], rgb(b.colour), b.power, b.reach)
        for b in stage.bulbs
        if b.power > 0
    ]
    near = sorted(lamps, key=lambda lamp: math.hypot(lamp.x - view.x, lamp.z - view.z))[:7]
    lighting = _lighting(scene, view, tuple(near + carried[:5]), torch)
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
    things = stage.gather()
    if things is not None:
        lay(view, canvas, draw(view, things), lighting, noise, 0.4)
    mirror(view, canvas, _wet_floor(view, canvas, noise), noise, scene.place_seed % 64)
    return Interior(canvas, stage, torch)


def _lighting(
    scene: SceneFacts, view: View, lamps: tuple[Lamp, ...], torch: Torch | None
) -> Indoors:
    if scene.threat > _ALARM:
        return Indoors(view, torch, lamps, (0.085, 0.018, 0.014), (0.060, 0.012, 0.010), 22.0)
    murky = scene.weather in ("fog", "dust")
    return Indoors(
        view, torch, lamps, (0.058, 0.070, 0.070), (0.018, 0.026, 0.027), 11.0 if murky else 24.0
    )


def _tubes(scene: SceneFacts, plan: Plan, stage: Stage, view: View) -> list[Lamp]:
    """Ceiling lights in rows: some on, some failing, some dead; one near the eye always burns."""
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


def _cave_lamps(scene: SceneFacts, stage: Stage, view: View) -> list[Lamp]:
    """Bare bulbs on a cable: a few, and red under threat."""
    alarm = scene.threat > _ALARM
    colour = "ff3a24" if alarm else "ffc880"
    lamps = []
    first = math.floor((view.z - 2) / 7) - (0 if view.cos >= 0 else 4)
    kept = math.floor((view.z + 5 * view.cos) / 7)
    for k in range(first, first + 6):
        z = k * 7 + 3.5
        x = tunnel_middle(scene, z)
        if Random(f"{scene.place_seed}|bulb|{k}").random() < 0.35 and k != kept:
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


def _furnish(stage: Stage, scene: SceneFacts, plan: Plan | None) -> None:
    """Props of the facts, hung on walls where they belong there; figures; stains."""
    for prop in scene.props:
        token = nearest_token(prop.token, indoors=True)
        placed = prop
        if plan is not None and token in HUNG:
            x, z, yaw = plan.against_wall(prop.x, prop.z)
            placed = prop.model_copy(update={"x": x, "z": z, "yaw": yaw})
            if token in _DEEP:
                placed = _before_wall(placed, _DEEP[token])
        elif token not in _FLAT:
            _shade_under(stage, prop.x, prop.z, 0.95 * prop.scale)
        place_prop(stage, scene, placed, _floor, dark=True, indoors=True)
    for somebody in scene.figures:
        _shade_under(stage, somebody.x, somebody.z, 0.5)
    place_figures(stage, scene, _floor)
    for stain in scene.stains:
        _spot(
            stage,
            stain.x,
            stain.z,
            stain.radius * 1.5,
            paint(stain_colour(stain.kind), Material.STAIN),
            0.012,
        )


def _floor(_x: float, _z: float) -> float:
    return 0.0


def _before_wall(prop: SceneProp, away: float) -> SceneProp:
    """Moved away from the wall it faces away from."""
    dx, dz = -math.sin(prop.yaw) * away, -math.cos(prop.yaw) * away
    return prop.model_copy(update={"x": prop.x + dx, "z": prop.z + dz})


def _shade_under(stage: Stage, x: float, z: float, radius: float) -> None:
    _spot(stage, x, z, radius * 1.25, paint("000000", Material.PATCH), 0.008)


def _spot(stage: Stage, x: float, z: float, radius: float, what: Paint, height: float) -> None:
    r = radius
    shape = Shape(casts=False).face([(-r, 0, -r), (r, 0, -r), (r, 0, r), (-r, 0, r)], what)
    stage.place(shape, x, height, z)


def _dress(stage: Stage, scene: SceneFacts, plan: Plan) -> None:
    """What such a place has anyway: doors along a corridor, pipes overhead, a chair, a trolley."""
    random = Random(f"{scene.place_seed}|dress")
    taken = [(p.x, p.z) for p in scene.props]

    def is_free(x: float, z: float, room: float) -> bool:
        return all(math.hypot(x - px, z - pz) > room for px, pz in taken) and math.hypot(x, z) > 2.5

    if plan.long:
        z = 2.4 + random.uniform(0, 2)
        while z < plan.north - 2:
            for side in (-1, 1):
                if random.random() < 0.6 and is_free(side * plan.half, z, 2.0):
                    x, zz, yaw = plan.against_wall(side * (plan.half - 0.3), z)
                    if abs(abs(x) - plan.half) < 0.2:
                        _stand(stage, props_indoor.door, "", random, x, zz, yaw)
            z += random.uniform(3.6, 5.4)
    _end_door(stage, scene, plan, random)
    _overhead(stage, scene, plan)
    for _ in range(9 if not plan.long else 4):
        side = random.choice((-1, 1))
        x, z = side * (plan.half - 0.55), random.uniform(3.5, max(4.0, plan.north - 1.5))
        maker = random.choice(_LEFT_ABOUT)
        if maker in _ALONG_WALLS and plan.long:
            continue
        if is_free(x, z, 2.0):
            along = (
                side * math.pi / 2 if maker in _ALONG_WALLS else random.uniform(-0.8, 0.8) + side
            )
            _shade_under(stage, x, z, 0.6)
            _stand(stage, maker, random.choice(("", "fallen")), random, x, z, along)
            taken.append((x, z))
    _papers(stage, random, plan)


def _papers(stage: Stage, random: Random, plan: Plan) -> None:
    """Sheets on the floor."""
    shape = Shape(casts=False)
    for _ in range(random.randint(6, 22)):
        x, z = random.uniform(-0.9, 0.9) * plan.half, random.uniform(2, max(3, plan.north - 1))
        a = random.uniform(0, 3.1)
        c, s = math.cos(a) * 0.15, math.sin(a) * 0.15
        corners = (
            (x - c, z - s),
            (x + s * 1.4, z - c * 1.4),
            (x + c, z + s),
            (x - s * 1.4, z + c * 1.4),
        )
        sheet = paint("b9b7a8").dim(random.uniform(0.6, 1.0))
        shape.face([(px, 0.012, pz) for px, pz in corners], sheet, two_sided=True)
    stage.place(shape, 0, 0, 0)


def _end_door(stage: Stage, scene: SceneFacts, plan: Plan, random: Random) -> None:
    """A door in the far wall, where nothing hangs."""
    hung = [
        plan.against_wall(p.x, p.z)
        for p in scene.props
        if nearest_token(p.token, indoors=True) in HUNG
    ]
    taken = [x for x, z, _ in hung if abs(z - plan.north) < 0.5]
    for x in (0.0, -plan.half * 0.6, plan.half * 0.6):
        if all(abs(x - other) > 1.9 for other in taken):
            _stand(stage, props_indoor.door, "", random, x, plan.north - 0.06, 0.0)
            return


def _stand(
    stage: Stage,
    maker: Callable[[Setting], Shape],
    state: str,
    random: Random,
    x: float,
    z: float,
    yaw: float,
) -> None:
    shape = maker(Setting(state, random, dark=True, indoors=True, threat=0, turn=0))
    stage.place(shape, x, 0, z, yaw)


def _overhead(stage: Stage, scene: SceneFacts, plan: Plan) -> None:
    rust = paint("6a5a4c" if scene.biome == "bunker" else "7f8c88", Material.METAL, second="4a2412")
    shape = Shape(casts=False)
    for x, y, r in (
        (plan.half - 0.28, plan.height - 0.30, 0.11),
        (plan.half - 0.55, plan.height - 0.22, 0.06),
    ):
        z = -2.4
        while z < plan.north - 0.1:
            shape.tube((x, y, z), (x, y, min(z + 2.4, plan.north)), r, rust, sides=8, caps=False)
            shape.tube((x, y, z), (x, y, z + 0.08), r * 1.35, rust.dim(0.8), sides=8)
            z += 2.4
    if scene.biome == "bunker" or plan.long:
        stage.place(shape, 0, 0, 0)


def _wet_floor(view: View, canvas: Canvas, noise: Noise) -> Array:
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
    wet[pixels] = pools * FLOAT(0.26)
    return wet
