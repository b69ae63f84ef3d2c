"""What lies and grows in each biome by nature, the same wherever the player stands."""

import math
from collections.abc import Callable, Iterator
from itertools import pairwise
from random import Random
from types import MappingProxyType
from typing import Final

from app.engine.providers.offline.painter import props_nature as nature
from app.engine.providers.offline.painter.mesh import Material, Shape, paint
from app.engine.providers.offline.painter.props_buildings import house, skyline, street
from app.engine.providers.offline.painter.props_coast import stone_house, wall_piece
from app.engine.providers.offline.painter.props_street import street_lamp
from app.engine.providers.offline.painter.relief import ROAD_HALF_WIDTH, ROOF, Relief
from app.engine.providers.offline.painter.setting import Part, Setting
from app.models.vocabulary import Weather

_GREEN: Final = paint("77803f", Material.LEAVES, second="4d4a30")
_STRAW: Final = paint("b49a55", Material.LEAVES, second="4d4a30")
_REED: Final = paint("8c8a55", Material.LEAVES, second="4d4a30")
_FROST: Final = paint("a8b0a0", Material.LEAVES, second="4d4a30")


def spread(
    relief: Relief,
    seed: int,
    at: tuple[float, float],
    *,
    dark: bool,
    weather: Weather,
    old: bool = False,
) -> list[Part]:
    """The parts of a biome's nature, each with its place in the world."""
    random = Random(f"{seed}|nature")
    maker = _SPREADS.get(relief.biome)
    if maker is None:
        return []
    return maker(_Wild(relief, random, at, dark=dark, weather=weather, old=old))


class _Wild:
    """Where things may grow, and the numbers they grow by."""

    def __init__(
        self,
        relief: Relief,
        random: Random,
        at: tuple[float, float],
        *,
        dark: bool,
        weather: Weather,
        old: bool,
    ) -> None:
        self.relief, self.random, self.at = relief, random, at
        self.dark, self.weather, self.old = dark, weather, old

    def near(
        self, cell: float, reach: float, share: float
    ) -> Iterator[tuple[float, float, Random]]:
        """Points of a jittered grid around the player that stay put as the player walks."""
        ci, cj = math.floor(self.at[0] / cell), math.floor(self.at[1] / cell)
        n = math.ceil(reach / cell)
        key = self.random.random()
        for i in range(ci - n, ci + n + 1):
            for j in range(cj - n, cj + n + 1):
                random = Random(f"{key}|{cell}|{i}|{j}")
                x, z = (i + random.random()) * cell, (j + random.random()) * cell
                if random.random() < share and self._free(x, z):
                    yield x, z, random

    def _free(self, x: float, z: float) -> bool:
        from_road = abs(x - self.relief.road_at(z))
        if self.relief.has_road and from_road < ROAD_HALF_WIDTH + 0.9:
            return False
        return math.hypot(x, z) > 2.5


def _variants(make: Callable[[], Shape], count: int) -> list[Shape]:
    return [make() for _ in range(count)]


def _desert(wild: _Wild) -> list[Part]:
    if not wild.relief.arid:
        return _turf(wild)
    r = wild.random
    stones = _variants(lambda: nature.rock(r, 1.0), 4)
    bushes = _variants(lambda: nature.brush(r, 1.0), 3)
    tufts = _variants(lambda: nature.grass(r, 1.0, _STRAW), 3)
    parts = []
    for x, z, q in wild.near(9.0, 60, 0.55):
        size = 0.12 + 0.75 * q.random() ** 4
        parts.append(Part(q.choice(stones), x, z, q.uniform(0, 6.3), size))
    for x, z, q in wild.near(6.0, 46, 0.42):
        parts.append(Part(q.choice(bushes), x, z, q.uniform(0, 6.3), q.uniform(0.25, 0.75)))
    for x, z, q in wild.near(2.6, 15, 0.40):
        parts.append(Part(q.choice(tufts), x, z, q.uniform(0, 6.3), q.uniform(0.2, 0.5)))
    for x, z, q in wild.near(1.7, 9, 0.5):
        parts.append(Part(q.choice(stones), x, z, q.uniform(0, 6.3), q.uniform(0.03, 0.10)))
    if wild.relief.biome == "desert":
        cacti = _variants(lambda: nature.saguaro(r), 3)
        for x, z, q in wild.near(34.0, 90, 0.5):
            parts.append(Part(q.choice(cacti), x, z, q.uniform(0, 6.3), q.uniform(0.8, 1.3)))
    return parts


def _turf(wild: _Wild) -> list[Part]:
    """Short grass and grey stones; broad trees far off, where the sea does not blow."""
    r = wild.random
    snowy = wild.relief.biome == "snowfield"
    tufts = _variants(lambda: nature.grass(r, 1.0, _FROST if snowy else _GREEN), 4)
    stones = _variants(lambda: nature.rock(r, 1.0, "6a6a66"), 4)
    parts = []
    for x, z, q in wild.near(1.5, 12, 0.35 if snowy else 0.7):
        parts.append(Part(q.choice(tufts), x, z, q.uniform(0, 6.3), q.uniform(0.14, 0.34)))
    for x, z, q in wild.near(8.0, 60, 0.45):
        parts.append(Part(q.choice(stones), x, z, q.uniform(0, 6.3), 0.12 + 0.9 * q.random() ** 4))
    if wild.relief.around != "sea":
        crowns = _variants(lambda: nature.broad_tree(r, 8.0), 2)
        for x, z, q in wild.near(40.0, 150, 0.5):
            if math.hypot(x, z) > 25:
                parts.append(Part(q.choice(crowns), x, z, q.uniform(0, 6.3), q.uniform(0.7, 1.2)))
    return parts


def _walls(wild: _Wild) -> list[Part]:
    """Two dry-stone walls that meet at a corner, with a gap to go through."""
    pieces = _variants(lambda: wall_piece(wild.random), 3)
    parts = []
    for k in range(-9, 10):
        x = k * 2.9
        if k not in (1, 2):
            parts.append(Part(pieces[k % 3], x, 27.0 + math.sin(k * 0.4) * 1.2))
        if k > 0:
            parts.append(Part(pieces[k % 3], -15.0, 27.0 + x, math.pi / 2))
    return parts


def _forest(wild: _Wild) -> list[Part]:
    if wild.relief.around == "sea":
        return _turf(wild)
    r = wild.random
    snowy = wild.weather == "snow" or wild.relief.biome == "snowfield"
    alive = _variants(lambda: nature.pine(r, 12.0, snowy=snowy), 3)
    dead = _variants(lambda: nature.dead_pine(r, 11.0), 3)
    parts = []
    sparse = wild.relief.biome == "snowfield"
    for x, z, q in wild.near(7.0, 48, 0.30 if sparse else 0.72):
        if math.hypot(x - wild.at[0], z - wild.at[1]) < 4 or (abs(x) < 3.5 and -4 < z < 26):
            continue
        shape = q.choice(dead) if q.random() < (0.15 if sparse else 0.34) else q.choice(alive)
        parts.append(Part(shape, x, z, q.uniform(0, 6.3), q.uniform(0.65, 1.35)))
    far = _variants(lambda: nature.far_pine(r, 12.0, snowy=snowy), 4)
    for x, z, q in wild.near(10.0, 130, 0.35 if sparse else 0.75):
        away = math.hypot(x - wild.at[0], z - wild.at[1])
        if away > 48:
            parts.append(Part(q.choice(far), x, z, 0.0, q.uniform(0.7, 1.4)))
    blade = _FROST if sparse else _GREEN
    tufts = _variants(lambda: nature.grass(r, 1.0, blade), 3)
    for x, z, q in wild.near(2.4, 14, 0.25 if sparse else 0.5):
        parts.append(Part(q.choice(tufts), x, z, q.uniform(0, 6.3), q.uniform(0.25, 0.6)))
    stones = _variants(lambda: nature.rock(r, 1.0, "6d7272"), 3)
    for x, z, q in wild.near(11.0, 45, 0.4):
        parts.append(Part(q.choice(stones), x, z, q.uniform(0, 6.3), 0.2 + 0.7 * q.random() ** 3))
    return parts


def _shore(wild: _Wild) -> list[Part]:
    r = wild.random
    stones = _variants(lambda: nature.rock(r, 1.0, "5c5a54"), 4)
    reeds = _variants(lambda: nature.grass(r, 1.0, _REED), 3)
    parts = []
    for x, z, q in wild.near(7.0, 55, 0.5):
        parts.append(Part(q.choice(stones), x, z, q.uniform(0, 6.3), 0.15 + 1.3 * q.random() ** 4))
    for x, z, q in wild.near(2.2, 16, 0.4):
        if wild.relief.ground(x, z) > 0.7:
            parts.append(Part(q.choice(reeds), x, z, q.uniform(0, 6.3), q.uniform(0.25, 0.6)))
    for x, z, q in wild.near(16.0, 40, 0.35):
        log = Shape().tube(
            (-1.6, 0.12, 0),
            (1.5, 0.2, 0.2),
            0.17,
            paint("8b857a", Material.BARK),
            end=0.09,
            sides=7,
        )
        log.line((0.4, 0.2, 0), (0.9, 0.7, 0.3), 0.07, paint("8b857a", Material.BARK))
        parts.append(Part(log, x, z, q.uniform(0, 6.3)))
    return parts


def _field(wild: _Wild) -> list[Part]:
    if wild.relief.arid:
        return _desert(wild) + _rails()
    if wild.relief.around == "sea":
        return _turf(wild) + _walls(wild)
    r = wild.random
    tufts = _variants(lambda: nature.grass(r, 1.0, _STRAW), 5)
    parts = []
    for x, z, q in wild.near(1.1, 11, 0.7):
        parts.append(Part(q.choice(tufts), x, z, q.uniform(0, 6.3), q.uniform(0.22, 0.5)))
    crowns = _variants(lambda: nature.broad_tree(r, 8.0), 2)
    for x, z, q in wild.near(46.0, 150, 0.55):
        if math.hypot(x, z) > 30:
            parts.append(Part(q.choice(crowns), x, z, q.uniform(0, 6.3), q.uniform(0.7, 1.2)))
    for x, z, q in wild.near(24.0, 80, 0.3):
        if abs(x) > 6:
            setting = Setting("", q, wild.dark, indoors=False, threat=0, turn=0)
            parts.append(Part(nature.bale(setting), x, z, q.uniform(0, 6.3)))
    parts += _rails()
    parts.append(Part(house(r), -32, 74, 0.4))
    return parts


def _rails() -> list[Part]:
    """A post-and-wire fence across the land."""
    parts = []
    posts = paint("6a5c48", Material.PLANKS)
    for k in range(-14, 15):
        shape = Shape().box((0, 0, 0), (0.12, 1.2, 0.12), posts)
        for y in (0.45, 0.8, 1.1):
            shape.line((0, y, 0), (4, y + 0.02, 0), 0.022, paint("3a4040"))
        parts.append(Part(shape, k * 4.0, 31.0))
    return parts


def _town(wild: _Wild) -> list[Part]:
    if wild.old:
        return _lane(wild)
    parts = street(wild.random, ROAD_HALF_WIDTH + 1.2, low=wild.relief.around != "city")
    for k in range(6):
        side = -1 if k % 2 else 1
        setting = Setting(
            "" if k % 3 else "dark", wild.random, wild.dark, indoors=False, threat=0, turn=0
        )
        yaw = 0.0 if side < 0 else math.pi
        parts.append(Part(street_lamp(setting), side * (ROAD_HALF_WIDTH + 1.7), 9.0 + k * 14, yaw))
    return parts


def _lane(wild: _Wild) -> list[Part]:
    """Stone houses on both sides of a lane, walls between them."""
    r = wild.random
    parts = _turf(wild)
    for side in (-1, 1):
        z = 4.0 if side > 0 else 9.0
        while z < 70:
            x = side * (7.0 + r.uniform(0, 2.5))
            lit = wild.dark and r.random() < 0.3
            yaw = side * math.pi / 2 + r.uniform(-0.25, 0.25)
            parts.append(Part(stone_house(r, lit=lit), x, z + 4, yaw))
            parts.append(Part(wall_piece(r), side * 5.2, z + 10.2, math.pi / 2))
            z += r.uniform(12, 17)
    return parts


def _rooftop(wild: _Wild) -> list[Part]:
    if wild.old:
        return _gallery()
    west, east, south, north = ROOF
    wall = paint("6f6a60", Material.BRICK, second="4c4842")
    cap = paint("85837a")
    parts = []
    for x0, z0, wide, deep in (
        ((west + east) / 2, north, east - west, 0.35),
        ((west + east) / 2, south, east - west, 0.35),
        (west, (south + north) / 2, 0.35, north - south),
        (east, (south + north) / 2, 0.35, north - south),
    ):
        parapet = Shape().box((0, 0, 0), (wide, 0.85, deep), wall)
        parapet.box((0, 0.85, 0), (wide + 0.1, 0.1, deep + 0.14), cap)
        parts.append(Part(parapet, x0, z0))
    parts.append(Part(_stairhead(), -8.5, 11.0))
    for x, z in ((7.5, 12.5), (8.8, 7.0)):
        parts.append(Part(_air_unit(), x, z, 0.3))
    for x, z in ((-4.0, 13.5), (4.6, 14.3), (6.5, 4.0), (-9, 3)):
        pipe = Shape().tube((0, 0, 0), (0, 0.9, 0), 0.14, paint("6c706c", Material.METAL), sides=8)
        pipe.tube(
            (0, 0.9, 0), (0, 1.05, 0), 0.24, paint("565a56", Material.METAL), end=0.1, sides=8
        )
        parts.append(Part(pipe, x, z))
    if wild.relief.around == "city":
        return parts + skyline(wild.random)
    return parts if wild.relief.around == "sea" else parts + _compound(wild)


def _compound(wild: _Wild) -> list[Part]:
    """Low sheds around the foot of the house, and the line of a fence beyond them."""
    r = wild.random
    parts = []
    for _ in range(9):
        a, away = r.uniform(-1.2, 1.2), r.uniform(40, 95)
        shape = Shape(casts=False)
        wall = paint(r.choice(("84796a", "6f7a78", "8a8474")), Material.FACADE, "20282a", glow=1.0)
        wide, high = r.uniform(9, 22), r.choice((3.4, 3.4, 6.6))
        shape.box((0, 0, 0), (wide, high, r.uniform(7, 12)), wall, top=paint("53524c"))
        parts.append(Part(shape, math.sin(a) * away, math.cos(a) * away, r.choice((0.0, 0.3))))
    wire, post = paint("6a706c"), paint("4a4f4d")
    for k in range(-26, 27):
        shape = Shape(casts=False).line((0, 0, 0), (0, 3.2, 0), 0.16, post)
        shape.line((0, 3.0, 0), (6, 3.0, 0), 0.07, wire).line((0, 1.6, 0), (6, 1.6, 0), 0.07, wire)
        parts.append(Part(shape, k * 6.0, 122.0))
    return parts


def _gallery() -> list[Part]:
    """The deck of a tower: an iron rail around it."""
    west, east, south, north = ROOF
    iron = paint("23282a", Material.METAL, second="4a2a18")
    rail = Shape()
    corners = ((west, north), (east, north), (east, south), (west, south), (west, north))
    for (x, z), (x2, z2) in pairwise(corners):
        for up in (0.4, 0.8, 1.15):
            rail.line((x, up, z), (x2, up, z2), 0.06, iron)
        for k in range(16):
            t = k / 16
            px, pz = x + (x2 - x) * t, z + (z2 - z) * t
            rail.line((px, 0, pz), (px, 1.2, pz), 0.09, iron)
    return [Part(rail, 0.0, 0.0)]


def _stairhead() -> Shape:
    shape = Shape().box(
        (0, 0, 0), (3.2, 2.7, 3.6), paint("7a7268", Material.BRICK, second="55504a")
    )
    shape.box((0, 2.7, 0), (3.5, 0.2, 3.9), paint("43484a"))
    shape.face(
        [(-0.55, 0, -1.82), (0.55, 0, -1.82), (0.55, 2.1, -1.82), (-0.55, 2.1, -1.82)],
        paint("39504e", Material.METAL),
    )
    return shape


def _air_unit() -> Shape:
    tin = paint("7d8380", Material.CORRUGATED)
    shape = Shape().box((0, 0.25, 0), (2.4, 1.4, 1.6), tin)
    for x in (-1.0, 1.0):
        shape.box((x, 0, 0), (0.15, 0.25, 1.4), paint("2b2f2f"))
    for x in (-0.6, 0.6):
        shape.tube((x, 1.65, 0), (x, 1.78, 0), 0.45, paint("2f3434", Material.METAL), sides=12)
    return shape


_SPREADS: Final = MappingProxyType(
    {
        "desert": _desert,
        "fence": _desert,
        "road": _desert,
        "forest": _forest,
        "snowfield": _forest,
        "shore": _shore,
        "field": _field,
        "town": _town,
        "rooftop": _rooftop,
    }
)
