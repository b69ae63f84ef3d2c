"""What passes between the engine and the ports: briefs and tellings, requests and pictures."""

from app.models.base import Model, SessionId
from app.models.proposals import Proposals
from app.models.scene import SceneFacts
from app.models.session import Choice
from app.models.vocabulary import EndingTone, Fate, Movement, Quality, Source, Tier, Weather


class Wording(Model):
    """The built-in words of a turn; they stand in for what a model leaves out or gets wrong."""

    dispatch: str
    vision_dispatch: str
    situation: str
    summary: str


class Ending(Model):
    """How a run ended."""

    id: str
    title: str
    text: str
    epitaph: str
    tone: EndingTone


class Voice(Model):
    """How a world is told: the same for every turn of it, so that a prompt can begin with it."""

    title: str
    role: str
    goal: str
    year: int
    language: str
    rating: str
    person: str
    tense: str
    style: str
    banned_words: tuple[str, ...]
    words: tuple[int, int]
    """The shortest and the longest dispatch."""


class Target(Model):
    """Something in the facts that a proposal may be about."""

    id: str
    """`here`, `prop:gate`, `agent:the_hound`, `person:grown_3`, `item:flare`, `place:ditch`."""
    name: str


class Grounding(Model):
    """The slice of the world that a model is told: never the whole pack."""

    voice: Voice
    place: str
    sample: str
    """A text of the pack about this place: how it sounds, not what to say."""
    facts: tuple[str, ...]
    """What is true and may be said, one plain sentence each."""
    threads: tuple[str, ...]
    targets: tuple[Target, ...]
    looks: tuple[str, ...]
    """The kinds of things that the painter knows, for what a model invents."""
    names: tuple[str, ...]
    """Every name that may be spoken now."""
    absent: tuple[str, ...]
    """Names of this world that are not in reach or not known yet, secret ones among them: to
    speak of one is wrong. For checking what was said: never part of a prompt."""
    alive: bool
    grows: bool
    """Whether anything new may be proposed now; false: only what is written."""
    wanted: tuple[str, ...] = ()
    """The fields of `Proposals` for which there is room now. Without `places` a dispatch should
    not lead anywhere new; `effects` only when no pack says what this turn's deed changed."""


class Brief(Model):
    """All that a narrator is told of one turn: what was resolved, as hard facts."""

    session_id: SessionId
    world: str
    seed: int
    turn: int
    action: str | None
    is_custom_action: bool
    fate: Fate | None
    tier: Tier | None
    movement: Movement | None
    grounding: Grounding | None
    """What is true and may be said; None for a narrator that does not ask for it."""
    outcome: tuple[str, ...]
    """What this turn's action led to, as hard facts."""
    last_dispatches: tuple[str, ...]
    summary: str
    choices: tuple[Choice, ...]
    ending: Ending | None
    wording: Wording


class Telling(Model):
    """What a narrator made of a brief."""

    dispatch: str
    vision_dispatch: str
    situation: str
    summary: str
    choices: tuple[Choice, ...]
    source: Source
    proposed: Proposals = Proposals()


class PictureStyle(Model):
    """How a world looks: the same for every picture of it."""

    prefix: str = ""
    negative: str = ""


class PictureRequest(Model):
    """One picture to be painted. The answer is WebP of exactly the scene's size."""

    session_id: SessionId
    turn: int
    scene: SceneFacts
    alt: str
    style: PictureStyle = PictureStyle()
    quality: Quality = "fast"
    previous: bytes | None = None
    """The last picture (WebP), for an illustrator that asks for it, while the scene goes on."""


class ClipRequest(Model):
    """One short clip to be made of a turn. The answer is H.264 in MP4 of exactly this size."""

    prompt: str
    """In words, for a model."""
    seconds: int
    width: int
    height: int
    session_id: SessionId = "default"
    turn: int = 0
    picture: bytes | None = None
    """The turn's picture (WebP), for who works from it."""
    previous: bytes | None = None
    """The picture before it."""
    movement: Movement | None = None
    hard_transition: bool = False
    """The picture before is of another place."""
    weather: Weather = "clear"
    indoors: bool = False
    seed: int = 0


class Clip(Model):
    """A finished clip: MP4 bytes, and the frame that stands for it (WebP)."""

    data: bytes
    poster: bytes = b""


class Picture(Model):
    """A finished picture: WebP bytes of the size that was asked for."""

    data: bytes
