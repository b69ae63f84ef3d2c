"""An account: what one ledger adds up to, kept in memory while somebody draws on it.

Checking a cap and setting money aside happen at once, on the event loop; the line about it is on
the disk before the call is made. What became of a call counts at once too and is written behind,
by the account's own writer, which adds whatever has gathered meanwhile in one go.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from app.errors import GameError, StorageError
from app.models.ledger import LedgerEntry, LedgerLine, LedgerSums

logger = logging.getLogger(__name__)

Post = Callable[[tuple[LedgerEntry, ...]], Awaitable[None]]

_UNWRITTEN: Final = -1


class Posting:
    """One call in one account."""

    __slots__ = ("error", "id", "line", "written")

    def __init__(self, line: LedgerLine) -> None:
        self.line = line
        self.id = _UNWRITTEN
        self.error: GameError | None = None
        self.written: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def durable(self) -> None:
        """Return once the reservation is on the disk. Raises `StorageError` and its kin."""
        await self.written
        if self.error is not None:
            raise self.error

    def resolve(self, error: GameError | None) -> None:
        self.error = error
        if not self.written.done():  # nobody waits any more if it was cancelled
            self.written.set_result(None)


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A line that is not written yet."""

    posting: Posting
    outcome: LedgerLine | None = None
    """None for the reservation itself."""


class Account:
    """`sums` are as they lie on the disk; nobody else may write to that ledger.

    Kept in memory by whoever draws on it, and by `busy` while it has something to write.
    """

    def __init__(self, sums: LedgerSums, post: Post, busy: "set[Account]") -> None:
        # Calls that are open on the disk are none of ours: a crash took who made them.
        self.sums = sums.closed()
        """As written, but for calls of which nobody is left to say how they ended."""
        self._post = post
        self._busy = busy
        self._waiting: list[_Waiting] = []
        self._writer: asyncio.Task[None] | None = None
        self._open: set[Posting] = set()
        self._closed = False
        self.spent = self.sums.micros
        self.held = 0

    @property
    def open_ids(self) -> frozenset[int]:
        """The calls that are being made."""
        return frozenset(posting.id for posting in self._open)

    def has_room(self, micros: int, cap: int | None) -> bool:
        """Whether so much more could be spent."""
        return cap is None or self.spent + self.held + micros <= cap

    def reserve(self, line: LedgerLine) -> Posting:
        """Set money aside at once; `Posting.durable` says when that is on the disk."""
        posting = Posting(line)
        self.held += line.at_most or 0
        self._open.add(posting)
        self._add(_Waiting(posting))
        return posting

    def end(self, posting: Posting, outcome: LedgerLine) -> None:
        """Say what became of a call. Counts at once, and is written behind."""
        self._open.discard(posting)
        self.held -= posting.line.at_most or 0
        self.spent += outcome.micros or 0
        for waiting in self._waiting:
            if waiting.posting is posting:  # nothing of it is on the disk, nor has to be
                self._waiting.remove(waiting)
                return
        self._add(_Waiting(posting, outcome))

    def close(self) -> None:
        """The ledger is gone: what is still to come has nowhere to go."""
        self._closed = True
        self._waiting.clear()
        self._busy.discard(self)

    async def drain(self) -> bool:
        """Write what waits. Returns whether all of it could be written."""
        if self._waiting and self._writer is None:
            self._start()
        if self._writer is not None:
            await asyncio.wait({self._writer})
        return not self._waiting

    def _add(self, waiting: _Waiting) -> None:
        if self._closed:
            waiting.posting.resolve(StorageError("The session is gone."))
            return
        self._waiting.append(waiting)
        if self._writer is None:
            self._start()

    def _start(self) -> None:
        self._busy.add(self)
        self._writer = asyncio.create_task(self._write(), name="ledger")

    async def _write(self) -> None:
        """Until nothing waits, or nothing that somebody waits for can be written."""
        try:
            going = True
            while going and self._waiting:
                going = await self._write_batch()
        finally:
            self._writer = None
            if not self._waiting:
                self._busy.discard(self)

    async def _write_batch(self) -> bool:
        batch, self._waiting = self._waiting, []
        numbered, sums = _numbered(batch, self.sums)
        error: GameError | None = StorageError("The ledger could not be written.")
        try:
            if numbered:
                await self._post(tuple(entry for _, entry in numbered))
            error = None
        except GameError as failure:
            error = failure
        finally:
            if error is None:
                self.sums = sums
                for waiting, entry in numbered:
                    if waiting.outcome is None:
                        waiting.posting.id = entry.line.id
                        waiting.posting.resolve(None)
            else:
                self._put_back(batch, error)
        return error is None or any(waiting.outcome is None for waiting in self._waiting)

    def _put_back(self, batch: list[_Waiting], error: GameError) -> None:
        """Reservations fail; what became of earlier calls is kept for the next attempt."""
        logger.warning("ledger not written", extra={"code": error.code, "lines": len(batch)})
        for waiting in batch:
            if waiting.outcome is None:
                waiting.posting.resolve(error)
        if isinstance(error, StorageError) and not self._closed:
            self._waiting[:0] = [waiting for waiting in batch if waiting.outcome is not None]


def _numbered(
    batch: list[_Waiting], sums: LedgerSums
) -> tuple[list[tuple[_Waiting, LedgerEntry]], LedgerSums]:
    """The lines with their numbers and sums, and the sums after the last one.

    The end of a call whose reservation could not be written is left out with it.
    """
    numbered = []
    for waiting in batch:
        line = waiting.outcome
        if line is None:
            line = waiting.posting.line.model_copy(update={"id": sums.next_id})
        elif waiting.posting.id == _UNWRITTEN:
            continue
        else:
            line = line.model_copy(update={"id": waiting.posting.id})
        sums = sums.after(line)
        numbered.append((waiting, LedgerEntry(line=line, sums=sums)))
    return numbered, sums
