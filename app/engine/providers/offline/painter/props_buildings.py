"""Houses, sheds, shops, and the block of the laboratory."""

import math
from random import Random
from typing import Final

from app.engine.providers.offline.painter.mesh import Material, Paint, Shape, paint
from app.engine.providers.offline.painter.setting import Part, Setting

_FRAME: Final = "20282a"
_TIN: Final = paint("5c625e", Material.CORRUGATED)
_WALLS: Final = ("84796a", "6f7a78", "8c6f58", "6d7166", "9a917e")


def _door(shape: Shape, x: float, z: float, wide: float, high: float, leaf: Paint) -> None:
    """A door in a wall that faces south."""
    shape.face(
        [
            (x - wide / 2 - 0.1, 0, z - 0.03),
            (x + wide / 2 + 0.1, 0, z - 0.03),
            (x + wide / 2 + 0.1, high + 0.1, z - 0.03),
            (x - wide / 2 - 0.1, high + 0.1, z - 0.03),
        ],
        paint(_FRAME),
    )
    shape.face(
        [
            (x - wide / 2, 0, z - 0.05),
            (x + wide / 2, 0, z - 0.05),
            (x + wide / 2, high, z - 0.05),
            (x - wide / 2, high, z - 0.05),
        ],
        leaf,
    )


def block(random: Random, wide: float, high: float, deep: float) -> Shape:
    """A flat-roofed town building whose front is to -z: shop front below, windows above."""
    shape = Shape()
    brick = random.random() < 0.4
    colour = random.choice(("7a4a3a", "6d4538")) if brick else random.choice(_WALLS)
    wall = paint(colour, Material.FACADE, second=_FRAME, glow=1.0)
    side = paint(colour, Material.BRICK, second="7d766c") if brick else paint(colour)
    shape.box((0, 0, 0), (wide, high, deep), side, front=wall, top=paint("2b3032"))
    shape.box((0, high, 0), (wide + 0.3, 0.4, deep + 0.3), paint("3c403e"))
    front = -deep / 2
    if random.random() < 0.7:
        _shop(shape, random, wide, front)
    else:
        x = random.uniform(-0.3, 0.3) * wide
        shape.box((x, 0, front - 0.3), (1.7, 0.18, 0.7), paint("6a6a64"))
        _door(
            shape,
            x,
            front,
            1.0,
            2.2,
            paint(random.choice(("4a2b22", "2c4244", "39402e")), Material.PLANKS),
        )
    if high > 5:
        x = wide * random.choice((-0.38, 0.38))
        shape.line(
            (x, 0.2, front - 0.08), (x, high, front - 0.08), 0.11, paint("4a4f4d", Material.METAL)
        )
    for _ in range(2):
        x, z = random.uniform(-0.35, 0.35) * wide, random.uniform(-0.2, 0.35) * deep
        shape.box(
            (x, high + 0.4, z),
            (random.uniform(0.6, 1.6), random.uniform(0.5, 1.5), 0.8),
            paint("4b4b47", Material.BRICK, second="2e2e2c"),
        )
    return shape


def _shop(shape: Shape, random: Random, wide: float, front: float) -> None:
    """A shop front: panes, a door, a board without words, an awning."""
    span = wide * 0.8
    shape.face(
        [
            (-span / 2, 0.1, front - 0.04),
            (span / 2, 0.1, front - 0.04),
            (span / 2, 2.75, front - 0.04),
            (-span / 2, 2.75, front - 0.04),
        ],
        paint("262c2c"),
    )
    panes = max(2, round(span / 2.2))
    for k in range(panes):
        x = -span / 2 + span * (k + 0.5) / panes
        half = span / panes / 2 - 0.12
        if k == panes // 2:
            _door(
                shape, x, front - 0.03, min(1.0, half * 1.8), 2.2, paint("3b2a20", Material.PLANKS)
            )
        else:
            shape.face(
                [
                    (x - half, 0.6, front - 0.07),
                    (x + half, 0.6, front - 0.07),
                    (x + half, 2.4, front - 0.07),
                    (x - half, 2.4, front - 0.07),
                ],
                paint("121a1c", Material.GLASS, second="8fa6a8"),
            )
    board = paint(
        random.choice(("7c2a22", "2c5054", "8a7434", "3e4a34")), Material.SIGN, second="c9bf9c"
    )
    shape.box((0, 2.8, front - 0.12), (span, 0.55, 0.14), board)
    if random.random() < 0.6:
        cloth = paint(random.choice(("8c3a2c", "47605c")), Material.STRIPES, second="b9b2a0")
        shape.face(
            [
                (-span / 2, 2.35, front - 1.3),
                (span / 2, 2.35, front - 1.3),
                (span / 2, 2.8, front - 0.1),
                (-span / 2, 2.8, front - 0.1),
            ],
            cloth,
            two_sided=True,
        )
        for x in (-span / 2, span / 2):
            shape.line((x, 2.35, front - 1.3), (x, 2.1, front - 0.1), 0.04, paint("3a3f3f"))


def house(random: Random) -> Shape:
    """A small gabled house, its porch to -z."""
    shape = Shape()
    wide, deep, eaves, ridge = random.uniform(7, 9), 7.0, 3.0, 5.0
    colour = random.choice(_WALLS)
    wall = paint(colour, Material.FACADE, second="c4bfae", glow=1.0)
    shape.box((0, 0, 0), (wide, eaves, deep), wall)
    roof = paint(random.choice(("4a3530", "3a4042")), Material.CORRUGATED)
    x, z = wide / 2 + 0.4, deep / 2 + 0.5
    shape.face(
        [(-x, eaves - 0.1, -z), (x, eaves - 0.1, -z), (x, ridge, 0), (-x, ridge, 0)],
        roof,
        two_sided=True,
    )
    shape.face(
        [(x, eaves - 0.1, z), (-x, eaves - 0.1, z), (-x, ridge, 0), (x, ridge, 0)],
        roof,
        two_sided=True,
    )
    for side in (-1, 1):
        gable = [
            (side * wide / 2, eaves, -deep / 2),
            (side * wide / 2, eaves, deep / 2),
            (side * wide / 2, ridge - 0.2, 0),
        ]
        shape.face(gable, paint(colour, Material.PLANKS), two_sided=True)
    _door(shape, random.uniform(-1.5, 1.5), -deep / 2, 1.0, 2.1, paint("5a2a20", Material.PLANKS))
    shape.box((0, 0, -deep / 2 - 1.0), (wide * 0.7, 0.25, 2.0), paint("5d5142", Material.PLANKS))
    for px in (-wide * 0.33, wide * 0.33):
        shape.box((px, 0.2, -deep / 2 - 1.85), (0.13, 2.5, 0.13), paint("b2aa96", Material.PLANKS))
    shape.face(
        [
            (-wide * 0.36, 2.6, -deep / 2 - 2.1),
            (wide * 0.36, 2.6, -deep / 2 - 2.1),
            (wide * 0.36, 3.0, -deep / 2),
            (-wide * 0.36, 3.0, -deep / 2),
        ],
        roof,
        two_sided=True,
    )
    shape.box(
        (wide * 0.25, ridge - 0.8, 0.5),
        (0.7, 1.7, 0.7),
        paint("6b4438", Material.BRICK, second="4a4540"),
    )
    return shape


def street(random: Random, road_half: float, *, low: bool = False) -> list[Part]:
    """Both sides of a street that runs north, fronts to the road; `low` is a small town's."""
    heights = (3.8, 3.8, 4.2, 6.8) if low else (3.8, 6.8, 6.8, 9.8)
    parts = []
    for side in (-1, 1):
        z = -14.0
        while z < 95:
            wide = random.uniform(8, 13)
            z += wide / 2
            deep = random.uniform(8, 11)
            if random.random() < 0.85:
                shape = (
                    block(random, wide, random.choice(heights), deep)
                    if random.random() < (0.6 if low else 0.8)
                    else house(random)
                )
                x = side * (road_half + 3.4 + deep / 2 + random.uniform(0, 0.8))
                # The front looks at the road: west for what stands on the east side.
                parts.append(Part(shape, x, z, side * 1.5707963))
            z += wide / 2 + (random.uniform(2, 14) if low else random.uniform(0.2, 2.2))
    return parts


def buildings(setting: Setting) -> list[Part]:
    """A row of three buildings that face the player."""
    parts = []
    x = -13.0
    for _ in range(3):
        wide = setting.random.uniform(7, 10)
        parts.append(
            Part(
                block(setting.random, wide, setting.random.choice((3.8, 6.8, 6.8)), 8.0),
                x + wide / 2,
                4.0,
            )
        )
        x += wide + setting.random.uniform(0.3, 2.0)
    return parts


def lab(setting: Setting) -> Shape:
    """The laboratory: a long low block, a taller wing, a lit entrance."""
    shape = Shape()
    wall = paint("8c928a", Material.FACADE, second="2c3436", glow=1.0)
    dark = paint("7b827c", Material.FACADE, second="2c3436", glow=1.0)
    shape.box((0, 0, 0), (34, 6.6, 14), wall, top=paint("33383a"))
    shape.box((0, 6.6, 0), (34.5, 0.4, 14.5), paint("5a605c"))
    shape.box((12.5, 0, -2.5), (11, 12.8, 12), dark, top=paint("33383a"))
    shape.box((12.5, 12.8, -2.5), (11.5, 0.4, 12.5), paint("5a605c"))
    shape.box((-6, 0, -8.2), (6.4, 3.3, 2.6), paint("6a706a"), top=paint("33383a"))
    shape.face(
        [(-8.4, 0.1, -9.55), (-3.6, 0.1, -9.55), (-3.6, 2.6, -9.55), (-8.4, 2.6, -9.55)],
        paint("141b1d", Material.GLASS, second="8fa6a8"),
    )
    for x in (-8.4, -6.0, -3.6):
        shape.line((x, 0.1, -9.6), (x, 2.6, -9.6), 0.09, paint("3b4344"))
    for x in (-12.0, -1.0, 5.0):
        shape.box((x, 7.0, 2.0), (2.4, 1.3, 2.0), paint("767c78", Material.CORRUGATED))
    shape.tube((9.5, 13.2, 0), (9.5, 16.5, 0), 0.35, paint("6c706c", Material.METAL), sides=8)
    shape.line((15.0, 13.2, -5), (15.0, 19.0, -5), 0.10, paint("4a5252"))
    if setting.dark and not setting.is_in("dark", "dead"):
        shape.box((-6, 2.75, -9.6), (3.0, 0.22, 0.12), paint("eafff4", Material.GLOW, glow=1.3))
        shape.bulb((-6, 2.5, -10.4), "dff5e8", 2.2, 8, 0.9)
        shape.bulb((15.0, 19.1, -5), "ff2a20", 0.0, 1, 0.7)
    return shape


def shed(setting: Setting) -> Shape:
    """A plank shed with a tin roof; `open` has its door ajar."""
    shape = Shape()
    wall = paint("6c5b45", Material.PLANKS)
    wide, deep, low, high = 4.2, 3.4, 2.3, 3.0
    shape.box((0, 0, 0), (wide, low, deep), wall)
    for side in (-1, 1):
        shape.face(
            [
                (side * wide / 2, low, -deep / 2),
                (side * wide / 2, low, deep / 2),
                (side * wide / 2, high, -deep / 2),
            ],
            wall,
            two_sided=True,
        )
    shape.face(
        [
            (-wide / 2, low, -deep / 2),
            (wide / 2, low, -deep / 2),
            (wide / 2, high, -deep / 2),
            (-wide / 2, high, -deep / 2),
        ],
        wall,
    )
    shape.face(
        [
            (-wide / 2 - 0.3, high + 0.08, -deep / 2 - 0.5),
            (wide / 2 + 0.3, high + 0.08, -deep / 2 - 0.5),
            (wide / 2 + 0.3, low, deep / 2 + 0.4),
            (-wide / 2 - 0.3, low, deep / 2 + 0.4),
        ],
        _TIN,
        two_sided=True,
    )
    shape.line(
        (-wide / 2 - 0.3, high + 0.03, -deep / 2 - 0.5),
        (wide / 2 + 0.3, high + 0.03, -deep / 2 - 0.5),
        0.12,
        paint("3d4240"),
    )
    leaf = paint("4a3a28", Material.PLANKS)
    if setting.is_in("open"):
        _door(shape, -0.5, -deep / 2, 1.1, 2.0, paint("050606"))
        shape.face(
            [
                (-1.05, 0, -deep / 2 - 0.05),
                (-1.55, 0, -deep / 2 - 1.0),
                (-1.55, 2.0, -deep / 2 - 1.0),
                (-1.05, 2.0, -deep / 2 - 0.05),
            ],
            leaf,
            two_sided=True,
        )
    else:
        _door(shape, -0.5, -deep / 2, 1.1, 2.0, leaf)
    shape.face(
        [
            (0.75, 1.0, -deep / 2 - 0.04),
            (1.65, 1.0, -deep / 2 - 0.04),
            (1.65, 1.75, -deep / 2 - 0.04),
            (0.75, 1.75, -deep / 2 - 0.04),
        ],
        paint("c0b59a"),
    )
    shape.face(
        [
            (0.82, 1.06, -deep / 2 - 0.06),
            (1.58, 1.06, -deep / 2 - 0.06),
            (1.58, 1.69, -deep / 2 - 0.06),
            (0.82, 1.69, -deep / 2 - 0.06),
        ],
        paint("0e1416", Material.GLASS, second="8fa6a8"),
    )
    return shape


def barn(setting: Setting) -> Shape:
    """A tall gabled barn."""
    shape = Shape()
    wall = paint("673f35", Material.PLANKS)
    wide, deep, low, high = 10.0, 12.0, 4.2, 7.6
    shape.box((0, 0, 0), (wide, low, deep), wall)
    for z in (-deep / 2, deep / 2):
        shape.face([(-wide / 2, low, z), (wide / 2, low, z), (0, high, z)], wall, two_sided=True)
    x, z = wide / 2 + 0.4, deep / 2 + 0.4
    for side in (-1, 1):
        shape.face(
            [
                (side * x, low - 0.25, -z),
                (0, high + 0.1, -z),
                (0, high + 0.1, z),
                (side * x, low - 0.25, z),
            ],
            _TIN,
            two_sided=True,
        )
    _door(
        shape,
        0,
        -deep / 2,
        3.2,
        3.4,
        paint("070808") if setting.is_in("open") else paint("5b2a20", Material.PLANKS),
    )
    return shape


def church(setting: Setting) -> Shape:  # noqa: ARG001 - it has one state
    """A small church with a steeple."""
    shape = Shape()
    wall = paint("a8a698", Material.PLANKS)
    shape.box((0, 0, 0), (7, 4, 12), wall)
    for side in (-1, 1):
        shape.face(
            [(side * 4, 3.8, -6.3), (0, 7.2, -6.3), (0, 7.2, 6.3), (side * 4, 3.8, 6.3)],
            paint("3a4042", Material.CORRUGATED),
            two_sided=True,
        )
    shape.face([(-3.5, 4, -6), (3.5, 4, -6), (0, 7, -6)], wall, two_sided=True)
    shape.box((0, 0, -6.6), (2.6, 8.5, 2.6), wall)
    shape.tube(
        (0, 8.5, -6.6), (0, 13.5, -6.6), 1.9, paint("3a4042", Material.CORRUGATED), end=0.0, sides=4
    )
    _door(shape, 0, -7.9, 1.4, 2.4, paint("3b2a20", Material.PLANKS))
    return shape


def skyline(random: Random) -> list[Part]:
    """The roofs of a city around a rooftop, standing on the streets below."""
    parts = []
    for _ in range(64):
        a, away = random.uniform(-1.9, 1.9), random.uniform(34, 190)
        wide, deep = random.uniform(12, 26), random.uniform(12, 24)
        high = random.choice((14, 18, 22, 22, 27, 34, 46)) + random.uniform(-2, 2)
        shape = Shape(casts=False)
        wall = paint(random.choice(_WALLS), Material.FACADE, second=_FRAME, glow=1.0)
        shape.box((0, 0, 0), (wide, high, deep), wall, top=paint("2f3436"))
        shape.box((random.uniform(-3, 3), high, 0), (3.5, 2.6, 3.0), paint("565a56"))
        parts.append(
            Part(
                shape, math.sin(a) * away, math.cos(a) * away + 4, random.choice((0.0, 0.12, -0.2))
            )
        )
    return parts
