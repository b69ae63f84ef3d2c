"""The window for the player's own words.

discord.py forgets its windows with the process, and drops what is then sent from one. So none of
them does anything itself: all answers come in through the bot's `on_interaction`, by their
custom_id, whether the window was opened by this process or by an earlier one.
"""

from collections.abc import Mapping
from typing import Any, Final

import discord
from discord import ui

from clients.discord_bot.ui.ids import words_id
from clients.discord_bot.words import Words

FIELD: Final = "words"
MOST: Final = 300
"""Characters of an action, by the contract of the service."""
EXPIRES: Final = 900.0
"""Seconds after which discord.py forgets it; what it says counts all the same."""


class OwnWords(ui.Modal):
    """Asks what the player does."""

    def __init__(self, session_id: str, turn: int, words: Words) -> None:
        super().__init__(
            title=words("modal.title"), timeout=EXPIRES, custom_id=words_id(session_id, turn)
        )
        field: ui.TextInput[OwnWords] = ui.TextInput(
            style=discord.TextStyle.paragraph,
            custom_id=FIELD,
            placeholder=words("modal.placeholder"),
            max_length=MOST,
            required=True,
        )
        self.add_item(ui.Label(text=words("modal.label"), component=field))

    async def on_submit(self, interaction: discord.Interaction[Any]) -> None:
        """Nothing: see above."""


def typed_words(data: Mapping[str, Any]) -> str:
    """What was typed, from the data of an interaction: nested one level deep, or two."""
    waiting = list(data.get("components", ()))
    while waiting:
        component = waiting.pop(0)
        if component.get("custom_id") == FIELD:
            return str(component.get("value") or "")
        waiting += component.get("components", ())
        if isinstance(inner := component.get("component"), Mapping):
            waiting.append(inner)
    return ""
