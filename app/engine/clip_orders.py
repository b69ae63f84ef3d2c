"""What is to be filmed of a turn, and in which form. Pure."""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from app.engine.world.world import World
from app.models.narration import ClipRequest
from app.models.scene import SceneFacts
from app.models.session import HistoryEntry, Image, Settings, Video
from app.models.vocabulary import MediaStatus, Weather

_INDOORS: Final = frozenset({"lab", "bunker", "cave"})
_WIDTH_AND_SECONDS: Final = MappingProxyType({"fast": (640, 3), "high": (1024, 5)})
_CAMERA: Final = MappingProxyType(
    {
        "forward": "The camera walks slowly forward, at eye level.",
        "back": "The camera steps slowly back, at eye level.",
        "left": "The camera turns slowly to the left.",
        "right": "The camera turns slowly to the right.",
        "fall": "The camera drops and comes to rest.",
    }
)
_STILL: Final = "The camera is held still by hand."


@dataclass(frozen=True, slots=True)
class Staging:
    """What a clip needs to know of the world beside the turn's own words."""

    weather: Weather = "clear"
    indoors: bool = False
    style: str = ""


def staged(world: World, scene: SceneFacts) -> Staging:
    """The staging of a scene of `world`."""
    return Staging(scene.weather, scene.biome in _INDOORS, world.pack.style.image_prompt_prefix)


def announced(settings: Settings, image: Image) -> Video | None:
    """How a turn's clip is committed; None where the session has none."""
    if not settings.videos:
        return None
    most, seconds = _WIDTH_AND_SECONDS[settings.quality]
    width = min(image.width, most) // 2 * 2
    status: MediaStatus = image.status if image.status in ("off", "failed") else "pending"
    return Video(
        id=image.id,
        url=None,
        status=status,
        alt=image.alt,
        width=width,
        height=round(width * image.height / image.width / 2) * 2,
        duration_s=float(seconds),
    )


def ordered(
    entry: HistoryEntry, video: Video, staging: Staging, picture: bytes, previous: bytes | None
) -> ClipRequest:
    """The order of a turn's clip."""
    camera = _CAMERA.get(entry.movement or "", _STILL)
    return ClipRequest(
        prompt=f"{staging.style} {entry.vision_dispatch} {camera}".strip(),
        seconds=round(video.duration_s),
        width=video.width,
        height=video.height,
        session_id=entry.session_id,
        turn=entry.turn,
        picture=picture,
        previous=previous,
        movement=entry.movement,
        hard_transition=entry.hard_transition,
        weather=staging.weather,
        indoors=staging.indoors,
        seed=entry.state.seed,
    )
