"""The words of a turn whose picture takes longer: posted as soon as they are told.

What is told is provisional, so that nothing can be pressed yet. The message becomes the turn's own
when the turn is there; if it is not made after all, the message goes.
"""

import asyncio
import logging
from typing import TYPE_CHECKING, Final

import discord

from clients.discord_bot import clock
from clients.discord_bot.messenger import ChannelGone
from clients.discord_bot.refusals import Refusal
from clients.discord_bot.ui.render import early_page
from clients.game_client import DispatchDelta

if TYPE_CHECKING:
    from clients.discord_bot.table import Table

logger = logging.getLogger(__name__)

SILENCE: Final = 1.5
"""Seconds without a further word after which the telling counts as whole."""


class Early:
    """At most one message: that of the turn that is being made."""

    def __init__(self, table: "Table") -> None:
        self._table = table
        self._turn = -1
        self._told = ""
        self._task: asyncio.Task[None] | None = None
        self._message: tuple[int, int] | None = None
        """The channel and the message that shows the words."""

    def begin(self, turn: int) -> None:
        """A turn is being made, with a picture that has yet to come."""
        self._stop()
        self._turn, self._told = turn, ""
        self._task = self._table.tasks.start(self._wait(turn), f"words of turn {turn}")

    def hear(self, delta: DispatchDelta) -> None:
        """More of its words; they may begin afresh."""
        if delta.turn == self._turn:
            self._told = self._told[: delta.offset] + delta.text

    def taken(self, turn: int, channel_id: int) -> int | None:
        """The message that becomes the turn's own, if there is one there."""
        self._stop()
        message, self._message = self._message, None
        if message is None or self._turn != turn or message[0] != channel_id:
            return None
        return message[1]

    async def drop(self) -> None:
        """The turn is not made: nobody shall read what did not happen."""
        async with self._table.lock:
            self._stop()
            message, self._message = self._message, None
        if message is not None:
            await self._table.house.messenger.delete(*message)

    def _stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None

    async def _wait(self, turn: int) -> None:
        heard = ""
        while not self._told or self._told != heard:
            heard = self._told
            await clock.pause(SILENCE)
        try:
            async with self._table.lock:
                await self._post(turn)
        except (ChannelGone, Refusal, discord.HTTPException) as problem:
            logger.info("words cannot be shown early", extra={"reason": str(problem)})

    async def _post(self, turn: int) -> None:
        table = self._table
        if table.state is None or table.state.turn != turn - 1:
            return  # It is there by now.
        game = table.game
        page = early_page(turn, self._told, table.house.words(game))
        message_id = await table.house.messenger.post(game.channel_id, page)
        self._message = game.channel_id, message_id
