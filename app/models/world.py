"""The simulated world's state, kept with every turn. Clients never see it."""

from typing import Annotated

from pydantic import Field

from app.models.base import Model
from app.models.scene import Camera
from app.models.session import Choice
from app.models.vocabulary import Weather

FlagValue = bool | int | str


class Injury(Model):
    """A lasting hurt, with the words a player reads."""

    id: str
    part: str
    text: str


class AgentState(Model):
    """Where somebody is and what they are about."""

    place: str
    state: str
    """asleep, roaming, alert, near, here: one rung a turn at most."""
    target: str | None = None
    """The place where it last knew the player to be."""
    since: int = 0
    """The turn in which `state` last changed."""
    grace: int = 0
    """Until this turn it comes no closer than alert."""
    x: float | None = None
    """Where it stands in the player's present place while it can be seen."""
    z: float | None = None


class Offer(Model):
    """A choice as offered, with the action that it stands for."""

    choice: Choice
    action: str
    """`go:<from>:<to>`, `do:<prop>:<affordance>`, `event:<storylet>:<affordance>`, `hide:<place>`,
    `flee:<agent>`, ...; ids of the compiled pack."""
    target: str = ""
    own: str | None = None
    """A narrator's own idea, when the slot is not the pack's."""


class PendingEvent(Model):
    """Choices that a storylet opened, and the turn after which they are gone."""

    storylet: str
    expires: int


class WorldState(Model):
    """Everything that the rules need to make the next turn. Bounded by the pack's size."""

    place: str
    minutes: int
    """World time in minutes since midnight of the first day."""
    health: int = 100
    weather: Weather = "clear"
    qualities: dict[str, int] = {}
    items: tuple[str, ...] = ()
    uses: dict[str, int] = {}
    flags: dict[str, FlagValue] = {}
    injuries: tuple[Injury, ...] = ()
    props: dict[str, str] = {}
    clocks: dict[str, int] = {}
    agents: dict[str, AgentState] = {}
    cameras: dict[str, Camera] = {}
    visited: dict[str, int] = {}
    """Place to the turn of the last visit."""
    used: dict[str, int] = {}
    """Text id to the turn in which it was last told."""
    cooldowns: dict[str, int] = {}
    """Action to the first turn in which it may be offered again."""
    storylets: dict[str, int] = {}
    arcs: dict[str, int] = {}
    beats: tuple[str, ...] = ()
    pending: tuple[PendingEvent, ...] = ()
    recent: tuple[str, ...] = ()
    """The last actions, oldest first."""
    prev_kind: str = ""
    excl: tuple[str, ...] = ()
    """What the last dispatch spoke of: the next one does not contradict it."""
    came_from: str | None = None
    encounter: int = 0
    """The turn in which somebody was last here or hit; the director's memory."""
    torch: int = 0
    """Turns for which the light has burnt since it last cost battery."""
    passed_over: dict[str, int] = {}
    """Action to how often it was offered and not taken since it last changed."""
    queue: tuple[str, ...] = ()
    """What did not fit and waits for the next turn: ids of texts, or sentences."""
    known: tuple[str, ...] = ()
    """Ids of facts that have been revealed."""
    threads: tuple[str, ...] = ()
    summary: str = ""
    """A rolling summary of bounded length."""
    last_dispatches: Annotated[tuple[str, ...], Field(max_length=3)] = ()
    offers: tuple[Offer, ...] = ()
    offered_series: int = 0
    """How often choices were made for this turn: regenerating counts up, so ids differ."""
    ending: str | None = None
