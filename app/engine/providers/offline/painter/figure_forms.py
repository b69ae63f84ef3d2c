"""A body as soft forms: trunk, limbs and head lofted through rings, bent by a stance."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

from app.engine.providers.offline.painter.mesh import Paint, Point, Shape

Ring: TypeAlias = tuple[Point, float, float]
"""A middle, and how far the form reaches aside and ahead of it."""
_SIDES = 9
_THIGH, _SHIN = 0.45, 0.45
_UPPER, _FORE = 0.30, 0.29


@dataclass(frozen=True)
class Stance:
    """How a body is held; angles in radians, forward is positive."""

    legs: tuple[float, float] = (0.05, -0.06)
    knees: tuple[float, float] = (0.05, 0.08)
    arms: tuple[float, float] = (0.05, -0.08)
    elbows: tuple[float, float] = (0.22, 0.35)
    lean: float = 0.03
    bow: float = 0.05
    """How far the head hangs."""
    spread: float = 0.10


@dataclass(frozen=True)
class Joints:
    """Where the parts of a body are."""

    hips: Point
    chest: Point
    neck: Point
    head: Point
    hands: tuple[Point, Point]
    shoulders: tuple[Point, Point]


def loft(shape: Shape, rings: Sequence[Ring], paint: Paint) -> None:
    """A skin over rings from below to above, closed at both ends."""
    skins = [
        [
            (
                at[0] + math.cos(math.tau * k / _SIDES) * wide,
                at[1],
                at[2] + math.sin(math.tau * k / _SIDES) * deep,
            )
            for k in range(_SIDES)
        ]
        for at, wide, deep in rings
    ]
    for low, high in pairwise(skins):
        for k in range(_SIDES):
            n = (k + 1) % _SIDES
            shape.face([low[n], low[k], high[k], high[n]], paint, two_sided=True)
    shape.face(skins[0], paint.dim(0.7), two_sided=True)
    shape.face(skins[-1][::-1], paint, two_sided=True)


def stand(shape: Shape, stance: Stance, legs: Paint, arms: Paint, *, thin: float) -> Joints:
    """Legs and arms of a stance, and where everything else goes."""
    reach = [
        _THIGH * math.cos(leg) + _SHIN * math.cos(leg - knee)
        for leg, knee in zip(stance.legs, stance.knees, strict=True)
    ]
    hips = (0.0, max(reach) + 0.05, 0.0)
    for side, leg, knee in zip((-1, 1), stance.legs, stance.knees, strict=True):
        _leg(shape, hips, side, leg, knee, legs, stance.spread)
    back = math.sin(stance.lean)
    up = math.cos(stance.lean)
    chest = (0.0, hips[1] + 0.42 * up, -0.42 * back)
    neck = (0.0, hips[1] + 0.58 * up, -0.60 * back)
    head = (0.0, neck[1] + 0.10, neck[2] - 0.03 - 0.10 * math.sin(stance.bow))
    shoulders = ((-0.19, neck[1] - 0.08, neck[2]), (0.19, neck[1] - 0.08, neck[2]))
    hands = tuple(
        _arm(shape, shoulders[k], (-1, 1)[k], stance.arms[k], stance.elbows[k], arms, thin)
        for k in (0, 1)
    )
    return Joints(hips, chest, neck, head, (hands[0], hands[1]), shoulders)


def _leg(
    shape: Shape, hips: Point, side: int, leg: float, knee: float, paint: Paint, spread: float
) -> None:
    x = side * spread
    top = (x * 0.9, hips[1] + 0.02, 0.0)
    bend = (x, hips[1] - _THIGH * math.cos(leg), -_THIGH * math.sin(leg))
    foot = (x, bend[1] - _SHIN * math.cos(leg - knee), bend[2] - _SHIN * math.sin(leg - knee))
    loft(
        shape,
        [(foot, 0.055, 0.06), (bend, 0.07, 0.075), (top, 0.10, 0.11)],
        paint,
    )
    sole = paint.dim(0.5)
    shape.box((foot[0], max(0.0, foot[1] - 0.05), foot[2] - 0.06), (0.10, 0.08, 0.25), sole)


def _arm(
    shape: Shape, shoulder: Point, side: int, arm: float, elbow: float, paint: Paint, thin: float
) -> Point:
    x, y, z = shoulder
    bend = (x + side * 0.06, y - _UPPER * math.cos(arm), z - _UPPER * math.sin(arm))
    turn = arm + elbow
    hand = (
        bend[0] - side * 0.02,
        bend[1] - _FORE * math.cos(turn),
        bend[2] - _FORE * math.sin(turn),
    )
    for a, b, r, r2 in ((shoulder, bend, 0.068, 0.055), (bend, hand, 0.055, 0.042)):
        shape.tube(a, b, r * thin, paint, end=r2 * thin, sides=7)
    return hand


def trunk(shape: Shape, at: Joints, hem: float, flare: float, paint: Paint, thin: float) -> None:
    """A coat or a dress from the hem to the neck."""
    hx, hy, hz = at.hips
    waist = (hx, hy + 0.14, hz + (at.chest[2] - hz) * 0.35)
    rings: list[Ring] = []
    if hem < hy - 0.1:
        rings.append(((hx, hem, hz + 0.02), 0.17 + flare, 0.14 + flare))
    rings += [
        ((hx, hy - 0.04, hz), 0.19 * thin, 0.14 * thin),
        (waist, 0.165 * thin, 0.125 * thin),
        (at.chest, 0.215 * thin, 0.145 * thin),
        ((at.neck[0], at.neck[1] - 0.05, at.neck[2]), 0.20 * thin, 0.11 * thin),
        ((at.neck[0], at.neck[1] + 0.02, at.neck[2]), 0.075, 0.075),
    ]
    loft(shape, rings, paint)


def skull(shape: Shape, at: Joints, paint: Paint) -> None:
    """A head, its face without features."""
    x, y, z = at.head
    loft(
        shape,
        [
            ((x, y - 0.06, z + 0.02), 0.05, 0.05),
            ((x, y - 0.03, z - 0.01), 0.065, 0.075),
            ((x, y + 0.06, z), 0.085, 0.10),
            ((x, y + 0.14, z + 0.01), 0.08, 0.095),
            ((x, y + 0.19, z + 0.02), 0.04, 0.05),
        ],
        paint,
    )
