"""A pack made ready to play: what is said, what can be done, what may happen, all indexed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from app.engine.world.conditions import ALWAYS, Condition, Fact
from app.engine.world.effects import Ops
from app.engine.world.lexicon import Lexicon
from app.engine.world.pack import Agent, CameraMove, EndingSpec, Hazard, Pack, Storylet
from app.models.scene import Camera, SceneFigure, SceneProp
from app.models.session import CarriedItem, Location
from app.models.vocabulary import ActionKind, Biome, Surroundings, Tier
from app.models.world import GrownPerson, GrownProp

Source = Literal[
    "exit",
    "prop",
    "item",
    "event",
    "answer",
    "flee",
    "hide",
    "rest",
    "watch",
    "look",
    "listen",
    "stock",
    "pace",
    "call",
    "follow",
]
SPARE: Final = frozenset[Source](["look", "listen", "stock", "pace", "call"])
"""Small and true, possible anywhere: for when better choices run out."""


@dataclass(frozen=True, slots=True)
class Said:
    """A text that may be told. `id` comes from the pack's structure and outlives the process."""

    id: str
    text: str
    when: Condition = ALWAYS
    words: int = 0
    excl: frozenset[str] = frozenset()
    varies: bool = False
    """It holds `[one|other]` alternatives."""


@dataclass(frozen=True, slots=True)
class Result:
    """One way in which an action may come out."""

    said: Said
    ops: Ops
    wounds: bool
    """Its effects cost health."""


@dataclass(frozen=True, slots=True)
class Way:
    """What an exit is besides an action."""

    to: str
    minutes: int
    noise: int
    camera: CameraMove
    back_label: str | None
    closed_text: str | None
    told: Mapping[Tier, tuple[Said, ...]]
    open_to_bodies: Condition
    """`needs` without the player's keys: others have their own."""


@dataclass(frozen=True, slots=True)
class Want:
    """One thing that must be got first, and what it is called."""

    holds: Condition
    words: str


@dataclass(frozen=True, slots=True)
class Lock:
    """How an action is shown while it cannot be done for want of something."""

    text: str
    needs: str
    """In the author's words; empty: the names of what is missing."""
    firm: Condition
    """What no looking for things changes. While it fails there is nothing to teach."""
    wants: tuple[Want, ...]


@dataclass(frozen=True, slots=True)
class Action:
    """Anything that can be chosen. Its id is unique in the pack."""

    id: str
    source: Source
    kind: ActionKind
    risk: int
    labels: tuple[Said, ...]
    needs: Condition
    target: str
    place: str = ""
    """The place where it can be done; empty: anywhere."""
    results: Mapping[Tier, tuple[Result, ...]] | None = None
    way: Way | None = None
    once: bool = False
    cooldown: int = 0
    goal: bool = False
    ttl: int = 2
    gated: bool = False
    """It needs something, and what it needs is there now: a reward for having got it."""
    item: bool = False
    """It needs something that is carried."""
    weird: bool = False
    locked_label: str | None = None
    lock: Lock | None = None
    verbs: frozenset[str] = frozenset()
    own: frozenset[str] = frozenset()
    """Of the verbs, those that the author gave it."""
    nouns: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()
    """The content words of its labels."""


@dataclass(frozen=True, slots=True)
class Event:
    """A compiled storylet."""

    spec: Storylet
    when: Condition
    texts: tuple[Said, ...]
    longest: int
    ops: Ops
    choices: tuple[Action, ...]
    paint: tuple[SceneProp, ...]
    excl: frozenset[str]
    place_bound: bool
    follows: int
    """The arc has reached the stage before it: this much, and less than its own."""


@dataclass(frozen=True, slots=True)
class Observed:
    """A compiled observation."""

    said: Said
    ops: Ops


@dataclass(frozen=True, slots=True)
class Setting:
    """A compiled place."""

    id: str
    name: str
    biome: Biome
    indoor: bool
    cover: int
    danger: int
    facts: Mapping[str, Fact]
    location: Location
    seed: int
    camera: Camera
    first: tuple[Said, ...]
    back: tuple[Said, ...]
    observe: tuple[Observed, ...]
    exits: tuple[Action, ...]
    actions: tuple[Action, ...]
    """What can be done with the props here."""
    stays: tuple[Action, ...]
    """Hide, rest and watch."""
    spare: tuple[Action, ...]
    """Looking and listening closer: true and small, for when better choices run out."""
    events: tuple[Event, ...]
    """The storylets that could happen here."""
    lines: Mapping[str, tuple[Said, ...]]
    """The lines that could be told here, by slot, the most specific first."""
    props: tuple[str, ...]
    scenery: tuple[SceneProp, ...]
    nouns: frozenset[str]
    truths: tuple[str, ...]
    """What a model may always be told here."""
    people: tuple[tuple[GrownPerson, SceneFigure], ...] = ()
    """Those who mean no harm, and where they stand."""


@dataclass(frozen=True, slots=True)
class Clock:
    """A compiled hazard."""

    id: str
    spec: Hazard
    ticks: tuple[tuple[Condition, int], ...]
    stages: tuple[tuple[int, Said, Ops], ...]
    full: Ops
    words: str


@dataclass(frozen=True, slots=True)
class Body:
    """A compiled agent."""

    id: str
    spec: Agent
    goals: tuple[tuple[Condition, str, str | None], ...]
    lines: Mapping[str, tuple[Said, ...]]
    answers: tuple[Action, ...]
    flee: Action
    avoids: frozenset[str]
    nouns: frozenset[str]


@dataclass(frozen=True, slots=True)
class End:
    """A compiled ending."""

    spec: EndingSpec
    when: Condition
    texts: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Opening:
    """A compiled intro."""

    id: str
    text: Said
    place: str
    minutes: int
    ops: Ops


@dataclass(frozen=True, slots=True)
class Compiled:
    """The whole pack, compiled. Immutable, shared by all sessions."""

    pack: Pack
    settings: Mapping[str, Setting]
    actions: Mapping[str, Action]
    carried: Mapping[str, tuple[Action, ...]]
    events: Mapping[str, Event]
    clocks: tuple[Clock, ...]
    stages: Mapping[str, tuple[Said, Clock]]
    """The stages of all clocks, by the ids under which they wait to be told."""
    bodies: Mapping[str, Body]
    ends: tuple[End, ...]
    openings: tuple[Opening, ...]
    lucky: tuple[Said, ...]
    unlucky: tuple[Said, ...]
    base_facts: Mapping[str, Fact]
    prop_states: Mapping[str, str]
    """The state in which each prop is found."""
    plurals: frozenset[str]
    """The props that are spoken of as many."""
    prop_views: Mapping[tuple[str, str], SceneProp]
    items: Mapping[str, CarriedItem]
    item_nouns: Mapping[str, frozenset[str]]
    prop_nouns: Mapping[str, frozenset[str]]
    nouns: frozenset[str]
    lexicon: Lexicon
    ways_in: Mapping[str, tuple[tuple[str, Condition | None], ...]]
    """For each place, from where others may come, and what must hold for them to pass, if
    anything must."""
    thresholds: Mapping[str, tuple[tuple[int, int, str], ...]]
    """For each quality, from where to where which words fit it."""
    lines: Mapping[str, tuple[Said, ...]]
    """All lines by slot, wherever they can be told."""
    surroundings: Surroundings
    """What lies around every place: as the author's places have it, whatever grows."""
    grown_props: Mapping[str, GrownProp]
    """What a session added, by id; empty for a world as it was written."""
    grown_people: Mapping[str, GrownPerson]
