"""Lines of ledgers, for the tests of this folder."""

from datetime import UTC, datetime
from typing import Any

from app.models.ledger import LedgerEntry, LedgerLine, LedgerSums, Units
from app.storage.store import SessionStore

AT = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)


def a_line(number: int = 0, **fields: Any) -> LedgerLine:
    """A reservation of a thousand millionths for a text, unless told otherwise."""
    given = {
        "id": number,
        "at": AT,
        "session_id": "a",
        "turn": 0,
        "capability": "text",
        "provider": "double",
        "model": "dear",
        "status": "reserved",
        "at_most": 1000,
    }
    return LedgerLine(**{**given, **fields})


def settled(number: int = 0, micros: int | None = 400, **fields: Any) -> LedgerLine:
    units = Units(input_tokens=10, output_tokens=5)
    return a_line(number, status="settled", micros=micros, units=units, **fields)


def entries(*lines: LedgerLine, after: LedgerSums | None = None) -> tuple[LedgerEntry, ...]:
    """Each with the sums up to it."""
    sums, made = after or LedgerSums(), []
    for line in lines:
        sums = sums.after(line)
        made.append(LedgerEntry(line=line, sums=sums))
    return tuple(made)


async def post(store: SessionStore, *lines: LedgerLine, session_id: str = "a") -> None:
    """Add lines to a session's ledger."""
    before = await store.ledger(session_id)
    await store.post(session_id, entries(*lines, after=before))
