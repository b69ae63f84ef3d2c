"""A disk that is really full: a tmpfs of three megabytes under a real server (R4).

A soak, because mounting needs Linux and the right to (root, or user namespaces); the same is
played on a counted disk in `tests/storage` on every run.
"""

import asyncio
import json
import socket
import sys
from pathlib import Path

import httpx
import pytest

from tests.conftest import Measured

BALLAST = 400_000
SCRIPT = """
mount -t tmpfs -o size=3m tmpfs {folder} &&
head -c {ballast} /dev/zero > {folder}/ballast &&
exec {python} -m app serve --port {port} --sessions-dir {folder}/sessions
"""


@pytest.mark.soak
async def test_a_full_disk_loses_nothing_and_play_goes_on_when_there_is_space(
    tmp_path: Path, measured: Measured
) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    script = SCRIPT.format(folder=tmp_path, ballast=BALLAST, port=port, python=sys.executable)
    process = await asyncio.create_subprocess_exec(
        "unshare", "--map-root-user", "--mount", "sh", "-c", script
    )
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as http:
            await _answers(http, process)
            told = await _play_until_full(http)
            assert told
            assert await _history(http) == told
            for _ in range(3):
                refused = await http.post("/api/game/action", json={"choice": "wait"})
                assert (refused.status_code, refused.json()["code"]) == (507, "storage_full")
            await _reads(http)
            await _media(http)
            freed = await asyncio.create_subprocess_exec(
                "nsenter", "-t", str(process.pid), "-U", "-m", "--preserve-credentials",
                "rm", str(tmp_path / "ballast"),
            )  # fmt: skip
            assert await freed.wait() == 0
            answer = await http.post("/api/game/action", json={"choice": "wait"})
            assert answer.status_code == 200, answer.text
            assert answer.json()["data"]["turn"] == len(told)
            assert (await _history(http))[:-1] == told
            measured("turns acknowledged and kept", len(told) + 1)
            measured("lost", 0)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _answers(http: httpx.AsyncClient, process: asyncio.subprocess.Process) -> None:
    async with asyncio.timeout(30):
        while True:
            assert process.returncode is None, "no right to mount, or it did not start"
            try:
                await http.get("/api/health")
            except httpx.TransportError:
                await asyncio.sleep(0.05)  # A port has no event to wait for.
            else:
                return


async def _play_until_full(http: httpx.AsyncClient) -> list[str]:
    """Play until the disk is full; what was acknowledged."""
    told: list[str] = []
    path, body = "/api/game/intro", {"seed": 5}
    while True:
        answer = await http.post(path, json=body)
        if answer.status_code == 507:
            return told
        assert answer.status_code == 200, answer.text
        data = answer.json()["data"]
        assert data["turn"] == len(told)
        if data["phase"] == "over":
            rewound = await http.post("/api/sessions/default/rewind", json={"turn": 0})
            if rewound.status_code == 507:
                return [*told, data["dispatch"]]
            told = told[:1]
        else:
            told.append(data["dispatch"])
        path, body = "/api/game/action", {"choice_id": data["choices"][-1]["id"]}


async def _reads(http: httpx.AsyncClient) -> None:
    """What is only read is there, pictures included."""
    state = (await http.get("/api/state")).json()["data"]
    for path in ("/api/sessions", "/api/sessions/default", "/api/health", state["image"]["url"]):
        assert (await http.get(path)).status_code == 200, path
    assert (await http.get("/api/ready")).status_code == 503, "it takes no more turns, and says so"


async def _media(http: httpx.AsyncClient) -> None:
    """A session with its pictures does not fit, and leaves nothing behind."""
    exported = await http.get("/api/sessions/default/export")
    assert exported.status_code == 200
    headers = {"content-type": "application/zip"}
    for _ in range(3):
        refused = await http.post(
            "/api/sessions/import?session_id=other", content=exported.content, headers=headers
        )
        assert (refused.status_code, refused.json()["code"]) == (507, "storage_full")
    assert (await http.get("/api/sessions/other")).status_code == 404


async def _history(http: httpx.AsyncClient) -> list[str]:
    answer = await http.get("/api/sessions/default/history", params={"limit": 200})
    assert answer.status_code == 200
    items = json.loads(answer.content)["data"]["items"]
    return [item["dispatch"] for item in items[::-1]]
