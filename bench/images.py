"""S5: what receiving large pictures and writing large files does to the event loop.

`python -m bench.images PORT_OF_THE_PICTURE_SERVER` is the process that is measured.
"""

import asyncio
import json
import sys
import tempfile
import threading
import time
from asyncio.subprocess import PIPE
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import uvloop
from pydantic import SecretStr

from app.engine.providers.openai_compatible.endpoint import Endpoint
from app.engine.providers.openai_compatible.illustrator import OpenAIIllustrator
from app.engine.providers.openai_compatible.prices import Prices
from app.models.narration import PictureRequest
from app.models.record import MediaFile
from app.models.scene import SceneFacts
from app.storage.files import FileSessionStore
from app.tuning import tune_process
from bench.process import free_port, running
from bench.row import Row
from tests.doubles import OpenPurse
from tests.storage.games import begin

SESSIONS = 32
ROUNDS = 4
WRITERS = 4
FILE_BYTES = 20_000_000
_BETWEEN_FILMS = 1.0
_TICK = 0.001
_IDLE_SECONDS = 3.0


async def receiving() -> list[Row]:
    """S5: the loop's lag while 32 sessions receive 4 MB pictures, beside an idle loop."""
    port = free_port()
    async with running("bench.picture_server", str(port), port=port, ready="/"):
        command = (sys.executable, "-m", "bench.images", str(port))
        process = await asyncio.create_subprocess_exec(*command, stdout=PIPE)
        out, _ = await process.communicate()
    told = json.loads(out)
    what = (
        f"loop lag p99, max: {SESSIONS} sessions receive 4 MB pictures, {WRITERS} write 20 MB films"
        f" ({told['pictures']} pictures and {told['films']} films in {told['seconds']:.0f} s)"
    )
    net = "the same, less what the loop waited for a core"
    return [_row(what, told, "lag"), replace(_row(net, told, "net"), reach="", holds=None)]


def _row(what: str, told: dict[str, Any], kind: str) -> Row:
    (idle, idle_most), (busy, busy_most) = told["idle"][kind], told["busy"][kind]
    return Row(
        "S5",
        what,
        f"{idle * 1000:.1f} ms, {idle_most * 1000:.1f} ms",
        f"{busy * 1000:.1f} ms, {busy_most * 1000:.1f} ms",
        "",
        "<= 10 ms, <= 50 ms",
        busy <= 0.01 and busy_most <= 0.05,
    )


async def _measure(port: int) -> None:
    endpoint = Endpoint(
        base_url=f"http://127.0.0.1:{port}/v1", api_key=SecretStr("x"), model="double", deadline=60
    )
    illustrator = OpenAIIllustrator(endpoint, Prices.load(), sketcher=None, references="none")
    await illustrator.paint(_request(0), purse=OpenPurse())
    tune_process()
    lags = _Lags()
    with tempfile.TemporaryDirectory(prefix="elsewhere-bench-") as folder:
        path = Path(folder)
        store = FileSessionStore(path / "sessions", path / "archives", durability="power")
        await store.open()
        for n in range(SESSIONS):
            await begin(store, f"s{n}", turns=1)
        watching = asyncio.create_task(lags.watch())
        await asyncio.sleep(_IDLE_SECONDS)
        idle = lags.take()
        begun = time.perf_counter()
        films: list[int] = []
        writing = [asyncio.create_task(_write(store, f"s{n}", films)) for n in range(WRITERS)]
        pictures = await asyncio.gather(*(_receive(store, illustrator, n) for n in range(SESSIONS)))
        seconds = time.perf_counter() - begun
        busy = lags.take()
        for task in writing:
            task.cancel()
        await asyncio.wait(writing)
        watching.cancel()
        await illustrator.close()
        await store.close()
    told = {"idle": idle, "busy": busy, "seconds": seconds}
    print(json.dumps({**told, "pictures": sum(pictures), "films": len(films)}))


async def _receive(store: FileSessionStore, illustrator: OpenAIIllustrator, n: int) -> int:
    for turn in range(ROUNDS):
        picture = await illustrator.paint(_request(n, turn), purse=OpenPurse())
        await store.put_media(f"s{n}", "images", MediaFile(name=f"{turn}.webp", data=picture.data))
    return ROUNDS


def _request(session: int, turn: int = 0) -> PictureRequest:
    scene = SceneFacts(biome="road", place="road", place_seed=1, seed=session, turn=turn)
    return PictureRequest(session_id=f"s{session}", turn=turn, scene=scene, alt="A road.")


async def _write(store: FileSessionStore, session: str, films: list[int]) -> None:
    """One film after the other, synced as any is."""
    for n in count():
        await store.put_media(session, "videos", MediaFile(name=f"{n}.mp4", data=bytes(FILE_BYTES)))
        films.append(n)
        await asyncio.sleep(_BETWEEN_FILMS)


class _Lags:
    """How late the loop wakes from short sleeps, and how much of it it waited for a core."""

    def __init__(self) -> None:
        self._seen: list[tuple[float, float]] = []

    async def watch(self) -> None:
        while True:
            begun, waited = time.perf_counter(), _waited()
            await asyncio.sleep(_TICK)
            lag = time.perf_counter() - begun - _TICK
            self._seen.append((lag, max(0.0, lag - (_waited() - waited))))

    def take(self) -> dict[str, tuple[float, float]]:
        """The 99th percentile and the longest since last asked, in seconds."""
        seen, self._seen = self._seen, []
        kinds = (sorted(lag for lag, _ in seen), sorted(net for _, net in seen))
        lag, net = ((one[int(len(one) * 0.99)], one[-1]) for one in kinds)
        return {"lag": lag, "net": net}


def _waited() -> float:
    """Seconds that this thread was ready to run and had no core; 0 where nobody counts them."""
    try:
        told = Path(f"/proc/self/task/{threading.get_native_id()}/schedstat").read_text()
    except OSError:
        return 0.0
    return int(told.split()[1]) / 1e9


if __name__ == "__main__":
    uvloop.run(_measure(int(sys.argv[1])))
