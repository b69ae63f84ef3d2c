"""`elsewhere check --salvage`: what is left plays on, nothing is destroyed, losses are said."""

import errno
import json
import random
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.storage.io import RealIO
from app.storage.salvaging import LOST_TURN
from tests.http.conftest import ClientMaker
from tests.operations.conftest import Command, Told
from tests.operations.games import (
    entries_of,
    flip,
    history,
    ledger_lines,
    line_of,
    picture_of,
    plays_on,
    snapshot,
    spoil,
)

GAMES = 12


def beside(folder: Path, told: Told, name: str = "ours") -> Path:
    found = re.search(r"the damaged files are in (\S+?)(;|$)", told.line(name))
    assert found is not None, told.out
    return folder / found[1]


async def test_a_lost_state_is_made_from_the_last_whole_turn(
    played: Path, elsewhere: Command, a_client: ClientMaker
) -> None:
    before = await entries_of(a_client)
    spoil(played / "ours" / "state.json", 200)
    was = snapshot(played / "ours")
    told = elsewhere("check", "--salvage")
    assert told.status == 0
    line = told.line("ours")
    assert "salvaged; lost: whatever came after turn 5" in line
    assert snapshot(beside(played, told)) == was
    assert "3 sessions, 1 archive, 0 ledgers: all well; 1 salvaged; 1 set aside" in told.out
    async with a_client() as client:
        assert await history(client) == before
        state = await client.data("GET", "/api/state", params={"session_id": "ours"})
        assert (state["turn"], state["dispatch"]) == (5, before[-1]["dispatch"])
        assert state["last_event_id"] > before[-1]["state"]["last_event_id"]
        await plays_on(client, "ours", 6)
        await plays_on(client, "theirs", 4)
    assert elsewhere("check").status == 0


async def test_the_last_turns_are_lost_with_the_state_if_they_cannot_be_read(
    played: Path, elsewhere: Command, a_client: ClientMaker
) -> None:
    before = await entries_of(a_client)
    (played / "ours" / "state.json").unlink()
    path = played / "ours" / "history.json"
    path.write_bytes(path.read_bytes()[: line_of(played / "ours", 4)[0] + 50])
    told = elsewhere("check", "ours", "--salvage")
    assert told.status == 0
    assert "lost: whatever came after turn 3" in told.line("ours")
    async with a_client() as client:
        assert await history(client) == before[:4]
        await plays_on(client, "ours", 4)


async def test_a_lost_turn_is_said_to_be_lost_and_the_story_goes_on_behind_it(
    played: Path, elsewhere: Command, a_client: ClientMaker
) -> None:
    before = await entries_of(a_client)
    spoil(played / "ours" / "history.json", line_of(played / "ours", 2)[0] + 40)
    told = elsewhere("check", "--salvage")
    assert told.status == 0
    assert "lost: the record of turn 2;" in told.line("ours")
    async with a_client() as client:
        after = await history(client)
        assert [entry["turn"] for entry in after] == list(range(6))
        assert after[:2] + after[3:] == before[:2] + before[3:]
        assert after[2]["dispatch"] == LOST_TURN
        await plays_on(client, "ours", 6)
        rewound = await client.data("POST", "/api/sessions/ours/rewind", json={"turn": 2})
        assert rewound["turn"] == 2
        assert (await client.act("ours"))["turn"] == 3


@pytest.mark.parametrize("how", ["gone", "empty", "half", "a folder"])
async def test_a_lost_history_leaves_the_present(
    played: Path, elsewhere: Command, a_client: ClientMaker, how: str
) -> None:
    before = await entries_of(a_client)
    path = played / "ours" / "history.json"
    content = path.read_bytes()
    path.unlink()
    if how == "a folder":
        path.mkdir()
    elif how != "gone":
        path.write_bytes(content[: len(content) // 2] if how == "half" else b"")
    told = elsewhere("check", "--salvage")
    assert told.status == 0, told.out
    assert "lost: the record of turns " in told.line("ours")
    async with a_client() as client:
        after = await history(client)
        assert [entry["turn"] for entry in after] == list(range(6))
        assert after[5]["dispatch"] == before[5]["dispatch"]
        assert {entry["dispatch"] for entry in after[2:5]} <= {
            LOST_TURN, *(entry["dispatch"] for entry in before)
        }  # fmt: skip
        await plays_on(client, "ours", 6)


async def test_a_lost_meta_is_made_anew_and_its_settings_are_said_to_be_lost(
    played: Path, elsewhere: Command, a_client: ClientMaker
) -> None:
    (played / "ours" / "meta.json").write_bytes(b"")
    told = elsewhere("check", "--salvage")
    assert told.status == 0
    assert "its name, description and settings (a budget is to be set again)" in told.line("ours")
    meta = json.loads((played / "ours" / "meta.json").read_bytes())
    assert meta["edition"] > 1_000_000, "a token that was replaced is good again"
    async with a_client() as client:
        assert (await client.data("GET", "/api/sessions/ours"))["meta"]["name"] == "ours"
        await plays_on(client, "ours", 6)


@pytest.mark.parametrize("turn", [1, 5])
@pytest.mark.parametrize("how", ["gone", "cut"])
async def test_a_lost_picture_is_said_to_have_failed(
    played: Path, elsewhere: Command, a_client: ClientMaker, turn: int, how: str
) -> None:
    before = await entries_of(a_client)
    path = picture_of(played / "ours", turn)
    if how == "gone":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:20])
    told = elsewhere("check", "--salvage")
    assert told.status == 0
    assert f"lost: 1 of its media: images/{path.name}" in told.line("ours")
    assert (beside(played, told) / "images" / path.name).exists() == (how == "cut")
    async with a_client() as client:
        after = await history(client)
        assert [entry["dispatch"] for entry in after] == [entry["dispatch"] for entry in before]
        assert [entry["image"]["status"] for entry in after] == [
            "failed" if entry["turn"] == turn else "ready" for entry in after
        ]
        await plays_on(client, "ours", 6)


async def test_a_film_that_is_cut_short_is_set_aside(played: Path, elsewhere: Command) -> None:
    path = played / "ours" / "videos" / "a-clip.mp4"
    path.write_bytes(path.read_bytes()[:500])
    told = elsewhere("check", "--salvage")
    assert told.status == 0
    assert "videos/a-clip.mp4" in told.line("ours")
    assert not path.exists()
    assert (beside(played, told) / "videos" / "a-clip.mp4").read_bytes()


async def test_a_damaged_ledger_keeps_its_whole_lines(
    played: Path, elsewhere: Command, a_client: ClientMaker
) -> None:
    lines = ledger_lines()
    path = played / "ours" / "ledger.jsonl"
    path.write_bytes(b"".join([*lines[:2], lines[2].replace(b"text", b"tent"), *lines[3:]]))
    (played / ".ledger").mkdir()
    day = played / ".ledger" / "2026-11-21.jsonl"
    day.write_bytes(lines[0] + b"{}\n" + lines[1])
    told = elsewhere("check", "--salvage")
    assert told.status == 0, told.out
    assert "1 line of its ledger: what it has spent may be more" in told.line("ours")
    assert path.read_bytes() == b"".join([*lines[:2], *lines[3:]])
    assert day.read_bytes() == lines[0] + lines[1]
    async with a_client() as client:
        cost = await client.data("GET", "/api/sessions/ours/cost")
        assert cost["spent_usd"] > 0
        await plays_on(client, "ours", 6)


async def test_an_archive_is_salvaged_like_a_session(
    played: Path, elsewhere: Command, a_client: ClientMaker
) -> None:
    [archive] = (played.parent / "archives").iterdir()
    spoil(archive / "state.json", 99)
    was = snapshot(archive)
    told = elsewhere("check", "--salvage")
    assert told.status == 0
    kept = beside(archive.parent, told, f"archive {archive.name}")
    assert snapshot(kept) == was
    async with a_client() as client:
        listed = await client.data("GET", "/api/archives")
        assert [(item["name"], item["turns"]) for item in listed["items"]] == [(archive.name, 6)]
    assert kept.is_dir()


async def test_what_cannot_be_salvaged_is_left_as_it_is(played: Path, elsewhere: Command) -> None:
    (played / "ours" / "state.json").write_bytes(b"")
    (played / "ours" / "history.json").write_bytes(b"")
    before = snapshot(played)
    told = elsewhere("check", "--salvage")
    assert told.status == 1
    assert (
        "ours: cannot be salvaged: neither its state nor a turn of its history can be read; DAMAGED"
    ) in told.line("ours")
    assert snapshot(played) == before


async def test_whatever_bits_flip_a_salvaged_game_goes_on(
    played: Path, elsewhere: Command, a_client: ClientMaker
) -> None:
    before = await entries_of(a_client)
    rng = random.Random(13)
    for number in range(GAMES):
        shutil.copytree(played / "ours", played / f"kept-{number}")
        for _ in range(rng.randrange(1, 4)):
            name = rng.choice(["state.json", "history.json", "meta.json"])
            flip(played / "ours" / name, rng)
        told = elsewhere("check", "ours", "--salvage")
        assert told.status in (0, 1)
        if told.status == 1:
            assert "cannot be salvaged" in told.out
        else:
            assert elsewhere("check", "ours").status == 0
            async with a_client() as client:
                after = await history(client)
                for entry in after:
                    if entry["dispatch"] != LOST_TURN:
                        assert entry["dispatch"] == before[entry["turn"]]["dispatch"]
                await plays_on(client, "ours", len(after))
        shutil.rmtree(played / "ours")
        (played / f"kept-{number}").rename(played / "ours")


class FailingAt:
    """The n-th call that writes fails; counts them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
        self.number, self.made = number, 0
        for name in ("rename", "link", "write_at", "mkdir", "sync", "sync_folder"):
            monkeypatch.setattr(RealIO, name, self._failing(getattr(RealIO, name)))

    def _failing(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            self.made += 1
            if self.made == self.number:
                raise OSError(errno.ENOSPC, "full")
            return real(*arguments)

        return call


async def test_whichever_write_fails_nothing_is_destroyed(
    played: Path, elsewhere: Command, a_client: ClientMaker
) -> None:
    before = await entries_of(a_client)
    spoil(played / "ours" / "state.json", 200)
    was = snapshot(played / "ours")
    kept = played.parent / "kept"
    shutil.copytree(played, kept)

    def salvaged(fail_at: int) -> tuple[Told, int]:
        shutil.rmtree(played)
        shutil.copytree(kept, played)
        with pytest.MonkeyPatch.context() as monkeypatch:
            failing = FailingAt(monkeypatch, fail_at)
            return elsewhere("check", "ours", "--salvage"), failing.made

    told, calls = salvaged(0)
    assert told.status == 0
    for number in [*range(1, calls - 8, 5), *range(calls - 8, calls + 1)]:
        told, _ = salvaged(number)
        assert told.status == 1, number
        assert "cannot be salvaged: The disk is full" in told.out
        places = [played / "ours", *played.glob("ours.damaged-*")]
        assert was in [snapshot(place) for place in places if place.is_dir()], number
        async with a_client() as client:  # The next start finishes what was begun, or nothing was.
            response = await client.get("/api/sessions/ours/history")
            assert response.status_code in (200, 500), number
        assert elsewhere("check", "ours", "--salvage").status == 0, number
    assert await entries_of(a_client) == before
