"""Which session belongs to a place of Discord. Pure; names come from ids, never from what
somebody calls himself."""

from dataclasses import dataclass
from typing import Final

from clients.discord_bot.records import Scope

DEFAULT: Final = "default"
DIRECT: Final = "dm"


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody is."""

    channel_id: int
    user_id: int
    guild_id: int | None = None
    is_thread: bool = False

    @property
    def key(self) -> str:
        """Whose settings count here."""
        return DIRECT if self.guild_id is None else str(self.guild_id)


def own_session(user_id: int) -> str:
    """The session that a person has alone."""
    return f"du-{user_id}"


def session_of(place: Place, scope: Scope) -> str | None:
    """The session that is played here; None: none yet, because each run opens its own thread."""
    if place.guild_id is None or scope == "user":
        return own_session(place.user_id)
    if scope == "channel":
        return f"dc-{place.channel_id}"
    if scope == "thread":
        return f"dt-{place.channel_id}" if place.is_thread else None
    return DEFAULT


def thread_session(thread_id: int) -> str:
    """The session of a thread that was opened for it."""
    return f"dt-{thread_id}"
