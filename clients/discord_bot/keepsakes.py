"""What is left of a run: its pictures, in order, and its film where there is one."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from clients.discord_bot.messenger import ChannelGone, PictureRefused
from clients.discord_bot.pictures import MOST_BYTES, attach, chosen_pictures
from clients.discord_bot.ui.page import ALT, GALLERY, Attached
from clients.discord_bot.ui.panels import gallery_page
from clients.discord_bot.ui.text import cut, one_line
from clients.game_client import HistoryEntry, ServiceError, State

if TYPE_CHECKING:
    from clients.discord_bot.table import Table

logger = logging.getLogger(__name__)

MOST: Final = 30
"""Pictures of one run, evenly through it: three messages."""


class Keepsakes:
    """Posts what is left of the runs of one table."""

    def __init__(self, table: "Table") -> None:
        self._table = table

    async def after(self, state: State) -> None:
        """Post the run that has just ended. A channel that is gone, or a service that goes down
        meanwhile, leaves out the rest."""
        try:
            await self.post()
        except (ServiceError, ChannelGone) as problem:
            extra = {"session_id": state.session_id, "reason": str(problem)}
            logger.warning("a run is left without its pictures", extra=extra)

    async def post(self) -> int:
        """Post the pictures of the run; how many there are. Those that Discord refuses are left
        out. Raises `ServiceError` or `ChannelGone`."""
        table = self._table
        game, house = table.game, table.house
        if not house.messenger.can_attach(game.channel_id):
            return 0
        entries = [entry async for entry in house.client.entries(table.session_id)]
        pictures = await self.pictures(entries)
        title = house.words(game)("replay.title", count=len(pictures))
        posted = 0
        for group in _messages(pictures):
            with suppress(PictureRefused):
                await house.messenger.post(game.channel_id, gallery_page(group, title))
                posted += len(group)
        return posted

    async def pictures(self, entries: Sequence[HistoryEntry]) -> list[Attached]:
        """The pictures of a run, oldest first."""
        told = {entry.turn: entry for entry in entries}
        images = {entry.turn: entry.image for entry in entries if entry.image is not None}
        words = self._table.house.words(self._table.game)
        found = []
        for turn, image in chosen_pictures(images, MOST).items():
            alt = one_line(image.alt or told[turn].vision_dispatch)
            alt = cut(alt or words("turn.picture", turn=turn), ALT)
            attached = await attach(self._table.house.client, image, turn, alt)
            if attached is not None:
                found.append(attached)
        return found


def _messages(pictures: Sequence[Attached]) -> Iterator[list[Attached]]:
    """In groups that one message takes."""
    group: list[Attached] = []
    size = 0
    for picture in pictures:
        if group and (len(group) == GALLERY or size + len(picture.content) > MOST_BYTES):
            yield group
            group, size = [], 0
        group.append(picture)
        size += len(picture.content)
    if group:
        yield group
