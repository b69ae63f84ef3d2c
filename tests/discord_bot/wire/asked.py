"""An interaction: what somebody did, when the bot acknowledged it, and everything it replied."""

import asyncio
import time
from dataclasses import dataclass, field
from typing import Final

from tests.discord_bot.wire.payloads import Json
from tests.discord_bot.wire.world import EPHEMERAL, Sent, World, text_of

COMMAND: Final = 2
COMPONENT: Final = 3
MODAL_SUBMIT: Final = 5

MESSAGE: Final = 4
THINKING: Final = 5
DEFERRED: Final = 6
UPDATE: Final = 7
MODAL: Final = 9

PATIENCE: Final = 3.0
"""Seconds until Discord says that the interaction failed."""


@dataclass(slots=True)
class Asked:
    """One interaction."""

    id: int
    token: str
    payload: Json
    sent: float = 0.0
    latency: float | None = None
    """Seconds from when it was dispatched to when the bot's callback was here."""
    kind: int | None = None
    """The type of the callback."""
    data: Json = field(default_factory=dict)
    original: Json | None = None
    """The message that the callback made, or the one that was clicked."""
    followups: list[Json] = field(default_factory=list)
    acknowledged: asyncio.Event = field(default_factory=asyncio.Event)
    answered: asyncio.Event = field(default_factory=asyncio.Event)
    """There is something to read, or what was clicked has changed."""

    @property
    def too_late(self) -> bool:
        return time.monotonic() - self.sent > PATIENCE

    @property
    def texts(self) -> list[str]:
        """What was said to the one who asked."""
        own = [self.original] if self.original and self.kind in (MESSAGE, THINKING) else []
        return [text for one in (*own, *self.followups) if (text := text_of(one))]

    @property
    def is_ephemeral(self) -> bool:
        """Whether only the one who asked can read it."""
        shown = self.followups[-1] if self.followups else self.original
        return bool(shown and shown["flags"] & EPHEMERAL)

    def acknowledge(self, sent: Sent, world: World) -> None:
        """The callback is here."""
        self.latency = time.monotonic() - self.sent
        self.kind, self.data = sent.payload["type"], sent.payload.get("data") or {}
        inner = Sent(self.data, sent.uploads)
        channel = int(self.payload["channel_id"])
        if self.kind in (MESSAGE, THINKING):
            self.original = world.post(channel, inner)
            self.original["flags"] |= self.data.get("flags", 0)
        elif "message" in self.payload:
            self.original = world.messages.get(int(self.payload["message"]["id"]))
            if self.kind == UPDATE and self.original is not None:
                world.change(self.original, inner)
        if self.kind in (MESSAGE, UPDATE, MODAL):
            self.answered.set()
        self.acknowledged.set()

    def receipt(self) -> Json:
        """What the callback is answered with."""
        told: Json = {"id": str(self.id), "type": self.payload["type"]}
        if self.kind in (MESSAGE, THINKING) and self.original is not None:
            told |= {
                "response_message_id": self.original["id"],
                "response_message_loading": self.kind == THINKING,
                "response_message_ephemeral": bool(self.original["flags"] & EPHEMERAL),
            }
            return {
                "interaction": told,
                "resource": {"type": self.kind, "message": self.original},
            }
        return {"interaction": told, "resource": {"type": self.kind}}
