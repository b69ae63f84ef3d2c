"""The tape the picture is on: exposure, curve and grade, then the faults of the medium.

The eye sees brightness sharply and colour softly, and so does tape: brightness is worked at full
size, colour at a sixteenth of it.
"""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np
from PIL import Image, ImageFilter

from app.engine.providers.offline.painter.arrays import FLOAT, Array, luma, planar, rgb

_STEPS: Final = (0.0, 0.12, 0.32, 0.58, 0.82, 1.0)
_RAMPS: Final = MappingProxyType(
    {
        "tape": ("060b0c", "0d1b1d", "2b3b3e", "4a7378", "94b4b2", "f2f4ea"),
        "amber": ("0b0805", "1d150c", "43321d", "86683a", "c9a468", "fff3d8"),
        "frost": ("070a10", "111a28", "2f4053", "5b7c96", "a2bfd0", "f6fbff"),
        "moss": ("070a06", "121a10", "313c28", "5c7048", "9db184", "f4f8e6"),
        "rust": ("0b0706", "1f1210", "463029", "86604e", "c79f86", "fff1e6"),
        "mono": ("080808", "161616", "363636", "6c6c6c", "aaaaaa", "f6f6f6"),
    }
)
PALETTES: Final = tuple(_RAMPS)
_BLACK_LEVEL: Final = 13.0
_SPAN: Final = 0.40
"""The least distance between dark and bright parts that the tape is stretched to."""


@dataclass(frozen=True)
class Take:
    """How a frame is filmed."""

    bright: bool
    """Outdoors by day: exposed for brightness."""
    night: bool
    """Outdoors by night: what is dark has lost its colour."""
    palette: str
    threat: float
    dead: bool
    turn: int
    faults: np.random.Generator


def develop(colour: Array, width: int, height: int, take: Take) -> Array:
    """Planar radiance (3, height * width) as an image (height, width, 3) of uint8."""
    sharp = luma(colour).reshape(height, width)
    gain = _exposure(sharp, bright=take.bright)
    bright_table = _tone_table(sharp, gain, take)
    soft = _chroma(colour, width, height, gain, take)
    levels = np.clip(np.sqrt(sharp * FLOAT(gain)) * FLOAT(420), 0, 1023).astype(np.uint16)
    brightness = _tape(bright_table.take(levels), take)
    planes = [Image.fromarray(brightness), *soft]
    return np.asarray(Image.merge("YCbCr", planes).convert("RGB"))


def _exposure(sharp: Array, *, bright: bool) -> float:
    """A camcorder's automatic gain."""
    level = float(np.percentile(sharp[::8, ::8], 68)) + 1e-3
    target = 0.42 if bright else 0.30
    return float(np.clip((target / level) ** 0.62, 0.55, 3.2))


def _curve(x: Array) -> Array:
    """Filmic: a toe, a shoulder, no clipping."""
    result: Array = (
        x * (FLOAT(2.51) * x + FLOAT(0.03)) / (x * (FLOAT(2.43) * x + FLOAT(0.59)) + FLOAT(0.14))
    )
    return result


def _ramp(palette: str) -> Array:
    """The grade as a (256, 3) table over brightness."""
    stops = [rgb(code) for code in _RAMPS.get(palette, _RAMPS["tape"])]
    at = np.arange(256) / 255
    return np.stack([np.interp(at, _STEPS, [s[k] for s in stops]) for k in range(3)], 1).astype(
        FLOAT
    )


def _tone_table(sharp: Array, gain: float, take: Take) -> Array:
    """Brightness on the tape for 1024 root-radiance levels, stretched to enough contrast."""
    level = (np.arange(1024, dtype=FLOAT) / FLOAT(420)) ** 2
    tone = np.clip(_curve(level), 0, 1)
    sample = np.clip(_curve(sharp[::6, ::6] * FLOAT(gain)), 0, 1)
    low, mid, high = (float(v) for v in np.percentile(sample, (4, 50, 96)))
    k = float(np.clip(_SPAN / max(high - low, 0.02), 1.0, 2.6))
    tone = np.clip((tone - mid) * k + min(max(mid, 0.20), 0.49), 0, 1)
    # A stretch must not crush: what falls below the toe is eased back above it.
    tone = np.where(tone < 0.06, 0.03 + tone * 0.5, tone)
    if take.dead:
        tone = tone * FLOAT(0.4)
    return (tone * FLOAT(255)).astype(FLOAT)


def _chroma(
    colour: Array, width: int, height: int, gain: float, take: Take
) -> tuple[Image.Image, Image.Image]:
    """The two colour planes: narrow, graded, and a little beside the brightness."""
    across, down = max(8, width // 8), max(8, height // 2)
    planes = colour.reshape(3, height, width)
    small = np.stack(
        [
            np.asarray(Image.fromarray(plane).resize((across, down), Image.Resampling.BOX))
            for plane in planes[:, ::2]
        ]
    )
    small = np.clip(_curve(np.maximum(small, 0) * FLOAT(gain)), 0, 1)
    level = luma(small)
    graded = _ramp(take.palette)[(level * 255).astype(np.uint8)].transpose(2, 0, 1)
    red = np.clip((small[0] - np.maximum(small[1], small[2]) * FLOAT(1.15)) * 2.2, 0, 1)
    warm = np.clip((small[0] - small[2]) * FLOAT(1.6), 0, 1)
    mix = FLOAT(0.50) * (1 - FLOAT(0.80) * red) * (1 - FLOAT(0.60) * warm)
    if take.night:  # little light, little colour; lamps keep theirs
        mix = mix + (FLOAT(0.85) - mix) * np.clip(1 - level * FLOAT(2.2), 0, 1)
    if take.palette == "mono":
        mix = np.ones_like(level)
    small = small + (graded - small) * mix
    if take.dead:
        small = small * FLOAT(0.4) + planar((0.30, 0.0, 0.0))[..., None] * (
            level * FLOAT(0.9) + FLOAT(0.1)
        )
    small = small.astype(FLOAT)
    y = luma(small)
    blue = (small[2] - y) * FLOAT(0.564 * 255) + 128
    reddish = (small[0] - y) * FLOAT(0.713 * 255) + 128
    shift = max(1, width // 200)
    return _plane(blue, width, height, shift), _plane(reddish, width, height, -shift)


def _plane(values: Array, width: int, height: int, shift: int) -> Image.Image:
    image = Image.fromarray(np.clip(values, 0, 255).astype(np.uint8))
    wide = image.resize((width, height), Image.Resampling.BILINEAR)
    return Image.fromarray(np.roll(np.asarray(wide), shift, axis=1))


def _tape(bright: Array, take: Take) -> Array:
    """Softness, ringing, grain, scan lines, vignette, unsteady lines."""
    height, width = bright.shape
    image = Image.fromarray(np.clip(bright, 0, 255).astype(np.uint8))
    soft = np.asarray(image.filter(ImageFilter.GaussianBlur(width / 1000)), FLOAT)
    narrow = image.resize((max(8, width // 4), height), Image.Resampling.BOX)
    broad = np.asarray(narrow.resize((width, height), Image.Resampling.BILINEAR), FLOAT)
    signal = soft + (soft - broad) * FLOAT(0.55)
    signal *= _window(height, width)
    signal += _grain(height, width, take.faults) * (FLOAT(4.6) - signal * FLOAT(0.008))
    signal += FLOAT(_BLACK_LEVEL * (0.5 if take.dead else 1.0))
    _scar(signal, take)
    return _unsteady(np.clip(signal, 0, 255).astype(np.uint8), take)


def _window(height: int, width: int) -> Array:
    """Vignette and scan lines, one factor for each pixel."""
    x = ((np.arange(width, dtype=FLOAT) - width / 2) / (width * 0.66)) ** 2
    y = ((np.arange(height, dtype=FLOAT) - height / 2) / (height * 0.70)) ** 2
    far = x[None].astype(FLOAT) + y[:, None].astype(FLOAT)
    window = np.clip(FLOAT(1.05) - FLOAT(0.55) * far * np.sqrt(far), 0, 1.05)
    window[::3] *= FLOAT(0.93)
    result: Array = window.astype(FLOAT)
    return result


def _grain(height: int, width: int, random: np.random.Generator) -> Array:
    cells = random.standard_normal(((height + 1) // 2, (width + 1) // 2), dtype=FLOAT)
    return np.repeat(np.repeat(cells, 2, 0), 2, 1)[:height, :width]


def _scar(signal: Array, take: Take) -> None:
    """Dropouts, and a band of lost tracking when something is near."""
    height, width = signal.shape
    random = take.faults
    for _ in range(int(2 + 7 * take.threat)):
        row = int(random.integers(0, height))
        long = int(random.integers(2, max(3, width // 8)))
        column = int(random.integers(0, max(1, width - long)))
        signal[row : row + 1, column : column + long] += 60
    if take.threat > 0.35:
        top, thick = _band(height, take)
        snow = random.random((thick, width), dtype=FLOAT)
        signal[top : top + thick] += (snow > 0.93) * snow * FLOAT(120)


def _band(height: int, take: Take) -> tuple[int, int]:
    top = int(height * (0.12 + 0.7 * ((take.turn * 0.618) % 1)))
    return top, max(1, int(height * 0.02 * take.threat) + 2)


def _unsteady(image: Array, take: Take) -> Array:
    """Lines that start late: a little everywhere, a lot where the heads switch."""
    height, width = image.shape
    random = take.faults
    late = random.normal(0, 0.45, height) + 1.2 * np.sin(np.arange(height) / 61 + take.turn)
    shifts = np.round(late * width / 1024).astype(int)
    tail = min(9, height // 8)
    shifts[-tail:] += np.linspace(4, 40, tail).astype(int) * width // 1024
    if take.threat > 0.35:
        top, thick = _band(height, take)
        shifts[top : top + thick] += random.integers(3, 20, len(shifts[top : top + thick]))
    steady = image.copy()
    for shift in np.unique(shifts).tolist():
        if shift:
            rows = shifts == shift
            steady[rows] = np.roll(image[rows], shift, axis=1)
    noise = random.normal(0, 30, (min(6, height), width))
    steady[-6:] = np.clip(steady[-6:] + noise, 0, 255).astype(np.uint8)
    return steady
