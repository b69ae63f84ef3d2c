"""The gateway: HELLO, IDENTIFY, heartbeats, compressed dispatches, RESUME of what was missed."""

import asyncio
import json
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from aiohttp import WSMsgType, web

from tests.discord_bot.wire.payloads import APPLICATION, GUILD, Json, bot_user

DISPATCH: Final = 0
HEARTBEAT: Final = 1
IDENTIFY: Final = 2
RESUME: Final = 6
INVALID_SESSION: Final = 9
HELLO: Final = 10
ACK: Final = 11


@dataclass(slots=True)
class Session:
    """What one shard was told, so that it can be told again."""

    id: str
    shard: tuple[int, int]
    told: list[Json] = field(default_factory=list)
    line: "Line | None" = None


class Line:
    """One connection: a websocket with one zlib stream."""

    def __init__(self, socket: web.WebSocketResponse) -> None:
        self.socket = socket
        self._deflate = zlib.compressobj()
        self._sending = asyncio.Lock()

    async def send(self, payload: Json) -> None:
        async with self._sending:
            if self.socket.closed:
                return
            data = self._deflate.compress(json.dumps(payload).encode())
            await self.socket.send_bytes(data + self._deflate.flush(zlib.Z_SYNC_FLUSH))


class Gateway:
    """All shards. Keeps what was identified with, how often it was resumed, and every heartbeat."""

    def __init__(self, token: str, guild: Callable[[], Json]) -> None:
        self._token = token
        self._guild = guild
        self.url = ""
        self.heartbeat_ms = 41_250
        self.identified: list[Json] = []
        self.queries: list[dict[str, str]] = []
        self.resumed: list[Json] = []
        self.heartbeats = 0
        self.ready = asyncio.Event()
        self.back = asyncio.Event()
        """A session was resumed."""
        self.lines: set[Line] = set()
        self._sessions: dict[str, Session] = {}

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.queries.append(dict(request.query))
        line = Line(socket)
        self.lines.add(line)
        try:
            hello = {"heartbeat_interval": self.heartbeat_ms, "_trace": []}
            await line.send({"op": HELLO, "d": hello, "s": None, "t": None})
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    await self._received(line, json.loads(message.data))
        finally:
            self.lines.discard(line)
            for session in self._sessions.values():
                if session.line is line:
                    session.line = None
        return socket

    async def dispatch(self, event: str, data: Json) -> None:
        """Tell the shard that the guild is on; a shard that is away is told when it is back."""
        for session in list(self._sessions.values()):
            index, count = session.shard
            if (GUILD >> 22) % count == index:
                await self._tell(session, event, data)

    async def cut(self, code: int = 4000) -> None:
        """Drop every connection."""
        for line in list(self.lines):
            await line.socket.close(code=code)

    async def _received(self, line: Line, payload: Json) -> None:
        operation, data = payload["op"], payload["d"]
        if operation == HEARTBEAT:
            self.heartbeats += 1
            await line.send({"op": ACK, "d": None, "s": None, "t": None})
        elif operation == IDENTIFY:
            await self._identify(line, data)
        elif operation == RESUME:
            await self._resume(line, data)
        else:
            await line.socket.close(code=4001)

    async def _identify(self, line: Line, data: Json) -> None:
        self.identified.append(data)
        if data["token"] != self._token:
            await line.socket.close(code=4004)
            return
        shard = data.get("shard", (0, 1))
        session = Session(f"session-{len(self.identified)}", (shard[0], shard[1]), line=line)
        self._sessions[session.id] = session
        await self._tell(session, "READY", self._ready(session))
        if session.shard[0] == (GUILD >> 22) % session.shard[1]:
            await self._tell(session, "GUILD_CREATE", self._guild())
        self.ready.set()

    async def _resume(self, line: Line, data: Json) -> None:
        session = self._sessions.get(data["session_id"])
        if session is None:
            await line.send({"op": INVALID_SESSION, "d": False, "s": None, "t": None})
            return
        self.resumed.append(data)
        missed = [event for event in session.told if event["s"] > data["seq"]]
        for event in missed:
            await line.send(event)
        session.line = line
        await self._tell(session, "RESUMED", {"_trace": []})
        self.back.set()

    async def _tell(self, session: Session, event: str, data: Any) -> None:
        payload = {"op": DISPATCH, "t": event, "s": len(session.told) + 1, "d": data}
        session.told.append(payload)
        if session.line is not None:
            await session.line.send(payload)

    def _ready(self, session: Session) -> Json:
        return {
            "v": 10,
            "user": bot_user(),
            "guilds": [{"id": str(GUILD), "unavailable": True}],
            "session_id": session.id,
            "resume_gateway_url": self.url,
            "shard": list(session.shard),
            "application": {"id": str(APPLICATION), "flags": 0},
            "private_channels": [],
        }
