"""Stands everything of the facts in the world, and what grows or lies there by nature."""

from collections.abc import Callable
from math import cos, hypot, sin
from random import Random
from types import MappingProxyType

import numpy as np

from app.engine.providers.offline.painter.era import is_old, token_then
from app.engine.providers.offline.painter.figures import figure, scale_of
from app.engine.providers.offline.painter.kin import MAKERS, nearest_token
from app.engine.providers.offline.painter.relief import Relief
from app.engine.providers.offline.painter.scatter import spread
from app.engine.providers.offline.painter.setting import Part, Setting
from app.engine.providers.offline.painter.stage import Stage
from app.models.scene import SceneFacts, SceneProp

_SIGHT = 420.0
_ON_POSTS = MappingProxyType({"board": "sign"})
"""What hangs on a wall indoors, and stands on its own outdoors."""
Ground = Callable[[float, float], float]


def furnish(stage: Stage, scene: SceneFacts, relief: Relief, *, dark: bool) -> None:
    """Props and figures of the facts, then the wild around them."""
    for stage.label, prop in enumerate(scene.props):
        place_prop(stage, scene, prop, relief.ground, dark=dark, indoors=False)
    stage.label = -1
    if scene.biome == "fence" and not any(_encloses(prop.token) for prop in scene.props):
        wire = SceneProp(token="fence", x=0.0, z=13.0)  # noqa: S106 - a painter's word
        place_prop(stage, scene, wire, relief.ground, dark=dark, indoors=False)
    place_figures(stage, scene, relief.ground, dark=dark)
    clear = [(p.x, p.z) for p in scene.props if p.token not in ("fence", "poles", "mast")]
    wild = spread(
        relief, scene.place_seed, stage.eye, dark=dark, weather=scene.weather, old=is_old(scene)
    )
    seen = [part for part in wild if _matters(part, scene, clear)]
    grounds = relief.grounds(
        np.array([part.x for part in seen]), np.array([part.z for part in seen])
    )
    for part, ground in zip(seen, grounds.tolist(), strict=True):
        stage.place(part.shape, part.x, ground, part.z, part.yaw, part.scale)


def _encloses(token: str) -> bool:
    """Whether a prop is what such a place is named for, or what it keeps people out of."""
    return nearest_token(token, indoors=False) in ("fence", "gate", "lab", "stone_wall", "railing")


def _matters(part: Part, scene: SceneFacts, clear: list[tuple[float, float]]) -> bool:
    """Whether a wild thing is where the eye or its shadow could be, and no prop stands in it."""
    camera = scene.camera
    dx, dz = part.x - camera.x, part.z - camera.z
    ahead = dx * sin(camera.yaw) + dz * cos(camera.yaw)
    aside = dx * cos(camera.yaw) - dz * sin(camera.yaw)
    if ahead < -8 or abs(aside) > ahead * 0.85 + 16:
        return False
    return not any(hypot(part.x - x, part.z - z) < 1.6 for x, z in clear)


def place_prop(
    stage: Stage, scene: SceneFacts, prop: SceneProp, ground: Ground, *, dark: bool, indoors: bool
) -> None:
    """One prop, or its kin, at its place."""
    token = nearest_token(prop.token, indoors=indoors)
    random = Random(f"{scene.place_seed}|{prop.token}|{prop.x:.2f}|{prop.z:.2f}")
    old = is_old(scene)
    if not indoors and token in _ON_POSTS:
        token = _ON_POSTS[token]
    if old:
        token = token_then(token, high_up=scene.biome == "rooftop")
    setting = Setting(prop.state, random, dark, indoors, scene.threat, scene.turn, old)
    made = MAKERS[token](setting)
    parts = made if isinstance(made, list) else [Part(made, 0.0, 0.0)]
    scale = max(0.05, min(20.0, prop.scale))
    c, s = cos(prop.yaw), sin(prop.yaw)
    for part in parts:
        x = prop.x + (part.x * c + part.z * s) * scale
        z = prop.z + (-part.x * s + part.z * c) * scale
        if hypot(x - stage.eye[0], z - stage.eye[1]) < _SIGHT:
            yaw = 0.0 if part.shape.facing else prop.yaw + part.yaw
            stage.place(part.shape, x, ground(x, z), z, yaw, scale * part.scale)


def place_figures(stage: Stage, scene: SceneFacts, ground: Ground, *, dark: bool) -> None:
    """Everybody who is there."""
    for somebody in scene.figures:
        random = Random(f"{scene.place_seed}|{somebody.token}|{somebody.x}|{somebody.z}")
        shape, turned = figure(somebody.token, somebody.pose, random, dark=dark)
        scale = random.uniform(0.97, 1.08) * scale_of(somebody.token)
        if hypot(somebody.x - stage.eye[0], somebody.z - stage.eye[1]) < _SIGHT:
            stage.place(
                shape, somebody.x, ground(somebody.x, somebody.z), somebody.z, turned, scale
            )
