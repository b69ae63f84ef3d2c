"""The commands of a world's author."""

from pathlib import Path

import pytest

from app.authoring import FOUND, MISUSED
from app.cli import main
from app.engine.world.inspection import inspect
from app.main import SHIPPED_WORLDS


@pytest.fixture
def planted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    folder = tmp_path / "worlds" / "last_stop"
    assert main(["world", "new", str(folder)]) == 0
    assert "elsewhere world check" in capsys.readouterr().out
    return folder


def test_a_new_world_is_whole_and_without_a_finding(
    planted: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["world", "check", str(planted), "--runs", "4"]) == 0
    said = capsys.readouterr().out
    assert "last_stop: the linter finds nothing" in said
    assert "random 4, curious 4, goal 4" in said
    assert "should be" in said


def test_the_table_can_be_had_for_a_document(
    planted: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["world", "check", str(planted), "--runs", "2", "--markdown"]) == 0
    said = capsys.readouterr().out
    assert (
        "| figure | should be | last_stop: random | last_stop: curious | last_stop: goal |" in said
    )
    assert "| labels carried over | <= 35% | " in said


def test_a_finding_has_a_file_a_line_and_a_field(
    planted: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    places = planted / "places.yaml"
    text = places.read_text().replace(
        'closed_text: "The wall goes up into the dark. If there is a way, you have not seen it.", ',
        "",
    )
    places.write_text(text)
    line = next(at for at, one in enumerate(text.splitlines(), 1) if "linesman's ladder" in one)
    assert main(["world", "check", str(planted), "--runs", "0"]) == FOUND
    said = capsys.readouterr().out
    where = f"last_stop/places.yaml:{line}: places.tunnel.exits.signal_box"
    assert f"{where}: may be closed, without closed_text" in said
    assert "the linter finds 1" in said


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("pack.yaml", "year: 1958", "year: soon", "pack.yaml:8: year: "),
        ("pack.yaml", "year: 1958", "year: 1958\nmood: bad", "pack.yaml:9: mood: "),
        ("story.yaml", "damage: 45", "damage: 450", "agents.inspector.damage"),
        ("story.yaml", "flag.train_here: true", "flagg: 1", "hazards.train"),
        ("places.yaml", "risk: 2\n", "risk: 7\n", "props.lever.affordances.0.risk"),
        ("places.yaml", "to: waiting_room", "to: moon", "there is no place 'moon'"),
        ("lines.yaml", "lines:", "lines: [", "lines.yaml: while parsing"),
        ("pack.yaml", "id: starter", "id: other", "must be the folder's name"),
    ],
)
def test_what_cannot_be_played_is_said_too(
    planted: Path,
    capsys: pytest.CaptureFixture[str],
    file: str,
    old: str,
    new: str,
    said: str,
) -> None:
    text = (planted / file).read_text()
    old = old.replace("id: starter", "id: last_stop")
    assert old in text
    (planted / file).write_text(text.replace(old, new, 1))
    assert main(["world", "check", str(planted), "--runs", "0"]) == FOUND
    assert said in capsys.readouterr().out


def test_all_faults_of_the_shape_are_said_at_once(planted: Path) -> None:
    pack = planted / "pack.yaml"
    text = pack.read_text().replace("year: 1958", "year: soon").replace("items: [case]", "itens: 1")
    pack.write_text(text)
    assert {spot.field for spot in inspect(planted).spots} == {"year", "player.itens"}


def test_worlds_are_listed(
    planted: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ELSEWHERE_WORLDS_DIR", str(planted.parent))
    assert main(["world", "list"]) == 0
    assert "last_stop: The Last Stop (1958; 4 places)" in capsys.readouterr().out
    (planted / "pack.yaml").write_text("id: last_stop")
    assert main(["world", "list"]) == FOUND
    assert "last_stop: cannot be played" in capsys.readouterr().out


def test_a_world_of_the_server_is_checked_by_its_id(capsys: pytest.CaptureFixture[str]) -> None:
    name = min(path.parent.name for path in SHIPPED_WORLDS.glob("*/pack.yaml"))
    assert main(["world", "check", name, "--runs", "0"]) == 0
    assert f"{name}: the linter finds nothing" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["Bad Name", "9lives"])
def test_an_id_that_cannot_be_is_refused(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["world", "new", str(tmp_path / name)]) == MISUSED
    assert "is no id" in capsys.readouterr().err
    assert not (tmp_path / name).exists()


def test_nothing_is_written_over(planted: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["world", "new", str(planted)]) == MISUSED
    assert "is there already" in capsys.readouterr().err


def test_a_world_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["world", "check", str(tmp_path)]) == MISUSED
    assert "there is no world" in capsys.readouterr().err


def test_a_bare_premise_is_whole_and_without_a_finding(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "nine_days"
    assert main(["world", "new", str(folder), "--bare"]) == 0
    assert len((folder / "pack.yaml").read_text("utf-8").splitlines()) < 25
    assert main(["world", "check", str(folder), "--runs", "2"]) == 0
    shown = capsys.readouterr().out
    assert "nine_days: the linter finds nothing" in shown
    assert "sets without a safe choice" in shown
    assert "storylets seen in 60 % of runs" not in shown
