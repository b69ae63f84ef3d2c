"""What the rules made of one action: the whole next state, and everything said and seen of it."""

from collections.abc import Callable
from dataclasses import dataclass

from app.models.narration import Ending, Grounding, Wording
from app.models.scene import SceneFacts
from app.models.session import Location, LockedChoice, Player
from app.models.vocabulary import Fate, Movement, Tier, TimeOfDay, Weather
from app.models.world import WorldState


@dataclass(frozen=True, slots=True)
class View:
    """What a player may know of a world's state."""

    player: Player
    location: Location
    time_of_day: TimeOfDay
    weather: Weather
    mood: str
    chaos: int
    situation: str
    threats: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Resolution:
    """One resolved turn, before anybody has worded or painted it."""

    world: WorldState
    """After the turn; its `offers` are the choices that are possible now."""
    view: View
    fate: Fate | None
    tier: Tier | None
    movement: Movement
    hard_transition: bool
    grounding: Callable[[], Grounding]
    """The slice of the world for a model's prompt; made only when it is asked for."""
    outcome: tuple[str, ...]
    """What the action led to, as hard facts."""
    wording: Wording
    scene: SceneFacts
    ending: Ending | None
    improvised: str | None = None
    """What was done, if no pack says what it changes: then effects may be proposed for it."""
    locked: tuple[LockedChoice, ...] = ()
    """What cannot be chosen here yet and shows what to aim for; one at most."""
