"""One seed and the same choices give the same game, in any process."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from app.engine.world.bots import at_random, curious, play
from app.engine.world.loader import load_worlds
from app.engine.world.world import World
from tests.world.conftest import FIXTURES, SHIPPED

ROOT = Path(__file__).parents[2]
SCRIPT = """
import sys
from pathlib import Path
from app.engine.world.bots import at_random, curious, play
from app.engine.world.loader import load_worlds
from tests.world.test_determinism import fingerprint
for world in load_worlds(Path(sys.argv[1])).values():
    print(fingerprint(world))
"""


def fingerprint(world: World) -> str:
    """Everything that two games show and keep, in one digest."""
    digest = hashlib.sha256()
    for seed, bot in ((7, curious), (8, at_random)):
        run = play(world, seed, bot, turns=25)
        for result in (run.opening, *(step.after for step in run.steps)):
            digest.update(result.world.model_dump_json().encode())
            digest.update(result.scene.model_dump_json().encode())
            digest.update(repr((result.wording, result.view, result.grounding())).encode())
    return digest.hexdigest()


def in_a_process(folder: Path, hash_seed: str) -> list[str]:
    done = subprocess.run(  # noqa: S603 (our own script)
        [sys.executable, "-c", SCRIPT, str(folder)],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split()


def test_the_same_game_in_two_processes(tmp_path: Path) -> None:
    # A copy, so that nobody edits a world between two of its readings.
    shutil.copytree(FIXTURES / "salt_works", tmp_path / "salt_works")
    shutil.copytree(SHIPPED / "cinder_flat", tmp_path / "cinder_flat")
    here = [fingerprint(world) for world in load_worlds(tmp_path).values()]
    assert in_a_process(tmp_path, "0") == here
    assert in_a_process(tmp_path, "4711") == here


@pytest.mark.parametrize("name", ["salt_works", "cinder_flat"])
def test_other_seeds_are_other_games(worlds: dict[str, World], name: str) -> None:
    stories = {tuple(play(worlds[name], seed, curious, turns=10).dispatches) for seed in range(20)}
    assert len(stories) == 20
