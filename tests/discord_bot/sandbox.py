"""The bot without a token: a page of this machine that looks like a channel of Discord.

`python -m tests.discord_bot.sandbox` begins a story and says where the page is. Its buttons are the
bot's own; the story is told and painted by the built-in narrator and illustrator, and gone when it
ends. Time in this Discord stands still, so that no countdown runs out.
"""

import asyncio
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from tests.discord_bot.screenshots import staged
from tests.discord_bot.sim.stage import Party


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with staged(Path(folder)) as stage:
            party = Party(stage)
            await party.begin()
            viewers = [party.alice, party.bob, party.host]
            async with stage.env.preview(party.channel, viewers=viewers, layout="channel") as page:
                sys.stdout.write(f"Alice has begun a story: {page.url}\n")
                sys.stdout.flush()
                await asyncio.Event().wait()


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        asyncio.run(main())
