"""Schemathesis on a live service: every check, no 5xx, no broken schema (FIGURES.md R15).

`FUZZ_SEED` sets what the long runs begin with; they print it.
"""

import logging
import os
from pathlib import Path
from typing import Final

import pytest

from tests.conftest import Measured
from tests.fuzz.run import games, live, schemathesis
from tests.http.routes import SHOWN

logger = logging.getLogger(__name__)

ALONE: Final = "examples,coverage,fuzzing"
STATEFUL: Final = "stateful"
SEED: Final = int(os.environ.get("FUZZ_SEED", "20261122"))


async def _fuzz(
    folder: Path, measured: Measured, *runs: tuple[str, int], keys: bool, seed: int
) -> int:
    """How many cases were tried in `runs`: phases, and how many examples of each route in those
    that draw them. What is stateful is run by itself: after the others Hypothesis draws from what
    they have met, finds no scenario twice the same, and gives up after a dozen."""
    cases = 0
    async with live(folder, keys=keys) as service:
        await games(service, folder)
        for phases, examples in runs:
            outcome = await schemathesis(
                service, folder, phases=phases, examples=examples, seed=seed
            )
            report = outcome.report
            told = report["test_cases"]
            logger.info("%s, seed %d: %s in %s s", phases, seed, told, report["running_time"])
            assert (report["failures"], report["errors"]) == ([], []), outcome.said
            assert phases == STATEFUL or report["operations"]["tested"] == len(SHOWN)
            cases += outcome.cases
    assert (folder / "service.log").read_text() == ""
    measured("cases", cases)
    measured("of operations", len(SHOWN))
    measured("failures", 0)
    return cases


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_a_sample_of_every_route(tmp_path: Path, measured: Measured) -> None:
    """Where keys are asked for, so that `ignored_auth` is asked too."""
    assert await _fuzz(tmp_path, measured, (ALONE, 1), keys=True, seed=7) >= 1500


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_a_sample_of_requests_that_follow_from_others(
    tmp_path: Path, measured: Measured
) -> None:
    assert await _fuzz(tmp_path, measured, (STATEFUL, 15), keys=False, seed=7) >= 50


@pytest.mark.soak
@pytest.mark.timeout(3600)
async def test_ten_thousand_cases(tmp_path: Path, measured: Measured) -> None:
    runs = ((ALONE, 150), (STATEFUL, 400))
    assert await _fuzz(tmp_path, measured, *runs, keys=False, seed=SEED) >= 10_000


@pytest.mark.soak
@pytest.mark.timeout(3600)
async def test_five_thousand_cases_with_a_key(tmp_path: Path, measured: Measured) -> None:
    runs = ((ALONE, 40), (STATEFUL, 200))
    assert await _fuzz(tmp_path, measured, *runs, keys=True, seed=SEED) >= 5_000
