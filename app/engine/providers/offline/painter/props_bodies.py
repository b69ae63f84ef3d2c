"""Bodies, in bags and out of them, and a flock that watches."""

import math
from itertools import pairwise
from typing import Final

from app.engine.providers.offline.painter.mesh import Material, Paint, Shape, paint
from app.engine.providers.offline.painter.setting import Part, Setting

_BAG: Final = paint("252b2c", Material.CLOTH)

_ZIP: Final = paint("78827f")

_BODY: Final = (
    (-1.06, 0.20, 0.05),
    (-0.96, 0.24, 0.16),
    (-0.84, 0.22, 0.23),
    (-0.70, 0.22, 0.17),
    (-0.55, 0.31, 0.24),
    (-0.32, 0.32, 0.29),
    (-0.08, 0.28, 0.22),
    (0.12, 0.29, 0.25),
    (0.32, 0.25, 0.17),
    (0.52, 0.24, 0.20),
    (0.72, 0.22, 0.14),
    (0.88, 0.24, 0.20),
    (0.97, 0.24, 0.27),
    (1.04, 0.22, 0.15),
    (1.14, 0.20, 0.04),
)
"""Of a lying body, from head to feet: (along, half width, height) of each station."""


def _swept(
    profile: tuple[tuple[float, float, float], ...], paint: Paint, *, skirt: float = 1.0
) -> Shape:
    """A soft lying form: arches over the stations, joined; a skirt spreads on the floor."""
    shape = Shape()
    arches = []
    for x, half, high in profile:
        arch = []
        for k in range(9):
            t = math.pi * k / 8
            edge = abs(math.cos(t)) ** 3
            arch.append(
                (x, math.sin(t) ** 1.2 * high, -half * math.cos(t) * (1 + (skirt - 1) * edge))
            )
        arches.append(arch)
    for a, b in pairwise(arches):
        for k in range(8):
            shape.face([a[k], b[k], b[k + 1]], paint)
            shape.face([a[k], b[k + 1], a[k + 1]], paint)
    shape.face(arches[0], paint, two_sided=True)
    shape.face(arches[-1][::-1], paint, two_sided=True)
    return shape


def bodybag(setting: Setting) -> Shape:
    """A long bag with a head, a chest and feet in it, a zip, straps and handles."""
    bag = paint("141110", Material.CLOTH) if setting.is_in("burnt") else _BAG
    shape = _swept(_BODY, bag, skirt=1.2)
    if setting.is_in("open", "opened"):
        mouth = [(-0.86, 0.27, -0.15), (-0.2, 0.32, -0.13), (-0.2, 0.32, 0.1), (-0.86, 0.27, 0.09)]
        shape.face(mouth, paint("060606"), two_sided=True)
        lips = [(-0.9, 0.24, -0.02), (-0.6, 0.33, -0.18), (-0.2, 0.31, -0.03), (-0.6, 0.33, 0.12)]
        shape.path([*lips, lips[0]], 0.02, _ZIP)
    else:
        shape.path([(x, high + 0.01, 0.0) for x, _, high in _BODY[1:-1]], 0.014, _ZIP)
    for x, half, high in (_BODY[4], _BODY[7], _BODY[11]):
        band = []
        for k in range(9):
            t = math.pi * k / 8
            band.append((x, math.sin(t) ** 1.2 * high + 0.008, -half * 1.06 * math.cos(t)))
        shape.path(band, 0.045, paint("0c0f0f"))
    tag = [(-0.95, 0.12, -0.27), (-0.80, 0.12, -0.27), (-0.80, 0.2, -0.23), (-0.95, 0.2, -0.23)]
    shape.face(tag, paint("c8c2aa"), two_sided=True)
    return shape


def body(setting: Setting) -> Shape:  # noqa: ARG001 - it has one state
    """Somebody who lies face down, one arm out: dark cloth and no more."""
    cloth = paint("23282b", Material.CLOTH)
    trunk = (
        (-0.52, 0.12, 0.14),
        (-0.42, 0.24, 0.20),
        (-0.1, 0.23, 0.22),
        (0.12, 0.2, 0.2),
        (0.2, 0.15, 0.1),
    )
    shape = _swept(trunk, cloth)
    leg = (
        (0.0, 0.1, 0.17),
        (0.4, 0.08, 0.13),
        (0.75, 0.06, 0.10),
        (0.84, 0.05, 0.13),
        (0.9, 0.03, 0.04),
    )
    shape.add(_swept(leg, cloth), (0.12, 0, -0.11), 0.12)
    shape.add(_swept(leg, cloth), (0.12, 0, 0.12), -0.3)
    arm = ((0.0, 0.07, 0.13), (0.3, 0.055, 0.09), (0.55, 0.045, 0.07), (0.66, 0.03, 0.04))
    shape.add(_swept(arm, cloth), (-0.4, 0, -0.2), 2.5)
    shape.add(_swept(arm, cloth), (-0.36, 0, 0.22), -0.5)
    shape.add(
        _swept(
            ((-0.12, 0.05, 0.08), (-0.05, 0.1, 0.19), (0.06, 0.1, 0.19), (0.13, 0.05, 0.09)),
            paint("17130f", Material.CLOTH),
        ),
        (-0.68, 0, 0.02),
    )
    return shape


def bags(setting: Setting) -> list[Part]:
    """Nine bags in a row."""
    parts = []
    for k in range(9):
        drift = setting.random.uniform(-0.12, 0.12)
        opened = setting.is_in("open", "opened") and k == 4
        one = Setting(
            "open" if opened else setting.state if setting.is_in("burnt") else "",
            setting.random,
            setting.dark,
            setting.indoors,
            setting.threat,
            setting.turn,
        )
        parts.append(
            Part(bodybag(one), (k % 5 - 2) * 1.25, (k // 5) * 3.0 + drift, math.pi / 2 + drift)
        )
    return parts


def sheep(setting: Setting) -> list[Part]:
    """A flock behind a rail, all facing one way."""
    parts = [Part(_rail(), 0.0, -1.6)]
    for k in range(26):
        row, column = divmod(k, 9)
        x = (column - 4) * 1.05 + setting.random.uniform(-0.25, 0.25)
        parts.append(
            Part(
                _one_sheep(setting),
                x,
                row * 1.25 + setting.random.uniform(-0.3, 0.3),
                setting.random.uniform(-0.25, 0.25),
            )
        )
    return parts


def _rail() -> Shape:
    wood = paint("6a5a44", Material.PLANKS)
    shape = Shape()
    for k in range(-4, 5):
        shape.box((k * 1.6, 0, 0), (0.12, 1.25, 0.12), wood)
    for y in (0.35, 0.75, 1.1):
        shape.box((0, y, -0.07), (13.2, 0.11, 0.04), wood)
    return shape


def _one_sheep(setting: Setting) -> Shape:
    tone = setting.random.uniform(0.8, 1.05)
    wool, face = paint("b9b4a2", Material.CLOTH).dim(tone), paint("1d1b19")
    shape = Shape()
    shape.tube((0, 0.62, -0.35), (0, 0.64, 0.0), 0.24, wool, end=0.34, sides=8)
    shape.tube((0, 0.64, 0.0), (0, 0.62, 0.45), 0.34, wool, end=0.22, sides=8)
    shape.tube((0, 0.80, -0.35), (0, 0.74, -0.62), 0.13, face, end=0.07, sides=6)
    for x in (-0.14, 0.14):
        shape.box((x, 0.84, -0.4), (0.12, 0.05, 0.06), face)
        for z in (-0.25, 0.32):
            shape.line((x, 0, z), (x, 0.45, z), 0.08, face)
    if setting.dark:
        for x in (-0.06, 0.06):
            shape.box(
                (x, 0.78, -0.57), (0.025, 0.025, 0.02), paint("d8ffe0", Material.GLOW, glow=1.1)
            )
    return shape
