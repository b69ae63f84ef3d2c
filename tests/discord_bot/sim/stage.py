"""One bot in a virtual Discord, and the service that it plays with.

simcord waits until all that the bot does has come to rest. So what is not the bot's runs outside
of its scope: the service, and the streams that never end.
"""

import asyncio
import contextvars
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import discord
import httpx
import simcord
from fastapi import FastAPI
from simcord import interactions
from simcord.backend import serializers

from clients.discord_bot.bot import GameBot
from clients.discord_bot.settings import BotSettings
from clients.discord_bot.ui import ids
from clients.game_client import GameClient, Retries
from clients.game_client.asgi import AppTransport
from tests.discord_bot.sim.service import Gate, StageClient

T = TypeVar("T")
QUICK = Retries(first_delay=0.001, longest_delay=0.01)
HERE = "http://elsewhere.test"


class Stage:
    """A virtual Discord with a bot in it."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "discord_bot.json"
        self.app: FastAPI | None = None
        self.base_url = HERE
        self.env: simcord.Env
        self.bot: GameBot
        self.is_slow = False
        """Whether the service takes longer than simcord should wait."""
        self.is_down = False
        self.service_is_behind = timedelta()

    def make_bot(self, **settings: Any) -> GameBot:
        given = {"file": self.file, "vote_seconds": 20.0, **settings}
        return GameBot(BotSettings(**given), self._client(), shard_count=1)

    async def restart(self) -> None:
        """Another process takes over: nothing but the file is left of this one."""
        await self.bot.hall.house.records.written()
        old, self.bot = self.bot, self.make_bot()
        await self.env.restart_bot(self.bot)
        await old._opened.aclose()

    async def sleep_through(
        self, seconds: float, *, doing: Callable[[], Coroutine[Any, Any, Any]] | None = None
    ) -> None:
        """The bot is not there for a while."""
        await self.bot.hall.house.records.written()
        await self.bot.hall.aclose()
        if doing is not None:
            await doing()
        await self.env.advance_time(seconds)
        await self.restart()

    @property
    def service_client(self) -> GameClient:
        """The bot's client, to do what a browser does."""
        return self.bot.hall.house.client

    def step_auto_play(self) -> asyncio.Semaphore:
        """Auto-play waits for this instead of for seconds."""
        steps = asyncio.Semaphore(0)

        async def pause(_: float) -> None:
            await steps.acquire()

        assert self.app is not None
        self.app.state.service.game.autoplay._pause = pause
        return steps

    def auto_plays(self, session_id: str) -> bool:
        assert self.app is not None
        return session_id in self.app.state.service.game.autoplay.playing

    def _client(self) -> AbstractAsyncContextManager[GameClient]:
        @asynccontextmanager
        async def opened() -> AsyncGenerator[GameClient]:
            transport = AppTransport(self.app) if self.app is not None else None
            client = StageClient(
                self.base_url,
                client_name="discord",
                transport=Gate(self, transport or httpx.AsyncHTTPTransport()),
                retries=QUICK,
            )
            client.stage = self
            async with client:
                yield client

        return opened()

    async def outside(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something that is not the bot's, and wait for it."""
        task: asyncio.Task[T] = contextvars.Context().run(asyncio.create_task, work)
        try:
            if self.is_slow:
                waited: T = await self.env.external_wait(task, reason="the service is slow")
                return waited
            return await task
        except asyncio.CancelledError:
            task.cancel()
            await asyncio.wait({task})
            raise

    # -- what several people do at the same moment ---------------------------------------

    def press_raw(
        self, who: simcord.MemberActor, message: discord.Message, custom_id: str, **more: Any
    ) -> Any:
        """Press a button without waiting for what comes of it; simcord's own `click` waits."""
        data = {"custom_id": custom_id, "component_type": 2}
        return self._emit(who, message, 3, data, more)

    def submit_raw(
        self, who: simcord.MemberActor, message: discord.Message, custom_id: str, text: str
    ) -> Any:
        """Send a window's words that this process did not open."""
        field = {"type": 4, "custom_id": "words", "value": text, "id": 2}
        data = {"custom_id": custom_id, "components": [{"type": 18, "id": 1, "component": field}]}
        return self._emit(who, message, 5, data)

    def _emit(
        self,
        who: simcord.MemberActor,
        message: discord.Message,
        kind: int,
        data: dict[str, Any],
        more: dict[str, Any] | None = None,
    ) -> Any:
        backend = self.env.backend
        stored = backend.get_message(message.channel.id, message.id)
        record, payload = interactions.base_payload(
            backend,
            type=kind,
            channel_id=message.channel.id,
            guild_id=who.guild.id,
            user_id=who.id,
            data=data,
        )
        record.source_message_id = message.id
        payload["message"] = dict(serializers.message_payload(backend, stored))
        backend.emit("INTERACTION_CREATE", payload | (more or {}))
        return record

    def told(self, record: Any) -> str:
        """What somebody was told alone, after `press_raw` or `submit_raw`."""
        return said_to(simcord.InteractionResult(self.env, record))

    async def eventually(self, holds: Callable[[], bool], *, seconds: float = 20.0) -> None:
        """Let bot and service go on until something holds."""
        async with asyncio.timeout(seconds):
            while not holds():
                await asyncio.sleep(0.02)
                await self.env.settle()

    async def settled(self) -> None:
        """Let what the service has told be shown."""
        for _ in range(3):
            await asyncio.sleep(0.01)
            await self.env.settle()


# -- what a message shows ------------------------------------------------------------------


def walk(components: list[Any]) -> list[Any]:
    """All components of a message, in order."""
    found = []
    for component in components:
        found.append(component)
        found += walk(list(getattr(component, "children", ())))
    return found


def text_of(message: discord.Message) -> str:
    """All that a message says."""
    shown = walk(list(message.components))
    return "\n".join(c.content for c in shown if isinstance(c, discord.TextDisplay))


def buttons_of(message: discord.Message) -> list[discord.Button]:
    return [c for c in walk(list(message.components)) if isinstance(c, discord.Button)]


def presses(message: discord.Message, kind: str) -> list[str]:
    """The custom_ids of the buttons of a kind that can be pressed."""
    found = []
    for one in buttons_of(message):
        press = ids.read_press(one.custom_id or "")
        if press is not None and press.kind == kind and not one.disabled:
            found.append(one.custom_id or "")
    return found


def galleries(message: discord.Message) -> list[discord.MediaGalleryComponent]:
    shown = walk(list(message.components))
    return [c for c in shown if isinstance(c, discord.MediaGalleryComponent)]


def is_turn(message: discord.Message) -> bool:
    """Whether it is the message of a turn that can be played."""
    return bool(presses(message, ids.CHOOSE) or presses(message, ids.VOTE))


class Party:
    """A server with a channel, somebody who runs it, and two who play."""

    def __init__(self, stage: Stage, named: str = "") -> None:
        self.stage = stage
        self.guild = stage.env.create_guild()
        self.channel = self.guild.create_text_channel("fire")
        hosts = self.guild.create_role("hosts", permissions=discord.Permissions(manage_guild=True))
        self.host = self.guild.add_member(stage.env.create_user(f"host{named}"), roles=[hosts])
        self.alice = self.guild.add_member(stage.env.create_user(f"alice{named}"))
        self.bob = self.guild.add_member(stage.env.create_user(f"bob{named}"))

    async def begin(self) -> discord.Message:
        """Alice begins; the message of turn 0."""
        await self.alice.slash(self.channel, "play")
        return self.present()

    def turns(self, channel: simcord.ChannelHandle | None = None) -> list[discord.Message]:
        """The messages that can be played."""
        return [m for m in (channel or self.channel).history() if is_turn(m)]

    def present(self, channel: simcord.ChannelHandle | None = None) -> discord.Message:
        """The one message that can be played."""
        (message,) = self.turns(channel)
        return message


def answer_to(result: simcord.InteractionResult) -> discord.Message:
    """The message that answered a command or a click."""
    assert result.response is not None
    return result.response.message


def said_to(result: simcord.InteractionResult) -> str:
    """What somebody was told alone."""
    answers = [a for a in (result.response, *result.followups) if a is not None and a.ephemeral]
    return "\n".join(text_of(answer.message) for answer in answers)
