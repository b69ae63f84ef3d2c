"""Paints a place under the sky: sky, land with shadows, what stands on it, and mirrors of it."""

from dataclasses import dataclass

import numpy as np

from app.engine.providers.offline.painter import upscale
from app.engine.providers.offline.painter.arrays import FLOAT, Array, planar, rgb, smoothstep
from app.engine.providers.offline.painter.camera import View
from app.engine.providers.offline.painter.era import is_old
from app.engine.providers.offline.painter.ground import Ground, Surface
from app.engine.providers.offline.painter.light import Lamp, Light, Torch
from app.engine.providers.offline.painter.mirrors import mirror
from app.engine.providers.offline.painter.noise import Noise
from app.engine.providers.offline.painter.outdoor_light import Outdoors, lit_by_lamps
from app.engine.providers.offline.painter.props_shading import Canvas, Seen, lay, no_labels
from app.engine.providers.offline.painter.raster import draw
from app.engine.providers.offline.painter.relief import Relief
from app.engine.providers.offline.painter.shadows import Shadows, throw
from app.engine.providers.offline.painter.sky import haze, paint_sky
from app.engine.providers.offline.painter.stage import Gathered
from app.engine.providers.offline.painter.terrain import Land, survey
from app.models.scene import SceneFacts, Stain

_HAZY = 1000.0


@dataclass(frozen=True)
class Setup:
    """What an outdoor frame is painted from."""

    scene: SceneFacts
    view: View
    light: Light
    relief: Relief
    torch: Torch | None
    lamps: tuple[Lamp, ...]
    things: Gathered | None
    labelled: bool = False


def paint_outdoors(setup: Setup) -> Canvas:
    """The frame before weather and film."""
    view = setup.view
    base = view.base()
    noise = Noise.of(setup.scene.place_seed * 31 + 5)
    land = survey(base, setup.relief)
    lighting = _lighting(setup, base)
    colour, wet = _land_and_sky(setup, base, land, noise, lighting)
    canvas = Canvas(
        upscale.smooth(colour, base, view), upscale.nearest(land.depth.ravel(), base, view)
    )
    if setup.labelled:
        canvas.labels = no_labels(view)
    ground = canvas.depth.copy() if wet is not None else canvas.depth
    if setup.things is not None:
        full = _lighting(setup, view)
        lay(view, canvas, draw(view, setup.things), full, noise, _lit_windows(setup))
    if wet is not None:
        bare = canvas.depth >= ground * FLOAT(0.99)  # nothing stands before the wet there
        mirrors = upscale.nearest(wet, base, view) * bare
        mirror(view, canvas, mirrors, noise, setup.scene.turn)
    return canvas


def _lit_windows(setup: Setup) -> float:
    if setup.light.day:
        return 0.0
    return 0.45 if setup.relief.biome == "rooftop" else 0.22


def _lighting(setup: Setup, view: View) -> Outdoors:
    torch = None if setup.torch is None else setup.torch.at(view)
    return Outdoors(setup.light, view, torch, setup.lamps, haze(view, setup.light))


def _land_and_sky(
    setup: Setup, base: View, land: Land, noise: Noise, lighting: Outdoors
) -> tuple[Array, Array | None]:
    """Colours of the whole base view, (3, height * width), and how much each pixel mirrors."""
    light, scene = setup.light, setup.scene
    # The sky is needed a little below the skyline, where land is only part of a pixel.
    open_rows = int(np.count_nonzero(land.is_sky.reshape(-1, base.width).any(1)))
    rows = max(1, min(base.height, land.top + open_rows + 2))
    if light.visibility < _HAZY:  # land fades into the sky behind it: down to the horizon
        rows = max(rows, min(base.height, int(base.horizons().max()) + 1))
    sky = paint_sky(base, light, noise, scene.hour, rows)
    picture = np.zeros((3, base.height, base.width), FLOAT)
    picture[:, :rows] = sky
    sun = np.array(light.direction, FLOAT)
    surface = Ground(setup.relief, noise, scene.weather, sun, old=is_old(scene)).paint(land)
    _stain(surface, land, noise, scene.stains)
    shadows = throw(base, setup.things, light.direction) if setup.things is not None else None
    lit = _light_land(setup, base, land, surface, shadows, lighting, noise)
    if land.water is not None:
        lit, surface.wet = _sea(setup, land, land.water, lit, noise)
    column = np.tile(np.arange(base.width, dtype=FLOAT), base.height - land.top)
    veil, far = lighting.veil(_thickness(light, land, noise, scene.turn), column, base.width)
    behind = picture[:, land.top :]
    # Before the sky, what is far away fades into the sky that is behind it, whatever its height.
    far = far.copy().reshape(3, -1, base.width)
    far[:, : max(0, rows - land.top)] = behind[:, : max(0, rows - land.top)]
    lit += (far.reshape(3, -1) - lit) * veil
    lit = lit.reshape(3, -1, base.width)
    cover = np.where(land.is_sky.reshape(-1, base.width), FLOAT(0), land.edge)
    picture[:, land.top :] = behind + (lit - behind) * cover
    wet = None
    if surface.wet is not None:
        wet = np.zeros((base.height, base.width), FLOAT)
        wet[land.top :] = np.where(land.is_sky, 0, surface.wet * (1 - veil)).reshape(-1, base.width)
    return picture.reshape(3, -1), wet


def _thickness(light: Light, land: Land, noise: Noise, turn: int) -> Array:
    """Distance as the haze counts it: dust and fog drift in banks."""
    if light.weather not in ("dust", "fog"):
        return land.ahead
    banks = noise.value(land.x / 40 + FLOAT(turn % 64) * FLOAT(0.3), land.z / 40)
    result: Array = land.ahead * (FLOAT(0.7) + FLOAT(0.6) * banks)
    return result


def _light_land(
    setup: Setup,
    base: View,
    land: Land,
    surface: Surface,
    shadows: Shadows | None,
    lighting: Outdoors,
    noise: Noise,
) -> Array:
    light = setup.light
    sx, sy, sz = light.direction
    n = land.normal
    facing = np.clip(n[0] * sx + n[1] * sy + n[2] * sz, 0, 1)
    if light.weather == "clear":
        clouds = noise.fractal(land.x / 210 + FLOAT(setup.scene.hour * 0.9), land.z / 210)
        facing = facing * (FLOAT(0.55) + FLOAT(0.45) * smoothstep(0.58, 0.46, clouds))
    sky = FLOAT(0.78) + FLOAT(0.30) * n[1]
    if shadows is not None:
        at = slice(land.top * base.width, None)
        facing = facing * (1 - shadows.sun[at] * FLOAT(0.9))
        sky = sky * (1 - shadows.sky[at] * FLOAT(0.55))
    received = planar(light.ambient) * sky + planar(light.sunlight()) * facing
    pixel = np.arange(land.top * base.width, base.height * base.width, dtype=np.int64)
    if setup.torch is not None or setup.lamps:
        column = (pixel % base.width).astype(FLOAT)
        row = (pixel // base.width).astype(FLOAT)
        seen = Seen(column, row, land.ahead, land.x, land.y, land.z, n)
        more = lit_by_lamps(seen, lighting.torch, lighting.lamps, base)
        if more is not None:
            received = received + more
    result: Array = surface.colour * (received * surface.relief)
    return result


def _sea(setup: Setup, land: Land, water: Array, lit: Array, noise: Noise) -> tuple[Array, Array]:
    """Water: dark, mirroring more the flatter it is seen, with crests and a broken edge of foam."""
    light = setup.light
    flat = np.clip(land.ahead / 60, 0, 1)
    drift = FLOAT(setup.scene.turn % 64) * FLOAT(0.37)
    wave = noise.fractal(land.x * FLOAT(0.10) + drift, land.z * FLOAT(0.30))
    deep = planar(rgb("16323a")) * planar(light.ambient) * FLOAT(1.1) * (FLOAT(0.6) + wave)
    crest = smoothstep(0.60, 0.72, wave) * np.exp(-land.ahead / 70)
    deep = deep + planar(light.horizon) * (crest * FLOAT(0.20))
    level = FLOAT(setup.relief.sea or 0.0)
    depth = setup.relief.height(land.x, land.z) - level
    swash = -depth + (noise.value(land.x * FLOAT(0.35), land.z * FLOAT(0.35)) - FLOAT(0.5)) * FLOAT(
        0.5
    )
    foam = smoothstep(0.30, 0.05, np.abs(swash - FLOAT(0.12)))
    foam = foam * smoothstep(0.35, 0.6, noise.grit(land.x * 3, land.z * 3))
    total = planar(light.ambient) + planar(light.sunlight()) * FLOAT(0.5)
    deep = deep + (planar(rgb("b9c6c2")) * total - deep) * (foam * FLOAT(0.75))
    mirrored = (FLOAT(0.30) + FLOAT(0.50) * flat) * (1 - foam) * (FLOAT(0.75) + FLOAT(0.5) * wave)
    damp = smoothstep(0.35, 0.02, land.y - level) * FLOAT(0.30) * smoothstep(60, 20, land.ahead)
    colour = np.where(water, deep, lit)
    return colour.astype(FLOAT), np.where(water, np.clip(mirrored, 0, 0.9), damp).astype(FLOAT)


def _stain(surface: Surface, land: Land, noise: Noise, stains: tuple[Stain, ...]) -> None:
    for stain in stains:
        dx, dz = land.x - FLOAT(stain.x), land.z - FLOAT(stain.z)
        away = np.hypot(dx, dz) / FLOAT(max(0.05, stain.radius))
        ragged = away + (noise.value(land.x * 3, land.z * 3) - FLOAT(0.5)) * FLOAT(0.9)
        cover = smoothstep(1.0, 0.75, ragged) * FLOAT(0.85)
        colour = rgb(stain_colour(stain.kind))
        surface.colour = surface.colour + (planar(colour) - surface.colour) * cover


def stain_colour(kind: str) -> str:
    """The colour of a kind of stain; what is not known is dark and wet."""
    known = {
        "blood": "270605",
        "oil": "0b0c0c",
        "soot": "0e0d0c",
        "ash": "6c6a66",
        "rust": "4a2615",
    }
    return known.get(kind, "15181a")
