"""`elsewhere pictures`: a page of what the built-in illustrator paints, for people to look at.

The painter is imported only when something is painted: `elsewhere serve` never carries NumPy.
"""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final, get_args

from app.engine.world.loader import load_world
from app.engine.world.world import World
from app.models.scene import SceneFacts
from app.models.vocabulary import Biome, Weather
from app.models.world import AgentState, WorldState

if TYPE_CHECKING:
    from app.engine.providers.offline.painter.contact_sheet import Exhibit

_HOURS: Final = (7, 14, 22)
_HUNTED_AT: Final = 20
_HUNTER_METRES: Final = 12.0
_HUNTER_METRES_INDOORS: Final = 7.0
_SEED: Final = 1


def biomes_page(folder: Path, biomes: tuple[str, ...], weathers: tuple[str, ...]) -> Path:
    """Biomes by hours by weathers; empty means all of them."""
    from app.engine.providers.offline.painter.contact_sheet import sheet, write

    known: tuple[Biome, ...] = get_args(Biome)
    skies: tuple[Weather, ...] = get_args(Weather)
    shown = sheet(
        [biome for biome in known if not biomes or biome in biomes],
        [weather for weather in skies if not weathers or weather in weathers],
    )
    return write(folder, "Biomes by hours and weathers", shown)


def world_page(folder: Path, pack: Path) -> Path:
    """Every place of a pack at three hours, and with its hunters near. Raises `PackError`."""
    from app.engine.providers.offline.painter.contact_sheet import write

    world = load_world(pack)
    return write(folder, world.pack.title, _places(world))


def _places(world: World) -> Iterator["Exhibit"]:
    from app.engine.providers.offline.painter.contact_sheet import Exhibit

    begun = world.begin(_SEED).world
    for place, setting in world.compiled.settings.items():
        for hour in _HOURS:
            state = begun.model_copy(update={"place": place, "minutes": hour * 60})
            yield Exhibit(f"{place}-{hour}", f"{setting.name}, {hour} h", _frame(world, state))
        hunted = begun.model_copy(update={"place": place, "minutes": _HUNTED_AT * 60})
        for name, body in world.compiled.bodies.items():
            yield Exhibit(
                f"{place}-{name}",
                f"{setting.name}: {body.spec.name} is here",
                _frame(world, _with_hunter(world, hunted, name)),
            )


def _frame(world: World, state: WorldState) -> SceneFacts:
    return world.scene(state, seed=_SEED, turn=state.minutes // 60)


def _with_hunter(world: World, state: WorldState, name: str) -> WorldState:
    """The same state with somebody before the player."""
    setting = world.compiled.settings[state.place]
    camera = setting.camera
    away = _HUNTER_METRES_INDOORS if setting.indoor else _HUNTER_METRES
    here = AgentState(
        place=state.place,
        state="here",
        x=round(camera.x + away * math.sin(camera.yaw + 0.12), 1),
        z=round(camera.z + away * math.cos(camera.yaw + 0.12), 1),
    )
    return state.model_copy(update={"agents": {**state.agents, name: here}})
