"""Money: reserved before a call, settled after it. A cap holds because nothing is spent first."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import partial
from typing import Final, Literal
from weakref import WeakValueDictionary

from app.engine.accounts import Account, Posting
from app.engine.pact import Pact
from app.errors import BudgetExhausted
from app.models.ledger import MICROS, Capability, LedgerLine, LedgerSums, Units
from app.models.session import Settings
from app.storage.locks import SessionLocks
from app.storage.store import SessionStore

LONGEST_REQUEST_ID: Final = 128

Heed = Callable[[LedgerLine], None]


def unheeded(_: LedgerLine) -> None:
    """Nobody counts."""


def micros_of(usd: float | None) -> int | None:
    """A cap in millionths of a dollar."""
    return None if usd is None else round(usd * MICROS)


class Ledger:
    """What sessions spend, each from its own account and all from the day's.

    A call is made only while `spent + held + the most it may cost` stays within both the
    session's budget and `day_cap_usd`, which covers all sessions and a day of UTC. A call whose
    price is unknown counts as nothing and is refused only where a cap is reached. `heed` hears
    of every call's end.
    """

    def __init__(
        self,
        store: SessionStore,
        clock: Callable[[], datetime],
        *,
        day_cap_usd: float | None = None,
        heed: Heed = unheeded,
    ) -> None:
        self._store = store
        self._clock = clock
        self._day_cap = micros_of(day_cap_usd)
        self.heed = heed
        self._accounts: WeakValueDictionary[str, Account] = WeakValueDictionary()
        self._days: WeakValueDictionary[date, Account] = WeakValueDictionary()
        self._today: tuple[date, Account] | None = None
        self._loading = SessionLocks()
        self._busy: set[Account] = set()

    def now(self) -> datetime:
        return self._clock()

    def purse(self, session_id: str, turn: int, settings: Settings) -> "SessionPurse":
        """What the session may spend on one part of this turn."""
        return SessionPurse(self, session_id, turn, micros_of(settings.budget_usd))

    async def spent(self, session_id: str) -> int:
        """Millionths of a dollar. Touches no disk while the session is in memory."""
        account = self._accounts.get(session_id)
        if account is not None:
            return account.spent
        sums = await self._store.ledger(session_id)
        return sums.micros + sums.held

    async def sums(self, session_id: str) -> tuple[LedgerSums, frozenset[int]]:
        """What the session's ledger says, and which calls are being made at this moment."""
        account = self._accounts.get(session_id)
        if account is not None:
            return account.sums, account.open_ids
        return (await self._store.ledger(session_id)).closed(), frozenset()

    def is_capped(self, settings: Settings) -> bool:
        """Whether there is anything that may not be exceeded."""
        return settings.budget_usd is not None or self._day_cap is not None

    async def is_exhausted(self, session_id: str, settings: Settings) -> bool:
        """Whether not even the cheapest call can be paid."""
        budget = micros_of(settings.budget_usd)
        if budget is not None and not (await self._account(session_id)).has_room(1, budget):
            return True
        return self._day_cap is not None and not (await self._day()).has_room(1, self._day_cap)

    async def open(self) -> None:
        """Learn what was spent today before this start."""
        await self._day()

    def spent_today(self) -> int:
        """Millionths of a dollar, by all sessions."""
        if self._today is None or self._today[0] != self._date():
            return 0
        return self._today[1].spent

    async def drain(self, session_id: str) -> None:
        """Have everything written that the session's account still has to say."""
        account = self._accounts.get(session_id)
        if account is not None:
            await account.drain()

    def forget(self, session_id: str) -> None:
        """The session was deleted: another one of its id begins with nothing spent."""
        account = self._accounts.pop(session_id, None)
        if account is not None:
            account.close()

    async def close(self) -> None:
        """Write what was not written yet, so that nothing counts as more than it cost."""
        for account in list(self._busy):
            await account.drain()

    async def reserve(
        self, line: LedgerLine, budget: int | None
    ) -> tuple[tuple[Account, Posting], ...]:
        """Set money aside in both accounts. Raises `BudgetExhausted`, `StorageError`."""
        account, day = await self._account(line.session_id), await self._day()
        wanted = 1 if line.at_most is None else line.at_most
        # From here to the reservations nothing is awaited, so that nobody can slip in.
        if not account.has_room(wanted, budget):
            raise BudgetExhausted("What is left of this session's budget does not pay for it.")
        if not day.has_room(wanted, self._day_cap):
            raise BudgetExhausted("What is left of the service's budget for today is too little.")
        held = tuple((each, each.reserve(line)) for each in (day, account))
        try:
            for _, posting in held:
                await posting.durable()
        except BaseException:
            release = line.model_copy(update={"status": "released", "at": self.now()})
            for each, posting in held:
                each.end(posting, release)
            raise
        return held

    async def _account(self, session_id: str) -> Account:
        async with self._loading.waiting(session_id):
            account = self._accounts.get(session_id)
            if account is None:
                sums = await self._store.ledger(session_id)
                account = Account(sums, partial(self._store.post, session_id), self._busy)
                self._accounts[session_id] = account
            return account

    async def _day(self) -> Account:
        day = self._date()
        async with self._loading.waiting(f".{day}"):
            account = self._days.get(day)
            if account is None:
                sums = await self._store.day_ledger(day)
                account = Account(sums, partial(self._store.post_day, day), self._busy)
                self._days[day] = account
            self._today = day, account
            return account

    def _date(self) -> date:
        return self._clock().astimezone(UTC).date()


class SessionPurse:
    """One part of a turn's access to the accounts."""

    def __init__(self, ledger: Ledger, session_id: str, turn: int, budget: int | None) -> None:
        self._ledger = ledger
        self._session_id = session_id
        self._turn = turn
        self._budget = budget
        self._pact: Pact | None = None
        self.spent = 0
        """Millionths of a dollar, settled through this purse."""

    def join(self, pact: Pact) -> None:
        """Have the first call depend on what else the turn needs."""
        self._pact = pact

    async def reserve(
        self, capability: Capability, *, provider: str, model: str, at_most: int | None
    ) -> "AccountHold":
        line = LedgerLine(
            id=0,
            at=self._ledger.now(),
            session_id=self._session_id,
            turn=self._turn,
            capability=capability,
            provider=provider,
            model=model,
            status="reserved",
            at_most=at_most,
        )
        pact, self._pact = self._pact, None
        try:
            held = await self._ledger.reserve(line, self._budget)
        except BudgetExhausted:
            if pact is not None:
                pact.refused()
            raise
        hold = AccountHold(self._ledger, self, line, held)
        if pact is not None:
            try:
                await pact.granted(self)
            except BaseException:
                hold.release()
                raise
        return hold

    def paid(self, micros: int) -> None:
        self.spent += micros


class AccountHold:
    """Money set aside for one call."""

    def __init__(
        self,
        ledger: Ledger,
        purse: SessionPurse,
        line: LedgerLine,
        held: tuple[tuple[Account, Posting], ...],
    ) -> None:
        self._ledger = ledger
        self._purse = purse
        self._line = line
        self._held = held

    def settle(
        self, units: Units, micros: int | None, *, estimated: bool = False, request_id: str = ""
    ) -> None:
        self._end(
            "settled",
            micros=micros,
            units=units,
            estimated=estimated,
            request_id=request_id[:LONGEST_REQUEST_ID],
        )

    def release(self) -> None:
        self._end("released")

    def _end(self, status: Literal["settled", "released"], **more: object) -> None:
        held, self._held = self._held, ()
        if not held:
            return  # the first word counts
        line = self._line.model_copy(update={"status": status, "at": self._ledger.now(), **more})
        for account, posting in held:
            account.end(posting, line)
        self._purse.paid(line.micros or 0)
        self._ledger.heed(line)
