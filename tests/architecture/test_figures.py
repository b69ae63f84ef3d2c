"""docs/figures.md cannot rot: every figure has its line, every line a test or benchmark."""

import ast
import re
from pathlib import Path

import pytest

from bench import document
from bench.row import Row
from bench.rows import ROWS

ROOT = Path(__file__).parents[2]
SPEED = [f"S{number}" for number in range(1, 12)]
FAULTS = [f"R{number}" for number in range(1, 17)]
VERDICTS = ("reached", "**short**", "not run")


def _lines() -> list[list[str]]:
    lines = document.PAGE.read_text().splitlines()
    found = [document.cells(line) for line in lines if re.match(r"\| [A-Z]\d+ \|", line)]
    assert found
    return found


def _tests() -> list[list[str]]:
    return [cells for cells in _lines() if "::" in cells[3]]


def test_every_figure_of_speed_has_a_benchmark() -> None:
    assert [figure for figure in ROWS if figure.startswith("S")] == SPEED


@pytest.mark.parametrize("figure", FAULTS)
def test_every_fault_has_a_test(figure: str) -> None:
    assert figure in {cells[0] for cells in _tests()}


def test_every_test_that_is_named_is_there() -> None:
    for cells in _tests():
        assert len(cells) == 7, cells
        file, _, function = cells[3].strip("`").partition("::")
        names = [getattr(node, "name", None) for node in ast.parse((ROOT / file).read_text()).body]
        assert function in names, cells[3]


def test_every_benchmark_is_shown_and_there() -> None:
    benched = [cells for cells in _lines() if "::" not in cells[3]]
    assert {cells[0] for cells in benched} == set(ROWS)
    assert {len(cells) for cells in benched} <= {8}


def test_a_verdict_is_one_of_three() -> None:
    for cells in _lines():
        assert cells[-2] in (*VERDICTS, "-"), cells


def test_rows_replace_those_of_their_figure_and_leave_the_others() -> None:
    page = "\n".join(("above", document.BEGIN, "", "| # |", "|---|", "", document.END, "below"))
    first = Row("S1", "turns", "2/s", "1/s", "0.5", ">= 0.25", holds=True)
    page = document.with_rows(page, [first], "then", ("S1", "S2"))
    page = document.with_rows(page, [Row("S2", "p50", "", "1 ms", "", "")], "then", ("S1", "S2"))
    worse = Row("S1", "turns", "2/s", "0.1/s", "0.05", ">= 0.25", holds=False)
    page = document.with_rows(page, [worse], "now", ("S1", "S2"))
    assert page.splitlines() == [
        "above",
        document.BEGIN,
        "",
        "| # |",
        "|---|",
        "| S1 | turns | 2/s | 0.1/s | 0.05 | >= 0.25 | **short** | now |",
        "| S2 | p50 |  | 1 ms |  |  | - | then |",
        "",
        document.END,
        "below",
    ]


def test_a_tests_line_is_filled_in_and_no_other() -> None:
    page = "| R1 | kills | none lost | `a.py::b` | - | not run | - |\n`a.py::b` in a sentence"
    filled = document.with_tests(page, {"a.py::b": ("9 kills", "reached")}, "now")
    assert document.tests_of("| R1 | `tests/a.py::b` | - |\n`tests/c.py::d`") == ["tests/a.py::b"]
    assert filled.splitlines() == [
        "| R1 | kills | none lost | `a.py::b` | 9 kills | reached | now |",
        "`a.py::b` in a sentence",
    ]
