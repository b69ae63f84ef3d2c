"""Where a thing that is added to a place stands: before the player, and beside what is there."""

import math
from typing import Final

from app.engine.world.compiled import Compiled
from app.models.world import Grown

_NEAR: Final = (
    (-3.4, 9.0), (3.8, 11.0), (-6.5, 14.0), (7.0, 15.5), (1.2, 13.5), (-10.5, 19.0), (11.5, 21.0),
    (-2.4, 18.5), (4.6, 23.0), (-7.5, 26.0),
)  # fmt: skip
_FAR: Final = ((-9.5, 27.0), (10.5, 31.0), (-1.5, 38.0), (-20.0, 40.0), (21.0, 44.0), (5.0, 52.0))
_INDOORS: Final = (
    (-1.3, 4.6), (1.4, 5.6), (-0.9, 7.4), (1.1, 8.8), (-1.5, 10.2), (0.3, 6.5), (1.5, 12.0),
    (-0.4, 13.5),
)  # fmt: skip
_APART, _APART_INDOORS = 2.6, 1.3


def free_spot(
    world: Compiled, grown: Grown, place: str, *, far: bool = False
) -> tuple[float, float]:
    """The first spot with room around it, as the place is seen on coming in; the world's metres.

    `grown` may be ahead of `world` in what stands there.
    """
    setting = world.settings[place]
    home = setting.camera
    spots = _INDOORS if setting.indoor else _FAR if far else _NEAR
    apart = _APART_INDOORS if setting.indoor else _APART
    taken = [(prop.x, prop.z) for prop in setting.scenery]
    for prop in setting.props:
        views = (view for (name, _), view in world.prop_views.items() if name == prop)
        taken += [(view.x, view.z) for view in views]
    taken += [(one.x, one.z) for one in grown.props if one.place == place]
    taken += [(one.x, one.z) for one in grown.people if one.place == place]

    def at(aside: float, ahead: float) -> tuple[float, float]:
        sin, cos = math.sin(home.yaw), math.cos(home.yaw)
        return (
            round(home.x + ahead * sin + aside * cos, 1),
            round(home.z + ahead * cos - aside * sin, 1),
        )

    found = [at(*spot) for spot in spots]
    return max(
        found,
        key=lambda spot: (
            min((math.dist(spot, one) for one in taken), default=math.inf) >= apart,
            -found.index(spot),
        ),
    )
