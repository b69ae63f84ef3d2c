"""Time, as Discord's own library tells it: a test's virtual time counts."""

import asyncio
from datetime import datetime

from discord import utils


def now() -> datetime:
    """This moment, in UTC."""
    return utils.utcnow()


async def pause(seconds: float) -> None:
    """Every wait of the bot: a test decides how long it takes."""
    await asyncio.sleep(seconds)


async def until(moment: datetime) -> None:
    """Sleep until then."""
    await pause(max(0.0, (moment - now()).total_seconds()))
