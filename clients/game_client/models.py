"""What the service answers, as this client reads it: tolerant, so that a newer service breaks
nothing. Fields that are not known are ignored; closed lists of words are plain strings; all but
what makes a thing what it is may be missing."""

from collections.abc import Mapping
from datetime import datetime
from typing import Generic, Literal, TypedDict, TypeVar

from pydantic import BaseModel, ConfigDict, model_validator

T = TypeVar("T")


class Wire(BaseModel):
    """Frozen. What is missing, or null where nothing can be null, takes its default."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, data: object) -> object:
        if not isinstance(data, Mapping):
            return data
        return {name: value for name, value in data.items() if value is not None}


class Answer(Wire, Generic[T]):
    """The envelope of what worked."""

    success: Literal[True]
    message: str = ""
    data: T


class Failure(Wire):
    """The envelope of what did not."""

    success: Literal[False]
    error: str = "The service refused."
    details: str | None = None
    code: str


class Choice(Wire):
    """One offered action. The id is good for this offer only."""

    id: str
    text: str
    kind: str = ""
    """bold, clever, weird, careful, investigate, move or item."""
    risk: str = ""
    """low, medium or high."""


class LockedChoice(Wire):
    """What cannot be chosen yet, and what it needs. It has no id and is never played."""

    text: str
    needs: str = ""


class Image(Wire):
    """A picture. `GameClient.media` fetches it once it is ready."""

    id: str
    url: str | None = None
    status: str = ""
    """pending, ready, failed or off."""
    alt: str = ""
    width: int = 0
    height: int = 0
    mime: str = ""

    @property
    def ready(self) -> bool:
        return self.status == "ready" and self.url is not None


class Video(Image):
    """A short clip. `GameClient.media` fetches it once it is ready."""

    duration_s: float = 0.0
    poster: str | None = None
    """The address of a picture that stands for it; there when the clip is."""


class Tape(Wire):
    """The film of a whole run. `GameClient.tape_to` fetches it once it is ready."""

    name: str
    session_id: str = ""
    status: str = ""
    """making, ready or failed."""
    turn: int = 0
    """The last one that it shows."""
    turns: int = 0
    duration_s: float = 0.0
    bytes: int | None = None
    progress: float = 0.0
    url: str | None = None
    captions_url: str | None = None
    """WebVTT; there before the film is."""
    preview_url: str | None = None
    """An animated WebP under 8 MB, for where no video can be shown."""

    @property
    def ready(self) -> bool:
        return self.status == "ready" and self.url is not None


class TapeList(Wire):
    """The tapes of a run, the newest first."""

    items: tuple[Tape, ...] = ()


class Item(Wire):
    """Something in the player's pockets."""

    id: str
    name: str = ""


class Player(Wire):
    """The one the story happens to."""

    alive: bool = True
    health: int = 100
    injuries: tuple[str, ...] = ()
    inventory: tuple[Item, ...] = ()


class Location(Wire):
    """Where the player is."""

    id: str = ""
    name: str = ""


class Settings(Wire):
    """How a session is set."""

    images: bool = True
    videos: bool = False
    quality: str = "fast"
    deadline_seconds: int = 0
    auto_play: bool = False
    auto_play_seconds: int = 30
    fate_by: str = "client"
    on_provider_failure: str = "error"
    budget_usd: float | None = None


class SettingsChange(TypedDict, total=False):
    """Only what is given changes; a budget of None is lifted."""

    images: bool
    videos: bool
    quality: Literal["fast", "high"]
    deadline_seconds: int
    auto_play: bool
    auto_play_seconds: int
    fate_by: Literal["server", "client"]
    on_provider_failure: Literal["error", "offline"]
    budget_usd: float | None


class Cost(Wire):
    """What a session has cost so far."""

    spent_usd: float = 0.0
    budget_usd: float | None = None


class Snapshot(Wire):
    """What is true after a turn."""

    session_id: str
    turn: int
    """-1 before the intro; the intro is turn 0."""
    phase: str
    """new, choosing, resolving, awaiting_choices or over."""
    world: str = ""
    seed: int = 0
    last_event_id: int = 0
    player: Player = Player()
    location: Location = Location()
    time_of_day: str = ""
    weather: str = ""
    mood: str = ""
    chaos: int = 0
    situation: str = ""
    dispatch: str = ""
    vision_dispatch: str = ""
    choices: tuple[Choice, ...] = ()
    locked: tuple[LockedChoice, ...] = ()
    image: Image | None = None
    video: Video | None = None
    fate: str | None = None
    movement: str | None = None
    deadline_at: datetime | None = None
    spent_usd: float = 0.0
    created_at: datetime | None = None
    updated_at: datetime | None = None

    @property
    def over(self) -> bool:
        return self.phase == "over"


class State(Snapshot):
    """What is true now."""

    settings: Settings = Settings()
    cost: Cost = Cost()
    held_by: str | None = None
    """Who holds the deadline; `deadline_at` is None then."""
    held_seconds: float | None = None


class Turn(Wire):
    """One turn as it was told."""

    session_id: str
    turn: int
    phase: str
    action: str | None = None
    is_custom_action: bool = False
    is_timeout: bool = False
    fate: str | None = None
    dispatch: str = ""
    vision_dispatch: str = ""
    movement: str | None = None
    hard_transition: bool = False
    alive: bool = True
    health: int = 100
    chaos: int = 0
    situation: str = ""
    evolution_summary: str = ""
    image: Image | None = None
    video: Video | None = None
    choices: tuple[Choice, ...] = ()
    locked: tuple[LockedChoice, ...] = ()
    deadline_at: datetime | None = None
    source: str = ""
    """ai or offline."""
    cost_usd: float = 0.0

    @property
    def over(self) -> bool:
        return self.phase == "over"


class HistoryEntry(Turn):
    """A turn with its circumstances."""

    at: datetime | None = None
    offered: tuple[Choice, ...] = ()
    """The choices that were offered before it."""
    request_key: str | None = None
    state: Snapshot | None = None
    """What was true after it."""


class Accepted(Wire):
    """A turn is being made; the events tell the rest."""

    turn: int


class Tick(Wire):
    """The situation at the start of a turn."""

    turn: int
    phase: str
    situation: str = ""
    choices: tuple[Choice, ...] = ()
    time_of_day: str = ""
    weather: str = ""
    threats: tuple[str, ...] = ()
    deadline_at: datetime | None = None


class Parent(Wire):
    """Where a fork came from."""

    session_id: str
    turn: int


class Meta(Wire):
    """What a session is called and how it is set."""

    session_id: str
    name: str = ""
    description: str = ""
    world: str = ""
    settings: Settings = Settings()
    parent: Parent | None = None
    run: int = 0
    auto_turns: int = 0
    edition: int = 0
    created_at: datetime | None = None


class Made(Meta):
    """A session that was made just now."""

    token: str = ""
    """May play it; empty where the service asks for no tokens."""


class Token(Wire):
    """What lets somebody into one session. Keep it like a password."""

    session_id: str
    role: str = ""
    token: str = ""
    expires_at: datetime | None = None


class SessionPage(Wire):
    """Sessions, and the cursor of the next page."""

    items: tuple[Meta, ...] = ()
    next_cursor: str | None = None


class Overview(Wire):
    """A session at a glance, its last turns newest first."""

    meta: Meta
    state: State
    history: tuple[HistoryEntry, ...] = ()


class Status(Wire):
    """The little that a list or a poll needs."""

    session_id: str
    turn: int
    phase: str
    alive: bool = True
    location: Location = Location()
    accessed_at: datetime | None = None


class HistoryPage(Wire):
    """Entries, newest first; `next_before` asks for the page of older ones."""

    total: int = 0
    items: tuple[HistoryEntry, ...] = ()
    next_before: int | None = None


class Deleted(Wire):
    """What became of a session: `archive` names its run, if it was kept."""

    session_id: str
    archive: str | None = None


class Units(Wire):
    """What a model's server counted."""

    input_tokens: int = 0
    cached_tokens: int = 0
    cache_write_tokens: int = 0
    output_tokens: int = 0
    image_input_tokens: int = 0
    image_output_tokens: int = 0
    images: int = 0
    seconds: float = 0.0


class CallCost(Wire):
    """One call to a model."""

    id: int
    turn: int
    at: datetime | None = None
    capability: str = ""
    provider: str = ""
    model: str = ""
    status: str = ""
    reserved_usd: float | None = None
    cost_usd: float | None = None
    estimated: bool = False
    units: Units = Units()
    request_id: str = ""


class CapabilityCost(Wire):
    """What the calls of one kind have cost together."""

    calls: int = 0
    spent_usd: float = 0.0
    held_usd: float = 0.0
    unpriced_calls: int = 0
    estimated_calls: int = 0
    units: Units = Units()


class TurnCost(Wire):
    """What one turn has cost."""

    turn: int
    source: str = ""
    cost_usd: float = 0.0


class CostReport(Wire):
    """What a session has cost: its sums, a page of its calls, and its newest turns."""

    spent_usd: float = 0.0
    held_usd: float = 0.0
    budget_usd: float | None = None
    text: CapabilityCost = CapabilityCost()
    image: CapabilityCost = CapabilityCost()
    video: CapabilityCost = CapabilityCost()
    calls: tuple[CallCost, ...] = ()
    next_before: int | None = None
    turns: tuple[TurnCost, ...] = ()


class Archive(Wire):
    """An ended run."""

    name: str
    session_id: str = ""
    archived_at: datetime | None = None
    turns: int = 0


class ArchiveList(Wire):
    """Ended runs, newest first."""

    items: tuple[Archive, ...] = ()


class ArchiveOverview(Wire):
    """An ended run with its last words."""

    archive: str
    meta: Meta
    state: State
    history: HistoryPage = HistoryPage()


class DeletedArchive(Wire):
    """An archive that is no more."""

    archive: str


class WorldSummary(Wire):
    """A world as it is offered."""

    id: str
    title: str = ""
    tagline: str = ""
    year: int = 0
    rating: str = ""
    language: str = ""
    is_default: bool = False


class WorldList(Wire):
    """The worlds of a service."""

    items: tuple[WorldSummary, ...] = ()


class WorldDetail(WorldSummary):
    """What may be known of a world before it is played."""

    role: str = ""
    goal: str = ""
    places: int = 0
    target_turns: tuple[int, ...] = ()
    picture_width: int = 0
    picture_height: int = 0


class Health(Wire):
    """The process is up."""

    status: str
    service: str = ""
    version: str = ""


class Ready(Wire):
    """The service can work, with these."""

    store: str = ""
    narrator: str = ""
    illustrator: str = ""
    free_bytes: int = 0
    """On the fuller of the disks that it writes to."""
    painter: str = ""
    """The built-in illustrator: `idle`, `busy` or `ok`."""
    breakers: Mapping[str, object] = {}
    """Of the models in use: `closed`, `open` or `half-open`."""


class Limits(Wire):
    """How much a service takes; 0: it did not say."""

    body_bytes: int = 0
    import_bytes: int = 0
    action_characters: int = 0
    history_page: int = 0


class Info(Wire):
    """What a service is."""

    version: str = ""
    worlds: tuple[str, ...] = ()
    default_world: str = ""
    narrator: str = ""
    illustrator: str = ""
    durability: str = ""
    limits: Limits = Limits()
