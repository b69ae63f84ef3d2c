"""The one button class. What it does is in its custom_id and nowhere else."""

import re
from typing import TYPE_CHECKING, Any, Self, cast

import discord
from discord import ui

from clients.discord_bot.ui import ids
from clients.discord_bot.ui.text import cut, one_line

if TYPE_CHECKING:
    from clients.discord_bot.bot import GameBot


class PressButton(ui.DynamicItem[ui.Button[ui.LayoutView]], template=ids.PRESS):
    """Works after any restart; discord.py makes it anew for every click."""

    @classmethod
    async def from_custom_id(
        cls,
        interaction: discord.Interaction[Any],  # noqa: ARG003 (discord.py's signature)
        item: ui.Item[Any],
        match: re.Match[str],  # noqa: ARG003 (the same)
    ) -> Self:
        return cls(cast("ui.Button[ui.LayoutView]", item))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Never raises: discord.py would only log it, and leave the player with a dead button."""
        press = ids.read_press(self.custom_id)
        if press is not None:
            bot: GameBot = interaction.client
            await bot.pressed(interaction, press)


def button(
    press: ids.Press,
    label: str,
    *,
    style: discord.ButtonStyle = discord.ButtonStyle.secondary,
    disabled: bool = False,
    emoji: str | None = None,
) -> PressButton:
    """A button that does what `press` says."""
    custom_id = ids.press_id(press.session_id, press.turn, press.what)
    return PressButton(
        ui.Button(
            style=style,
            label=cut(one_line(label), 80) or "·",
            custom_id=custom_id,
            disabled=disabled,
            emoji=emoji,
        )
    )


def row(*buttons: PressButton) -> ui.ActionRow[ui.LayoutView]:
    """Up to five buttons side by side."""
    made: ui.ActionRow[ui.LayoutView] = ui.ActionRow()
    for one in buttons:
        made.add_item(one)
    return made


def has_button(message: discord.Message | None, custom_id: str) -> bool:
    """Whether a message has that button."""
    waiting: list[Any] = list(message.components) if message is not None else []
    while waiting:
        component = waiting.pop()
        if getattr(component, "custom_id", None) == custom_id:
            return True
        waiting += getattr(component, "children", ())
    return False
