"""What Discord's objects look like on the wire: as much of them as discord.py reads."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

Json = dict[str, Any]

APPLICATION: Final = 9001
BOT: Final = 9001
GUILD: Final = 100
OWNER: Final = 101
CREATED: Final = "2026-01-01T00:00:00+00:00"

VIEW: Final = 1 << 10
SEND: Final = 1 << 11
EMBED: Final = 1 << 14
ATTACH: Final = 1 << 15
HISTORY: Final = 1 << 16
MANAGE_GUILD: Final = 1 << 5
THREADS: Final = (1 << 35) | (1 << 38)
EVERYTHING: Final = VIEW | SEND | EMBED | ATTACH | HISTORY | THREADS


@dataclass(frozen=True, slots=True)
class User:
    """Somebody, and the language of their Discord."""

    id: int
    name: str
    locale: str = "en-US"
    permissions: int = EVERYTHING

    def payload(self) -> Json:
        return user(self.id, self.name)

    def member(self) -> Json:
        return member(self.payload()) | {"permissions": str(self.permissions)}


def user(identity: int, name: str, *, bot: bool = False) -> Json:
    return {
        "id": str(identity),
        "username": name,
        "discriminator": "0",
        "global_name": name.title(),
        "avatar": None,
        "bot": bot,
    }


def bot_user() -> Json:
    return user(BOT, "elsewhere", bot=True) | {"verified": True, "mfa_enabled": False, "flags": 0}


def member(of: Json) -> Json:
    return {
        "user": of,
        "roles": [],
        "joined_at": CREATED,
        "deaf": False,
        "mute": False,
        "flags": 0,
        "nick": None,
        "avatar": None,
    }


def channel(identity: int, name: str, guild: int | None = GUILD) -> Json:
    if guild is None:
        return {"id": str(identity), "type": 1, "recipients": [], "last_message_id": None}
    return {
        "id": str(identity),
        "type": 0,
        "guild_id": str(guild),
        "name": name,
        "position": 0,
        "permission_overwrites": [],
        "nsfw": False,
        "parent_id": None,
        "topic": None,
        "rate_limit_per_user": 0,
        "last_message_id": None,
        "permissions": str(EVERYTHING),
    }


def thread(identity: int, parent: int, name: str) -> Json:
    return {
        "id": str(identity),
        "type": 11,
        "guild_id": str(GUILD),
        "parent_id": str(parent),
        "owner_id": str(BOT),
        "name": name,
        "message_count": 0,
        "member_count": 1,
        "rate_limit_per_user": 0,
        "last_message_id": None,
        "thread_metadata": {
            "archived": False,
            "auto_archive_duration": 1440,
            "archive_timestamp": CREATED,
            "locked": False,
        },
    }


def guild(channels: Mapping[int, Json], locale: str) -> Json:
    return {
        "id": str(GUILD),
        "name": "A server",
        "owner_id": str(OWNER),
        "roles": [_everyone()],
        "channels": list(channels.values()),
        "members": [member(bot_user())],
        "member_count": 2,
        "preferred_locale": locale,
        "joined_at": CREATED,
        "large": False,
        "unavailable": False,
        "verification_level": 0,
        "default_message_notifications": 1,
        "explicit_content_filter": 0,
        "mfa_level": 0,
        "nsfw_level": 0,
        "premium_tier": 0,
        "premium_progress_bar_enabled": False,
        "afk_timeout": 300,
        "system_channel_flags": 0,
    } | {name: [] for name in _EMPTY}


_EMPTY: Final = (
    "emojis",
    "stickers",
    "features",
    "threads",
    "voice_states",
    "presences",
    "stage_instances",
    "guild_scheduled_events",
    "soundboard_sounds",
)


def _everyone() -> Json:
    return {
        "id": str(GUILD),
        "name": "@everyone",
        "permissions": str(EVERYTHING),
        "position": 0,
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "managed": False,
        "mentionable": False,
        "flags": 0,
    }


def application() -> Json:
    return {
        "id": str(APPLICATION),
        "name": "Elsewhere",
        "description": "",
        "icon": None,
        "bot_public": True,
        "bot_require_code_grant": False,
        "verify_key": "0" * 64,
        "summary": "",
        "flags": 0,
        "owner": user(OWNER, "host"),
    }


def message(identity: int, where: Json, author: Json) -> Json:
    """A message without anything in it."""
    return {
        "id": str(identity),
        "channel_id": where["id"],
        "author": author,
        "content": "",
        "timestamp": CREATED,
        "edited_timestamp": None,
        "tts": False,
        "mention_everyone": False,
        "mentions": [],
        "mention_roles": [],
        "attachments": [],
        "embeds": [],
        "components": [],
        "pinned": False,
        "type": 0,
        "flags": 0,
    } | ({"guild_id": where["guild_id"]} if "guild_id" in where else {})
