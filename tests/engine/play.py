"""Short words for playing in tests."""

from app.engine.game import Game
from app.engine.requests import Asked
from app.models.session import Turn
from app.models.vocabulary import Fate


async def begin(
    game: Game, session_id: str = "default", *, seed: int = 7, world: str | None = None
) -> Turn:
    return await game.turns.intro(session_id, world=world, seed=seed, asked=Asked())


async def choose(
    game: Game,
    session_id: str = "default",
    *,
    index: int = 0,
    words: str | None = None,
    key: str | None = None,
    expected_turn: int | None = None,
    fate: Fate | None = None,
) -> Turn:
    """Act on an offered choice by its place in the list, or on the player's own words."""
    choice_id = None
    if words is None:
        offered = (await game.sessions.state(session_id)).choices
        choice_id = offered[min(index, len(offered) - 1)].id
    return await game.turns.act(
        session_id,
        choice=words,
        choice_id=choice_id,
        fate=fate,
        asked=Asked(key=key, fingerprint=f"{choice_id}|{words}", expected_turn=expected_turn),
    )


async def turn_of(game: Game, session_id: str = "default") -> int:
    return (await game.sessions.state(session_id)).turn
