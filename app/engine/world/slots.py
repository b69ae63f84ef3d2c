"""The slots that lines of prose are written for."""

from types import MappingProxyType
from typing import Final

from app.engine.world.names import WEATHERS
from app.models.vocabulary import ActionKind, Tier

_ALIASES: Final = MappingProxyType(
    {"mid": "mixed", "ambient": "amb", "timeout": "time", "penalty": "time", "arrival": "arrive"}
)
_KINDS: Final[tuple[ActionKind, ...]] = (
    "move", "investigate", "photograph", "search", "use", "talk", "hide", "rest", "fight", "flee",
    "trick",
)  # fmt: skip
_TIERS: Final[tuple[Tier, ...]] = ("ok", "mixed", "bad")


def canonical(slot: str) -> str:
    """`ok.move` and `move.ok` are one slot: the parts in alphabetical order."""
    return ".".join(sorted(_ALIASES.get(part, part) for part in slot.split(".")))


AMBIENT: Final = "amb"
BODY: Final = "body"
TIME: Final = "time"
CALM: Final = "calm"
"""Told when a danger has passed and nothing follows yet."""
ABSENT: Final = "absent"
"""What is asked for is not here; `{noun}` stands for it."""
ABSENT_TOO: Final = canonical("try.absent")
REFUSE: Final = "refuse"
"""The player said what not to do."""
THREAT: Final = canonical("time.threat")
WEATHER: Final = MappingProxyType({name: canonical(f"weather.{name}") for name in WEATHERS})
HOURS: Final = MappingProxyType({"dusk": "dusk", "night": "nightfall", "dawn": "dawn"})
"""Told in the turn in which the light changes."""
DEAD: Final = "dead"
NEVER: Final = canonical("try.never")
NONE: Final = canonical("try.none")
WAIT: Final = "wait"
TRY: Final = MappingProxyType({tier: canonical(f"try.{tier}") for tier in _TIERS})
KIND: Final = MappingProxyType(
    {(kind, tier): canonical(f"{kind}.{tier}") for kind in _KINDS for tier in _TIERS}
)
TRY_KIND: Final = MappingProxyType(
    {(kind, tier): canonical(f"try.{kind}.{tier}") for kind in _KINDS for tier in _TIERS}
)
TIMES: Final = MappingProxyType({tier: canonical(f"time.{tier}") for tier in _TIERS})
DEATHS: Final = tuple(
    canonical(f"dead.{cause}") for cause in ("fall", "move", "dust", "wound", "time", "any")
)
KNOWN: Final = frozenset(
    {AMBIENT, BODY, CALM, TIME, THREAT, ABSENT, ABSENT_TOO, REFUSE, NEVER, NONE, WAIT, DEAD}
    | {"lucky", "unlucky", *DEATHS}
    | set(WEATHER.values())
    | set(HOURS.values())
    | set(TRY.values())
    | set(KIND.values())
    | set(TRY_KIND.values())
    | set(TIMES.values())
)


def look_at(prop: str) -> str:
    """The slot of looking a prop over once more; its lines may test the prop's state."""
    return canonical(f"look.{prop}")


def death_by(cause: str) -> str:
    """The slot of a cause of death; an agent's id is one."""
    return canonical(f"dead.{cause}")
