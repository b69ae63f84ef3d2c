"""A crowd over real sockets: what `python -m bench R12` measures, in small and without a clock."""

import pytest

from bench.process import service
from bench.watchers import FLAT, begin, watch
from tests.conftest import Measured


@pytest.mark.slow
@pytest.mark.alone
async def test_a_hundred_watch_and_one_in_ten_never_reads(measured: Measured) -> None:
    async with service("ours", "telling") as ours:
        await begin(ours.port, "s0")
        watched = await watch(ours.port, "s0", 100, 20)
    assert watched.whole, "no gap and nothing twice, for those who left in the middle too"
    assert len(watched.watchers[0].ids) == 50
    measured("events to each of 100", len(watched.watchers[0].ids))
    measured("let go and resumed", watched.dropped)
    measured("memory grown by", f"{watched.grown:.1f} MiB")
    assert watched.grown < FLAT
