"""What docs/operations.md names is there: metrics, settings, commands."""

import re
from pathlib import Path

import pytest

from app import cli
from app.settings import ServiceSettings
from tests.http.conftest import ClientMaker

PAGE = Path(__file__).parents[2] / "docs" / "operations.md"


async def test_every_metric_that_is_named_is_told(a_client: ClientMaker) -> None:
    named = set(re.findall(r"\b((?:elsewhere|process)_[a-z_]+[a-z])\b(?!\.)", PAGE.read_text()))
    async with a_client() as client:
        await client.intro("ours")
        text = (await client.get("/metrics")).text
    told = set(re.findall(r"^# TYPE (\S+) ", text, re.MULTILINE))
    told |= {f"{name}_bucket" for name in told}
    assert len(named) > 20
    assert named - told == set()


def test_every_setting_that_is_named_is_one() -> None:
    named = set(re.findall(r"\bELSEWHERE_([A-Z_]+)\b", PAGE.read_text()))
    assert {"SESSIONS_DIR", "MIN_FREE_MB", "SHUTDOWN_SECONDS"} <= named
    assert {name.lower() for name in named} <= set(ServiceSettings.model_fields)


@pytest.mark.parametrize("command", ["check", "backup", "restore", "serve"])
def test_every_option_that_is_named_is_one(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        cli.main([command, "--help"])
    offered = set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", capsys.readouterr().out))
    for line in re.findall(rf"elsewhere {command}\b[^`\n]*", PAGE.read_text()):
        assert set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", line)) <= offered, line
