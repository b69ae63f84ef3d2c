"""Stands the facts' things in a room, on its walls or its floor, and what it has anyway."""

import math
from collections.abc import Callable
from random import Random
from types import MappingProxyType

from app.engine.providers.offline.painter import (
    props_apparatus,
    props_camp,
    props_indoor,
    props_keeper,
    props_street,
)
from app.engine.providers.offline.painter.era import is_old, token_then
from app.engine.providers.offline.painter.kin import HUNG, nearest_token
from app.engine.providers.offline.painter.mesh import Material, Paint, Shape, paint
from app.engine.providers.offline.painter.outdoors import stain_colour
from app.engine.providers.offline.painter.placing import Ground, place_figures, place_prop
from app.engine.providers.offline.painter.plan import Plan
from app.engine.providers.offline.painter.setting import Setting
from app.engine.providers.offline.painter.stage import Stage
from app.models.scene import SceneFacts, SceneProp

_DEEP = MappingProxyType(
    {
        "locker": 0.42,
        "cabinet": 0.42,
        "shelves": 0.5,
        "sink": 0.34,
        "pipe": 0.2,
        "dresser": 0.3,
        "clock": 0.2,
        "stove": 0.45,
    }
)
"""How far from the wall the front of a hung thing stands."""
_AT_EYE_LEVEL = frozenset(("board", "phone", "window"))
_EYE_LEVEL = 1.4
_FLAT = frozenset(("drain", "bags", "pipe"))


_ALONG_WALLS = (props_indoor.shelves, props_indoor.table, props_street.bench)
_AGAINST_WALLS = (*_ALONG_WALLS, props_keeper.dresser)
_LEFT_ABOUT = (
    *_ALONG_WALLS,
    props_indoor.chair,
    props_indoor.chair,
    props_apparatus.cart,
    props_camp.crate,
)
"""What such places have anyway; nothing that a story would need to open or read."""
_LEFT_ABOUT_THEN = (
    *_ALONG_WALLS,
    props_indoor.chair,
    props_keeper.cask,
    props_camp.crate,
    props_keeper.dresser,
)


def furnish_room(stage: Stage, scene: SceneFacts, plan: Plan | None) -> None:
    """Props of the facts, hung on walls where they belong there; figures; stains."""
    for number, prop in enumerate(scene.props):
        token = nearest_token(prop.token, indoors=True)
        if is_old(scene):
            token = token_then(token)
        placed = prop
        if plan is not None and token in HUNG:
            x, z, yaw = plan.against_wall(prop.x, prop.z)
            placed = prop.model_copy(update={"x": x, "z": z, "yaw": yaw})
            if token in _DEEP:
                placed = _before_wall(placed, _DEEP[token])
        elif token not in _FLAT:
            _shade_under(stage, prop.x, prop.z, 0.95 * prop.scale)
        lift = max(0.0, 1 - prop.scale) * _EYE_LEVEL if token in _AT_EYE_LEVEL else 0.0
        stage.label = number
        place_prop(stage, scene, placed, _raised(lift), dark=True, indoors=True)
        stage.label = -1
    for somebody in scene.figures:
        _shade_under(stage, somebody.x, somebody.z, 0.5)
    place_figures(stage, scene, _floor, dark=True)
    for stain in scene.stains:
        _spot(
            stage,
            stain.x,
            stain.z,
            stain.radius * 1.5,
            paint(stain_colour(stain.kind), Material.STAIN).dim(0.6),
            0.012,
        )


def _raised(lift: float) -> Ground:
    """A floor that things stand above: what is hung small still hangs at eye level."""
    return lambda _x, _z: lift


def _floor(_x: float, _z: float) -> float:
    return 0.0


def _before_wall(prop: SceneProp, away: float) -> SceneProp:
    """Moved away from the wall it faces away from."""
    dx, dz = -math.sin(prop.yaw) * away, -math.cos(prop.yaw) * away
    return prop.model_copy(update={"x": prop.x + dx, "z": prop.z + dz})


def _shade_under(stage: Stage, x: float, z: float, radius: float) -> None:
    _spot(stage, x, z, radius * 1.25, paint("000000", Material.PATCH), 0.008)


def _spot(stage: Stage, x: float, z: float, radius: float, what: Paint, height: float) -> None:
    r = radius
    shape = Shape(casts=False).face([(-r, 0, -r), (r, 0, -r), (r, 0, r), (-r, 0, r)], what)
    stage.place(shape, x, height, z)


def dress(stage: Stage, scene: SceneFacts, plan: Plan) -> None:
    """What such a place has anyway: doors along a corridor, pipes overhead, a chair, a trolley."""
    random = Random(f"{scene.place_seed}|dress")
    taken = [(p.x, p.z) for p in scene.props]

    def is_free(x: float, z: float, room: float) -> bool:
        return all(math.hypot(x - px, z - pz) > room for px, pz in taken) and math.hypot(x, z) > 2.5

    if plan.long:
        z = 2.4 + random.uniform(0, 2)
        while z < plan.north - 2:
            for side in (-1, 1):
                if random.random() < 0.6 and is_free(side * plan.half, z, 2.0):
                    x, zz, yaw = plan.against_wall(side * (plan.half - 0.3), z)
                    if abs(abs(x) - plan.half) < 0.2:
                        _stand(stage, scene, props_indoor.door, "", random, x, zz, yaw)
            z += random.uniform(3.6, 5.4)
    _end_door(stage, scene, plan, random)
    if is_old(scene):
        _beams(stage, plan)
    else:
        _overhead(stage, scene, plan)
    roomy = round(plan.half * plan.north / 7)
    for _ in range(max(9, roomy) if not plan.long else 4):
        side = random.choice((-1, 1))
        x, z = side * (plan.half - 0.55), random.uniform(3.5, max(4.0, plan.north - 1.5))
        maker = random.choice(_LEFT_ABOUT_THEN if is_old(scene) else _LEFT_ABOUT)
        if maker in _AGAINST_WALLS and plan.long:
            continue
        if is_free(x, z, 2.0):
            along = (
                side * math.pi / 2 if maker in _AGAINST_WALLS else random.uniform(-0.8, 0.8) + side
            )
            _shade_under(stage, x, z, 0.6)
            _stand(stage, scene, maker, random.choice(("", "fallen")), random, x, z, along)
            taken.append((x, z))
    if not is_old(scene):
        _papers(stage, random, plan)


def _papers(stage: Stage, random: Random, plan: Plan) -> None:
    """Sheets on the floor."""
    shape = Shape(casts=False)
    for _ in range(random.randint(6, 22)):
        x, z = random.uniform(-0.9, 0.9) * plan.half, random.uniform(2, max(3, plan.north - 1))
        a = random.uniform(0, 3.1)
        c, s = math.cos(a) * 0.15, math.sin(a) * 0.15
        corners = (
            (x - c, z - s),
            (x + s * 1.4, z - c * 1.4),
            (x + c, z + s),
            (x - s * 1.4, z + c * 1.4),
        )
        sheet = paint("b9b7a8").dim(random.uniform(0.6, 1.0))
        shape.face([(px, 0.012, pz) for px, pz in corners], sheet, two_sided=True)
    stage.place(shape, 0, 0, 0)


def _end_door(stage: Stage, scene: SceneFacts, plan: Plan, random: Random) -> None:
    """A door in the far wall, where nothing hangs."""
    hung = [
        plan.against_wall(p.x, p.z)
        for p in scene.props
        if nearest_token(p.token, indoors=True) in HUNG
    ]
    taken = [x for x, z, _ in hung if abs(z - plan.north) < 0.5]
    for x in (0.0, -plan.half * 0.6, plan.half * 0.6):
        if all(abs(x - other) > 1.9 for other in taken):
            _stand(stage, scene, props_indoor.door, "", random, x, plan.north - 0.06, 0.0)
            return


def _stand(
    stage: Stage,
    scene: SceneFacts,
    maker: Callable[[Setting], Shape],
    state: str,
    random: Random,
    x: float,
    z: float,
    yaw: float,
) -> None:
    old = is_old(scene)
    shape = maker(Setting(state, random, dark=True, indoors=True, threat=0, turn=0, old=old))
    stage.place(shape, x, 0, z, yaw)


def _beams(stage: Stage, plan: Plan) -> None:
    """Beams across the ceiling."""
    oak = paint("4a3b2b", Material.BARK, second="20180f")
    shape = Shape(casts=False)
    z = 0.9
    while z < plan.north:
        shape.box((0, plan.height - 0.22, z), (plan.half * 2, 0.22, 0.2), oak)
        z += 1.8
    stage.place(shape, 0, 0, 0)


def _overhead(stage: Stage, scene: SceneFacts, plan: Plan) -> None:
    rust = paint("6a5a4c" if scene.biome == "bunker" else "7f8c88", Material.METAL, second="4a2412")
    shape = Shape(casts=False)
    for x, y, r in (
        (plan.half - 0.28, plan.height - 0.30, 0.11),
        (plan.half - 0.55, plan.height - 0.22, 0.06),
    ):
        z = -2.4
        while z < plan.north - 0.1:
            shape.tube((x, y, z), (x, y, min(z + 2.4, plan.north)), r, rust, sides=8, caps=False)
            shape.tube((x, y, z), (x, y, z + 0.08), r * 1.35, rust.dim(0.8), sides=8)
            z += 2.4
    if scene.biome == "bunker" or plan.long:
        stage.place(shape, 0, 0, 0)
