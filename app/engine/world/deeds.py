"""What came of an action: how it went, and what others can make of it."""

from dataclasses import dataclass, field

from app.engine import rules
from app.engine.world.compiled import Action
from app.engine.world.draft import Draft
from app.models.vocabulary import ActionKind, Fate, Movement, Tier

_LEGS = ("ankle", "knee", "leg", "foot", "hip")


@dataclass(slots=True)
class Deed:
    """One action as it was done."""

    kind: ActionKind
    tier: Tier
    fateless: Tier
    """How it would have come out without luck."""
    open: bool = False
    """Whether no pack says what it changes: then a narrator may propose some of it."""
    hidden: bool = False
    fell: bool = False
    movement: Movement | None = None
    """How going somewhere looks; None when nobody went by an exit."""
    handled: set[str] = field(default_factory=set)
    """Agents who were answered, fled from, or who hit already: they do nothing more this turn."""


def risk_of(draft: Draft, action: Action) -> int:
    """An action's risk here and now: a bad leg and somebody at one's heels make it worse."""
    risk = action.risk
    if action.kind in ("move", "flee") and risk > 0:
        facts = draft.facts
        risk += any(facts.get("injury." + part) for part in _LEGS)
        if action.kind == "move":
            risk += bool(facts["agent_here"]) if "agent_here" in facts else 0
    return min(risk, rules.MAX_RISK)


def roll(draft: Draft, action_id: str, risk: int, fate: Fate) -> tuple[Tier, Tier]:
    """The tier under this fate, and under none. Risk 0 needs no dice."""
    if risk <= 0:
        return "ok", "ok"
    random = draft.random(f"roll:{action_id}")
    dice = random.randint(1, 6) + random.randint(1, 6)
    heat, injuries = draft.heat, len(draft.injuries)
    return (
        rules.tier_of(dice, fate, risk, heat=heat, injuries=injuries),
        rules.tier_of(dice, "NORMAL", risk, heat=heat, injuries=injuries),
    )
