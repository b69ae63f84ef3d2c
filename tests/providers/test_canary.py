"""A key goes to its server and nowhere else: not into a log, an answer, an event or a file."""

import asyncio
import contextlib
import json
import logging
import traceback
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pytest
from pydantic import SecretStr

from app.engine.providers.offline.narrator import OfflineNarrator
from app.engine.providers.openai_compatible.illustrator import OpenAIIllustrator
from app.engine.providers.openai_compatible.narrator import OpenAINarrator
from app.engine.providers.openai_compatible.prices import Prices
from app.engine.world.world import World
from app.logs import JsonFormatter, TextFormatter
from app.settings import ServiceSettings
from tests.doubles import QuickIllustrator
from tests.http.conftest import Client
from tests.providers.conftest import KEY, ByCase, a_service, an_endpoint, told, watch
from tests.providers.fake_openai import FakeOpenAI
from tests.providers.fault_server import FaultServer
from tests.providers.faults import STATUSES
from tests.providers.profiles import ANY

SECONDS: Final = 4.0
TELLING: Final = (
    *STATUSES,
    "hangs_up",
    "reset_mid_body",
    "not_http",
    "html",
    "half_an_envelope",
    "wrong_schema",
    "refusal",
    "error_in_stream",
)
"""Faults that make us, the SDK or its transport say something."""


class Everything(logging.Handler):
    """Keeps every record as it would be written, in all the ways that records are written."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []
        self.loggers: set[str] = set()
        self._formatters = (TextFormatter(), JsonFormatter(), logging.Formatter())

    def emit(self, record: logging.LogRecord) -> None:
        self.loggers.add(record.name)
        self.lines += [formatter.format(record) for formatter in self._formatters]
        self.lines.append(repr(vars(record)))
        if record.exc_info and record.exc_info[1] is not None:
            self.lines += traceback.format_exception(record.exc_info[1])


@pytest.fixture
def everything_logged() -> Iterator[Everything]:
    """All levels of all loggers, those of the SDK and its transport included."""
    root, handler = logging.getLogger(), Everything()
    named = ("openai", "httpx", "httpx2", "httpcore", "httpcore2", "asyncio", "app")
    loggers = [root, *map(logging.getLogger, named)]
    levels = [logger.level for logger in loggers]
    root.addHandler(handler)
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
    yield handler
    root.removeHandler(handler)
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)


async def test_the_key_is_in_requests_and_in_nothing_else(
    tmp_path: Path, worlds: Mapping[str, World], everything_logged: Everything
) -> None:
    async with _playing(tmp_path, worlds) as stage:
        answers = await _all(stage, ("well", *TELLING))
        for path in ("/api/info", "/api/ready", "/api/health", "/metrics", "/openapi.json"):
            answers.append((await stage.client.get(path)).text)
        sent = [asked.headers["authorization"] for _, asked in stage.server.asked]
    assert set(sent) == {f"Bearer {KEY}"}
    assert len(sent) > 2 * len(TELLING)
    assert {"openai._base_client", "httpcore2.http11"} <= everything_logged.loggers
    assert [line for line in everything_logged.lines if KEY in line] == []
    assert [answer for answer in answers if KEY in answer] == []
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) > 4 * len(TELLING)
    assert [path for path in files if KEY.encode() in path.read_bytes()] == []


@pytest.mark.parametrize("tail", ["\r\nHost: elsewhere", "\u2603", "\0", "\x7f"])
def test_a_key_that_cannot_be_sent_is_refused_unquoted(tail: str) -> None:
    """The transport would quote the whole header in its debug log."""
    with pytest.raises(ValueError, match="api_key") as refused:
        an_endpoint("http://127.0.0.1:9/v1", api_key=SecretStr(KEY + tail))
    assert KEY not in "".join(traceback.format_exception(refused.value))


@dataclass(slots=True)
class Stage:
    """The service, the server that is broken, and how to be hired for a session."""

    client: Client
    server: FaultServer
    crew: ByCase
    hired: list[OpenAINarrator | OpenAIIllustrator] = field(default_factory=list)

    def hire(self, case: str) -> None:
        endpoint = an_endpoint(self.server.base_url(case), deadline=SECONDS, idle=SECONDS)
        narrator = OpenAINarrator(endpoint, Prices.load(), pause=_at_once)
        sketcher = QuickIllustrator()
        illustrator = OpenAIIllustrator(endpoint, Prices.load(), sketcher=sketcher, pause=0.0)
        self.crew.narrators[case], self.crew.illustrators[case] = narrator, illustrator
        self.hired += [narrator, illustrator]


@contextlib.asynccontextmanager
async def _playing(folder: Path, worlds: Mapping[str, World]) -> AsyncIterator[Stage]:
    crew = ByCase()
    async with (
        FaultServer.open(FakeOpenAI(ANY)) as server,
        a_service(folder, worlds, crew, crew, image_deadline_seconds=SECONDS) as client,
    ):
        stage = Stage(client, server, crew)
        try:
            yield stage
        finally:
            for one in stage.hired:
                await one.close()


async def _all(stage: Stage, faults: Iterable[str]) -> list[str]:
    """What clients are told in a session for each fault, some of them at once."""
    gate = asyncio.Semaphore(8)

    async def one(fault: str) -> list[str]:
        async with gate:
            return await _play(stage, fault)

    return [text for texts in await asyncio.gather(*map(one, faults)) for text in texts]


async def _play(stage: Stage, fault: str) -> list[str]:
    """An intro with both models broken, the same told without one, and all that can be read."""
    case, client = f"c-{fault}", stage.client
    stage.hire(case)
    if fault != "well":
        stage.server.plan(case, text=[fault], image=[fault], edit=[fault])
    about = {"session_id": case}
    answers = [await client.post("/api/sessions", json=about)]
    watching = await watch(client, case)
    answers.append(await client.post("/api/game/intro", json=about))
    stage.crew.narrators[case] = OfflineNarrator()
    answers.append(await client.post("/api/game/intro", json=about))
    read = ("", "/cost", "/history")
    answers += [await client.get(f"/api/sessions/{case}{part}") for part in read]
    events = await told(watching)
    watching.close()
    return [events, *(answer.text for answer in answers)]


async def _at_once(_: float) -> None:
    """Nobody waits here."""


def test_settings_and_endpoints_do_not_show_their_keys(tmp_path: Path) -> None:
    settings = ServiceSettings(
        sessions_dir=tmp_path,
        text_base_url="http://127.0.0.1:9/v1",
        text_api_key=SecretStr(KEY),
        text_model="m",
        image_api_key=SecretStr(KEY),
    )
    endpoint = an_endpoint("http://127.0.0.1:9/v1")
    shown = [repr(settings), str(settings), settings.model_dump_json(), repr(endpoint)]
    shown += [
        repr(settings.text),
        str(settings.image),
        json.dumps(settings.model_dump(), default=str),
    ]
    assert [text for text in shown if KEY in text] == []
    assert endpoint.api_key.get_secret_value() == KEY
