"""What is in the rooms of a lighthouse: lens, stove, dresser, clock, casks, lantern, apparatus."""

import itertools
import math
from typing import Final

from app.engine.providers.offline.painter.mesh import Material, Shape, paint
from app.engine.providers.offline.painter.setting import Setting

_IRON: Final = paint("1c2021", Material.METAL, second="3a2214")
_BRASS: Final = paint("9a7a3a", Material.METAL, second="4a3614")
_OAK: Final = paint("5e4a34", Material.PLANKS)
_WOOD: Final = paint("6e5a40", Material.PLANKS)
_FLAME: Final = "ffd894"


def lens(setting: Setting) -> Shape:
    """A Fresnel lens on its iron pedestal: rings of glass in brass; `lit`, `dark`, `broken`."""
    shape = Shape()
    shape.tube((0, 0, 0), (0, 0.9, 0), 0.55, _IRON, end=0.42, sides=12)
    shape.tube((0, 0.9, 0), (0, 1.0, 0), 0.85, _BRASS, sides=14)
    lit = setting.is_in("lit", "on", "burning")
    for k in range(7):
        y = 1.02 + k * 0.23
        bulge = 0.82 * math.sqrt(max(0.12, 1 - ((k - 3) / 3.9) ** 2))
        tone = paint("ffe9b8", Material.GLOW, glow=1.0 - 0.16 * abs(k - 3)) if lit else paint(
            "3f5753", Material.GLASS, second="cfe4dc"
        )  # fmt: skip
        gone = setting.is_in("broken", "smashed") and k in (2, 3)
        if not gone:
            shape.tube((0, y, 0), (0, y + 0.17, 0), bulge, tone, end=bulge * 0.92, sides=14)
        shape.tube((0, y + 0.17, 0), (0, y + 0.23, 0), bulge * 0.94, _BRASS, sides=14)
    for k in range(6):
        a = math.tau * k / 6 + 0.2
        x, z = math.cos(a) * 0.88, math.sin(a) * 0.88
        shape.line((x, 1.0, z), (x * 0.55, 2.66, z * 0.55), 0.05, _BRASS)
    shape.tube((0, 2.63, 0), (0, 2.8, 0), 0.46, _BRASS, end=0.2, sides=12)
    if lit:
        shape.bulb((0, 1.75, -0.9), _FLAME, 1.9, 6.0, 2.0)
    return shape


def stove(setting: Setting) -> Shape:
    """A range with a kettle and a pipe; `lit` glows through its bars."""
    shape = Shape().box((0, 0.12, 0), (1.25, 0.78, 0.65), _IRON)
    for x in (-0.55, 0.55):
        for z in (-0.25, 0.25):
            shape.box((x, 0, z), (0.08, 0.12, 0.08), _IRON)
    shape.box((0, 0.9, 0), (1.35, 0.06, 0.75), _IRON.dim(1.5))
    lit = setting.is_in("lit", "on", "burning")
    fire = paint("ff7a2a", Material.GLOW, glow=1.2) if lit else paint("060606")
    shape.face([(-0.5, 0.35, -0.34), (-0.05, 0.35, -0.34), (-0.05, 0.72, -0.34),
                (-0.5, 0.72, -0.34)], fire)  # fmt: skip
    for k in range(5):
        x = -0.46 + k * 0.095
        shape.line((x, 0.34, -0.36), (x, 0.73, -0.36), 0.025, _IRON)
    shape.box((0.28, 0.28, -0.335), (0.46, 0.48, 0.03), _IRON.dim(1.6))
    shape.box((0.28, 0.5, -0.37), (0.2, 0.03, 0.03), _BRASS)
    shape.tube((0.35, 0.96, 0.12), (0.35, 2.7, 0.12), 0.09, _IRON.dim(1.3), sides=8)
    shape.tube((-0.3, 0.96, 0), (-0.3, 1.16, 0), 0.15, _IRON.dim(1.8), end=0.09, sides=10)
    shape.line((-0.43, 1.05, 0), (-0.56, 1.17, 0), 0.04, _IRON.dim(1.8))
    if lit:
        shape.bulb((-0.28, 0.55, -0.6), "ff8a3a", 0.9, 3.0, 0.8)
    return shape


def dresser(setting: Setting) -> Shape:
    """A kitchen dresser: cupboards below, plates on shelves above."""
    shape = Shape().box((0, 0, 0), (1.5, 0.9, 0.5), _OAK)
    shape.box((0, 0.9, -0.02), (1.6, 0.05, 0.56), _WOOD)
    shape.box((0, 0.95, 0.2), (1.5, 1.15, 0.06), _OAK.dim(0.7))
    for side in (-0.74, 0.74):
        shape.box((side, 0.95, 0.08), (0.05, 1.2, 0.26), _OAK)
    for y in (1.3, 1.68):
        shape.box((0, y, 0.08), (1.46, 0.04, 0.24), _WOOD)
        for k in range(5):
            x = -0.56 + k * 0.28
            if not (setting.is_in("bare", "empty", "broken") and k % 2):
                outline = [
                    (x + math.cos(t * math.tau / 10) * 0.12,
                     y + 0.17 + math.sin(t * math.tau / 10) * 0.12) for t in range(10)
                ]  # fmt: skip
                shape.card(outline, paint("b9c2bf" if k % 2 else "8fa3ad"), 0.12)
    shape.box((0, 2.12, 0.05), (1.6, 0.08, 0.36), _WOOD)
    for x in (-0.37, 0.37):
        shape.box((x, 0.08, -0.26), (0.66, 0.72, 0.03), _OAK.dim(1.25))
        shape.box((x * 0.3, 0.45, -0.285), (0.05, 0.05, 0.03), _BRASS)
    if setting.is_in("open", "opened"):
        shape.box((-0.37, 0.08, -0.28), (0.6, 0.7, 0.02), paint("060606"))
    return shape


def clock(setting: Setting) -> Shape:
    """A long-case clock; its hands stand where the turn left them."""
    shape = Shape().box((0, 0, 0), (0.52, 0.5, 0.32), _OAK)
    shape.box((0, 0.5, 0), (0.38, 0.95, 0.26), _OAK.dim(0.9))
    shape.box((0, 1.45, 0), (0.54, 0.56, 0.32), _OAK)
    shape.box((0, 2.01, 0), (0.62, 0.09, 0.38), _WOOD)
    shape.face([(-0.1, 0.6, -0.14), (0.1, 0.6, -0.14), (0.1, 1.35, -0.14), (-0.1, 1.35, -0.14)],
               paint("0c1010", Material.GLASS, second="6a7a7a"))  # fmt: skip
    dial = [(math.cos(t * math.tau / 14) * 0.2, 1.73 + math.sin(t * math.tau / 14) * 0.2)
            for t in range(14)]  # fmt: skip
    shape.card(dial, paint("d3ccb4"), -0.17)
    late = 0.0 if setting.is_in("stopped") else setting.turn * 0.7
    for a, long in ((late, 0.15), (late / 12 + 2.0, 0.1)):
        shape.line((0, 1.73, -0.18), (math.sin(a) * long, 1.73 + math.cos(a) * long, -0.18),
                   0.02, paint("101010"))  # fmt: skip
    shape.tube((0, 0.75, -0.15), (0, 0.75, -0.12), 0.07, _BRASS, sides=10)
    return shape


def casks(setting: Setting) -> Shape:
    """Oil casks: hooped oak, one on its side."""
    shape = Shape()
    for x, z in ((-0.5, 0.2), (0.35, 0.35)):
        shape.add(_cask(), (x, 0, z))
    lying = Shape()
    for (y, r), (y2, r2) in itertools.pairwise(_STAVES):
        lying.tube((y - 0.45, 0.33, 0), (y2 - 0.45, 0.33, 0), r, _OAK, end=r2, sides=12)
    shape.add(lying, (0.1, 0, -0.75), setting.random.uniform(-0.4, 0.4))
    return shape


_STAVES: Final = ((0.0, 0.26), (0.22, 0.33), (0.65, 0.33), (0.9, 0.26))


def cask(setting: Setting) -> Shape:  # noqa: ARG001 - it has one state
    """One cask."""
    return _cask()


def _cask() -> Shape:
    shape = Shape()
    for (y, r), (y2, r2) in itertools.pairwise(_STAVES):
        shape.tube((0, y, 0), (0, y2, 0), r, _OAK, end=r2, sides=12)
    for y, r in ((0.06, 0.285), (0.24, 0.34), (0.62, 0.34), (0.82, 0.29)):
        shape.tube((0, y, 0), (0, y + 0.05, 0), r, _IRON, sides=12, caps=False)
    return shape


def lantern(setting: Setting) -> Shape:
    """A storm lantern on a peg of a table; `dark` is out."""
    shape = Shape().tube((0, 0, 0), (0, 0.08, 0), 0.13, _BRASS, sides=10)
    out = setting.is_in("dark", "out", "off", "broken", "cold")
    glass = paint("20282a", Material.GLASS, second="7a8a8a") if out else paint(
        _FLAME, Material.GLOW, glow=1.3
    )  # fmt: skip
    shape.tube((0, 0.08, 0), (0, 0.3, 0), 0.085, glass, sides=8)
    shape.tube((0, 0.3, 0), (0, 0.4, 0), 0.12, _BRASS, end=0.05, sides=10)
    shape.path([(-0.12, 0.1, 0), (-0.15, 0.35, 0), (0, 0.52, 0), (0.15, 0.35, 0), (0.12, 0.1, 0)],
               0.018, _IRON)  # fmt: skip
    if not out:
        shape.bulb((0, 0.2, -0.12), _FLAME, 1.1, 4.0, 1.0)
    return shape


def standing_lantern(setting: Setting) -> Shape:
    """A lantern on a small table, to stand in a room."""
    shape = Shape().box((0, 0.68, 0), (0.55, 0.04, 0.55), _WOOD)
    for x in (-0.22, 0.22):
        for z in (-0.22, 0.22):
            shape.box((x, 0, z), (0.05, 0.68, 0.05), _WOOD)
    return shape.add(lantern(setting), (0, 0.72, 0))


def apparatus(setting: Setting) -> Shape:
    """The clockwork that turns the lens, or a pump: a frame, a drum, a wheel and a crank."""
    shape = Shape()
    for x in (-0.6, 0.6):
        shape.box((x, 0, 0), (0.1, 1.5, 0.5), _IRON)
    shape.box((0, 1.45, 0), (1.4, 0.08, 0.55), _BRASS)
    shape.tube((-0.5, 0.8, 0), (0.5, 0.8, 0), 0.26, paint("6b5f49", Material.PLANKS), sides=10)
    for k in range(12):
        a, b = math.tau * k / 12, math.tau * (k + 1) / 12
        shape.line((0.72, 0.8 + math.sin(a) * 0.5, math.cos(a) * 0.5),
                   (0.72, 0.8 + math.sin(b) * 0.5, math.cos(b) * 0.5), 0.06, _BRASS)  # fmt: skip
        if k % 3 == 0:
            shape.line((0.72, 0.8, 0), (0.72, 0.8 + math.sin(a) * 0.5, math.cos(a) * 0.5),
                       0.04, _BRASS)  # fmt: skip
    shape.path([(0.75, 0.8, 0), (0.9, 0.8, 0), (0.9, 0.5, -0.1), (1.1, 0.5, -0.1)], 0.05, _IRON)
    if not setting.is_in("stopped", "broken", "seized"):
        shape.line((0, 0.55, -0.2), (0, 0.0, -0.2), 0.03, _IRON)
    shape.box((-0.2, 1.53, 0), (0.3, 0.25, 0.2), _BRASS.dim(0.8))
    return shape
