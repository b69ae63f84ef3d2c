"""The simulated world's state, kept with every turn. Clients never see it."""

from typing import Annotated

from pydantic import Field

from app.models.base import Model
from app.models.scene import Camera
from app.models.session import Choice
from app.models.vocabulary import Biome, Weather

FlagValue = bool | int | str
MAX_GROWN_PLACES = 24
MAX_GROWN_PROPS = 48
MAX_GROWN_PEOPLE = 12
MAX_GROWN_FACTS = 40
MAX_GROWN_ITEMS = 12
MAX_GROWN_WAYS = 40


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


class GrownFact(Model):
    """A sentence that became true while a session was played."""

    text: str
    about: str = ""
    """A target: `prop:gate`, `place:grown_4`, ...; empty: the world as such."""
    turn: int


class GrownPlace(Model):
    """A place that a session added to its world."""

    id: str
    name: str
    biome: Biome
    indoor: bool = False
    text: str
    """What one sees on first coming there."""
    kit: str = ""
    """Whose words it is told in: a place of the kit, or empty for the biome's own."""
    col: int
    row: int
    turn: int


class GrownWay(Model):
    """A way between two places, open in both directions."""

    origin: str
    to: str
    label: str
    kit: str = ""
    """The place of the kit whose words tell of going there."""


class GrownProp(Model):
    """A thing that a session added to a place."""

    id: str
    name: str
    text: str
    """What one notices of it."""
    place: str
    """Where it stands; empty: it is, or was, carried."""
    look: str = ""
    """A look of the kit; empty: it is not painted."""
    portable: bool = False
    states: tuple[str, ...] = ("as_found",)
    x: float = 0.0
    z: float = 0.0
    kit: str = ""
    """The thing of the kit that it is, or empty."""


class GrownPerson(Model):
    """Somebody whom a session added to its world."""

    id: str
    name: str
    text: str
    manner: str
    """friendly, wary, or hostile: then an agent of the same id walks the map."""
    place: str
    figure: str = "stranger"
    x: float = 0.0
    z: float = 0.0


class GrownItem(Model):
    """A small thing that was come by, and stood nowhere before."""

    id: str
    name: str


class Grown(Model):
    """What a session has added to its world: fact from then on, and never taken back.

    Bounded. Replaced as a whole when something is added, so that what is made of it can be kept
    for as long as it is the same object.
    """

    count: int = 0
    """How many ids were given: `grown_<n>`."""
    facts: Annotated[tuple[GrownFact, ...], Field(max_length=MAX_GROWN_FACTS)] = ()
    places: Annotated[tuple[GrownPlace, ...], Field(max_length=MAX_GROWN_PLACES)] = ()
    ways: Annotated[tuple[GrownWay, ...], Field(max_length=MAX_GROWN_WAYS)] = ()
    props: Annotated[tuple[GrownProp, ...], Field(max_length=MAX_GROWN_PROPS)] = ()
    people: Annotated[tuple[GrownPerson, ...], Field(max_length=MAX_GROWN_PEOPLE)] = ()
    items: Annotated[tuple[GrownItem, ...], Field(max_length=MAX_GROWN_ITEMS)] = ()
    furnished: tuple[str, ...] = ()
    """Places that the rules have already looked after."""


class Offer(Model):
    """A choice as offered, with the action that it stands for."""

    choice: Choice
    action: str
    """`go:<from>:<to>`, `do:<prop>:<affordance>`, `event:<storylet>:<affordance>`, `hide:<place>`,
    `flee:<agent>`, ...; ids of the compiled world. `own:<kind>:<target>` for a narrator's idea."""
    target: str = ""
    own: str | None = None
    """A narrator's own idea, which no pack has an outcome for: the kind of deed that it is."""


class PendingEvent(Model):
    """Choices that a storylet opened, and the turn after which they are gone."""

    storylet: str
    expires: int


class WorldState(Model):
    """Everything that the rules need to make the next turn. Bounded by the size of the pack, and
    of what may grow."""

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
    grown: Grown | None = None
    """What this session added to its world; None: nothing yet."""
