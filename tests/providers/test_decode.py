"""A model's picture: refused before it is unpacked, or made ours."""

import asyncio
import io
import random
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

import app
from app.engine.providers.openai_compatible.decode import Darkroom, as_png, still
from app.engine.providers.openai_compatible.image_header import PictureRefused, header_of
from tests.providers.stills import (
    HTML,
    SVG,
    XML_SVG,
    animated,
    encoded,
    jpeg_claiming,
    opened,
    png_claiming,
    webp_claiming,
)

SIZE = (256, 192)
KINDS = ("PNG", "JPEG", "WEBP")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [(256, 192), (100, 400), (400, 100), (1024, 1024), (64, 64)])
def test_every_picture_becomes_webp_of_the_scenes_size(kind: str, size: tuple[int, int]) -> None:
    picture = opened(still(encoded(kind, size), *SIZE))

    assert (picture.format, picture.size, picture.mode) == ("WEBP", SIZE, "RGB")


@pytest.mark.parametrize("lossless", [True, False])
def test_every_kind_of_webp_tells_its_size(lossless: bool) -> None:
    assert header_of(encoded("WEBP", (333, 222), lossless=lossless)).width == 333
    extended = encoded("WEBP", (333, 222), lossless=lossless, exif=b"Exif\0\0secret")
    assert header_of(extended) == header_of(encoded("WEBP", (333, 222)))


def test_the_middle_of_a_square_is_kept_and_nothing_is_squeezed() -> None:
    square = Image.new("RGB", (800, 800), "black")
    square.paste((255, 0, 0), (0, 0, 800, 100))
    square.paste((0, 255, 0), (0, 700, 800, 800))
    square.paste((0, 0, 255), (350, 350, 450, 450))
    shown = opened(still(_saved(square), 400, 300)).convert("RGB")

    assert _near(shown.getpixel((200, 150)), (0, 0, 255))
    assert _near(shown.getpixel((200, 2)), (0, 0, 0))
    assert _near(shown.getpixel((200, 297)), (0, 0, 0))
    blue = [x for x in range(400) if _near(shown.getpixel((x, 150)), (0, 0, 255))]
    assert abs(len(blue) - 50) <= 4


def _saved(picture: Image.Image, kind: str = "PNG") -> bytes:
    file = io.BytesIO()
    picture.save(file, kind)
    return file.getvalue()


def _near(pixel: object, colour: tuple[int, int, int]) -> bool:
    assert isinstance(pixel, tuple)
    return all(abs(one - other) < 40 for one, other in zip(pixel, colour, strict=True))


@pytest.mark.parametrize("mode", ["RGBA", "LA", "L", "P", "1", "I;16", "RGB"])
def test_every_mode_of_a_png_is_shown(mode: str) -> None:
    grey = Image.radial_gradient("L").resize((300, 225))
    if mode == "I;16":
        picture = Image.frombytes(
            "I;16", grey.size, b"".join(bytes((0, g)) for g in grey.tobytes())
        )
    else:
        picture = grey.convert("RGB").convert(mode)
    shown = opened(still(_saved(picture), *SIZE)).convert("L")

    middle, corner = shown.getpixel((128, 96)), shown.getpixel((2, 2))
    assert isinstance(middle, int | float)
    assert isinstance(corner, int | float)
    assert middle < 60
    assert corner > 160


def test_a_jpeg_for_print_and_a_see_through_palette_are_shown() -> None:
    assert opened(still(encoded("JPEG", mode="CMYK"), *SIZE)).size == SIZE
    palette = Image.new("P", (300, 225), 1)
    palette.info["transparency"] = b"\x00\x80"
    assert opened(still(_saved(palette), *SIZE)).mode == "RGB"


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_of_the_metadata_is_left(kind: str) -> None:
    marked = encoded(kind, exif=b"Exif\0\0ZqEXIFmarker", icc_profile=b"ZqICCmarker" * 20)
    assert b"ZqEXIFmarker" in marked
    assert b"marker" not in still(marked, *SIZE)
    assert b"marker" not in as_png(marked)


@pytest.fixture
def unopened(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pillow is not even asked."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("Pillow saw it")

    monkeypatch.setattr(Image, "open", refuse)


@pytest.mark.usefixtures("unopened")
@pytest.mark.parametrize("claiming", [png_claiming, jpeg_claiming, webp_claiming])
@pytest.mark.parametrize("size", [(50_000, 50_000), (4097, 64), (64, 4097), (63, 64), (1, 1)])
def test_a_picture_of_a_senseless_size_is_refused_unopened(
    claiming: Callable[[int, int], bytes], size: tuple[int, int]
) -> None:
    with pytest.raises(PictureRefused):
        still(claiming(*size), *SIZE)


@pytest.mark.usefixtures("unopened")
@pytest.mark.parametrize(
    "data",
    [
        b"",
        HTML,
        SVG,
        XML_SVG,
        animated("GIF"),
        animated("WEBP"),
        encoded("BMP"),
        encoded("TIFF"),
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff" + b"\xff" * 100_000,
        b"\xff\xd8\xff\xe0\x00\x02" * 50_000,
        b"RIFF\0\0\0\0WEBPVP8X",
        b"%PDF-1.7 " + bytes(100),
    ],
    ids=lambda data: data[:12].hex(),
)
def test_what_is_no_picture_is_refused_unopened(data: bytes) -> None:
    with pytest.raises(PictureRefused):
        still(data, *SIZE)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_truncated_picture_is_refused(kind: str, share: float) -> None:
    whole = encoded(kind, (640, 480))

    with pytest.raises(PictureRefused):
        still(whole[: int(len(whole) * share)], *SIZE)


def test_a_header_that_the_picture_contradicts_is_refused() -> None:
    for data in (webp_claiming(4000, 4000), png_claiming(4000, 4000)):
        with pytest.raises(PictureRefused):
            still(data, *SIZE)


@pytest.mark.parametrize("kind", KINDS)
def test_damaged_bytes_give_a_picture_or_a_refusal_and_nothing_else(kind: str) -> None:
    random_ = random.Random(kind)
    whole = encoded(kind, (160, 120), exif=b"Exif\0\0II*\0\x08\0\0\0")
    outcomes: set[object] = set()
    for _ in range(250):
        data = bytearray(whole)
        for _ in range(random_.randint(1, 6)):
            data[random_.randrange(len(data))] = random_.randrange(256)
        try:
            outcomes.add(opened(still(bytes(data), 64, 64)).size)
        except PictureRefused as error:
            outcomes.add(error.code)
    assert outcomes == {(64, 64), "provider_failed"}


MEASURE = """
import resource, sys
from app.engine.providers.openai_compatible.decode import still
from app.engine.providers.openai_compatible.image_header import PictureRefused
from tests.providers import stills
still(stills.encoded("PNG"), 1024, 768); still(stills.encoded("WEBP"), 1024, 768)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
refused = 0
for claim in (stills.png_claiming, stills.jpeg_claiming, stills.webp_claiming):
    for side in (50_000, 16_000, 5_000):
        try:
            still(claim(side, side), 1024, 768)
        except PictureRefused:
            refused += 1
print(refused, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_bombs_cost_no_memory() -> None:
    told = subprocess.run(  # noqa: S603 (our own interpreter)
        [sys.executable, "-c", MEASURE],
        capture_output=True,
        check=True,
        cwd=Path(app.__file__).parents[1],
        timeout=60,
    ).stdout.split()

    assert int(told[0]) == 9
    assert int(told[1]) < 8 * 1024  # kB


async def test_the_darkroom_works_beside_the_loop_and_a_few_at_a_time() -> None:
    darkroom = Darkroom(2)
    working, most, release = 0, 0, threading.Event()
    both = asyncio.Event()
    loop, lock = asyncio.get_running_loop(), threading.Lock()

    def work() -> str:
        nonlocal working, most
        with lock:
            working += 1
            most = max(most, working)
            if working == 2:
                loop.call_soon_threadsafe(both.set)
        release.wait(10)
        with lock:
            working -= 1
        return threading.current_thread().name

    tasks = [asyncio.create_task(darkroom.run(work)) for _ in range(6)]
    await both.wait()
    tasks[-1].cancel()
    release.set()
    names = await asyncio.gather(*tasks, return_exceptions=True)

    assert most == 2
    assert isinstance(names[-1], asyncio.CancelledError)
    assert {name.rstrip("_01") for name in names[:-1] if isinstance(name, str)} == {"darkroom"}
    await darkroom.close()
    assert not [one for one in threading.enumerate() if one.name.startswith("darkroom")]
