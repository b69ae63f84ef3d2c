"""The walls, floor and ceiling of an interior as faces, and the tunnel of a cave."""

import math
from itertools import pairwise
from random import Random

from app.engine.providers.offline.painter.camera import View
from app.engine.providers.offline.painter.mesh import Material, Paint, Point, Shape, paint
from app.engine.providers.offline.painter.plan import CELL, Plan
from app.models.scene import SceneFacts
from app.models.vocabulary import Biome

_SIGHT = 44.0
_RINGS = 34


def room(plan: Plan, biome: Biome, view: View, *, old: bool) -> Shape:
    """Faces of the open cells that are ahead of the eye."""
    if old:
        wall = (
            paint("8d897b", Material.MASONRY, second="3f3c35")
            if biome == "bunker"
            else paint("7f8a7c", Material.PLANKS)
        )
        floor = paint("6d5a44", Material.PLANKS)
        top = paint("665844" if biome == "bunker" else "8a8a7c", Material.PLANKS)
    elif biome == "bunker":
        wall, floor = (
            paint("8a8c84", Material.BARE_WALL, second="33261c"),
            paint("6f716a", Material.BARE_FLOOR),
        )
        top = paint("70726a", Material.BARE_FLOOR)
    else:
        wall, floor = (
            paint("a3b5b0", Material.TILED_WALL, second="3a2a1f"),
            paint("8d9a96", Material.TILED_FLOOR),
        )
        top = paint("93a09c", Material.CEILING, second="55432c")
    shape = Shape()
    for i, j in sorted(plan.open):
        if _ahead(view, (i + 0.5) * CELL, (j + 0.5) * CELL):
            _cell_faces(shape, plan, i, j, wall, floor, top)
    if biome == "lab" and not old:
        _stripe(shape, plan, view)
    return shape


def _ahead(view: View, x: float, z: float) -> bool:
    dx, dz = x - view.x, z - view.z
    ahead = dx * view.sin + dz * view.cos
    aside = dx * view.cos - dz * view.sin
    return -1.8 < ahead < _SIGHT and abs(aside) < ahead * 0.9 + 3.5


def _walls(plan: Plan, i: int, j: int) -> list[tuple[Point, Point]]:
    """Feet of the walls around a cell, left to right as seen from inside it."""
    x, z, e, n = i * CELL, j * CELL, (i + 1) * CELL, (j + 1) * CELL
    around = (
        ((i, j + 1), (x, 0.0, n), (e, 0.0, n)),
        ((i + 1, j), (e, 0.0, n), (e, 0.0, z)),
        ((i, j - 1), (e, 0.0, z), (x, 0.0, z)),
        ((i - 1, j), (x, 0.0, z), (x, 0.0, n)),
    )
    return [(a, b) for cell, a, b in around if cell not in plan.open]


def _cell_faces(
    shape: Shape, plan: Plan, i: int, j: int, wall: Paint, floor: Paint, top: Paint
) -> None:
    x, z, e, n, h = i * CELL, j * CELL, (i + 1) * CELL, (j + 1) * CELL, plan.height
    shape.face([(x, 0, z), (e, 0, z), (e, 0, n), (x, 0, n)], floor)
    shape.face([(x, h, n), (e, h, n), (e, h, z), (x, h, z)], top)
    for a, b in _walls(plan, i, j):
        shape.face([a, b, (b[0], h, b[2]), (a[0], h, a[2])], wall)


def _stripe(shape: Shape, plan: Plan, view: View) -> None:
    red = paint("9c1414")
    for i, j in sorted(plan.open):
        if not _ahead(view, (i + 0.5) * CELL, (j + 0.5) * CELL):
            continue
        for a, b in _walls(plan, i, j):
            # A finger before the wall, toward the middle of the cell.
            cx, cz = (i + 0.5) * CELL, (j + 0.5) * CELL
            k = 0.012
            p, q = ((v[0] + (cx - v[0]) * k, v[2] + (cz - v[2]) * k) for v in (a, b))
            shape.face(
                [(p[0], 1.01, p[1]), (q[0], 1.01, q[1]), (q[0], 1.10, q[1]), (p[0], 1.10, p[1])],
                red,
            )


def tunnel(scene: SceneFacts, view: View) -> Shape:
    """A tunnel of uneven rings to the north, wide enough for what stands in it."""
    rock = paint("7a6a5a", Material.CAVE, second="2c3634")
    ground = paint("5d5142", Material.BARE_FLOOR)
    shape = Shape()
    timbered = is_mine(scene)
    if scene.surroundings == "sea":
        rock = paint("5d5f5c", Material.CAVE, second="20302b")
        ground = paint("44463f", Material.BARE_FLOOR)
    first = first_ring(view)
    rings = [_ring(scene, k) for k in range(first, first + _RINGS)]
    for a, b in pairwise(rings):
        count = len(a)
        for k in range(count):
            n = (k + 1) % count
            low = a[k][1] < 0.05 and a[n][1] < 0.05
            shape.face([a[k], a[n], b[n], b[k]], ground if low else rock, two_sided=True)
    for end in (rings[0], rings[-1]):
        shape.face(end, rock.dim(0.4), two_sided=True)
    for k in range(first + 1, first + _RINGS):
        if timbered and k % 3 == 0:
            _frame(shape, scene, k)
        if timbered:
            _sleeper(shape, scene, k)
    if timbered:
        _rails(shape, scene, first)
    return shape


def is_mine(scene: SceneFacts) -> bool:
    """Whether somebody dug it: then it has timbers and rails. The sea digs its own."""
    if any(word in scene.place.lower() for word in ("adit", "mine", "shaft", "drift")):
        return True
    return scene.place_seed % 2 == 0 and scene.surroundings != "sea"


def first_ring(view: View) -> int:
    """The southernmost ring that is built: the tunnel is built the way the eye looks."""
    behind = math.floor((view.z - 4) / 1.5)
    return behind if view.cos >= 0 else behind + 5 - _RINGS


def tunnel_middle(scene: SceneFacts, z: float) -> float:
    """Where the middle of the tunnel is, east or west."""
    swing = min(1.0, max(0.0, (abs(z) - 14) / 20))
    return math.sin(z / 11 + scene.place_seed % 7) * 2.4 * swing


def tunnel_half(scene: SceneFacts, z: float) -> float:
    """How wide the tunnel is to each side at least."""
    half = 2.1 + 0.5 * math.sin(z / 5 + scene.place_seed % 5)
    middle = tunnel_middle(scene, z)
    for prop in scene.props:
        if abs(prop.z - z) < 3.5:
            half = max(half, abs(prop.x - middle) + 1.0)
    return min(half, 12.0)


def _ring(scene: SceneFacts, k: int) -> list[Point]:
    z = k * 1.5
    random = Random(f"{scene.place_seed}|ring|{k}")
    middle, half = tunnel_middle(scene, z), tunnel_half(scene, z) + 0.4
    high = min(5.5, 2.6 + (half - 2.1) * 0.45)
    points: list[Point] = []
    for step in range(17):
        a = math.pi * (step / 16)
        rough = random.uniform(0.90, 1.12)
        x = middle - math.cos(a) * half * (rough if 0 < step < 16 else 1.05)
        y = math.sin(a) ** 0.7 * high * (rough if 0 < step < 16 else 0)
        points.append((x, y, z + (random.uniform(-0.3, 0.3) if 0 < step < 16 else 0)))
    points += [(middle + half * 0.4, -0.02, z), (middle - half * 0.4, -0.02, z)]
    return points


def _frame(shape: Shape, scene: SceneFacts, k: int) -> None:
    z = k * 1.5
    random = Random(f"{scene.place_seed}|frame|{k}")
    wood = paint("6e5a40", Material.BARK, second="2c2218")
    middle, half = tunnel_middle(scene, z), min(2.3, tunnel_half(scene, z) - 0.15)
    lean = random.uniform(-0.1, 0.1)
    for side in (-1, 1):
        shape.tube(
            (middle + side * half, 0, z),
            (middle + side * (half - 0.15) + lean, 2.35, z),
            0.13,
            wood,
            sides=6,
        )
    shape.tube(
        (middle - half - 0.1, 2.4, z), (middle + half + 0.1, 2.4 + lean, z), 0.15, wood, sides=6
    )


def _sleeper(shape: Shape, scene: SceneFacts, k: int) -> None:
    for z in (k * 1.5, k * 1.5 + 0.75):
        shape.box(
            (tunnel_middle(scene, z), 0, z), (1.3, 0.06, 0.2), paint("4a3a2a", Material.PLANKS)
        )


def _rails(shape: Shape, scene: SceneFacts, first: int) -> None:
    rail = paint("8a7a6a", Material.METAL, second="5a3018")
    for side in (-0.42, 0.42):
        points = [
            (tunnel_middle(scene, k * 1.5) + side, 0.10, k * 1.5)
            for k in range(first, first + _RINGS)
        ]
        shape.path(points, 0.06, rail)
