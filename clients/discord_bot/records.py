"""What the bot remembers over a restart: one JSON file, replaced whole, off the event loop."""

import asyncio
import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from clients.discord_bot.voting import Vote

logger = logging.getLogger(__name__)

Scope = Literal["single", "channel", "thread", "user"]
Mode = Literal["owner", "anyone", "vote"]
Motion = Literal["full", "reduced"]

MOST_PLAYERS: Final = 200
"""Remembered in a game: those who played or voted last."""


class UnreadableRecords(Exception):
    """The file is there and is not the bot's, or damaged. It is left as it is."""


class Kept(BaseModel):
    """Frozen. What a newer bot has added is ignored, so that one can go back."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Policy(Kept):
    """How a server has set the bot."""

    scope: Scope = "single"
    mode: Mode = "anyone"
    timer: int | None = None
    """Seconds a turn; None: as the session is set."""
    motion: Motion = "full"
    language: str = ""
    """Of what all can see; empty: the server's own."""


class Game(Kept):
    """A session that is played in Discord, and where."""

    session_id: str
    channel_id: int
    guild_id: int | None = None
    owner_id: int
    language: str = ""
    """Of who began it."""
    message_id: int | None = None
    """The message of the present turn: the only one whose buttons play."""
    turn: int = -1
    picture: str | None = None
    """The name of the picture in that message; None: it has none yet."""
    seed: int = -1
    """Of the run that the message shows: turns of another run have the same numbers."""
    players: tuple[int, ...] = ()
    vote: Vote | None = None
    used_at: float = 0.0

    def with_player(self, player: int) -> "Game":
        """The same with somebody who takes part."""
        if player in self.players:
            return self
        return self.model_copy(update={"players": (*self.players, player)[-MOST_PLAYERS:]})


class Book(Kept):
    """Everything."""

    version: int = 1
    commands: str = ""
    """The hash of the commands that Discord was told last."""
    policies: Mapping[str, Policy] = {}
    games: Mapping[str, Game] = {}


class Records:
    """The book of one bot. Changes count at once and are written soon after, the newest only."""

    def __init__(self, file: Path, *, scope: Scope = "single") -> None:
        self._file = file
        self._unset = Policy(scope=scope)
        self._book = Book()
        self._dirty = asyncio.Event()
        self._writer: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Read the file, if there is one. Raises `UnreadableRecords`."""
        self._book = await asyncio.to_thread(_read, self._file)

    async def aclose(self) -> None:
        """Write what is not written."""
        await self.written()

    async def written(self) -> None:
        """Wait until all that was changed is on the disk."""
        while (writer := self._writer) is not None:
            await asyncio.wait({writer})

    @property
    def commands(self) -> str:
        return self._book.commands

    def set_commands(self, digest: str) -> None:
        """Remember which commands Discord knows."""
        self._change(commands=digest)

    def policy(self, place: str) -> Policy:
        """How a place is set: a server's id, or `dm`."""
        return self._book.policies.get(place, self._unset)

    def set_policy(self, place: str, policy: Policy) -> None:
        self._change(policies={**self._book.policies, place: policy})

    def games(self) -> tuple[Game, ...]:
        """Those used last first."""
        return tuple(sorted(self._book.games.values(), key=lambda game: -game.used_at))

    def game(self, session_id: str) -> Game | None:
        return self._book.games.get(session_id)

    def set_game(self, game: Game) -> None:
        if self._book.games.get(game.session_id) != game:
            self._change(games={**self._book.games, game.session_id: game})

    def forget_game(self, session_id: str) -> None:
        games = {name: game for name, game in self._book.games.items() if name != session_id}
        self._change(games=games)

    def _change(self, **update: object) -> None:
        self._book = self._book.model_copy(update=update)
        self._dirty.set()
        if self._writer is None:
            self._writer = asyncio.create_task(self._write(), name="the bot's records")

    async def _write(self) -> None:
        try:
            while self._dirty.is_set():
                self._dirty.clear()
                try:
                    await asyncio.to_thread(_replace, self._file, self._book)
                except OSError as error:
                    logger.warning("cannot write the records", extra={"reason": str(error)})
        finally:
            self._writer = None


def _read(file: Path) -> Book:
    try:
        text = file.read_bytes()
    except FileNotFoundError:
        return Book()
    except OSError as error:
        raise UnreadableRecords(f"{file} cannot be read: {error.strerror}") from error
    try:
        return Book.model_validate_json(text)
    except ValidationError as error:
        raise UnreadableRecords(f"{file} is damaged, or not the bot's") from error


def _replace(file: Path, book: Book) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_name(f"{file.name}.part")
    with unfinished.open("wb") as out:
        out.write(book.model_dump_json(indent=1).encode())
        out.flush()
        os.fsync(out.fileno())
    unfinished.replace(file)
