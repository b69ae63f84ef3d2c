"""The pages for people to look at, and the command that paints them."""

from pathlib import Path

import pytest

from app.cli import main
from app.engine.providers.offline.painter import contact_sheet
from app.engine.providers.offline.painter.contact_sheet import HOURS, sheet, write
from app.engine.world.loader import load_world
from app.models.scene import SceneFacts

_WORLDS = Path(__file__).parents[1] / "world"


def test_the_sheet_shows_every_hour_and_weather_that_was_asked_for(tmp_path: Path) -> None:
    page = write(tmp_path / "sheet", "<Caves>", sheet(["cave"], ["clear", "fog"], (6.3, 23.0)))

    names = sorted(path.name for path in page.parent.glob("*.webp"))
    text = page.read_text(encoding="utf-8")
    assert len(names) == 2 * 2
    assert all(name in text for name in names)
    assert "&lt;Caves&gt;" in text


def test_the_command_paints_the_biomes_that_were_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--biomes", "lab", "--weathers", "clear", "--out", str(tmp_path)]
    assert main(["pictures", *arguments]) == 0

    assert capsys.readouterr().out.strip() == str(tmp_path / "index.html")
    assert len(list(tmp_path.glob("lab-*-clear.webp"))) == len(HOURS)


def test_the_command_says_which_world_it_does_not_know(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["pictures", "--world", "nowhere", "--out", str(tmp_path)]) == 2

    assert "nowhere" in capsys.readouterr().err


def test_the_command_paints_every_place_of_a_world_and_its_hunters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ELSEWHERE_WORLDS_DIR", str(_WORLDS / "pack_fixture"))
    monkeypatch.setattr(contact_sheet, "paint", lambda scene: scene.model_dump_json().encode())
    monkeypatch.setattr(contact_sheet, "coverage", lambda scene: (0,) * len(scene.props))
    assert main(["pictures", "--world", "salt_works", "--out", str(tmp_path)]) == 0

    world = load_world(_WORLDS / "pack_fixture" / "salt_works")
    scenes = [SceneFacts.model_validate_json(p.read_bytes()) for p in tmp_path.glob("*.webp")]
    settings, hunters = world.compiled.settings, world.compiled.bodies
    assert "not visible: " in (tmp_path / "index.html").read_text(encoding="utf-8")
    assert len(scenes) == len(settings) * (3 + len(hunters))
    assert {scene.place for scene in scenes} == set(settings)
    assert sum(bool(scene.figures) for scene in scenes) == len(settings) * len(hunters) > 0
