"""What can be seen, as plain data: the painter's and the image prompt's only source.

Lengths are metres, angles radians, hours 0-24. World coordinates: x east, z north, y up;
yaw 0 looks north (+z) and grows to the east. Everything stands in the world; the camera moves.
"""

from typing import Annotated

from pydantic import Field

from app.models.base import Model
from app.models.vocabulary import Biome, Surroundings, Weather


class Camera(Model):
    """Where the player stands and looks in the present place."""

    x: float = 0.0
    z: float = 0.0
    yaw: float = 0.0
    roll: float = 0.0
    pitch: float = 0.0
    """Rows of a 768-row picture by which the horizon is shifted down (a fall looks up)."""


class SceneProp(Model):
    """A thing that stands in the scene; `token` names how it is painted."""

    token: str
    x: float
    z: float
    yaw: float = 0.0
    state: str = ""
    scale: float = 1.0


class SceneFigure(Model):
    """Somebody who is there, at a place in the world."""

    token: str
    x: float
    z: float
    pose: str = "standing"


class Stain(Model):
    """A mark on the ground or floor."""

    x: float
    z: float
    radius: float = 0.8
    kind: str = "blood"


class SceneFacts(Model):
    """One frame. Equal facts and painter version give equal pixels."""

    biome: Biome
    place: str
    place_seed: int
    seed: int
    turn: int
    """Seeds what changes from frame to frame only: grain, rain, the jitter of a torch."""
    hour: Annotated[float, Field(ge=0, le=24)] = 12.0
    weather: Weather = "clear"
    threat: Annotated[float, Field(ge=0, le=1)] = 0.0
    flashlight: bool = False
    camera: Camera = Camera()
    props: tuple[SceneProp, ...] = ()
    figures: tuple[SceneFigure, ...] = ()
    stains: tuple[Stain, ...] = ()
    dead: bool = False
    """The last frame of a run that ended in death: dark and red."""
    palette: str = "tape"
    """The grade of the world pack's style."""
    surroundings: Surroundings | None = None
    """What lies beyond the place; None is what goes with its biome."""
    year: int | None = None
    """Whose things are there: before electric light there are other lamps, walls and streets."""
    width: Annotated[int, Field(ge=64, le=4096)] = 1024
    height: Annotated[int, Field(ge=64, le=4096)] = 768
