"""The rules of the game as pure functions: how a deed comes out, what health and chaos mean."""

from types import MappingProxyType
from typing import Final

from app.models.vocabulary import ActionKind, ChoiceKind, ChoiceRisk, EndingTone, Fate, Tier

MAX_HEALTH: Final = 100
MAX_RISK: Final = 3
OK_FROM: Final = 7
MIXED_FROM: Final = 5
_DARING: Final = 2
HOT: Final = 6
"""Above this heat everything is harder."""

_LUCK: Final = MappingProxyType({"LUCKY": 2, "NORMAL": 0, "UNLUCKY": -2})
_KINDS: Final = MappingProxyType[ActionKind, ChoiceKind](
    {
        "move": "move",
        "investigate": "investigate",
        "photograph": "investigate",
        "search": "investigate",
        "use": "clever",
        "talk": "clever",
        "trick": "clever",
        "hide": "careful",
        "rest": "careful",
        "flee": "bold",
        "fight": "bold",
    }
)
_NOISE: Final = MappingProxyType[ActionKind, int](
    {
        "move": 1,
        "investigate": 0,
        "photograph": 1,
        "search": 1,
        "use": 1,
        "talk": 2,
        "trick": 1,
        "hide": 0,
        "rest": 0,
        "flee": 2,
        "fight": 3,
    }
)
_TIER_NOISE: Final = MappingProxyType[Tier, int]({"ok": 0, "mixed": 1, "bad": 2})
_TONES: Final[tuple[EndingTone, ...]] = ("death", "win", "bittersweet", "loss")


def clamp(value: int, low: int, high: int) -> int:
    return max(low, min(high, value))


def tier_of(dice: int, fate: Fate, risk: int, *, heat: int = 0, injuries: int = 0) -> Tier:
    """How a deed comes out. `dice` is the sum of two; a risk of 0 needs no luck at all."""
    if risk <= 0:
        return "ok"
    score = dice + _LUCK[fate] + 1 - min(risk, MAX_RISK) - (heat > HOT) - (injuries > 1)
    if score >= OK_FROM:
        return "ok"
    return "mixed" if score >= MIXED_FROM else "bad"


def health_after(health: int, change: int) -> int:
    return clamp(health + change, 0, MAX_HEALTH)


def is_dead(health: int, tone: EndingTone | None = None) -> bool:
    """Dead at health 0, or by an ending that says so; and dead for good."""
    return health <= 0 or tone == "death"


def noise_of(kind: ActionKind, tier: Tier) -> int:
    """How far a deed carries; 0 is silent."""
    return _NOISE[kind] + _TIER_NOISE[tier]


def choice_kind(
    kind: ActionKind, *, risk: int = 0, item: bool = False, weird: bool = False
) -> ChoiceKind:
    """What a client is told an action is. `item`: it uses something that is carried.

    Whoever goes into danger with open eyes is bold, whatever else they are doing there; going
    somewhere is a move first, unless it is a leap.
    """
    if weird:
        return "weird"
    if risk >= MAX_RISK or (risk >= _DARING and kind not in ("move", "hide", "rest")):
        return "bold"
    if kind == "use" and item:
        return "item"
    return _KINDS[kind]


def choice_risk(risk: int) -> ChoiceRisk:
    if risk <= 0:
        return "low"
    return "medium" if risk == 1 else "high"


def tone_rank(tone: EndingTone) -> int:
    """Which ending comes first when two are due: death before everything."""
    return _TONES.index(tone)


def threat_of(heat: int, *, here: bool, near: bool) -> float:
    """How much the present frame should frighten, 0 to 1."""
    return min(1.0, max(0, heat) / 10 + (0.4 if here else 0.15 if near else 0.0))


def chaos_of(value: int) -> int:
    """Chaos as clients see it, whatever range a pack gives it."""
    return clamp(value, 0, 10)


def mood_of(*, dead: bool, health: int, threat: float, chaos: int) -> str:
    """One word for how it is to be there."""
    if dead:
        return "silent"
    if threat >= 0.7:
        return "hunted"
    if health <= 30:
        return "failing"
    if threat >= 0.4:
        return "tense"
    if chaos >= 6:
        return "unreal"
    if health <= 60:
        return "hurt"
    if chaos >= 3 or threat >= 0.2:
        return "uneasy"
    return "quiet"
