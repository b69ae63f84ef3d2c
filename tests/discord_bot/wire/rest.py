"""The REST routes that the bot uses, each with its bucket, its faults and its place in the log."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from tests.discord_bot.wire.asked import Asked
from tests.discord_bot.wire.limits import OURS, Fault, Limits, refused, said
from tests.discord_bot.wire.payloads import (
    CREATED,
    EVERYTHING,
    Json,
    application,
    bot_user,
    thread,
    user,
)
from tests.discord_bot.wire.world import EPHEMERAL, Sent, TooMuch, World, received

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

API: Final = "/api/v10"
UNKNOWN_INTERACTION: Final = 10062
ACKNOWLEDGED_ALREADY: Final = 40060
UNKNOWN_CHANNEL: Final = 10003
UNKNOWN_MESSAGE: Final = 10008
UNKNOWN_WEBHOOK: Final = 10015
TOO_LARGE: Final = 40005


@dataclass(frozen=True, slots=True)
class Call:
    """One request and its answer."""

    method: str
    path: str
    status: int
    at: float


class Rest:
    """Discord's HTTP side. `log` has every request in the order in which it was answered."""

    def __init__(self, world: World, token: str) -> None:
        self._world = world
        self._token = token
        self.gateway_url = ""
        self.limits = Limits()
        self.faults: list[Fault] = []
        self.log: list[Call] = []
        self.asked: dict[str, Asked] = {}
        self.commands: dict[str, list[Json]] = {}
        """By path: global ones, and those of the guild."""

    def routes(self) -> list[web.RouteDef]:
        app, hook = "/applications/{app}", "/webhooks/{app}/{token}"
        mine = "/channels/{channel}/messages"
        table: tuple[tuple[str, str, Handler], ...] = (
            ("GET", "/users/@me", self._me),
            ("GET", "/users/{user}", self._user),
            ("POST", "/users/@me/channels", self._direct),
            ("GET", "/oauth2/applications/@me", self._application),
            ("GET", "/applications/@me", self._application),
            ("GET", "/gateway/bot", self._gateway),
            ("PUT", f"{app}/commands", self._sync),
            ("PUT", app + "/guilds/{guild}/commands", self._sync),
            ("GET", f"{app}/commands", self._synced),
            ("POST", "/interactions/{interaction}/{token}/callback", self._callback),
            ("POST", hook, self._follow_up),
            ("GET", hook + "/messages/{message}", self._get_reply),
            ("PATCH", hook + "/messages/{message}", self._edit_reply),
            ("DELETE", hook + "/messages/{message}", self._delete_reply),
            ("GET", "/channels/{channel}", self._channel),
            ("POST", "/channels/{channel}/typing", self._typing),
            ("POST", "/channels/{channel}/threads", self._thread),
            ("POST", mine, self._post),
            ("GET", mine + "/{message}", self._get),
            ("PATCH", mine + "/{message}", self._edit),
            ("DELETE", mine + "/{message}", self._delete),
            ("POST", mine + "/{message}/threads", self._thread),
        )
        return [web.route(m, API + path, self._wrapped(m, path, h)) for m, path, h in table]

    def _wrapped(self, method: str, route: str, handler: Handler) -> Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            answer = await self._answer(request, method, route, handler)
            path = request.path.removeprefix(API)
            self.log.append(Call(method, path, answer.status, time.monotonic()))
            return answer

        return handle

    async def _answer(
        self, request: web.Request, method: str, route: str, handler: Handler
    ) -> web.StreamResponse:
        needs_token = not route.startswith(("/interactions", "/webhooks"))
        if needs_token and request.headers.get("Authorization") != f"Bot {self._token}":
            return refused(401, 0, "401: Unauthorized")
        major = request.match_info.get("channel") or request.match_info.get("token", "")
        headers, wait = self.limits.take(method, route, major)
        if wait is not None:
            answer: web.StreamResponse = refused(429, retry_after=wait)
        else:
            answer = await self._faulty(request, handler)
        answer.headers.update(OURS | headers)
        return answer

    async def _faulty(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        fault = next((one for one in self.faults if one.matches(request)), None)
        if fault is not None:
            fault.times -= 1
            if fault.is_lost:
                await handler(request)
            else:
                await request.read()
            return fault.answer(request)
        try:
            return await handler(request)
        except TooMuch:
            return refused(413, TOO_LARGE, "Request entity too large")

    async def _me(self, request: web.Request) -> web.Response:
        return said(bot_user())

    async def _user(self, request: web.Request) -> web.Response:
        identity = int(request.match_info["user"])
        return said(user(identity, f"user{identity}"))

    async def _direct(self, request: web.Request) -> web.Response:
        return said(self._world.channels[self._world.add_channel("", None)])

    async def _application(self, request: web.Request) -> web.Response:
        return said(application())

    async def _gateway(self, request: web.Request) -> web.Response:
        limit = {"total": 1000, "remaining": 999, "reset_after": 0, "max_concurrency": 1}
        return said({"url": self.gateway_url, "shards": 1, "session_start_limit": limit})

    async def _sync(self, request: web.Request) -> web.Response:
        told = await request.json()
        path = request.path.removeprefix(API)
        made = [
            one | {"id": str(self._world.new_id()), "application_id": "9001", "version": "1"}
            for one in told
        ]
        self.commands[path] = made
        return said(made)

    async def _synced(self, request: web.Request) -> web.Response:
        return said(self.commands.get(request.path.removeprefix(API), []))

    async def _callback(self, request: web.Request) -> web.StreamResponse:
        asked = self.asked.get(request.match_info["token"])
        if asked is None or asked.too_late:
            return refused(404, UNKNOWN_INTERACTION, "Unknown interaction")
        if asked.acknowledged.is_set():
            return refused(400, ACKNOWLEDGED_ALREADY, "Interaction has already been acknowledged.")
        asked.acknowledge(await received(request), self._world)
        if "with_response" in request.query:
            return said(asked.receipt())
        return web.Response(status=204)

    async def _follow_up(self, request: web.Request) -> web.Response:
        asked = self.asked.get(request.match_info["token"])
        if asked is None or not asked.acknowledged.is_set():
            return refused(404, UNKNOWN_WEBHOOK, "Unknown Webhook")
        made = self._world.post(int(asked.payload["channel_id"]), await received(request))
        asked.followups.append(made)
        asked.answered.set()
        return said(made)

    async def _get_reply(self, request: web.Request) -> web.Response:
        shown = self._reply(request)
        return refused(404, UNKNOWN_MESSAGE, "Unknown Message") if shown is None else said(shown)

    async def _edit_reply(self, request: web.Request) -> web.Response:
        shown = self._reply(request)
        if shown is None:
            return refused(404, UNKNOWN_MESSAGE, "Unknown Message")
        is_private = shown["flags"] & EPHEMERAL
        self._world.change(shown, await received(request))
        shown["flags"] |= is_private
        self.asked[request.match_info["token"]].answered.set()
        return said(shown)

    async def _delete_reply(self, request: web.Request) -> web.Response:
        shown = self._reply(request)
        if shown is None:
            return refused(404, UNKNOWN_MESSAGE, "Unknown Message")
        self._world.messages.pop(int(shown["id"]), None)
        self.asked[request.match_info["token"]].answered.set()
        return web.Response(status=204)

    def _reply(self, request: web.Request) -> Json | None:
        asked = self.asked.get(request.match_info["token"])
        name = request.match_info["message"]
        if asked is None:
            return None
        if name == "@original":
            return asked.original
        return next((one for one in asked.followups if one["id"] == name), None)

    async def _channel(self, request: web.Request) -> web.Response:
        where = self._world.channels.get(int(request.match_info["channel"]))
        return refused(404, UNKNOWN_CHANNEL, "Unknown Channel") if where is None else said(where)

    async def _typing(self, request: web.Request) -> web.Response:
        return web.Response(status=204)

    async def _thread(self, request: web.Request) -> web.Response:
        told = await request.json()
        parent, identity = int(request.match_info["channel"]), self._world.new_id()
        made = self._world.channels[identity] = thread(identity, parent, told["name"])
        member = {"join_timestamp": CREATED, "flags": 0}
        return said(made | {"member": member, "permissions": str(EVERYTHING)}, status=201)

    async def _post(self, request: web.Request) -> web.Response:
        channel = int(request.match_info["channel"])
        if channel not in self._world.channels:
            return refused(404, UNKNOWN_CHANNEL, "Unknown Channel")
        return said(self._world.post(channel, await received(request)))

    async def _get(self, request: web.Request) -> web.Response:
        shown = self._shown(request)
        return refused(404, UNKNOWN_MESSAGE, "Unknown Message") if shown is None else said(shown)

    async def _edit(self, request: web.Request) -> web.Response:
        shown = self._shown(request)
        if shown is None:
            return refused(404, UNKNOWN_MESSAGE, "Unknown Message")
        sent: Sent = await received(request)
        return said(self._world.change(shown, sent))

    async def _delete(self, request: web.Request) -> web.Response:
        if self._shown(request) is None:
            return refused(404, UNKNOWN_MESSAGE, "Unknown Message")
        del self._world.messages[int(request.match_info["message"])]
        return web.Response(status=204)

    def _shown(self, request: web.Request) -> Json | None:
        return self._world.messages.get(int(request.match_info["message"]))
