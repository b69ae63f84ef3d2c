"""What passes between the engine and the ports: briefs and tellings, requests and pictures."""

from app.models.base import Model, SessionId
from app.models.scene import SceneFacts
from app.models.session import Choice
from app.models.vocabulary import EndingTone, Fate, Movement, Source, Tier


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
    facts: tuple[str, ...]
    """What is true and may be said, one plain sentence each."""
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
    cost_usd: float = 0.0


class PictureRequest(Model):
    """One picture to be painted. The answer is WebP of exactly the scene's size."""

    session_id: SessionId
    turn: int
    scene: SceneFacts
    alt: str


class Picture(Model):
    """A finished picture: WebP bytes of the size that was asked for."""

    data: bytes
    cost_usd: float = 0.0
