"""The clock of a table: it keeps the service's deadline, and asks the world to act when it
passes."""

import asyncio
import logging
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from clients.discord_bot import clock
from clients.discord_bot.messenger import ChannelGone
from clients.discord_bot.refusals import Refusal
from clients.discord_bot.ui.render import Closing
from clients.game_client import Conflict, ServiceError, State, Turn

if TYPE_CHECKING:
    from clients.discord_bot.table import Table

logger = logging.getLogger(__name__)

SLACK: Final = 0.3
"""Seconds after the deadline: two clocks never agree, and too early is a refusal."""
FIRST_PAUSE: Final = 2.0
LONGEST_PAUSE: Final = 60.0


class Countdown:
    """At most one task: the deadline of the present turn."""

    def __init__(self, table: "Table") -> None:
        self._table = table
        self._task: asyncio.Task[None] | None = None
        self._kept: tuple[int, datetime] | None = None

    async def graceful(self, state: State) -> State:
        """A deadline that passed while nobody kept it begins anew: the players may not have
        known."""
        if state.deadline_at is None or state.deadline_at > clock.now():
            return state
        try:
            return await self._table.house.client.extend(
                self._table.session_id, seconds=max(5, state.settings.deadline_seconds)
            )
        except Conflict:
            return await self._table.house.client.state(self._table.session_id)

    def follow(self, state: State) -> None:
        """Keep this state's deadline, and no other."""
        at = state.deadline_at
        kept = (state.turn, at) if at is not None and not state.over else None
        if kept == self._kept:
            return
        self._kept = kept
        if self._task is not None and self._task is not asyncio.current_task():
            self._task.cancel()
        self._task = None
        if kept is not None:
            name = f"the deadline of {self._table.session_id}"
            self._task = self._table.tasks.start(self._wait(*kept), name)

    async def _wait(self, turn: int, at: datetime) -> None:
        await clock.until(at + timedelta(seconds=SLACK))
        pause = FIRST_PAUSE
        while self._kept == (turn, at):
            try:
                await self._penalize(turn, at)
            except ServiceError as error:
                logger.warning(
                    "the world does not act",
                    extra={"session_id": self._table.session_id, "code": error.code},
                )
            except ChannelGone:
                return
            # Most often another turn is shown by now. If not: a clock of ours that is early, or a
            # choice that came to nothing.
            await clock.pause(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    async def _penalize(self, turn: int, at: datetime) -> None:
        table = self._table
        key = f"discord:deadline:{table.session_id}:{turn}:{int(at.timestamp())}"

        async def play() -> Turn:
            return await table.house.client.penalize(table.session_id, expected_turn=turn, key=key)

        try:
            await table.play(Closing(how="timeout"), play, at_once=False)
        except Refusal:
            return  # Somebody chooses at this moment, here.
        except Conflict as error:
            # Somebody chose in time, elsewhere; or the clock is held, or has more time.
            logger.debug("the deadline was moot", extra={"code": error.code})
            await table.catch_up()
