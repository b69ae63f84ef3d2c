"""What a player is told when something cannot be done: one sentence each, in their language."""

from typing import Final

from clients.discord_bot.ui.text import fitted
from clients.discord_bot.words import Words
from clients.game_client import (
    BudgetExhausted,
    Busy,
    ChoiceNotOffered,
    Denied,
    NoDeadline,
    NotFound,
    NotOurs,
    NotReady,
    NotStarted,
    Over,
    ProviderFailed,
    RateLimited,
    ServiceError,
    SessionDamaged,
    SessionNotFound,
    Stale,
    StorageFailed,
    TimedOut,
    TooEarly,
    TooSlow,
    Unreachable,
)


class Refusal(Exception):
    """This cannot be done; `key` names the sentence in the catalogue."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key)
        self.key = key
        self.values = values


_KEYS: Final = (
    (Stale, "error.stale"),
    (ChoiceNotOffered, "error.stale"),
    (Busy, "error.busy"),
    (Over, "error.over"),
    (NotStarted, "error.not_started"),
    (TooEarly, "error.too_early"),
    (NoDeadline, "error.no_deadline"),
    (BudgetExhausted, "error.budget"),
    (ProviderFailed, "error.provider"),
    (RateLimited, "error.rate_limited"),
    (StorageFailed, "error.storage"),
    (SessionDamaged, "error.damaged"),
    (Denied, "error.denied"),
    (TimedOut, "error.timed_out"),
    (Unreachable, "error.unreachable"),
    (NotOurs, "error.unreachable"),
    (NotReady, "error.unreachable"),
    (TooSlow, "error.unreachable"),
    (SessionNotFound, "error.not_started"),
    (NotFound, "error.not_found"),
)
"""The first that fits: a class comes before those that it is one of."""


def sentence(error: Refusal | ServiceError, words: Words, *, link: str = "") -> str:
    """What is said of it. `link` leads to the message where the game is, if there is one."""
    if isinstance(error, Refusal):
        said = words(error.key, **error.values)
    else:
        key = next((key for kind, key in _KEYS if isinstance(error, kind)), None)
        said = words(key) if key else words("error.service", text=fitted(error.message, 300))
    has_moved = isinstance(error, Stale | ChoiceNotOffered | Busy)
    is_ours = isinstance(error, Refusal) and error.key in ("error.stale", "error.busy")
    return f"{said} {link}".rstrip() if has_moved or is_ours else said
