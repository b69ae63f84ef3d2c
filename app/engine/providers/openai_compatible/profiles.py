"""What was learnt of a server: how it takes a form, and which parameters it refuses."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, Literal

from app.engine.providers.openai_compatible.endpoint import Endpoint

Mode = Literal["json_schema", "json_object", "prompt"]

MODES: Final[tuple[Mode, ...]] = ("json_schema", "json_object", "prompt")
"""From the one that holds a model to the form best, down to the one that every server takes."""
STRIKES: Final = 2
"""Answers in a row that ignore the form asked for, after which less is asked for."""

_CAPS: Final = ("max_tokens", "max_completion_tokens")
_OPTIONAL: Final = frozenset(
    {"temperature", "reasoning_effort", "stream_options", "seed", "stream", *_CAPS}
)


@dataclass(frozen=True, slots=True)
class Profile:
    """How one model of one server is asked."""

    mode: Mode
    cap: str = "max_tokens"
    """How the length of an answer is limited; empty: not at all."""
    refused: frozenset[str] = frozenset()
    """Parameters that are not sent."""
    bounded: bool = True
    """Whether a schema carries lengths and counts."""
    roomy: bool = False
    """Whether answers need more room than their words: some models think aloud first."""
    strikes: int = 0

    def without(self, name: str) -> "Profile":
        """The same, and `name` is not sent any more; another way to say it may be."""
        refused = self.refused | {name}
        if name != self.cap:
            return replace(self, refused=refused)
        other = next((cap for cap in _CAPS if cap not in refused), "")
        return replace(self, refused=refused, cap=other)


def refused_parameter(param: str, reason: str, sent: frozenset[str]) -> str | None:
    """Which of the parameters that were sent a server objects to, if it can be made out."""
    names = sent & _OPTIONAL
    if param.partition(".")[0] in names:
        return param.partition(".")[0]
    # `max_tokens` is part of no other name, but `stream` is part of `stream_options`.
    told = [name for name in sorted(names, key=len, reverse=True) if name in reason]
    return told[0] if told else None


def lower(mode: Mode) -> Mode | None:
    """The next mode down."""
    at = MODES.index(mode) + 1
    return MODES[at] if at < len(MODES) else None


class Profiles:
    """What is remembered, and for how long: servers change, and no downgrade is for ever."""

    def __init__(self, *, keeps: float = 3600.0, now: Callable[[], float] = time.monotonic) -> None:
        self._keeps = keeps
        self._now = now
        self._known: dict[tuple[str, str], tuple[float, Profile]] = {}

    def of(self, endpoint: Endpoint) -> Profile:
        """How to ask this model now."""
        learnt, profile = self._known.get(_key(endpoint), (0.0, None))
        if profile is None or self._now() - learnt >= self._keeps:
            return _at_first(endpoint)
        return profile

    def learn(self, endpoint: Endpoint, profile: Profile) -> None:
        """Remember what worked. The time runs from when it was learnt, not from its last use."""
        if profile == self.of(endpoint):
            return
        self._known[_key(endpoint)] = (self._now(), profile)


def _key(endpoint: Endpoint) -> tuple[str, str]:
    return endpoint.base_url, endpoint.model


def _at_first(endpoint: Endpoint) -> Profile:
    mode = MODES[0] if endpoint.text_mode == "auto" else endpoint.text_mode
    if endpoint.is_openai:
        # Its reasoning models refuse `max_tokens` and any temperature but 1.
        return Profile(
            mode,
            cap="max_completion_tokens",
            refused=frozenset({"max_tokens", "temperature", "seed"}),
            bounded=False,
        )
    return Profile(mode, refused=frozenset({"reasoning_effort"}))
