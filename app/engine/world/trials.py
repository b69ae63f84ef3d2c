"""Plays a pack with every bot, in several processes when there are many games to play."""

import multiprocessing
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Final

from app.engine.world.bots import BOTS, LONGEST, play
from app.engine.world.figures import Figures, Game, reckon
from app.engine.world.loader import load_world
from app.engine.world.world import World

FIRST_SEED: Final = 100
_FEW = 60
"""Games below which starting a process costs more than it saves."""


def try_out(
    world: World, runs: int, *, turns: int = LONGEST, bots: tuple[str, ...] = ()
) -> Mapping[str, Figures]:
    """So many games of each bot, played here, one after the other."""
    names = bots or tuple(name for name, _ in BOTS)
    return {name: Figures(_games(world, name, FIRST_SEED, runs, turns)) for name in names}


def try_out_folder(
    folder: Path, runs: int, *, processes: int, turns: int = LONGEST
) -> Mapping[str, Figures]:
    """The same for a pack on disk, shared out. The figures do not depend on how many share."""
    if processes < 2 or runs * len(BOTS) < _FEW:
        return try_out(load_world(folder), runs, turns=turns)
    share = -(-runs // processes)
    parts = [(at, min(share, runs - at)) for at in range(0, runs, share)]
    # Forking a process that may have threads is not safe; a fresh one imports in half a second.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context) as pool:
        asked = {
            name: [
                pool.submit(_games_of_folder, folder, name, FIRST_SEED + at, count, turns)
                for at, count in parts
            ]
            for name, _ in BOTS
        }
        return {
            name: Figures(tuple(game for part in shares for game in part.result()))
            for name, shares in asked.items()
        }


def _games_of_folder(folder: Path, bot: str, first: int, runs: int, turns: int) -> tuple[Game, ...]:
    return _games(load_world(folder), bot, first, runs, turns)


def _games(world: World, name: str, first: int, runs: int, turns: int) -> tuple[Game, ...]:
    bot = dict(BOTS)[name]
    return tuple(
        reckon(world, play(world, seed, bot, turns=turns)) for seed in range(first, first + runs)
    )
