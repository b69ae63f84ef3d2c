"""A bare premise: fifteen lines that are a world, for forty turns, without any model."""

import shutil
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml

from app.engine.providers.offline.painter.figures import FIGURES, kind_of
from app.engine.providers.offline.painter.kin import MAKERS
from app.engine.world.additions import add_person, add_place, add_prop
from app.engine.world.base import BARE
from app.engine.world.bots import at_random, curious, play
from app.engine.world.inspection import inspect
from app.engine.world.kit import BASE, KIT
from app.engine.world.linter import lint
from app.engine.world.loader import load_world, read_fields, read_pack
from app.engine.world.overlays import Overlays
from app.engine.world.pack_error import PackError
from app.engine.world.pack_walk import texts
from app.engine.world.prose_lint import prose_findings
from app.engine.world.report import BARS, judge
from app.engine.world.trials import try_out
from app.engine.world.world import World
from app.models.scene import SceneFacts
from app.models.vocabulary import Biome
from app.models.world import Grown
from tests.world.conftest import SHIPPED
from tests.world.test_determinism import fingerprint, in_a_process

HUT = SHIPPED / "hut_six"
INDOORS = ("lab", "bunker", "cave")
Raw = dict[str, Any]


@pytest.fixture(scope="module")
def bare() -> World:
    return load_world(HUT)


def written(folder: Path, name: str = "premise", fields: Raw | None = None) -> Path:
    """A bare premise in a folder of its own."""
    raw: Raw = {
        "base": "bare",
        "id": name,
        "title": "A Premise",
        "year": 1950,
        "style": {"llm_voice": "Plain."},
        "bible": [
            {"id": "one", "text": "Nobody has crossed the bridge since the spring."},
            {"id": "two", "text": "There is no bridge."},
            {"id": "three", "text": "You have paid the toll."},
            {"id": "four", "text": "The toll was too low.", "secret": True, "revealed_by": "low"},
        ],
        "places": {
            "bank": {"name": "the near bank", "biome": "field", "first": ["Reeds, and a bell."]}
        },
        **(fields or {}),
    }
    path = folder / name
    path.mkdir(parents=True, exist_ok=True)
    (path / "pack.yaml").write_text(yaml.safe_dump(raw), encoding="utf-8")
    return path


# -- what is written, and what stands in for the rest


def test_the_example_is_as_short_as_it_says() -> None:
    raw = yaml.safe_load((HUT / "pack.yaml").read_text(encoding="utf-8"))
    assert len((HUT / "pack.yaml").read_text(encoding="utf-8").splitlines()) < 20
    assert len(raw["bible"]) == 3
    assert len(raw["places"]) == 1
    assert lint(read_pack(HUT)) == ()


def test_the_facts_open_the_story(tmp_path: Path) -> None:
    world = load_world(written(tmp_path))
    assert world.begin(3).wording.dispatch == (
        "Nobody has crossed the bridge since the spring. There is no bridge. You have paid the "
        "toll. Reeds, and a bell."
    )


def test_what_the_author_writes_comes_first(tmp_path: Path) -> None:
    own = {
        "goal": "Cross.",
        "rating": "8+",
        "meta": {"dispatch_words": [10, 60], "banned_words": ["bridge"]},
        "lines": [{"slot": "amb", "t": "The reeds say nothing."}],
        "endings": [{"id": "out", "when": {"health": "<=0"}, "title": "Out", "tone": "death",
                     "text": [{"text": "That is all."}]}],
        "intros": [{"id": "own", "text": "It begins with the bell."}],
        "items": {"coin": {"name": "the toll", "nouns": ["coin"]}},
        "player": {"role": "a walker", "items": ["coin"]},
        "agents": {"reeve": {"name": "the Reeve"}},
    }  # fmt: skip
    pack = read_pack(written(tmp_path, fields=own))
    assert (pack.goal, pack.rating, pack.player.role) == ("Cross.", "8+", "a walker")
    assert pack.player.items == ["coin", "light"]
    assert pack.meta.dispatch_words == (10, 60)
    assert pack.meta.banned_words[0] == "bridge"
    assert "suddenly" in pack.meta.banned_words
    assert pack.lines[0].t == "The reeds say nothing."
    assert len(pack.lines) > 50
    assert [ending.id for ending in pack.endings] == ["out"]
    assert [intro.id for intro in pack.intros] == ["own"]
    assert pack.agents["reeve"].flee_label == "Run from the Reeve"
    made = World(pack).begin(1)
    assert made.world.agents["reeve"].place != made.world.place
    assert all(person.manner != "hostile" for person in (made.world.grown or Grown()).people)


def test_a_whole_pack_is_left_alone(salt: World) -> None:
    folder = Path(__file__).parent / "pack_fixture" / "salt_works"
    assert read_fields(folder) == yaml.safe_load((folder / "pack.yaml").read_text("utf-8"))
    assert salt.pack.base is None


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"base": "grand"}, "there is no base 'grand'"),
        ({"surprise": 1}, "surprise"),
        ({"places": {"bank": {"name": "x", "biome": "moon", "first": ["Y."]}}}, "biome"),
        ({"places": {"bank": {"name": "x", "biome": "field"}}}, "first"),
        ({"places": {"bank": {"name": "x", "biome": "field", "first": ["Y."], "z": 1}}}, "z"),
        ({"bible": []}, "intros"),
        ({"meta": {"grows": False}}, "has no exits, and this world does not grow"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, fields: Raw, fault: str) -> None:
    folder = written(tmp_path, fields=fields)
    with pytest.raises(PackError, match=fault):
        read_pack(folder)
    assert any(fault in str(spot) for spot in inspect(folder).spots)


def test_a_place_without_a_way_out_is_refused_where_nothing_grows(salt: World) -> None:
    raw = salt.pack.model_dump()
    raw["places"]["jetty"]["exits"] = []
    with pytest.raises(ValueError, match="has no exits"):
        type(salt.pack).model_validate(raw)


# -- forty turns


@pytest.mark.parametrize("biome", get_args(Biome))
def test_forty_turns_begin_anywhere(tmp_path: Path, biome: str) -> None:
    place = {"name": "the beginning", "biome": biome, "indoor": biome in INDOORS}
    places = {"start": {**place, "first": ["It begins here."]}}
    year = 1880 + 10 * get_args(Biome).index(biome)
    world = load_world(written(tmp_path, f"from_{biome}_{year}", {"year": year, "places": places}))
    run = play(world, 1, at_random)
    assert run.last.ending is not None or len(run.steps) == 40
    for step in run.steps:
        state = step.after.world
        if step.after.ending is None:
            labels = {offer.choice.text.casefold() for offer in state.offers}
            assert len(labels) == len(state.offers) == 4
            assert any(offer.choice.risk == "low" for offer in state.offers)
        scene = step.after.scene
        assert SceneFacts.model_validate(scene.model_dump()) == scene


def test_it_is_measured_by_the_bars_of_any_world(bare: World) -> None:
    """`test_bars` holds every world that ships to them; a premise is spared those of writing."""
    names = {one.bar.name for one in judge(try_out(bare, 2, turns=6), bare.pack)}
    assert names == {bar.name for bar in BARS if not bar.written}
    assert "the same sentence within 10 turns" in names
    assert "storylets seen in 60 % of runs" not in names


def test_two_seeds_are_two_countries(bare: World) -> None:
    countries = set()
    for seed in range(6):
        grown = play(bare, seed, curious, turns=20).last.world.grown
        assert grown is not None
        countries.add(tuple(place.name for place in grown.places))
        assert any(person.manner == "hostile" for person in grown.people)
    assert len(countries) == 6


def test_no_climate_borders_on_another(bare: World, tmp_path: Path) -> None:
    for seed in range(3):
        grown = play(bare, seed, curious).last.world.grown
        assert grown is not None
        assert {place.biome for place in grown.places}.isdisjoint({"desert", "field", "forest"})
    dry = {"start": {"name": "the mesa", "biome": "desert", "first": ["Stone."]}}
    world = load_world(written(tmp_path, "dry", {"places": dry}))
    grown = play(world, 1, curious).last.world.grown
    assert grown is not None
    assert {place.biome for place in grown.places}.isdisjoint({"snowfield", "shore", "forest"})


def test_it_can_be_won(bare: World) -> None:
    endings = {
        run.last.ending.id
        for run in (play(bare, seed, curious) for seed in range(8))
        if run.last.ending is not None
    }
    assert "through" in endings


def test_the_same_in_two_processes(bare: World, tmp_path: Path) -> None:
    shutil.copytree(HUT, tmp_path / "hut_six")
    assert in_a_process(tmp_path, "4711") == [fingerprint(bare)]


def test_what_does_not_grow_costs_nothing(salt: World, flagship: World) -> None:
    for world in (salt, flagship):
        run = play(world, 3, curious, turns=12)
        assert all(step.after.world.grown is None for step in run.steps)
        assert world.at(run.last.world) is world.compiled


# -- the kit


def test_every_word_of_the_kit_can_be_told(bare: World) -> None:
    grown, world = Grown(), bare.compiled
    overlays = Overlays(world)
    for place in KIT.places:
        grown = add_place(
            world, grown, origin="hut", name=place.name, biome=place.biome, indoor=place.indoor,
            way=place.way, text=place.first[0], turn=1, kit=place.id,
        )  # fmt: skip
        for thing in place.things:
            known = KIT.thing(thing)
            assert known is not None, thing
            if any(prop.kit == thing for prop in grown.props):
                continue
            world = overlays.of(grown)
            grown = add_prop(
                world, grown, name=known.name, text=known.text, look=known.look,
                place=grown.places[-1].id, portable=known.portable, state=known.state, kit=thing,
            )  # fmt: skip
            assert grown.props[-1].look == known.look
    for person in KIT.people:
        grown, _ = add_person(
            world, grown, name=person.name, text=person.text, manner=person.manner,
            figure=person.figure, place="hut",
        )  # fmt: skip
    world = overlays.of(grown)
    pack = world.pack
    found = [
        f"{where}: {what}"
        for where, what in prose_findings(pack, texts(pack))
        if "says the same as" not in what
    ]
    assert found == []
    assert len(world.settings) == len(KIT.places) + 1
    assert {prop.kit for prop in grown.props} == {thing.id for thing in KIT.things}


def test_everything_in_the_kit_is_known_to_the_painter() -> None:
    assert {look.token for look in KIT.looks.values()} <= set(MAKERS)
    assert {kind_of(person.figure) for person in KIT.people} <= set(FIGURES)
    assert {deed for look in KIT.looks.values() for deed in look.deeds} <= set(KIT.deeds)
    assert {deed for deeds in KIT.manners.values() for deed in deeds} <= set(KIT.deeds)
    assert {thing.look for thing in KIT.things} <= set(KIT.looks)
    for thing in KIT.things:
        assert thing.deeds.keys() <= set(KIT.looks[thing.look].deeds), thing.id
    assert set(KIT.near) == set(get_args(Biome))
    assert {place.biome for place in KIT.places} == set(get_args(Biome))


def test_the_base_is_a_folder_of_plain_yaml() -> None:
    names = {path.name for path in (BASE / BARE).glob("*.yaml")}
    assert names == {"pack.yaml", "lines.yaml", "storylets.yaml"}
