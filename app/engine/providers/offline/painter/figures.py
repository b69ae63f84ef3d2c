"""Somebody who is there: an uneven silhouette that stands in the world and is never quite lit."""

from types import MappingProxyType
from typing import Final

from app.engine.providers.offline.painter.mesh import Material, Outline, Paint, Shape, paint

_DARK: Final = paint("0d1214", Material.SHADE)
_COAT: Final = paint("12191b", Material.SHADE)
_PALE: Final = paint("3b4341", Material.SHADE)

_HEAD: Final = (
    (0.02, 1.86),
    (0.11, 1.82),
    (0.14, 1.71),
    (0.10, 1.61),
    (0.05, 1.57),
    (0.05, 1.50),
    (-0.06, 1.50),
    (-0.05, 1.58),
    (-0.10, 1.63),
    (-0.11, 1.74),
    (-0.07, 1.83),
)
_TRUNK: Final = (
    (0.05, 1.54),
    (0.16, 1.49),
    (0.25, 1.42),
    (0.26, 1.15),
    (0.21, 0.90),
    (0.25, 0.62),
    (0.14, 0.57),
    (-0.05, 0.60),
    (-0.20, 0.55),
    (-0.22, 0.92),
    (-0.27, 1.16),
    (-0.24, 1.40),
    (-0.14, 1.50),
    (-0.06, 1.54),
)
_LEGS: Final = (
    (
        (-0.19, 0.70),
        (0.01, 0.70),
        (-0.03, 0.40),
        (-0.07, 0.06),
        (-0.05, 0.0),
        (-0.20, 0.0),
        (-0.18, 0.08),
        (-0.20, 0.40),
    ),
    (
        (0.01, 0.70),
        (0.22, 0.70),
        (0.20, 0.42),
        (0.15, 0.10),
        (0.20, 0.03),
        (0.05, 0.02),
        (0.06, 0.40),
    ),
)
_ARM_DOWN: Final = (
    (-0.24, 1.41),
    (-0.15, 1.36),
    (-0.24, 1.05),
    (-0.29, 0.74),
    (-0.27, 0.63),
    (-0.34, 0.60),
    (-0.38, 0.74),
    (-0.34, 1.08),
    (-0.29, 1.33),
)
_ARM_BENT: Final = (
    (0.24, 1.43),
    (0.15, 1.38),
    (0.25, 1.06),
    (0.33, 0.92),
    (0.46, 0.99),
    (0.50, 0.93),
    (0.36, 0.80),
    (0.31, 1.08),
    (0.30, 1.34),
)
_ARM_RAISED: Final = (
    (0.18, 1.44),
    (0.25, 1.36),
    (0.45, 1.52),
    (0.50, 1.83),
    (0.56, 1.95),
    (0.48, 1.98),
    (0.40, 1.60),
)
_ARM_REACH: Final = (
    (0.20, 1.44),
    (0.22, 1.33),
    (0.52, 1.30),
    (0.80, 1.33),
    (0.80, 1.40),
    (0.50, 1.41),
)
_CROUCH: Final = (
    (0.0, 1.12),
    (0.12, 1.05),
    (0.13, 0.92),
    (0.24, 0.84),
    (0.34, 0.55),
    (0.40, 0.18),
    (0.36, 0.0),
    (-0.32, 0.0),
    (-0.36, 0.30),
    (-0.30, 0.66),
    (-0.20, 0.86),
    (-0.12, 0.93),
    (-0.11, 1.06),
)
_LYING: Final = (
    (-0.95, 0.0),
    (0.98, 0.0),
    (0.98, 0.15),
    (0.60, 0.17),
    (0.1, 0.27),
    (-0.40, 0.32),
    (-0.62, 0.22),
    (-0.70, 0.29),
    (-0.88, 0.26),
    (-0.96, 0.12),
)
_POSES: Final = MappingProxyType(
    {
        "standing": (_ARM_DOWN, _ARM_BENT),
        "watching": (_ARM_DOWN, _ARM_BENT),
        "raised": (_ARM_DOWN, _ARM_RAISED),
        "waving": (_ARM_DOWN, _ARM_RAISED),
        "reaching": (_ARM_DOWN, _ARM_REACH),
        "aiming": (_ARM_DOWN, _ARM_REACH),
        "running": (_ARM_REACH, _ARM_DOWN),
    }
)
_CROUCHING: Final = frozenset(("crouching", "crouched", "hiding", "kneeling", "sitting"))
_ON_THE_GROUND: Final = frozenset(("lying", "dead", "asleep", "fallen", "down"))
_BEASTS: Final = ("dog", "hound", "wolf", "animal", "beast", "coyote", "cat")
_UNIFORMED: Final = ("guard", "patrol", "soldier", "officer", "warden", "police")
_WHITE_COATS: Final = ("orderly", "doctor", "nurse", "scientist", "surgeon")


def figure(token: str, pose: str, *, flip: bool) -> Shape:
    """A figure of a token in a pose; it always turns to face who looks."""
    shape = Shape(facing=True)
    token, pose = token.lower(), pose.lower()
    if any(word in token for word in _BEASTS):
        return _beast(shape, flip=flip)
    if pose in _ON_THE_GROUND:
        return _card(shape, _LYING, flip=flip)
    if pose in _CROUCHING:
        return _card(shape, _CROUCH, flip=flip)
    coat = _PALE if any(word in token for word in _WHITE_COATS) else _COAT
    for leg in _LEGS:
        _card(shape, leg, flip=flip)
    for arm in _POSES.get(pose, (_ARM_DOWN, _ARM_BENT)):
        _card(shape, arm, flip=flip, coat=coat, z=-0.01)
    _card(shape, _TRUNK, flip=flip, coat=coat, z=-0.02)
    _card(shape, _HEAD, flip=flip, z=-0.03)
    if any(word in token for word in _UNIFORMED):
        _card(
            shape,
            ((-0.16, 1.80), (0.17, 1.78), (0.12, 1.86), (0.02, 1.92), (-0.10, 1.87)),
            flip=flip,
            z=-0.04,
        )
        shape.line((0.30, 0.75, -0.05), (0.12, 1.62, 0.05), 0.045, _DARK)
    return shape


def _card(
    shape: Shape, outline: Outline, *, flip: bool, coat: Paint = _DARK, z: float = 0.0
) -> Shape:
    side = -1.0 if flip else 1.0
    return shape.card([(x * side, y) for x, y in outline], coat, z)


def _beast(shape: Shape, *, flip: bool) -> Shape:
    trunk = (
        (-0.45, 0.62),
        (-0.1, 0.55),
        (0.3, 0.58),
        (0.45, 0.70),
        (0.62, 0.86),
        (0.80, 0.80),
        (0.84, 0.88),
        (0.68, 0.98),
        (0.62, 1.06),
        (0.54, 0.98),
        (0.36, 0.86),
        (-0.1, 0.80),
        (-0.48, 0.80),
        (-0.72, 0.95),
        (-0.76, 0.90),
        (-0.54, 0.70),
    )
    _card(shape, trunk, flip=flip)
    for x in (-0.44, -0.30, 0.22, 0.38):
        _card(
            shape,
            (
                (x, 0.66),
                (x + 0.12, 0.66),
                (x + 0.08, 0.3),
                (x + 0.12, 0.0),
                (x + 0.02, 0.0),
                (x + 0.01, 0.3),
            ),
            flip=flip,
        )
    return shape
