"""What keeps people out, and watches them: fence, gate, signs, tower, lights, mast."""

import math
from typing import Final

from app.engine.providers.offline.painter.mesh import Cone, Material, Outline, Point, Shape, paint
from app.engine.providers.offline.painter.setting import Part, Setting

_POST: Final = paint("4a5252", Material.METAL)
_WIRE: Final = paint("3a4243")
_MESH: Final = paint("6c7674", Material.MESH)
_STEEL: Final = paint("566062", Material.METAL)
_BOARDS: Final = paint("5d594c", Material.PLANKS)
_RED: Final = "a31414"


def _panel(*, hole: bool, sign: bool) -> Shape:
    shape = Shape(casts=True)
    for x in (-1.5, 1.5):
        shape.line((x, 0, 0), (x, 2.7, 0), 0.09, _POST)
        shape.line((x, 2.7, 0), (x, 3.05, 0.28), 0.06, _POST)
    if hole:
        shape.face(
            [(-1.5, 0, 0), (-0.55, 0, 0), (-0.35, 1.75, 0), (-1.5, 2.65, 0)], _MESH, two_sided=True
        )
        shape.face([(0.6, 0, 0), (1.5, 0, 0), (1.5, 2.65, 0), (0.5, 1.7, 0)], _MESH, two_sided=True)
        shape.face(
            [(-1.5, 2.65, 0), (-0.35, 1.75, 0), (0.5, 1.7, 0), (1.5, 2.65, 0)],
            _MESH,
            two_sided=True,
        )
        shape.face(
            [(-0.55, 0, 0), (-1.1, 0.1, 0.9), (-0.95, 1.5, 0.7), (-0.35, 1.75, 0)],
            _MESH,
            two_sided=True,
        )
        shape.path(
            [(-0.55, 0, 0), (-0.35, 1.75, 0), (0.5, 1.7, 0), (0.6, 0, 0)], 0.035, paint("9aa4a2")
        )
    else:
        shape.face(
            [(-1.5, 0.03, 0), (1.5, 0.03, 0), (1.5, 2.65, 0), (-1.5, 2.65, 0)],
            _MESH,
            two_sided=True,
        )
    for y, z in ((2.66, 0.0), (2.78, 0.09), (2.92, 0.19), (3.05, 0.28)):
        shape.line((-1.5, y, z), (1.5, y, z), 0.022, _WIRE)
    shape.line((-1.5, 1.35, 0), (1.5, 1.35, 0), 0.03, _WIRE)
    if sign:
        shape.face(
            [(-0.5, 1.25, -0.04), (0.5, 1.25, -0.04), (0.5, 1.95, -0.04), (-0.5, 1.95, -0.04)],
            paint("b9b39a", Material.SIGN, second=_RED),
            two_sided=True,
        )
    return shape


def fence(setting: Setting) -> list[Part]:
    """A long run of chain link; `cut` has a hole folded back in the middle."""
    whole, signed = _panel(hole=False, sign=False), _panel(hole=False, sign=True)
    parts = []
    for k in range(-17, 18):
        cut = k == 0 and setting.is_in("cut", "open", "broken", "gap")
        shape = _panel(hole=True, sign=False) if cut else signed if k % 6 == 2 else whole
        parts.append(Part(shape, k * 3.0, 0.0))
    return parts


def gate(setting: Setting) -> Shape:
    """Two leaves of mesh between concrete posts, with a bar across."""
    shape = Shape()
    concrete = paint("7d7c74")
    for x in (-3.3, 3.3):
        shape.box((x, 0, 0), (0.55, 3.4, 0.55), concrete)
        shape.box((x, 3.4, 0), (0.7, 0.14, 0.7), concrete.dim(0.8))
    for side in (-1.0, 1.0):
        shape.add(
            _leaf(side), (side * 3.0, 0, 0), side * (1.25 if setting.is_in("open", "cut") else 0.0)
        )
    if not setting.is_in("open", "cut"):
        bar = paint("c2bfae", Material.STRIPES, second=_RED)
        shape.box((0, 1.05, -0.5), (6.2, 0.14, 0.08), bar)
    shape.face(
        [(-1.6, 1.5, -0.09), (-0.5, 1.5, -0.09), (-0.5, 2.2, -0.09), (-1.6, 2.2, -0.09)],
        paint("b9b39a", Material.SIGN, second=_RED),
        two_sided=True,
    )
    if setting.dark:
        shape.box((3.3, 3.54, -0.1), (0.3, 0.2, 0.3), paint("ffd9a0", Material.GLOW, glow=1.2))
        shape.bulb((3.3, 3.6, -0.45), "ffcf8a", 1.3, 6)
    return shape


def _leaf(side: float) -> Shape:
    inner = -side * 2.95
    shape = Shape()
    low, high = sorted((0.0, inner))
    shape.face(
        [(low, 0.12, 0), (high, 0.12, 0), (high, 2.8, 0), (low, 2.8, 0)], _MESH, two_sided=True
    )
    shape.path(
        [(low, 0.12, 0), (high, 0.12, 0), (high, 2.8, 0), (low, 2.8, 0), (low, 0.12, 0)],
        0.07,
        _STEEL,
    )
    shape.line((low, 0.12, 0), (high, 2.8, 0), 0.05, _STEEL)
    return shape


def sign(setting: Setting) -> Shape:
    """A warning board on two posts."""
    shape = Shape()
    lean = setting.random.uniform(-0.06, 0.06)
    for x in (-0.7, 0.7):
        shape.box((x, 0, 0.06), (0.09, 2.2, 0.09), paint("5a4a38", Material.PLANKS))
    board: list[Point] = [
        (-1.0, 1.1 + lean, -0.02),
        (1.0, 1.1 - lean, -0.02),
        (1.0, 2.25 - lean, -0.02),
        (-1.0, 2.25 + lean, -0.02),
    ]
    shape.face(board, paint("c4bea4", Material.SIGN, second=_RED), two_sided=True)
    return shape


def watchtower(setting: Setting) -> Shape:
    """Four splayed legs, a cabin with glass on all sides, a roof, and a lamp at night."""
    shape = Shape()
    high, out, top = 8.6, 1.9, 1.5
    corners = ((-1, -1), (1, -1), (1, 1), (-1, 1))
    for u, v in corners:
        shape.line((u * out, 0, v * out), (u * top, high, v * top), 0.22, _STEEL)
    for k in range(3):
        y0, y1 = high * k / 3, high * (k + 1) / 3
        a, b = out + (top - out) * k / 3, out + (top - out) * (k + 1) / 3
        for (u, v), (p, q) in zip(corners, corners[1:] + corners[:1], strict=True):
            shape.line((u * a, y0, v * a), (p * b, y1, q * b), 0.08, _STEEL)
            shape.line((p * a, y0, q * a), (u * b, y1, v * b), 0.08, _STEEL)
            shape.line((u * b, y1, v * b), (p * b, y1, q * b), 0.1, _STEEL)
    shape.box((0, high, 0), (4.4, 0.2, 4.4), _BOARDS)
    shape.box((0, high + 0.2, 0), (3.3, 1.05, 3.3), paint("6a6552", Material.PLANKS))
    shape.box(
        (0, high + 1.25, 0), (3.1, 1.05, 3.1), paint("141b1d", Material.GLASS, second="8fa9ac")
    )
    for u, v in corners:
        shape.line(
            (u * 1.62, high + 1.2, v * 1.62), (u * 1.62, high + 2.4, v * 1.62), 0.13, _BOARDS
        )
        shape.line((u * 2.15, high + 0.2, v * 2.15), (u * 2.15, high + 1.2, v * 2.15), 0.06, _STEEL)
    for (u, v), (p, q) in zip(corners, corners[1:] + corners[:1], strict=True):
        shape.line((u * 2.15, high + 1.2, v * 2.15), (p * 2.15, high + 1.2, q * 2.15), 0.06, _STEEL)
    _roof(shape, high + 2.35, 2.4)
    _ladder(shape, (1.2, 0, -out - 0.1), high, top)
    if setting.is_in("lit") or (setting.dark and not setting.is_in("dark", "off")):
        turn = math.sin(setting.turn * 1.7)
        side = -1 if turn > 0.4 else 1
        _throw(
            shape, (0.0, high + 1.6, -1.9), ((15 + 4 * turn) * side, 0.0, -9.0), bright=setting.dark
        )
    return shape


def _roof(shape: Shape, y: float, half: float) -> None:
    tin = paint("3c4647", Material.CORRUGATED)
    corners = [(-half, -half), (half, -half), (half, half), (-half, half)]
    for (ax, az), (bx, bz) in zip(corners, corners[1:] + corners[:1], strict=True):
        shape.face([(ax, y, az), (bx, y, bz), (0, y + 0.9, 0)], tin)
    shape.face([(x, y, z) for x, z in reversed(corners)], tin.dim(0.5))


def _ladder(shape: Shape, foot: Point, high: float, top: float) -> None:
    x, _, z = foot
    for side in (-0.22, 0.22):
        shape.line((x + side, 0, z), (x * 0.8 + side, high, -top - 0.1), 0.05, _STEEL)
    for k in range(1, 22):
        t = k / 22
        cx, cz = x + (x * 0.8 - x) * t, z + (-top - 0.1 - z) * t
        shape.line((cx - 0.22, high * t, cz), (cx + 0.22, high * t, cz), 0.035, _STEEL)


def _throw(shape: Shape, at: Point, end: Point, *, bright: bool) -> None:
    shape.tube(
        at, (at[0], at[1], at[2] - 0.35), 0.3, paint("e8fff4", Material.GLOW, glow=1.4), sides=8
    )
    shape.bulb((at[0], at[1], at[2] - 0.45), "e8fff4", 0.0, 1, 1.5 if bright else 0.7)
    if bright:
        shape.cones.append(Cone((at[0], at[1], at[2] - 0.4), end, 2.4))
        shape.bulb((end[0], 1.8, end[2]), "e8fff4", 1.6, 5, 0)


def searchlight(setting: Setting) -> Shape:
    """A drum lamp on a yoke and tripod."""
    shape = Shape()
    for t in (0.5, 2.6, 4.7):
        shape.line((math.cos(t) * 0.8, 0, math.sin(t) * 0.8), (0, 1.5, 0), 0.07, _STEEL)
    shape.box((0, 1.45, 0), (0.9, 0.1, 0.3), _STEEL)
    for x in (-0.45, 0.45):
        shape.box((x, 1.5, 0), (0.06, 0.75, 0.2), _STEEL)
    lit = setting.is_in("lit", "on", "sweeping") or (
        setting.dark and not setting.is_in("dark", "off", "broken")
    )
    lens = (
        paint("eefff6", Material.GLOW, glow=1.5)
        if lit
        else paint("2a3436", Material.GLASS, second="aebfc0")
    )
    shape.tube(
        (0, 1.95, 0.35), (0, 2.0, -0.3), 0.40, paint("4c5552", Material.METAL), end=0.46, sides=12
    )
    shape.tube((0, 2.0, -0.3), (0, 2.0, -0.33), 0.42, lens, sides=12)
    if lit:
        turn = math.sin(setting.turn * 1.3 + 0.7)
        side = 1 if turn > 0 else -1
        shape.bulb((0, 2.0, -0.5), "e8fff4", 0.0, 1, 1.7)
        shape.cones.append(Cone((0, 2.0, -0.4), (16.0 * side, 0.3, -5.0 + 3 * turn), 2.0, 0.9))
        shape.bulb((13.0 * side, 1.5, -4.0), "e8fff4", 1.2, 5, 0)
    return shape


def floodlight(setting: Setting) -> Shape:
    """Two lamp heads on a tall pole."""
    shape = Shape()
    shape.tube((0, 0, 0), (0, 6.4, 0), 0.10, _STEEL, end=0.06, sides=6)
    shape.line((-0.7, 6.3, 0), (0.7, 6.3, 0), 0.08, _STEEL)
    lit = setting.dark and not setting.is_in("dark", "off", "broken")
    for x in (-0.55, 0.55):
        face = (
            paint("fff2d0", Material.GLOW, glow=1.6)
            if lit
            else paint("30393a", Material.GLASS, second="aebfc0")
        )
        shape.box((x, 6.0, -0.1), (0.5, 0.36, 0.2), _STEEL, front=face)
        if lit:
            shape.bulb((x, 6.15, -0.35), "ffe2b0", 0.0, 1, 1.2)
    if lit:
        shape.bulb((0, 5.6, -1.6), "ffe2b0", 2.6, 8, 0)
        shape.cones.append(Cone((0, 6.1, -0.3), (0, 0, -4.0), 3.2, 0.5))
    return shape


def mast(setting: Setting) -> Shape:
    """A guyed lattice mast with red lamps."""
    shape = Shape(casts=False)
    high, half = 44.0, 0.75
    legs = ((-half, -half), (half, -half), (0.0, half))
    red = paint("a8322a")
    white = paint("c9c9c0")
    for k in range(22):
        y0, y1 = high * k / 22, high * (k + 1) / 22
        steel = (red, white)[(k // 3) % 2]
        for (u, v), (p, q) in zip(legs, legs[1:] + legs[:1], strict=True):
            shape.line((u, y0, v), (u, y1, v), 0.13, steel)
            shape.line((u, y0, v), (p, y1, q), 0.07, steel)
    for u, v in ((-20, -8), (18, -10), (2, 22)):
        for y in (high * 0.48, high * 0.86):
            shape.line((0, y, 0), (u, 0, v), 0.035, _WIRE)
    for y, size in ((high + 0.4, 1.0), (high * 0.55, 0.6)):
        shape.box((0, y, 0), (0.4, 0.5, 0.4), paint("ff3a2c", Material.GLOW, glow=1.5))
        shape.bulb((0, y + 0.3, 0), "ff2a20", 0.0, 1, size * (1.2 if setting.dark else 0.45))
    shape.box((3, 0, 1.5), (3.4, 2.6, 2.6), paint("6f726a", Material.CORRUGATED))
    return shape


def antenna(setting: Setting) -> Shape:
    """A pole with a yagi, a horn speaker and a guy wire."""
    shape = Shape()
    shape.line((0, 0, 0), (0, 5.2, 0), 0.09, _STEEL)
    shape.line((-1.1, 4.9, 0), (1.2, 4.9, 0), 0.05, _STEEL)
    for k in range(7):
        x, half = -1.0 + k * 0.33, 0.62 - k * 0.05
        shape.line((x, 4.9 - half, 0), (x, 4.9 + half, 0), 0.03, _STEEL)
    shape.tube(
        (0.1, 3.7, -0.1),
        (0.1, 3.75, -0.65),
        0.07,
        paint("8a9088", Material.METAL),
        end=0.30,
        sides=8,
    )
    for u, v in ((1.6, 0.8), (-1.5, 0.9)):
        shape.line((0, 3.9, 0), (u, 0, v), 0.02, _WIRE)
    shape.box((0, 0, 0), (0.5, 0.25, 0.5), paint("7d7c74"))
    if setting.dark:
        shape.box((0, 5.2, 0), (0.09, 0.12, 0.09), paint("ff3a2c", Material.GLOW, glow=1.3))
        shape.bulb((0, 5.3, 0), "ff2a20", 0.0, 1, 0.4)
    return shape


def dish(setting: Setting) -> Shape:  # noqa: ARG001 - it has one state
    """A parabolic dish on a mount."""
    shape = Shape()
    shape.tube((0, 0, 0), (0, 1.3, 0), 0.22, _STEEL, sides=8)
    white = paint("b8bcb4", Material.METAL)
    rings: list[Outline] = [
        [(math.cos(t) * r, math.sin(t) * r) for t in [math.tau * k / 12 for k in range(12)]]
        for r in (0.35, 1.3)
    ]
    tilt = 0.5
    for k in range(12):
        n = (k + 1) % 12
        quad = [
            (rings[0][k], 0.25),
            (rings[0][n], 0.25),
            (rings[1][n], -0.15),
            (rings[1][k], -0.15),
        ]
        points = [
            (x, 1.9 + y * math.cos(tilt) + z * math.sin(tilt), -y * math.sin(tilt) * -1 + z)
            for (x, y), z in quad
        ]
        shape.face(points, white, two_sided=True)
    shape.line((0, 1.9, 0.2), (0, 2.5, -1.0), 0.05, _STEEL)
    return shape
