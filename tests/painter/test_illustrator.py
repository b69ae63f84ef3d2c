"""The pool of painters: the loop runs on, the dead are replaced, equal facts give equal bytes."""

import asyncio
import hashlib
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

import app
from app.engine.providers.offline import illustrator as module
from app.engine.providers.offline.illustrator import OfflineIllustrator
from app.engine.providers.offline.processes import Worker, WorkerDied, WorkRefused
from app.errors import ProviderError
from app.models.narration import PictureRequest
from app.models.scene import SceneFacts
from tests.doubles import OpenPurse
from tests.painter.scenes import scene

_PURSE = OpenPurse()
_ROOT = Path(app.__file__).parents[1]


def _request(turn: int = 1, **more: Any) -> PictureRequest:
    return PictureRequest(
        session_id="s", turn=turn, scene=scene("road", turn=turn, **more), alt="a road"
    )


@pytest.fixture
async def illustrator() -> AsyncIterator[OfflineIllustrator]:
    painters = OfflineIllustrator(painters=1)
    yield painters
    await painters.close()


async def test_a_picture_comes_back(illustrator: OfflineIllustrator) -> None:
    picture = await illustrator.paint(_request(), purse=_PURSE)

    assert picture.data[8:12] == b"WEBP"


async def test_the_loop_runs_on_while_a_picture_is_painted(illustrator: OfflineIllustrator) -> None:
    await illustrator.paint(_request(), purse=_PURSE)
    loop = asyncio.get_running_loop()
    beats = 0
    painting = asyncio.create_task(
        illustrator.paint(_request(2, width=1024, height=768), purse=_PURSE)
    )
    done = asyncio.Event()
    painting.add_done_callback(lambda _: done.set())

    def beat() -> None:
        nonlocal beats
        beats += 1
        if not done.is_set():
            loop.call_soon(beat)

    loop.call_soon(beat)
    await painting

    assert beats > 200


async def test_one_painter_paints_many_requests_in_turn(illustrator: OfflineIllustrator) -> None:
    pictures = await asyncio.gather(
        *(illustrator.paint(_request(turn), purse=_PURSE) for turn in range(5))
    )

    assert len({picture.data for picture in pictures}) == 5


async def test_a_painter_that_was_killed_is_replaced(illustrator: OfflineIllustrator) -> None:
    before = await illustrator.paint(_request(), purse=_PURSE)
    process = illustrator._painters[0]._process
    assert process is not None
    process.kill()

    after = await illustrator.paint(_request(), purse=_PURSE)

    assert after.data == before.data
    assert illustrator._painters[0]._process is not process


async def test_a_painter_that_keeps_dying_is_a_provider_error(
    illustrator: OfflineIllustrator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(illustrator._painters[0], "_module", "this")  # it prints a poem and ends

    with pytest.raises(ProviderError):
        await illustrator.paint(_request(), purse=_PURSE)

    monkeypatch.undo()
    assert (await illustrator.paint(_request(), purse=_PURSE)).data


async def test_what_are_no_facts_is_refused_by_a_process_that_stays() -> None:
    painter = Worker(module._WORKER)
    assert not painter.started
    with pytest.raises(WorkRefused, match="cannot be understood"):
        await painter.do(b"{}\n{}")
    process = painter._process
    assert painter.started
    assert (await painter.do(_request().scene.model_dump_json().encode()))[8:12] == b"WEBP"
    assert painter._process is process
    await painter.close()


async def test_a_painter_that_answers_too_much_is_ended_and_waited_for() -> None:
    painter = Worker(module._WORKER, largest=1000)
    running = await painter._running()
    with pytest.raises(WorkerDied):
        await painter.do(_request().scene.model_dump_json().encode())
    assert not painter.started
    await painter.close()
    assert running.returncode == -9


async def test_a_cancelled_picture_leaves_a_painter_that_works(
    illustrator: OfflineIllustrator,
) -> None:
    await illustrator.paint(_request(), purse=_PURSE)
    cancelled = asyncio.create_task(
        illustrator.paint(_request(9, width=1024, height=768), purse=_PURSE)
    )
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    cancelled.cancel()
    with pytest.raises(asyncio.CancelledError):
        await cancelled

    picture = await illustrator.paint(_request(), purse=_PURSE)

    assert picture.data == (await illustrator.paint(_request(), purse=_PURSE)).data
    assert illustrator._idle.qsize() == 1


async def test_a_closed_illustrator_has_no_process_and_paints_nothing() -> None:
    painters = OfflineIllustrator(painters=2)
    await asyncio.gather(
        painters.paint(_request(1), purse=_PURSE),
        painters.paint(_request(2), purse=_PURSE),
    )
    processes = [painter._process for painter in painters._painters]
    await painters.close()

    assert all(process is not None and process.returncode is not None for process in processes)
    with pytest.raises(ProviderError):
        await painters.paint(_request(), purse=_PURSE)


async def test_closing_twice_and_closing_unused_is_fine() -> None:
    painters = OfflineIllustrator()
    await painters.close()
    await painters.close()


def _hash_in_a_new_process(facts: SceneFacts, hash_seed: str) -> str:
    code = (
        "import sys, hashlib\n"
        "from app.engine.providers.offline.painter import paint\n"
        "from app.models.scene import SceneFacts\n"
        "print(hashlib.sha256(paint(SceneFacts.model_validate_json(sys.stdin.read()))).hexdigest())\n"
    )
    done = subprocess.run(  # noqa: S603 - our own interpreter and code
        [sys.executable, "-c", code],
        input=facts.model_dump_json(),
        env={"PYTHONHASHSEED": hash_seed, "LC_ALL": "C"},
        cwd=_ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


@pytest.mark.parametrize(
    "facts", [scene("town", 21, "rain", flashlight=True), scene("lab", place="corridor")]
)
def test_equal_facts_give_equal_bytes_in_any_process(facts: SceneFacts) -> None:
    from app.engine.providers.offline.painter import paint

    mine = hashlib.sha256(paint(facts)).hexdigest()

    assert _hash_in_a_new_process(facts, "0") == _hash_in_a_new_process(facts, "7") == mine


def test_the_server_does_not_carry_numpy() -> None:
    code = (
        "import sys\nimport app.engine.providers.offline.illustrator\n"
        "sys.exit(any(m in sys.modules for m in ('numpy', 'PIL')))\n"
    )
    done = subprocess.run(  # noqa: S603 - our own interpreter and code
        [sys.executable, "-c", code], env=dict(os.environ), cwd=_ROOT, check=False
    )

    assert done.returncode == 0
