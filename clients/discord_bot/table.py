"""One session that is played in Discord: its present message, who plays, its clock, its votes.

A table decides nothing about the game. It asks the service, shows what is true after that, and
shows it once, whoever asked: a click here, a browser, the clock, or auto-play.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from clients.discord_bot import clock
from clients.discord_bot.ballots import Ballots
from clients.discord_bot.countdown import Countdown
from clients.discord_bot.face import Face
from clients.discord_bot.films import Films
from clients.discord_bot.house import House
from clients.discord_bot.keepsakes import Keepsakes
from clients.discord_bot.messenger import jump_link
from clients.discord_bot.records import Game
from clients.discord_bot.refusals import Refusal
from clients.discord_bot.tasks import Tasks
from clients.discord_bot.ui.render import Closing, How
from clients.discord_bot.watching import watch
from clients.game_client import ServiceError, State, TimedOut, Turn


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
        self.lock = asyncio.Lock()
        """Held by whoever posts the message of a turn."""
        self.is_lost = False
        """Nothing is heard of the session any more: open another table."""
        self.auto_turn: int | None = None
        """The turn that was begun last, if auto-play began it."""
        self.face = Face(self)
        self.countdown = Countdown(self)
        self.ballots = Ballots(self)
        self.keepsakes = Keepsakes(self)
        self.films = Films(self)
        self._is_acting = False

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
    def state(self) -> State | None:
        """What the present message shows."""
        return self.face.state

    async def open(self) -> None:
        """Show what is true now, unless it is shown, and watch. Raises `ServiceError`."""
        state = await self.countdown.graceful(await self.house.client.state(self.session_id))
        async with self.lock:
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
            async with self.lock:
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
        said = text if text is not None else self.face.text_of(choice_id)
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

    async def play(
        self, closing: Closing, play: Callable[[], Awaitable[Turn]], *, at_once: bool = True
    ) -> None:
        """Close the message, have a turn made, and show it. Not `at_once`: it is closed when the
        service has agreed.

        Raises `Refusal` while another one is made, and `ServiceError`.
        """
        if self._is_acting:
            raise Refusal("error.busy")
        self._is_acting = True
        before = self.state
        if at_once:
            self.face.close(closing)
        try:
            await play()
            is_same = (
                before is not None and self.state is not None and self.state.turn == before.turn
            )
            if is_same and not self.face.is_closed:
                self.face.close(closing)
        except TimedOut:
            raise  # The turn may still be made; the stream tells.
        except ServiceError:
            self.face.reopen()
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
        async with self.lock:
            await self._show(await self.house.client.state(self.session_id))

    async def move(self, **update: object) -> None:
        """Show the present turn again: at the bottom of its channel, or in another one.

        Raises `Refusal` while a turn is made.
        """
        if self._is_acting:
            raise Refusal("error.busy")
        async with self.lock:
            state = await self.house.client.state(self.session_id)
            if self.game.message_id is not None:
                self.face.close(Closing(how="moved"))
            self.change_game(**update, message_id=None, picture=None)
            await self._show(state)

    async def _show(self, state: State) -> None:
        was_over = self.state is not None and self.state.over
        before = self.game.message_id
        await self.face.show(state)
        self.ballots.follow(state)
        self.countdown.follow(state)
        if state.over and not was_over and self.game.message_id != before:
            self.tasks.start(self.keepsakes.after(state), f"the pictures of {self.session_id}")


def used_at() -> float:
    """When a game was played last: now."""
    return clock.now().timestamp()
