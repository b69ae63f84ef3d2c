"""What holds for every test: no setting of the machine reaches it, so that none costs money; and
what it measured is told to docs/figures.md where `--figures` asks for it."""

import logging
import os
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from bench import document

pytest_plugins = ("tests.sharing",)

logger = logging.getLogger(__name__)

Measured = Callable[..., None]
LAST = ("tests/http/test_any_game.py", "tests/soak/")
"""What takes an hour comes when everything else that soaks has been seen."""


@pytest.fixture(autouse=True)
def no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name == "OPENAI_API_KEY" or (
            name.startswith("ELSEWHERE_") and name != "ELSEWHERE_PROTOTYPE"
        ):
            monkeypatch.delenv(name)


@pytest.fixture
def measured(record_property: Callable[[str, object], None]) -> Measured:
    """`measured("kills", 100)`, `measured("longest restart", "0.4 s")`: what a figure is made of.

    Numbers of one name are added up over the cases of a test; of texts the last one counts.
    """

    def tell(what: str, figure: int | str) -> None:
        record_property(what, figure)
        logger.info("measured %s: %s", what, figure)

    return tell


@dataclass
class _Told:
    """One test, all its cases together."""

    cases: int = 0
    failed: int = 0
    seconds: float = 0.0
    figures: dict[str, int | str] = field(default_factory=dict)

    def add(self, report: pytest.TestReport) -> None:
        self.seconds += report.duration
        self.failed += report.failed
        self.cases += report.when == "call"
        for what, figure in report.user_properties if report.when == "call" else ():
            before = self.figures.get(what, 0)
            if isinstance(figure, int) and isinstance(before, int):
                self.figures[what] = before + figure
            else:
                self.figures[what] = str(figure)

    def cells(self) -> tuple[str, str]:
        """What was measured, and the verdict."""
        told = [
            f"{figure:,} {what}" if isinstance(figure, int) else f"{what} {figure}"
            for what, figure in self.figures.items()
        ]
        cases = f"{self.cases} cases" if self.cases > 1 else "passed"
        told.append(f"{cases} in {self.seconds:.1f} s")
        if self.failed:
            return "; ".join([f"{self.failed} failed", *told]), "**short**"
        return "; ".join(told), "reached"


class Figures:
    """Writes what was measured into docs/figures.md when all tests have run."""

    def __init__(self) -> None:
        self._when = document.now()
        self._told: dict[str, _Told] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        name = report.nodeid.partition("[")[0]
        self._told.setdefault(name, _Told()).add(report)

    def pytest_sessionfinish(self) -> None:
        told = {name: one.cells() for name, one in self._told.items() if one.cases or one.failed}
        page = document.with_machine(document.PAGE.read_text())
        document.PAGE.write_text(document.with_tests(page, told, self._when))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--figures", action="store_true", help="write what was measured into docs/figures.md"
    )


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--figures") and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Figures())


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=_late)


def _late(item: pytest.Item) -> int:
    if item.get_closest_marker("soak") is None:
        return 0
    return sum(number for number, name in enumerate(LAST, 1) if item.nodeid.startswith(name))
