"""How faces look within their outlines: rust, boards, bricks, windows, wire, by material."""

from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np

from app.engine.providers.offline.painter.arrays import FLOAT, Array, smoothstep
from app.engine.providers.offline.painter.mesh import Material
from app.engine.providers.offline.painter.noise import Noise


@dataclass(frozen=True)
class Spots:
    """Some pixels of one material: where on their faces they lie."""

    u: Array
    """Metres along the face from its first corner."""
    v: Array
    """Metres up from its first corner."""
    run: Array
    """Metres along the face by the world's measure, so that joined faces share one texture."""
    x: Array
    y: Array
    z: Array
    cx: Array
    cz: Array
    """The middle of a square patch on the floor."""
    long: Array
    high: Array
    owner: Array
    """A number that tells things of one kind apart."""
    ahead: Array
    noise: Noise
    lit_share: float
    """Which share of the windows has light in it."""


@dataclass(frozen=True)
class Look:
    """What a material does to the pixels: brightness, the share of the second colour, glow."""

    tone: Array
    second: Array
    glow: Array | float = 0.0
    cover: Array | float = 1.0


Painter = Callable[[Spots], Look]


def look_of(material: int, spots: Spots) -> Look:
    """The look of pixels of a material."""
    return _PAINTERS.get(material, _plain)(spots)


def _mottle(s: Spots, scale: float, depth: float) -> Array:
    shade = s.noise.fractal(s.u * FLOAT(scale) + s.owner * FLOAT(1.7), s.v * FLOAT(scale))
    return 1 + (shade - FLOAT(0.5)) * FLOAT(depth * 2)


def _none(s: Spots) -> Array:
    return np.zeros_like(s.u)


def _plain(s: Spots) -> Look:
    dirt = smoothstep(0.5, 0.0, s.v) * FLOAT(0.16)
    return Look(_mottle(s, 0.9, 0.42) - dirt, _none(s))


def _metal(s: Spots) -> Look:
    streak = s.noise.fractal(s.u * FLOAT(0.9) + s.owner * FLOAT(2.3), s.v * FLOAT(0.28))
    rust = smoothstep(0.56, 0.70, streak) * FLOAT(0.85)
    return Look(_mottle(s, 1.3, 0.25), rust)


def _planks(s: Spots) -> Look:
    board = np.floor(s.u * FLOAT(5.5))
    joint = s.u * FLOAT(5.5) - board < 0.10
    each = s.noise.cells(board + s.owner * 3, s.v * FLOAT(0.0))
    grain = s.noise.fractal(s.u * FLOAT(5), s.v * FLOAT(0.35))
    return Look(
        (FLOAT(0.6) + each * FLOAT(0.4) + grain * FLOAT(0.4)) * (1 - joint * FLOAT(0.5)), _none(s)
    )


def _brick(s: Spots) -> Look:
    course = np.floor(s.v * FLOAT(9))
    shifted = s.u * FLOAT(3.6) + np.mod(course, 2) * FLOAT(0.5)
    mortar = (s.v * FLOAT(9) - course < 0.16) | (shifted - np.floor(shifted) < 0.07)
    each = s.noise.cells(shifted + s.owner, course)
    near = np.exp(s.ahead * FLOAT(-1 / 18))
    tone = _mottle(s, 0.35, 0.35) * (1 + (each - FLOAT(0.5)) * FLOAT(0.7) * near)
    return Look(tone, mortar * near * FLOAT(0.75))


def _facade(s: Spots) -> Look:
    """A wall with rows of framed windows: dark panes with a sheen, some of them lit."""
    columns = np.maximum(1, np.round(s.long / FLOAT(2.7)))
    storeys = np.maximum(1, np.round(s.high / FLOAT(3.2)))
    a, b = s.u / s.long * columns, s.v / s.high * storeys
    i, j = np.floor(a), np.floor(b)
    du, dv = np.abs(a - i - FLOAT(0.5)), b - j
    inside = (du < 0.27) & (dv > 0.30) & (dv < 0.80)
    frame = (du < 0.31) & (dv > 0.27) & (dv < 0.83) & ~inside
    sash = inside & ((np.abs(du) < 0.018) | (np.abs(dv - FLOAT(0.58)) < 0.014))
    sill = (du < 0.34) & (dv > 0.245) & (dv <= 0.28)
    key = s.noise.cells(i + s.owner * 5, j * FLOAT(1.3) + s.owner * 3)
    lit = inside & ~sash & (key > 1 - 0.5 * s.lit_share - 0.18 * (s.lit_share > 0))
    boarded = inside & (key < 0.26)
    pane = inside & ~boarded & ~sash
    sheen = FLOAT(0.10) + smoothstep(0.35, 0.8, dv + (a - i) * FLOAT(0.25)) * FLOAT(0.30) * key
    stain = smoothstep(0.52, 0.68, s.noise.fractal(s.u * FLOAT(0.5) + s.owner, s.v * FLOAT(0.10)))
    tone = _mottle(s, 0.25, 0.35) * (1 - stain * FLOAT(0.35))
    base = smoothstep(0.7, 0.2, s.v) * FLOAT(0.3)
    tone = tone * (1 - base)
    course = np.abs(dv) < 0.025
    tone = np.where(course, tone * FLOAT(0.72), tone)
    tone = np.where(pane, sheen, tone)
    tone = np.where(boarded, FLOAT(0.45) + FLOAT(0.2) * np.floor(np.mod(s.v * 5, 2)), tone)
    tone = np.where(sill, FLOAT(1.25), tone)
    glow = np.where(lit, FLOAT(0.55) + key * FLOAT(0.35), FLOAT(0))
    return Look(tone, (frame | sash).astype(FLOAT), glow)


def _corrugated(s: Spots) -> Look:
    near = np.exp(s.ahead * FLOAT(-1 / 14))
    wave = np.sin(s.u * FLOAT(38)) * FLOAT(0.22) * near
    rust = smoothstep(0.52, 0.68, s.noise.fractal(s.u * FLOAT(0.6) + s.owner, s.v * FLOAT(0.25)))
    seam = np.mod(s.v, FLOAT(1.2)) < 0.03
    return Look((_mottle(s, 0.6, 0.25) + wave) * (1 - seam * FLOAT(0.3)), rust * FLOAT(0.8))


def _leaves(s: Spots) -> Look:
    clump = s.noise.fractal(s.u * FLOAT(1.9) + s.owner * FLOAT(3.1), s.v * FLOAT(1.9))
    fine = s.noise.grit(s.u * FLOAT(8) + s.owner, s.v * FLOAT(8))
    tone = FLOAT(0.25) + clump * FLOAT(0.85) + (fine - FLOAT(0.5)) * FLOAT(0.9)
    return Look(np.clip(tone, 0.08, 2), smoothstep(0.55, 0.7, clump) * FLOAT(0.5))


def _stripes(s: Spots) -> Look:
    band = np.mod((s.u + s.v) * FLOAT(3.2), 1) < 0.5
    return Look(_mottle(s, 1.5, 0.3), band.astype(FLOAT))


def _sign(s: Spots) -> Look:
    """A board with a coloured head and worn lines that stay short of being words."""
    t = s.v / s.high
    head = t > 0.70
    row = np.floor(t * FLOAT(9))
    ink = (t < 0.62) & (t > 0.10) & (np.mod(row, 2) < 0.5)
    dash = s.noise.grit(s.u * FLOAT(9) + s.owner, row) > 0.42
    inset = (s.u > s.long * FLOAT(0.10)) & (s.u < s.long * FLOAT(0.90))
    border = (s.u < 0.03) | (s.u > s.long - FLOAT(0.03)) | (t < 0.03) | (t > 0.97)
    tone = _mottle(s, 1.6, 0.3) * np.where((ink & dash & inset) | border, FLOAT(0.25), FLOAT(1))
    return Look(tone, head.astype(FLOAT) * FLOAT(0.95))


def _glass(s: Spots) -> Look:
    t = np.clip(s.v / s.high, 0, 1) * (s.high > 0.11)
    streak = smoothstep(
        0.08, 0.0, np.abs(np.mod(s.u * FLOAT(0.8) + s.v * FLOAT(0.5), 1) - FLOAT(0.4))
    )
    return Look(
        FLOAT(0.6) + t * FLOAT(0.5) + streak * FLOAT(0.4), t * FLOAT(0.45) + streak * FLOAT(0.2)
    )


def _glow(s: Spots) -> Look:
    return Look(np.ones_like(s.u), _none(s), np.ones_like(s.u))


def _bark(s: Spots) -> Look:
    ridge = s.noise.fractal(s.u * FLOAT(4.5) + s.owner * FLOAT(1.3), s.v * FLOAT(0.6))
    return Look(FLOAT(0.35) + ridge * FLOAT(1.3), smoothstep(0.58, 0.7, ridge) * FLOAT(0.5))


def _rock(s: Spots) -> Look:
    layer = s.noise.fractal(s.u * FLOAT(0.35), s.v * FLOAT(2.2) + s.owner)
    grain = s.noise.grit(s.u * FLOAT(7), s.v * FLOAT(7))
    return Look(FLOAT(0.45) + layer * FLOAT(0.8) + (grain - FLOAT(0.5)) * FLOAT(0.4), _none(s))


def _cloth(s: Spots) -> Look:
    fold = s.noise.fractal(s.u * FLOAT(2.2) + s.owner * FLOAT(2.1), s.v * FLOAT(1.1))
    return Look(FLOAT(0.4) + fold * FLOAT(1.2), _none(s))


def _mesh(s: Spots) -> Look:
    """Chain link: wires when near, an even veil when they are finer than the pixels."""
    a, b = (s.u + s.v) * FLOAT(9), (s.u - s.v) * FLOAT(9)
    off = np.minimum(np.abs(np.mod(a, 1) - FLOAT(0.5)), np.abs(np.mod(b, 1) - FLOAT(0.5)))
    wire = smoothstep(0.17, 0.07, off)
    blur = smoothstep(7, 24, s.ahead)
    cover = wire * FLOAT(0.95) * (1 - blur) + FLOAT(0.30) * blur
    return Look(np.ones_like(s.u), _none(s), 0.0, cover)


def _shade(s: Spots) -> Look:
    fold = s.noise.fractal(s.u * FLOAT(1.3) + s.owner, s.v * FLOAT(1.3))
    return Look(FLOAT(0.6) + fold * FLOAT(0.8), _none(s))


def _tiled_wall(s: Spots) -> Look:
    """Painted below, tiled above, a red stripe between; runs and chips with age."""
    near = np.exp(s.ahead * FLOAT(-1 / 9))
    joint = (np.mod(s.run, FLOAT(0.30)) < 0.014) | (np.mod(s.y, FLOAT(0.30)) < 0.014)
    each = s.noise.cells(s.run / FLOAT(0.30), s.y / FLOAT(0.30))
    broad = s.noise.fractal(s.run * FLOAT(0.45), s.y * FLOAT(0.30))
    drip = s.noise.value(s.run * FLOAT(3.1), s.y * FLOAT(0.22)) * smoothstep(0.6, 2.6, s.y)
    rust = smoothstep(0.52, 0.82, drip * FLOAT(0.9) + broad * FLOAT(0.42))
    tone = (FLOAT(0.72) + broad * FLOAT(0.5)) * (1 + (each - FLOAT(0.5)) * FLOAT(0.22) * near)
    tone = tone * (1 - joint * near * FLOAT(0.45))
    tone = np.where(s.y < 1.05, tone * FLOAT(0.62), tone)
    tone = tone * (1 - smoothstep(0.14, 0.10, s.y) * FLOAT(0.55))
    lost = (each > 0.80) & (broad < 0.47) & (s.y > 1.1)
    tone = np.where(lost, tone * FLOAT(0.55), tone)
    return Look(tone, rust * FLOAT(0.8))


def _bare_wall(s: Spots) -> Look:
    """Cast concrete: board marks, tie holes, seams, water."""
    near = np.exp(s.ahead * FLOAT(-1 / 10))
    seam = (np.mod(s.run, FLOAT(1.45)) < 0.022) | (np.abs(s.y - FLOAT(1.25)) < 0.012)
    hole = (np.abs(np.mod(s.run, FLOAT(0.725)) - FLOAT(0.36)) < 0.03) & (
        np.abs(np.mod(s.y, FLOAT(0.62)) - FLOAT(0.31)) < 0.03
    )
    broad = s.noise.fractal(s.run * FLOAT(0.40), s.y * FLOAT(0.5))
    drip = s.noise.value(s.run * FLOAT(2.6), s.y * FLOAT(0.18)) * smoothstep(0.2, 2.4, s.y)
    tone = (FLOAT(0.55) + broad * FLOAT(0.85)) * (1 - (seam | hole) * near * FLOAT(0.5))
    boards = s.noise.cells(s.run * FLOAT(0.0), s.y * FLOAT(8))
    tone = tone * (1 + (boards - FLOAT(0.5)) * FLOAT(0.16))
    return Look(
        tone, smoothstep(0.50, 0.80, drip * FLOAT(0.85) + broad * FLOAT(0.42)) * FLOAT(0.75)
    )


def _tiled_floor(s: Spots) -> Look:
    near = np.exp(s.ahead * FLOAT(-1 / 8))
    joint = (np.mod(s.x, FLOAT(0.6)) < 0.016) | (np.mod(s.z, FLOAT(0.6)) < 0.016)
    check = np.mod(np.floor(s.x / FLOAT(0.6)) + np.floor(s.z / FLOAT(0.6)), 2)
    broad = s.noise.fractal(s.x * FLOAT(0.33), s.z * FLOAT(0.33))
    litter = smoothstep(0.84, 0.90, s.noise.value(s.x * FLOAT(4.1), s.z * FLOAT(4.1))) * broad
    tone = (FLOAT(0.62) + FLOAT(0.24) * check + (broad - FLOAT(0.5)) * FLOAT(0.9)) * (
        1 - joint * near * FLOAT(0.5)
    )
    return Look(np.clip(tone, 0.15, 1.6) * (1 - litter * FLOAT(0.9)), _none(s))


def _bare_floor(s: Spots) -> Look:
    near = np.exp(s.ahead * FLOAT(-1 / 8))
    broad = s.noise.fractal(s.x * FLOAT(0.30), s.z * FLOAT(0.30))
    seam = (np.mod(s.z, FLOAT(2.9)) < 0.03) | (np.mod(s.x + FLOAT(0.7), FLOAT(2.9)) < 0.03)
    crack = smoothstep(
        0.010, 0.003, np.abs(s.noise.fractal(s.x * FLOAT(0.5) + 3, s.z * FLOAT(0.5)) - FLOAT(0.5))
    )
    grit = s.noise.grit(s.x * FLOAT(9), s.z * FLOAT(9)) - FLOAT(0.5)
    tone = FLOAT(0.45) + broad * FLOAT(0.95) + grit * FLOAT(0.35) * near
    return Look(
        np.clip(tone, 0.12, 1.6) * (1 - (seam * FLOAT(0.4) + crack * FLOAT(0.35)) * near), _none(s)
    )


def _ceiling(s: Spots) -> Look:
    """Panels in a grid, some stained, some gone."""
    near = np.exp(s.ahead * FLOAT(-1 / 12))
    joint = (np.mod(s.x, FLOAT(1.2)) < 0.035) | (np.mod(s.z, FLOAT(1.2)) < 0.035)
    each = s.noise.cells(s.x / FLOAT(1.2), s.z / FLOAT(1.2))
    broad = s.noise.fractal(s.x * FLOAT(0.5), s.z * FLOAT(0.5))
    tone = (FLOAT(0.60) + broad * FLOAT(0.6)) * (1 - joint * near * FLOAT(0.45))
    gone = each > 0.72
    return Look(
        np.where(gone, tone * FLOAT(0.10), tone), smoothstep(0.55, 0.68, broad) * FLOAT(0.6)
    )


def _cave(s: Spots) -> Look:
    """Broken rock: beds, chips with a lit and a dark side, seams of damp."""
    # Around the tunnel and along it: no face is seen along a direction in which nothing changes.
    a, b = s.z + s.y * FLOAT(0.3), np.arctan2(s.y - FLOAT(0.8), s.x) * FLOAT(2.6)
    layer = s.noise.fractal(a * FLOAT(0.35), b * FLOAT(0.8))
    chip = s.noise.fractal(a * FLOAT(1.9), b * FLOAT(1.9))
    relief = chip - s.noise.fractal(a * FLOAT(1.9) + FLOAT(0.05), b * FLOAT(1.9) - FLOAT(0.09))
    grain = s.noise.grit(a * FLOAT(8), b * FLOAT(8)) - FLOAT(0.5)
    crack = smoothstep(0.018, 0.004, np.abs(layer - FLOAT(0.5)))
    close = np.exp(s.ahead * FLOAT(-1 / 5))
    grain = grain + (s.noise.grit(a * FLOAT(23), b * FLOAT(23)) - FLOAT(0.5)) * close * FLOAT(1.6)
    tone = FLOAT(0.30) + layer * FLOAT(0.8) + relief * FLOAT(6.0) + grain * FLOAT(0.3)
    return Look(
        np.clip(tone, 0.10, 1.9) * (1 - crack * FLOAT(0.55)),
        smoothstep(0.58, 0.72, layer) * FLOAT(0.4),
    )


def _masonry(s: Spots) -> Look:
    """Courses of uneven stones: each its own tone, dark between them, damp at the foot."""
    sway = s.noise.value(s.run * FLOAT(1.3), s.y * FLOAT(1.3)) * FLOAT(0.22)
    course = np.floor((s.y + sway) * FLOAT(4.2))
    wide = FLOAT(1.5) + s.noise.cells(course, np.floor(s.run * FLOAT(0.7))) * FLOAT(1.3)
    along = s.run * wide + np.mod(course * FLOAT(0.37), 1) + sway * 2
    stone = np.floor(along)
    gap = (np.mod((s.y + sway) * FLOAT(4.2), 1) < 0.13) | (along - stone < 0.08)
    near = np.exp(s.ahead * FLOAT(-1 / 22))
    each = s.noise.cells(stone + s.owner, course)
    broad = s.noise.fractal(s.run * FLOAT(0.5), s.y * FLOAT(0.5))
    rough = s.noise.fractal(s.run * FLOAT(3.1), s.y * FLOAT(3.1))
    tone = FLOAT(0.45) + broad * FLOAT(0.6) + rough * FLOAT(0.4)
    tone = tone * (1 + (each - FLOAT(0.5)) * FLOAT(0.55) * near)
    damp = smoothstep(0.9, 0.1, s.v) * FLOAT(0.25)
    return Look(tone * (1 - damp), gap * near * FLOAT(0.8))


def _patch(s: Spots) -> Look:
    """Darkest in the middle of the face, gone at its edge."""
    away = np.hypot(s.x - s.cx, s.z - s.cz) / (s.long * FLOAT(0.5))
    return Look(np.zeros_like(s.u), _none(s), 0.0, smoothstep(1.0, 0.35, away) * FLOAT(0.62))


def _stain(s: Spots) -> Look:
    away = np.hypot(s.x - s.cx, s.z - s.cz) / (s.long * FLOAT(0.5))
    ragged = away + (s.noise.value(s.x * FLOAT(3), s.z * FLOAT(3)) - FLOAT(0.5)) * FLOAT(0.9)
    return Look(np.ones_like(s.u), _none(s), 0.0, smoothstep(0.75, 0.62, ragged) * FLOAT(0.92))


_PAINTERS: Final = MappingProxyType(
    {
        Material.PLAIN: _plain,
        Material.METAL: _metal,
        Material.PLANKS: _planks,
        Material.BRICK: _brick,
        Material.FACADE: _facade,
        Material.CORRUGATED: _corrugated,
        Material.LEAVES: _leaves,
        Material.STRIPES: _stripes,
        Material.SIGN: _sign,
        Material.GLASS: _glass,
        Material.GLOW: _glow,
        Material.BARK: _bark,
        Material.ROCK: _rock,
        Material.CLOTH: _cloth,
        Material.MESH: _mesh,
        Material.WATER: _glass,
        Material.SHADE: _shade,
        Material.TILED_WALL: _tiled_wall,
        Material.BARE_WALL: _bare_wall,
        Material.TILED_FLOOR: _tiled_floor,
        Material.BARE_FLOOR: _bare_floor,
        Material.CEILING: _ceiling,
        Material.CAVE: _cave,
        Material.PATCH: _patch,
        Material.STAIN: _stain,
        Material.MASONRY: _masonry,
    }
)
