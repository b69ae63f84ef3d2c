"""The console command, as far as it does not serve."""

import gc
import logging
from pathlib import Path

import pytest

from app import cli, logs
from app.cli import CANNOT_START, main
from app.settings import ServiceSettings


def test_it_tells_its_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["--version"])
    assert left.value.code == 0
    assert capsys.readouterr().out.startswith("elsewhere ")


@pytest.mark.parametrize("arguments", [[], ["play"], ["serve", "--port", "x"], ["serve", "--x"]])
def test_it_says_what_it_does_not_understand(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        main(arguments)
    assert left.value.code == 2
    assert "usage: elsewhere" in capsys.readouterr().err


def test_it_names_a_setting_that_cannot_be(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ELSEWHERE_PAINTERS", "many-secret")
    assert main(["serve", "--port", "70000"]) == 2
    said = capsys.readouterr().err
    assert "ELSEWHERE_PORT" in said
    assert "ELSEWHERE_PAINTERS" in said
    assert "secret" not in said


def test_a_world_that_cannot_be_read_is_said_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "pack.yaml").write_text("places: [")
    monkeypatch.setenv("ELSEWHERE_WORLDS_DIR", str(tmp_path))
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        assert main(["serve"]) == CANNOT_START
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
    said = capsys.readouterr().err
    assert "cannot start" in said
    assert "Traceback" not in said
    assert gc.isenabled(), "it is off while a service is made, and no longer"


def test_the_collector_lets_a_service_be_made(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bool] = []

    def made(_: ServiceSettings) -> None:
        seen.append(gc.isenabled())
        raise ValueError("this is all that is asked")

    monkeypatch.setattr(cli, "create_app", made)
    monkeypatch.setattr(logs, "configure", lambda **_: None)
    assert cli.serve(ServiceSettings()) == CANNOT_START
    assert (seen, gc.isenabled()) == ([False], True)
