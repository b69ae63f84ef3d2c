"""What is in the loopback Discord: channels, messages, files."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Final

from aiohttp import BodyPartReader, web

from tests.discord_bot.wire.payloads import GUILD, Json, bot_user, channel, message

EPHEMERAL: Final = 1 << 6
LOADING: Final = 1 << 7
MIB: Final = 1024 * 1024
SHOWN: Final = ("content", "embeds", "components", "flags")


class TooMuch(Exception):
    """More than a message may carry."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it came over the wire."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Sent:
    """A body: JSON, and the files beside it."""

    payload: Json
    uploads: tuple[Upload, ...] = ()


@dataclass(slots=True)
class World:
    """Everything that the REST routes change."""

    base: str
    channels: dict[int, Json] = field(default_factory=dict)
    messages: dict[int, Json] = field(default_factory=dict)
    files: dict[int, Upload] = field(default_factory=dict)
    upload_limit: int = 10 * MIB
    locale: str = "en-US"
    _ids: Iterator[int] = field(default_factory=lambda: count(2_000_000_000_000))

    def new_id(self) -> int:
        return next(self._ids)

    def add_channel(self, name: str, guild: int | None = GUILD) -> int:
        identity = self.new_id()
        self.channels[identity] = channel(identity, name, guild)
        return identity

    def history(self, channel_id: int) -> list[Json]:
        """What all can see, oldest first."""
        return [
            one
            for one in self.messages.values()
            if int(one["channel_id"]) == channel_id and not one["flags"] & (EPHEMERAL | LOADING)
        ]

    def post(self, channel_id: int, sent: Sent) -> Json:
        """A new message of the bot's."""
        self._check(sent)
        made = message(self.new_id(), self.channels[channel_id], bot_user())
        self.messages[int(made["id"])] = made
        return self.change(made, sent)

    def change(self, shown: Json, sent: Sent) -> Json:
        """Another state of a message. What is not named stays, its files too."""
        self._check(sent)
        shown.update({name: sent.payload[name] for name in SHOWN if name in sent.payload})
        if "attachments" in sent.payload:
            kept = {one["id"]: one for one in shown["attachments"]}
            shown["attachments"] = [
                kept.get(str(one["id"])) or self._attach(one, sent, shown["channel_id"])
                for one in sent.payload["attachments"]
            ]
        self._resolve(shown["components"], shown["attachments"], count(1))
        return shown

    def _check(self, sent: Sent) -> None:
        if sum(len(upload.content) for upload in sent.uploads) > self.upload_limit:
            raise TooMuch

    def _attach(self, told: Json, sent: Sent, channel_id: str) -> Json:
        upload = sent.uploads[int(told["id"])]
        identity = self.new_id()
        self.files[identity] = upload
        url = f"{self.base}/cdn/attachments/{channel_id}/{identity}/{upload.name}"
        return {
            "id": str(identity),
            "filename": upload.name,
            "description": told.get("description"),
            "size": len(upload.content),
            "url": url,
            "proxy_url": url,
            "content_type": "image/webp",
        }

    def _resolve(self, components: Sequence[Any], attached: list[Json], ids: Iterator[int]) -> None:
        """Number the components, and lead those that name a file of the message to it."""
        by_name = {f"attachment://{one['filename']}": one["url"] for one in attached}
        for one in _walk(components):
            if "type" in one:
                one.setdefault("id", next(ids))
            media = one.get("media")
            if isinstance(media, dict):
                media["url"] = by_name.get(media["url"], media["url"])


def _walk(node: object) -> Iterator[Json]:
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from _walk(value)
    elif isinstance(node, list | tuple):
        for value in node:
            yield from _walk(value)


def components(shown: Json) -> list[Json]:
    """Every component of a message, outermost first."""
    return [one for one in _walk(shown["components"]) if "type" in one]


def buttons(shown: Json) -> list[Json]:
    """The buttons that can be pressed."""
    return [one for one in components(shown) if one["type"] == 2 and not one.get("disabled")]


def text_of(shown: Json) -> str:
    """Everything that is said in a message."""
    said = [shown["content"], *(str(one.get("content", "")) for one in components(shown))]
    return "\n".join(part for part in said if part)


async def received(request: web.Request) -> Sent:
    """The body of a request, as JSON or with files."""
    if not request.content_type.startswith("multipart/"):
        text = await request.text()
        return Sent(json.loads(text) if text else {})
    payload: Json = {}
    uploads: dict[int, Upload] = {}
    async for part in await request.multipart():
        assert isinstance(part, BodyPartReader)
        name = part.name or ""
        if name == "payload_json":
            payload = json.loads(await part.text())
        elif numbered := re.fullmatch(r"files\[(\d+)\]", name):
            uploads[int(numbered[1])] = Upload(part.filename or "", bytes(await part.read()))
    return Sent(payload, tuple(uploads[number] for number in sorted(uploads)))
