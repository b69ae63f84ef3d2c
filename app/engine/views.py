"""What clients read of sessions beside their state: lists, overviews, pages, costs, ended runs."""

from typing import Annotated, Literal

from pydantic import Field

from app.models.base import Model, SessionId, UtcTime
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


class CostReport(Model):
    """What a session has cost, turn by turn (the newest 200)."""

    spent_usd: float
    budget_usd: float | None
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


class SettingsChange(Model):
    """Only what is given changes."""

    images: bool | None = None
    videos: bool | None = None
    quality: Literal["fast", "high"] | None = None
    deadline_seconds: Annotated[int, Field(ge=0, le=600)] | None = None
    auto_play: bool | None = None
    auto_play_seconds: Annotated[int, Field(ge=5, le=600)] | None = None
    fate_by: Literal["server", "client"] | None = None
    on_provider_failure: Literal["error", "offline"] | None = None
    budget_usd: Annotated[float, Field(ge=0, le=10_000)] | None = None

    def of(self, settings: Settings) -> Settings:
        """`settings` with this change; a budget given as null is lifted."""
        return settings.model_copy(update=self.model_dump(exclude_unset=True))
