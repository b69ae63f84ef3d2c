"""All tables of the bot, each opened when it is needed and once."""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from clients.discord_bot import clock
from clients.discord_bot.house import House
from clients.discord_bot.messenger import ChannelGone
from clients.discord_bot.records import Game
from clients.discord_bot.refusals import Refusal
from clients.discord_bot.table import Table
from clients.discord_bot.tasks import Tasks
from clients.game_client import ServiceError, SessionNotFound

logger = logging.getLogger(__name__)

AWAKE: Final = 200
"""Tables that are open at the same time at most: each has an event stream. One that is closed
shows what it has missed when somebody plays it."""
RECENT: Final = 7 * 24 * 3600.0
"""Seconds. Games that were not played for so long are left asleep by a restart."""
FIRST_PAUSE: Final = 2.0
LONGEST_PAUSE: Final = 60.0


class Hall:
    """Opens tables and closes them."""

    def __init__(self, house: House) -> None:
        self.house = house
        self._tables: dict[str, asyncio.Task[Table]] = {}
        self._tasks = Tasks()
        self._beginning: set[str] = set()

    @contextmanager
    def beginning(self, session_id: str) -> Iterator[None]:
        """While a story begins, nobody else begins it. Raises `Refusal`."""
        if session_id in self._beginning:
            raise Refusal("error.busy")
        self._beginning.add(session_id)
        try:
            yield
        finally:
            self._beginning.discard(session_id)

    def wake(self) -> None:
        """Open, in the background, the tables of the games that were played lately."""
        self._tasks.start(self._wake_all(), "tables wake")

    async def aclose(self) -> None:
        """Close all tables."""
        await self._tasks.aclose()
        for session_id in tuple(self._tables):
            await self._close(session_id)

    def open_table(self, session_id: str) -> Table | None:
        """The table, if it is open."""
        task = self._tables.get(session_id)
        if task is None or not task.done() or task.cancelled() or task.exception() is not None:
            return None
        return task.result()

    async def table(self, session_id: str) -> Table:
        """The table of a session. Raises `Refusal` for one that nobody plays here, and
        `ServiceError`."""
        game = self.house.records.game(session_id)
        if game is None:
            raise Refusal("error.not_started")
        if (lost := self.open_table(session_id)) is not None and lost.is_lost:
            await self._close(session_id)
        task = self._tables.get(session_id)
        if task is None:
            await self._make_room()
            task = self._tables.get(session_id)
        if task is None:
            task = asyncio.create_task(self._opened(game), name=f"opening {session_id}")
            self._tables[session_id] = task
        try:
            # Whoever else waits for it is not to be cancelled with one of them.
            return await asyncio.shield(task)
        except (ServiceError, Refusal, ChannelGone):
            if self._tables.get(session_id) is task:
                del self._tables[session_id]
            raise

    async def seat(self, game: Game) -> Table:
        """Play a session in this place from now on. Raises as `table` does."""
        self.house.records.set_game(game)
        return await self.table(game.session_id)

    async def leave(self, session_id: str) -> None:
        """Close a table and forget its game."""
        await self._close(session_id)
        self.house.records.forget_game(session_id)

    async def _opened(self, game: Game) -> Table:
        table = Table(game, self.house)
        try:
            await table.open()
        except BaseException:
            await table.aclose()
            raise
        return table

    async def _close(self, session_id: str) -> None:
        task = self._tables.pop(session_id, None)
        if task is None:
            return
        if not task.done():
            task.cancel()
            await asyncio.wait({task})
        if not task.cancelled() and task.exception() is None:
            await task.result().aclose()

    async def _make_room(self) -> None:
        if len(self._tables) < AWAKE:
            return
        games = self.house.records.games()
        asleep = next((g.session_id for g in reversed(games) if g.session_id in self._tables), None)
        if asleep is not None:
            await self._close(asleep)

    async def _wake_all(self) -> None:
        since = clock.now().timestamp() - RECENT
        recent = [game for game in self.house.records.games() if game.used_at >= since]
        for game in recent[:AWAKE]:
            # Side by side: one that cannot be opened holds up no other.
            self._tasks.start(self._wake(game), f"waking {game.session_id}")

    async def _wake(self, game: Game) -> None:
        pause = FIRST_PAUSE
        while True:
            try:
                await self.table(game.session_id)
            except SessionNotFound:
                self.house.records.forget_game(game.session_id)
            except ChannelGone as gone:
                if gone.for_good:
                    self.house.records.forget_game(game.session_id)
            except Refusal:
                return
            except ServiceError as error:
                logger.warning(
                    "a table cannot be opened yet",
                    extra={"session_id": game.session_id, "code": error.code},
                )
                await clock.pause(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
                continue
            return
