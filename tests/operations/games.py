"""What the tests of this folder do with games and with their files."""

import random
from pathlib import Path
from typing import Any

from app.storage.sealing import seal
from tests.http.conftest import Client, ClientMaker
from tests.storage.ledgers import a_line, entries, settled


def snapshot(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def flip(path: Path, rng: random.Random, *, before: int | None = None) -> None:
    """Turn one bit of a file, of its first `before` bytes."""
    content = bytearray(path.read_bytes())
    bit = rng.randrange((before or len(content)) * 8)
    content[bit // 8] ^= 1 << bit % 8
    path.write_bytes(content)


def picture_of(session: Path, turn: int = 2) -> Path:
    [path] = (session / "images").glob(f"{turn:06d}-*.webp")
    return path


async def history(client: Client, session_id: str = "ours") -> list[Any]:
    page = await client.data("GET", f"/api/sessions/{session_id}/history", params={"limit": 200})
    return list(page["items"][::-1])


async def entries_of(a_client: ClientMaker, session_id: str = "ours") -> list[Any]:
    async with a_client() as client:
        return await history(client, session_id)


async def plays_on(client: Client, session_id: str, turns: int) -> None:
    """Two more turns, and every picture that is said to be there is there."""
    for turn in (turns, turns + 1):
        played = await client.act(session_id)
        assert played["turn"] == turn
    for entry in await history(client, session_id):
        if entry["image"] is not None and entry["image"]["status"] == "ready":
            assert (await client.get(entry["image"]["url"])).status_code == 200


def line_of(session: Path, turn: int) -> tuple[int, int]:
    """Where a turn stands in the history."""
    lines = (session / "history.json").read_bytes().split(b"\n")
    begin = sum(len(line) + 1 for line in lines[: turn + 1])
    return begin, begin + len(lines[turn + 1])


def spoil(path: Path, at: int) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= 4
    path.write_bytes(content)


def ledger_lines(session_id: str = "ours") -> list[bytes]:
    """Three calls that were paid, as six lines."""
    calls = [line(n, session_id=session_id) for n in range(3) for line in (a_line, settled)]
    dumped = [entry.model_dump_json(exclude_defaults=True) for entry in entries(*calls)]
    return [seal(line.encode()) + b"\n" for line in dumped]


def a_ledger() -> bytes:
    return b"".join(ledger_lines())
