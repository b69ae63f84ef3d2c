"""One session that is played in Discord: its present message, who plays, its clock, its votes.

A table decides nothing about the game. It asks the service, shows what is true after that, and
shows it once, whoever asked: a click here, a browser, the clock, or auto-play.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, replace
from typing import Any

from clients.discord_bot import clock
from clients.discord_bot.ballots import Ballots
from clients.discord_bot.countdown import Countdown
from clients.discord_bot.house import House
from clients.discord_bot.keepsakes import Keepsakes
from clients.discord_bot.messenger import ChannelGone, PictureRefused, jump_link
from clients.discord_bot.pacing import Weight
from clients.discord_bot.pictures import attach
from clients.discord_bot.records import Game
from clients.discord_bot.refusals import Refusal
from clients.discord_bot.tasks import Tasks
from clients.discord_bot.ui.page import Attached, Page
from clients.discord_bot.ui.render import Closing, How, Showing, alt_of, turn_page
from clients.discord_bot.watching import watch
from clients.game_client import ServiceError, State, TimedOut, Turn

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody who plays."""

    id: int
    name: str


class Table:
    """Opened with `open`, closed with `aclose`. Its methods may be called at any time."""

    def __init__(self, game: Game, house: House) -> None:
        self.session_id = game.session_id
        self.house = house
        self.tasks = Tasks()
        self.state: State | None = None
        """What the present message shows."""
        self.countdown = Countdown(self)
        self.ballots = Ballots(self)
        self.keepsakes = Keepsakes(self)
        self._lock = asyncio.Lock()
        self._closing: Closing | None = None
        self._is_acting = False
        self._rolling: asyncio.Task[None] | None = None
        self._drawn: object = None
        self._late: Attached | None = None
        """The picture of the present message, until it is in it."""
        self._is_refused = False
        """Discord does not take the picture of the present message."""

    @property
    def game(self) -> Game:
        game = self.house.records.game(self.session_id)
        if game is None:
            raise Refusal("error.not_started")
        return game

    @property
    def link(self) -> str:
        """Leads to where the game is."""
        game = self.game
        return jump_link(game.guild_id, game.channel_id, game.message_id)

    @property
    def is_closed(self) -> bool:
        """Whether the present message says what ended its turn."""
        return self._closing is not None

    async def open(self) -> None:
        """Show what is true now, unless it is shown, and watch. Raises `ServiceError`."""
        state = await self.countdown.graceful(await self.house.client.state(self.session_id))
        async with self._lock:
            await self._show(state)
        self.tasks.start(watch(self, state.last_event_id), f"watching {self.session_id}")

    async def aclose(self) -> None:
        """Stop watching and keeping time."""
        await self.tasks.aclose()

    def change_game(self, **update: object) -> Game:
        """Remember something else about the game."""
        game = self.game.model_copy(update=update)
        self.house.records.set_game(game)
        return game

    # -- what players do -----------------------------------------------------------------

    async def check_present(self, message_id: int | None, turn: int) -> None:
        """Raises `Refusal` unless that message shows the present turn: turns of an earlier run
        have the same numbers."""
        if not self._is_acting:
            # A message can be pressed before Discord has told its id: that may take seconds.
            async with self._lock:
                pass
        game = self.game
        is_older = None not in (message_id, game.message_id) and message_id != game.message_id
        if is_older or self.state is None or self.state.turn != turn:
            raise Refusal("error.stale")
        if self._is_acting:
            raise Refusal("error.busy")

    async def act(
        self,
        who: Who,
        *,
        choice_id: str | None = None,
        text: str | None = None,
        turn: int,
        key: str,
    ) -> None:
        """Play what somebody chose, and show what comes of it.

        Raises `ServiceError` or `Refusal`; the message is open again then.
        """
        said = text if text is not None else self._text_of(choice_id)
        how: How = "own" if text is not None else "chosen"
        closing = Closing(how=how, name=who.name, text=said, choice_id=choice_id)
        self.change_game(players=self.game.with_player(who.id).players, used_at=used_at())
        client = self.house.client

        async def play() -> Turn:
            return await client.act(
                self.session_id,
                text,
                choice_id=choice_id,
                expected_turn=turn,
                key=key,
                player=who.name,
            )

        await self.play(closing, play)

    async def play(self, closing: Closing, play: Callable[[], Awaitable[Turn]]) -> None:
        """Close the message, have a turn made, and show it.

        Raises `Refusal` while another one is made, and `ServiceError`.
        """
        if self._is_acting:
            raise Refusal("error.busy")
        self._is_acting = True
        self.close_message(closing)
        try:
            await play()
        except TimedOut:
            raise  # The turn may still be made; the stream tells.
        except ServiceError:
            self.reopen_message()
            raise
        finally:
            self._is_acting = False
        await self.catch_up()

    async def reroll(self, key: str, who: Who, turn: int) -> None:
        """Offer other choices."""
        await self.house.client.regenerate(
            self.session_id, expected_turn=turn, key=key, player=who.name
        )
        await self.catch_up()

    # -- what is shown -------------------------------------------------------------------

    async def catch_up(self) -> None:
        """Show what is true now. Raises `ServiceError` or `ChannelGone`."""
        async with self._lock:
            await self._show(await self.house.client.state(self.session_id))

    async def move(self, **update: object) -> None:
        """Show the present turn again: at the bottom of its channel, or in another one.

        Raises `Refusal` while a turn is made.
        """
        if self._is_acting:
            raise Refusal("error.busy")
        async with self._lock:
            state = await self.house.client.state(self.session_id)
            if self.game.message_id is not None:
                self.close_message(Closing(how="moved"))
            self.change_game(**update, message_id=None, picture=None)
            await self._show(state)

    def close_message(self, closing: Closing) -> None:
        """Say in the present message what ended its turn. Never waits."""
        self._closing = closing
        self.redraw()

    def reopen_message(self) -> None:
        """It was not ended after all."""
        if self._closing is not None:
            self._closing = None
            self.redraw()

    def roll_fate(self, rolling: Coroutine[Any, Any, None]) -> None:
        """Show fate while the turn is made, and no longer than that."""
        self._stop_rolling()
        self._rolling = self.tasks.start(rolling, f"fate of {self.session_id}")

    def _stop_rolling(self) -> None:
        if self._rolling is not None:
            self._rolling.cancel()
            self._rolling = None

    def roll(self, fate: str) -> None:
        """A frame of the roll of fate, if the channel has room for it."""
        if self._closing is not None:
            self._closing = replace(self._closing, fate=fate)
            self.redraw(Weight.DECORATION)

    def redraw(self, weight: Weight = Weight.UPDATE) -> None:
        """Edit the present message to what is known. Never waits."""
        game, state = self.game, self.state
        if state is None or game.message_id is None:
            return
        late = self._late
        showing = replace(self._showing(game, picture=game.picture), attached=late)
        edited = self._edit(game, game.message_id, turn_page(state, showing), weight)
        if late is not None:
            edited.add_done_callback(lambda outcome: self._illustrated(late, outcome))

    def _illustrated(self, late: Attached, outcome: asyncio.Future[bool]) -> None:
        """A late picture was sent, or not: a newer edit that took the place of this one has it."""
        if self._late is not late or outcome.cancelled():
            return
        if isinstance(outcome.exception(), PictureRefused):
            self._late, self._is_refused = None, True
            self.redraw()
        elif outcome.exception() is None and outcome.result():
            self._late = None
            if self.house.records.game(self.session_id) is not None:
                self.change_game(picture=late.name)

    def _edit(
        self, game: Game, message_id: int, page: Page, weight: Weight
    ) -> asyncio.Future[bool]:
        messenger, channel_id = self.house.messenger, game.channel_id

        async def send() -> None:
            await messenger.edit(channel_id, message_id, page)

        return self.house.budget.submit(channel_id, message_id, send, weight)

    async def _show(self, state: State) -> None:
        game, before = self.game, self.state
        is_shown = (state.turn, state.seed) == (game.turn, game.seed) and game.message_id
        if is_shown:
            self.state = state
            await self._refresh(game, state)
        else:
            await self._post(game, before, state)
        self.ballots.follow(state)
        self.countdown.follow(state)

    async def _post(self, game: Game, before: State | None, state: State) -> None:
        if before is not None and self._closing is None and game.message_id is not None:
            self.close_message(Closing(how="elsewhere"))
        self._stop_rolling()
        self.state, self._closing = state, None
        self._late, self._is_refused = None, False
        if state.turn < 0:
            self.change_game(turn=-1, seed=state.seed, message_id=None, picture=None, vote=None)
            return
        showing = self._showing(game.model_copy(update={"vote": None}))
        if self.house.messenger.can_attach(game.channel_id):
            alt = alt_of(state, showing.words)
            attached = await attach(self.house.client, state.image, state.turn, alt)
            showing = replace(showing, attached=attached)
        try:
            message_id = await self._posted(game, turn_page(state, showing))
        except PictureRefused:
            self._is_refused, showing = True, replace(showing, attached=None)
            message_id = await self._posted(game, turn_page(state, showing))
        self.change_game(
            turn=state.turn,
            seed=state.seed,
            message_id=message_id,
            picture=showing.attached.name if showing.attached else None,
            vote=None,
            used_at=used_at(),
        )
        self._drawn = _look(state)
        if state.over:
            self.tasks.start(self.keepsakes.after(state), f"the pictures of {self.session_id}")

    async def _posted(self, game: Game, page: Page) -> int:
        try:
            return await self.house.messenger.post(game.channel_id, page)
        except ChannelGone as gone:
            logger.warning(
                "cannot write in a channel", extra={"channel": game.channel_id, "reason": str(gone)}
            )
            raise

    async def _refresh(self, game: Game, state: State) -> None:
        """What has changed in the turn that is shown: its picture, choices, deadline."""
        has_one = game.picture is not None or self._late is not None or self._is_refused
        is_late = not has_one and state.image is not None and state.image.ready
        if is_late and self.house.messenger.can_attach(game.channel_id):
            alt = alt_of(state, self.house.words(game))
            self._late = await attach(self.house.client, state.image, state.turn, alt)
            if self._late is not None:
                self._drawn = None
        # The first time too: a bot that died in mid-turn left its message closed.
        if self._drawn != _look(state):
            self._drawn = _look(state)
            self.redraw()

    def _showing(self, game: Game, *, picture: str | None = None) -> Showing:
        vote = game.vote
        return Showing(
            words=self.house.words(game),
            mode=self.house.policy(game).mode,
            picture=picture,
            closing=self._closing,
            votes=vote.tally() if vote is not None else None,
            votes_end=int(vote.deadline) if vote is not None and vote.deadline else None,
        )

    def _text_of(self, choice_id: str | None) -> str:
        choices = self.state.choices if self.state is not None else ()
        return next((choice.text for choice in choices if choice.id == choice_id), "")


def used_at() -> float:
    return clock.now().timestamp()


def _look(state: State) -> object:
    """What of a state can change without a turn."""
    image = state.image.status if state.image else None
    choices = tuple(choice.id for choice in state.choices)
    return image, choices, state.deadline_at, state.held_by
