"""A live service with games in it, and Schemathesis let loose on it: both as processes."""

import asyncio
import json
import os
import shutil
import signal
import socket
import sys
import zipfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import httpx

from app.edge.access.gate import TOKEN_HEADER
from app.edge.access.keys import new_key

HERE: Final = Path(__file__).parent
BIN: Final = Path(sys.executable).parent
EXPORT: Final = HERE.parent / "storage" / "exports" / "version_1.zip"
THERE: Final = "there.json"
PLAYED: Final = tuple(f"played-{number}" for number in range(8))
SPARE: Final = tuple(f"spare-{number}" for number in range(6))
SPENT: Final = tuple(f"spent-{number}" for number in range(6))
"""What may be ended: sessions, and sessions that have been."""
NOBODY: Final = "http://127.0.0.1:9/v1"
SETTINGS: Final = {
    "LC_ALL": "C",
    "ELSEWHERE_LOG_LEVEL": "error",
    "ELSEWHERE_DURABILITY": "process",
    # Sessions are made by the hundred, with pictures unless they say otherwise: nobody paints them.
    "ELSEWHERE_IMAGE_BASE_URL": NOBODY,
    "ELSEWHERE_IMAGE_MODEL": "nobody",
    "ELSEWHERE_IMAGE_DEADLINE_SECONDS": "0.05",
    "ELSEWHERE_TAPES": "false",
}
"""No limit holds for loopback by itself."""


@dataclass(frozen=True, slots=True)
class Live:
    """A service that runs, and how it lets us in."""

    url: str
    key: str | None

    @property
    def headers(self) -> dict[str, str]:
        return {} if self.key is None else {"Authorization": f"Bearer {self.key}"}


@asynccontextmanager
async def live(folder: Path, *, keys: bool) -> AsyncIterator[Live]:
    """`elsewhere serve` on a free port, with one key if it asks for keys. Stops in order."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    env, key = dict(SETTINGS), None
    if keys:
        key, kept = new_key("fuzz")
        env |= {
            "ELSEWHERE_ACCESS": "keys",
            "ELSEWHERE_SERVICE_KEYS": f"{kept.name}:{kept.sha256}",
        }
    with (folder / "service.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *(BIN / "elsewhere", "serve", "--port", str(port)),
            *("--sessions-dir", folder / "sessions"),
            env=env,
            cwd=folder,
            stdout=log,
            stderr=log,
        )
    try:
        service = Live(f"http://127.0.0.1:{port}", key)
        await _answers(service)
        yield service
        process.terminate()
        # uvicorn hands the signal on once it has stopped in order.
        assert await asyncio.wait_for(process.wait(), 30) in (0, -signal.SIGTERM)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _answers(service: Live) -> None:
    async with asyncio.timeout(30), httpx.AsyncClient(base_url=service.url) as http:
        while True:
            try:
                await http.get("/api/health")
            except httpx.TransportError:
                await asyncio.sleep(0.05)
            else:
                return


async def games(service: Live, folder: Path) -> None:
    """Games in every state there is; what is in them stands in `folder / THERE`, for the hooks."""
    async with httpx.AsyncClient(base_url=service.url, headers=service.headers, timeout=30) as http:

        async def ask(path: str, **body: object) -> Any:
            answer = await http.post(path, json=body)
            assert answer.is_success, answer.text
            return answer.json()["data"]

        async def make(name: str, turns: int, **settings: object) -> None:
            settings = {"images": False, **settings}
            if name != "default":
                await ask("/api/sessions", session_id=name, settings=settings, seed=1)
            else:
                await ask("/api/state/reset")
                await http.patch("/api/sessions/default", json={"settings": settings})
            for turn in range(turns):
                path, body = "/api/game/action", {"choice": "Look around"}
                if turn == 0:
                    path, body = "/api/game/intro", {}
                await ask(path, session_id=name, **body)

        await make("default", 3)
        for name in PLAYED:
            await make(name, 3)
        await make("fresh", 0)
        await make("timed", 2, deadline_seconds=600)
        await make("over", 1)
        while (await ask("/api/game/timeout_penalty", session_id="over"))["phase"] != "over":
            pass
        for name in (*SPARE, *SPENT, "ended"):
            await make(name, 1)
        for name in ("brought", "taken"):
            answer = await http.post(
                "/api/sessions/import",
                params={"session_id": name},
                headers={"Content-Type": "application/zip"},
                content=EXPORT.read_bytes(),
            )
            assert answer.is_success, answer.text
        for name in (*SPENT, "ended", "taken"):
            assert (await http.delete(f"/api/sessions/{name}")).is_success
        archives = (await http.get("/api/archives")).json()["data"]["items"]
    file = next(Path(name).name for name in zipfile.ZipFile(EXPORT).namelist() if "images/" in name)
    kept = [one["name"] for one in archives if one["session_id"] not in SPENT]
    pictures = [{"name": one, "file": file} for one in kept if one.startswith("taken")]
    assert pictures
    there = {
        "session_id": ["default", *PLAYED, "fresh", "timed", "over", "brought"],
        "name": kept,
        "spare": {
            "session_id": ["default", *SPARE],
            "name": [one["name"] for one in archives if one["session_id"] in SPENT],
        },
        "pictures": {
            "session_id": [{"session_id": "brought", "file": file}],
            "name": pictures,
        },
    }
    (folder / THERE).write_text(json.dumps(there), "utf-8")


async def player(service: Live, folder: Path) -> Live:
    """The same service as somebody sees it who may play one game; the hooks know of that one."""
    async with httpx.AsyncClient(base_url=service.url, timeout=30) as http:
        body = {"session_id": "ours", "settings": {"images": False}}
        answer = await http.post("/api/sessions", json=body)
        assert answer.is_success, answer.text
        seen = replace(service, key=answer.headers[TOKEN_HEADER])
        await http.post("/api/game/intro", json={"session_id": "ours"}, headers=seen.headers)
    there = json.loads((folder / THERE).read_text("utf-8"))
    there |= {"session_id": ["ours"], "spare": {"session_id": ["nobodys"], "name": ["nobodys_run"]}}
    (folder / THERE).write_text(json.dumps(there), "utf-8")
    return seen


@dataclass(frozen=True, slots=True)
class Outcome:
    """What Schemathesis says of its run."""

    report: dict[str, Any]
    said: str

    @property
    def cases(self) -> int:
        return int(self.report["test_cases"]["generated"])


async def schemathesis(
    service: Live, folder: Path, *, phases: str, examples: int, seed: int
) -> Outcome:
    """All checks on all routes, from `seed`: `examples` of every route in each random phase."""
    shutil.copy(HERE / "schemathesis.toml", folder)
    report = folder / "report.json"
    headers = [f"-H{name}: {value}" for name, value in service.headers.items()]
    process = await asyncio.create_subprocess_exec(
        *(BIN / "st", "--config-file", folder / "schemathesis.toml"),
        *("run", f"{service.url}/openapi.json", *headers),
        *("--phases", phases, "-n", str(examples), "--seed", str(seed), "--no-color"),
        *("--report-json-path", report),
        env={
            **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
            "SCHEMATHESIS_HOOKS": str(HERE / "hooks.py"),
            "FUZZ_THERE": str(folder / THERE),
            "FUZZ_SEED": str(seed),
            "LC_ALL": "C.UTF-8",
        },
        cwd=folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        said, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    text = said.decode(errors="replace")
    assert report.is_file(), text
    return Outcome(json.loads(report.read_text("utf-8")), text)
