"""/settings and /autoplay."""

from typing import TYPE_CHECKING, Final, Literal, get_args

import discord
from discord import app_commands
from discord.ext import commands

from clients.discord_bot.answering import acknowledge, say
from clients.discord_bot.asking import check_manager, check_may_steer, place_of, session_asked
from clients.discord_bot.records import Game, Mode, Motion, Policy, Scope
from clients.discord_bot.words import LANGUAGES, Words

if TYPE_CHECKING:
    from clients.discord_bot.bot import GameBot

    Interaction = discord.Interaction[GameBot]

TIMERS: Final = (0, 30, 60, 120, 300)
Switch = Literal["on", "off"]


def _choices(*values: str) -> list[app_commands.Choice[str]]:
    return [app_commands.Choice(name=value, value=value) for value in values]


def _timers() -> list[app_commands.Choice[int]]:
    return [
        app_commands.Choice(name=f"{value} s" if value else "off", value=value) for value in TIMERS
    ]


@app_commands.default_permissions(manage_guild=True)
class Settings(commands.GroupCog, group_name="settings", group_description="How this server plays"):
    """How a server plays. Each of them is a subcommand."""

    def __init__(self, bot: "GameBot") -> None:
        self._bot = bot
        super().__init__()

    @app_commands.command(name="show", description="How this server plays")
    async def show(self, interaction: "Interaction") -> None:
        await acknowledge(interaction, privately=True)
        await self._tell(interaction)

    @app_commands.command(name="scope", description="Who shares a story")
    @app_commands.describe(value="One for all, or one for each channel, thread or person")
    @app_commands.choices(value=_choices(*get_args(Scope)))
    async def scope(self, interaction: "Interaction", value: str) -> None:
        await self._set(interaction, scope=value)

    @app_commands.command(name="mode", description="Who decides")
    @app_commands.describe(value="Who began the story, anyone, or a vote")
    @app_commands.choices(value=_choices(*get_args(Mode)))
    async def mode(self, interaction: "Interaction", value: str) -> None:
        await self._set(interaction, redraw=True, mode=value)

    @app_commands.command(name="timer", description="How long you have to decide")
    @app_commands.describe(seconds="Seconds a turn; then the world acts")
    @app_commands.choices(seconds=_timers())
    async def timer(self, interaction: "Interaction", seconds: int) -> None:
        await acknowledge(interaction, privately=True)
        check_manager(interaction)
        game = self._game(interaction)
        if game is not None:
            table = await self._bot.hall.table(game.session_id)
            await self._bot.hall.house.client.change_session(
                game.session_id, settings={"deadline_seconds": seconds}
            )
            await table.catch_up()
        await self._set(interaction, timer=seconds)

    @app_commands.command(name="motion", description="Whether fate is rolled before your eyes")
    @app_commands.describe(value="Full, or reduced")
    @app_commands.choices(value=_choices(*get_args(Motion)))
    async def motion(self, interaction: "Interaction", value: str) -> None:
        await self._set(interaction, motion=value)

    @app_commands.command(name="language", description="The language of what all can see")
    @app_commands.describe(value="The server's own, or another one")
    @app_commands.choices(value=_choices("auto", *LANGUAGES))
    async def language(self, interaction: "Interaction", value: str) -> None:
        await self._set(interaction, redraw=True, language="" if value == "auto" else value)

    async def _set(
        self, interaction: "Interaction", *, redraw: bool = False, **update: str | int
    ) -> None:
        if not interaction.response.is_done():
            await acknowledge(interaction, privately=True)
        check_manager(interaction)
        records, key = self._bot.records, place_of(interaction).key
        records.set_policy(key, records.policy(key).model_copy(update=update))
        game = self._game(interaction)
        table = self._bot.hall.open_table(game.session_id) if redraw and game else None
        if table is not None:
            table.face.redraw()
        await self._tell(interaction)

    def _game(self, interaction: "Interaction") -> Game | None:
        """The game that is played here, if there is one."""
        session_id = self._bot.session_here(interaction)
        game = self._bot.records.game(session_id) if session_id is not None else None
        return game if game is not None and game.guild_id == interaction.guild_id else None

    async def _tell(self, interaction: "Interaction") -> None:
        policy = self._bot.records.policy(place_of(interaction).key)
        await say(interaction, _described(policy, self._bot.words_of(interaction)))


class AutoPlay(commands.Cog):
    """The server plays by itself, until there is a reason to stop: at most forty turns."""

    def __init__(self, bot: "GameBot") -> None:
        self._bot = bot

    @app_commands.command(name="autoplay", description="Let the story play itself for a while")
    @app_commands.describe(switch="On or off", seconds="Seconds between two turns")
    @app_commands.choices(switch=_choices(*get_args(Switch)))
    async def autoplay(
        self,
        interaction: "Interaction",
        switch: str,
        seconds: app_commands.Range[int, 5, 600] | None = None,
    ) -> None:
        await acknowledge(interaction, privately=True)
        session_id = session_asked(interaction)
        table = await self._bot.hall.table(session_id)
        check_may_steer(interaction, table.game, table.house.policy(table.game))
        client, words = self._bot.hall.house.client, self._bot.words_of(interaction)
        on = switch == "on"
        if seconds is not None:
            await client.change_session(
                session_id, settings={"auto_play": on, "auto_play_seconds": seconds}
            )
        else:
            await client.change_session(session_id, settings={"auto_play": on})
        await say(interaction, words("auto.on" if on else "auto.off"))


def _described(policy: Policy, words: Words) -> str:
    timer = words("settings.as_set")
    if policy.timer is not None:
        seconds = words("settings.seconds", seconds=policy.timer)
        timer = seconds if policy.timer else words("option.off")
    return words(
        "settings.shown",
        scope=words(f"option.{policy.scope}"),
        mode=words(f"option.{policy.mode}"),
        timer=timer,
        motion=words(f"option.{policy.motion}"),
        language=words(f"option.{policy.language or 'auto'}"),
    )


async def setup(bot: "GameBot") -> None:
    """Called by discord.py."""
    await bot.add_cog(Settings(bot))
    await bot.add_cog(AutoPlay(bot))
