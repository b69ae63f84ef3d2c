"""Pictures of the service as files of a message."""

import logging
from collections.abc import Mapping
from typing import Final

from clients.discord_bot.ui.page import Attached
from clients.discord_bot.ui.render import picture_name
from clients.game_client import GameClient, Image, ServiceError

logger = logging.getLogger(__name__)

MOST_BYTES: Final = 8 * 1024 * 1024
"""A message may have ten by default, and servers that claim more have been seen to refuse it."""


async def attach(client: GameClient, image: Image | None, turn: int, alt: str) -> Attached | None:
    """The picture of a turn; None where there is none, or it does not come: the words count."""
    if image is None or not image.ready:
        return None
    try:
        media = await client.media(image, max_bytes=MOST_BYTES)
    except ServiceError as error:
        logger.warning("a picture does not come", extra={"turn": turn, "code": error.code})
        return None
    return Attached(picture_name(turn, media.mime), media.content, alt)


def chosen_pictures(pictures: Mapping[int, Image], most: int) -> dict[int, Image]:
    """At most so many turns with a picture, evenly through the run, its first and last among
    them."""
    turns = sorted(turn for turn, image in pictures.items() if image.ready)
    if len(turns) > most > 1:
        step = (len(turns) - 1) / (most - 1)
        turns = [turns[round(number * step)] for number in range(most)]
    return {turn: pictures[turn] for turn in turns}
