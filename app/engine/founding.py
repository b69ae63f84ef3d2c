"""How sessions come to be: founded by a client's own id, begun again, begun by default."""

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime

from app.engine.records import new_record
from app.engine.world.world import World
from app.errors import SessionExists, WorldNotFound
from app.models.record import SessionRecord
from app.models.session import Meta, Settings
from app.storage.store import Claim, SessionStore

SEEDS = 2**31


class Founding:
    """Makes sessions, and knows the worlds that they can be in."""

    def __init__(
        self,
        store: SessionStore,
        worlds: Mapping[str, World],
        *,
        default_world: str,
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._worlds = worlds
        self._default_world = default_world
        self._clock = clock

    @property
    def worlds(self) -> Mapping[str, World]:
        return self._worlds

    def world(self, world_id: str) -> World:
        """Raises `WorldNotFound`."""
        try:
            return self._worlds[world_id]
        except KeyError:
            raise WorldNotFound(f"There is no world {world_id!r} on this server.") from None

    def title(self, world_id: str) -> str:
        """How a world is called; by its id where this server does not have it."""
        world = self._worlds.get(world_id)
        return world.pack.title if world else world_id

    async def found(
        self,
        session_id: str | None = None,
        *,
        world: str | None = None,
        seed: int | None = None,
        name: str | None = None,
        description: str = "",
        settings: Settings | None = None,
    ) -> Meta:
        """Create a session; whatever is not given is chosen. Raises `SessionExists`."""
        session_id = session_id or self.new_id()
        now = self._clock()
        meta = Meta(
            session_id=session_id,
            name=name or session_id,
            description=description,
            world=world or self._default_world,
            settings=settings or Settings(),
            created_at=now,
        )
        await self._store.create(meta, self.new_record(meta, seed))
        return meta

    def new_id(self) -> str:
        """An id that cannot be guessed: 80 random bits."""
        return secrets.token_hex(10)

    async def ensure(self, session_id: str) -> None:
        """Create the session unless it is there."""
        try:
            await self.found(session_id)
        except SessionExists:
            return

    async def begin_again(self, claim: Claim, *, world: str | None, seed: int | None) -> None:
        """Start the claimed session afresh; a run that has turns is archived first.

        The run is counted up only then: the names of media follow from it, and the same seed
        in an untouched session is to give the same names.
        """
        snapshot = claim.record.snapshot
        meta = await self._store.meta(snapshot.session_id)
        played = snapshot.turn >= 0
        again = meta.model_copy(update={"world": world or meta.world, "run": meta.run + played})
        record = self.new_record(again, seed, events=snapshot.last_event_id + 1)
        await claim.restart(again, record)

    def new_record(self, meta: Meta, seed: int | None, *, events: int = 0) -> SessionRecord:
        """A record before its intro. Raises `WorldNotFound`."""
        world = self.world(meta.world)
        drawn = secrets.randbelow(SEEDS) if seed is None else seed
        return new_record(meta, drawn, world.begin(drawn).view, self._clock(), events=events)
