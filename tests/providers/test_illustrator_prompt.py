"""What a picture model is told: the facts of the frame, and nothing that names a session."""

import math
import re
from collections.abc import Mapping
from typing import Any

import pytest

from app.engine.providers.openai_compatible.image_prompt import LONGEST, prompt_for
from app.engine.world.world import World
from app.models.narration import PictureStyle
from app.models.scene import Camera, SceneFacts, SceneFigure, SceneProp, Stain
from app.models.vocabulary import Weather
from tests.painter.scenes import BIOMES, SAMPLES, WEATHERS
from tests.providers.painting import a_request, a_scene


def told(*references: Any, **facts: Any) -> str:
    return prompt_for(a_request(scene=a_scene(**facts)), references)


def test_equal_facts_give_equal_words_and_other_facts_others() -> None:
    assert told() == told()
    assert told() != told(hour=12.0)
    assert told() != told(camera=Camera(yaw=1.2))


@pytest.mark.parametrize("scene", SAMPLES, ids=lambda scene: f"{scene.biome}{scene.hour}")
def test_every_frame_has_its_style_its_rules_and_a_bounded_length(scene: SceneFacts) -> None:
    prompt = prompt_for(a_request(scene=scene), ["composition", "look"])

    assert len(prompt) <= LONGEST
    assert prompt.startswith("A frame of camcorder tape.")
    assert prompt.endswith("Avoid: text, logos.")
    assert "No text, no captions" in prompt
    assert "4:3 frame, the subject within its central 16:9 band" in prompt
    assert "\n" not in prompt


@pytest.mark.parametrize("biome", BIOMES)
def test_every_biome_and_weather_is_told_apart(biome: Any) -> None:
    weathers: dict[Weather, str] = {one: told(biome=biome, weather=one) for one in WEATHERS}
    indoors = biome in ("lab", "bunker", "cave")
    assert len(set(weathers.values())) == (1 if indoors else len(WEATHERS))
    others = {told(biome=one) for one in BIOMES}
    assert len(others) == len(BIOMES)


def test_nothing_of_a_session_is_in_it() -> None:
    request = a_request(session="somebodys_session")
    other = a_request(session="other", turn=77)
    assert prompt_for(request) == prompt_for(other)
    for number in ("4190001", "87654321", "the_wire", "somebodys"):
        assert number not in prompt_for(request)


@pytest.mark.parametrize(
    ("x", "z", "yaw", "where"),
    [
        (0.0, 5.0, 0.0, "in the centre, near"),
        (0.0, 15.0, 0.0, "in the centre, in the middle distance"),
        (0.0, 90.0, 0.0, "in the centre, far off"),
        (-5.0, 10.0, 0.0, "on the left, in the middle distance"),
        (5.0, 10.0, 0.0, "on the right, in the middle distance"),
        (10.0, 0.0, math.pi / 2, "in the centre, in the middle distance"),
        (0.0, -10.0, math.pi, "in the centre, in the middle distance"),
        (-5.0, -10.0, math.pi, "on the right, in the middle distance"),
    ],
)
def test_a_thing_is_where_the_camera_sees_it(x: float, z: float, yaw: float, where: str) -> None:
    camera, tank = Camera(yaw=yaw), SceneProp(token="tank_glass", x=x, z=z)
    prompt = told(camera=camera, props=(tank,), figures=())
    assert f"a tall glass specimen tank {where}" in prompt


def test_walking_on_brings_it_nearer() -> None:
    tower = SceneProp(token="watchtower", x=0.0, z=40.0)
    distances = [
        told(camera=Camera(z=z), props=(tower,), figures=()).partition("a watchtower ")[2]
        for z in (0.0, 25.0, 35.0)
    ]
    starts = ("in the centre, far off", "in the centre, in the middle", "in the centre, near")
    assert all(text.startswith(one) for text, one in zip(distances, starts, strict=True))
    assert "watchtower" not in told(camera=Camera(z=45.0), props=(tower,), figures=())


@pytest.mark.parametrize(("x", "z"), [(0.0, -5.0), (30.0, 5.0), (-30.0, 5.0), (0.0, 5000.0)])
def test_what_is_out_of_the_frame_is_not_told(x: float, z: float) -> None:
    bell = SceneProp(token="bell", x=x, z=z)
    assert "bell" not in told(props=(bell,), figures=())


def test_states_and_people_and_marks_are_told_people_first() -> None:
    prompt = told(
        props=(SceneProp(token="door", x=0, z=4, state="half_open"),),
        figures=(SceneFigure(token="orderly", x=1, z=12, pose="aiming"),),
        stains=(Stain(x=0.3, z=3.0),),
    )
    assert "an orderly, aiming, face not clear, in the centre" in prompt
    assert "a door (half open) in the centre, near" in prompt
    assert "a dark stain on the ground" in prompt
    assert prompt.index("orderly") < prompt.index("a dark stain") < prompt.index("a door")


def test_hour_year_threat_and_fall_change_the_words() -> None:
    assert "Night" in told(hour=2.0)
    assert "Dawn" in told(hour=6.0)
    assert "High daylight, about 12:30" in told(hour=12.5)
    assert "in the year 1907, with nothing newer" in told(year=1907)
    assert "beyond it the open sea" in told(surroundings="sea")
    assert "dread" in told(threat=0.9)
    assert "still, empty" in told(threat=0.0)
    assert "looking up" in told(camera=Camera(pitch=200.0))
    assert "the horizon tilted" in told(camera=Camera(roll=0.3))
    assert "hand-held light" in told(flashlight=True)
    assert "the camera has fallen" in told(dead=True)


def test_references_are_numbered_as_they_are_sent() -> None:
    assert "Image" not in told()
    assert "Image 1 is the frame before it" in told("look")
    both = told("composition", "look")
    assert "Image 1 is a rough render of this very frame" in both
    assert "Image 2 is the frame before it" in both


def test_a_full_frame_and_a_talkative_pack_stay_within_bounds_and_keep_the_rules() -> None:
    random = [
        SceneProp(token=f"thing_{n}_with_a_rather_long_name", x=n % 9 - 4, z=6 + n, state="broken")
        for n in range(200)
    ]
    request = a_request(
        scene=a_scene(props=tuple(random)),
        alt="word " * 500,
        style=PictureStyle(prefix="style " * 400, negative="never " * 400),
    )
    prompt = prompt_for(request, ["composition", "look"])
    assert len(prompt) <= LONGEST
    for kept in ("No text", "Image 2", "a soldier", "thing 0 with", "Avoid: never"):
        assert kept in prompt


def test_commands_between_brackets_and_lines_do_not_get_through() -> None:
    nasty = 'A gate.\n\n<sd_cpp_extra_args>{"steps": 999}</sd_cpp_extra_args>\x00\u202e`rm`'
    prompt = prompt_for(a_request(alt=nasty, style=PictureStyle(prefix=nasty, negative=nasty)))
    assert re.search(r"[<>{}`\x00\n\u202e]", prompt) is None


def test_the_packs_that_ship_look_like_themselves(worlds: Mapping[str, World]) -> None:
    for world in worlds.values():
        style = world.pack.style
        look = PictureStyle(prefix=style.image_prompt_prefix, negative=style.negative)
        prompt = prompt_for(a_request(style=look))
        assert prompt.startswith(style.image_prompt_prefix.rstrip(", "))
        assert prompt.endswith(f"Avoid: {style.negative}.")
