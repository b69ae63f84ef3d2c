"""What grows and lies there: pines living and dead, broad trees, cactus, rocks, brush, grass."""

import math
from itertools import pairwise
from random import Random
from typing import Final

from app.engine.providers.offline.painter.mesh import Material, Paint, Shape, paint
from app.engine.providers.offline.painter.setting import Part, Setting

_BARK: Final = paint("4a3d33", Material.BARK, second="1f1a17")
_DEAD: Final = paint("6b655c", Material.BARK, second="2f2b28")
_NEEDLES: Final = paint("2f4434", Material.LEAVES, second="16211a")
_LEAVES: Final = paint("44532f", Material.LEAVES, second="1d2616")
_SNOWY: Final = paint("8fa3a4", Material.LEAVES, second="22332c")
_SAGE: Final = paint("6b7052", Material.LEAVES, second="35382a")
_DRY: Final = paint("9a8550", Material.LEAVES, second="5d4f30")
_CACTUS: Final = paint("4d6440", Material.PLANKS)
_FAR_TREE: Final = 48.0


def pine(random: Random, high: float, *, snowy: bool = False) -> Shape:
    """A living pine with drooping boughs and roots."""
    shape = Shape()
    lean = random.uniform(-0.25, 0.25)
    thick = high * 0.022
    shape.tube(
        (0, -0.3, 0), (lean, high * 0.9, 0), thick, _BARK, end=thick * 0.25, sides=7, caps=False
    )
    _roots(shape, random, thick)
    tiers = 10
    for k in range(tiers):
        t = 0.14 + 0.84 * k / tiers
        reach = (1 - t) * high * random.uniform(0.23, 0.30) + 0.25
        y, x = high * t, lean * t
        turn = random.uniform(0, 6.3)
        for j in range(5 if k < 7 else 4):
            a = turn + math.tau * j / (5 if k < 7 else 4) + random.uniform(-0.25, 0.25)
            long = reach * random.uniform(0.75, 1.15)
            _bough(
                shape, (x, y), a, long, high / tiers * 0.95, _SNOWY if snowy and j % 2 else _NEEDLES
            )
    return shape


def _bough(
    shape: Shape, at: tuple[float, float], a: float, long: float, drop: float, paint: Paint
) -> None:
    x, y = at
    c, s = math.cos(a), math.sin(a)
    wide = long * 0.30

    def p(out: float, side: float, up: float) -> tuple[float, float, float]:
        return (x + c * out - s * side, y + up, s * out + c * side)

    # Twigs: teeth of different lengths, so that boughs do not lie on each other as shingles do.
    right = []
    for k, (out, reach) in enumerate(((0.22, 0.7), (0.42, 1.1), (0.62, 0.85), (0.82, 0.5))):
        sag = drop * (0.30 - 0.95 * out)
        right.append((out + 0.13, wide * reach * (1.15 if k % 2 else 0.95), sag - drop * 0.22))
        right.append((out + 0.10, wide * reach * 0.35, sag - drop * 0.05))
    outline = [p(0, 0, drop * 0.45)]
    outline += [p(long * out, side, sag) for out, side, sag in right]
    outline.append(p(long * 1.08, 0, -drop * 0.72))
    outline += [p(long * out, -side * 0.9, sag) for out, side, sag in reversed(right)]
    shape.face(outline, paint, two_sided=True)


def _roots(shape: Shape, random: Random, thick: float) -> None:
    for k in range(5):
        a = math.tau * k / 5 + random.uniform(-0.4, 0.4)
        shape.tube(
            (0, thick * 2.2, 0),
            (math.cos(a) * thick * 4, -0.1, math.sin(a) * thick * 4),
            thick * 0.55,
            _BARK,
            end=thick * 0.15,
            sides=5,
            caps=False,
        )


def far_pine(random: Random, high: float, *, snowy: bool = False) -> Shape:
    """A pine as a jagged outline: enough from fifty metres."""
    right: list[tuple[float, float]] = []
    left: list[tuple[float, float]] = []
    tiers = 7
    for k in range(tiers):
        t = 0.10 + 0.88 * k / tiers
        reach = (1 - t) * high * 0.24 + 0.12
        for side, points in ((1, right), (-1, left)):
            points.append((side * reach * random.uniform(0.75, 1.15), high * (t - 0.02)))
            points.append((side * reach * 0.45, high * (t + 0.055)))
    outline = [(0.15, 0), *right, (0, high), *reversed(left), (-0.15, 0)]
    return Shape(facing=True, casts=False).card(outline, _SNOWY if snowy else _NEEDLES)


def dead_pine(random: Random, high: float) -> Shape:
    """A bare, crooked trunk with broken branches of every length."""
    shape = Shape()
    thick = high * 0.02
    points = [(0.0, -0.3, 0.0)]
    x = z = 0.0
    for k in range(1, 5):
        x += random.uniform(-0.22, 0.22) * high / 12
        z += random.uniform(-0.2, 0.2)
        points.append((x, high * k / 4, z))
    for k, (a, b) in enumerate(pairwise(points)):
        shape.tube(
            a,
            b,
            thick * (1 - k * 0.22),
            _DEAD,
            end=thick * (1 - (k + 1) * 0.22) + 0.012,
            sides=6,
            caps=False,
        )
    _roots(shape, random, thick)
    for _ in range(random.randint(9, 16)):
        t = random.uniform(0.22, 0.97)
        k = min(3, int(t * 4))
        f = t * 4 - k
        bx, by, bz = (p + (q - p) * f for p, q in zip(points[k], points[k + 1], strict=True))
        turn = random.uniform(0, math.tau)
        long = (
            high * random.choice((0.03, 0.06, 0.10, 0.16)) * (1.15 - t) * random.uniform(0.8, 1.5)
        )
        rise = random.uniform(-0.35, 0.5)
        mid = (
            bx + math.cos(turn) * long * 0.6,
            by + long * rise * 0.3,
            bz + math.sin(turn) * long * 0.6,
        )
        end = (
            bx + math.cos(turn + 0.3) * long,
            by + long * rise,
            bz + math.sin(turn + 0.3) * long,
        )
        shape.line((bx, by, bz), mid, 0.07, _DEAD).line(mid, end, 0.04, _DEAD)
    return shape


def broad_tree(random: Random, high: float) -> Shape:
    """A trunk that forks, under a crown of leaf clumps."""
    shape = Shape()
    fork = high * 0.38
    shape.tube(
        (0, -0.2, 0), (0.1, fork, 0), high * 0.035, _BARK, end=high * 0.024, sides=7, caps=False
    )
    _roots(shape, random, high * 0.03)
    for k in range(5):
        a = math.tau * k / 5 + random.uniform(-0.4, 0.4)
        out, up = high * random.uniform(0.15, 0.28), high * random.uniform(0.6, 0.85)
        tip = (math.cos(a) * out, up, math.sin(a) * out)
        shape.tube((0.1, fork, 0), tip, high * 0.016, _BARK, end=high * 0.006, sides=5, caps=False)
        _clump(shape, random, tip, high * random.uniform(0.15, 0.22))
    _clump(shape, random, (0, high * 0.85, 0), high * 0.22)
    return shape


def _clump(shape: Shape, random: Random, at: tuple[float, float, float], radius: float) -> None:
    """An uneven ball of leaves."""
    rings = ((-0.75, 0.6), (-0.2, 1.0), (0.35, 0.92), (0.8, 0.5))
    count = 9
    grid = [
        [
            (
                at[0] + math.cos(math.tau * k / count) * radius * wide * random.uniform(0.8, 1.2),
                at[1] + radius * (up + random.uniform(-0.12, 0.12)),
                at[2] + math.sin(math.tau * k / count) * radius * wide * random.uniform(0.8, 1.2),
            )
            for k in range(count)
        ]
        for up, wide in rings
    ]
    for low, high in pairwise(grid):
        for k in range(count):
            n = (k + 1) % count
            shape.face([low[k], low[n], high[n], high[k]], _LEAVES)
    shape.face(grid[-1], _LEAVES)


def saguaro(random: Random) -> Shape:
    """A tall cactus with arms."""
    shape = Shape()
    high = random.uniform(2.4, 4.2)
    shape.tube((0, -0.1, 0), (0, high, 0), 0.24, _CACTUS, end=0.2, sides=8, caps=False)
    shape.tube((0, high, 0), (0, high + 0.2, 0), 0.2, _CACTUS, end=0.03, sides=8)
    for side in (-1, 1):
        if random.random() < 0.75:
            y = high * random.uniform(0.35, 0.6)
            out = 0.62 * side
            shape.tube((0, y, 0), (out, y + 0.15, 0.05), 0.14, _CACTUS, sides=7)
            top = y + high * random.uniform(0.25, 0.4)
            shape.tube((out, y + 0.05, 0.05), (out, top, 0.05), 0.14, _CACTUS, end=0.12, sides=7)
            shape.tube((out, top, 0.05), (out, top + 0.14, 0.05), 0.12, _CACTUS, end=0.02, sides=7)
    return shape


def rock(random: Random, size: float, colour: str = "8a7458") -> Shape:
    """A boulder: rings pushed in and out, flat-bottomed, higher to one side."""
    shape = Shape()
    stone = paint(colour, Material.ROCK).dim(random.uniform(0.8, 1.1))
    count = 9
    long = random.uniform(0.75, 1.35)
    tilt = random.uniform(-0.3, 0.3)
    corners = [random.uniform(0.72, 1.2) for _ in range(count)]
    rings = []
    for up, wide in ((0.0, 1.0), (0.26, 1.04), (0.52, 0.86), (0.74, 0.60), (0.88, 0.28)):
        ring = []
        for k in range(count):
            a = math.tau * (k + random.uniform(-0.25, 0.25)) / count
            r = size * wide * corners[k] * random.uniform(0.90, 1.10)
            x = math.cos(a) * r * long
            y = size * up * random.uniform(0.86, 1.12) * 0.95 + up * tilt * x - 0.06
            ring.append((x, y, math.sin(a) * r))
        rings.append(ring)
    for low, high in pairwise(rings):
        for k in range(count):
            n = (k + 1) % count
            shape.face([low[k], low[n], high[n]], stone)
            shape.face([low[k], high[n], high[k]], stone)
    shape.face(rings[-1], stone)
    return shape


def brush(random: Random, size: float, *, dry: bool = False) -> Shape:
    """A low bush: a dome of thin twigs with leaf tips."""
    shape = Shape()
    leaf = _DRY if dry else _SAGE
    for _ in range(26):
        a, rise = random.uniform(0, math.tau), random.uniform(0.15, 1.0)
        c, s = math.cos(a), math.sin(a)
        long = size * random.uniform(0.6, 1.0)
        out, up = long * math.cos(rise * 1.45), long * (0.25 + 0.75 * math.sin(rise * 1.45)) * 0.8
        w = size * random.uniform(0.05, 0.10)
        tip, mid = (c * out, up, s * out), (c * out * 0.62, up * 0.55, s * out * 0.62)
        shape.face(
            [
                (0, 0, 0),
                (mid[0] - s * w, mid[1], mid[2] + c * w),
                tip,
                (mid[0] + s * w, mid[1] + w, mid[2] - c * w),
            ],
            leaf.dim(random.uniform(0.6, 1.25)),
            two_sided=True,
        )
    return shape


def grass(random: Random, size: float, blade: Paint) -> Shape:
    """A tuft of blades."""
    shape = Shape(casts=False)
    for _ in range(9):
        a, lean = random.uniform(0, 6.3), random.uniform(0.1, 0.55)
        h = size * random.uniform(0.6, 1.15)
        x, z = random.uniform(-0.2, 0.2) * size, random.uniform(-0.2, 0.2) * size
        c, s = math.cos(a), math.sin(a)
        w = 0.028 * size
        shape.face(
            [
                (x - s * w, 0, z + c * w),
                (x + s * w, 0, z - c * w),
                (x + c * lean * h, h, z + s * lean * h),
            ],
            blade.dim(random.uniform(0.7, 1.25)),
            two_sided=True,
        )
    return shape


def rocks(setting: Setting) -> list[Part]:
    """A heap of boulders."""
    parts = [Part(rock(setting.random, 1.5), 0.0, 0.0)]
    for _ in range(6):
        stone = rock(setting.random, setting.random.uniform(0.5, 1.0))
        a, r = setting.random.uniform(0, 6.3), setting.random.uniform(1.0, 2.8)
        parts.append(Part(stone, math.cos(a) * r, math.sin(a) * r))
    return parts


def cactus(setting: Setting) -> list[Part]:
    """A few cacti and brush around them."""
    parts = [Part(saguaro(setting.random), 0, 0)]
    for _ in range(2):
        x, z = setting.random.uniform(-6, 6), setting.random.uniform(2, 9)
        parts.append(Part(saguaro(setting.random), x, z))
    parts += [
        Part(
            brush(setting.random, 0.5), setting.random.uniform(-2, 2), setting.random.uniform(-1, 2)
        )
        for _ in range(4)
    ]
    return parts


def tree(setting: Setting) -> Shape:
    """One broad tree; `dead` has no leaves."""
    if setting.is_in("dead", "burnt"):
        return dead_pine(setting.random, 8)
    return broad_tree(setting.random, setting.random.uniform(6, 9))


def pines(setting: Setting) -> list[Part]:
    """A stand of pines."""
    parts: list[Part] = []
    for _ in range(9):
        a, r = setting.random.uniform(0, 6.3), setting.random.uniform(0, 9)
        dead = setting.is_in("dead", "burnt") or setting.random.random() < 0.2
        high = setting.random.uniform(8, 14)
        shape = dead_pine(setting.random, high) if dead else pine(setting.random, high)
        parts.append(Part(shape, math.cos(a) * r, math.sin(a) * r))
    return parts


def stump(setting: Setting) -> Shape:
    """A sawn stump with a log beside it."""
    shape = Shape()
    shape.tube((0, -0.1, 0), (0, 0.5, 0), 0.42, _BARK, end=0.36, sides=9)
    shape.tube((0, 0.5, 0), (0, 0.51, 0), 0.33, paint("9a7d54", Material.PLANKS), sides=9)
    _roots(shape, setting.random, 0.28)
    shape.tube((0.9, 0.24, -0.3), (3.1, 0.22, 0.5), 0.24, _BARK, sides=8)
    return shape


def bale(setting: Setting) -> Shape:
    """A round bale."""
    a = setting.random.uniform(0, 3)
    shape = Shape()
    c, s = math.cos(a) * 0.6, math.sin(a) * 0.6
    return shape.tube((-c, 0.72, -s), (c, 0.72, s), 0.72, paint("a58c4e", Material.CLOTH), sides=14)
