"""The film of a run: posted where it was played, when it is there."""

import logging
from typing import TYPE_CHECKING

from clients.discord_bot.messenger import PictureRefused
from clients.discord_bot.pictures import MOST_BYTES
from clients.discord_bot.ui.page import Attached
from clients.discord_bot.ui.panels import gallery_page
from clients.game_client import ServiceError, Tape

if TYPE_CHECKING:
    from clients.discord_bot.table import Table

logger = logging.getLogger(__name__)


class Films:
    """Posts the films of one table: that of a run which has ended, and those that were asked for
    here. A film that somebody wants elsewhere is none of this channel's."""

    def __init__(self, table: "Table") -> None:
        self._table = table
        self._wanted: set[str] = set()

    async def ask(self) -> bool:
        """Post the film of the present run; whether it is there already. If not, it comes as soon
        as it is made. Raises `ServiceError` or `ChannelGone`."""
        tape = await self._table.house.client.make_tape(self._table.session_id)
        if tape.ready:
            await self._post(tape)
            return True
        self._wanted.add(tape.name)
        return False

    async def ready(self, tape: Tape) -> None:
        """A film is there. Raises `ChannelGone`."""
        state = self._table.state
        has_ended = state is not None and state.over and state.turn == tape.turn
        if tape.name not in self._wanted and not has_ended:
            return
        self._wanted.discard(tape.name)
        try:
            await self._post(tape)
        except ServiceError as error:
            logger.warning("a film does not come", extra={"code": error.code})

    async def _post(self, tape: Tape) -> None:
        table = self._table
        game, house = table.game, table.house
        if not house.messenger.can_attach(game.channel_id):
            return
        words = house.words(game)
        fits = tape.bytes is not None and tape.bytes <= MOST_BYTES
        # What is too large for a message moves as a picture.
        url, name = (tape.url, "film.mp4") if fits else (tape.preview_url, "film.webp")
        if url is None:
            return
        media = await house.client.media(url, max_bytes=MOST_BYTES)
        film = Attached(name, media.content, words("replay.film_alt", turns=tape.turns))
        try:
            await house.messenger.post(game.channel_id, gallery_page([film], words("replay.film")))
        except PictureRefused:
            logger.warning("a film was refused", extra={"bytes": len(media.content)})
