"""What the store keeps: one record a session, one stored entry a turn."""

from typing import Annotated, Final, Literal

from pydantic import Field

from app.models.base import Model
from app.models.proposals import Proposals
from app.models.session import Choice, HistoryEntry, Snapshot
from app.models.world import WorldState

FORMAT: Final = 2
"""Of records and entries; `app.storage.migrations` brings older ones up to date."""
REMEMBERED_REQUESTS = 16


class RequestRecord(Model):
    """A playing request that was answered, so that the same one is never played twice."""

    key: Annotated[str, Field(max_length=200)]
    fingerprint: str
    """A digest of method, route and body."""
    turn: int
    choices: tuple[Choice, ...] | None = None
    """What a regeneration offered; a turn's own choices stand in its history entry."""


class Hold(Model):
    """A deadline that somebody has stopped."""

    by: Annotated[str, Field(max_length=64)]
    """Who, in words for the other players."""
    seconds: Annotated[float, Field(ge=0)]
    """What was left of it."""


class SessionRecord(Model):
    """The content of `state.json`: all that is true now, replaced as one."""

    version: Literal[2] = FORMAT
    snapshot: Snapshot
    world: WorldState | None
    """None before the intro."""
    requests: Annotated[tuple[RequestRecord, ...], Field(max_length=REMEMBERED_REQUESTS)] = ()
    lineage: str
    """A digest of seed, world, run and every action so far; names the turn's media."""
    hold: Hold | None = None
    """The present turn's deadline, while it is held; then none is armed."""


class StoredEntry(Model):
    """One line of `history.json`."""

    version: Literal[2] = FORMAT
    entry: HistoryEntry
    world: WorldState
    lineage: str
    accepted: Proposals | None = None
    """What a narrator proposed and the rules took on; None when there was nothing."""
    pack: str | None = None
    """The edition of the world pack that the turn was played with (`World.edition`)."""


class MediaFile(Model):
    """A file that is committed with a turn."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,64}\.(webp|mp4|vtt)$")]
    data: bytes
