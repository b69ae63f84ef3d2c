"""kill -9 while a clip is being encoded: nothing of it is served, and it is made after all."""

import asyncio
import re
from pathlib import Path
from typing import Any

import httpx

from tests.film.footage import decoded, opened_image
from tests.kill.test_kill import a_service

LENGTH = 5 * 24
MOMENTS = (0.0, 0.5, 1.0)
"""Seconds into the making of a clip, at which the service is killed."""


async def test_nothing_is_served_of_a_clip_that_was_cut_off(tmp_path: Path) -> None:
    folder = tmp_path / "sessions"
    fresh = httpx.Limits(max_keepalive_connections=0)
    async with (
        a_service(folder, "moving") as (service, url),
        httpx.AsyncClient(base_url=url, limits=fresh, timeout=20) as http,
    ):
        pid = await service.start()
        given = {"session_id": "film", "settings": {"videos": True}}
        (await http.post("/api/sessions", json=given)).raise_for_status()
        (await http.post("/api/game/intro", json={"session_id": "film"})).raise_for_status()
        for moment in MOMENTS:
            body = {"session_id": "film", "choice": f"wait, and count to {moment * 10}"}
            (await http.post("/api/game/action", json=body)).raise_for_status()
            workers = await _encoding(pid)
            await asyncio.sleep(moment)
            await service.kill(pid)
            await _gone(workers)
            assert _whole(folder)
            pid = await service.start()
            video = await _settled(http)
            assert video["status"] == "ready"
            clip = (await http.get(video["url"])).content
            assert len(decoded(clip)) == LENGTH
            assert opened_image((await http.get(video["poster"])).content).shape[1] == 160
        history = (await http.get("/api/sessions/film/history")).json()["data"]["items"]
        for entry in history:
            shown = entry["video"]
            assert shown["status"] in ("ready", "failed")
            if shown["url"]:
                assert (await http.get(shown["url"])).status_code == 200
        assert list((folder / ".incoming").iterdir()) == []
        await service.kill(pid)


def _whole(folder: Path) -> bool:
    """Every clip that has its name is all there."""
    files = (folder / "film" / "videos").glob("*.mp4")
    return all(len(decoded(file.read_bytes())) == LENGTH for file in files)


async def _settled(http: httpx.AsyncClient) -> Any:
    async with asyncio.timeout(30):
        while True:
            answer = await http.get("/api/state", params={"session_id": "film"})
            video = answer.json()["data"]["video"]
            if video["status"] != "pending":
                return video
            await asyncio.sleep(0.02)


async def _encoding(pid: int) -> list[int]:
    """The film workers of a service, as soon as there is one."""
    async with asyncio.timeout(20):
        while not (found := _workers(pid)):
            await asyncio.sleep(0.005)  # A process has no event to wait for.
    return found


async def _gone(pids: list[int]) -> None:
    """A worker ends soon after nobody waits for its answer."""
    async with asyncio.timeout(20):
        while any(_is_alive(pid) for pid in pids):
            await asyncio.sleep(0.01)


def _workers(parent: int) -> list[int]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            of = re.search(r"^PPid:\s+(\d+)$", (process / "status").read_text(), re.MULTILINE)
            command = (process / "cmdline").read_bytes()
        except OSError:
            continue
        if of and int(of[1]) == parent and b"film.worker" in command:
            found.append(int(process.name))
    return found


def _is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"
