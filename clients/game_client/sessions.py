"""Sessions and ended runs: making, finding, setting, branching and ending them."""

from collections.abc import AsyncIterator
from typing import Literal

from clients.game_client.calls import DEFAULT_SESSION, Calls, given, segment, session_path
from clients.game_client.models import (
    ArchiveList,
    ArchiveOverview,
    CostReport,
    Deleted,
    DeletedArchive,
    HistoryEntry,
    HistoryPage,
    Made,
    Meta,
    Overview,
    SessionPage,
    SettingsChange,
    State,
    Status,
    Token,
)
from clients.game_client.playing import plain_name

MAX_HOLDER = 40


class SessionCalls(Calls):
    """What there is to do with a session beside playing it."""

    async def create_session(
        self,
        session_id: str | None = None,
        *,
        name: str | None = None,
        description: str | None = None,
        world: str | None = None,
        seed: int | None = None,
        settings: SettingsChange | None = None,
    ) -> Made:
        """Make a session. Without an id the service makes one that cannot be guessed.

        Raises `SessionExists`.
        """
        body = given(
            {
                "session_id": session_id,
                "name": name,
                "description": description,
                "world": world,
                "seed": seed,
                "settings": settings,
            }
        )
        return await self._make("/api/sessions", body)

    async def sessions(
        self,
        *,
        sort: Literal["accessed", "created"] | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> SessionPage:
        """Sessions, newest first; `cursor` is the `next_cursor` of the page before."""
        params = {"sort": sort, "limit": limit, "cursor": cursor}
        return await self._get(SessionPage, "/api/sessions", params=params)

    async def session(self, session_id: str = DEFAULT_SESSION) -> Overview:
        """A session at a glance: how it is set, what is true, its last ten turns."""
        return await self._get(Overview, session_path(session_id))

    async def status(self, session_id: str = DEFAULT_SESSION) -> Status:
        """The little that a list or a poll needs."""
        return await self._get(Status, session_path(session_id, "status"))

    async def change_session(
        self,
        session_id: str = DEFAULT_SESSION,
        *,
        name: str | None = None,
        description: str | None = None,
        settings: SettingsChange | None = None,
    ) -> Meta:
        """Rename or set a session: only what is given changes."""
        body = given({"name": name, "description": description, "settings": settings})
        path = session_path(session_id)
        return await self._change(Meta, "PATCH", path, body=body, repeatable=True)

    async def make_token(
        self,
        session_id: str = DEFAULT_SESSION,
        *,
        role: Literal["play", "watch"] = "watch",
        replace: bool = False,
    ) -> Token:
        """A token to give away. With `replace`, those given before are good for nothing, the one
        that this client shows included. Raises `Denied` where nobody is asked for tokens."""
        body = {"role": role, "replace": replace}
        return await self._change(Token, "POST", session_path(session_id, "tokens"), body=body)

    async def delete_session(self, session_id: str, *, archive: bool = True) -> Deleted:
        """End a session; its run is kept as an archive unless told otherwise."""
        path, params = session_path(session_id), {"archive": archive}
        return await self._change(Deleted, "DELETE", path, params=params)

    async def history(
        self,
        session_id: str = DEFAULT_SESSION,
        *,
        limit: int | None = None,
        before: int | None = None,
        q: str | None = None,
    ) -> HistoryPage:
        """A page of what has happened, newest first; with `q` only the turns that say it. A page
        of a search may be empty although `next_before` leads further back."""
        params = {"limit": limit, "before": before, "q": q}
        return await self._get(HistoryPage, session_path(session_id, "history"), params=params)

    async def entries(
        self, session_id: str = DEFAULT_SESSION, *, q: str | None = None
    ) -> AsyncIterator[HistoryEntry]:
        """All that has happened, newest first, a page at a time."""
        before: int | None = None
        while True:
            page = await self.history(session_id, before=before, q=q)
            for entry in page.items:
                yield entry
            if page.next_before is None:
                return
            before = page.next_before

    async def entry(self, session_id: str = DEFAULT_SESSION, *, turn: int) -> HistoryEntry:
        """One turn of the history."""
        return await self._get(HistoryEntry, session_path(session_id, "history", str(turn)))

    async def fork(
        self,
        session_id: str = DEFAULT_SESSION,
        *,
        turn: int,
        new_id: str | None = None,
        name: str | None = None,
    ) -> Made:
        """Branch off: a new session with the history up to and including `turn`."""
        body = given({"turn": turn, "session_id": new_id, "name": name})
        return await self._make(session_path(session_id, "fork"), body)

    async def rewind(self, session_id: str = DEFAULT_SESSION, *, turn: int) -> State:
        """Go back to the end of `turn`. The run so far is archived. Undoes a death."""
        path, body = session_path(session_id, "rewind"), {"turn": turn}
        return await self._change(State, "POST", path, body=body)

    async def hold(self, session_id: str = DEFAULT_SESSION, *, name: str | None = None) -> State:
        """Stop the clock of this turn, until somebody resumes it or chooses."""
        return await self._deadline(session_id, "hold", name)

    async def resume(self, session_id: str = DEFAULT_SESSION, *, name: str | None = None) -> State:
        """Let a clock that is held run on."""
        return await self._deadline(session_id, "resume", name)

    async def extend(
        self,
        session_id: str = DEFAULT_SESSION,
        *,
        seconds: int | None = None,
        name: str | None = None,
    ) -> State:
        """Give more time: so many seconds, or as long again as a turn has."""
        return await self._deadline(session_id, "extend", name, seconds)

    async def cost(
        self,
        session_id: str = DEFAULT_SESSION,
        *,
        limit: int | None = None,
        before: int | None = None,
    ) -> CostReport:
        """What a session has cost: sums, a page of its calls (newest first), its newest turns."""
        params = {"limit": limit, "before": before}
        return await self._get(CostReport, session_path(session_id, "cost"), params=params)

    async def archives(self) -> ArchiveList:
        """Ended runs, newest first."""
        return await self._get(ArchiveList, "/api/archives")

    async def archive(
        self, name: str, *, limit: int | None = None, before: int | None = None
    ) -> ArchiveOverview:
        """An ended run: how it stood, and a page of its history."""
        params = {"limit": limit, "before": before}
        return await self._get(ArchiveOverview, f"/api/archives/{segment(name)}", params=params)

    async def restore(self, name: str, *, session_id: str | None = None) -> Made:
        """Go on with an ended run, in a new session; the archive stays."""
        body = given({"session_id": session_id})
        path = f"/api/archives/{segment(name)}/restore"
        return await self._make(path, body)

    async def delete_archive(self, name: str) -> DeletedArchive:
        """Delete an ended run with its pictures, for good."""
        return await self._change(DeletedArchive, "DELETE", f"/api/archives/{segment(name)}")

    async def _deadline(
        self, session_id: str, action: str, name: str | None, seconds: int | None = None
    ) -> State:
        who = plain_name(name or "", MAX_HOLDER) or None
        body = given({"action": action, "name": who, "seconds": seconds})
        # `extend` twice gives twice the time; the others may come twice.
        repeatable = action != "extend"
        path = session_path(session_id, "deadline")
        return await self._change(State, "POST", path, body=body, repeatable=repeatable)
