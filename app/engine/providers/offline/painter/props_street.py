"""What stands along roads: poles, vehicles, and small street things."""

import math
from typing import Final

from app.engine.providers.offline.painter.mesh import Material, Paint, Shape, paint
from app.engine.providers.offline.painter.setting import Part, Setting

_TYRE: Final = paint("16191a")
_HUB: Final = paint("5d6160", Material.METAL)
_GLASS: Final = paint("10181a", Material.GLASS, second="9db2b4")
_CHROME: Final = paint("a9afaa", Material.METAL)
_WOOD: Final = paint("4a3c2e", Material.PLANKS)
_BURNT: Final = paint("1c1a19", Material.METAL, second="5a3018")


def _wheel(shape: Shape, x: float, z: float, radius: float, wide: float = 0.22) -> None:
    outer = z - wide / 2 if z < 0 else z + wide / 2
    inner = z + wide / 2 if z < 0 else z - wide / 2
    shape.tube((x, radius, inner), (x, radius, outer), radius, _TYRE, sides=12)
    rim = outer - 0.012 if z < 0 else outer + 0.012
    shape.tube((x, radius, outer), (x, radius, rim), radius * 0.55, _HUB, sides=10)


def car(setting: Setting) -> Shape:
    """A sedan, its left side to the front: body, glasshouse, wheels in arches, lamps; may burn."""
    burnt = setting.is_in("burnt", "burning", "wrecked")
    colours = ("6a3a34", "3f5666", "857f68", "4c5c52", "96968e")
    body = _BURNT if burnt else paint(setting.random.choice(colours), Material.METAL)
    shape = Shape()
    _car_body(shape, body, burnt=burnt)
    _car_ends(shape, body, setting, burnt=burnt)
    for x in (-1.42, 1.36):
        for z in (-0.76, 0.76):
            if burnt:
                shape.tube((x, 0.22, z * 0.9), (x, 0.22, z), 0.22, _BURNT, sides=8)
            else:
                _wheel(shape, x, z, 0.33)
    if setting.is_in("open"):
        door = [(-0.15, 0.36), (0.80, 0.36), (0.80, 0.88), (0.5, 1.30), (-0.1, 1.32), (-0.15, 0.9)]
        leaf = Shape().card([(x + 0.15, y) for x, y in door], body)
        leaf.card([(0.06, 0.92), (0.84, 0.90), (0.62, 1.26), (0.06, 1.27)], _GLASS, z=-0.01)
        shape.add(leaf, (-0.15, 0, -0.83), 1.05)
        shape.face(
            [
                (-0.12, 0.36, -0.835),
                (0.78, 0.36, -0.835),
                (0.78, 0.88, -0.835),
                (-0.12, 0.9, -0.835),
            ],
            paint("0b0c0c"),
        )
    if setting.is_in("burning"):
        _flames(shape, (0.2, 0.9, 0), 1.3, setting)
    return shape


def _car_body(shape: Shape, body: Paint, *, burnt: bool) -> None:
    """The lower body with a bonnet and boot, and above it pillars, glass and roof."""
    lower = [
        (-2.25, 0.42),
        (-1.85, 0.30),
        (1.85, 0.30),
        (2.25, 0.42),
        (2.27, 0.66),
        (2.18, 0.84),
        (1.15, 0.93),
        (-1.25, 0.93),
        (-2.15, 0.80),
        (-2.28, 0.64),
    ]
    shape.prism(lower, 1.66, body)
    for z, side in ((-0.836, 1), (0.836, -1)):
        for x in (-1.42, 1.36):
            arch = [
                (x + 0.43 * math.cos(t), max(0.3, 0.33 + 0.43 * math.sin(t)))
                for t in [math.pi * k / 8 for k in range(9)]
            ]
            shape.face([(u, y, z) for u, y in arch[::-side]][::-1], paint("0a0b0b"))
        shape.line((-2.2, 0.66, z), (2.2, 0.66, z), 0.03, _CHROME if not burnt else _BURNT)
        for x in (-0.15, 0.80):
            shape.line((x, 0.36, z), (x, 0.92, z), 0.015, paint("0f1111"))
        shape.box((-0.02, 0.80, z), (0.16, 0.03, 0.02), _CHROME)
    glass = paint("070808") if burnt else _GLASS
    base, roof = (-1.15, 1.22), (-0.55, 0.72)
    low, high, wide, narrow = 0.93, 1.40, 0.80, 0.64
    corners = [
        ((base[0], low, -wide), (roof[0], high, -narrow)),
        ((base[1], low, -wide), (roof[1], high, -narrow)),
        ((base[1], low, wide), (roof[1], high, narrow)),
        ((base[0], low, wide), (roof[0], high, narrow)),
    ]
    for (a, c), (b, d) in zip(corners, corners[1:] + corners[:1], strict=True):
        shape.face([a, b, d, c], glass)
    shape.face([c for _, c in corners], body)
    for a, c in corners:
        shape.line(a, c, 0.09, body)
    for z, n in ((-wide, -narrow), (wide, narrow)):
        shape.line((0.12, low, z * 1.005), (0.10, high, n * 1.005), 0.08, body)
        shape.line((roof[0], high, n), (roof[1], high, n), 0.07, body)
        shape.line((base[0], low, z * 1.01), (base[1], low, z * 1.01), 0.05, body)


def _car_ends(shape: Shape, body: Paint, setting: Setting, *, burnt: bool) -> None:
    for x, colour in ((-2.29, "fff0c8"), (2.29, "c0241c")):
        step = -0.015 if x < 0 else 0.015
        for z in (-0.58, 0.58):
            lit = setting.dark and setting.is_in("open", "lit", "running") and not burnt
            lamp = paint(colour, Material.GLOW, glow=1.2 if lit else 0.12) if not burnt else _BURNT
            shape.box((x + step, 0.58, z), (0.05, 0.16, 0.34), lamp)
            if lit and x < 0:
                shape.bulb((x - 0.3, 0.66, z), colour, 0.9, 5, 0.9)
        shape.box((x + step, 0.38, 0), (0.10, 0.13, 1.62), _CHROME if not burnt else body)
    shape.box((-2.31, 0.56, 0), (0.02, 0.17, 0.72), paint("0d0f0f"))
    shape.box((2.32, 0.60, 0), (0.02, 0.13, 0.40), paint("b9b39a"))


def _flames(shape: Shape, at: tuple[float, float, float], size: float, setting: Setting) -> None:
    x, y, z = at
    for k in range(7):
        a = setting.random.uniform(-0.6, 0.6) * size
        h = setting.random.uniform(0.5, 1.2) * size
        w = h * 0.24
        colour = ("ffd070", "ff8a30", "ff5a18")[k % 3]
        lean = math.sin(setting.turn * 2.1 + k) * 0.2 * size
        outline = [
            (x + a - w, y),
            (x + a + w, y),
            (x + a + w * 0.7 + lean * 0.4, y + h * 0.5),
            (x + a + lean, y + h),
            (x + a - w * 0.8 + lean * 0.4, y + h * 0.45),
        ]
        shape.card(outline, paint(colour, Material.GLOW, glow=1.1), z=z + 0.05 * k)
    shape.bulb((x, y + 0.5 * size, z - 0.4), "ff8a3a", 2.2 * size, 6 * size, 1.6 * size)


def fire(setting: Setting) -> Shape:
    """A ring of stones and burning wood."""
    shape = Shape(facing=True, casts=False)
    for k in range(5):
        t = k * 0.6 - 1.2
        shape.line(
            (t * 0.5 - 0.3, 0.05, 0.1),
            (t * 0.3 + 0.2, 0.4, 0),
            0.11,
            paint("1a1310", Material.BARK),
        )
    for k in range(9):
        t = math.tau * k / 9
        shape.box(
            (math.cos(t) * 0.7, 0, math.sin(t) * 0.7),
            (0.28, 0.18, 0.24),
            paint("4b4a46", Material.ROCK),
            yaw=t,
        )
    if not setting.is_in("out", "dead", "cold"):
        _flames(shape, (0, 0.1, 0), 0.8, setting)
    return shape


def truck(setting: Setting) -> Shape:
    """An army truck: cab, bonnet, canvas back on hoops."""
    burnt = setting.is_in("burnt", "wrecked")
    body = _BURNT if burnt else paint("4d5640", Material.METAL)
    canvas = paint("23211e" if burnt else "5f5d48", Material.CLOTH)
    shape = Shape()
    shape.box((0.2, 0.62, 0), (6.6, 0.22, 1.1), paint("1d2120"))
    shape.prism([(-3.4, 0.75), (-2.2, 0.75), (-2.2, 1.55), (-3.3, 1.45)], 1.5, body)
    shape.box((-1.5, 0.75, 0), (1.45, 0.95, 2.1), body)
    shape.prism([(-2.2, 1.7), (-0.78, 1.7), (-0.85, 2.5), (-1.95, 2.5)], 2.06, body)
    for z in (-1.035, 1.035):
        pane = [(-2.02, 1.74), (-0.98, 1.74), (-1.0, 2.36), (-1.84, 2.36)]
        shape.face([(x, y, z) for x, y in pane], _GLASS, two_sided=True)
        shape.box((-2.9, 0.95, z * 0.8), (1.2, 0.08, 0.35), body)
    shape.face(
        [(-2.21, 1.74, 0.95), (-2.21, 1.74, -0.95), (-1.98, 2.42, -0.92), (-1.98, 2.42, 0.92)],
        _GLASS,
    )
    shape.box((-3.42, 0.85, 0), (0.03, 0.55, 1.0), paint("0f1111", Material.CORRUGATED))
    for z in (-0.62, 0.62):
        lit = setting.dark and setting.is_in("lit", "running", "open")
        shape.box(
            (-3.45, 1.0, z),
            (0.08, 0.2, 0.2),
            paint("fff0c8", Material.GLOW, glow=1.2 if lit else 0.10),
        )
        if lit:
            shape.bulb((-3.8, 1.1, z), "fff0c8", 0.9, 6, 0.9)
    shape.box((-3.5, 0.62, 0), (0.14, 0.2, 2.1), paint("2a2f2c"))
    shape.box(
        (1.5, 0.84, 0), (4.3, 0.75, 2.2), paint("4a4f3a", Material.PLANKS) if not burnt else body
    )
    hoop = [(-0.65, 1.59), (3.65, 1.59), (3.65, 2.55), (3.5, 2.85), (-0.5, 2.85), (-0.65, 2.55)]
    if not burnt:
        shape.prism(hoop, 2.16, canvas)
    for x in (-2.75, 1.6, 2.75):
        for z in (-0.95, 0.95):
            _wheel(shape, x, z, 0.50, 0.30)
    return shape


def poles(setting: Setting) -> list[Part]:
    """A line of telephone poles to the north, with wires that sag between them."""
    step = 26.0
    parts = []
    for k in range(-1, 9):
        shape = Shape()
        lean = 0.25 * math.sin(k * 2.1 + setting.random.random() * 0.01)
        shape.tube((0, -0.3, 0), (lean, 8.2, 0), 0.16, _WOOD, end=0.10, sides=6)
        for y in (7.6, 7.0):
            shape.box((lean, y, 0), (2.3 if y > 7.2 else 1.7, 0.12, 0.12), _WOOD)
        for offset in (-1.05, -0.5, 0.5, 1.05):
            shape.box((lean + offset, 7.72, 0), (0.07, 0.14, 0.07), paint("9aa59a"))
            for j in range(8):
                a, b = j / 8, (j + 1) / 8
                shape.line(
                    (lean + offset, 7.85 - 4.2 * a * (1 - a), step * a),
                    (lean + offset, 7.85 - 4.2 * b * (1 - b), step * b),
                    0.022,
                    paint("15191a"),
                )
        if k % 3 == 1:
            shape.tube(
                (lean + 0.25, 6.0, 0),
                (lean + 0.25, 6.8, 0),
                0.2,
                paint("5c6462", Material.METAL),
                sides=8,
            )
        parts.append(Part(shape, 0.0, k * step))
    return parts


def street_lamp(setting: Setting) -> Shape:
    """A lamp on a bent arm."""
    shape = Shape()
    steel = paint("3b4344", Material.METAL)
    shape.tube((0, 0, 0), (0, 5.8, 0), 0.09, steel, end=0.06, sides=6)
    shape.path([(0, 5.8, 0), (0.4, 6.2, 0), (1.6, 6.3, 0)], 0.08, steel)
    lit = setting.dark and not setting.is_in("dark", "off", "broken")
    shape.box((1.7, 6.15, 0), (0.6, 0.14, 0.26), steel)
    if lit:
        shape.box((1.7, 6.10, 0), (0.44, 0.06, 0.2), paint("ffd9a0", Material.GLOW, glow=1.6))
        shape.bulb((1.7, 5.95, 0), "ffc27a", 2.0, 7, 1.3)
    return shape


def bench(setting: Setting) -> Shape:  # noqa: ARG001 - it has one state
    """A slatted bench."""
    shape = Shape()
    slat = paint("6a5238", Material.PLANKS)
    for k in range(3):
        shape.box((0, 0.44, -0.18 + k * 0.16), (1.8, 0.04, 0.13), slat)
    for y in (0.60, 0.78):
        shape.box((0, y, 0.26), (1.8, 0.12, 0.04), slat)
    for x in (-0.75, 0.75):
        shape.box((x, 0, 0), (0.07, 0.44, 0.46), paint("2b3030"))
        shape.box((x, 0.44, 0.26), (0.06, 0.5, 0.06), paint("2b3030"))
    return shape


def phone_booth(setting: Setting) -> Shape:
    """A glass booth with a telephone, lit from above at night."""
    shape = Shape()
    frame = paint("8c3a2c", Material.METAL)
    for x in (-0.45, 0.45):
        for z in (-0.45, 0.45):
            shape.box((x, 0, z), (0.08, 2.3, 0.08), frame)
    shape.box((0, 0, 0), (0.95, 0.12, 0.95), paint("55554e"))
    shape.face(
        [(0.45, 0.1, 0.4), (-0.45, 0.1, 0.4), (-0.45, 2.1, 0.4), (0.45, 2.1, 0.4)][::-1],
        paint("46504e"),
        two_sided=True,
    )
    shape.box((0.05, 1.0, 0.3), (0.34, 0.6, 0.18), paint("17191a", Material.METAL))
    shape.box((-0.08, 1.2, 0.19), (0.07, 0.26, 0.06), paint("0b0c0c"))
    shape.face(
        [(-0.45, 0.12, 0.44), (-0.45, 0.12, -0.44), (-0.45, 0.9, -0.44), (-0.45, 0.9, 0.44)],
        frame,
        two_sided=True,
    )
    shape.face(
        [(0.45, 0.12, -0.44), (0.45, 0.12, 0.44), (0.45, 0.9, 0.44), (0.45, 0.9, -0.44)],
        frame,
        two_sided=True,
    )
    shape.box(
        (0, 2.1, 0),
        (1.0, 0.32, 1.0),
        paint("c9c2a8", Material.GLOW, glow=0.9) if setting.dark else frame,
    )
    shape.box((0, 2.42, 0), (1.06, 0.08, 1.06), frame)
    if setting.dark and not setting.is_in("dark", "dead", "broken"):
        shape.bulb((0, 1.9, -0.1), "fff0cf", 1.5, 4, 0.8)
    return shape


def mailbox(setting: Setting) -> Shape:
    """A country mailbox on a post, its flag up or its lid down."""
    shape = Shape()
    shape.box((0, 0, 0), (0.1, 1.05, 0.1), _WOOD)
    arch = [(-0.17, 0), (0.17, 0), (0.17, 0.22), (0.11, 0.33), (-0.11, 0.33), (-0.17, 0.22)]
    tin = paint("8d9491", Material.METAL)
    shape.prism([(x, y + 1.05) for x, y in arch], 0.55, tin)
    shape.box((0.2, 1.2, 0.05), (0.02, 0.32, 0.05), paint("b02a1e"))
    if setting.is_in("open"):
        shape.face(
            [(-0.16, 1.05, -0.28), (0.16, 1.05, -0.28), (0.16, 0.78, -0.42), (-0.16, 0.78, -0.42)],
            tin,
            two_sided=True,
        )
    return shape


def pump(setting: Setting) -> Shape:
    """An old petrol pump with a globe."""
    shape = Shape()
    shape.box((0, 0, 0), (1.1, 0.15, 0.8), paint("77766c"))
    shape.box((0, 0.15, 0), (0.62, 1.5, 0.45), paint("9c2f24", Material.METAL))
    shape.box(
        (0, 1.15, -0.235), (0.44, 0.34, 0.02), paint("d8d2bc", Material.SIGN, second="20282a")
    )
    shape.tube(
        (0, 1.65, 0),
        (0, 2.1, 0),
        0.2,
        paint("e8e2cc", Material.GLOW, glow=0.9 if setting.dark else 0.2),
        sides=10,
    )
    shape.path(
        [(0.32, 1.3, 0), (0.55, 0.7, -0.1), (0.36, 0.35, -0.15), (0.34, 1.0, -0.1)],
        0.04,
        paint("101212"),
    )
    if setting.dark:
        shape.bulb((0, 1.9, -0.3), "ffe6b8", 0.8, 4, 0.7)
    return shape
