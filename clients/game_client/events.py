"""What happens in a session, typed. An event that this client does not know is `UnknownEvent`."""

import json
from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from pydantic import ValidationError

from clients.game_client.models import Choice, Image, Tape, Turn, Video, Wire


class Actor(Wire):
    """Who caused a turn. `client` is `timeout` or `auto` where the service itself did."""

    name: str | None = None
    client: str = "api"


class ChosenAction(Wire):
    """What was chosen: an offer, or (without an id) the player's own words."""

    id: str | None = None
    text: str = ""


class ComingImage(Wire):
    """The room that a picture will take."""

    status: str = ""
    width: int = 0
    height: int = 0


class RunningTurn(Wire):
    """A turn that is being made, as far as it has been told."""

    turn: int
    expected_turn: int = -1
    actor: Actor = Actor()
    choice: ChosenAction | None = None
    fate: str | None = None
    image: ComingImage = ComingImage()
    text: str = ""


class Happening(Wire):
    """What all events have. `turn` is the turn that it is about; -1 before the intro."""

    turn: int = -1
    event_id: str | None = None
    """Where a stream can begin again: pass it as `after`. None for what is not kept."""


class Hello(Happening):
    """A stream begins; it comes again whenever the client had to connect again."""

    role: str = ""
    server_time: datetime | None = None
    running_turn: RunningTurn | None = None
    players: int = 0
    watchers: int = 0


class Resync(Happening):
    """What was missed cannot be told any more: read the state."""

    reason: str = ""


class TurnStarted(Happening):
    """A turn is being made."""

    expected_turn: int = -1
    actor: Actor = Actor()
    choice: ChosenAction | None = None
    fate: str | None = None
    image: ComingImage = ComingImage()


class DispatchDelta(Happening):
    """More of the dispatch; `offset` counts characters, and 0 begins it afresh."""

    offset: int
    text: str = ""


class TurnCommitted(Happening, Turn):
    """The whole turn, as it is kept. It alone is enough to draw the turn."""

    turn: int


class TurnFailed(Happening):
    """The turn was not made; the session is what it was before."""

    code: str = ""
    error: str = ""
    unchanged: bool = True
    retry_after: float | None = None


class ImageReady(Happening):
    """A late picture is there."""

    image: Image


class ImageFailed(Happening):
    """A late picture will not come."""

    image: Image
    code: str = ""


class VideoReady(Happening):
    """A clip is there."""

    video: Video


class VideoFailed(Happening):
    """A clip will not come."""

    video: Video
    code: str = ""


class TapeReady(Happening):
    """The film of the run, up to this turn, is there."""

    tape: Tape


class ChoicesChanged(Happening):
    """Other choices are on offer; the old ids are good no more."""

    choices: tuple[Choice, ...] = ()


class Deadline(Happening):
    """The deadline was armed, moved, held or lifted."""

    deadline_at: datetime | None = None
    held_by: str | None = None


class SessionReset(Happening):
    """The session begins again, or goes on from an earlier turn: read the state."""

    reason: str = ""


class SessionOver(Happening):
    """The run has ended; or (`deleted`) the session is gone."""

    reason: str = ""


class Presence(Happening):
    """How many are there."""

    players: int = 0
    watchers: int = 0


class UnknownEvent(Happening):
    """An event of a newer service; or one that could not be read."""

    type: str = ""
    data: dict[str, Any] = {}


Event = (
    Hello
    | Resync
    | TurnStarted
    | DispatchDelta
    | TurnCommitted
    | TurnFailed
    | ImageReady
    | ImageFailed
    | VideoReady
    | VideoFailed
    | TapeReady
    | ChoicesChanged
    | Deadline
    | SessionReset
    | SessionOver
    | Presence
    | UnknownEvent
)

_BY_TYPE: Final[Mapping[str, type[Event]]] = MappingProxyType(
    {
        "hello": Hello,
        "resync": Resync,
        "turn.started": TurnStarted,
        "dispatch.delta": DispatchDelta,
        "turn.committed": TurnCommitted,
        "turn.failed": TurnFailed,
        "image.ready": ImageReady,
        "image.failed": ImageFailed,
        "video.ready": VideoReady,
        "video.failed": VideoFailed,
        "tape.ready": TapeReady,
        "choices.changed": ChoicesChanged,
        "deadline": Deadline,
        "session.reset": SessionReset,
        "session.over": SessionOver,
        "presence": Presence,
    }
)


def event_of(kind: str, text: str, event_id: str | None = None) -> Event:
    """The event that a stream told. Never raises."""
    try:
        data = json.loads(text)
    except ValueError:
        data = None
    if not isinstance(data, dict):
        return UnknownEvent(type=kind, event_id=event_id)
    data["event_id"] = event_id
    known = _BY_TYPE.get(kind)
    try:
        if known is not None:
            return known.model_validate(data)
    except ValidationError:
        pass  # It has changed beyond what this client understands.
    turn = data.get("turn")
    number = turn if isinstance(turn, int) and not isinstance(turn, bool) else -1
    return UnknownEvent(type=kind, turn=number, event_id=event_id, data=data)
