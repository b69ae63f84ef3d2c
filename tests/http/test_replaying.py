"""`elsewhere replay FILE`, on real exports."""

import io
import json
import random
import zipfile
from pathlib import Path
from zlib import crc32

import pytest

from app.cli import main
from app.storage.sealing import seal
from tests.http.conftest import Client
from tests.storage.test_exchange import packed
from tests.storage.test_migrations import VERSION_1


async def an_export(client: Client, path: Path, turns: int = 25) -> Path:
    """A game of every kind of turn; it is rewound when it ends."""
    chance = random.Random("an export")
    settings = {"settings": {"images": False}}
    await client.data("PATCH", "/api/sessions/default", json=settings)
    turn = await client.intro(seed=3)
    while turn["turn"] < turns:
        if turn["phase"] == "over":
            back = {"turn": turn["turn"] - 6}
            turn = await client.data("POST", "/api/sessions/default/rewind", json=back)
        kind = chance.random()
        if kind < 0.1:
            turn = await client.data("POST", "/api/game/timeout_penalty")
        elif kind < 0.2:
            turn = await client.data("POST", "/api/game/choices/regenerate")
        elif kind < 0.5:
            turn = await client.act(choice=chance.choice(("Wait", "Look about", "Shout")))
        else:
            turn = await client.act()
    path.write_bytes((await client.get("/api/sessions/default/export")).content)
    return path


def _files(export: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(export.read_bytes())) as source:
        return {name: source.read(name) for name in source.namelist()}


def _tampered(export: Path, turn: int, old: bytes, new: bytes, target: Path) -> Path:
    """The same export with another line, every checksum of it made to fit."""
    files = _files(export)
    lines = files["history.json"].split(b"\n")
    body = b"{" + lines[turn + 1].partition(b'",')[2]
    assert old in body
    lines[turn + 1] = b"," + seal(body.replace(old, new))
    history = b"\n".join(lines)
    state = json.loads(files["state.json"])
    committed = history[: -len(b"]\n")]
    state |= {"history_bytes": len(committed), "history_crc": crc32(committed)}
    rest = json.dumps({n: v for n, v in state.items() if n not in ("crc", "length")}).encode()[1:]
    sealed = seal(b'{"length":%d,' % len(rest) + rest) + b"\n"
    return packed({**files, "history.json": history, "state.json": sealed}, target)


async def test_an_export_agrees_with_itself(
    client: Client, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    export = await an_export(client, tmp_path / "game.zip")
    assert main(["replay", str(export)]) == 0
    assert capsys.readouterr().out == "26 turns of cinder_flat: all agree\n"


async def test_a_tampered_export_is_found_by_turn_and_field(
    client: Client, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    export = await an_export(client, tmp_path / "game.zip", turns=9)
    history = json.loads(_files(export)["history.json"])
    minutes = history[7]["world"]["minutes"]
    forged = _tampered(
        export, 7, b'"minutes":%d' % minutes, b'"minutes":%d' % (minutes + 60), tmp_path / "x.zip"
    )
    assert main(["replay", str(forged)]) == 1
    said = capsys.readouterr().out
    assert said == f"turn 7, world.minutes: recorded {minutes + 60}, got {minutes}\n"


async def test_another_edition_of_the_world_is_said(
    client: Client,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    export = await an_export(client, tmp_path / "game.zip", turns=5)
    shipped = Path(__file__).parents[2] / "app" / "worlds" / "cinder_flat"
    other = tmp_path / "worlds" / "cinder_flat"
    other.mkdir(parents=True)
    for path in shipped.glob("*.yaml"):
        text = path.read_text()
        if path.name == "pack.yaml":
            text = text.replace("tagline:", "tagline: Another")
        (other / path.name).write_text(text)
    monkeypatch.setenv("ELSEWHERE_WORLDS_DIR", str(tmp_path / "worlds"))
    assert main(["replay", str(export)]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("turns 0 to 5: played with another edition of cinder_flat (")
    assert said[1] == "6 turns of cinder_flat: all agree"

    monkeypatch.setenv("ELSEWHERE_WORLDS_DIR", str(tmp_path / "none"))
    assert main(["replay", str(export)]) == 2
    assert "there is no world 'cinder_flat' here" in capsys.readouterr().err


def test_an_export_of_the_first_format_is_read(capsys: pytest.CaptureFixture[str]) -> None:
    """Whether it agrees is the worlds' affair, which have been rewritten since."""
    assert main(["replay", str(VERSION_1)]) in (0, 1)
    said = capsys.readouterr().out
    assert "it is not recorded with which edition of skerry_light it was played" in said


@pytest.mark.parametrize("content", [None, b"", b"no zip", b"PK\x05\x06" + bytes(18)])
def test_what_is_no_export_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes | None
) -> None:
    path = tmp_path / "x.zip"
    if content is not None:
        path.write_bytes(content)
    assert main(["replay", str(path)]) == 2
    said = capsys.readouterr().err
    assert said.startswith("elsewhere: ")
    assert "Traceback" not in said
    assert str(tmp_path) not in said
