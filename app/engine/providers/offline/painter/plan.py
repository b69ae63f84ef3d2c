"""The floor plan of an interior: which cells are open, and where its walls are.

It follows from the place alone (its seed, its name, what stands in it), never from the camera or
from who is there, so that a room stays itself while one walks through it.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from random import Random
from typing import Final

from app.engine.providers.offline.painter.era import is_old
from app.engine.providers.offline.painter.kin import HUNG, nearest_token
from app.models.scene import SceneFacts, SceneProp

CELL: Final = 1.2
_LONG: Final = ("corridor", "passage", "hall", "tunnel", "gallery", "ramp", "stair", "duct", "wing")
_WIDE: Final = (
    "room",
    "office",
    "ward",
    "lobby",
    "chamber",
    "store",
    "archive",
    "theatre",
    "shop",
    "kitchen",
)
_REACH: Final = 40.0
Cell = tuple[int, int]


@dataclass(frozen=True)
class Plan:
    """Open cells by (column, row): a cell spans CELL metres east and north from its index."""

    open: frozenset[Cell]
    height: float
    long: bool
    north: float
    """Where the far wall is."""
    half: float
    """How far the side walls of the main space are."""

    @classmethod
    def of(cls, scene: SceneFacts) -> "Plan":
        """The plan of a scene's place."""
        random = Random(f"{scene.place_seed}|plan")
        long = _is_long(scene, random)
        hung = [p for p in scene.props if nearest_token(p.token, indoors=True) in HUNG]
        free = [p for p in scene.props if p not in hung]
        half = _half_width(hung, free, long=long, random=random)
        north = _north(scene.props, hung, long=long, random=random)
        cells = set(_block(-half, half, -6.0 if long else -3.6, north))
        if long:
            _alcoves(cells, random, half, north)
        elif half > (3.4 if scene.biome == "bunker" else 5.0) and not is_old(scene):
            _pillars(cells, half, north)
        for prop in free:
            if abs(prop.x) < _REACH and abs(prop.z) < _REACH:
                cells |= set(_block(prop.x - 1.1, prop.x + 1.1, prop.z - 1.1, prop.z + 1.1))
                cells |= set(_block(min(0, prop.x), max(0, prop.x), prop.z - 0.6, prop.z + 0.6))
        low = 2.55 if scene.biome == "bunker" else 2.8
        return cls(frozenset(cells), low if long else low + 0.5, long, north, half)

    def with_room_for(self, x: float, z: float) -> "Plan":
        """The same plan with the eye's own cells open: nobody stands in a wall."""
        mine = _block(x - 0.7, x + 0.7, z - 0.7, z + 0.7)
        way = _block(min(0, x), max(0, x), z - 0.5, z + 0.5)
        back = _block(-0.6, 0.6, min(0, z), max(0, z))
        if abs(x) > _REACH or abs(z) > _REACH + 20:
            way, back = [], []
        return Plan(
            self.open | set(mine) | set(way) | set(back),
            self.height,
            self.long,
            self.north,
            self.half,
        )

    def against_wall(self, x: float, z: float) -> tuple[float, float, float]:
        """The nearest wall to a point as (x, z, yaw) of something hung on it."""
        at = _cell(x, z)
        if at not in self.open:
            nearest = min(
                self.open,
                key=lambda c: math.hypot((c[0] + 0.5) * CELL - x, (c[1] + 0.5) * CELL - z),
            )
            x = min(max(x, nearest[0] * CELL + 0.1), (nearest[0] + 1) * CELL - 0.1)
            z = min(max(z, nearest[1] * CELL + 0.1), (nearest[1] + 1) * CELL - 0.1)
            at = nearest
        found = []
        for di, dj, yaw in (
            (0, 1, 0.0),
            (1, 0, math.pi / 2),
            (-1, 0, -math.pi / 2),
            (0, -1, math.pi),
        ):
            i, j = at
            while (i + di, j + dj) in self.open:
                i, j = i + di, j + dj
            wall_x = (i + (di > 0)) * CELL if di else x
            wall_z = (j + (dj > 0)) * CELL if dj else z
            away = abs(wall_x - x) + abs(wall_z - z)
            # A wall that is seen face on is the better place when it is about as near.
            found.append(
                (
                    away * (0.7 if dj > 0 else 1.0 if di else 3.0),
                    wall_x - di * 0.06,
                    wall_z - dj * 0.06,
                    yaw,
                )
            )
        _, x, z, yaw = min(found)
        return x, z, yaw


def _cell(x: float, z: float) -> Cell:
    return math.floor(x / CELL), math.floor(z / CELL)


def _block(west: float, east: float, south: float, north: float) -> list[Cell]:
    (i0, j0), (i1, j1) = _cell(west + 0.01, south + 0.01), _cell(east - 0.01, north - 0.01)
    return [(i, j) for i in range(i0, i1 + 1) for j in range(j0, j1 + 1)]


def _is_long(scene: SceneFacts, random: Random) -> bool:
    name = scene.place.lower()
    if any(word in name for word in _WIDE):
        return False
    return any(word in name for word in _LONG) or random.random() < 0.5


def _half_width(
    hung: list[SceneProp], free: list[SceneProp], *, long: bool, random: Random
) -> float:
    wanted = max([abs(p.x) + 0.5 for p in hung if abs(p.x) >= 1] + [0.0])
    if not long:
        wanted = max([wanted, 3.0 + random.choice((0.0, 1.2))] + [abs(p.x) + 1.2 for p in free])
    return math.ceil(min(max(wanted, 1.8), 9.6) / CELL) * CELL


def _north(
    props: Iterable[SceneProp], hung: list[SceneProp], *, long: bool, random: Random
) -> float:
    farthest = max([min(p.z, _REACH) for p in props] + [7.0])
    ends = [p.z for p in hung if abs(p.x) < 1 and p.z > 3]
    if ends and max(ends) >= farthest - 0.5:
        return math.ceil((max(ends) + 0.1) / CELL) * CELL
    if long:
        return math.ceil(max(farthest + 6, random.choice((22, 28, 34))) / CELL) * CELL
    return math.ceil((farthest + 1.4) / CELL) * CELL


def _alcoves(cells: set[Cell], random: Random, half: float, north: float) -> None:
    """Side passages off a corridor, dark at their ends."""
    z = random.uniform(3, 6)
    while z < north - 3:
        side = random.choice((-1, 1))
        deep = random.choice((1.2, 3.6, 6.0))
        west, east = (half, half + deep) if side > 0 else (-half - deep, -half)
        cells |= set(_block(west, east, z, z + 1.2))
        z += random.uniform(6, 10)


def _pillars(cells: set[Cell], half: float, north: float) -> None:
    for x in (-half * 0.68, half * 0.68):
        z = 4.8
        while z < north - 2:
            cells.discard(_cell(x, z))
            z += 4.8
