"""Getting one usable answer out of a model: modes, refused parameters, retries and one repair."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

from app.engine.ports import Hear, Purse, unheard
from app.engine.providers.openai_compatible.calling import Answer, Bill, Caller
from app.engine.providers.openai_compatible.endpoint import Endpoint
from app.engine.providers.openai_compatible.failures import CallFailed, CallTimedOut, Trouble
from app.engine.providers.openai_compatible.profiles import (
    STRIKES,
    Mode,
    Profile,
    Profiles,
    lower,
    refused_parameter,
)
from app.engine.providers.openai_compatible.prompting import Message, Prompts
from app.engine.providers.openai_compatible.reading import MAX_TEXT, extracted, is_prose, whole
from app.engine.providers.openai_compatible.wire import NAME, Said, Schema, read, schema_of
from app.errors import BudgetExhausted, ProviderError
from app.models.narration import Brief, Grounding

logger = logging.getLogger(__name__)

_Change = Callable[[Profile], Profile]

RETRIES: Final = 2
MAX_CALLS: Final = 16
"""Of one turn; most of what is learnt of a server is learnt from calls that cost nothing."""
_UNCAPPED: Final = MAX_TEXT // 4
"""Tokens of an answer that only we limit."""
_BACKOFF: Final = 0.5
_LONGER: Final = 4
"""By how much an answer that was cut off may be longer the next time."""
_REPAIR_SHARE: Final = 0.25
"""Of the deadline: with less than this left, words are not asked for again."""
_OURS: Final = 0.98
"""Of the deadline: who waits for us as long should hear from us that it was missed."""
_TEMPERATURE: Final = 0.8
_MISSING: Final = 404
_REFUSED: Final = (400, _MISSING, 415, 422)
_FORM: Final = ("response_format", "schema", "grammar", "json", "structured")
_TOO_LONG: Final = ("context length", "context_length", "maximum context", "too many tokens")


@dataclass(frozen=True, slots=True)
class Means:
    """What a narrator asks with; the same for all its turns."""

    endpoint: Endpoint
    caller: Caller
    profiles: Profiles
    prompts: Prompts
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep
    jitter: Callable[[], float] = random.random


class Asking:
    """All that one turn asks of the model."""

    def __init__(
        self, means: Means, brief: Brief, grounding: Grounding, *, hear: Hear, purse: Purse
    ) -> None:
        self._means = means
        self._brief = brief
        self._grounding = grounding
        self._hear = hear
        self._purse = purse
        self.bill = Bill()
        self._ends = asyncio.get_running_loop().time() + means.endpoint.deadline * _OURS
        self._heard = False
        self._repaired = False
        self._lost = False
        self._cramped = False
        """More room was refused."""
        self._tries = 0
        self._tried: list[_Change] = []
        """What is done differently now, and is remembered if it leads to an answer: a server
        that is out of order may refuse anything."""

    async def answer(self) -> tuple[Said, str]:
        """An answer of the right form, and its text. Raises `ProviderError`, `BudgetExhausted`."""
        added: Sequence[Message] = ()
        while True:
            mode = self._profile().mode
            answer = await self._call(added)
            said = await self._read(answer, mode)
            if isinstance(said, Said):
                return said, answer.text
            below = self._profile().mode
            if below != mode:  # What is not even an object is asked for in another way.
                added = ()
            elif not self._repaired:
                self._repaired = True
                added = self._means.prompts.repairing(answer.text, [said])
            elif (next_down := self._lower(mode)) is not None:
                self._tried.append(_mode(next_down))
                added = ()
            else:
                provider = self._means.endpoint.provider
                raise CallFailed(f"{provider} answered nothing that can be used.", Trouble())

    async def again(self, text: str, problems: Sequence[str]) -> tuple[Said, str] | None:
        """The answer once more, because its words will not do; None when that is not to be had."""
        left = self._ends - asyncio.get_running_loop().time()
        if self._repaired or left < self._means.endpoint.deadline * _REPAIR_SHARE:
            return None
        self._repaired = True
        try:
            mode = self._profile().mode
            answer = await self._call(self._means.prompts.repairing(text, problems))
            said = await self._read(answer, mode)
        except (ProviderError, BudgetExhausted) as error:
            logger.info("no second answer", extra={"turn": self._brief.turn, "code": error.code})
            return None
        return (said, answer.text) if isinstance(said, Said) else None

    async def _call(self, added: Sequence[Message]) -> Answer:
        """One answer, whatever its form."""
        while self.bill.calls < MAX_CALLS:
            profile = self._profile()
            body, cap = self._body(profile, added)
            try:
                answer = await self._means.caller.ask(
                    body,
                    cap=cap,
                    hear=self._listener(),
                    purse=self._purse,
                    bill=self.bill,
                    ends=self._ends,
                )
                _check_whole(answer, self._means.endpoint.provider)
            except (CallFailed, CallTimedOut) as error:
                await self._recover(error, profile, frozenset(body))
                continue
            self._lost = False
            if answer.finish != "length" or not profile.cap or profile.roomy or self._cramped:
                return answer
            self._tried.append(partial(replace, roomy=True))

        provider = self._means.endpoint.provider
        raise CallFailed(f"{provider} answered nothing that can be used.", Trouble())

    async def _read(self, answer: Answer, mode: Mode) -> Said | str:
        """The answer as read, having noted how the server held to the form."""
        for change in self._tried:
            self._learn(change)
        self._tried.clear()
        data = whole(answer.text)
        clean = data is not None
        if not clean:
            data = await asyncio.to_thread(extracted, answer.text)
        said = read(data)
        if answer.finish == "length":
            if not answer.told:
                return "It was cut off before its end. Be shorter."
            return said
        obeyed = clean and (mode != "json_schema" or (isinstance(said, Said) and said.complete))
        self._note(mode, obeyed=obeyed, prose=bool(answer.text.strip()) and is_prose(answer.text))
        return said

    def _note(self, mode: Mode, *, obeyed: bool, prose: bool) -> None:
        below = self._lower(mode)
        strikes = 0 if obeyed else self._profile().strikes + 1
        if obeyed or below is None:
            self._learn(partial(replace, strikes=0))
        elif prose or strikes >= STRIKES:
            logger.warning("model ignores the form", extra={"asked": mode, "next": below})
            self._learn(_mode(below))
        else:
            self._learn(partial(replace, strikes=strikes))

    async def _recover(
        self, error: CallFailed | CallTimedOut, profile: Profile, sent: frozenset[str]
    ) -> None:
        """Make the next attempt a better one, or raise `error`."""
        trouble = error.trouble
        if trouble.status in _REFUSED and self._relearn(trouble, profile, sent):
            return
        if trouble.lost and not self._lost:
            # A kept connection that the server had closed: another one is the cure.
            self._lost = True
            return
        stuck = isinstance(error, CallTimedOut) and trouble.sent
        if not trouble.servers or trouble.final or stuck or self._tries >= RETRIES:
            raise error
        wait = trouble.wait
        if wait is None:
            wait = _BACKOFF * 2**self._tries * (0.5 + self._means.jitter())
        if asyncio.get_running_loop().time() + wait >= self._ends:
            raise error
        self._tries += 1
        await self._means.pause(wait)

    def _relearn(self, trouble: Trouble, profile: Profile, sent: frozenset[str]) -> bool:
        """Whether something can be left out or asked for differently after a refusal."""
        reason, param, tried = trouble.reason, trouble.param, self._tried
        if any(words in reason for words in _TOO_LONG):
            return False
        if trouble.status != _MISSING and (name := refused_parameter(param, reason, sent)):
            if name == profile.cap and profile.roomy:
                self._cramped = True
                tried.append(partial(replace, roomy=False))
            else:
                tried.append(lambda known: known.without(name))
            return True
        about_form = param.startswith("response_format") or any(word in reason for word in _FORM)
        if profile.mode == "prompt" or (trouble.status == _MISSING and not about_form):
            return False
        if param and not param.startswith("response_format"):
            return False
        if about_form and profile.mode == "json_schema" and profile.bounded:
            tried.append(partial(replace, bounded=False))
            return True
        below = self._lower(profile.mode)
        if below is not None:
            tried.append(_mode(below))
        return below is not None

    def _profile(self) -> Profile:
        profile = self._means.profiles.of(self._means.endpoint)
        for change in self._tried:
            profile = change(profile)
        return profile

    def _learn(self, change: _Change) -> None:
        means = self._means
        means.profiles.learn(means.endpoint, change(means.profiles.of(means.endpoint)))

    def _lower(self, mode: Mode) -> Mode | None:
        return lower(mode) if self._means.endpoint.text_mode == "auto" else None

    def _listener(self) -> Hear:
        """Who hears the next call: nobody, once a call that was given up has been heard."""
        if self._heard:
            return unheard

        def hear(text: str) -> None:
            self._heard = True
            self._hear(text)

        return hear

    def _body(self, profile: Profile, added: Sequence[Message]) -> tuple[dict[str, Any], int]:
        """The request, and the most tokens that it may be answered with."""
        brief, grounding, endpoint = self._brief, self._grounding, self._means.endpoint
        words = grounding.voice.words
        open_ended = brief.ending is None
        schema = schema_of(
            words=words,
            proposals=open_ended and grounding.grows,
            effects=open_ended and brief.is_custom_action,
            bounded=profile.bounded and profile.mode == "json_schema",
        )
        shape = None if profile.mode == "json_schema" else schema
        asks_more = open_ended and (grounding.grows or brief.is_custom_action)
        cap = (900 + 4 * words[1] + 600 * asks_more) * (_LONGER if profile.roomy else 1)
        body: dict[str, Any] = {
            "model": endpoint.model,
            "messages": [*self._means.prompts.messages(brief, grounding, shape), *added],
            "stream": True,
            "stream_options": {"include_usage": True},
            "temperature": _TEMPERATURE,
            "reasoning_effort": "none",
            "seed": (brief.seed + brief.turn) % 2**31,
        }
        body = {name: value for name, value in body.items() if name not in profile.refused}
        if "stream" not in body:
            body.pop("stream_options", None)
        if profile.cap:
            body[profile.cap] = cap
        if profile.mode != "prompt":
            body["response_format"] = _format(profile.mode, schema)
        if endpoint.extra:
            body["extra_body"] = dict(endpoint.extra)
        return body, cap if profile.cap else _UNCAPPED


def _mode(mode: Mode) -> _Change:
    return partial(replace, mode=mode, strikes=0)


def _format(mode: Mode, schema: Schema) -> dict[str, Any]:
    if mode == "json_object":
        return {"type": "json_object"}
    return {
        "type": "json_schema",
        "json_schema": {"name": NAME, "strict": True, "schema": schema},
    }


def _check_whole(answer: Answer, provider: str) -> None:
    """A stream that just ends says neither that it is finished nor anything that can be read."""
    if answer.finish is None and not answer.told and whole(answer.text) is None:
        raise CallFailed(f"{provider} broke off its answer.", Trouble(servers=True))
