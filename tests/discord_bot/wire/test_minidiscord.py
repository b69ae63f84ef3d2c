"""The loopback Discord against a bot of a few lines: what holds of discord.py itself."""

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Self

import aiohttp
import discord
import pytest
from discord import app_commands, ui
from discord.gateway import DiscordWebSocket
from discord.http import Route

from tests.discord_bot.wire.asked import MODAL, THINKING
from tests.discord_bot.wire.minidiscord import EDITS, TOKEN, MiniDiscord
from tests.discord_bot.wire.payloads import User
from tests.discord_bot.wire.world import MIB, buttons, text_of

ALICE = User(501, "alice")
PICTURE = bytes(range(256)) * 64


class Press(ui.Button[ui.LayoutView]):
    async def callback(self, interaction: discord.Interaction) -> None:
        await interaction.response.send_modal(Window())


class Window(ui.Modal, title="Something else"):
    words: ui.Label[Self] = ui.Label(
        text="What do you do?", component=ui.TextInput(custom_id="words")
    )

    async def on_submit(self, interaction: discord.Interaction) -> None:
        field = self.words.component
        assert isinstance(field, ui.TextInput)
        await interaction.response.send_message(f"you said {field.value}", ephemeral=True)


class TinyBot(discord.AutoShardedClient):
    """Shows a picture, and opens a window."""

    def __init__(self) -> None:
        super().__init__(intents=discord.Intents(guilds=True), guild_ready_timeout=0.05)
        self.tree = app_commands.CommandTree(self)
        self.tree.command(name="show", description="Show a picture.")(self.show)

    async def setup_hook(self) -> None:
        await self.tree.sync()

    async def show(self, interaction: discord.Interaction) -> None:
        await interaction.response.defer(thinking=True)
        picture = discord.File(io.BytesIO(PICTURE), "turn.webp", description="a wall")
        view = ui.LayoutView()
        box: ui.Container[ui.LayoutView] = ui.Container(ui.TextDisplay("here it is"))
        gallery: ui.MediaGallery[ui.LayoutView] = ui.MediaGallery()
        gallery.add_item(media="attachment://turn.webp", description="a wall")
        box.add_item(gallery)
        box.add_item(ui.ActionRow(Press(label="more", custom_id="more")))
        view.add_item(box)
        await interaction.edit_original_response(view=view, attachments=[picture])


@asynccontextmanager
async def running(bot: discord.Client, mini: MiniDiscord) -> AsyncIterator[None]:
    """A bot that is ready, until the end of the block."""
    with mini.instead_of_the_real_one():
        task = asyncio.create_task(bot.start(TOKEN))
        try:
            await asyncio.wait_for(mini.gateway.ready.wait(), 10)
            await bot.wait_until_ready()
            yield
        finally:
            await bot.close()
            await task


@pytest.fixture
async def mini() -> AsyncIterator[MiniDiscord]:
    async with MiniDiscord.serving() as served:
        yield served


async def test_it_speaks_the_real_gateway(mini: MiniDiscord) -> None:
    async with running(TinyBot(), mini):
        assert mini.gateway.queries[0]["compress"] == "zlib-stream"
        assert mini.gateway.identified[0]["intents"] == 1
        assert mini.gateway.identified[0]["shard"] == [0, 1]
        assert mini.gateway.heartbeats >= 1
        commands = mini.rest.commands["/applications/9001/commands"]
        assert [one["name"] for one in commands] == ["show"]


async def test_a_picture_goes_through_as_it_is_with_its_description(mini: MiniDiscord) -> None:
    channel = mini.world.add_channel("general")
    async with running(TinyBot(), mini):
        asked = await mini.slash(ALICE, channel, "show")
        await asked.answered.wait()
    assert asked.kind == THINKING
    assert asked.original is not None
    (attached,) = asked.original["attachments"]
    assert attached["description"] == "a wall"
    async with aiohttp.ClientSession() as session, session.get(attached["url"]) as answer:
        assert await answer.read() == PICTURE
    assert text_of(asked.original) == "here it is"


async def test_a_window_is_opened_and_read(mini: MiniDiscord) -> None:
    channel = mini.world.add_channel("general")
    async with running(TinyBot(), mini):
        asked = await mini.slash(ALICE, channel, "show")
        await asked.answered.wait()
        assert asked.original is not None
        opened = await mini.click(ALICE, asked.original, buttons(asked.original)[0]["custom_id"])
        await opened.answered.wait()
        assert opened.kind == MODAL
        submitted = await mini.submit(ALICE, opened, "dance")
        await submitted.answered.wait()
    assert submitted.texts == ["you said dance"]
    assert submitted.is_ephemeral


async def test_what_happens_while_the_bot_is_away_is_told_when_it_is_back(
    mini: MiniDiscord,
) -> None:
    channel = mini.world.add_channel("general")
    async with running(TinyBot(), mini):
        await mini.gateway.cut()
        asked = await mini.slash(ALICE, channel, "show")
        await asked.answered.wait()
        assert mini.gateway.resumed[0]["session_id"] == "session-1"
        assert len(mini.gateway.identified) == 1


async def test_discord_py_keeps_to_the_limits_that_it_is_told(mini: MiniDiscord) -> None:
    channel = mini.world.add_channel("general")
    mini.limit(EDITS, 2, 0.2)
    bot = TinyBot()
    async with running(bot, mini):
        message = await bot.get_partial_messageable(channel).send("x")
        for number in range(5):
            await message.edit(content=str(number))
    assert mini.rest.limits.overdrawn == 0
    assert mini.world.history(channel)[0]["content"] == "4"


async def test_a_limit_that_is_overdrawn_is_429_and_tried_again(mini: MiniDiscord) -> None:
    channel = mini.world.add_channel("general")
    mini.fail("PATCH", "/channels/*", 429, retry_after=0.05)
    bot = TinyBot()
    async with running(bot, mini):
        message = await bot.get_partial_messageable(channel).send("x")
        await message.edit(content="y")
    assert [call.status for call in mini.rest.log if call.method == "PATCH"] == [429, 200]


async def test_too_many_edits_of_an_old_message_and_too_large_a_file_are_told(
    mini: MiniDiscord,
) -> None:
    channel = mini.world.add_channel("general")
    mini.fail("PATCH", "/channels/*", 429, code=30046, retry_after=0.01, times=5)
    mini.world.upload_limit = MIB
    bot = TinyBot()
    async with running(bot, mini):
        where = bot.get_partial_messageable(channel)
        message = await where.send("x")
        with pytest.raises(discord.HTTPException) as old:
            await message.edit(content="y")
        with pytest.raises(discord.HTTPException) as large:
            await where.send(file=discord.File(io.BytesIO(bytes(MIB + 1)), "large.png"))
    assert (old.value.status, old.value.code) == (429, 30046)
    assert (large.value.status, large.value.code) == (413, 40005)


async def test_a_wrong_token_is_refused(mini: MiniDiscord) -> None:
    with mini.instead_of_the_real_one():
        bot = TinyBot()
        with pytest.raises(discord.LoginFailure):
            await bot.start("another.token.altogether")
        await bot.close()


async def test_the_real_addresses_are_back_afterwards(mini: MiniDiscord) -> None:
    real = "https://discord.com/api/v10"
    gateway = DiscordWebSocket.DEFAULT_GATEWAY
    with mini.instead_of_the_real_one():
        assert real != Route.BASE == f"{mini.base}/api/v10"
        assert str(DiscordWebSocket.DEFAULT_GATEWAY).startswith("ws://127.0.0.1:")
    assert real == Route.BASE
    assert gateway == DiscordWebSocket.DEFAULT_GATEWAY
