"""What clients read of sessions beside their state: lists, overviews, pages, costs, ended runs."""

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from app.models.base import WHOLE, Model, SessionId, UtcTime
from app.models.ledger import CallStatus, Capability, Units
from app.models.session import HistoryEntry, Location, Meta, Settings, State
from app.models.vocabulary import Phase, Source


class SessionList(Model):
    items: tuple[Meta, ...]
    next_cursor: str | None


class Overview(Model):
    """A session at a glance: what it is called, what is true, what happened last."""

    meta: Meta
    state: State
    history: tuple[HistoryEntry, ...]


class Status(Model):
    """The little that a list or a poll needs."""

    session_id: SessionId
    turn: int
    phase: Phase
    alive: bool
    location: Location
    accessed_at: UtcTime


class HistoryPage(Model):
    """Entries newest first; `next_before` asks for the page of older ones."""

    total: int
    items: tuple[HistoryEntry, ...]
    next_before: int | None


class TurnCost(Model):
    turn: int
    source: Source
    cost_usd: float


class CallCost(Model):
    """One call to a model."""

    id: Annotated[int, Field(description="Counts the session's calls.")]
    at: UtcTime
    turn: Annotated[int, Field(description="The turn it was made for.")]
    capability: Capability
    provider: str
    model: str
    status: Annotated[
        CallStatus,
        Field(
            description="`reserved` while it is being made; `released` if it never was, "
            "so that it cost nothing."
        ),
    ]
    reserved_usd: Annotated[
        float | None, Field(description="The most it could cost; null: the price is unknown.")
    ]
    cost_usd: Annotated[
        float | None, Field(description="What it cost; null: the price is unknown, or not yet.")
    ]
    estimated: Annotated[
        bool, Field(description="The server did not say what it counted, or a crash hid it.")
    ]
    units: Units
    request_id: str


class CapabilityCost(Model):
    """What the calls of one kind have cost together."""

    calls: int
    spent_usd: float
    held_usd: Annotated[float, Field(description="Set aside for calls that are being made.")]
    unpriced_calls: Annotated[
        int, Field(description="Calls whose price is unknown: no part of `spent_usd`.")
    ]
    estimated_calls: int
    units: Annotated[
        Units,
        Field(description="Pictures that were sent as references count as `image_input_tokens`."),
    ]


class CostReport(Model):
    """What a session has cost: its sums, a page of its calls, and its newest 200 turns.

    The ledger is of the session and not of a run: it survives resets and rewinds, while `turns`
    are those of the present run.
    """

    spent_usd: float
    held_usd: float
    budget_usd: float | None
    text: CapabilityCost
    image: CapabilityCost
    video: CapabilityCost
    calls: Annotated[tuple[CallCost, ...], Field(description="Newest first.")]
    next_before: Annotated[
        int | None, Field(description="Asks for the page of older calls; null on the last one.")
    ]
    turns: tuple[TurnCost, ...]


class Archive(Model):
    """An ended run."""

    name: str
    session_id: SessionId
    archived_at: UtcTime
    turns: int


class ArchiveList(Model):
    items: tuple[Archive, ...]


class ArchiveOverview(Model):
    """An ended run with its last words; `before` pages further back."""

    archive: str
    meta: Meta
    state: State
    history: HistoryPage


def _only_the_budget_may_be_null(schema: dict[str, Any]) -> None:
    for name, field in schema["properties"].items():
        if name != "budget_usd":
            field.update(field.pop("anyOf")[0])


class SettingsChange(Model):
    """Only what is given changes."""

    model_config = ConfigDict(json_schema_extra=_only_the_budget_may_be_null)

    images: bool | None = None
    videos: bool | None = None
    quality: Literal["fast", "high"] | None = None
    deadline_seconds: Annotated[int, Field(ge=0, le=600), WHOLE] | None = None
    auto_play: bool | None = None
    auto_play_seconds: Annotated[int, Field(ge=5, le=600), WHOLE] | None = None
    fate_by: Literal["server", "client"] | None = None
    on_provider_failure: Literal["error", "offline"] | None = None
    budget_usd: Annotated[float, Field(ge=0, le=10_000)] | None = None

    def of(self, settings: Settings) -> Settings:
        """`settings` with this change; a budget given as null is lifted."""
        return settings.model_copy(update=self.model_dump(exclude_unset=True))
