"""A narrator over a scripted server: what tests of the narrator share."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import httpx2
from pydantic import SecretStr

from app.engine.providers.openai_compatible.endpoint import Endpoint
from app.engine.providers.openai_compatible.narrator import OpenAINarrator
from app.engine.providers.openai_compatible.prices import Prices
from app.errors import BudgetExhausted
from app.models.ledger import Capability, Units
from app.models.narration import Brief, Grounding, Target, Telling, Voice, Wording
from app.models.session import Choice

KEY: Final = "sk-canary-0123456789"
MODEL: Final = "gpt-6-luna"
LOCAL: Final = "http://model.test:8080/v1"
OPENAI: Final = "https://api.openai.com/v1"

DISPATCH: Final = (
    "You kneel at the gate and work the cutters into the wire. The third strand parts with a "
    "small clean sound, and the guard inside the booth does not lift his head. Beyond the gap a "
    "lamp swings over the yard, though there is no wind."
)
TOLD: Final[dict[str, Any]] = {
    "dispatch": DISPATCH,
    "vision_dispatch": "A cut wire gate and a swinging lamp over an empty yard.",
    "situation": "At the cut gate.",
    "choices": [
        {"slot": "4a", "text": "Slip through the gate on your belly"},
        {"slot": "4b", "text": "Watch the guard until he nods off"},
        {"slot": "4c", "text": "Throw a flare behind the booth"},
        {"slot": "4d", "text": "Go back down the road for now"},
    ],
    "summary": "Cut the gate without waking the guard.",
}


def a_voice(**fields: Any) -> Voice:
    given: dict[str, Any] = {
        "title": "The Wire, 1961",
        "role": "a surveyor with a bad map",
        "goal": "Reach the far side of the wire.",
        "year": 1961,
        "language": "en",
        "rating": "12+",
        "person": "second",
        "tense": "present",
        "style": "Plain and exact.",
        "banned_words": ("suddenly", "a testament to"),
        "words": (25, 75),
    }
    return Voice(**(given | fields))


def a_grounding(**fields: Any) -> Grounding:
    given: dict[str, Any] = {
        "voice": a_voice(),
        "place": "the gate",
        "sample": "The gate is chained and nobody has the key.",
        "facts": ("The player is at the gate.", "The guard is near.", "It is dusk."),
        "threads": ("Who moved the lamp?",),
        "targets": (
            Target(id="here", name="the gate"),
            Target(id="agent:guard", name="the guard"),
            Target(id="item:flare", name="a flare"),
        ),
        "looks": ("barrel", "crate"),
        "names": ("the gate", "the guard", "a flare"),
        "absent": ("Corporal Hale", "the pump house"),
        "alive": True,
        "grows": False,
    }
    return Grounding(**(given | fields))


def a_brief(**fields: Any) -> Brief:
    given: dict[str, Any] = {
        "session_id": "secret-session",
        "world": "wire",
        "seed": 11,
        "turn": 4,
        "action": "Cut the wire of the gate",
        "is_custom_action": False,
        "fate": "NORMAL",
        "tier": "ok",
        "movement": "still",
        "grounding": a_grounding(),
        "outcome": ("The gate is open now.",),
        "last_dispatches": ("You come to the gate at dusk.",),
        "summary": "Walked up the road. Came to the gate.",
        "choices": (
            Choice(id="4a", text="Crawl through the gate", kind="move", risk="medium"),
            Choice(id="4b", text="Watch the guard", kind="careful", risk="low"),
            Choice(id="4c", text="Throw the flare", kind="bold", risk="high"),
            Choice(id="4d", text="Walk back down the road", kind="move", risk="low"),
        ),
        "ending": None,
        "wording": Wording(
            dispatch="The wire parts. The guard sleeps on. The gate stands open.",
            vision_dispatch="The gate, at dusk: the wire and the booth.",
            situation="The gate, at dusk.",
            summary="Cut the wire of the gate.",
        ),
    }
    return Brief(**(given | fields))


@dataclass(slots=True)
class Line:
    """What became of one reservation."""

    at_most: int | None
    status: str = "reserved"
    units: Units = field(default_factory=Units)
    micros: int | None = None
    estimated: bool = False
    request_id: str = ""

    def settle(
        self, units: Units, micros: int | None, *, estimated: bool = False, request_id: str = ""
    ) -> None:
        assert self.status == "reserved", "a hold is let go of once"
        self.status, self.units, self.micros = "settled", units, micros
        self.estimated, self.request_id = estimated, request_id

    def release(self) -> None:
        assert self.status == "reserved", "a hold is let go of once"
        self.status = "released"


class Till:
    """A purse that keeps its lines, and stops paying after `calls` of them."""

    def __init__(self, calls: int | None = None) -> None:
        self.lines: list[Line] = []
        self._calls = calls

    async def reserve(
        self, capability: Capability, *, provider: str, model: str, at_most: int | None
    ) -> Line:
        assert capability == "text"
        if self._calls is not None and len(self.lines) >= self._calls:
            raise BudgetExhausted
        self.lines.append(Line(at_most))
        return self.lines[-1]

    @property
    def statuses(self) -> list[str]:
        return [line.status for line in self.lines]


Handler = Callable[[dict[str, Any]], httpx2.Response | Awaitable[httpx2.Response]]


class Server:
    """Answers each chat with the next of `answers`; the last one stays."""

    def __init__(self, *answers: httpx2.Response | Exception | Handler) -> None:
        self._answers = list(answers)
        self.asked: list[dict[str, Any]] = []
        self.requests: list[httpx2.Request] = []
        self.transport = httpx2.MockTransport(self._answer)

    async def _answer(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        self.asked.append(json.loads(request.content))
        answer = self._answers[0] if len(self._answers) == 1 else self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, httpx2.Response):
            return answer
        made = answer(self.asked[-1])
        return made if isinstance(made, httpx2.Response) else await made

    @property
    def modes(self) -> list[str]:
        """How each answer was asked for."""
        return [body.get("response_format", {}).get("type", "prompt") for body in self.asked]


USAGE: Final[Mapping[str, Any]] = {
    "prompt_tokens": 1500,
    "completion_tokens": 350,
    "total_tokens": 1850,
    "prompt_tokens_details": {"cached_tokens": 1000},
}


def chunk(text: str | None = None, *, finish: str | None = None, **delta: Any) -> dict[str, Any]:
    said = delta if text is None else {"content": text, **delta}
    choice = {"index": 0, "delta": said, "finish_reason": finish}
    return {"id": "chat-1", "object": "chat.completion.chunk", "choices": [choice]}


def chunks(
    text: str,
    *,
    finish: str | None = "stop",
    usage: Mapping[str, Any] | None = USAGE,
    size: int = 9,
) -> list[dict[str, Any]]:
    pieces = [chunk(text[at : at + size]) for at in range(0, len(text), size)]
    if finish is not None:
        pieces.append(chunk(finish=finish))
    if usage is not None:
        pieces.append({"id": "chat-1", "choices": [], "usage": dict(usage)})
    return pieces


def stream_of(events: Iterable[Mapping[str, Any]], *, done: bool = True) -> httpx2.Response:
    lines = [f"data: {json.dumps(event)}\n\n" for event in events]
    if done:
        lines.append("data: [DONE]\n\n")
    return httpx2.Response(
        200,
        headers={"content-type": "text/event-stream", "x-request-id": "req-1"},
        content="".join(lines).encode(),
    )


def says(text: str | Mapping[str, Any], **how: Any) -> Handler:
    """A server that writes `text`, streamed, each time it is asked."""
    said = text if isinstance(text, str) else json.dumps(text)
    return lambda _: stream_of(chunks(said, **how))


def refuses(status: int, message: str = "No.", **error: Any) -> Handler:
    headers = {"retry-after": str(error.pop("wait"))} if "wait" in error else {}
    body = {"error": {"message": message, "type": "x", "param": None, "code": None, **error}}
    return lambda _: httpx2.Response(status, json=body, headers=headers)


class Drip(httpx2.AsyncByteStream):
    """A body that comes as the test lets it."""

    def __init__(self, pieces: Callable[[], AsyncIterator[bytes]]) -> None:
        self._pieces = pieces

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._pieces()


class Clock:
    """A time that only moves when it is told to."""

    def __init__(self) -> None:
        self.time = 1000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds


def an_endpoint(base_url: str = LOCAL, **fields: Any) -> Endpoint:
    given: dict[str, Any] = {
        "base_url": base_url,
        "api_key": SecretStr(KEY),
        "model": MODEL,
        "deadline": 20.0,
    }
    return Endpoint(**(given | fields))


def a_narrator(
    server: Server, clock: Clock | None = None, base_url: str = LOCAL, **fields: Any
) -> OpenAINarrator:
    clock = clock or Clock()
    return OpenAINarrator(
        an_endpoint(base_url, **fields),
        Prices.load(),
        transport=server.transport,
        now=clock,
        pause=clock.sleep,
        jitter=lambda: 0.5,
    )


@dataclass(slots=True)
class Told:
    """One telling and what came with it."""

    telling: Telling
    heard: str
    till: Till


async def tell(
    narrator: OpenAINarrator, brief: Brief | None = None, till: Till | None = None
) -> Told:
    heard: list[str] = []
    till = till or Till()
    telling = await narrator.tell(brief or a_brief(), hear=heard.append, purse=till)
    assert all(line.status != "reserved" for line in till.lines)
    return Told(telling, "".join(heard), till)


def texts(choices: Sequence[Choice]) -> list[str]:
    return [choice.text for choice in choices]
