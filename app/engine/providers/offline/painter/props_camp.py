"""What is left lying about a site: barrels, crates, tents, tanks, pipes, machines, craft."""

import math
from itertools import pairwise
from typing import Final

from app.engine.providers.offline.painter.mesh import Material, Outline, Shape, paint
from app.engine.providers.offline.painter.setting import Setting

_STEEL: Final = paint("566062", Material.METAL)

_CONCRETE: Final = paint("7d7c74")


def barrel(colour: str = "5d6a3c") -> Shape:
    """An oil drum with hoops."""
    shape = Shape()
    drum = paint(colour, Material.METAL)
    for y, h in ((0.0, 0.29), (0.30, 0.28), (0.59, 0.29)):
        shape.tube((0, y, 0), (0, y + h, 0), 0.29, drum, sides=12)
    for y in (0.28, 0.57, 0.87):
        shape.tube((0, y, 0), (0, y + 0.03, 0), 0.305, drum.dim(1.15), sides=12)
    return shape


def barrels(setting: Setting) -> Shape:
    """A few drums, one on its side."""
    shape = Shape()
    for x, z, colour in (
        (-0.7, 0.0, "5d6a3c"),
        (0.0, 0.25, "7a4a2c"),
        (0.65, -0.1, "5a6264"),
        (-0.2, 0.95, "5d6a3c"),
    ):
        shape.add(barrel(colour), (x, 0, z))
    drum = paint("6d3a26", Material.METAL)
    a = setting.random.uniform(0.2, 0.6)
    shape.tube(
        (1.2, 0.29, -0.5),
        (1.2 + 0.9 * math.cos(a), 0.29, -0.5 - 0.9 * math.sin(a)),
        0.29,
        drum,
        sides=12,
    )
    return shape


def crate(setting: Setting) -> Shape:
    """A wooden crate with battens; `open` has its lid off."""
    shape = Shape()
    wood, batten = paint("7b6544", Material.PLANKS), paint("8d7750", Material.PLANKS)
    shape.box(
        (0, 0, 0), (1.0, 0.8, 0.8), wood, top=paint("0c0b0a") if setting.is_in("open") else batten
    )
    for x in (-0.47, 0.47):
        shape.box((x, 0, -0.41), (0.09, 0.8, 0.03), batten)
    for y in (0.02, 0.70):
        shape.box((0, y, -0.41), (1.0, 0.09, 0.035), batten)
    shape.face(
        [(-0.44, 0.1, -0.432), (-0.35, 0.1, -0.432), (0.44, 0.7, -0.432), (0.35, 0.7, -0.432)],
        batten,
    )
    if setting.is_in("open"):
        shape.face(
            [(0.5, 0.0, -0.3), (1.05, 0.0, -0.4), (0.75, 0.85, -0.1), (0.45, 0.8, 0.2)],
            batten,
            two_sided=True,
        )
    return shape


def crates(setting: Setting) -> Shape:
    """A stack of crates."""
    shape = Shape()
    lower = Setting("", setting.random, setting.dark, setting.indoors, setting.threat, setting.turn)
    shape.add(crate(lower), (-0.6, 0, 0.1), 0.1)
    shape.add(crate(lower), (0.6, 0, 0.2), -0.15)
    shape.add(crate(setting), (-0.1, 0.8, 0.2), 0.35)
    shape.add(crate(lower), (1.8, 0, 0.5), 0.5)
    return shape


def tent(setting: Setting) -> Shape:
    """A ridge tent with a dark mouth and guy lines."""
    shape = Shape()
    canvas = paint("66644c", Material.CLOTH)
    half, high, deep = 1.7, 2.1, 3.6
    shape.face(
        [(-half, 0, -deep / 2), (0, high, -deep / 2), (0, high, deep / 2), (-half, 0, deep / 2)],
        canvas,
        two_sided=True,
    )
    shape.face(
        [(half, 0, deep / 2), (0, high, deep / 2), (0, high, -deep / 2), (half, 0, -deep / 2)],
        canvas,
        two_sided=True,
    )
    shape.face([(-half, 0, -deep / 2), (-0.35, 0, -deep / 2 - 0.02), (0, high, -deep / 2)], canvas)
    shape.face([(0.35, 0, -deep / 2 - 0.02), (half, 0, -deep / 2), (0, high, -deep / 2)], canvas)
    shape.face([(-0.35, 0, -deep / 2), (0.35, 0, -deep / 2), (0, high, -deep / 2)], paint("090a09"))
    shape.face([(half, 0, deep / 2), (-half, 0, deep / 2), (0, high, deep / 2)], canvas)
    for x in (-half - 1.0, half + 1.0):
        for z in (-deep / 2, deep / 2):
            shape.line((0, high, z), (x, 0, z * 1.1), 0.02, paint("8a8672"))
    if setting.dark and setting.is_in("lit", "occupied"):
        shape.bulb((0, 0.9, -deep / 2 - 0.2), "ffb765", 1.2, 4, 0.9)
    return shape


def tank(setting: Setting) -> Shape:
    """A storage tank that lies on saddles, with a ladder."""
    shape = Shape()
    steel = paint("8c9088", Material.METAL)
    for x in (-1.5, 1.5):
        shape.box((x, 0, 0), (0.35, 0.9, 1.5), _CONCRETE)
    shape.tube((-2.4, 1.75, 0), (2.4, 1.75, 0), 1.15, steel, sides=14)
    for x in (-2.55, 2.4):
        shape.tube((x, 1.75, 0), (x + 0.15, 1.75, 0), 0.95, steel.dim(0.9), sides=14)
    shape.box((0.4, 2.88, 0), (0.5, 0.25, 0.5), steel)
    for x in (-0.9, -0.5):
        shape.line((x, 0, -1.25), (x, 3.1, -1.05), 0.04, _STEEL)
    for k in range(9):
        shape.line((-0.9, 0.3 + k * 0.32, -1.24), (-0.5, 0.3 + k * 0.32, -1.24), 0.03, _STEEL)
    shape.path([(1.9, 0.9, -0.9), (1.9, 0.3, -1.3), (2.8, 0.3, -1.3)], 0.09, _STEEL)
    if setting.is_in("leaking", "open"):
        shape.face(
            [(1.2, 0.02, -1.2), (3.2, 0.02, -1.0), (3.4, 0.02, -2.6), (1.0, 0.02, -2.4)],
            paint("101315"),
            two_sided=True,
        )
    return shape


def water_tower(setting: Setting) -> Shape:  # noqa: ARG001 - it has one state
    """A wooden tank with a cone roof on legs."""
    shape = Shape()
    for u, v in ((-1, -1), (1, -1), (1, 1), (-1, 1)):
        shape.line((u * 1.5, 0, v * 1.5), (u * 1.2, 3.2, v * 1.2), 0.16, _STEEL)
        shape.line((u * 1.45, 0.4, v * 1.45), (-u * 1.25, 2.9, v * 1.25), 0.05, _STEEL)
    shape.tube((0, 3.2, 0), (0, 6.0, 0), 1.7, paint("6b5640", Material.PLANKS), sides=14)
    for y in (3.6, 4.5, 5.4):
        shape.tube((0, y, 0), (0, y + 0.07, 0), 1.73, paint("2a2a28"), sides=14, caps=False)
    shape.tube(
        (0, 6.0, 0), (0, 7.1, 0), 1.85, paint("4b4c48", Material.CORRUGATED), end=0.0, sides=14
    )
    return shape


def _ring(radius: float, count: int) -> Outline:
    return [
        (radius * math.cos(math.tau * k / count), radius * math.sin(math.tau * k / count))
        for k in range(count)
    ]


def culvert(setting: Setting) -> Shape:
    """A concrete pipe mouth in a headwall."""
    shape = Shape()
    shape.box((0, 0, 0.5), (4.2, 1.9, 0.7), _CONCRETE)
    for x, yaw in ((-2.6, 0.6), (2.6, -0.6)):
        shape.box((x, 0, 0.1), (1.4, 1.3, 0.35), _CONCRETE, yaw=yaw)
    rim = [(x, y + 0.82) for x, y in _ring(0.82, 18)]
    hole = [(x, y + 0.82) for x, y in _ring(0.68, 18)]
    shape.face([(x, y, 0.13) for x, y in rim], _CONCRETE.dim(1.2))
    shape.face([(x, y, 0.12) for x, y in hole], paint("050606"))
    if setting.is_in("closed", "barred", "whole"):
        for k in range(-3, 4):
            shape.line((k * 0.18, 0.2, 0.08), (k * 0.18, 1.45, 0.08), 0.04, _STEEL)
    shape.face(
        [(-0.5, 0.02, 0.1), (0.5, 0.02, 0.1), (0.8, 0.02, -2.2), (-0.7, 0.02, -2.0)],
        paint("1b2222", Material.GLASS, second="6a7c7d"),
        two_sided=True,
    )
    return shape


def drain(setting: Setting) -> Shape:
    """A grating in a concrete frame; `open` has the grate beside it."""
    shape = Shape(casts=False)
    shape.box((0, 0, 0), (1.9, 0.10, 1.5), _CONCRETE)
    shape.face(
        [(-0.75, 0.105, -0.55), (0.75, 0.105, -0.55), (0.75, 0.105, 0.55), (-0.75, 0.105, 0.55)],
        paint("050606"),
    )
    away = 1.9 if setting.is_in("open") else 0.0
    for k in range(7):
        x = -0.66 + k * 0.22 + away
        shape.line((x, 0.14, -0.55), (x, 0.14, 0.55), 0.055, paint("767d7b", Material.METAL))
    for z in (-0.55, 0.55):
        shape.line(
            (-0.75 + away, 0.14, z), (0.75 + away, 0.14, z), 0.07, paint("767d7b", Material.METAL)
        )
    return shape


def generator(setting: Setting) -> Shape:
    """A diesel set on skids, with an exhaust."""
    shape = Shape()
    shape.box((0, 0, 0), (2.2, 0.14, 1.0), paint("202422"))
    shape.box(
        (0, 0.14, 0),
        (2.1, 1.15, 0.95),
        paint("8a7430", Material.METAL),
        front=paint("8a7430", Material.CORRUGATED),
    )
    shape.box((0.75, 0.55, -0.49), (0.45, 0.5, 0.03), paint("1a1e1e"))
    shape.tube((-0.7, 1.29, 0), (-0.7, 1.85, 0), 0.07, paint("2b2523", Material.METAL), sides=7)
    shape.tube((0.5, 1.29, 0), (0.5, 1.36, 0), 0.14, paint("202422"), sides=8)
    if setting.is_in("lit", "running", "on"):
        shape.box((0.75, 0.85, -0.51), (0.1, 0.08, 0.03), paint("6cff8a", Material.GLOW, glow=1.4))
        shape.bulb((0.75, 0.9, -0.7), "ffe6b0", 0.8, 3, 0.5)
    return shape


def well(setting: Setting) -> Shape:  # noqa: ARG001 - it has one state
    """A stone ring with a roof and a winch."""
    shape = Shape()
    stone = paint("77736a", Material.BRICK, second="4a4842")
    shape.tube((0, 0, 0), (0, 0.85, 0), 0.85, stone, sides=12)
    shape.tube((0, 0.85, 0), (0, 0.86, 0), 0.65, paint("060707"), sides=12)
    for x in (-0.85, 0.85):
        shape.box((x, 0.6, 0), (0.12, 1.6, 0.12), paint("4c3b2a", Material.PLANKS))
    shape.tube((-0.85, 1.55, 0), (0.85, 1.55, 0), 0.09, paint("4c3b2a", Material.BARK), sides=6)
    for z in (-0.9, 0.9):
        shape.face(
            [(-1.15, 2.0, z), (1.15, 2.0, z), (1.15, 2.6, 0), (-1.15, 2.6, 0)],
            paint("54432f", Material.PLANKS),
            two_sided=True,
        )
    shape.line((0, 1.5, 0), (0, 0.9, 0), 0.025, paint("8a8468"))
    return shape


def boat(setting: Setting) -> Shape:
    """A wooden rowing boat, drawn up or wrecked."""
    shape = Shape()
    hull = paint("4f6468" if not setting.is_in("wrecked", "broken") else "4a4640", Material.PLANKS)
    stations = (
        (-2.1, 0.05, 0.75),
        (-1.4, 0.55, 0.58),
        (0.0, 0.78, 0.52),
        (1.3, 0.66, 0.56),
        (1.9, 0.5, 0.62),
    )
    for (xa, wa, ha), (xb, wb, hb) in pairwise(stations):
        for side in (-1, 1):
            shape.face(
                [
                    (xa, 0.02, side * wa * 0.4),
                    (xb, 0.02, side * wb * 0.4),
                    (xb, hb, side * wb),
                    (xa, ha, side * wa),
                ],
                hull,
                two_sided=True,
            )
            shape.line((xa, ha, side * wa), (xb, hb, side * wb), 0.06, paint("8b7a58"))
    shape.face(
        [(1.9, 0.02, -0.2), (1.9, 0.02, 0.2), (1.9, 0.62, 0.5), (1.9, 0.62, -0.5)],
        hull,
        two_sided=True,
    )
    for x in (-0.6, 0.6):
        shape.box((x, 0.36, 0), (0.25, 0.04, 1.3), paint("7b6544", Material.PLANKS))
    shape.line((-0.9, 0.6, -0.9), (1.6, 0.5, 0.5), 0.05, paint("8b7a58"))
    return shape


def helicopter(setting: Setting) -> Shape:
    """A helicopter on its skids."""
    shape = Shape()
    hull = (
        paint("23201e", Material.METAL)
        if setting.is_in("burnt", "wrecked")
        else paint("465043", Material.METAL)
    )
    glass = paint("0d1416", Material.GLASS, second="9db2b4")
    cabin = [
        (-2.3, 0.9),
        (-1.6, 0.62),
        (1.3, 0.65),
        (1.9, 1.3),
        (1.5, 2.2),
        (-0.9, 2.25),
        (-1.9, 1.7),
    ]
    shape.prism(cabin, 1.5, hull)
    for z in (-0.76, 0.76):
        for pane in (
            [(-2.1, 1.05), (-1.1, 1.0), (-1.0, 2.05), (-1.75, 1.65)],
            [(-0.8, 1.05), (0.5, 1.05), (0.45, 2.0), (-0.75, 2.05)],
        ):
            shape.face([(x, y, z) for x, y in pane], glass, two_sided=True)
    shape.face(
        [(-2.31, 0.92, 0.6), (-2.31, 0.92, -0.6), (-1.93, 1.7, -0.6), (-1.93, 1.7, 0.6)],
        glass,
        two_sided=True,
    )
    shape.tube((1.6, 1.75, 0), (6.2, 2.0, 0), 0.38, hull, end=0.14, sides=8)
    shape.prism([(5.7, 1.9), (6.3, 1.95), (6.7, 3.1), (6.35, 3.1)], 0.12, hull)
    shape.tube((0, 2.2, 0), (0, 2.75, 0), 0.16, _STEEL, sides=8)
    for t in (0.5, 0.5 + math.pi):
        shape.line(
            (0, 2.72, 0), (math.cos(t) * 5.4, 2.55, math.sin(t) * 5.4), 0.16, paint("1b1e1e")
        )
    for z in (-0.95, 0.95):
        shape.line((-1.8, 0.06, z), (1.9, 0.06, z), 0.09, _STEEL)
        for x in (-1.0, 1.0):
            shape.line((x, 0.06, z), (x, 0.7, z * 0.7), 0.07, _STEEL)
    return shape
