"""A world pack as types: the shape of the YAML that an author writes (docs/worlds.md).

Unknown fields are errors. Conditions and effects stay data: nothing in a pack is ever executed.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.models.vocabulary import ActionKind, Biome, EndingTone

Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,47}$")]
Scalar = bool | int | float | str
Condition = dict[str, Any]
"""A flat map of fact to value, all of which must hold: a literal, a list (any of),
`">=n"` or `"<=n"`. The key `any` holds a list of conditions of which one must hold."""
Effects = dict[str, Any]
"""What changes: `health: -7`, `item+: flare`, `flag.x: true`, `injury: {id, part, text}`, ..."""
Texts = Annotated[list[str], Field(min_length=1)]


class PackModel(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TextWhen(PackModel):
    """A text and when it fits; the most specific one that holds and is unused is told."""

    text: str
    when: Condition = {}


class Meta(PackModel):
    start_place: Id
    start_hour: Annotated[float, Field(ge=0, lt=24)]
    minutes_per_turn: Annotated[int, Field(ge=1, le=120)] = 11
    target_turns: tuple[int, int] = (20, 40)
    person: Literal["second"] = "second"
    tense: Literal["present"] = "present"
    banned_words: list[str] = []
    dispatch_words: tuple[int, int] = (25, 75)
    grows: bool | None = None
    """Whether a session may add to the world: true, also places, and the rules add some of their
    own accord; unsaid, small things, people and facts that a model proposes; false, nothing."""
    width: Annotated[int, Field(ge=256, le=2048)] = 1024
    height: Annotated[int, Field(ge=256, le=2048)] = 768


class PlayerStart(PackModel):
    role: str
    items: list[Id] = []
    health: Annotated[int, Field(ge=1, le=100)] = 100


class BibleFact(PackModel):
    """Something that is true in this world and never contradicted."""

    id: Id
    text: str
    scope: str = "always"
    """`always`, `place:<id>` or `agent:<id>`."""
    secret: bool = False
    revealed_by: str | None = None
    """The flag that makes a secret known."""


class Quality(PackModel):
    """A number that the story moves by: heat, chaos, evidence, battery, ..."""

    min: int = 0
    max: int = 10
    start: int = 0
    label: str
    visible: bool = False
    polarity: Literal["good", "bad"] = "good"
    thresholds: dict[str, str] = {}
    """`">=3"` to the words the player sees."""


class Item(PackModel):
    name: str
    nouns: Texts
    tags: list[str] = []
    uses: int | None = None
    verbs: list[str] = []
    paint_token: str | None = None
    affordances: "list[Affordance]" = []
    """What can be done with it anywhere, while it is carried."""


class CameraMove(PackModel):
    forward: float = 0.0
    turn: float = 0.0


class View(PackModel):
    """Where the camera stands when a place is entered: metres and radians."""

    x: float = 0.0
    z: float = 0.0
    yaw: float = 0.0
    seed_offset: int = 0


class MapCell(PackModel):
    col: int
    row: int


class Outcome(PackModel):
    """What an action comes to at one tier. The text names its subject."""

    text: str
    fx: Effects = {}
    when: Condition = {}
    reveals: Id | None = None


class Outcomes(PackModel):
    ok: Annotated[list[Outcome], Field(min_length=1)]
    mixed: list[Outcome] = []
    bad: list[Outcome] = []


class Affordance(PackModel):
    """Something that can be done with a prop, or in answer to an event."""

    id: Id
    verbs: Texts
    kind: ActionKind
    risk: Annotated[int, Field(ge=0, le=3)]
    label: Annotated[list[TextWhen], Field(min_length=1)]
    needs: Condition = {}
    locked_label: str | None = None
    """Shown, locked, while `needs` does not hold: it teaches a goal."""
    once: bool = False
    cooldown: Annotated[int, Field(ge=0)] = 0
    goal: bool = False
    """Leads toward an ending; the choice picker favours it."""
    ttl: Annotated[int, Field(ge=1)] = 2
    """Turns that an event's choice stays open."""
    outcomes: Outcomes


class Exit(PackModel):
    to: Id
    label: str
    back_label: str | None = None
    needs: Condition = {}
    noise: Annotated[int, Field(ge=0, le=3)] = 1
    risk: Annotated[int, Field(ge=0, le=3)] = 1
    minutes: Annotated[int, Field(ge=1)] | None = None
    camera: CameraMove = CameraMove(forward=12)
    closed_text: str | None = None
    ok: list[str] = []
    """How the way is told when it goes well; written for this exit, each told once."""
    mixed: list[str] = []
    bad: list[str] = []


class Observation(PackModel):
    """What watching or listening yields; each is spent once."""

    text: str
    fx: Effects = {}
    when: Condition = {}


class Paint(PackModel):
    """How a prop is painted: a token of the illustrator, where it stands, what its states show."""

    token: str
    at: tuple[float, float]
    yaw: float = 0.0
    scale: float = 1.0
    states: dict[str, str] = {}
    """Prop state to the painter's variant."""


class Prop(PackModel):
    name: str
    nouns: Texts
    plural: bool | None = None
    """Whether it is spoken of as many; told from its name unless given."""
    tags: list[str] = []
    paint: Paint | None = None
    states: list[str] = ["as_found"]
    affordances: list[Affordance] = []


class Place(PackModel):
    name: str
    biome: Biome
    indoor: bool = False
    cover: Annotated[int, Field(ge=0, le=3)] = 1
    danger: Annotated[int, Field(ge=0, le=3)] = 1
    props: list[Id] = []
    scenery: list[Paint] = []
    """Painted, never mentioned by a rule: what makes the picture this place."""
    exits: list[Exit] = []
    first: Texts
    back: Texts
    observe: Annotated[list[Observation], Field(min_length=3)]
    watch_label: str = "Keep still and watch"
    hide_label: str
    rest_label: str
    view: View = View()
    map: MapCell
    local_nouns: list[str] = []


class HazardTick(PackModel):
    when: Condition = {}
    by: int = 1


class HazardStage(PackModel):
    text: str
    fx: Effects = {}
    paint: str | None = None


class Hazard(PackModel):
    """A clock that the world runs against the player."""

    segments: Annotated[int, Field(ge=1)]
    tick: list[HazardTick]
    stages: dict[int, HazardStage]
    full: Effects
    visible_as: str
    indoors: bool = True
    """Whether its stages are noticed indoors."""


class Senses(PackModel):
    sight: Annotated[int, Field(ge=0, le=3)] = 1
    sound: Annotated[int, Field(ge=0, le=3)] = 1


class Goal(PackModel):
    when: Condition = {}
    goal: Literal["sleep", "roam", "hunt", "guard", "flee"]
    target: Id | None = None


class AgentLines(PackModel):
    """What is told at each rung of the ladder; the player always has a turn before a hit."""

    heard: list[TextWhen] = []
    near: list[TextWhen] = []
    seen: list[TextWhen] = []
    here: list[TextWhen] = []
    hit: list[TextWhen] = []
    lost: list[TextWhen] = []


class Weakness(PackModel):
    """A way to answer somebody who is here."""

    id: Id
    needs: Condition
    label: str
    kind: ActionKind
    risk: Annotated[int, Field(ge=0, le=3)] = 0
    outcomes: Outcomes


class Agent(PackModel):
    name: str
    nouns: Texts
    start: list[Id]
    """One is drawn from the seed."""
    speed: Annotated[int, Field(ge=0, le=3)] = 1
    senses: Senses = Senses()
    goals: list[Goal]
    damage: Annotated[int, Field(ge=0, le=100)] = 25
    lines: AgentLines
    weakness: list[Weakness] = []
    flee_label: str
    flee: Outcomes
    paint_token: str = "figure"  # noqa: S105 (a token of the painter, not of a bank)
    avoids: list[Id] = []
    """Places it will not enter."""


class Storylet(PackModel):
    id: Id
    when: Condition = {}
    beat: Literal["quiet", "tension", "shock", "relief", "reveal"]
    once: bool = True
    cooldown: Annotated[int, Field(ge=0)] = 0
    weight: float = 1.0
    arc: Id | None = None
    stage: int | None = None
    text: Annotated[list[TextWhen], Field(min_length=1)]
    fx: Effects = {}
    paint: list[Paint] = []
    choices: list[Affordance] = []
    needs_presence: Id | None = None
    excl: list[str] = []
    """Tags of what it speaks of (`light`, `weather`, ...); texts of one turn never share one."""


class Line(PackModel):
    """A line of the built-in prose: a slot, what must hold, what is said."""

    slot: str
    c: Condition = {}
    t: str | list[str]
    tags: list[str] = []
    excl: list[str] = []


class EndingSpec(PackModel):
    id: Id
    when: Condition
    title: str
    text: list[TextWhen]
    tone: EndingTone
    kills: bool = False
    """The player dies of it, whatever its tone is. One whose tone is death does in any case."""
    epitaph: str = ""
    priority: int = 0


class Intro(PackModel):
    id: Id
    text: str
    start_place: Id | None = None
    start_hour: float | None = None
    fx: Effects = {}


class FateLines(PackModel):
    lucky: list[TextWhen] = []
    unlucky: list[TextWhen] = []


class Style(PackModel):
    palette: str = "tape"
    llm_voice: str
    image_prompt_prefix: str
    negative: str = ""


class Pack(PackModel):
    """A world, whole. `docs/worlds.md` teaches an author to write one."""

    schema_version: Literal[1]
    base: Literal["bare"] | None = None
    """What it stands on: `bare` gives a premise all that its author left out."""
    id: Id
    title: str
    tagline: str
    year: int
    rating: str
    language: str = "en"
    meta: Meta
    player: PlayerStart
    goal: str
    bible: list[BibleFact]
    qualities: dict[Id, Quality]
    items: dict[Id, Item]
    places: dict[Id, Place]
    props: dict[Id, Prop]
    hazards: dict[Id, Hazard] = {}
    agents: dict[Id, Agent] = {}
    storylets: list[Storylet] = []
    lines: list[Line]
    endings: Annotated[list[EndingSpec], Field(min_length=1)]
    intros: Annotated[list[Intro], Field(min_length=1)]
    fates: FateLines = FateLines()
    style: Style

    @model_validator(mode="after")
    def _leads_somewhere(self) -> "Pack":
        for name, place in self.places.items():
            if not place.exits and not self.meta.grows:
                raise ValueError(f"places.{name} has no exits, and this world does not grow")
        for name, agent in self.agents.items():
            if not agent.start and not self.meta.grows:
                raise ValueError(f"agents.{name} starts nowhere")
        return self
