"""A dog or a wolf: a flat outline that turns to the eye."""

from typing import Final

from app.engine.providers.offline.painter.mesh import Material, Outline, Paint, Shape, paint

_DARK: Final[Paint] = paint("0d1214", Material.SHADE)
_TRUNK: Final[Outline] = (
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


def beast(*, flip: bool) -> Shape:
    """An animal that has seen somebody."""
    side = -1.0 if flip else 1.0
    shape = Shape(facing=True)
    shape.card([(x * side, y) for x, y in _TRUNK], _DARK)
    for x in (-0.44, -0.30, 0.22, 0.38):
        leg = ((x, 0.66), (x + 0.12, 0.66), (x + 0.08, 0.3), (x + 0.12, 0.0), (x + 0.02, 0.0))
        shape.card([(u * side, v) for u, v in (*leg, (x + 0.01, 0.3))], _DARK)
    return shape
