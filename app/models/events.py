"""What a session's event stream tells: one model an event, told apart by `type`."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from app.models.base import Model, UtcTime
from app.models.session import Choice, Image, Turn, Video
from app.models.tape import Tape
from app.models.vocabulary import Fate, MediaStatus

Number = Annotated[int, Field(ge=-1, description="The turn it is about; -1 before the intro.")]
ClientName = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,31}$"),
    Field(description="What kind of client asked; `timeout` and `auto` are the server itself."),
]
PlayerName = Annotated[str, StringConstraints(min_length=1, max_length=64)]


class Actor(Model):
    """Who caused a turn."""

    name: PlayerName | None = None
    client: ClientName = "api"


class ChosenAction(Model):
    """What was chosen: an offer, or (without an id) the player's own words."""

    id: str | None
    text: str


class ComingImage(Model):
    """The room that a picture will take, so that nothing jumps when it comes."""

    status: MediaStatus
    width: int
    height: int


class _Making(Model):
    turn: Number
    expected_turn: Annotated[int, Field(ge=-1, description="The turn that it follows.")]
    actor: Actor
    choice: Annotated[
        ChosenAction | None, Field(description="Null for the intro and where the clock ran out.")
    ]
    fate: Fate | None
    image: ComingImage


class RunningTurn(_Making):
    """A turn that is being made, as far as it has been told."""

    text: Annotated[str, Field(description="Provisional: what is committed is what counts.")]


class Hello(Model):
    """The first event of every stream."""

    type: Literal["hello"] = "hello"
    turn: Number
    role: Annotated[
        Literal["player", "spectator"],
        Field(description="`spectator`: this stream's token is for watching only."),
    ] = "player"
    server_time: UtcTime
    running_turn: RunningTurn | None
    players: Annotated[int, Field(ge=0, description="Open streams that may play.")]
    watchers: Annotated[int, Field(ge=0, description="Open streams, this one among them.")]


class Resync(Model):
    """What was missed cannot be told any more: read the state."""

    type: Literal["resync"] = "resync"
    turn: Number
    reason: Annotated[
        Literal["too_old", "unknown_id", "reset", "in_doubt"],
        Field(
            description="`in_doubt`: a write failed, and the state says what became of it. "
            "`reset`: the session was reset or rewound meanwhile."
        ),
    ]


class TurnStarted(_Making):
    """A turn is being made."""

    type: Literal["turn.started"] = "turn.started"


class DispatchDelta(Model):
    """More of the dispatch, as it is written. It has no id: a new stream begins with all of it."""

    type: Literal["dispatch.delta"] = "dispatch.delta"
    turn: Number
    offset: Annotated[
        int, Field(ge=0, description="Where `text` begins, in characters (code points).")
    ]
    text: str


class TurnCommitted(Turn):
    """The whole turn, as it is kept. It alone is enough to draw the turn."""

    type: Literal["turn.committed"] = "turn.committed"


class TurnFailed(Model):
    """The turn was not made; the session is what it was before."""

    type: Literal["turn.failed"] = "turn.failed"
    turn: Number
    code: str
    error: Annotated[str, Field(description="One line for a person.")]
    unchanged: Literal[True] = True
    retry_after: Annotated[
        int | None, Field(description="Seconds after which the same request may work.")
    ]


class ImageReady(Model):
    """A late picture is there."""

    type: Literal["image.ready"] = "image.ready"
    turn: Number
    image: Image


class ImageFailed(Model):
    """A late picture will not come."""

    type: Literal["image.failed"] = "image.failed"
    turn: Number
    image: Image
    code: str


class VideoReady(Model):
    """The clip of a turn is there."""

    type: Literal["video.ready"] = "video.ready"
    turn: Number
    video: Video


class VideoFailed(Model):
    """The clip of a turn will not come."""

    type: Literal["video.failed"] = "video.failed"
    turn: Number
    video: Video
    code: str


class TapeReady(Model):
    """The film of a run is there. It shows the turns up to this one."""

    type: Literal["tape.ready"] = "tape.ready"
    turn: Number
    tape: Tape


class ChoicesChanged(Model):
    """Other choices are on offer; the old ids are good no more."""

    type: Literal["choices.changed"] = "choices.changed"
    turn: Number
    choices: tuple[Choice, ...]


class Deadline(Model):
    """The deadline was armed, moved, held or lifted."""

    type: Literal["deadline"] = "deadline"
    turn: Number
    deadline_at: UtcTime | None
    held_by: str | None = None


class SessionReset(Model):
    """The session begins again, or goes on from an earlier turn: read the state."""

    type: Literal["session.reset"] = "session.reset"
    turn: Number
    reason: Literal["reset", "rewind"]


class SessionOver(Model):
    """The run has ended; or (`deleted`) the session is gone, and the stream ends here."""

    type: Literal["session.over"] = "session.over"
    turn: Number
    reason: Literal["death", "ending", "deleted"]


class Presence(Model):
    """How many are there. It has no id."""

    type: Literal["presence"] = "presence"
    turn: Number
    players: Annotated[int, Field(ge=0)]
    watchers: Annotated[int, Field(ge=0)]


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
)
AnyEvent = Annotated[Event, Field(discriminator="type")]
"""For parsing and for the docs: `type` says which it is."""
