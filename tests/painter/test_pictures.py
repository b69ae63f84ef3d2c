"""What every picture must hold, measured: brightness, contrast, difference, totality."""

import itertools

import numpy as np
import pytest
from PIL import Image

from app.engine.providers.offline.painter import paint, render
from app.models.scene import Camera, SceneFacts, SceneFigure, SceneProp, Stain
from app.models.vocabulary import Biome
from tests.painter.scenes import BIOMES, SAMPLES, WEATHERS, painted, prop, scene

_HOURS = (3.0, 7.0, 12.0, 19.5)
_THREATS = (0.1, 0.5, 0.9)
_CASES = list(itertools.product(BIOMES, _HOURS, WEATHERS, _THREATS))


def _case(number: int, size: tuple[int, int]) -> SceneFacts:
    biome, hour, weather, threat = _CASES[number]
    return SceneFacts(
        biome=biome,
        place="here",
        place_seed=number % 7,
        seed=number,
        turn=number,
        hour=hour,
        weather=weather,
        threat=threat,
        flashlight=number % 2 == 0,
        camera=Camera(
            x=number % 3 - 1.0, z=number % 11, yaw=(number % 13) * 0.5, roll=0.05 * (number % 4)
        ),
        props=(prop("car", 2, 9), prop("door", 0, 12), prop("bodybag", -1, 5)),
        figures=(SceneFigure(token="guard", x=1, z=14),),
        stains=(Stain(x=0, z=4),),
        width=size[0],
        height=size[1],
    )


@pytest.mark.parametrize(
    "facts", SAMPLES, ids=lambda s: f"{s.biome}-{s.hour:g}-{s.weather}-{s.place}"
)
def test_a_picture_can_be_read(facts: SceneFacts) -> None:
    brightness = painted(facts)
    low, high = np.percentile(brightness, (5, 95))

    assert 0.10 <= brightness.mean() <= 0.55
    assert high - low >= 0.25
    assert (brightness < 8 / 255).mean() <= 0.15


@pytest.mark.parametrize("number", range(0, 720, 12))
def test_any_facts_are_painted(number: int) -> None:
    assert render(_case(number, (128, 96))).shape == (96, 128, 3)


@pytest.mark.parametrize("biome", BIOMES)
@pytest.mark.parametrize(
    "step", [pytest.param(4, marks=pytest.mark.slow), pytest.param(1, marks=pytest.mark.soak)]
)
@pytest.mark.timeout(600)
def test_every_biome_hour_weather_and_threat_is_painted_and_can_be_read(
    biome: Biome, step: int
) -> None:
    """One in four in `make test`, all of them in `make soak`."""
    unreadable = []
    for number, case in enumerate(_CASES):
        if case[0] != biome or number % step != BIOMES.index(biome) % step:
            continue
        brightness = painted(_case(number, (256, 192)))
        low, high = np.percentile(brightness, (5, 95))
        dark = (brightness < 8 / 255).mean()
        if not (0.10 <= brightness.mean() <= 0.55 and high - low >= 0.25 and dark <= 0.15):
            unreadable.append(case)

    assert unreadable == []


@pytest.mark.parametrize("hour", [13.0, 21.0])
def test_two_biomes_at_the_same_hour_look_different(hour: float) -> None:
    thumbnails = {
        biome: np.asarray(Image.fromarray(render(scene(biome, hour))).resize((16, 9)), np.float32)
        / 255
        for biome in BIOMES
    }

    alike = [
        (a, b)
        for a, b in itertools.combinations(BIOMES, 2)
        if np.sqrt(((thumbnails[a] - thumbnails[b]) ** 2).mean()) < 0.06
    ]
    assert alike == []


@pytest.mark.parametrize(
    "token",
    [
        "",
        "💀",
        "a" * 300,
        "wrecked_sedan",
        "old-oak",
        "Radio Mast",
        "x" * 3,
        "../../etc",
        "door",
        "fence",
    ],
)
@pytest.mark.parametrize("biome", ["desert", "lab"])
def test_a_token_that_nobody_knows_is_painted(token: str, biome: Biome) -> None:
    bare = render(scene(biome))
    image = render(scene(biome, props=(prop(token, 0.5, 6, state="?", scale=1.0),)))

    assert (image != bare).any()


@pytest.mark.parametrize("biome", BIOMES)
def test_wild_numbers_are_painted(biome: Biome) -> None:
    wild = scene(
        biome,
        width=64,
        height=64,
        seed=-5,
        place_seed=-(2**60),
        turn=-1,
        palette="no such palette",
        camera=Camera(x=1e6, z=-1e6, yaw=1e5, roll=9.0, pitch=-1e4),
        props=(
            SceneProp(token="car", x=1e9, z=-1e9, yaw=1e9, scale=1e9),
            SceneProp(token="fence", x=1e6, z=-1e6, scale=0.0),
            SceneProp(token="pine", x=1e6, z=-1e6, scale=-3.0),
        ),
        figures=(
            SceneFigure(token="", x=1e6, z=-1e6, pose="?"),
            SceneFigure(token="dog", x=1e6, z=2e6),
        ),
        stains=(Stain(x=1e6, z=-1e6, radius=0.0, kind="?"),),
    )

    assert render(wild).shape == (64, 64, 3)


@pytest.mark.parametrize(("width", "height"), [(64, 300), (333, 77), (1024, 768), (640, 360)])
def test_a_picture_has_the_size_that_was_asked_for(width: int, height: int) -> None:
    assert render(scene("road", width=width, height=height)).shape == (height, width, 3)


def test_a_full_frame_is_a_light_webp() -> None:
    data = paint(scene("fence", 19, width=1024, height=768, props=(prop("fence", 0, 11.5),)))

    assert data[:4] == b"RIFF"
    assert data[8:12] == b"WEBP"
    assert 15_000 < len(data) <= 80_000


def test_death_is_dark_and_red() -> None:
    alive = render(scene("road", 12))
    dead = render(scene("road", 12, dead=True))

    assert dead.mean() < alive.mean() * 0.6
    assert dead[..., 0].mean() > dead[..., 1].mean() * 1.4


def test_an_alarm_indoors_is_red() -> None:
    image = render(scene("bunker", threat=0.9)).reshape(-1, 3).mean(0)

    assert image[0] > image[1] * 1.8


def test_an_interior_without_a_torch_can_be_read() -> None:
    for place_seed in range(6):
        assert painted(scene("lab", 2, place_seed=place_seed)).mean() > 0.10
