"""Somebody who is there: who they are says what they wear, their pose how they stand.

Nobody has a face, and nobody is brightly lit: a figure is noticed second.
"""

import math
from dataclasses import dataclass
from random import Random
from types import MappingProxyType
from typing import Final

from app.engine.providers.offline.painter.figure_beasts import beast
from app.engine.providers.offline.painter.figure_forms import (
    Joints,
    Stance,
    loft,
    skull,
    stand,
    trunk,
)
from app.engine.providers.offline.painter.mesh import Material, Shape, paint


@dataclass(frozen=True)
class Dress:
    """What somebody wears and carries."""

    coat: str
    legs: str = "15191b"
    hem: float = 0.62
    """How far above the ground the coat ends."""
    flare: float = 0.03
    head: str = "2b231d"
    hat: str = ""
    carries: str = ""
    thin: float = 1.0
    tall: float = 1.0


_DRESSES: Final = MappingProxyType(
    {
        "stranger": Dress("1b2124"),
        "orderly": Dress("8d918a", hem=0.50, hat="cap", carries="tray"),
        "soldier": Dress("3b3e2e", "2b2e23", hem=0.80, hat="hood", carries="lamp_rifle"),
        "guard": Dress("262d31", hem=0.82, hat="peak", carries="rifle"),
        "woman": Dress("2c2a30", "1a191c", hem=0.06, flare=0.17, hat="hair"),
        "keeper": Dress("5b4d23", "2e2a1c", hem=0.34, flare=0.08, hat="souwester", carries="lamp"),
        "drowned": Dress("4b5853", "3a4541", hem=0.70, head="5d6862", hat="weed", thin=0.84),
        "child": Dress("3a3436", hem=0.42, flare=0.07, hat="hair", tall=0.66),
        "worker": Dress("4a4033", "2c2f33", hem=0.84, hat="peak"),
    }
)
_WORDS: Final = MappingProxyType(
    {
        "orderly": "doctor nurse scientist surgeon medic attendant coat",
        "soldier": "patrol trooper commando sweeper",
        "guard": "officer warden police sentry watchman",
        "woman": "girl lady widow mother bride wife",
        "keeper": "fisherman sailor mariner steersman oilskin captain ferryman boatman",
        "drowned": "wraith dead thing ghost corpse shape pale creature crew",
        "child": "boy kid",
        "worker": "driver farmer mechanic miner shepherd clerk trucker",
    }
)
_KINDS: Final = MappingProxyType(
    {word: kind for kind, words in _WORDS.items() for word in (kind, *words.split())}
)
_BEASTS: Final = ("dog", "hound", "wolf", "animal", "beast", "coyote", "cat")

_STANCES: Final = MappingProxyType(
    {
        "standing": Stance(),
        "walking": Stance((0.42, -0.40), (0.12, 0.34), (-0.38, 0.36), (0.25, 0.30), 0.08, 0.1),
        "running": Stance((0.85, -0.55), (0.75, 0.95), (-0.8, 0.8), (1.2, 1.3), 0.26, -0.1),
        "raised": Stance(arms=(0.1, 2.7), elbows=(0.2, 0.2)),
        "reaching": Stance((0.18, -0.16), (0.1, 0.1), (1.25, 1.1), (0.25, 0.3), 0.14, 0.2),
        "aiming": Stance((0.15, -0.15), (0.05, 0.1), (1.35, 1.2), (0.15, 0.5), 0.05),
        "crouched": Stance((1.55, 1.0), (2.1, 2.2), (0.9, 0.7), (0.9, 0.8), 0.55, 0.1, 0.14),
        "sitting": Stance((1.5, 1.45), (1.5, 1.5), (0.6, 0.5), (0.7, 0.8), 0.12, 0.4, 0.12),
        "bent": Stance((0.1, -0.1), (0.15, 0.2), (0.35, 0.25), (0.2, 0.2), 0.5, 0.7),
    }
)
_SAME: Final = MappingProxyType(
    {
        "waving": "raised",
        "crouching": "crouched",
        "hiding": "crouched",
        "kneeling": "crouched",
        "fleeing": "running",
        "working": "bent",
        "searching": "bent",
    }
)
_ON_THE_GROUND: Final = frozenset(("lying", "dead", "asleep", "fallen", "down"))
_WAITING: Final = (("walking", 1.25), ("standing", 0.0), ("walking", -1.3), ("standing", 0.8))
"""Whoever is still some way off: a pose, and how far it is turned from the eye."""
_FLAME: Final = "ffd894"
FIGURES: Final = tuple(_DRESSES)
"""Everybody who is drawn as themselves."""
POSES: Final = (*_STANCES, "lying", "waiting")


def kinds(figure: str) -> tuple[str, ...]:
    """The other words by which a figure is known."""
    return tuple(_WORDS.get(figure, "").split())


def kind_of(token: str) -> str:
    """Who of those that are drawn a token means."""
    for word in reversed(token.lower().replace("-", "_").replace(" ", "_").split("_")):
        kind = _KINDS.get(word) or _KINDS.get(word.removesuffix("s"))
        if kind is not None:
            return kind
    return "stranger"


def figure(token: str, pose: str, random: Random, *, dark: bool) -> tuple[Shape, float]:
    """A figure of a token in a pose, and how far it is turned from who looks."""
    token, pose = token.lower(), pose.lower()
    if any(word in token for word in _BEASTS):
        return beast(flip=random.random() < 0.5), 0.0
    turned = random.uniform(-0.35, 0.35)
    if pose == "waiting":
        pose, turned = random.choice(_WAITING)
    dress = _DRESSES[kind_of(token)]
    if pose in _ON_THE_GROUND:
        return _lying(dress), random.choice((1.3, -1.4, 1.8))
    if pose in ("walking", "running") and abs(turned) < 1:
        turned = 0.55 if turned > 0 else -0.55
    stance = _STANCES.get(_SAME.get(pose, pose), _STANCES["standing"])
    return _upright(dress, stance, dark=dark), turned


def _upright(dress: Dress, stance: Stance, *, dark: bool) -> Shape:
    shape = Shape(facing=True)
    # Cloth drinks the light of a torch: in the dark nobody is more than half seen.
    coat = paint(dress.coat, Material.CLOTH).dim(0.5 if dark else 1.0)
    if dress.carries in ("lamp", "lamp_rifle"):
        stance = Stance(
            stance.legs, stance.knees, (stance.arms[0], 0.55), (stance.elbows[0], 0.75),
            stance.lean, stance.bow, stance.spread,
        )  # fmt: skip
    at = stand(shape, stance, paint(dress.legs, Material.CLOTH).dim(0.6), coat, thin=dress.thin)
    # A long coat cannot reach below the knees of whoever crouches.
    hem = dress.hem if at.hips[1] > 0.8 else max(0.12, at.hips[1] - 0.25)
    trunk(shape, at, hem, dress.flare, coat, dress.thin)
    skull(shape, at, paint(dress.head))
    _cover(shape, dress, at, dark=dark)
    _carry(shape, dress, at, dark=dark)
    return shape


def _cover(shape: Shape, dress: Dress, at: Joints, *, dark: bool) -> None:
    """Hat, hood or hair."""
    x, y, z = at.head
    if dress.hat == "cap":
        loft(shape, [((x, y + 0.11, z), 0.10, 0.115), ((x, y + 0.2, z), 0.09, 0.10)],
             paint("9a9d96", Material.CLOTH))  # fmt: skip
        mask = paint("7f8680", Material.CLOTH)
        loft(shape, [((x, y - 0.05, z - 0.03), 0.06, 0.06), ((x, y + 0.03, z - 0.03), 0.08, 0.08)],
             mask)  # fmt: skip
    elif dress.hat == "peak":
        cloth = paint("1d2225", Material.CLOTH)
        loft(shape, [((x, y + 0.10, z), 0.10, 0.12), ((x, y + 0.20, z), 0.125, 0.13)], cloth)
        shape.box((x, y + 0.10, z - 0.15), (0.16, 0.02, 0.10), cloth.dim(0.5))
    elif dress.hat == "hood":
        hood = paint("33362a", Material.CLOTH)
        loft(shape, [((x, y - 0.12, z + 0.02), 0.13, 0.13), ((x, y + 0.05, z + 0.01), 0.115, 0.13),
                     ((x, y + 0.2, z + 0.02), 0.08, 0.09)], hood)  # fmt: skip
        snout = paint("101314", Material.METAL)
        shape.tube((x, y + 0.0, z - 0.10), (x, y - 0.05, z - 0.2), 0.05, snout, end=0.045, sides=8)
        for side in (-0.045, 0.045):
            shape.box((x + side, y + 0.06, z - 0.12), (0.05, 0.05, 0.03),
                      paint("20282a", Material.GLASS, second="8fa6a0"))  # fmt: skip
    elif dress.hat == "hair":
        hair = paint("17120e", Material.CLOTH)
        loft(shape, [((x, y - 0.10, z + 0.07), 0.09, 0.06), ((x, y + 0.06, z + 0.035), 0.10, 0.10),
                     ((x, y + 0.2, z + 0.02), 0.06, 0.07)], hair)  # fmt: skip
    elif dress.hat == "souwester":
        oil = paint(dress.coat, Material.CLOTH).dim(0.5 if dark else 1.0)
        loft(shape, [((x, y + 0.08, z + 0.05), 0.19, 0.23), ((x, y + 0.12, z + 0.02), 0.11, 0.12),
                     ((x, y + 0.23, z + 0.01), 0.075, 0.085)], oil)  # fmt: skip
    elif dress.hat == "weed":
        weed = paint("1a221c")
        for k in range(7):
            a = k * 0.9
            top = (x + math.cos(a) * 0.06, y + 0.17, z + math.sin(a) * 0.06)
            low = (x + math.cos(a) * 0.12, y - 0.14 - (k % 3) * 0.07, z + math.sin(a) * 0.11)
            shape.line(top, low, 0.045, weed)


def _carry(shape: Shape, dress: Dress, at: Joints, *, dark: bool) -> None:
    x, y, z = at.hands[1]
    if dress.carries in ("lamp", "lamp_rifle"):
        glass = paint(_FLAME, Material.GLOW, glow=1.3) if dark else paint("2a3030", Material.GLASS)
        shape.line((x, y, z), (x, y - 0.12, z), 0.02, paint("101010"))
        shape.box((x, y - 0.34, z), (0.11, 0.2, 0.11), glass)
        shape.box((x, y - 0.15, z), (0.13, 0.05, 0.13), paint("15181a"))
        if dark:
            shape.bulb((x, y - 0.25, z - 0.1), _FLAME, 0.9, 3.5, 0.9)
    if dress.carries in ("rifle", "lamp_rifle"):
        sx, sy, sz = at.shoulders[0]
        shape.line((sx + 0.28, sy - 0.55, sz + 0.17), (sx - 0.02, sy + 0.32, sz + 0.15), 0.05,
                   paint("0d0f10"))  # fmt: skip
    if dress.carries == "tray":
        lx, ly, lz = at.hands[0]
        shape.box((lx, ly - 0.16, lz), (0.05, 0.26, 0.2), paint("5d6360", Material.METAL))


def _lying(dress: Dress) -> Shape:
    """On the ground, one knee drawn up; its length runs from side to side."""
    upright = _upright(dress, Stance(legs=(0.1, 0.5), knees=(0.05, 0.9)), dark=False)
    shape = Shape(facing=True)
    shape.points = [(y - 0.9, max(0.02, 0.16 - z), x) for x, y, z in upright.points]
    shape.counts, shape.paints = upright.counts, upright.paints
    shape.two_sided = [True] * len(upright.counts)
    return shape


def scale_of(token: str) -> float:
    """How tall a figure is beside others."""
    return _DRESSES[kind_of(token)].tall
