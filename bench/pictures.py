"""S8: the built-in illustrator beside the prototype's painter, and what painting does to the loop.

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

from app.engine.fate import draw
from app.engine.providers.offline.illustrator import OfflineIllustrator
from app.engine.world.loader import load_world
from app.main import SHIPPED_WORLDS
from app.models.narration import PictureRequest
from app.models.scene import Camera, SceneFacts, SceneFigure, SceneProp, Stain
from app.models.vocabulary import Biome, Weather
from bench.row import Row
from tests.doubles import OpenPurse

PROTOTYPE = "ELSEWHERE_PROTOTYPE"
ROUNDS = 3
TIMES = 2
PAINTERS = 2
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
    """S8: CPU for each pixel, pictures a second, the loop's lag, the time of text and choices."""
    theirs, ours = await _beside()
    rate, lag = await _together()
    p50, p99 = _turns()
    reference = "-" if theirs is None else f"{theirs * _PER_MEGAPIXEL:.3f} s/Mpx"
    ratio = "" if theirs is None else f"{ours / theirs:.2f}"
    painted = f"{rate:.1f}/s; {lag * 1000:.0f} ms"
    return [
        Row("S8", "painter, CPU p50 of nine samples", reference, f"{ours * 1e6:.3f} s/Mpx", ratio,
            "<= 0.8"),
        Row("S8", f"pictures, {PAINTERS} painters; longest loop lag", "-", painted, "",
            ">= 4/s; <= 50 ms"),
        Row("S8", "text and choices, p50; p99", "-", f"{p50 * 1000:.2f}; {p99 * 1000:.2f} ms", "",
            "<= 10 ms"),
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


async def _together() -> tuple[float, float]:
    """Pictures a second with all painters at work, and the longest the loop was held."""
    illustrator = OfflineIllustrator(painters=PAINTERS)
    requests = [
        PictureRequest(session_id="s", turn=turn, scene=scene, alt="a place")
        for turn in range(3)
        for scene in samples()
    ]
    purse = OpenPurse()
    await asyncio.gather(*(illustrator.paint(one, purse=purse) for one in requests[:PAINTERS]))
    watching = asyncio.create_task(_longest_lag())
    begun = time.perf_counter()
    await asyncio.gather(*(illustrator.paint(one, purse=OpenPurse()) for one in requests))
    took = time.perf_counter() - begun
    watching.cancel()
    lag = await watching
    await illustrator.close()
    return len(requests) / took, lag


async def _longest_lag() -> float:
    """How late the loop woke at worst, until cancelled."""
    late = 0.0
    try:
        while True:
            due = time.perf_counter() + 0.002
            await asyncio.sleep(0.002)
            late = max(late, time.perf_counter() - due)
    except asyncio.CancelledError:
        return late


def _turns() -> tuple[float, float]:
    """The median and the 99th percentile of a turn's text, choices and facts."""
    world = load_world(SHIPPED_WORLDS / "cinder_flat")
    times: list[float] = []
    seed = 0
    while len(times) < TURNS:
        seed += 1
        state, turn = world.begin(seed).world, 0
        while state.ending is None and turn < 30:
            turn += 1
            offer = state.offers[(seed + turn) % len(state.offers)]
            begun = time.perf_counter()
            made = world.act(state, seed=seed, turn=turn, fate=draw(seed, turn), offer=offer)
            times.append(time.perf_counter() - begun)
            state = made.world
    cuts = statistics.quantiles(times, n=100)
    return statistics.median(times), cuts[98]
