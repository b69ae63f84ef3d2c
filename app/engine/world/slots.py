"""The slots that lines of prose are written for."""

from types import MappingProxyType
from typing import Final

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
ABSENT: Final = canonical("try.absent")
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
KNOWN: Final = frozenset(
    {AMBIENT, BODY, TIME, ABSENT, NEVER, NONE, WAIT, "lucky", "unlucky"}
    | set(TRY.values())
    | set(KIND.values())
    | set(TRY_KIND.values())
    | set(TIMES.values())
)
