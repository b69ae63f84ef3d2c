"""Playing: the intro, actions, the clock, choices."""

import secrets
from collections.abc import Mapping
from typing import Any, Final, TypeVar
from urllib.parse import quote

from clients.game_client.calls import DEFAULT_SESSION, Calls, given, read_as
from clients.game_client.models import Accepted, Choice, State, Tick, Turn

M = TypeVar("M")

MAX_KEY: Final = 200
MAX_NAME: Final = 64


class PlayingCalls(Calls):
    """Each of these takes

    - `key`: the idempotency key, one per intent. Without one the client makes its own, so that a
      lost connection is asked about again and never plays twice. Pass one (`discord:<id>`) to be
      able to repeat the call yourself;
    - `expected_turn`: the turn that is shown (-1 before the intro). If the session is elsewhere
      by now nothing is played and `Stale` is raised;
    - `player`: who plays, for those who watch.

    The `start_` ones answer as soon as the turn is being made; the events tell the rest.
    """

    async def intro(
        self,
        session_id: str = DEFAULT_SESSION,
        *,
        world: str | None = None,
        seed: int | None = None,
        expected_turn: int | None = None,
        key: str | None = None,
        player: str | None = None,
    ) -> Turn:
        """Begin the story: turn 0. Makes the session if there is none of that id; once begun,
        it answers turn 0 and changes nothing."""
        body = _body(session_id, expected_turn, world=world, seed=seed)
        return await self._play(Turn, "intro", body, key, player)

    async def start_intro(
        self,
        session_id: str = DEFAULT_SESSION,
        *,
        world: str | None = None,
        seed: int | None = None,
        expected_turn: int | None = None,
        key: str | None = None,
        player: str | None = None,
    ) -> Accepted:
        """`intro`, without waiting for it."""
        body = _body(session_id, expected_turn, world=world, seed=seed)
        return await self._play(Accepted, "intro", body, key, player)

    async def intro_image(
        self,
        session_id: str = DEFAULT_SESSION,
        *,
        world: str | None = None,
        seed: int | None = None,
        expected_turn: int | None = None,
        key: str | None = None,
        player: str | None = None,
    ) -> Turn:
        """Begin the story, phase one: dispatch and picture."""
        body = _body(session_id, expected_turn, world=world, seed=seed)
        return await self._play(Turn, "intro/image", body, key, player)

    async def intro_choices(
        self, session_id: str = DEFAULT_SESSION, *, expected_turn: int | None = None
    ) -> Turn:
        """Begin the story, phase two: the choices. Waits for the intro that is being made."""
        return await self._wait("intro/choices", _body(session_id, expected_turn))

    async def act(
        self,
        session_id: str = DEFAULT_SESSION,
        choice: Choice | str | None = None,
        *,
        choice_id: str | None = None,
        fate: str | None = None,
        expected_turn: int | None = None,
        key: str | None = None,
        player: str | None = None,
    ) -> Turn:
        """Act, and read what comes of it: a `Choice`, its id, or the player's own words."""
        body = _action(session_id, expected_turn, choice, choice_id, fate)
        return await self._play(Turn, "action", body, key, player)

    async def start_act(
        self,
        session_id: str = DEFAULT_SESSION,
        choice: Choice | str | None = None,
        *,
        choice_id: str | None = None,
        fate: str | None = None,
        expected_turn: int | None = None,
        key: str | None = None,
        player: str | None = None,
    ) -> Accepted:
        """`act`, without waiting for it."""
        body = _action(session_id, expected_turn, choice, choice_id, fate)
        return await self._play(Accepted, "action", body, key, player)

    async def act_image(
        self,
        session_id: str = DEFAULT_SESSION,
        choice: Choice | str | None = None,
        *,
        choice_id: str | None = None,
        fate: str | None = None,
        expected_turn: int | None = None,
        key: str | None = None,
        player: str | None = None,
    ) -> Turn:
        """Act, phase one: dispatch and picture."""
        body = _action(session_id, expected_turn, choice, choice_id, fate)
        return await self._play(Turn, "action/image", body, key, player)

    async def act_choices(
        self, session_id: str = DEFAULT_SESSION, *, expected_turn: int | None = None
    ) -> Turn:
        """Act, phase two: the choices. Waits for the turn that is being made."""
        return await self._wait("action/choices", _body(session_id, expected_turn))

    async def penalize(
        self,
        session_id: str = DEFAULT_SESSION,
        *,
        expected_turn: int | None = None,
        key: str | None = None,
        player: str | None = None,
    ) -> Turn:
        """Let the world act, because the player did not. It can kill.

        Raises `TooEarly` while a deadline is armed and time is left.
        """
        body = _body(session_id, expected_turn)
        return await self._play(Turn, "timeout_penalty", body, key, player)

    async def start_penalty(
        self,
        session_id: str = DEFAULT_SESSION,
        *,
        expected_turn: int | None = None,
        key: str | None = None,
        player: str | None = None,
    ) -> Accepted:
        """`penalize`, without waiting for it."""
        body = _body(session_id, expected_turn)
        return await self._play(Accepted, "timeout_penalty", body, key, player)

    async def regenerate(
        self,
        session_id: str = DEFAULT_SESSION,
        *,
        expected_turn: int | None = None,
        key: str | None = None,
        player: str | None = None,
    ) -> Turn:
        """Offer four other choices. No turn is spent."""
        body = _body(session_id, expected_turn)
        return await self._play(Turn, "choices/regenerate", body, key, player)

    async def start_regenerate(
        self,
        session_id: str = DEFAULT_SESSION,
        *,
        expected_turn: int | None = None,
        key: str | None = None,
        player: str | None = None,
    ) -> Accepted:
        """`regenerate`, without waiting for it."""
        body = _body(session_id, expected_turn)
        return await self._play(Accepted, "choices/regenerate", body, key, player)

    async def begin_tick(self, session_id: str = DEFAULT_SESSION) -> Tick:
        """The situation at the start of a turn; arms the deadline if the session has one and
        none is armed. Plays nothing."""
        path, body = "/api/game/begin_tick", {"session_id": session_id}
        return await self._change(Tick, "POST", path, body=body, repeatable=True)

    async def state(self, session_id: str = DEFAULT_SESSION) -> State:
        """What is true now. Never waits for a turn that is being made."""
        return await self._get(State, "/api/state", params={"session_id": session_id})

    async def reset(
        self,
        session_id: str = DEFAULT_SESSION,
        *,
        world: str | None = None,
        seed: int | None = None,
    ) -> State:
        """Begin again. A run that has turns is archived; a turn that is being made is cancelled;
        an unknown session is made."""
        body = _body(session_id, None, world=world, seed=seed)
        return await self._change(State, "POST", "/api/state/reset", body=body)

    async def reload(self, session_id: str = DEFAULT_SESSION) -> State:
        """The state, read afresh from the store."""
        body = {"session_id": session_id}
        return await self._change(State, "POST", "/api/state/reload", body=body, repeatable=True)

    async def _play(
        self,
        answer: type[M],
        path: str,
        body: Mapping[str, Any],
        key: str | None,
        player: str | None,
    ) -> M:
        headers = {"Idempotency-Key": new_key() if key is None else checked_key(key)}
        if answer is Accepted:
            headers["Prefer"] = "respond-async"
        headers.update(actor_headers(self._client_name, player))
        response = await self._send(
            "POST",
            f"/api/game/{path}",
            json=body,
            headers=headers,
            read=self._timing.play,
            repeatable=True,
        )
        return await read_as(answer, response)

    async def _wait(self, path: str, body: Mapping[str, Any]) -> Turn:
        """Wait for a turn that is being made. Plays nothing, so that it can be asked again."""
        response = await self._send(
            "POST", f"/api/game/{path}", json=body, read=self._timing.play, repeatable=True
        )
        return await read_as(Turn, response)


def new_key() -> str:
    """An idempotency key for one intent."""
    return secrets.token_urlsafe(18)


def checked_key(key: str) -> str:
    """Raises `ValueError` for a key that no header can carry."""
    if not (0 < len(key) <= MAX_KEY and key.isascii() and key.isprintable() and key.strip() == key):
        raise ValueError(f"a key is 1 to {MAX_KEY} printable ASCII characters")
    return key


def actor_headers(client: str | None, player: str | None) -> dict[str, str]:
    """Who asks, for those who watch. A name is cut to what the service takes."""
    headers = {}
    if client is not None:
        headers["Elsewhere-Client"] = client
    if player is not None and (name := plain_name(player, MAX_NAME)):
        headers["Elsewhere-Player"] = quote(name)
    return headers


def plain_name(name: str, longest: int) -> str:
    """One line of what can be printed; empty if that is nothing."""
    printable = "".join(c if c.isprintable() else " " for c in name)
    return " ".join(printable.split())[:longest].strip()


def _body(session_id: str, expected_turn: int | None, **more: str | int | None) -> dict[str, Any]:
    return given({"session_id": session_id, "expected_turn": expected_turn, **more})


def _action(
    session_id: str,
    expected_turn: int | None,
    choice: Choice | str | None,
    choice_id: str | None,
    fate: str | None,
) -> dict[str, Any]:
    if (choice is None) == (choice_id is None):
        raise ValueError("give `choice` or `choice_id`, and one of them")
    words = choice if isinstance(choice, str) else None
    if isinstance(choice, Choice):
        choice_id = choice.id
    return _body(session_id, expected_turn, choice=words, choice_id=choice_id, fate=fate)
