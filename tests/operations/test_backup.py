"""`elsewhere backup` and `restore`: while turns are played, whole, and never over anything."""

import asyncio
import hashlib
import json
import shutil
import tracemalloc
from pathlib import Path

import pytest

from app import cli
from app.storage.io import RealIO
from tests.http.conftest import Client, ClientMaker
from tests.operations.conftest import Command, Told
from tests.operations.games import (
    a_ledger,
    entries_of,
    history,
    picture_of,
    plays_on,
    snapshot,
    spoil,
)

SESSIONS = 6


def only(folder: Path) -> Path:
    """The one backup in a folder; nothing half made is beside it."""
    [made] = folder.iterdir()
    assert made.name.startswith("elsewhere-2")
    return made


def elsewhere_at(root: Path, capsys: pytest.CaptureFixture[str], *arguments: str) -> Told:
    """The command, over the sessions of another machine."""
    status = cli.main([*arguments, "--sessions-dir", str(root / "sessions")])
    said = capsys.readouterr()
    return Told(status, said.out, said.err)


class Player:
    """Plays a session without a pause and remembers what was acknowledged."""

    def __init__(self, client: Client, session_id: str) -> None:
        self._client, self.session_id = client, session_id
        self.told: list[str] = []

    async def play(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            if not self.told:
                turn = await self._client.intro(self.session_id, seed=3)
            else:
                body = {"session_id": self.session_id, "choice": "Wait", "fate": "LUCKY"}
                turn = await self._client.data("POST", "/api/game/action", json=body)
            assert turn["turn"] == len(self.told)
            self.told.append(turn["dispatch"])
            if turn["phase"] == "over":
                return


async def test_a_backup_under_load_is_of_acknowledged_turns_and_goes_on(
    a_client: ClientMaker, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, stop = tmp_path / "backups", asyncio.Event()
    async with a_client() as client:
        players = [Player(client, f"s{number}") for number in range(SESSIONS)]
        playing = [asyncio.create_task(player.play(stop)) for player in players]
        while min(len(player.told) for player in players) < 3:
            await asyncio.sleep(0)
        before = {player.session_id: len(player.told) for player in players}
        arguments = ["backup", "-o", str(out), "--sessions-dir", str(tmp_path / "sessions")]
        assert await asyncio.to_thread(cli.main, arguments) == 0
        after = {player.session_id: len(player.told) for player in players}
        stop.set()
        await asyncio.gather(*playing)
    assert sum(after.values()) > sum(before.values()), "nothing was played meanwhile"
    capsys.readouterr()

    there = tmp_path / "there"
    told = elsewhere_at(there, capsys, "restore", str(only(out)))
    assert (told.status, told.err) == (0, "")
    assert elsewhere_at(there, capsys, "check").status == 0
    async with a_client(sessions_dir=there / "sessions") as client:
        for player in players:
            told_there = [entry["dispatch"] for entry in await history(client, player.session_id)]
            turns = len(told_there)
            assert before[player.session_id] <= turns <= after[player.session_id] + 1
            assert told_there == player.told[:turns]
            await plays_on(client, player.session_id, turns)


async def test_a_backup_while_sessions_are_reset_is_of_one_run(
    a_client: ClientMaker, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stop = asyncio.Event()

    async def resets(client: Client) -> None:
        while not stop.is_set():
            await client.intro("ours", seed=1)
            await client.act("ours", choice="Wait")
            body = {"session_id": "ours", "seed": 2}
            await client.data("POST", "/api/state/reset", json=body)

    async with a_client() as client:
        await client.intro("ours")
        resetting = asyncio.create_task(resets(client))
        for number in range(8):
            target = tmp_path / f"{number}.zip"
            arguments = ["backup", "ours", "-o", str(target)]
            folder = ["--sessions-dir", str(tmp_path / "sessions")]
            assert await asyncio.to_thread(cli.main, arguments + folder) == 0
        stop.set()
        await resetting
    capsys.readouterr()
    for number in range(8):
        there = tmp_path / f"there-{number}"
        assert elsewhere_at(there, capsys, "restore", str(tmp_path / f"{number}.zip")).status == 0
        assert elsewhere_at(there, capsys, "check").status == 0


async def test_everything_comes_back_with_its_money_and_its_archives(
    played: Path, elsewhere: Command, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (played / "ours" / "ledger.jsonl").write_bytes(a_ledger())
    (played / ".ledger").mkdir()
    (played / ".ledger" / "2026-11-21.jsonl").write_bytes(a_ledger() + b"cut off")
    told = elsewhere("backup", "-o", str(tmp_path / "out"))
    assert (told.status, told.err) == (0, "")
    assert told.line("ours").startswith("ours: 6 turns, ")
    there = tmp_path / "there"
    assert elsewhere_at(there, capsys, "restore", str(only(tmp_path / "out"))).status == 0
    now = snapshot(there / "sessions")
    for name, content in snapshot(played).items():
        if name != ".lock":
            want = a_ledger() if name.startswith(".ledger") else content
            assert now[name] == want, name
    assert snapshot(there / "archives") == snapshot(played.parent / "archives")


async def test_one_session_as_one_file(
    played: Path, elsewhere: Command, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "ours.zip"
    assert elsewhere("backup", "ours", "-o", str(target)).status == 0
    there = tmp_path / "there"
    told = elsewhere_at(there, capsys, "restore", str(target), "--as", "mine")
    assert (told.status, told.out) == (0, "mine: 6 turns\n")
    assert elsewhere_at(there, capsys, "check", "mine").status == 0
    assert [path.name for path in (there / "sessions").iterdir() if path.name[0] != "."] == ["mine"]


async def test_a_service_takes_the_file_of_a_backup_as_an_import_without_its_money(
    played: Path, elsewhere: Command, tmp_path: Path, a_client: ClientMaker
) -> None:
    (played / "ours" / "ledger.jsonl").write_bytes(a_ledger())
    assert elsewhere("backup", "ours", "-o", str(tmp_path / "ours.zip")).status == 0
    async with a_client() as client:
        content = (tmp_path / "ours.zip").read_bytes()
        response = await client.post(
            "/api/sessions/import",
            params={"session_id": "copy"},
            content=content,
            headers={"content-type": "application/zip"},
        )
        assert response.status_code == 201, response.text
        assert (await client.data("GET", "/api/sessions/copy/cost"))["spent_usd"] == 0
        await plays_on(client, "copy", 6)


async def test_it_brings_back_beside_a_running_service_what_is_not_there(
    played: Path, elsewhere: Command, tmp_path: Path, a_client: ClientMaker
) -> None:
    before = await entries_of(a_client)
    assert elsewhere("backup", "-o", str(tmp_path / "out")).status == 0
    made = str(only(tmp_path / "out"))
    async with a_client() as client:
        await client.data("DELETE", "/api/sessions/ours")
        assert (await client.get("/api/sessions/ours")).status_code == 404
        told = elsewhere("restore", made)
        assert told.status == 2
        assert "default, theirs, archive theirs_" in told.err
        assert elsewhere("restore", made, "ours").status == 0
        assert await history(client) == before
        await plays_on(client, "ours", 6)
        told = elsewhere("restore", made, "theirs", "--replace")
        assert told.status == 2
        assert "the service is running: stop it to replace what is there" in told.err
        told = elsewhere("restore", made, "--missing")
        assert (told.status, told.out) == (0, "")


async def test_nothing_is_overwritten_unless_told_and_then_it_is_archived(
    played: Path, elsewhere: Command, tmp_path: Path, a_client: ClientMaker
) -> None:
    target = str(tmp_path / "ours.zip")
    assert elsewhere("backup", "ours", "-o", target).status == 0
    async with a_client() as client:
        await plays_on(client, "ours", 6)
    (played / "ours" / "ledger.jsonl").write_bytes(a_ledger())
    was = snapshot(played)
    told = elsewhere("restore", target)
    assert told.status == 2
    assert "is there already" in told.err
    assert snapshot(played) == was
    told = elsewhere("restore", target, "--replace")
    assert (told.status, told.out) == (0, "ours: 6 turns\n")
    assert (played / "ours" / "ledger.jsonl").read_bytes() == a_ledger(), "spent stays spent"
    [archive] = (played.parent / "archives").glob("ours_*")
    assert (
        elsewhere("check", archive.name)
        .line(f"archive {archive.name}")
        .startswith(f"archive {archive.name}: well; 8 turns")
    )
    assert elsewhere("check").status == 0


async def test_a_damaged_session_is_left_out_and_said(
    played: Path, elsewhere: Command, tmp_path: Path
) -> None:
    spoil(played / "ours" / "history.json", 300)
    picture_of(played / "theirs").unlink()
    told = elsewhere("backup", "-o", str(tmp_path / "out"))
    assert told.status == 1
    assert "ours: LEFT OUT, it is damaged: " in told.out
    assert "theirs: LEFT OUT, it is damaged: images/000002-" in told.out
    made = only(tmp_path / "out")
    assert json.loads((made / "backup.json").read_bytes())["left_out"] == ["ours", "theirs"]
    assert sorted(path.name for path in (made / "sessions").iterdir()) == ["default.zip"]
    told = elsewhere("backup", "ours", "-o", str(tmp_path / "ours.zip"))
    assert told.status == 2
    assert not list(tmp_path.glob("*.zip*"))


@pytest.mark.parametrize("failing", ["write_at", "sync", "rename"])
async def test_a_backup_that_fails_leaves_the_old_one(
    played: Path, elsewhere: Command, tmp_path: Path, failing: str
) -> None:
    target = tmp_path / "ours.zip"
    target.write_bytes(b"the old one")

    def fails(*_: object) -> int:
        raise OSError(28, "No space left on device")

    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(RealIO, failing, fails)
        for out in (str(target), str(tmp_path / "out")):
            told = elsewhere("backup", *(["ours"] if out == str(target) else []), "-o", out)
            assert told.status == 2
            assert "No space left on device" in told.err
    assert target.read_bytes() == b"the old one"
    assert not list(tmp_path.glob(".*.part"))
    assert not list((tmp_path / "out").glob("*"))


@pytest.mark.parametrize(
    ("spoilt", "why"),
    [
        ("flip", "sessions/ours.zip is not what backup.json says"),
        ("gone", "ours.zip is missing or not a file"),
        ("version", "backup.json is of another version or shape"),
        ("name", "backup.json names what no session is called"),
        ("resealed", "cannot be unpacked"),
    ],
)
async def test_a_hostile_backup_brings_nothing(
    played: Path, elsewhere: Command, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    spoilt: str, why: str,
) -> None:  # fmt: skip
    assert elsewhere("backup", "ours", "-o", str(tmp_path / "out")).status == 0
    made = only(tmp_path / "out")
    file, index = made / "sessions" / "ours.zip", made / "backup.json"
    match spoilt:
        case "flip" | "resealed":
            spoil(file, 2000)
        case "gone":
            file.unlink()
        case "version":
            index.write_text(index.read_text().replace('"version": 1', '"version": 2'))
        case _:
            index.write_text(index.read_text().replace('"ours"', '"../ours"'))
    if spoilt == "resealed":
        found = json.loads(index.read_text())
        found["items"][0]["sha256"] = hashlib.sha256(file.read_bytes()).hexdigest()
        index.write_text(json.dumps(found))
    there = tmp_path / "there"
    told = elsewhere_at(there, capsys, "restore", str(made))
    assert (told.status, told.out) == (2, "")
    assert why in told.err
    assert not [path for path in (there / "sessions").iterdir() if path.name[0] != "."]


async def test_what_cannot_be_asked_for(played: Path, elsewhere: Command, tmp_path: Path) -> None:
    for arguments, why in (
        (("backup", "nobody", "-o", "x"), "no session or archive 'nobody'"),
        (("backup", "-o", "x.zip"), "a .zip holds one session"),
        (("restore", str(tmp_path / "none.zip")), "No such file"),
        (("restore", str(played)), "backup.json is missing"),
    ):
        told = elsewhere(*arguments)
        assert (told.status, told.out) == (2, ""), arguments
        assert why in told.err


async def test_a_large_session_takes_little_memory(
    played: Path, elsewhere: Command, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (played / "ours" / "tapes" / "long.mp4").write_bytes(bytes(48 << 20))
    shutil.rmtree(played / "theirs")
    tracemalloc.start()
    try:
        assert elsewhere("backup", "ours", "-o", str(tmp_path / "ours.zip")).status == 0
        there = tmp_path / "there"
        assert elsewhere_at(there, capsys, "restore", str(tmp_path / "ours.zip")).status == 0
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 16 << 20
    assert (there / "sessions" / "ours" / "tapes" / "long.mp4").stat().st_size == 48 << 20
