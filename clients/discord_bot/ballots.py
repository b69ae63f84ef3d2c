"""The vote of a table: kept in the records, counted at its end."""

import asyncio
import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from clients.discord_bot import clock
from clients.discord_bot.messenger import ChannelGone
from clients.discord_bot.refusals import Refusal
from clients.discord_bot.ui.render import Closing
from clients.discord_bot.voting import Vote, VoteClosed, VoteError, open_vote
from clients.game_client import ServiceError, State, Turn

if TYPE_CHECKING:
    from clients.discord_bot.table import Table, Who

logger = logging.getLogger(__name__)

IN_TIME: Final = 1.5
"""Seconds before a deadline at which votes are counted, so that the world does not act first."""
SHOWN_EVERY: Final = 2.0
"""Seconds between two edits that show counts."""


class Ballots:
    """Votes on the present turn."""

    def __init__(self, table: "Table") -> None:
        self._table = table
        self._showing: asyncio.Task[None] | None = None
        self._counting: asyncio.Task[None] | None = None
        self._counts_at: float | None = None

    async def cast(self, who: "Who", choice_id: str) -> bool:
        """Count a vote in place of the one given before; whether it was the last one.

        Raises `Refusal`; and `ServiceError` when the last vote had a turn made that was not.
        """
        table = self._table
        game = table.game.with_player(who.id)
        vote = game.vote or self._opened(game.players)
        now = clock.now().timestamp()
        try:
            vote = _joined(vote, who.id).cast(who.id, choice_id, now=now)
        except VoteClosed as error:
            raise Refusal("vote.closed") from error
        except VoteError as error:
            raise Refusal("error.stale") from error
        table.change_game(players=game.players, vote=vote, used_at=now)
        if vote.is_closed(now=now):
            await self._count()
            return True
        self._keep_time(vote)
        self._show_soon()
        return False

    def follow(self, state: State) -> None:
        """What is true now: the vote ends with its turn, and moves with its deadline."""
        vote = self._table.game.vote
        if vote is not None and (
            state.over
            or vote.turn != state.turn
            or {c.id for c in state.choices} != {*vote.choices}
        ):
            self._table.change_game(vote=None)
            vote = None
        if vote is not None and state.deadline_at is not None:
            ends = state.deadline_at.timestamp() - IN_TIME
            if vote.deadline != ends:
                vote = vote.until(ends)
                self._table.change_game(vote=vote)
        self._keep_time(vote)

    def _opened(self, players: tuple[int, ...]) -> Vote:
        state = self._table.state
        if state is None or not state.choices:
            raise Refusal("error.stale")
        ends = clock.now().timestamp() + self._table.house.vote_seconds
        if state.deadline_at is not None:
            ends = state.deadline_at.timestamp() - IN_TIME
        return open_vote(
            (choice.id for choice in state.choices),
            seed=state.seed,
            turn=state.turn,
            # Who plays alone does not end a vote: others may want to join.
            eligible=players if len(players) > 1 else None,
            deadline=ends,
        )

    def _keep_time(self, vote: Vote | None) -> None:
        ends = vote.deadline if vote is not None and vote.ballots else None
        if ends == self._counts_at:
            return
        self._counts_at = ends
        if self._counting is not None and self._counting is not asyncio.current_task():
            self._counting.cancel()
        self._counting = None
        if ends is not None:
            name = f"the vote of {self._table.session_id}"
            self._counting = self._table.tasks.start(self._count_at(ends), name)

    async def _count_at(self, ends: float) -> None:
        left = ends - clock.now().timestamp()
        await clock.until(clock.now() + timedelta(seconds=left))
        try:
            await self._count()
        except (ServiceError, Refusal, ChannelGone) as error:
            logger.info("a vote came to nothing", extra={"reason": str(error)})

    async def _count(self) -> None:
        """Play what most are for. If that cannot be, the vote begins anew."""
        table, state, vote = self._table, self._table.state, self._table.game.vote
        if vote is None or state is None or (winner := vote.winner()) is None:
            return
        text = next((choice.text for choice in state.choices if choice.id == winner), "")
        closing = Closing(how="vote", text=text, choice_id=winner)
        turn = state.turn

        async def play() -> Turn:
            return await table.house.client.act(
                table.session_id, choice_id=winner, expected_turn=turn
            )

        table.change_game(vote=None)
        await table.play(closing, play)

    def _show_soon(self) -> None:
        if self._showing is None or self._showing.done():
            self._table.face.redraw()
            self._showing = self._table.tasks.start(self._show_later(), "counts of a vote")

    async def _show_later(self) -> None:
        shown = self._table.game.vote
        await clock.pause(SHOWN_EVERY)
        while (vote := self._table.game.vote) is not None and vote != shown:
            self._table.face.redraw()
            shown = vote
            await clock.pause(SHOWN_EVERY)


def _joined(vote: Vote, voter: int) -> Vote:
    """Whoever votes takes part."""
    if vote.eligible is None or voter in vote.eligible:
        return vote
    return vote.model_copy(update={"eligible": (*vote.eligible, voter)})
