"""Schemathesis on a live service: every check, no 5xx, no broken schema (FIGURES.md R15).

`FUZZ_SEED` sets what the long runs begin with; they print it.
"""

import logging
import os
from pathlib import Path
from typing import Final

import pytest

from tests.conftest import Measured
from tests.fuzz.run import games, live, player, schemathesis
from tests.http.routes import SHOWN

logger = logging.getLogger(__name__)

ALONE: Final = "examples,coverage,fuzzing"
STATEFUL: Final = "stateful"
PLAYER: Final = "player"
Run = tuple[str, int] | tuple[str, int, str]
"""Phases; how many examples of each route, in those that draw them; who asks, if not the host."""
SEED: Final = int(os.environ.get("FUZZ_SEED", "20261122"))


async def _fuzz(folder: Path, measured: Measured, *runs: Run, keys: bool, seed: int) -> int:
    """How many cases were tried in `runs`.

    What is stateful is run by itself: in a run with the others it gives up after a dozen scenarios.
    """
    cases = 0
    async with live(folder, keys=keys) as service:
        await games(service, folder)
        for phases, examples, *who in runs:
            asker = await player(service, folder) if who == [PLAYER] else service
            outcome = await schemathesis(asker, folder, phases=phases, examples=examples, seed=seed)
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
    assert await _fuzz(tmp_path, measured, (STATEFUL, 15), keys=False, seed=7) >= 20


@pytest.mark.soak
@pytest.mark.timeout(3600)
async def test_ten_thousand_cases(tmp_path: Path, measured: Measured) -> None:
    runs = ((ALONE, 180), (STATEFUL, 400))
    assert await _fuzz(tmp_path, measured, *runs, keys=False, seed=SEED) >= 10_000


@pytest.mark.soak
@pytest.mark.timeout(3600)
async def test_five_thousand_cases_with_a_key(tmp_path: Path, measured: Measured) -> None:
    runs: tuple[Run, ...] = ((ALONE, 30), (STATEFUL, 200), (ALONE, 5, PLAYER))
    assert await _fuzz(tmp_path, measured, *runs, keys=True, seed=SEED) >= 5_000
