"""Two parts of one turn that are both paid for, or neither."""

import asyncio

from app.errors import BudgetExhausted


class Pact:
    """Words and picture of a turn that fails when either cannot be paid.

    Without it the one would be called, and billed, while the other is refused: a turn that
    cannot be had would cost something each time it is asked for.
    """

    def __init__(self, *parts: object, patience: float) -> None:
        """Nobody waits for the others longer than `patience` seconds."""
        self._silent = set(parts)
        self._patience = patience
        self._all = asyncio.Event()
        self._refused = False

    async def granted(self, part: object) -> None:
        """This part can be paid: return when the others can be as well, or need not.

        Raises `BudgetExhausted` when one of them cannot.
        """
        self.leave(part)
        try:
            async with asyncio.timeout(self._patience):
                await self._all.wait()
        except TimeoutError:
            return
        if self._refused:
            raise BudgetExhausted("What is left of the budget does not pay for the whole turn.")

    def refused(self) -> None:
        """A part cannot be paid."""
        self._refused = True
        self._all.set()

    def leave(self, part: object) -> None:
        """This part is not to be waited for."""
        self._silent.discard(part)
        if not self._silent:
            self._all.set()
