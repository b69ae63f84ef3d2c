"""Where the service is: at an address, or in this process; and what the page about it shows."""

import asyncio
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from app.settings import ServiceSettings
from clients.game_client import GameClient, ServiceError, open_client
from clients.game_client.direct import HERE, direct_client
from tests.clients.conftest import AppMaker, listening

PAGE = Path(__file__).parents[2] / "docs" / "client.md"
ROOT = PAGE.parents[1]


async def run(program: str, folder: Path, **environment: str) -> str:
    """What a program says that is run by itself, away from the checkout."""
    folder.mkdir(exist_ok=True)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-W",
        "error",
        "-c",
        program,
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(60):
        said, complaints = await process.communicate()
    assert process.returncode == 0, complaints.decode()
    assert complaints == b""
    return said.decode()


def snippets() -> list[str]:
    found: list[str] = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    return found


async def test_the_game_on_the_page_is_played(tmp_path: Path) -> None:
    said = await run(snippets()[0], tmp_path)
    assert "Turn 5" in said
    assert (tmp_path / "sessions" / "my-game" / "history.json").exists()


async def test_the_game_on_the_page_is_watched(
    an_app: AppMaker, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    player, watcher = snippets()
    names: dict[str, Any] = {}
    exec(watcher, names)  # noqa: S102 (the page's own words)
    async with listening(an_app()) as url, GameClient(url) as client:
        await client.reset("my-game")
        watching = asyncio.create_task(names["watch"](client))
        said = await run(player, tmp_path / "away", ELSEWHERE_API_URL=url)
        await client.delete_session("my-game")
        async with asyncio.timeout(20):
            await watching
    assert "Turn 5" in said
    heard = capsys.readouterr().out
    assert [line[:2] for line in heard.splitlines()] == [f"{turn} " for turn in range(6)]
    assert list((tmp_path / "away").iterdir()) == [], "nothing of a service was started there"


async def test_who_speaks_to_a_service_elsewhere_loads_none_of_it(tmp_path: Path) -> None:
    program = """
import asyncio, sys
from clients.game_client import open_client
async def main():
    async with open_client("http://127.0.0.1:9") as client:
        print(client.base_url, sorted(m for m in sys.modules if m.split(".")[0] == "app"))
asyncio.run(main())
"""
    assert (await run(program, tmp_path)).strip() == "http://127.0.0.1:9 []"


async def test_an_address_that_is_given_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ELSEWHERE_API_URL", "http://127.0.0.1:9")
    async with open_client() as client:
        assert client.base_url == "http://127.0.0.1:9"
    async with open_client("http://127.0.0.1:10/game") as client:
        assert client.base_url == "http://127.0.0.1:10/game/"


@pytest.mark.parametrize("url", ["localhost:8000", "ftp://a", "http://", "", "http://a:b", "/api"])
async def test_what_can_be_no_address(url: str) -> None:
    with pytest.raises(ValueError, match="address"):
        GameClient(url)


@pytest.mark.parametrize("name", ["", "Discord", "a b", "x" * 33, "é"])
async def test_what_can_be_no_name_of_a_client(name: str) -> None:
    with pytest.raises(ValueError, match="lower-case"):
        GameClient(client_name=name)


async def test_without_one_the_service_is_here(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ELSEWHERE_SESSIONS_DIR", str(tmp_path / "sessions"))
    monkeypatch.setenv("ELSEWHERE_API_URL", "")
    async with open_client(client_name="test") as client:
        assert client.base_url == HERE
        assert (await client.reset(seed=77)).seed == 77
    async with open_client() as client:
        assert (await client.state()).seed == 77, "and finds what it left"


async def test_two_services_cannot_share_a_folder(an_app: AppMaker) -> None:
    async with direct_client(app=an_app()) as client:
        await client.intro()
        with pytest.raises(ServiceError) as raised:
            await direct_client(app=an_app()).__aenter__()
        assert raised.value.code == "storage_failed"
        assert (await client.state()).turn == 0


async def test_settings_of_its_own(tmp_path: Path) -> None:
    settings = ServiceSettings(sessions_dir=tmp_path / "mine", max_body_bytes=2048)
    async with direct_client(settings) as client:
        assert (await client.info()).limits.body_bytes == 2048
    assert (tmp_path / "mine").exists()


async def test_direct_mode_ends_cleanly_with_streams_and_turns_open(an_app: AppMaker) -> None:
    before = asyncio.all_tasks()
    async with direct_client(app=an_app()) as client:
        await client.intro()
        stream = client.events()
        await anext(stream)
        await client.start_act("default", "Wait")
    async with asyncio.timeout(5):
        assert all(event.turn <= 1 for event in [event async for event in stream])
    assert asyncio.all_tasks() == before
