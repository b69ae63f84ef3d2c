"""What all tables share."""

from collections.abc import Callable
from dataclasses import dataclass

from clients.discord_bot.messenger import Messenger
from clients.discord_bot.pacing import EditBudget
from clients.discord_bot.places import DIRECT
from clients.discord_bot.records import Game, Policy, Records
from clients.discord_bot.words import Catalogue, Words
from clients.game_client import GameClient


@dataclass(frozen=True, slots=True)
class House:
    """The service, what is remembered, and how messages are sent."""

    client: GameClient
    records: Records
    budget: EditBudget
    messenger: Messenger
    catalogue: Catalogue
    guild_language: Callable[[int], str | None]
    """The language of a server, if it says one."""
    vote_seconds: float

    def policy(self, game: Game) -> Policy:
        """How the place of a game is set."""
        key = DIRECT if game.guild_id is None else str(game.guild_id)
        return self.records.policy(key)

    def words(self, game: Game) -> Words:
        """The language of what everybody in a channel sees."""
        chosen = self.policy(game).language
        if not chosen and game.guild_id is not None:
            chosen = self.guild_language(game.guild_id) or ""
        return self.catalogue.words(chosen or game.language)
