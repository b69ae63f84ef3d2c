"""Which choice auto-play takes: a sensible one, and not the same game every time.

Chance decides among the choices, seeded by the session and the turn, and weighs each of them:

- by its risk: `low` counts six times, `medium` twice, `high` once
- nobody who is hurt plays with their life: below `HURT` health a `high` risk, and below `WEAK`
  a `medium` one, is taken only where nothing safer is on offer
- what was done in the last turns counts a quarter, so that it goes on rather than round
- going on and looking into things count a little more than staying careful, and for somebody who
  is hurt a good deal less: resting and hiding are careful
"""

from types import MappingProxyType
from typing import Final

from app.engine.seeds import stream
from app.models.record import SessionRecord
from app.models.session import Choice
from app.models.vocabulary import ChoiceKind, ChoiceRisk

HURT: Final = 60
WEAK: Final = 30
_BY_RISK: Final = MappingProxyType[ChoiceRisk, float]({"low": 6.0, "medium": 2.0, "high": 1.0})
_BY_KIND: Final = MappingProxyType[ChoiceKind, float](
    {"move": 1.4, "investigate": 1.3, "item": 1.3, "clever": 1.2, "careful": 0.8}
)
_REST: Final = 3.0
"""What being careful counts for somebody who is hurt."""
_AGAIN: Final = 0.25


def pick(record: SessionRecord) -> Choice | None:
    """One of the choices on offer; None where there is none. Equal records, equal pick."""
    snapshot = record.snapshot
    health = snapshot.player.health
    choices = _survivable(snapshot.choices, health)
    if not choices:
        return None
    done = _done_lately(record)
    weights = [
        _BY_RISK[one.risk] * _liking(one, health) * (_AGAIN if one.id in done else 1.0)
        for one in choices
    ]
    chance = stream(snapshot.seed, snapshot.turn, f"auto:{record.lineage}")
    return chance.choices(choices, weights)[0]


def _liking(choice: Choice, health: int) -> float:
    if choice.kind == "careful" and health < HURT:
        return _REST
    return _BY_KIND.get(choice.kind, 1.0)


def _survivable(choices: tuple[Choice, ...], health: int) -> tuple[Choice, ...]:
    """Those that a player of this health may take; all, if each of them is a gamble."""
    refused: set[ChoiceRisk] = set()
    if health < HURT:
        refused.add("high")
    if health < WEAK:
        refused.add("medium")
    for dropped in (refused, refused - {"medium"}):
        left = tuple(one for one in choices if one.risk not in dropped)
        if left:
            return left
    return choices


def _done_lately(record: SessionRecord) -> frozenset[str]:
    """The ids of choices whose action was taken in the last turns."""
    if record.world is None:
        return frozenset()
    recent = record.world.recent
    return frozenset(one.choice.id for one in record.world.offers if one.action in recent)
