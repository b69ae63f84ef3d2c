"""API10:2023, Unsafe Consumption of APIs: a model's server is a stranger too.

OWASP's scenarios: a partner's data that holds SQL; a partner that answers 308, so that what was
confided to it is sent on to somebody else; a repository whose name is code. Every other way in
which a model server can misbehave: `tests/providers/test_faults.py`; its pictures:
`tests/providers/test_illustrator_isolation.py`; that its words are data to other models:
`tests/providers/test_isolation.py`.
"""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from fastapi import Response
from pydantic import SecretStr

from tests.http.conftest import Client, ClientMaker, assert_failed
from tests.owasp.canary import canary
from tests.providers.asked import Asked
from tests.providers.fake_openai import FakeOpenAI, listening
from tests.providers.story import telling

CONFIDED: Final = "sk-confided-5d1f"
ATTACKS: Final = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "'; DROP TABLE sessions; --",
    "$(touch /tmp/owned) `touch /tmp/owned`",
    "../../../../etc/passwd",
    "{{7*7}} ${7*7} <%= 7*7 %>",
    "</script><script>alert(2)</script>",
    "\u202eesrever\u202c",
    '"}],"success":false,"x":[{"',
)


@asynccontextmanager
async def told_by(a_client: ClientMaker, base_url: str, **settings: Any) -> AsyncIterator[Client]:
    async with a_client(
        text_base_url=base_url,
        text_model="gpt-6-luna",
        text_api_key=SecretStr(CONFIDED),
        text_deadline_seconds=10,
        **settings,
    ) as client:
        yield client


def kept(folder: Path) -> dict[str, bytes]:
    """Every file of the sessions but their ledgers, which note what was spent in vain too."""
    root = folder / "sessions"
    files = (path for path in root.rglob("*") if path.is_file() and "ledger" not in str(path))
    return {str(path): path.read_bytes() for path in files}


async def test_what_is_confided_to_a_model_is_not_sent_on(
    a_client: ClientMaker, tmp_path: Path
) -> None:
    """The key, and what the player wrote: a redirect is an error, wherever it leads."""
    fake = FakeOpenAI()
    async with (
        canary() as (port, heard),
        listening(fake.app) as base_url,
        told_by(a_client, base_url) as client,
    ):
        await client.intro()
        there = {"location": f"http://127.0.0.1:{port}/v1/chat/completions"}
        for status in (301, 302, 303, 307, 308):
            asked, before = len(fake.asked), kept(tmp_path)
            fake.script.extend(Response(status_code=status, headers=there) for _ in range(9))
            response = await client.post("/api/game/action", json={"choice": "Whisper xyzzy"})
            assert_failed(response, 502, "provider_failed")
            assert len(fake.asked) > asked
            assert kept(tmp_path) == before
            assert CONFIDED not in response.text
            fake.script.clear()
        assert heard == []
        assert (await client.act())["turn"] == 1


async def test_what_a_model_says_is_text_and_nothing_else(
    a_client: ClientMaker, tmp_path: Path
) -> None:
    """In every field of its answer. Whoever shows it shows it as text: the API as JSON strings, the
    pages escaped, the files under names of our own."""
    attack = ""

    def says(asked: Asked) -> Mapping[str, Any]:
        told = telling(asked)
        for name in ("dispatch", "vision_dispatch", "situation", "summary"):
            told[name] = f"{told[name]} {attack}"
        told["choices"] = [
            {**one, "text": f"{one['text'][:30]} {attack}"} for one in told["choices"]
        ]
        return told

    fake = FakeOpenAI()
    fake.story = says
    async with listening(fake.app) as base_url, told_by(a_client, base_url) as client:
        for number, attack in enumerate(ATTACKS):
            asked, session_id = len(fake.asked), f"s{number}"
            turn = await client.intro(session_id)
            assert len(fake.asked) > asked
            assert_is_plain(turn)
            codes = (await client.get(f"/share/{session_id}")).json()
            for page in (f"/p/{session_id}", f"/s/{codes['watch']}", f"/s/{codes['watch']}/0"):
                html = (await client.get(page, headers={"Accept": "text/html"})).text
                assert attack not in html
                assert "alert(" not in html.partition("<body")[2]
            history = tmp_path / "sessions" / session_id / "history.json"
            assert len(json.loads(history.read_bytes())) == 1, "sound, whatever it quotes"
        metrics = (await client.get("/metrics")).text
    assert not [attack for attack in ATTACKS if attack in metrics]
    names = [path.name for path in tmp_path.rglob("*")]
    assert not any("owned" in name or "passwd" in name or "<" in name for name in names)
    assert not Path("/tmp/owned").exists()  # noqa: S108 (that it was not made)


def assert_is_plain(turn: dict[str, Any]) -> None:
    """Marks and directions are not shown even as text."""
    shown = [turn[name] for name in ("dispatch", "vision_dispatch", "situation")]
    shown += [turn["evolution_summary"], turn["image"]["alt"]]
    shown += [choice["text"] for choice in turn["choices"]]
    assert len(turn["choices"]) == 4
    for text in shown:
        assert text.isprintable()
        assert not {"<", ">", "\u202e"} & set(text)


async def test_a_model_decides_nothing(a_client: ClientMaker) -> None:
    """Properties in its answer that are the rules' to say: it may as well have said nothing."""

    def says(asked: Asked) -> Mapping[str, Any]:
        more = {"alive": False, "health": 0, "phase": "over", "turn": 99, "session_id": "theirs"}
        return {**telling(asked), **more, "cost_usd": -100, "source": "offline"}

    fake = FakeOpenAI()
    fake.story = says
    async with listening(fake.app) as base_url, told_by(a_client, base_url) as client:
        turn = await client.intro()
        assert (turn["alive"], turn["health"], turn["turn"]) == (True, 100, 0)
        assert (turn["session_id"], turn["source"]) == ("default", "ai")
        assert (turn["phase"], len(turn["choices"])) == ("choosing", 4)
        assert turn["cost_usd"] >= 0
        theirs = await client.get("/api/state?session_id=theirs")
        assert_failed(theirs, 404, "session_not_found")
