"""The built-in filmmaker's process: clips come back, the dead are replaced, nothing is left."""

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

import app
from app.engine.providers.offline import filmmaker as module
from app.engine.providers.offline.filmmaker import OfflineFilmmaker
from app.errors import ProviderError
from app.models.narration import ClipRequest
from tests.doubles import OpenPurse
from tests.film.footage import (
    away,
    boxes,
    decoded,
    flat,
    landscape,
    mp4,
    opened_image,
    webp,
)

_PURSE = OpenPurse()
_ROOT = Path(app.__file__).parents[1]
PICTURE = webp(landscape())


def a_request(**more: Any) -> ClipRequest:
    given: dict[str, Any] = {
        "prompt": "A road.",
        "seconds": 1,
        "width": 64,
        "height": 48,
        "picture": PICTURE,
        "movement": "forward",
        "seed": 7,
    }
    return ClipRequest(**(given | more))


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def filmmaker() -> AsyncIterator[OfflineFilmmaker]:
    """One for all: a process takes a second to start."""
    films = OfflineFilmmaker()
    yield films
    await films.close()


async def test_a_clip_comes_back_with_its_first_frame_as_its_poster(
    filmmaker: OfflineFilmmaker,
) -> None:
    clip = await filmmaker.film(a_request(), purse=_PURSE)
    frames = decoded(clip.data)
    assert len(frames) == 24
    assert boxes(clip.data)[:2] == ["ftyp", "moov"]
    assert away(opened_image(clip.poster), frames[0]) < 6
    assert away(frames[0], frames[-1]) > 6
    again = await filmmaker.film(a_request(), purse=_PURSE)
    assert again == clip


async def test_the_poster_of_a_dissolve_shows_the_new_place(filmmaker: OfflineFilmmaker) -> None:
    request = a_request(
        seconds=2,
        picture=webp(flat(20, 20, 200)),
        previous=webp(flat(200, 20, 20)),
        hard_transition=True,
    )
    clip = await filmmaker.film(request, purse=_PURSE)
    frames = decoded(clip.data)
    assert frames[0][..., 0].mean() > 120 > frames[0][..., 2].mean()
    assert frames[-1][..., 2].mean() > 120 > frames[-1][..., 0].mean()
    poster = opened_image(clip.poster)
    assert poster[..., 2].mean() > 120 > poster[..., 0].mean()


async def test_a_missing_or_damaged_picture_is_a_provider_error(
    filmmaker: OfflineFilmmaker,
) -> None:
    for picture in (None, b"", b"junk", PICTURE[:90]):
        with pytest.raises(ProviderError):
            await filmmaker.film(a_request(picture=picture), purse=_PURSE)
    assert (await filmmaker.film(a_request(), purse=_PURSE)).data


async def test_a_filmmaker_that_was_killed_is_replaced(filmmaker: OfflineFilmmaker) -> None:
    before = await filmmaker.film(a_request(), purse=_PURSE)
    process = filmmaker._workers[0]._process
    assert process is not None
    process.kill()
    assert await filmmaker.film(a_request(), purse=_PURSE) == before
    assert filmmaker._workers[0]._process is not process


async def test_killed_in_the_middle_of_a_clip_it_begins_anew(filmmaker: OfflineFilmmaker) -> None:
    before = await filmmaker.film(a_request(), purse=_PURSE)
    making = asyncio.create_task(filmmaker.film(a_request(seconds=5), purse=_PURSE))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    process = filmmaker._workers[0]._process
    assert process is not None
    process.kill()
    assert len(decoded((await making).data)) == 120
    assert await filmmaker.film(a_request(), purse=_PURSE) == before


async def test_one_that_keeps_dying_is_a_provider_error(
    filmmaker: OfflineFilmmaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_WORKER", "this")  # it prints a poem and ends
    films = OfflineFilmmaker()
    with pytest.raises(ProviderError):
        await films.film(a_request(), purse=_PURSE)
    await films.close()


async def test_one_that_says_nothing_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_WORKER", "tests.film.mute")
    monkeypatch.setattr(module, "_PATIENCE", 0.05)
    films = OfflineFilmmaker()
    with pytest.raises(ProviderError):
        await films.film(a_request(), purse=_PURSE)
    assert films._workers[0]._process is None
    await films.close()


async def test_a_cancelled_clip_ends_its_process_and_leaves_one_that_works(
    filmmaker: OfflineFilmmaker,
) -> None:
    await filmmaker.film(a_request(), purse=_PURSE)
    process = filmmaker._workers[0]._process
    assert process is not None
    cancelled = asyncio.create_task(filmmaker.film(a_request(seconds=60), purse=_PURSE))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    cancelled.cancel()
    with pytest.raises(asyncio.CancelledError):
        await cancelled
    async with asyncio.timeout(10):
        assert await process.wait() != 0
    assert (await filmmaker.film(a_request(), purse=_PURSE)).data
    assert filmmaker._idle.qsize() == 1


async def test_clips_wait_for_one_another(filmmaker: OfflineFilmmaker) -> None:
    requests = [a_request(seed=seed) for seed in range(4)]
    clips = await asyncio.gather(*(filmmaker.film(one, purse=_PURSE) for one in requests))
    assert len({clip.data for clip in clips}) == 4


async def test_a_closed_filmmaker_has_no_process_and_films_nothing() -> None:
    films = OfflineFilmmaker(hands=2)
    await asyncio.gather(*(films.film(a_request(), purse=_PURSE) for _ in range(2)))
    processes = [worker._process for worker in films._workers]
    await films.close()
    assert all(process is not None and process.returncode is not None for process in processes)
    with pytest.raises(ProviderError):
        await films.film(a_request(), purse=_PURSE)
    await films.close()


async def test_the_loop_runs_on_while_a_clip_is_made(filmmaker: OfflineFilmmaker) -> None:
    await filmmaker.film(a_request(), purse=_PURSE)
    loop, beats = asyncio.get_running_loop(), 0
    making = asyncio.create_task(filmmaker.film(a_request(seconds=4), purse=_PURSE))

    def beat() -> None:
        nonlocal beats
        beats += 1
        if not making.done():
            loop.call_soon(beat)

    loop.call_soon(beat)
    await making
    assert beats > 200


async def test_a_clip_from_elsewhere_becomes_the_one_that_was_promised(
    filmmaker: OfflineFilmmaker,
) -> None:
    shades = [flat(5 * number, 40, 200 - 5 * number, 128, 72) for number in range(30)]
    theirs = mp4(shades, codec="mpeg4", fps=10)
    clip = await filmmaker.fit(theirs, a_request(seconds=2))
    frames = decoded(clip.data)
    assert len(frames) == 48
    assert frames[0].shape == (48, 64, 3)
    reds = [float(frame[..., 0].mean()) for frame in frames]
    # Half a second in, their fifth or sixth frame is seen: the time is kept.
    assert reds[12] == pytest.approx(25, abs=8)
    assert reds[-1] == pytest.approx(95, abs=16)
    assert away(opened_image(clip.poster), frames[0]) < 6
    assert theirs not in clip.data


async def test_a_short_clip_rests_on_its_last_frame(filmmaker: OfflineFilmmaker) -> None:
    theirs = mp4([flat(200, 30, 30)] * 6 + [flat(30, 30, 200)] * 6, fps=24)
    frames = decoded((await filmmaker.fit(theirs, a_request(seconds=2))).data)
    assert len(frames) == 48
    assert frames[-1][..., 2].mean() > 150


async def test_what_is_no_clip_is_refused(filmmaker: OfflineFilmmaker) -> None:
    for bad in (
        b"",
        b"<html>no clip today</html>",
        b"\0\0\0\x18ftypmp42" + b"\0" * 64,
        PICTURE,
        mp4([landscape()] * 12)[:900],
        mp4([landscape()] * 3, codec="libvpx-vp9", form="webm"),
    ):
        with pytest.raises(ProviderError):
            await filmmaker.fit(bad, a_request())
    assert (await filmmaker.film(a_request(), purse=_PURSE)).data


async def test_the_server_does_not_carry_an_encoder() -> None:
    code = (
        "import sys\nimport app.main\n"
        "sys.exit(any(m in sys.modules for m in ('numpy', 'PIL', 'av')))\n"
    )
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", code, cwd=_ROOT)
    assert await process.wait() == 0
