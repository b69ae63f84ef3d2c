"""A service that asks for keys, with a session of ours and one of somebody else's."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.http.conftest import ClientMaker, a_client, client, clock
from tests.http.house import House, a_house

__all__ = ["a_client", "client", "clock"]


@pytest.fixture
async def house(a_client: ClientMaker, tmp_path: Path) -> AsyncIterator[House]:
    async with a_house(a_client, tmp_path) as opened:
        yield opened
