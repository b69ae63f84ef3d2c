"""The rows: each runs a figure beside its reference and says what it reached."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from itertools import count
from statistics import median
from types import MappingProxyType

from bench.clips import clips
from bench.faults import restarting, slow_heads
from bench.images import receiving
from bench.load import Ask, Connection, Load, get, post, run
from bench.pictures import pictures
from bench.process import service
from bench.row import Row
from bench.tapes import tapes
from bench.turns_with_models import with_models
from bench.watchers import watching

ACTION = "/api/game/action"
WORDS = "Listen to the wire and wait"
OFFERED = b'"choices":[{"id":"'


def _acts(prefix: str, each: int | None = None) -> Callable[[int], Ask]:
    """Client n plays session `<prefix>n`: the first choice offered, `each` times (None: for ever).

    The first request of a client does not know what is offered and says so in its own words.
    """

    def client(n: int) -> Ask:
        played = count()

        def ask(answer: bytes) -> bytes | None:
            if each is not None and next(played) >= each:
                return None
            body = {"session_id": f"{prefix}{n}", "fate": "LUCKY"}
            return post(ACTION, json.dumps(body | _choice(answer)))

        return ask

    return client


def _choice(answer: bytes) -> dict[str, str]:
    at = answer.find(OFFERED)
    if at < 0:
        return {"choice": WORDS}
    at += len(OFFERED)
    return {"choice_id": answer[at : answer.index(b'"', at)].decode()}


async def _begin(port: int, prefix: str, sessions: int, **settings: object) -> None:
    """Create sessions without pictures and play their intros."""
    gate = asyncio.Semaphore(64)

    async def one(n: int) -> None:
        async with gate:
            connection = await Connection.open(port)
            session = {
                "session_id": f"{prefix}{n}",
                "seed": n,
                "settings": {"images": False, **settings},
            }
            for path, body in (
                ("/api/sessions", session),
                ("/api/game/intro", {"session_id": f"{prefix}{n}"}),
            ):
                status, answer = await connection.ask(post(path, json.dumps(body)))
                assert status < 300, answer
            connection.close()

    await asyncio.gather(*(one(n) for n in range(sessions)))


async def _lag(port: int) -> tuple[float, float]:
    """The longest lag of the loop since last asked (ms), and the memory held (MiB)."""
    connection = await Connection.open(port)
    _, body = await connection.ask(get("/bench/lag"))
    connection.close()
    told = json.loads(body)
    return told["lag"] * 1000, told["rss"]


async def _locks(port: int) -> int:
    """Sessions that are still locked."""
    connection = await Connection.open(port)
    _, body = await connection.ask(get("/bench/process"))
    connection.close()
    held: int = json.loads(body)["locks"]
    return held


async def _measured(
    port: int, clients: int, requests: int, client: Callable[[int], Ask]
) -> tuple[Load, float]:
    """A run, and the seconds of CPU that the service took for each request."""
    before = await _cpu(port)
    load = await run(port, clients, requests, client)
    return load, (await _cpu(port) - before) / load.requests


async def _cpu(port: int) -> float:
    connection = await Connection.open(port)
    _, body = await connection.ask(get("/bench/cpu"))
    connection.close()
    return float(body)


def _cpu_row(key: str, what: str, reference: float, ours: float) -> Row:
    """No figure to reach, but what the others are made of."""
    return Row(key, f"CPU of {what}", _ms(reference), _ms(ours), f"{ours / reference:.1f}x", "")


def _rate(load: Load) -> str:
    return f"{load.rate:,.0f}/s"


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.2f} ms"


async def throughput() -> list[Row]:
    """S1: 64 clients, 64 sessions, synced."""
    async with service("empty") as empty:
        await run(empty.port, 64, 1000, _acts("s"))
        reference, least = await _measured(empty.port, 64, 8000, _acts("s"))
    async with service("ours", "null") as ours:
        await _begin(ours.port, "s", 64)
        await run(ours.port, 64, 640, _acts("s"))
        load, each = await _measured(ours.port, 64, 3200, _acts("s"))
    ratio = load.rate / reference.rate
    what = f"turns/s, 64 clients, synced ({load.refused} refused)"
    holds = ratio >= 0.25 and not load.refused
    return [
        Row("S1", what, _rate(reference), _rate(load), f"{ratio:.2f}", ">= 0.25", holds),
        _cpu_row("S1", "a turn", least, each),
    ]


async def latency() -> list[Row]:
    """S2: one client, one session."""
    async with service("empty") as empty:
        await run(empty.port, 1, 500, _acts("s"))
        reference = await run(empty.port, 1, 3000, _acts("s"))
    async with service("ours", "null") as ours:
        await _begin(ours.port, "s", 1)
        await run(ours.port, 1, 100, _acts("s"))
        load = await run(ours.port, 1, 1500, _acts("s"))
    p50, p99 = load.percentile(50), load.percentile(99)
    base, base_p99 = reference.percentile(50), reference.percentile(99)
    ratio, holds = f"{p50 / base:.1f}x", p50 <= 0.003 and p50 <= 6 * base
    return [
        Row("S2", "p50 of a turn", _ms(base), _ms(p50), ratio, "<= 3 ms, <= 6x", holds),
        Row("S2", "p99 of a turn", _ms(base_p99), _ms(p99), "", "<= 15 ms", p99 <= 0.015),
    ]


async def long_history() -> list[Row]:
    """S3: a turn at history 100 000 beside one at history 10."""
    p50 = {}
    refused = 0
    for turns in (10, 100_000):
        async with service("ours", "null", sessions=1, turns=turns) as ours:
            await run(ours.port, 1, 100, _acts("s"))
            load = await run(ours.port, 1, 600, _acts("s"))
            p50[turns] = load.percentile(50)
            refused += load.refused
    short, long = p50[10], p50[100_000]
    what = f"p50 of a turn at history 100 000 ({refused} refused)"
    ratio, holds = f"{long / short:.2f}x", long <= 1.2 * short and not refused
    return [Row("S3", what, _ms(short), _ms(long), ratio, "<= 1.2x", holds)]


async def crowd() -> list[Row]:
    """S4: 10 000 sessions submit at once, beside 64."""
    async with service("ours", "null", sessions=10_000, turns=1) as ours:
        await run(ours.port, 64, 640, _acts("s"))
        few = await run(ours.port, 64, 3200, _acts("s"))
        await _lag(ours.port)
        many = await run(ours.port, 10_000, 10_000, _acts("s", each=1))
        lag, rss = await _lag(ours.port)
        locks = await _locks(ours.port)
    ratio = many.rate / few.rate
    holds = ratio >= 0.8 and not many.refused
    what = f"10 000 sessions at once ({many.refused} refused)"
    return [
        Row("S4", what, _rate(few), _rate(many), f"{ratio:.2f}", ">= 0.8", holds),
        Row("S4", "longest loop lag", "", f"{lag:.0f} ms", "", "<= 100 ms", lag <= 100),
        Row("S4", "memory after it", "", f"{rss:.0f} MiB", "", "<= 300 MiB", rss <= 300),
        Row("S4", "locks held after it", "", str(locks), "", "0", locks == 0),
    ]


async def reading() -> list[Row]:
    """S9: GET state beside an empty GET of the same model."""

    def reads(path: str) -> Callable[[int], Ask]:
        return lambda n: lambda _: get(path.format(n=n))

    path = "/api/state?session_id=s{n}"
    async with service("empty") as empty:
        await run(empty.port, 32, 1000, reads(path))
        reference, least = await _measured(empty.port, 32, 8000, reads(path))
    async with service("ours", "null") as ours:
        await _begin(ours.port, "s", 32)
        await run(ours.port, 32, 1000, reads(path))
        load, each = await _measured(ours.port, 32, 8000, reads(path))
    ratio = load.rate / reference.rate
    told, holds = f"{ratio:.2f}", ratio >= 0.6
    return [
        Row("S9", "GET state", _rate(reference), _rate(load), told, ">= 0.6", holds),
        _cpu_row("S9", "GET state", least, each),
    ]


async def previous_design() -> list[Row]:
    """S10: the design that this service replaces, at the same load and history."""
    rows = []
    for turns, requests in ((30, 1280), (500, 256)):
        async with service("previous", ready="/", sessions=64, turns=turns) as previous:
            old = await run(previous.port, 64, requests, _acts("s"))
        async with service("ours", "null", sessions=64, turns=turns) as ours:
            await run(ours.port, 64, 640, _acts("s"))
            load = await run(ours.port, 64, 2560, _acts("s"))
        ratio = load.rate / old.rate
        what = f"turns/s, 64 sessions at turn {turns} ({load.refused} refused)"
        told, holds = f"{ratio:.1f}x", ratio >= 10 and not load.refused
        rows.append(Row("S10", what, _rate(old), _rate(load), told, ">= 10x", holds))
    return rows


async def start() -> list[Row]:
    """S11: from the order to start to the first answer, and memory at rest."""
    times, held = [], []
    for _ in range(5):
        async with service("ours", "offline") as ours:
            times.append(ours.started_in)
            held.append((await _lag(ours.port))[1])
    took, rss = median(times), max(held)
    return [
        Row("S11", "start to first answer", "-", f"{took:.2f} s", "", "<= 1.5 s", took <= 1.5),
        Row("S11", "memory at rest", "-", f"{rss:.0f} MiB", "", "<= 120 MiB", rss <= 120),
    ]


ROWS = MappingProxyType(
    {
        "S1": throughput,
        "S2": latency,
        "S3": long_history,
        "S4": crowd,
        "S5": receiving,
        "S6": with_models,
        "S7": with_models,
        "S8": pictures,
        "S9": reading,
        "S10": previous_design,
        "S11": start,
        "R1": restarting,
        "R10": slow_heads,
        "R12": watching,
        "V1": clips,
        "T1": tapes,
    }
)
RowMaker = Callable[[], Awaitable[list[Row]]]
