"""The present message of a table: posted once a turn, edited until the turn is over."""

import asyncio
import logging
from collections.abc import Coroutine
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from clients.discord_bot import clock
from clients.discord_bot.early import Early
from clients.discord_bot.messenger import ChannelGone, PictureRefused
from clients.discord_bot.pacing import Weight
from clients.discord_bot.pictures import attach
from clients.discord_bot.records import Game
from clients.discord_bot.ui.page import Attached, Page
from clients.discord_bot.ui.render import Closing, Showing, alt_of, turn_page
from clients.game_client import Image, State

if TYPE_CHECKING:
    from clients.discord_bot.table import Table

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Past:
    """The message before the present one, whose picture has yet to come."""

    game: Game
    state: State
    closing: Closing | None


class Face:
    """What a table shows. `show` is for one caller at a time; everything else never waits."""

    def __init__(self, table: "Table") -> None:
        self._table = table
        self._house = table.house
        self.early = Early(table)
        self.state: State | None = None
        """What the message shows."""
        self._past: Past | None = None
        self._closing: Closing | None = None
        self._rolling: asyncio.Task[None] | None = None
        self._resting: int | None = None
        """The turn after which auto-play stopped."""
        self._drawn: object = None
        self._late: Attached | None = None
        """The picture of the message, until it is in it."""
        self._is_refused = False
        """Discord does not take the picture of the message."""

    @property
    def is_closed(self) -> bool:
        """Whether the message says what ended its turn."""
        return self._closing is not None

    def close(self, closing: Closing) -> None:
        """Say in the message what ended its turn."""
        self._closing = closing
        self.redraw()

    def reopen(self) -> None:
        """It was not ended after all."""
        if self._closing is not None:
            self._closing = None
            self.redraw()

    def rest(self, turn: int) -> None:
        """Say in the message of that turn that auto-play has stopped after it."""
        if self.state is not None and self.state.turn == turn and self._closing is None:
            self._resting = turn
            self.redraw()

    def roll_fate(self, rolling: Coroutine[Any, Any, None]) -> None:
        """Show fate while the turn is made, and no longer than that."""
        self._stop_rolling()
        self._rolling = self._table.tasks.start(rolling, f"fate of {self._table.session_id}")

    def roll(self, fate: str) -> None:
        """A frame of the roll of fate, if the channel has room for it."""
        if self._closing is not None:
            self._closing = replace(self._closing, fate=fate)
            self.redraw(Weight.DECORATION)

    def redraw(self, weight: Weight = Weight.UPDATE) -> None:
        """Edit the message to what is known."""
        game, state = self._table.game, self.state
        if state is None or game.message_id is None:
            return
        late = self._late
        showing = replace(self._showing(game, picture=game.picture), attached=late)
        edited = self._edit(game, game.message_id, turn_page(state, showing), weight)
        if late is not None:
            edited.add_done_callback(lambda outcome: self._illustrated(late, outcome))

    def text_of(self, choice_id: str | None) -> str:
        """The words of a choice that the message offers."""
        choices = self.state.choices if self.state is not None else ()
        return next((choice.text for choice in choices if choice.id == choice_id), "")

    async def show(self, state: State) -> None:
        """Show a turn: in a new message, unless it has one. Raises `ChannelGone`."""
        game = self._table.game
        if game.message_id is not None and (state.turn, state.seed) == (game.turn, game.seed):
            self.state = state
            await self._refresh(game, state)
        else:
            await self._post(game, state)

    async def illustrate(self, turn: int, image: Image) -> None:
        """A late picture: into the message of the turn before, if that is whose it is."""
        past = self._past
        if past is None or past.state.turn != turn or past.game.message_id is None:
            return
        self._past = None
        state = past.state.model_copy(update={"image": image})
        attached = await self._picture(past.game, state)
        if attached is not None:
            showing = self._showing(past.game.model_copy(update={"vote": None}))
            showing = replace(showing, closing=past.closing, attached=attached)
            page = turn_page(state, showing)
            self._edit(past.game, past.game.message_id, page, Weight.UPDATE)

    async def _post(self, game: Game, state: State) -> None:
        if self.state is not None and self._closing is None:
            self.close(Closing(how="elsewhere"))
        self._past = self._passing(game, state)
        self._stop_rolling()
        self.state, self._closing, self._resting = state, None, None
        self._late, self._is_refused = None, False
        if state.turn < 0:
            self._table.change_game(
                turn=-1, seed=state.seed, message_id=None, picture=None, vote=None
            )
            return
        showing = self._showing(game.model_copy(update={"vote": None}))
        showing = replace(showing, attached=await self._picture(game, state))
        try:
            message_id = await self._posted(game, state, turn_page(state, showing))
        except PictureRefused:
            self._is_refused, showing = True, replace(showing, attached=None)
            message_id = await self._posted(game, state, turn_page(state, showing))
        self._table.change_game(
            turn=state.turn,
            seed=state.seed,
            message_id=message_id,
            picture=showing.attached.name if showing.attached else None,
            vote=None,
            used_at=clock.now().timestamp(),
        )
        self._drawn = _look(state)

    async def _posted(self, game: Game, state: State, page: Page) -> int:
        messenger, early = self._house.messenger, self.early.taken(state.turn, game.channel_id)
        if early is not None and await messenger.edit(game.channel_id, early, page):
            return early
        try:
            return await messenger.post(game.channel_id, page)
        except ChannelGone as gone:
            logger.warning(
                "cannot write in a channel", extra={"channel": game.channel_id, "reason": str(gone)}
            )
            raise

    async def _picture(self, game: Game, state: State) -> Attached | None:
        if not self._house.messenger.can_attach(game.channel_id):
            return None
        alt = alt_of(state, self._house.words(game))
        return await attach(self._house.client, state.image, state.turn, alt)

    async def _refresh(self, game: Game, state: State) -> None:
        """What has changed in the turn that is shown: its picture, choices, deadline."""
        if game.picture is None and self._late is None and not self._is_refused:
            self._late = await self._picture(game, state)
            if self._late is not None:
                self._drawn = None
        # The first time too: a bot that died in mid-turn left its message closed.
        if self._drawn != _look(state):
            self._drawn = _look(state)
            self.redraw()

    def _illustrated(self, late: Attached, outcome: asyncio.Future[bool]) -> None:
        """A late picture was sent, or not: a newer edit that took the place of this one has it."""
        if self._late is not late or outcome.cancelled():
            return
        if isinstance(outcome.exception(), PictureRefused):
            self._late, self._is_refused = None, True
            self.redraw()
        elif outcome.exception() is None and outcome.result():
            self._late = None
            if self._house.records.game(self._table.session_id) is not None:
                self._table.change_game(picture=late.name)

    def _passing(self, game: Game, following: State) -> Past | None:
        before = self.state
        if before is None or before.image is None or following.turn != before.turn + 1:
            return None
        if game.picture is not None or self._is_refused or before.image.status != "pending":
            return None
        return Past(game, before, self._closing)

    def _edit(
        self, game: Game, message_id: int, page: Page, weight: Weight
    ) -> asyncio.Future[bool]:
        messenger, channel_id = self._house.messenger, game.channel_id

        async def send() -> None:
            await messenger.edit(channel_id, message_id, page)

        return self._house.budget.submit(channel_id, message_id, send, weight)

    def _stop_rolling(self) -> None:
        if self._rolling is not None:
            self._rolling.cancel()
            self._rolling = None

    def _showing(self, game: Game, *, picture: str | None = None) -> Showing:
        vote = game.vote
        return Showing(
            words=self._house.words(game),
            mode=self._house.policy(game).mode,
            picture=picture,
            closing=self._closing,
            is_resting=self._resting is not None,
            votes=vote.tally() if vote is not None else None,
            votes_end=int(vote.deadline) if vote is not None and vote.deadline else None,
        )


def _look(state: State) -> object:
    """What of a state can change without a turn."""
    image = state.image.status if state.image else None
    choices = tuple(choice.id for choice in state.choices)
    return image, choices, state.deadline_at, state.held_by
