"""`elsewhere check`: it finds what is broken, says where, and changes nothing."""

import asyncio
import random
from pathlib import Path

import pytest

from app import cli
from app.storage import sick_bay
from app.storage.checking import Findings, look_over
from app.storage.session_folder import SessionFolder
from tests.http.conftest import Client, ClientMaker
from tests.operations.conftest import Command
from tests.operations.games import flip, picture_of, snapshot

FLIPS = 60


async def test_a_folder_that_was_only_played_in_is_well(played: Path, elsewhere: Command) -> None:
    before = snapshot(played)
    told = elsewhere("check")
    assert (told.status, told.err) == (0, "")
    assert told.line("ours") == "ours: well; 6 turns, 8 media files"
    assert told.line("theirs") == "theirs: well; 4 turns, 4 media files"
    assert told.line("default") == "default: well; 0 turns, 0 media files"
    assert told.out.splitlines()[-1] == "3 sessions, 1 archive, 0 ledgers: all well"
    assert snapshot(played) == before


async def test_one_session_alone_and_what_there_is_not(played: Path, elsewhere: Command) -> None:
    [archive] = (played.parent / "archives").iterdir()
    told = elsewhere("check", "theirs", archive.name)
    assert told.status == 0
    assert [line.partition(":")[0] for line in told.out.splitlines()] == [
        "theirs",
        f"archive {archive.name}",
        "1 session, 1 archive, 0 ledgers",
    ]
    for name in ("nobody", "../ours", ".lock", ""):
        told = elsewhere("check", name)
        assert (told.status, told.out) == (2, "")
        assert told.err == f"elsewhere: there is no session or archive {name!r}\n"


async def test_every_flipped_bit_is_found(played: Path, elsewhere: Command) -> None:
    rng = random.Random(9)
    good = snapshot(played / "ours")
    for number in range(FLIPS):
        name = ("state.json", "history.json", "meta.json")[number % 3]
        path = played / "ours" / name
        # The closing bracket of the history is written anew by whoever touches it.
        flip(path, rng, before=len(good[name]) - (2 if name == "history.json" else 0))
        told = elsewhere("check", "ours")
        assert told.status == 1, (number, told.out)
        assert "DAMAGED: " + name in told.line("ours")
        path.write_bytes(good[name])
    assert elsewhere("check").status == 0


@pytest.mark.parametrize(
    "name", ["state.json", "history.json", "meta.json", "picture", "videos/a-clip.mp4"]
)
@pytest.mark.parametrize("share", [0.0, 0.3, 0.99])
async def test_every_file_that_is_cut_short_is_found(
    played: Path, elsewhere: Command, name: str, share: float
) -> None:
    path = picture_of(played / "ours") if name == "picture" else played / "ours" / name
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    told = elsewhere("check")
    assert told.status == 1
    assert f"DAMAGED: {path.relative_to(played / 'ours')}: " in told.line("ours")
    assert ": well;" in told.line("theirs")
    assert "1 damaged" in told.out.splitlines()[-1]


@pytest.mark.parametrize(
    "name", ["state.json", "history.json", "meta.json", "picture", "images", "tapes"]
)
async def test_everything_that_is_missing_is_found(
    played: Path, elsewhere: Command, name: str
) -> None:
    path = picture_of(played / "ours") if name == "picture" else played / "ours" / name
    path.rename(played.parent / "gone")
    told = elsewhere("check", "ours")
    assert told.status == 1
    assert str(path.relative_to(played / "ours")) in told.line("ours")


@pytest.mark.parametrize(
    ("name", "content", "flaw"),
    [
        ("images/x.webp", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "is no WebP picture"),
        ("videos/x.mp4", b"#EXTM3U\n#EXTINF:1,\n/etc/passwd\n", "is cut short or no MP4"),
        ("videos/x.mp4", b"\0\0\0\x18ftypisom" + bytes(12), "cannot be decoded"),
        ("tapes/x.vtt", b"<html>", "is no WebVTT"),
        ("tapes/x.vtt", b"WEBVTT \xff", "is no text"),
    ],
)
async def test_media_that_are_not_what_they_claim(
    played: Path, elsewhere: Command, name: str, content: bytes, flaw: str
) -> None:
    (played / "ours" / name).write_bytes(content)
    told = elsewhere("check", "ours")
    assert told.status == 1
    assert f"{name}: {flaw}" in told.line("ours")


async def test_files_of_another_session_are_found(played: Path, elsewhere: Command) -> None:
    for name in ("state.json", "history.json", "meta.json"):
        path = played / "ours" / name
        mine = path.read_bytes()
        path.write_bytes((played / "theirs" / name).read_bytes())
        assert elsewhere("check", "ours").status == 1, name
        path.write_bytes(mine)
    (played / "link").symlink_to(played / "ours")
    assert "not a folder" in elsewhere("check", "link").line("link")


async def test_what_a_crash_left_behind_is_said_and_is_no_damage(
    played: Path, elsewhere: Command
) -> None:
    ours = played / "ours"
    with (ours / "history.json").open("ab") as file:
        file.write(b',{"crc":"')
    (ours / "state.json.tmp").write_bytes(b"{")
    orphan = ours / "images" / "000006-0123456789ab.webp"
    orphan.write_bytes(picture_of(ours).read_bytes())
    (played / ".incoming" / "half").mkdir()
    told = elsewhere("check")
    assert told.status == 0
    line = told.line("ours")
    assert "ours: well; " in line
    for part in ("history.json: 11 bytes", "state.json.tmp", "no turn shows it"):
        assert part in line
    assert ".incoming/half: left behind" in told.out


async def test_a_reset_that_was_cut_off_is_no_damage(
    played: Path, elsewhere: Command, a_client: ClientMaker
) -> None:
    (played / "ours").rename(played / ".staged" / "ours")
    told = elsewhere("check")
    assert told.status == 0
    assert "the next start of the service finishes it" in told.line("ours")
    async with a_client():
        pass
    assert elsewhere("check", "ours").line("ours").startswith("ours: well; 6 turns")


async def test_a_days_ledger_is_looked_at(played: Path, elsewhere: Command) -> None:
    folder = played / ".ledger"
    folder.mkdir()
    (folder / "2026-11-22.jsonl").write_bytes(b'{"crc":"00000000","line":{}}\n')
    told = elsewhere("check")
    assert told.status == 1
    assert "line 1 is not what was written" in told.line("ledger 2026-11-22.jsonl")


async def test_json_says_all_of_it(played: Path, elsewhere: Command) -> None:
    for turn in range(6):
        picture_of(played / "ours", turn).unlink()
    told = elsewhere("check", "--json")
    assert told.status == 1
    [ours] = [report for report in told.json["reports"] if report["name"] == "ours"]
    assert (ours["well"], ours["turns"], len(ours["problems"])) == (False, 6, 6)
    assert told.json["summary"]["damaged"] == 1
    assert told.json["summary"]["checked"] == {"session": 3, "archive": 1, "ledger": 0}


async def test_a_folder_that_is_not_there(elsewhere: Command) -> None:
    told = elsewhere("check")
    assert (told.status, told.out) == (2, "")
    assert "there is no folder" in told.err


async def test_it_looks_beside_a_running_service_and_mends_nothing(
    played: Path, elsewhere: Command, a_client: ClientMaker
) -> None:
    async with a_client() as client:
        await client.act("theirs", choice="Wait")
        told = elsewhere("check")
        assert told.status == 0
        assert "the service is running: nothing was changed" in told.out
        (played / "ours" / "meta.json").unlink()
        before = snapshot(played)
        told = elsewhere("check", "--salvage")
        assert told.status == 2
        assert told.err.startswith("elsewhere: the service is running, so nothing was salvaged")
        assert "DAMAGED: meta.json" in told.line("ours")
        assert snapshot(played) == before
        await client.act("theirs", choice="Wait")


async def test_it_raises_no_false_alarm_beside_a_busy_service(
    a_client: ClientMaker, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stop = asyncio.Event()

    async def plays(client: Client, session_id: str, *, ends: str) -> None:
        while not stop.is_set():
            await client.intro(session_id)
            turn = await client.act(session_id, choice="Wait", fate="LUCKY")
            if ends == "delete":
                await client.data("DELETE", f"/api/sessions/{session_id}?archive=false")
            elif ends == "reset" or turn["phase"] == "over":
                body = {"session_id": session_id}
                await client.data("POST", "/api/state/reset", json=body)

    async with a_client() as client:
        games = (("a", "on"), ("b", "reset"), ("c", "delete"), ("d", "reset"))
        playing = [asyncio.create_task(plays(client, name, ends=how)) for name, how in games]
        for _ in range(12):
            arguments = ["check", "--sessions-dir", str(tmp_path / "sessions")]
            status = await asyncio.to_thread(cli.main, arguments)
            said = capsys.readouterr()
            assert (status, said.err) == (0, ""), said.out
            assert not {task for task in playing if task.done()}
        stop.set()
        await asyncio.gather(*playing)


@pytest.mark.parametrize("comes_back", [True, False])
async def test_a_session_that_is_swapped_or_deleted_meanwhile_is_looked_at_again(
    played: Path,
    elsewhere: Command,
    a_client: ClientMaker,
    monkeypatch: pytest.MonkeyPatch,
    comes_back: bool,
) -> None:
    looks: list[str] = []

    def swapped_meanwhile(folder: SessionFolder, session_id: str) -> Findings:
        looks.append(session_id)
        if looks.count("ours") > 1 or session_id != "ours":
            return look_over(folder, session_id)
        (played / "ours").rename(played.parent / "moved")
        found = look_over(folder, session_id)
        if comes_back:
            (played.parent / "moved").rename(played / "ours")
        return found

    async with a_client():
        monkeypatch.setattr(sick_bay, "look_over", swapped_meanwhile)
        told = elsewhere("check")
    assert told.status == 0, told.out
    assert ("ours: well; 6 turns" in told.out) == comes_back
    assert "theirs: well" in told.out
