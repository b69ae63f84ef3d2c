"""What stands on a coast before electric light: tower, croft, walls, graves, jetty, derrick."""

import itertools
import math
from random import Random
from typing import Final

from app.engine.providers.offline.painter.mesh import Material, Paint, Shape, paint
from app.engine.providers.offline.painter.setting import Part, Setting

_WASHED: Final = paint("c9c7bb", Material.MASONRY, second="6c6a60")
_STONE: Final = paint("77746b", Material.MASONRY, second="2f2f2c")
_IRON: Final = paint("23282a", Material.METAL, second="4a2a18")
_TARRED: Final = paint("3a342c", Material.PLANKS)
_TIMBER: Final = paint("6f6250", Material.PLANKS)
_THATCH: Final = paint("6a6046", Material.LEAVES, second="37331f")
_SLATE: Final = paint("3f474b", Material.CORRUGATED)
_FLAME: Final = "ffdf9c"


def lighthouse(setting: Setting) -> Shape:
    """A tapering tower with a gallery, a glazed lantern and a cap; `lit` throws its beam."""
    shape = Shape()
    band = paint("8e2f26", Material.MASONRY, second="4a2019")
    steps = ((0.0, 3.4), (7.0, 2.9), (13.0, 2.5), (19.0, 2.15), (25.0, 1.9))
    for k, ((y, r), (y2, r2)) in enumerate(itertools.pairwise(steps)):
        coat = band if k == 2 else _WASHED
        shape.tube((0, y, 0), (0, y2, 0), r, coat, end=r2, sides=14, caps=False)
    for k, y in enumerate((4.5, 10.0, 16.0, 21.5)):
        r = 3.4 - y * 0.061
        a = -math.pi / 2 + (0.35 if k % 2 else -0.3)
        shape.box(
            (math.cos(a) * r * 0.97, y, math.sin(a) * r * 0.97), (0.7, 1.1, 0.5),
            paint("15191a", Material.GLASS, second="5c686a"), yaw=-(a + math.pi / 2),
        )  # fmt: skip
    shape.box((0, 0, -3.2), (1.5, 2.5, 0.8), _STONE, front=paint("2d3a38", Material.PLANKS))
    shape.tube((0, 24.6, 0), (0, 25.2, 0), 2.8, _STONE, sides=14)
    _railing(shape, 2.65, 25.2)
    _lantern(shape, setting)
    return shape


def _railing(shape: Shape, radius: float, y: float) -> None:
    ring = [
        (math.cos(math.tau * k / 14) * radius, math.sin(math.tau * k / 14) * radius)
        for k in range(15)
    ]
    for (x, z), (x2, z2) in itertools.pairwise(ring):
        shape.line((x, y, z), (x, y + 1.1, z), 0.07, _IRON)
        for up in (0.55, 1.1):
            shape.line((x, y + up, z), (x2, y + up, z2), 0.06, _IRON)


def _lantern(shape: Shape, setting: Setting) -> None:
    """The glazed room at the top and its cap."""
    lit = setting.is_in("lit", "on", "burning", "") and setting.dark
    shape.tube((0, 25.2, 0), (0, 26.1, 0), 1.55, _WASHED, sides=12, caps=False)
    glass = (
        paint(_FLAME, Material.GLOW, glow=1.25)
        if lit
        else paint("2b3a3e", Material.GLASS, second="9fb4b4")
    )
    shape.tube((0, 26.1, 0), (0, 28.3, 0), 1.45, glass, sides=12, caps=False)
    for k in range(12):
        a = math.tau * k / 12
        x, z = math.cos(a) * 1.5, math.sin(a) * 1.5
        shape.line((x, 26.0, z), (x, 28.35, z), 0.09, _IRON)
    shape.tube((0, 28.3, 0), (0, 29.8, 0), 1.75, _IRON, end=0.3, sides=12)
    shape.tube((0, 29.8, 0), (0, 30.4, 0), 0.28, _IRON, sides=8)
    shape.line((0, 30.3, 0), (0, 32.0, 0), 0.05, _IRON)
    if lit:
        shape.bulb((0, 27.2, 0), _FLAME, 2.4, 18.0, 2.6)
        turn = setting.turn * 1.1
        for a in (turn, turn + math.pi):
            shape.beam(
                (math.sin(a) * 1.6, 27.2, math.cos(a) * 1.6),
                (math.sin(a) * 60, 25.0, math.cos(a) * 60),
                7.0,
                0.9,
            )


def croft(setting: Setting) -> Shape:
    """A low stone house with small deep windows, under thatch or slate; `open` shows the dark."""
    return stone_house(setting.random, opened=setting.is_in("open", "ajar", "forced"))


def stone_house(random: Random, *, opened: bool = False, lit: bool = False) -> Shape:
    """A low stone house; its door is to -z."""
    shape = Shape()
    wide, deep, eaves, ridge = random.uniform(7.0, 9.5), 5.0, 2.1, 4.1
    wall = _WASHED.dim(0.85) if random.random() < 0.4 else _STONE
    shape.box((0, 0, 0), (wide, eaves, deep), wall)
    for side in (-1, 1):
        x = side * wide / 2
        shape.face([(x, eaves, -deep / 2), (x, eaves, deep / 2), (x, ridge, 0)], wall,
                   two_sided=True)  # fmt: skip
        shape.box((side * (wide / 2 - 0.5), ridge - 0.5, 0), (0.8, 1.3, 0.7), _STONE.dim(0.85))
    roof = _THATCH if random.random() < 0.5 else _SLATE
    x, z = wide / 2 + 0.15, deep / 2 + 0.35
    for s in (1, -1):
        slope = [(-s * x, eaves - 0.15, -s * z), (s * x, eaves - 0.15, -s * z),
                 (s * x, ridge + 0.1, 0), (-s * x, ridge + 0.1, 0)]  # fmt: skip
        shape.face(slope, roof, two_sided=True)
    front = -deep / 2 - 0.03
    leaf = paint("050606") if opened else paint("3c4a46", Material.PLANKS)
    _pane(shape, 0.0, 0.0, 1.0, 1.85, front, leaf)
    glass = paint(
        "ffc878" if lit else "161c1d",
        Material.GLOW if lit else Material.GLASS,
        second="5c686a",
        glow=0.9,
    )
    for at in (-wide * 0.3, wide * 0.28):
        _pane(shape, at, 0.95, 0.75, 0.75, front + 0.01, paint("bdb9aa"))
        _pane(shape, at, 1.02, 0.58, 0.6, front, glass)
        shape.line((at, 1.02, front - 0.01), (at, 1.62, front - 0.01), 0.05, paint("bdb9aa"))
    return shape


def _pane(
    shape: Shape, x: float, y: float, wide: float, high: float, z: float, leaf: Paint
) -> None:
    h = wide / 2
    shape.face([(x - h, y, z), (x + h, y, z), (x + h, y + high, z), (x - h, y + high, z)], leaf)


def stone_wall(setting: Setting) -> list[Part]:
    """A dry-stone wall, a little broken."""
    return [
        Part(wall_piece(setting.random), k * 2.9, setting.random.uniform(-0.1, 0.1))
        for k in range(-4, 5)
        if not (setting.is_in("broken", "gap", "down") and k == 0)
    ]


def wall_piece(random: Random) -> Shape:
    """Three metres of dry-stone wall with its cope."""
    shape = Shape()
    high = random.uniform(0.95, 1.15)
    shape.box((0, 0, 0), (3.0, high, 0.6), _STONE.dim(random.uniform(0.85, 1.1)))
    x = -1.4
    while x < 1.4:
        wide = random.uniform(0.22, 0.42)
        shape.box((x + wide / 2, high, 0), (wide * 0.9, random.uniform(0.16, 0.30), 0.5),
                  _STONE.dim(random.uniform(0.7, 1.2)), yaw=random.uniform(-0.1, 0.1))  # fmt: skip
        x += wide
    return shape


def grave(setting: Setting) -> list[Part]:
    """A few headstones, leaning; one is a cross. `open` is a dug one."""
    random = setting.random
    parts = []
    for k in range(5):
        lean = random.uniform(-0.10, 0.10)
        shape = Shape()
        tone = _STONE.dim(random.uniform(0.85, 1.2))
        if k == 0:
            shape.box((0, 0, 0), (0.26, 2.1, 0.2), tone)
            shape.box((0, 1.35, 0), (1.1, 0.26, 0.2), tone)
            shape.box((0, 0, 0), (0.9, 0.25, 0.6), tone.dim(0.85))
        else:
            high, half = random.uniform(0.8, 1.25), 0.36
            outline = [(-half + lean * 0, 0), (half, 0), (half + lean, high),
                       (half * 0.6 + lean, high + 0.2), (lean, high + 0.28),
                       (-half * 0.6 + lean, high + 0.2), (-half + lean, high)]  # fmt: skip
            shape.prism(outline, 0.16, tone)
        mound = paint("4f4a34", Material.LEAVES, second="2d2a1c")
        if setting.is_in("open", "dug") and k == 1:
            mound = paint("060606")
        shape.box((0, 0, -1.1), (0.8, 0.14, 1.7), mound)
        parts.append(Part(shape, (k % 3 - 1) * 2.2 + lean * 3, (k // 3) * 3.0, lean))
    return parts


def cairn(setting: Setting) -> Shape:
    """A heap of stones that somebody built."""
    shape = Shape()
    random = setting.random
    for k in range(26):
        y = 1.5 * (k / 26) ** 1.2
        r = 0.75 * (1 - k / 30)
        a = k * 2.4
        size = random.uniform(0.28, 0.5)
        shape.box((math.cos(a) * r, y, math.sin(a) * r), (size, size * 0.6, size * 0.8),
                  _STONE.dim(random.uniform(0.75, 1.2)), yaw=random.uniform(0, 3))  # fmt: skip
    return shape


def jetty(setting: Setting) -> list[Part]:
    """Planks on posts that run out from the land; `broken` lacks some."""
    parts = []
    for k in range(7):
        shape = Shape()
        for side in (-0.9, 0.9):
            shape.tube((side, -2.6, 0), (side, 1.0 if k % 2 else 0.5, 0), 0.13, _TARRED, sides=7)
        if not (setting.is_in("broken", "gone") and k in (3, 4)):
            for j in range(5):
                tone = _TIMBER.dim(setting.random.uniform(0.75, 1.1))
                shape.box((0, 0.32, j * 0.4 - 0.6), (2.1, 0.08, 0.34), tone)
        parts.append(Part(shape, 0.0, k * 2.0))
    return parts


def derrick(setting: Setting) -> Shape:
    """A landing crane: a post, a boom on stays, a hook or a load on its rope."""
    shape = Shape()
    shape.tube((0, 0, 0), (0, 7.2, 0), 0.22, _TARRED, end=0.16, sides=8)
    end = (-4.6, 6.6, -1.6)
    shape.tube((0, 1.2, 0), end, 0.15, _TARRED, end=0.1, sides=7)
    for a in ((2.6, 0.0, 1.4), (1.2, 0.0, -2.6)):
        shape.tube(a, (0, 6.4, 0), 0.10, _TARRED, end=0.08, sides=6)
    shape.line((0, 7.1, 0), end, 0.04, _IRON)
    low = 2.2 if setting.is_in("loaded", "swung") else 3.2
    shape.line(end, (end[0], low, end[2]), 0.035, _IRON)
    if setting.is_in("loaded", "swung"):
        shape.box((end[0], low - 0.8, end[2]), (0.9, 0.8, 0.9), _TIMBER)
    else:
        shape.tube((end[0], low - 0.3, end[2]), (end[0], low, end[2]), 0.09, _IRON, sides=6)
    shape.box((0.2, 0, -0.6), (1.1, 0.9, 0.6), _IRON)
    shape.tube((-0.3, 0.95, -0.6), (0.7, 0.95, -0.6), 0.22, paint("6b5f49"), sides=8)
    return shape


def railing(setting: Setting) -> Shape:  # noqa: ARG001 - it has one state
    """A stretch of iron rail."""
    shape = Shape()
    for k in range(-5, 6):
        shape.line((k * 0.9, 0, 0), (k * 0.9, 1.15, 0), 0.07, _IRON)
    for up in (0.55, 1.12):
        shape.line((-4.6, up, 0), (4.6, up, 0), 0.06, _IRON)
    return shape


def crofts(setting: Setting) -> list[Part]:
    """A few stone houses, not in a row."""
    random = setting.random
    return [
        Part(stone_house(random, lit=setting.dark and k == 1), (k - 1) * 12.0,
             random.uniform(0, 6), random.uniform(-0.4, 0.4))
        for k in range(3)
    ]  # fmt: skip


def flagstaff(setting: Setting) -> Shape:
    """A signal mast of wood: a yard, stays, and a flag that hangs."""
    shape = Shape().tube((0, 0, 0), (0, 14, 0), 0.2, _TARRED, end=0.1, sides=8)
    shape.line((-3.2, 10.4, 0), (3.2, 10.4, 0), 0.16, _TARRED)
    for x, z in ((-4.0, 2.0), (4.0, 2.0), (0.0, -4.4)):
        shape.line((x, 0, z), (0, 11, 0), 0.05, paint("23221e"))
    for x in (-2.9, 2.9):
        shape.line((x, 10.4, 0), (x * 0.1, 0.8, 0.2), 0.03, paint("23221e"))
    if not setting.is_in("bare", "down", "cut"):
        cloth = paint("8f3a30", Material.CLOTH)
        flag = [(2.9, 10.2), (2.9, 8.4), (2.5, 8.1), (2.3, 8.5), (2.2, 9.4), (2.4, 10.1)]
        shape.card(flag, cloth, 0.02)
    return shape


def notice(setting: Setting) -> Shape:  # noqa: ARG001 - it has one state
    """A board of planks on two posts, with rows of what was painted on it."""
    shape = Shape()
    for x in (-0.75, 0.75):
        shape.box((x, 0, 0), (0.12, 2.0, 0.12), _TIMBER.dim(0.7))
    shape.box((0, 0.85, -0.08), (1.8, 1.1, 0.06), _TIMBER)
    for k in range(5):
        y, long = 1.75 - k * 0.18, (0.66, 0.58, 0.7, 0.5, 0.62)[k]
        ink = paint("b9b6a4").dim(0.9)
        shape.face([(-long, y, -0.12), (long * 0.8, y, -0.12), (long * 0.8, y + 0.07, -0.12),
                    (-long, y + 0.07, -0.12)], ink)  # fmt: skip
    return shape


def bell(setting: Setting) -> Shape:
    """A fog bell in its frame; `still` hangs without its rope."""
    shape = Shape()
    for x in (-0.8, 0.8):
        shape.box((x, 0, 0), (0.16, 2.2, 0.16), _TARRED)
    shape.box((0, 2.2, 0), (2.0, 0.18, 0.2), _TARRED)
    brass = paint("7d6a3c", Material.METAL, second="33482f")
    for (y, r), (y2, r2) in (((1.25, 0.46), (1.4, 0.38)), ((1.4, 0.38), (1.85, 0.27)),
                             ((1.85, 0.27), (2.05, 0.12))):  # fmt: skip
        shape.tube((0, y, 0), (0, y2, 0), r, brass, end=r2, sides=12, caps=False)
    shape.tube((0, 1.15, 0), (0, 1.5, 0), 0.07, _IRON, sides=6)
    if not setting.is_in("still", "broken", "cut"):
        shape.line((0, 1.2, 0), (0.1, 0.5, -0.2), 0.03, paint("8a8064"))
    return shape
