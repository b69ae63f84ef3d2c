"""Money: reserved before a call, settled after it. A cap holds because nothing is spent first."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from app.errors import BudgetExhausted
from app.models.ledger import Capability, LedgerLine, Units
from app.models.session import Settings

MICROS = 1_000_000
"""Millionths in a dollar."""


@dataclass(slots=True)
class Account:
    """What one session has spent and holds."""

    lines: list[LedgerLine] = field(default_factory=list)
    spent: int = 0
    held: int = 0


class Ledger:
    """Every session's account."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._accounts: dict[str, Account] = {}

    def purse(self, session_id: str, turn: int, settings: Settings) -> "SessionPurse":
        """What the session may spend on this turn."""
        account = self._accounts.setdefault(session_id, Account())
        return SessionPurse(account, turn, settings.budget_usd, self._clock)

    def spent(self, session_id: str) -> int:
        """Millionths of a dollar."""
        account = self._accounts.get(session_id)
        return account.spent if account else 0


class SessionPurse:
    """One turn's access to an account."""

    def __init__(
        self,
        account: Account,
        turn: int,
        budget_usd: float | None,
        clock: Callable[[], datetime],
    ) -> None:
        self._account = account
        self._turn = turn
        self._budget = None if budget_usd is None else round(budget_usd * MICROS)
        self._clock = clock

    async def reserve(
        self, capability: Capability, *, provider: str, model: str, at_most: int | None
    ) -> "AccountHold":
        account = self._account
        wanted = at_most or 0
        if self._budget is not None and account.spent + account.held + wanted > self._budget:
            raise BudgetExhausted
        account.held += wanted
        line = LedgerLine(
            id=len(account.lines),
            at=self._clock(),
            turn=self._turn,
            capability=capability,
            provider=provider,
            model=model,
            status="reserved",
            micros=at_most,
        )
        account.lines.append(line)
        return AccountHold(account, line)


class AccountHold:
    """Money set aside for one call."""

    def __init__(self, account: Account, line: LedgerLine) -> None:
        self._account = account
        self._line = line

    def settle(
        self, units: Units, micros: int | None, *, estimated: bool = False, request_id: str = ""
    ) -> None:
        self._account.held -= self._line.micros or 0
        self._account.spent += micros or 0
        self._account.lines[self._line.id] = self._line.model_copy(
            update={
                "status": "settled",
                "micros": micros,
                "units": units,
                "estimated": estimated,
                "request_id": request_id,
            }
        )

    def release(self) -> None:
        self._account.held -= self._line.micros or 0
        self._account.lines[self._line.id] = self._line.model_copy(update={"status": "released"})
