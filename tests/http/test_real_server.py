"""The console command on a real port: an empty environment, the ascii locale, signals."""

import asyncio
import json
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from app.cli import CANNOT_START

ENVIRONMENT = {"LC_ALL": "C"}
PATIENCE = 30


class Server:
    """A running `elsewhere serve`."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.said: list[str] = []
        self.url = ""

    async def until_serving(self) -> None:
        assert self.process.stderr is not None
        async with asyncio.timeout(PATIENCE):
            while line := (await self.process.stderr.readline()).decode():
                self.said.append(line)
                if found := re.search(r"(http://[0-9.:]+)", line):
                    self.url = found[1]
                    return
        raise AssertionError("".join(self.said))

    async def stop(self, number: int) -> str:
        """Send a signal; returns everything that was logged."""
        if self.process.returncode is None:
            self.process.send_signal(number)
        assert self.process.stderr is not None
        async with asyncio.timeout(PATIENCE):
            rest = await self.process.stderr.read()
            await self.process.wait()
        return "".join([*self.said, rest.decode()])


@asynccontextmanager
async def serving(folder: Path, *more: str, **environment: str) -> AsyncIterator[Server]:
    arguments = ("serve", "--port", "0", "--sessions-dir", str(folder / "sessions"), *more)
    process = await asyncio.create_subprocess_exec(
        str(Path(sys.executable).with_name("elsewhere")),
        *arguments,
        env={**ENVIRONMENT, **environment},
        stderr=asyncio.subprocess.PIPE,
        cwd=folder,
    )
    server = Server(process)
    try:
        await server.until_serving()
        yield server
    finally:
        await server.stop(signal.SIGKILL)


async def ask(http: httpx.AsyncClient, method: str, path: str, **body: object) -> dict[str, object]:
    response = await http.request(method, path, json=body or None, timeout=PATIENCE)
    assert response.status_code == 200, response.text
    found: dict[str, object] = response.json()["data"]
    return found


async def test_it_plays_from_an_empty_environment_and_goes_on_after_kill_9(tmp_path: Path) -> None:
    async with serving(tmp_path) as server, httpx.AsyncClient(base_url=server.url) as http:
        turn = await ask(http, "POST", "/api/game/intro", seed=7)
        picture = await http.get(turn["image"]["url"], timeout=PATIENCE)  # type: ignore[index]
        assert picture.headers["content-type"] == "image/webp"
        assert len(picture.content) > 5_000
        turn = await ask(http, "POST", "/api/game/action", choice="Whistle \u2013 caf\u00e9")
        logged = await server.stop(signal.SIGKILL)
    assert "caf" not in logged
    assert "Traceback" not in logged
    async with serving(tmp_path) as server, httpx.AsyncClient(base_url=server.url) as http:
        state = await ask(http, "GET", "/api/state")
        assert (state["turn"], state["dispatch"]) == (1, turn["dispatch"])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
async def test_a_signal_closes_it_in_order(tmp_path: Path, number: int) -> None:
    async with serving(tmp_path) as server, httpx.AsyncClient(base_url=server.url) as http:
        await ask(http, "POST", "/api/game/intro")
        logged = await server.stop(number)
    assert "app.main closed" in logged
    assert "Traceback" not in logged


async def test_what_was_acknowledged_before_a_stop_under_load_is_there_after(
    tmp_path: Path,
) -> None:
    names = [f"s{n}" for n in range(6)]

    async def play(http: httpx.AsyncClient, name: str) -> int:
        acknowledged = -1
        try:
            while True:
                path = "action" if acknowledged >= 0 else "intro"
                body = {"session_id": name, **({"choice": "Wait"} if acknowledged >= 0 else {})}
                response = await http.post(f"/api/game/{path}", json=body, timeout=PATIENCE)
                if response.status_code != 200:
                    return acknowledged
                acknowledged = response.json()["data"]["turn"]
                playing.set()
        except httpx.TransportError:
            return acknowledged

    playing = asyncio.Event()
    async with serving(tmp_path) as server, httpx.AsyncClient(base_url=server.url) as http:
        players = [asyncio.create_task(play(http, name)) for name in names]
        await playing.wait()
        logged = await server.stop(signal.SIGTERM)
        acknowledged = await asyncio.gather(*players)
    assert "app.main closed" in logged
    assert max(acknowledged) >= 0
    async with serving(tmp_path) as server, httpx.AsyncClient(base_url=server.url) as http:
        for name, turn in zip(names, acknowledged, strict=True):
            if turn >= 0:
                state = await http.get("/api/state", params={"session_id": name})
                assert state.json()["data"]["turn"] >= turn


async def test_a_second_process_on_the_same_folder_is_refused(tmp_path: Path) -> None:
    async with serving(tmp_path):
        process = await asyncio.create_subprocess_exec(
            str(Path(sys.executable).with_name("elsewhere")),
            *("serve", "--port", "0", "--sessions-dir", str(tmp_path / "sessions")),
            env=ENVIRONMENT,
            stderr=asyncio.subprocess.PIPE,
        )
        async with asyncio.timeout(PATIENCE):
            _, logged = await process.communicate()
    assert process.returncode == CANNOT_START
    assert b"Another process is using the sessions folder." in logged
    assert b"Traceback" not in logged


async def test_a_taken_port_is_said_and_the_folder_is_let_go(tmp_path: Path) -> None:
    async with serving(tmp_path) as server:
        other = tmp_path / "other"
        port = server.url.rpartition(":")[2]
        process = await asyncio.create_subprocess_exec(
            str(Path(sys.executable).with_name("elsewhere")),
            *("serve", "--port", port, "--sessions-dir", str(other / "sessions")),
            env=ENVIRONMENT,
            stderr=asyncio.subprocess.PIPE,
        )
        async with asyncio.timeout(PATIENCE):
            _, logged = await process.communicate()
    assert process.returncode == CANNOT_START
    assert b"address already in use" in logged
    assert b"app.main closed" in logged
    assert b"Traceback" not in logged


async def test_logs_can_be_json(tmp_path: Path) -> None:
    async with serving(tmp_path, ELSEWHERE_LOG_FORMAT="json") as server:
        async with httpx.AsyncClient(base_url=server.url) as http:
            await http.get("/api/health")
        logged = await server.stop(signal.SIGTERM)
    told = [json.loads(line) for line in logged.splitlines()]
    [answered] = [line for line in told if line["logger"] == "app.access"]
    assert (answered["route"], answered["status"]) == ("/api/health", 200)


async def _over_the_wire(url: str, request: bytes) -> bytes:
    host, port = url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(request)
    await writer.drain()
    async with asyncio.timeout(PATIENCE):
        head = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head)
        body = await reader.readexactly(int(length[1])) if length else b""
    writer.close()
    await writer.wait_closed()
    return head + body


@pytest.mark.parametrize(
    ("request_line", "more", "answer"),
    [
        (b"GET /api/sessions/..%2f..%2fetc/images/a.webp", b"", b" 404 "),
        (b"GET /api/sessions/%00/status", b"", b" 422 "),
        (b"GET /api/sessions/%ff%fe/status", b"", b" 422 "),
        (b"POST /api/game/action", b"Content-Length: 104857600\r\n", b" 413 "),
        (b"POST /api/game/action", b"Content-Length: 99999999999999999999\r\n", b" 4"),
        (b"POST /api/game/action", b"Content-Encoding: gzip\r\nContent-Length: 0\r\n", b" 422 "),
    ],
)
async def test_requests_that_no_client_library_would_send(
    tmp_path: Path, request_line: bytes, more: bytes, answer: bytes
) -> None:
    async with serving(tmp_path) as server:
        request = request_line + b" HTTP/1.1\r\nHost: localhost\r\n" + more + b"\r\n"
        assert answer in (await _over_the_wire(server.url, request)).split(b"\r\n")[0]
