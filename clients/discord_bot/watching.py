"""What happens in a session, whoever caused it: a browser, auto-play, this bot's own clicks."""

import logging
from typing import TYPE_CHECKING, Final

from clients.discord_bot import clock
from clients.discord_bot.messenger import ChannelGone
from clients.discord_bot.ui.render import Closing, How, fate_name
from clients.game_client import (
    ChoicesChanged,
    Deadline,
    DispatchDelta,
    Event,
    Hello,
    ImageFailed,
    ImageReady,
    Resync,
    ServiceError,
    SessionOver,
    SessionReset,
    TapeReady,
    TurnCommitted,
    TurnFailed,
    TurnStarted,
)

if TYPE_CHECKING:
    from clients.discord_bot.table import Table

logger = logging.getLogger(__name__)

_SHOWN: Final = (
    Hello,
    Resync,
    TurnCommitted,
    ImageFailed,
    ChoicesChanged,
    Deadline,
    SessionReset,
)
SETTLED: Final = 2.0
"""Seconds after a turn of auto-play's in which it has stopped, if that was its last one."""
FRAME: Final = 1.2
"""Seconds between two frames of the roll of fate: with the click's own edit three in three."""


async def watch(table: "Table", after: int) -> None:
    """Show all that happens from the event `after` on, until the session is deleted. At the end
    the table is lost."""
    try:
        async with table.house.client.events(table.session_id, after=after) as events:
            async for event in events:
                await _tell(table, event)
    except ServiceError as error:
        extra = {"session_id": table.session_id, "code": error.code}
        logger.warning("a session cannot be watched", extra=extra)
    finally:
        table.is_lost = True


async def _tell(table: "Table", event: Event) -> None:
    try:
        match event:
            case TurnStarted():
                table.auto_turn = event.turn if event.actor.client == "auto" else None
                await _started(table, event)
            case DispatchDelta():
                table.face.early.hear(event)
            case ImageReady():
                await table.face.illustrate(event.turn, event.image)
                await table.catch_up()
            case TapeReady():
                # Beside the next turns: a film is large.
                table.tasks.start(_film(table, event), f"film of {table.session_id}")
            case TurnFailed():
                await table.face.early.drop()
                table.face.reopen()
            case SessionOver(reason="deleted"):
                table.face.close(Closing(how="elsewhere"))
            case _ if isinstance(event, _SHOWN):
                await table.catch_up()
                if isinstance(event, TurnCommitted) and event.turn == table.auto_turn:
                    table.tasks.start(_resting(table, event.turn), f"rest of {table.session_id}")
            case _:
                pass
    except (ServiceError, ChannelGone) as problem:
        # The next event, or the next connection, tries again.
        logger.warning(
            "an event cannot be shown",
            extra={"session_id": table.session_id, "reason": str(problem)},
        )


async def _resting(table: "Table", turn: int) -> None:
    """No event tells that auto-play has stopped: after each of its turns the session is asked."""
    await clock.pause(SETTLED)
    try:
        state = await table.house.client.state(table.session_id)
    except ServiceError as error:
        extra = {"session_id": table.session_id, "code": error.code}
        logger.warning("whether auto-play goes on is not known", extra=extra)
        return
    if state.turn == turn and not state.over and not state.settings.auto_play:
        table.face.rest(turn)


async def _film(table: "Table", event: TapeReady) -> None:
    try:
        await table.films.ready(event.tape)
    except ChannelGone as gone:
        logger.warning("a film has no channel", extra={"reason": str(gone)})


async def _started(table: "Table", event: TurnStarted) -> None:
    if table.state is None or table.state.turn != event.expected_turn:
        return  # The turn that it became is shown already.
    if event.image.status == "pending":
        table.face.early.begin(event.turn)
    if not table.face.is_closed:
        table.face.close(_closing(event))
    if event.fate and table.house.policy(table.game).motion == "full":
        table.face.roll_fate(_roll(table, event))


def _closing(event: TurnStarted) -> Closing:
    name, choice = event.actor.name or "", event.choice
    if event.actor.client == "timeout":
        return Closing(how="timeout")
    if choice is None:
        return Closing(how="elsewhere")
    if event.actor.client == "auto":
        return Closing(how="auto", text=choice.text, choice_id=choice.id)
    how: How = "own" if choice.id is None else "chosen"
    return Closing(how=how, name=name, text=choice.text, choice_id=choice.id)


async def _roll(table: "Table", event: TurnStarted) -> None:
    """Two frames while the turn is made; a turn that is quicker has none, and waits for none."""
    words = table.house.words(table.game)
    name = fate_name(event.fate or "", words)
    for frame in ("🎲 …", f"🎲 {name}"):
        await clock.pause(FRAME)
        if not table.face.is_closed or table.state is None or table.state.turn >= event.turn:
            return
        table.face.roll(frame)
