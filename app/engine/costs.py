"""What a session has cost, as a client reads it: dollars instead of millionths."""

from app.engine.views import CallCost, CapabilityCost, CostReport, TurnCost
from app.models.ledger import MICROS, LedgerLine, LedgerSums, Tally


def cost_report(
    sums: LedgerSums,
    calls: tuple[LedgerLine, ...],
    under_way: frozenset[int],
    *,
    budget_usd: float | None,
    turns: tuple[TurnCost, ...],
) -> CostReport:
    """`calls` is a page of the ledger, newest first; `under_way` names those being made."""
    return CostReport(
        spent_usd=sums.micros / MICROS,
        held_usd=sums.held / MICROS,
        budget_usd=budget_usd,
        text=_capability(sums.text),
        image=_capability(sums.image),
        video=_capability(sums.video),
        calls=tuple(_call(line, under_way) for line in calls),
        next_before=calls[-1].id or None if calls else None,
        turns=turns,
    )


def _capability(tally: Tally) -> CapabilityCost:
    return CapabilityCost(
        calls=tally.calls,
        spent_usd=tally.micros / MICROS,
        held_usd=tally.held / MICROS,
        unpriced_calls=tally.unpriced + tally.open_unpriced,
        estimated_calls=tally.estimated,
        units=tally.units,
    )


def _call(line: LedgerLine, under_way: frozenset[int]) -> CallCost:
    # Nobody is left who could say how it ended: it may have cost all that was set aside.
    lost = line.status == "reserved" and line.id not in under_way
    return CallCost(
        id=line.id,
        at=line.at,
        turn=line.turn,
        capability=line.capability,
        provider=line.provider,
        model=line.model,
        status="settled" if lost else line.status,
        reserved_usd=_usd(line.at_most),
        cost_usd=_usd(line.at_most if lost else line.micros),
        estimated=line.estimated or lost,
        units=line.units,
        request_id=line.request_id,
    )


def _usd(micros: int | None) -> float | None:
    return None if micros is None else micros / MICROS
