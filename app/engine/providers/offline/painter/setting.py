"""What a maker of props is told of the prop it makes."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import TypeAlias

from app.engine.providers.offline.painter.mesh import Shape


@dataclass(frozen=True)
class Setting:
    """One prop in its frame; `random` is the prop's own and the same in every frame."""

    state: str
    random: Random
    dark: bool
    """Night, or indoors: lamps are on."""
    indoors: bool
    threat: float
    turn: int
    old: bool = False
    """From before electric light."""

    def is_in(self, *states: str) -> bool:
        """Whether the prop is in one of these states."""
        return self.state.lower() in states


@dataclass(frozen=True)
class Part:
    """One shape of a prop that spreads over the ground: each part stands on its own ground."""

    shape: Shape
    x: float
    z: float
    yaw: float = 0.0
    scale: float = 1.0


Maker: TypeAlias = Callable[[Setting], Shape | list[Part]]
