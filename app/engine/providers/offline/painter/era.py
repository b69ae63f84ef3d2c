"""What a thing looked like before electric light, and when that was."""

from types import MappingProxyType
from typing import Final

from app.models.scene import SceneFacts

_ELECTRIC_SINCE: Final = 1925
_THEN: Final = MappingProxyType(
    {
        "barrels": "casks",
        "buildings": "crofts",
        "cabinet": "dresser",
        "fence": "stone_wall",
        "floodlight": "lantern",
        "generator": "apparatus",
        "lab": "croft",
        "mast": "flagstaff",
        "sign": "notice_board",
        "lamp": "standing_lantern",
        "poles": "stone_wall",
        "searchlight": "lantern",
        "shed": "croft",
        "street_lamp": "lantern",
        "tank": "cask",
        "tank_glass": "lens",
    }
)


def is_old(scene: SceneFacts) -> bool:
    """Whether a scene is from before electric light."""
    return scene.year is not None and scene.year < _ELECTRIC_SINCE


def token_then(token: str, *, high_up: bool = False) -> str:
    """What stood there in place of a thing that was not yet made."""
    if high_up and token == "fence":  # noqa: S105 - a painter's word
        return "railing"
    return _THEN.get(token, token)
