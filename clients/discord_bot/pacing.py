"""How often the messages of a channel are edited, and which edits are worth it.

Discord publishes no figures for this; it answers with headers. Libraries and bots agree on five
edits in five seconds a channel (discord-api-docs#20), and on far fewer for messages older than an
hour, refused with 429 and code 30046 (discord-api-docs#4413: about three in twenty seconds). So
four in any five seconds are planned here: the fifth is left to what the bot does not pace, and to
clocks that disagree. discord.py itself only queues, so that too many edits show as lag.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType
from typing import Final, Protocol

logger = logging.getLogger(__name__)

EDITS: Final = 4
SECONDS: Final = 5.0
REMEMBERED: Final = 64
"""Messages a channel; an edit that comes later than that has lost its way."""

Send = Callable[[], Awaitable[object]]
"""Makes one edit. Called at most once."""


class Weight(Enum):
    """What an edit is worth when there are too many."""

    FINAL = "final"
    """The last state of a message: always sent, and before anything else."""
    UPDATE = "update"
    """A state on the way, such as the count of votes: the newest is sent, when there is room."""
    DECORATION = "decoration"
    """Nice to see now and useless later: sent at once or never."""


KEPT_FREE: Final = MappingProxyType({Weight.FINAL: 0, Weight.UPDATE: 1, Weight.DECORATION: 2})
"""How many edits of the budget each weight leaves to those above it."""


class Clock(Protocol):
    """Time, for the budget."""

    def now(self) -> float:
        """Seconds from some moment; never back."""
        ...

    async def wait(self, event: asyncio.Event, seconds: float) -> None:
        """Until the event is set, or so many seconds have passed."""
        ...


class LoopClock:
    """The time of the machine."""

    def now(self) -> float:
        # Looked up with each call, so that a test's virtual time counts.
        return time.monotonic()

    async def wait(self, event: asyncio.Event, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await event.wait()
        except TimeoutError:
            return


@dataclass(slots=True)
class _Pending:
    message: int
    send: Send
    weight: Weight
    outcome: asyncio.Future[bool]


@dataclass(slots=True)
class _Channel:
    """One channel: what it has spent, what is pending, and who sends it."""

    spent: deque[float] = field(default_factory=deque)
    pending: dict[int, _Pending] = field(default_factory=dict)
    finished: dict[int, None] = field(default_factory=dict)
    """The newest messages whose final state is pending or was sent: nothing less follows it."""
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    worker: asyncio.Task[None] | None = None
    ornament: asyncio.Task[None] | None = None
    """The decoration that is being sent."""


class EditBudget:
    """Sends the edits of a bot's messages, at most `edits` in any `seconds` a channel.

    A message has at most one pending edit, the newest. `aclose` ends what is under way; until then
    every final edit is sent.
    """

    def __init__(
        self, *, edits: int = EDITS, seconds: float = SECONDS, clock: Clock | None = None
    ) -> None:
        if edits <= max(KEPT_FREE.values()):
            raise ValueError("a budget needs room for every weight")
        self._edits = edits
        self._seconds = seconds
        self._clock = clock or LoopClock()
        self._channels: dict[int, _Channel] = {}
        self._closed = False

    def submit(
        self, channel: int, message: int, send: Send, weight: Weight = Weight.UPDATE
    ) -> asyncio.Future[bool]:
        """Have a message edited. Never waits.

        What comes back can be awaited and need not be: True if this edit was sent, False if it was
        dropped or a newer one took its place; what `send` raises is raised there, and logged.
        """
        outcome: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        # A final edit is also what its own loss would be reported by: nobody has to look.
        outcome.add_done_callback(_looked_at)
        if self._closed:
            outcome.set_result(False)
            return outcome
        edit = _Pending(message, send, weight, outcome)
        place = self._place(channel)
        if weight is Weight.DECORATION:
            self._decorate(place, edit)
        else:
            self._enqueue(place, edit)
        return outcome

    def room(self, channel: int, weight: Weight = Weight.DECORATION) -> bool:
        """Whether an edit of this weight would be sent at once."""
        place = self._channels.get(channel)
        return place is None or self._delay(place, weight) <= 0

    async def drain(self) -> None:
        """Wait until nothing is pending."""
        while tasks := self._tasks():
            await asyncio.wait(tasks)

    async def aclose(self) -> None:
        """Drop what is pending and end what is being sent."""
        self._closed = True
        tasks = self._tasks()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for place in self._channels.values():
            for edit in place.pending.values():
                _settle(edit.outcome, sent=False)
        self._channels.clear()

    def _tasks(self) -> set[asyncio.Task[None]]:
        places = self._channels.values()
        return {task for p in places for task in (p.worker, p.ornament) if task is not None}

    def _place(self, channel: int) -> _Channel:
        place = self._channels.get(channel)
        if place is None:
            self._forget_idle()
            place = self._channels[channel] = _Channel()
        return place

    def _forget_idle(self) -> None:
        """Channels in which nothing happens are no different from new ones."""
        for channel, place in list(self._channels.items()):
            idle = place.worker is None and place.ornament is None
            if idle and self._free(place) == self._edits:
                del self._channels[channel]

    def _decorate(self, place: _Channel, edit: _Pending) -> None:
        is_busy = place.pending or place.worker or place.ornament
        if is_busy or edit.message in place.finished or self._delay(place, edit.weight) > 0:
            _settle(edit.outcome, sent=False)
            return
        self._spend(place)
        place.ornament = asyncio.create_task(_adorn(place, edit))
        # A task that is cancelled before it began settles nothing itself.
        place.ornament.add_done_callback(lambda _: _settle(edit.outcome, sent=False))

    def _enqueue(self, place: _Channel, edit: _Pending) -> None:
        if edit.weight is Weight.FINAL:
            _remember(place.finished, edit.message)
        elif edit.message in place.finished:
            _settle(edit.outcome, sent=False)
            return
        older = place.pending.pop(edit.message, None)
        if older is not None:
            _settle(older.outcome, sent=False)
        place.pending[edit.message] = edit
        place.changed.set()
        if place.worker is None:
            place.worker = asyncio.create_task(self._work(place))

    async def _work(self, place: _Channel) -> None:
        try:
            while place.pending:
                await self._step(place)
        finally:
            # Nothing else can run between the test above and this.
            place.worker = None

    async def _step(self, place: _Channel) -> None:
        """Send the next edit, or wait until that may be another one."""
        edit = _next(place)
        place.changed.clear()
        delay = self._delay(place, edit.weight)
        if delay > 0:
            await self._clock.wait(place.changed, delay)
        elif place.ornament is not None:
            # A decoration that is still being sent would be waited for, or land on top.
            place.ornament.cancel()
            await asyncio.wait({place.ornament})
            place.ornament = None
        else:
            del place.pending[edit.message]
            self._spend(place)
            await _carry_out(edit)

    def _spend(self, place: _Channel) -> None:
        place.spent.append(self._clock.now())

    def _free(self, place: _Channel) -> int:
        now = self._clock.now()
        while place.spent and place.spent[0] + self._seconds <= now:
            place.spent.popleft()
        return self._edits - len(place.spent)

    def _delay(self, place: _Channel, weight: Weight) -> float:
        """Seconds until an edit of this weight may be sent."""
        missing = KEPT_FREE[weight] + 1 - self._free(place)
        if missing <= 0:
            return 0.0
        return place.spent[missing - 1] + self._seconds - self._clock.now()


def _next(place: _Channel) -> _Pending:
    """Final edits first, then in the order in which they were asked for."""
    waiting = place.pending.values()
    return next((edit for edit in waiting if edit.weight is Weight.FINAL), next(iter(waiting)))


def _remember(finished: dict[int, None], message: int) -> None:
    finished.pop(message, None)
    finished[message] = None
    if len(finished) > REMEMBERED:
        del finished[next(iter(finished))]


async def _adorn(place: _Channel, edit: _Pending) -> None:
    try:
        await _carry_out(edit)
    finally:
        place.ornament = None


async def _carry_out(edit: _Pending) -> None:
    """Send it, and pass on whatever comes of it. One edit that fails holds up no other."""
    sending = asyncio.ensure_future(edit.send())
    try:
        await asyncio.wait({sending})
    except asyncio.CancelledError:
        sending.cancel()
        await asyncio.wait({sending})
        _settle(edit.outcome, sent=False)
        raise
    if sending.cancelled():
        _settle(edit.outcome, sent=False)
        return
    error = sending.exception()
    if error is None:
        _settle(edit.outcome, sent=True)
        return
    logger.warning("an edit failed", extra={"weight": edit.weight.value, "error": str(error)})
    if not edit.outcome.done():
        edit.outcome.set_exception(error)


def _settle(outcome: asyncio.Future[bool], *, sent: bool) -> None:
    if not outcome.done():
        outcome.set_result(sent)


def _looked_at(outcome: asyncio.Future[bool]) -> None:
    if not outcome.cancelled():
        outcome.exception()
