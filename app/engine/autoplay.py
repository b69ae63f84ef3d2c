"""Auto-play: the server plays a session by itself, until there is a reason to stop.

A session plays while its setting `auto_play` is on, and whatever stops it switches the setting
off: its end, somebody who acts, `MOST_TURNS` turns since it was switched on, a budget, a model
that fails, a reset. So the setting tells the truth, and a restart goes on with the sessions whose
setting is on. Turns are counted in the session's meta before they are played: the cap holds over
restarts and crashes. Nobody's deadline is waited for; a held one holds auto-play as well.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from app.engine.picking import pick
from app.engine.requests import Asked
from app.engine.turns import Turns
from app.errors import GameError, SessionNotFound, StaleTurn, TurnInProgress
from app.models.events import Actor
from app.models.record import SessionRecord
from app.models.session import Meta, Settings
from app.storage.store import SessionStore

logger = logging.getLogger(__name__)

MOST_TURNS: Final = 40
"""In a row, each time that it is switched on."""
RESUMED_AT_ONCE: Final = 100
"""Sessions that a restart goes on with at the same time; the others wait for one to stop."""
AUTO: Final = Actor(client="auto")

_IN_TIME: Final = 2.0
"""Seconds before a deadline in which it has chosen."""
_SHORTEST: Final = 1.0

Pause = Callable[[float], Awaitable[None]]


@dataclass(slots=True)
class _Player:
    """Who plays one session. `reason` is set to stop it, `woken` to have it look again."""

    woken: asyncio.Event = field(default_factory=asyncio.Event)
    reason: str | None = None
    followed: bool = False
    """Another one plays the session after it: what it thinks of the setting counts no more."""
    task: asyncio.Task[None] | None = None

    def stop(self, reason: str) -> None:
        self.reason = self.reason or reason
        self.woken.set()


class AutoPlay:
    """One task for each session that plays itself."""

    def __init__(
        self,
        store: SessionStore,
        turns: Turns,
        *,
        clock: Callable[[], datetime],
        pause: Pause = asyncio.sleep,
    ) -> None:
        self._store = store
        self._turns = turns
        self._clock = clock
        self._pause = pause
        self._players: dict[str, _Player] = {}
        self._resuming: asyncio.Task[None] | None = None
        self._stopped: set[str] = set()
        """Since the start, among sessions that resuming has not come to."""

    @property
    def playing(self) -> frozenset[str]:
        """The sessions that play themselves at this moment."""
        return frozenset(self._players)

    def open(self) -> None:
        """Find, in the background, the sessions that were playing, and go on with them."""
        self._resuming = asyncio.create_task(self._resume(), name="auto-play resumes")

    async def close(self) -> None:
        """Stop all; what is on stays on, for the next start."""
        tasks = [player.task for player in self._players.values() if player.task is not None]
        if self._resuming is not None:
            tasks.append(self._resuming)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    def follow(self, session_id: str, settings: Settings) -> None:
        """The session's settings have been changed to these."""
        player = self._players.get(session_id)
        if not settings.auto_play:
            if player is not None:
                player.stop("switched off")
        elif player is not None and player.reason is None:
            player.woken.set()
        else:
            self._stopped.discard(session_id)
            self._begin(session_id, player)

    def noticed(self, session_id: str, asked: Asked) -> None:
        """Somebody acts: from here on the session is theirs."""
        if asked.actor.client == AUTO.client:
            return
        if (player := self._players.get(session_id)) is not None:
            player.stop("somebody acted")
        else:
            self._remember(session_id)

    async def off(self, session_id: str, reason: str) -> None:
        """Stop, and switch the setting off. A turn that is being made is not waited for."""
        if (player := self._players.get(session_id)) is not None:
            player.stop(reason)
        self._remember(session_id)
        await self._switch_off(session_id, reason)

    # -- one session ---------------------------------------------------------------------

    def _begin(self, session_id: str, before: _Player | None) -> None:
        player = _Player()
        if before is not None:
            before.followed = True
        work = self._play(session_id, player, before.task if before else None)
        player.task = asyncio.create_task(work, name=f"auto-play of {session_id}")
        self._players[session_id] = player
        player.task.add_done_callback(lambda task: self._ended(session_id, player, task))

    async def _play(
        self, session_id: str, player: _Player, last: asyncio.Task[None] | None
    ) -> None:
        if last is not None:
            await asyncio.wait({last})
        try:
            reason = await self._turn_by_turn(session_id, player)
            if not player.followed:
                await self._switch_off(session_id, reason)
        except SessionNotFound:
            logger.info("auto-play ends with its session", extra={"session_id": session_id})
        except GameError as error:
            logger.warning(
                "auto-play cannot go on", extra={"session_id": session_id, "code": error.code}
            )

    async def _turn_by_turn(self, session_id: str, player: _Player) -> str:
        """Play until there is a reason to stop; returns it."""
        while True:
            meta, record = await self._present(session_id)
            if (reason := player.reason or _over(meta, record)) is not None:
                return reason
            if await self._rest(player, self._wait(record, meta.settings)):
                continue  # Something is different: look again, and count the seconds anew.
            meta, record = await self._present(session_id)
            if (reason := player.reason or _over(meta, record)) is not None:
                return reason
            if record.snapshot.phase == "choosing" and record.hold is None:
                reason = await self._move(session_id, record)
                if reason is not None:
                    return reason

    async def _present(self, session_id: str) -> tuple[Meta, SessionRecord]:
        return await self._store.meta(session_id), await self._store.load(session_id)

    async def _rest(self, player: _Player, seconds: float) -> bool:
        """Wait; whether it was cut short."""
        pause = asyncio.ensure_future(self._pause(seconds))
        woken = asyncio.ensure_future(player.woken.wait())
        try:
            await asyncio.wait({pause, woken}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            pause.cancel()
            woken.cancel()
            await asyncio.wait({pause, woken})
        cut_short = player.woken.is_set()
        player.woken.clear()
        return cut_short

    def _wait(self, record: SessionRecord, settings: Settings) -> float:
        """Seconds until its next move: in time for the deadline, if that is earlier."""
        seconds = float(settings.auto_play_seconds)
        deadline_at = record.snapshot.deadline_at
        if not settings.deadline_seconds or deadline_at is None:
            return seconds
        left = (deadline_at - self._clock()).total_seconds() - _IN_TIME
        return max(_SHORTEST, min(seconds, left))

    async def _move(self, session_id: str, record: SessionRecord) -> str | None:
        """Play one turn; why it is the last one, if it is."""
        choice = pick(record)
        if choice is None:
            return "no choices"
        await self._store.change_meta(session_id, _counted)
        asked = Asked(expected_turn=record.snapshot.turn, actor=AUTO)
        try:
            await self._turns.act(
                session_id, choice=None, choice_id=choice.id, fate=None, asked=asked
            )
        except (TurnInProgress, StaleTurn):
            return None  # Somebody was quicker. Who it was, `noticed` hears.
        except GameError as error:
            return error.code
        return None

    async def _switch_off(self, session_id: str, reason: str) -> None:
        if not (await self._store.meta(session_id)).settings.auto_play:
            return
        await self._store.change_meta(session_id, _switched_off)
        logger.info("auto-play is off", extra={"session_id": session_id, "reason": reason})

    def _ended(self, session_id: str, player: _Player, task: asyncio.Task[None]) -> None:
        if self._players.get(session_id) is player:
            del self._players[session_id]
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("auto-play broke", extra={"session_id": session_id}, exc_info=error)

    # -- after a restart -----------------------------------------------------------------

    def _remember(self, session_id: str) -> None:
        if self._resuming is not None and not self._resuming.done():
            self._stopped.add(session_id)

    async def _resume(self) -> None:
        try:
            async for metas in self._store.metas():
                for meta in metas:
                    if meta.settings.auto_play and meta.session_id not in self._players:
                        await self._go_on(meta.session_id)
        except GameError as error:
            logger.warning("auto-play cannot be resumed", extra={"code": error.code})
        finally:
            self._stopped.clear()

    async def _go_on(self, session_id: str) -> None:
        while len(self._players) >= RESUMED_AT_ONCE:
            tasks = {player.task for player in self._players.values() if player.task is not None}
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        if session_id in self._stopped:
            await self._switch_off(session_id, "somebody acted")
        elif session_id not in self._players:
            self._begin(session_id, None)


def _over(meta: Meta, record: SessionRecord) -> str | None:
    """Why there is nothing to play, if there is not."""
    if not meta.settings.auto_play:
        return "switched off"
    if record.snapshot.phase == "over":
        return "the run has ended"
    if meta.auto_turns >= MOST_TURNS:
        return "as many turns as it may play"
    return None


def _counted(meta: Meta) -> Meta:
    return meta.model_copy(update={"auto_turns": meta.auto_turns + 1})


def _switched_off(meta: Meta) -> Meta:
    settings = meta.settings.model_copy(update={"auto_play": False})
    return meta.model_copy(update={"settings": settings})
