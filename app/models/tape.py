"""A run as one film: how clients see it, and the script from which it is made."""

from typing import Annotated, Final, Literal

from pydantic import Field

from app.models.base import Model, Seed, SessionId
from app.models.vocabulary import Fate, Movement

TapeStatus = Literal["making", "ready", "failed"]

SCRIPT: Final = "script.jsonl"
FILM: Final = "film.mp4"
STILLS: Final = "film.webp"


class Tape(Model):
    """The film of a run. `url` and `preview_url` answer 200 exactly when `status` is `ready`."""

    name: Annotated[str, Field(description="Names what it shows; never used for anything else.")]
    session_id: SessionId
    status: Annotated[
        TapeStatus,
        Field(description="`failed`: it could not be made; ask for it again."),
    ]
    turn: Annotated[int, Field(ge=0, description="The last turn that it shows.")]
    turns: Annotated[int, Field(ge=1, description="How many scenes it has, the intro among them.")]
    duration_s: float
    bytes: Annotated[int | None, Field(description="Of the film; null until it is there.")]
    progress: Annotated[float, Field(ge=0, le=1)]
    url: Annotated[str | None, Field(description="The film: MP4 with chapters and captions.")]
    captions_url: Annotated[str, Field(description="Its dispatches as WebVTT; there at once.")]
    preview_url: Annotated[
        str | None, Field(description="The same as an animated WebP under 8 MB.")
    ]


class TapeList(Model):
    """The tapes of a run, the newest first."""

    items: tuple[Tape, ...]


class Page(Model):
    """As much of a dispatch as is read at a time."""

    text: str
    frames: Annotated[int, Field(ge=1)]


class Opening(Model):
    """The first line of a script: the title card, and the form of the film."""

    title: str
    tagline: str
    year: int
    seed: Seed
    date: str
    """Of the run, for people."""
    width: Annotated[int, Field(ge=32, le=4096)]
    height: Annotated[int, Field(ge=24, le=4096)]
    fps: Annotated[int, Field(ge=1, le=60)]
    frames: Annotated[int, Field(ge=1)]
    """Of the title card."""
    stills_bytes: int
    """What the animated WebP may take."""


class Scene(Model):
    """A turn: what was done, if anything was, and then its picture with its dispatch."""

    turn: int
    heading: str
    """Where and when."""
    action: str | None
    timeout: bool
    fate: Fate | None
    picture: str | None
    """The file; None: none was wanted. One that cannot be read costs its scene only."""
    hard: bool
    """Another place than before: dissolved into."""
    movement: Movement | None
    start: Annotated[int, Field(ge=0)]
    """The frame of the film with which it begins, its action first."""
    action_frames: Annotated[int, Field(ge=0)]
    pages: Annotated[tuple[Page, ...], Field(min_length=1)]

    @property
    def frames(self) -> int:
        return self.action_frames + sum(page.frames for page in self.pages)


class Closing(Model):
    """The last line of a script: how it ended, and who is to be thanked."""

    headline: str
    verdict: str
    died: bool
    title: str
    """Of the ending."""
    lines: tuple[str, ...]
    """What it came from, and what is left to say."""
    credits: tuple[tuple[str, str], ...]
    """What is credited, and to whom."""
    start: Annotated[int, Field(ge=0)]
    ending_frames: Annotated[int, Field(ge=1)]
    credits_frames: Annotated[int, Field(ge=1)]

    @property
    def frames(self) -> int:
        """Of the whole film."""
        return self.start + self.ending_frames + self.credits_frames
