"""A Discord on this machine: discord.py's own gateway, HTTP and rate limits speak to it.

simcord, which the bot's other tests use, replaces those; this is the independent check of them. It
knows what the bot uses and answers 404 to the rest.

    async with MiniDiscord.serving() as discord, discord.instead_of_the_real_one():
        channel = discord.world.add_channel("general")
        ... start a bot with TOKEN ...
        asked = await discord.slash(alice, channel, "play")
        await asked.answered.wait()
"""

import socket
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Final, Self

import yarl
from aiohttp import web
from discord import gateway as discord_gateway
from discord import http as discord_http

from tests.discord_bot.wire.asked import COMMAND, COMPONENT, MODAL_SUBMIT, Asked
from tests.discord_bot.wire.gateway import Gateway
from tests.discord_bot.wire.limits import Fault, Limit
from tests.discord_bot.wire.payloads import APPLICATION, EVERYTHING, GUILD, Json, User, guild
from tests.discord_bot.wire.rest import API, Rest
from tests.discord_bot.wire.world import MIB, World

TOKEN: Final = "loopback.token.of-nobody"
EDITS: Final = ("PATCH", "/channels/{channel}/messages/{message}")
POSTS: Final = ("POST", "/channels/{channel}/messages")
SUBCOMMAND, STRING, INTEGER, BOOLEAN, NUMBER = 1, 3, 4, 5, 10


class MiniDiscord:
    """One server with one guild. `world` is what there is, `rest` and `gateway` how it is asked."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.world = World(base)
        self.gateway = Gateway(TOKEN, lambda: guild(self.world.channels, self.world.locale))
        self.rest = Rest(self.world, TOKEN)
        self.gateway.url = self.rest.gateway_url = f"{base.replace('http', 'ws', 1)}/gateway"

    @classmethod
    @asynccontextmanager
    async def serving(cls) -> AsyncIterator[Self]:
        """A server on a free port, until the end of the block."""
        with socket.create_server(("127.0.0.1", 0)) as listening:
            made = cls(f"http://127.0.0.1:{listening.getsockname()[1]}")
            app = web.Application(client_max_size=64 * MIB)
            app.router.add_get("/gateway", made.gateway.serve)
            app.router.add_get("/cdn/attachments/{channel}/{file}/{name}", made._cdn)
            app.router.add_routes(made.rest.routes())
            runner = web.AppRunner(app, shutdown_timeout=1, access_log=None)
            await runner.setup()
            try:
                await web.SockSite(runner, listening).start()
                yield made
            finally:
                await made.gateway.cut(1001)
                await runner.cleanup()

    @contextmanager
    def instead_of_the_real_one(self) -> Iterator[None]:
        """Until the end of the block every client of discord.py that starts speaks to this one."""
        route, socket_class = discord_http.Route, discord_gateway.DiscordWebSocket
        before = route.BASE, socket_class.DEFAULT_GATEWAY
        route.BASE, socket_class.DEFAULT_GATEWAY = self.base + API, yarl.URL(self.gateway.url)
        try:
            yield
        finally:
            route.BASE, socket_class.DEFAULT_GATEWAY = before

    def limit(self, route: tuple[str, str], requests: int, seconds: float) -> None:
        """Allow so many requests to a route in so many seconds: `EDITS`, `POSTS`."""
        self.rest.limits.rules[route] = Limit(requests, seconds)

    def fail(self, method: str, path: str, status: int, **how: Any) -> Fault:
        """Have the next requests to a path (`/channels/*`) fail. See `Fault`."""
        fault = Fault(method, path, status, **how)
        self.rest.faults.append(fault)
        return fault

    async def slash(self, who: User, channel: int, name: str, **options: Any) -> Asked:
        """Somebody sends a command: `settings timer` with `seconds=30`."""
        root, *inner = name.split()
        given = [_option(key, value) for key, value in options.items()]
        for step in reversed(inner):
            given = [{"type": SUBCOMMAND, "name": step, "options": given}]
        data = {"id": "1", "type": 1, "name": root, "options": given}
        return await self._ask(who, channel, COMMAND, data)

    async def click(self, who: User, message: Json, custom_id: str) -> Asked:
        """Somebody presses a button of a message."""
        data = {"component_type": 2, "custom_id": custom_id}
        return await self._ask(who, int(message["channel_id"]), COMPONENT, data, message=message)

    async def submit(self, who: User, opened: Asked, said: str) -> Asked:
        """Somebody fills in the one field of the window that the bot opened."""
        window = opened.data
        label = window["components"][0]
        field = label.get("component") or label["components"][0]
        filled = {"type": 4, "custom_id": field["custom_id"], "value": said}
        is_label = label["type"] == 18
        row = {"type": 18, "component": filled} if is_label else {"type": 1, "components": [filled]}
        data = {"custom_id": window["custom_id"], "components": [row]}
        channel = int(opened.payload["channel_id"])
        message = opened.payload.get("message")
        return await self._ask(who, channel, MODAL_SUBMIT, data, message=message)

    async def _ask(
        self, who: User, channel: int, kind: int, data: Json, *, message: Json | None = None
    ) -> Asked:
        identity = self.world.new_id()
        asked = Asked(identity, f"token-{identity}", self._payload(who, channel, kind, data))
        asked.payload |= {"id": str(identity), "token": asked.token}
        if message is not None:
            asked.payload["message"] = message
        self.rest.asked[asked.token] = asked
        asked.sent = time.monotonic()
        await self.gateway.dispatch("INTERACTION_CREATE", asked.payload)
        return asked

    def _payload(self, who: User, channel: int, kind: int, data: Mapping[str, Any]) -> Json:
        where = self.world.channels[channel]
        payload: Json = {
            "application_id": str(APPLICATION),
            "type": kind,
            "version": 1,
            "data": data,
            "channel_id": str(channel),
            "channel": where,
            "locale": who.locale,
            "entitlements": [],
            "app_permissions": str(EVERYTHING),
            "attachment_size_limit": self.world.upload_limit,
        }
        if where["type"] == 1:
            owners = {"1": str(who.id)}
            return payload | {
                "user": who.payload(),
                "context": 1,
                "authorizing_integration_owners": owners,
            }
        return payload | {
            "guild_id": str(GUILD),
            "guild_locale": self.world.locale,
            "guild": {"id": str(GUILD), "locale": self.world.locale, "features": []},
            "member": who.member(),
            "context": 0,
            "authorizing_integration_owners": {"0": str(GUILD)},
        }

    async def _cdn(self, request: web.Request) -> web.Response:
        upload = self.world.files.get(int(request.match_info["file"]))
        if upload is None or upload.name != request.match_info["name"]:
            return web.Response(status=404)
        return web.Response(body=upload.content, content_type="application/octet-stream")


def _option(name: str, value: object) -> Json:
    kinds = {bool: BOOLEAN, int: INTEGER, float: NUMBER}
    return {"name": name, "type": kinds.get(type(value), STRING), "value": value}
