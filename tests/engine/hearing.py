"""Listening to a session in tests."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from app.engine.channel import Told, Watch
from app.engine.game import Game
from app.models.events import Event, Presence

PATIENCE = 10


class Listener:
    """Hears one watch, and remembers what it heard but for who came and went."""

    def __init__(self, watch: Watch) -> None:
        self.watch = watch
        self.heard: list[Told] = []
        self.over = False

    @property
    def events(self) -> list[Event]:
        return [told.event for told in self.heard]

    @property
    def kinds(self) -> list[str]:
        return [event.type for event in self.events]

    @property
    def last_id(self) -> str:
        return next(str(told.id) for told in reversed(self.heard) if told.id is not None)

    async def until(self, kind: str, *, turn: int | None = None, since: int = 0) -> Event:
        """The first event of that kind (and turn), as soon as it has been heard; those before
        the `since`-th do not count."""
        async with asyncio.timeout(PATIENCE):
            seen = since
            while True:
                for told in self.heard[seen:]:
                    if told.event.type == kind and turn in (None, told.event.turn):
                        return told.event
                seen = len(self.heard)
                assert not self.over, f"no {kind} among {self.kinds}"
                await self._more()

    async def to_the_end(self) -> None:
        async with asyncio.timeout(PATIENCE):
            while not self.over:
                await self._more()

    async def _more(self) -> None:
        told = await self.watch.next()
        self.over = told is None
        self.heard.extend(one for one in told or () if not isinstance(one.event, Presence))


@asynccontextmanager
async def listening(
    game: Game, session_id: str = "default", *, after: str | None = None
) -> AsyncIterator[Listener]:
    watch = await game.watching.watch(session_id, after=after)
    try:
        yield Listener(watch)
    finally:
        watch.close()


async def replayed(game: Game, after: str, session_id: str = "default") -> list[Told]:
    """What a stream that resumes has to tell at once, but for `hello`."""
    async with listening(game, session_id, after=after) as listener:
        await listener._more()
        assert listener.kinds[0] == "hello"
        return listener.heard[1:]


def durable(heard: Sequence[Told]) -> list[tuple[str, Event]]:
    """What has an id, without `hello`."""
    return [(str(one.id), one.event) for one in heard if one.id and one.event.type != "hello"]
