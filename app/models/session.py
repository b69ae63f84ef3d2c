"""A session as clients see it: choices, pictures, state, turns, history and settings."""

from typing import Annotated, Literal

from pydantic import Field

from app.models.base import WHOLE, Model, Seed, SessionId, UtcTime
from app.models.vocabulary import (
    ChoiceKind,
    ChoiceRisk,
    Fate,
    MediaStatus,
    Movement,
    Phase,
    Quality,
    Source,
    TimeOfDay,
    Weather,
)


class Choice(Model):
    """One offered action. The id is good for this offer only."""

    id: Annotated[str, Field(examples=["3a"])]
    text: Annotated[str, Field(examples=["Cut a gap in the wire with the bolt cutters"])]
    kind: ChoiceKind
    risk: Annotated[ChoiceRisk, Field(description="`low` needs no luck at all.")]


class LockedChoice(Model):
    """Something that cannot be chosen yet. It is no choice: it has no id, and is never played."""

    text: Annotated[str, Field(examples=["Transmit the pictures"])]
    needs: Annotated[
        str,
        Field(
            description="What is missing, in the player's words.",
            examples=["three proofs, and a live set to send them"],
        ),
    ]


Locked = Annotated[
    tuple[LockedChoice, ...],
    Field(
        description="What cannot be chosen here yet and shows what to aim for; one at most. "
        "It comes on top of the choices and is never one of them."
    ),
]


class Image(Model):
    """The picture of a turn. `url` answers 200 exactly when `status` is `ready`."""

    id: str
    url: str | None
    status: MediaStatus
    alt: Annotated[str, Field(description="What the picture shows, in plain words.")]
    width: int
    height: int
    mime: str = "image/webp"


class Video(Image):
    """A short clip of a turn. `url` and `poster` answer 200 exactly when `status` is `ready`."""

    duration_s: float
    mime: str = "video/mp4"
    poster: Annotated[
        str | None, Field(description="A picture (WebP) that stands for it until it plays.")
    ] = None


class CarriedItem(Model):
    """Something in the player's pockets."""

    id: str
    name: str


class Player(Model):
    """The one the story happens to. Dead at health 0, and dead for good."""

    alive: bool = True
    health: Annotated[int, Field(ge=0, le=100)] = 100
    injuries: tuple[str, ...] = ()
    inventory: tuple[CarriedItem, ...] = ()


class Location(Model):
    """A place of the world pack."""

    id: str
    name: str


class Settings(Model):
    """What may be set per session. They survive a reset."""

    images: bool = True
    videos: bool = False
    quality: Quality = "fast"
    deadline_seconds: Annotated[int, Field(ge=0, le=600, description="0 = no deadline."), WHOLE] = 0
    auto_play: bool = False
    auto_play_seconds: Annotated[int, Field(ge=5, le=600), WHOLE] = 30
    fate_by: Annotated[
        Literal["server", "client"],
        Field(description="Whether a `fate` named by the client is honoured."),
    ] = "client"
    on_provider_failure: Literal["error", "offline"] = "error"
    budget_usd: Annotated[float, Field(ge=0, le=10_000)] | None = None


class Cost(Model):
    """What the session has cost so far."""

    spent_usd: float = 0.0
    budget_usd: float | None = None


class Snapshot(Model):
    """What is true after a turn. Stored with every history entry."""

    session_id: SessionId
    world: str
    seed: Seed
    turn: Annotated[int, Field(ge=-1, description="-1 before the intro; the intro is turn 0.")]
    last_event_id: Annotated[int, Field(ge=0, description="Counts every durable change.")]
    phase: Phase
    player: Player
    location: Location
    time_of_day: TimeOfDay
    weather: Weather
    mood: str
    chaos: Annotated[int, Field(ge=0, le=10)]
    situation: str
    dispatch: str
    vision_dispatch: str
    choices: tuple[Choice, ...]
    locked: Locked = ()
    image: Image | None
    video: Video | None
    fate: Fate | None
    movement: Movement | None
    deadline_at: UtcTime | None
    spent_usd: float = 0.0
    created_at: UtcTime
    updated_at: UtcTime


class State(Snapshot):
    """What is true now, with the session's settings and its cost."""

    settings: Settings
    cost: Cost
    held_by: Annotated[
        str | None, Field(description="Who holds the deadline; `deadline_at` is null then.")
    ] = None
    held_seconds: Annotated[
        float | None, Field(description="What is left of a deadline that is held.")
    ] = None


class Turn(Model):
    """One turn as it was told."""

    session_id: SessionId
    turn: Annotated[int, Field(ge=0)]
    phase: Phase
    action: str | None
    is_custom_action: bool
    is_timeout: bool = False
    fate: Fate | None
    dispatch: str
    vision_dispatch: str
    movement: Movement | None
    hard_transition: Annotated[
        bool, Field(description="The picture is of another place than the one before.")
    ]
    alive: bool
    health: Annotated[int, Field(ge=0, le=100)]
    chaos: Annotated[int, Field(ge=0, le=10)]
    situation: str
    evolution_summary: str
    image: Image | None
    video: Video | None
    choices: tuple[Choice, ...]
    locked: Locked = ()
    deadline_at: UtcTime | None
    source: Source
    cost_usd: float


class HistoryEntry(Turn):
    """A turn with its circumstances. History never changes; entries are only added."""

    at: UtcTime
    offered: Annotated[
        tuple[Choice, ...], Field(description="The choices that were offered before it.")
    ]
    request_key: str | None
    state: Annotated[Snapshot, Field(description="What was true after it.")]


class Parent(Model):
    """Where a fork came from."""

    session_id: SessionId
    turn: Annotated[int, Field(ge=0)]


class Meta(Model):
    """What a session is called and how it is set."""

    session_id: SessionId
    name: str
    description: str
    world: str
    settings: Settings
    parent: Parent | None = None
    run: Annotated[int, Field(ge=0, description="How often it was reset or rewound.")] = 0
    auto_turns: Annotated[
        int, Field(ge=0, description="Turns of auto-play since it was last switched on.")
    ] = 0
    edition: Annotated[
        int, Field(ge=0, description="How often its tokens and share codes were replaced.")
    ] = 0
    created_at: UtcTime
