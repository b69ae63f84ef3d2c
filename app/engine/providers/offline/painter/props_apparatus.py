"""What rooms were used for: apparatus, plumbing, lamps, things on wheels."""

import math
from typing import Final

from app.engine.providers.offline.painter.mesh import Material, Point, Shape, paint
from app.engine.providers.offline.painter.setting import Setting

_STEEL: Final = paint("8b9492", Material.METAL, second="4a3020")

_DARK_STEEL: Final = paint("454d4e", Material.METAL)

_ENAMEL: Final = paint("aab2aa", Material.METAL, second="5c4630")

_SHEET: Final = paint("a9aca2", Material.CLOTH)

_SCREEN: Final = "7fffb0"

_BLACK: Final = paint("060707")


def phone(setting: Setting) -> Shape:
    """A wall telephone; `ringing` shows a light, `off` hangs by its cord."""
    shape = Shape()
    shape.box((0, 1.15, 0), (0.26, 0.42, 0.12), paint("1c1f20", Material.METAL))
    shape.tube((0, 1.28, -0.07), (0, 1.28, -0.09), 0.085, paint("b9b7a4"), sides=10)
    if setting.is_in("off", "open", "used"):
        shape.path([(-0.1, 1.15, -0.05), (-0.14, 0.7, -0.08), (-0.1, 0.45, -0.06)], 0.02, _BLACK)
        shape.box((-0.1, 0.25, -0.06), (0.06, 0.22, 0.06), paint("1c1f20"))
    else:
        shape.box((0, 1.53, -0.08), (0.28, 0.07, 0.09), paint("26292a"))
    if setting.is_in("ringing", "lit"):
        shape.box((0, 1.46, -0.08), (0.05, 0.03, 0.03), paint("ff3a2c", Material.GLOW, glow=1.3))
        shape.bulb((0, 1.5, -0.2), "ff4a30", 0.5, 2, 0.4)
    return shape


def gurney(setting: Setting) -> Shape:
    """A stretcher on wheels with a sheet that hangs, and straps."""
    shape = Shape()
    shape.box((0, 0.78, 0), (1.95, 0.10, 0.66), _SHEET)
    shape.box((-0.72, 0.88, 0), (0.42, 0.09, 0.5), paint("b9bbb2", Material.CLOTH))
    for x in (-0.25, 0.35):
        shape.box((x, 0.875, 0), (0.09, 0.015, 0.68), paint("4a3a28"))
    for z in (-0.34, 0.34):
        shape.face(
            [
                (-0.5, 0.86, z),
                (0.9, 0.86, z),
                (0.85, 0.45, z * 1.05),
                (0.2, 0.52, z * 1.08),
                (-0.4, 0.42, z * 1.04),
            ],
            _SHEET,
            two_sided=True,
        )
        shape.line((-0.95, 1.0, z), (0.95, 1.0, z), 0.03, _STEEL)
        for x in (-0.8, 0.8):
            shape.line((x, 0.12, z * 0.9), (-x * 0.2, 0.78, z * 0.9), 0.04, _STEEL)
            shape.tube((x, 0.08, z * 0.9 - 0.02), (x, 0.08, z * 0.9 + 0.02), 0.08, _BLACK, sides=8)
    shape.line((-0.9, 0.9, 0.34), (-0.9, 1.9, 0.34), 0.025, _STEEL)
    shape.box((-0.9, 1.62, 0.34), (0.13, 0.24, 0.05), paint("b8c2b8"))
    if setting.is_in("occupied", "covered"):
        shape.prism(
            [
                (-0.8, 0.88),
                (0.9, 0.88),
                (0.85, 1.0),
                (0.2, 1.05),
                (-0.3, 1.14),
                (-0.6, 1.06),
                (-0.78, 1.1),
            ],
            0.46,
            _SHEET,
        )
    return shape


def tank_glass(setting: Setting) -> Shape:
    """A tall tank between steel ends: lit liquid with something in it, or broken and dry."""
    shape = Shape()
    shape.tube((0, 0, 0), (0, 0.45, 0), 0.72, _DARK_STEEL, sides=14)
    shape.tube((0, 2.15, 0), (0, 2.5, 0), 0.72, _DARK_STEEL, sides=14)
    for k in range(4):
        t = math.tau * (k + 0.5) / 4
        shape.line(
            (math.cos(t) * 0.68, 0.45, math.sin(t) * 0.68),
            (math.cos(t) * 0.68, 2.15, math.sin(t) * 0.68),
            0.06,
            _STEEL,
        )
    shape.path([(0.3, 2.5, 0), (0.3, 2.7, 0), (0.9, 2.7, 0.3)], 0.09, _DARK_STEEL)
    if setting.is_in("broken", "open", "empty"):
        teeth = [
            (-0.6, 0.45),
            (0.6, 0.45),
            (0.58, 0.9),
            (0.4, 0.7),
            (0.2, 1.05),
            (0.0, 0.68),
            (-0.25, 0.85),
            (-0.4, 1.25),
            (-0.6, 0.95),
        ]
        shape.card(teeth, paint("5f8682", Material.GLASS, second="c4e6e0"), z=-0.3)
        shape.face(
            [(-1.3, 0.015, -0.7), (1.2, 0.015, -0.9), (1.5, 0.015, -1.9), (-0.9, 0.015, -2.1)],
            paint("1a3a34", Material.GLASS, second="6fa89a"),
            two_sided=True,
        )
        return shape
    liquid = paint("3f8f78", Material.GLOW, glow=0.20)
    shape.tube((0, 0.45, 0), (0, 2.15, 0), 0.60, liquid, sides=16, caps=False)
    dark = paint("071512", Material.SHADE)
    for x, y, w, h in ((0.0, 1.78, 0.12, 0.15), (0.02, 1.35, 0.17, 0.34), (0.05, 0.85, 0.1, 0.30)):
        oval = [
            (x + w * math.cos(t), y + h * math.sin(t))
            for t in [math.tau * k / 10 for k in range(10)]
        ]
        shape.card(oval, dark, z=-0.61)
    shape.bulb((0, 1.4, -0.9), "62d8b4", 1.1, 4, 0.0)
    return shape


def lamp(setting: Setting) -> Shape:
    """A round-faced wall clock of a lamp on a bracket: it gives light unless it is dark."""
    shape = Shape()
    shape.tube((0, 0, 0), (0, 0.04, 0), 0.18, _DARK_STEEL, sides=10)
    shape.tube((0, 0.04, 0), (0, 1.65, 0), 0.025, _DARK_STEEL, sides=6)
    shape.tube(
        (0, 1.62, 0),
        (0, 1.92, 0),
        0.24,
        paint(
            "c9b78a",
            Material.GLOW,
            glow=0.55 if not setting.is_in("dark", "off", "broken") else 0.0,
        ),
        end=0.13,
        sides=10,
    )
    if not setting.is_in("dark", "off", "broken"):
        shape.bulb((0, 1.7, -0.3), "ffd7a0", 1.3, 4, 0.9)
    return shape


def pipe(setting: Setting) -> Shape:
    """Pipes along a wall with a valve wheel; `broken` leaks."""
    shape = Shape()
    rust = paint("6a5a4c", Material.METAL, second="4a2412")
    for y, z, r in ((0.5, 0.12, 0.10), (0.85, 0.10, 0.07), (2.2, 0.12, 0.12)):
        shape.tube((-2.2, y, z), (2.2, y, z), r, rust, sides=8)
    shape.tube((0.4, 0.0, 0.1), (0.4, 2.5, 0.1), 0.09, rust, sides=8)
    wheel = [
        (0.4 + 0.2 * math.cos(math.tau * k / 12), 1.3 + 0.2 * math.sin(math.tau * k / 12), -0.12)
        for k in range(13)
    ]
    points: list[Point] = list(wheel)
    shape.path(points, 0.035, paint("9c2f24", Material.METAL))
    shape.line((0.2, 1.3, -0.12), (0.6, 1.3, -0.12), 0.03, paint("9c2f24")).line(
        (0.4, 1.1, -0.12), (0.4, 1.5, -0.12), 0.03, paint("9c2f24")
    )
    if setting.is_in("broken", "leaking", "open"):
        shape.face(
            [(0.0, 0.015, -0.2), (1.2, 0.015, -0.1), (1.4, 0.015, -1.3), (-0.2, 0.015, -1.5)],
            paint("101819", Material.GLASS, second="7d9a9a"),
            two_sided=True,
        )
        shape.path([(0.9, 0.42, 0.0), (0.92, 0.2, -0.15), (0.93, 0.0, -0.2)], 0.03, paint("a9c0c0"))
    return shape


def sink(setting: Setting) -> Shape:  # noqa: ARG001 - it has one state
    """A long sink with taps and trays, a mirror above it."""
    shape = Shape()
    shape.box(
        (0, 0.55, 0.05),
        (1.6, 0.32, 0.55),
        _ENAMEL,
        top=paint("151b1c", Material.GLASS, second="6f8a88"),
    )
    for x in (-0.6, 0.6):
        shape.box((x, 0, 0.05), (0.08, 0.55, 0.4), _STEEL)
    for x in (-0.35, 0.35):
        shape.path([(x, 0.87, 0.28), (x, 1.12, 0.28), (x, 1.1, 0.05)], 0.03, _STEEL)
    shape.face(
        [(-0.55, 1.3, 0.28), (0.55, 1.3, 0.28), (0.55, 1.95, 0.28), (-0.55, 1.95, 0.28)],
        paint("263032", Material.GLASS, second="a9c4c2"),
    )
    for x in (-0.5, 0.1):
        shape.box((x, 0.86, -0.02), (0.4, 0.03, 0.3), paint("5a2a20"))
    return shape


def terminal(setting: Setting) -> Shape:
    """A console with a screen that glows, keys and a reel."""
    shape = Shape()
    shape.box((0, 0, 0.1), (1.3, 0.85, 0.6), paint("545c58", Material.METAL))
    shape.prism(
        [(-0.35, 0), (0.35, 0), (0.35, 0.5), (-0.35, 0.5)],
        0.42,
        paint("8b8a76", Material.METAL),
        z=0.1,
    )
    dead = setting.is_in("dark", "dead", "off", "broken")
    shape = Shape().add(shape)
    shape.box((0, 0.85, 0.1), (0.72, 0.56, 0.46), paint("8b8a76", Material.METAL))
    glass = (
        paint("101615", Material.GLASS, second="5c7a74")
        if dead
        else paint(_SCREEN, Material.GLOW, glow=0.42)
    )
    shape.face(
        [(-0.28, 0.94, -0.135), (0.28, 0.94, -0.135), (0.28, 1.34, -0.135), (-0.28, 1.34, -0.135)],
        glass,
    )
    shape.box((0, 0.85, -0.28), (0.62, 0.05, 0.22), paint("26292a"))
    for x in (-0.45, 0.45):
        shape.box((x, 0.55, -0.21), (0.3, 0.2, 0.02), paint("1a1d1d", Material.CORRUGATED))
    if not dead:
        for k in range(5):
            y = 1.0 + k * 0.065
            shape.line(
                (-0.22, y, -0.145),
                (-0.22 + setting.random.uniform(0.12, 0.4), y, -0.145),
                0.014,
                paint("0c3a22"),
            )
        shape.bulb((0, 1.15, -0.45), _SCREEN, 0.7, 3, 0.5)
        shape.box((0.55, 0.78, -0.22), (0.04, 0.04, 0.02), paint("ff3a2c", Material.GLOW, glow=1.2))
    return shape


def cart(setting: Setting) -> Shape:
    """A two-tier trolley with trays and bottles."""
    shape = Shape()
    for y in (0.28, 0.82):
        shape.box((0, y, 0), (0.85, 0.04, 0.5), _STEEL)
    for x in (-0.4, 0.4):
        for z in (-0.22, 0.22):
            shape.line((x, 0.08, z), (x, 0.95, z), 0.03, _STEEL)
            shape.tube((x, 0.06, z - 0.015), (x, 0.06, z + 0.015), 0.06, _BLACK, sides=7)
    shape.line((-0.4, 0.95, -0.22), (-0.4, 0.95, 0.22), 0.03, _STEEL)
    for _ in range(8):
        x, z = setting.random.uniform(-0.34, 0.34), setting.random.uniform(-0.18, 0.18)
        colour = setting.random.choice(("7a4a20", "8fa6a0", "c4c0ae", "3f5a4c"))
        shape.tube(
            (x, 0.86, z),
            (x, 0.86 + setting.random.uniform(0.1, 0.24), z),
            0.04,
            paint(colour),
            sides=6,
        )
    shape.box((0.05, 0.32, 0), (0.5, 0.2, 0.35), paint("8b7650"))
    return shape
