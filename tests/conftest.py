"""What holds for every test: no setting of the machine reaches it, so that none costs money."""

import os

import pytest


@pytest.fixture(autouse=True)
def no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name == "OPENAI_API_KEY" or (
            name.startswith("ELSEWHERE_") and name != "ELSEWHERE_PROTOTYPE"
        ):
            monkeypatch.delenv(name)
