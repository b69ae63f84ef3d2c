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

logger = logging.getLogger(__name__)

SEED: Final = int(os.environ.get("FUZZ_SEED", "20261122"))


async def _fuzz(
    folder: Path, measured: Measured, *, keys: bool, phases: str, examples: int, seed: int
) -> int:
    async with live(folder, keys=keys) as service:
        await games(service, folder)
        outcome = await schemathesis(service, folder, phases=phases, examples=examples, seed=seed)
    report = outcome.report
    logger.info("seed %d: %s in %s s", seed, report["test_cases"], report["running_time"])
    (folder / "said.txt").write_text(outcome.said)
    assert (report["failures"], report["errors"]) == ([], []), outcome.said
    assert report["operations"]["tested"] == report["operations"]["total"]
    assert (folder / "service.log").read_text() == ""
    measured("cases", outcome.cases)
    measured("of operations", report["operations"]["tested"])
    measured("failures", 0)
    return outcome.cases


@pytest.mark.slow
async def test_a_sample_of_every_route(tmp_path: Path, measured: Measured) -> None:
    """Where keys are asked for, so that `ignored_auth` is asked too."""
    phases = "examples,coverage,fuzzing"
    assert await _fuzz(tmp_path, measured, keys=True, phases=phases, examples=2, seed=7) >= 1500


@pytest.mark.slow
async def test_a_sample_where_access_is_open(tmp_path: Path, measured: Measured) -> None:
    phases = "examples,fuzzing,stateful"
    assert await _fuzz(tmp_path, measured, keys=False, phases=phases, examples=3, seed=7) >= 300


@pytest.mark.soak
@pytest.mark.timeout(3600)
async def test_ten_thousand_cases(tmp_path: Path, measured: Measured) -> None:
    phases = "examples,coverage,fuzzing,stateful"
    assert (
        await _fuzz(tmp_path, measured, keys=False, phases=phases, examples=150, seed=SEED)
        >= 10_000
    )


@pytest.mark.soak
@pytest.mark.timeout(3600)
async def test_five_thousand_cases_with_a_key(tmp_path: Path, measured: Measured) -> None:
    phases = "examples,coverage,fuzzing,stateful"
    assert (
        await _fuzz(tmp_path, measured, keys=True, phases=phases, examples=50, seed=SEED) >= 5_000
    )
