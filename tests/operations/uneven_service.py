"""The real `elsewhere serve`, with a narrator that takes its time, and never ends for some.

python -m tests.operations.uneven_service serve --port 0 --sessions-dir FOLDER
"""

import asyncio
import random
import sys
from functools import partial

from app import cli
from app.engine.ports import Hear, Purse
from app.engine.providers.offline.narrator import OfflineNarrator
from app.main import create_app
from app.models.narration import Brief, Telling
from tests.doubles import QuickIllustrator

NEVER_TOLD = "hung"


class UnevenNarrator(OfflineNarrator):
    """Up to a fifth of a second a turn; for ever in the session that is named so."""

    async def tell(self, brief: Brief, *, hear: Hear, purse: Purse) -> Telling:
        if brief.session_id == NEVER_TOLD and brief.turn > 0:
            await asyncio.Event().wait()
        await asyncio.sleep(random.Random(f"{brief.session_id}|{brief.turn}").random() / 5)
        return await super().tell(brief, hear=hear, purse=purse)


def main() -> int:
    made = partial(create_app, narrator=UnevenNarrator(), illustrator=QuickIllustrator())
    setattr(cli, "create_app", made)  # noqa: B010 (what the command builds its service with)
    return cli.main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
