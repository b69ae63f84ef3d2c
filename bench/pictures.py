"""S8: the built-in illustrator beside the prototype's painter, and whole turns with its pictures.

`ELSEWHERE_PROTOTYPE` names the folder of the prototype's `paint.py`; without it there is no
reference, and the row says so.
"""

import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from asyncio.subprocess import PIPE
from pathlib import Path
from typing import Any

from app.models.scene import Camera, SceneFacts, SceneFigure, SceneProp, Stain
from app.models.vocabulary import Biome, Weather
from bench.load import Connection, get, post
from bench.process import service
from bench.row import Row

PROTOTYPE = "ELSEWHERE_PROTOTYPE"
ROUNDS = 3
TIMES = 2
SESSIONS = 4
PAINTED = 20
"""Turns of each session."""
TURNS = 300
_PER_MEGAPIXEL = 1e6
_OURS = """
import json, sys, time
from app.engine.providers.offline.painter import paint
from app.models.scene import SceneFacts
times = []
for line in sys.stdin:
    scene, best = SceneFacts.model_validate_json(line), 1e9
    for turn in range(int(sys.argv[1])):
        begun = time.process_time()
        paint(scene.model_copy(update={"turn": turn}))
        best = min(best, time.process_time() - begun)
    times.append(best / (scene.width * scene.height))
print(json.dumps(times))
"""
_THEIRS = """
import copy, json, sys, time
sys.path.insert(0, "")
import paint
times = []
for scene in paint.SAMPLES.values():
    best = 1e9
    for turn in range(int(sys.argv[1])):
        one = copy.deepcopy(scene)
        one.turn = turn
        begun = time.process_time()
        image, *_ = paint.Painter(one).render()
        best = min(best, time.process_time() - begun)
    times.append(best / (image.width * image.height))
print(json.dumps(times))
"""


def _scene(
    biome: Biome,
    hour: float,
    weather: Weather,
    props: tuple[tuple[str, float, float], ...] = (),
    figure: float = 0.0,
    who: str = "stranger",
    **more: object,
) -> SceneFacts:
    facts: dict[str, object] = {
        "place": biome,
        "place_seed": 7,
        "seed": 7,
        "turn": 1,
        "props": tuple(SceneProp(token=token, x=x, z=z) for token, x, z in props),
        "figures": (SceneFigure(token=who, x=0.8, z=figure),) if figure else (),
        **more,
    }
    return SceneFacts.model_validate({"biome": biome, "hour": hour, "weather": weather, **facts})


def samples() -> tuple[SceneFacts, ...]:
    """The prototype's nine samples, as facts of ours."""
    fence = (
        ("fence", 0.0, 11.5),
        ("watchtower", -6.0, 18.0),
        ("lab", 10.0, 62.0),
        ("mast", 30, 90),
    )
    blood = (Stain(x=0, z=5),)
    return (
        _scene("fence", 19.0, "clear", fence, threat=0.3),
        _scene("road", 17.5, "dust", (("poles", 6, 14), ("car", 0.5, 11)), 19, threat=0.45),
        _scene(
            "lab", 22, "clear", (("door", 0, 14), ("bodybag", -0.8, 6)), stains=blood,
            flashlight=True, place="corridor",
        ),
        _scene("bunker", 22, "clear", (("door", 0, 14),), 9, threat=0.8, stains=blood),
        _scene("forest", 6.6, "fog", (("trees", 0, 12),), 17, threat=0.5),
        _scene("shore", 23.2, "clear", (("mast", 30, 90),), camera=Camera(x=4, yaw=-0.5)),
        _scene(
            "town", 21.5, "rain", (("buildings", 0, 40), ("car", 2.5, 12)), 24, flashlight=True
        ),
        _scene("snowfield", 16.5, "snow", (("trees", 0, 12), ("mast", 30, 90), ("poles", 6, 14))),
        _scene("desert", 10, "clear", (("mast", 34, 110),), camera=Camera(yaw=0.4)),
    )  # fmt: skip


async def pictures() -> list[Row]:
    """S8: CPU for each pixel, turns a second, the loop's lag, the time of text and choices."""
    theirs, ours = await _beside()
    reference = "-" if theirs is None else f"{theirs * _PER_MEGAPIXEL:.3f} s/Mpx"
    ratio = "" if theirs is None else f"{ours / theirs:.2f}"
    cheap = None if theirs is None else ours <= 0.8 * theirs
    return [
        Row("S8", "painter, CPU p50 of nine samples", reference, f"{ours * 1e6:.3f} s/Mpx", ratio,
            "<= 0.8", cheap),
        *await _turns(),
    ]  # fmt: skip


def _facts() -> bytes:
    return b"".join(scene.model_dump_json().encode() + b"\n" for scene in samples())


async def _beside() -> tuple[float | None, float]:
    """Theirs and ours, in turns: what else the machine does falls on both."""
    folder = os.environ.get(PROTOTYPE)
    theirs: list[list[float]] = []
    ours: list[list[float]] = []
    for _ in range(ROUNDS):
        if folder:
            theirs.append(await _timed(_THEIRS, Path(folder), b""))
        ours.append(await _timed(_OURS, Path.cwd(), _facts()))
    return (_typical(theirs) if theirs else None), _typical(ours)


def _typical(rounds: list[list[float]]) -> float:
    """The median over the samples of each one's best."""
    best: list[float] = [min(times) for times in zip(*rounds, strict=True)]
    return statistics.median(best)


async def _timed(program: str, folder: Path, stdin: bytes) -> list[float]:
    """CPU seconds for each pixel of every sample, the best of a few, in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="elsewhere-bench-") as cache:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", program, str(TIMES), stdin=PIPE, stdout=PIPE, cwd=folder,
            env={**os.environ, "PYTHONPYCACHEPREFIX": cache},
        )  # fmt: skip
        answer, _ = await process.communicate(stdin)
    assert process.returncode == 0, program
    times: list[float] = json.loads(answer)
    return times


async def _turns() -> list[Row]:
    """Whole turns of the built-in narrator and illustrator over HTTP, with and without a picture.

    The answer to a turn that has a picture waits for it: words alone are those of the others.
    """
    async with service("ours", "rendering") as ours:
        names = [f"s{n}" for n in range(SESSIONS)]
        players = [await _begin(ours.port, name, images=True) for name in names]
        await _ask(players[0], get("/bench/lag"))
        begun = time.perf_counter()
        painted = await asyncio.gather(*map(_play, players, names))
        rate = sum(painted) / (time.perf_counter() - begun)
        lag: float = (await _ask(players[0], get("/bench/lag")))["lag"]
        took = await _words(await _begin(ours.port, "words", images=False), "words")
    p50, p99 = statistics.median(took), statistics.quantiles(took, n=100)[98]
    what = f"turns with a picture of 1024 x 768, {SESSIONS} sessions"
    missing = SESSIONS * PAINTED - sum(painted)
    told = f"{rate:.1f}/s" + f", {missing} without a picture" * (missing > 0)
    return [
        Row("S8", what, "-", told, "", ">= 4/s", rate >= 4 and not missing),
        Row("S8", "longest loop lag meanwhile", "-", f"{lag * 1000:.0f} ms", "", "<= 50 ms",
            lag <= 0.05),
        Row("S8", "text and choices answered, p50; p99", "-",
            f"{p50 * 1000:.2f}; {p99 * 1000:.2f} ms", "", "<= 10 ms", p50 <= 0.01),
    ]  # fmt: skip


async def _begin(port: int, name: str, *, images: bool) -> Connection:
    """A session at its intro, and a connection to play it on."""
    player = await Connection.open(port)
    made = {"session_id": name, "seed": 7, "settings": {"images": images}}
    await _ask(player, post("/api/sessions", json.dumps(made)))
    await _ask(player, post("/api/game/intro", json.dumps({"session_id": name})))
    return player


async def _play(player: Connection, name: str) -> int:
    """How many of the turns came with a picture."""
    painted = 0
    for _ in range(PAINTED):
        image = (await _turn(player, name))["image"]
        painted += (image["status"], image["width"], image["height"]) == ("ready", 1024, 768)
    return painted


async def _words(player: Connection, name: str) -> list[float]:
    took = []
    for _ in range(TURNS):
        begun = time.perf_counter()
        await _turn(player, name)
        took.append(time.perf_counter() - begun)
    return took


async def _turn(player: Connection, name: str) -> Any:  # noqa: ANN401 (JSON)
    body = {"session_id": name, "choice": "wait and listen", "fate": "LUCKY"}
    return (await _ask(player, post("/api/game/action", json.dumps(body))))["data"]


async def _ask(player: Connection, request: bytes) -> Any:  # noqa: ANN401 (JSON)
    status, answer = await player.ask(request)
    assert status < 300, answer
    return json.loads(answer)
