"""Packs: what the loader refuses and the linter finds, and that what ships is without a finding."""

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from app.engine.world.linter import lint
from app.engine.world.loader import load_world, load_worlds, read_pack
from app.engine.world.pack import Pack
from app.engine.world.pack_error import PackError
from app.engine.world.report import page
from app.engine.world.trials import try_out
from app.engine.world.world import World
from tests.world.conftest import FIXTURES, SHIPPED

SALT = FIXTURES / "salt_works"
AWAY = {
    "id": "rowed",
    "when": {"flag.away": True},
    "title": "Rowed",
    "tone": "loss",
    "text": [{"text": "You are alive, and wet."}],
}
Raw = dict[str, Any]


def changed(path: str, value: Any) -> Pack:
    """The small pack with one change: a field set, or a list made longer by `+`."""
    raw = yaml.safe_load((SALT / "pack.yaml").read_text(encoding="utf-8"))
    *steps, last = path.split("/")
    inner: Any = raw
    for step in steps:
        inner = inner[int(step)] if isinstance(inner, list) else inner[step]
    if last == "+":
        inner.append(value)
    else:
        inner[last] = value
    return Pack.model_validate(raw)


def found(path: str, value: Any) -> str:
    return "\n".join(map(str, lint(changed(path, value))))


@pytest.mark.parametrize("name", sorted(one.parent.name for one in SHIPPED.glob("*/pack.yaml")))
def test_what_ships_is_without_a_finding(name: str) -> None:
    assert [str(finding) for finding in lint(read_pack(SHIPPED / name))] == []


def test_all_packs_of_a_folder_are_loaded_under_their_folders_names() -> None:
    worlds = load_worlds(SHIPPED)
    assert "cinder_flat" in worlds
    assert all(world.pack.id == name for name, world in worlds.items())


def test_a_folder_without_packs_has_no_worlds(tmp_path: Path) -> None:
    assert load_worlds(tmp_path) == {}


def test_lists_and_maps_may_be_spread_over_files(tmp_path: Path) -> None:
    folder = tmp_path / "salt_works"
    shutil.copytree(SALT, folder)
    raw = yaml.safe_load((folder / "pack.yaml").read_text(encoding="utf-8"))
    parts = {name: raw.pop(name) for name in ("storylets", "lines")}
    (folder / "pack.yaml").write_text(yaml.safe_dump(raw), encoding="utf-8")
    (folder / "storylets.yaml").write_text(yaml.safe_dump(parts["storylets"]), encoding="utf-8")
    (folder / "more.yaml").write_text(yaml.safe_dump({"lines": parts["lines"]}), encoding="utf-8")
    assert load_world(folder).pack == load_world(SALT).pack


@pytest.mark.parametrize(
    ("file", "text", "fault"),
    [
        ("pack.yaml", "id: [", "pack.yaml"),
        ("pack.yaml", "just words", "must hold fields"),
        ("more.yaml", "places: {jetty: {}}", "'jetty' is given twice"),
        ("more.yaml", "title: Another", "is given in two files"),
        ("more.yaml", "surprise: 1", "surprise"),
    ],
)
def test_a_broken_file_is_named(tmp_path: Path, file: str, text: str, fault: str) -> None:
    folder = tmp_path / "salt_works"
    shutil.copytree(SALT, folder)
    (folder / file).write_text(text, encoding="utf-8")
    with pytest.raises(PackError, match=fault) as error:
        load_worlds(tmp_path)
    assert "salt_works" in str(error.value)


def test_a_pack_has_the_name_of_its_folder(tmp_path: Path) -> None:
    shutil.copytree(SALT, tmp_path / "other_works")
    with pytest.raises(PackError, match="folder's name"):
        load_worlds(tmp_path)


BELL: Raw = {"id": "s_bell", "beat": "quiet", "text": [{"text": "A bell rings."}]}
ATTIC: Raw = {
    "name": "the attic",
    "biome": "lab",
    "exits": [{"to": "office", "label": "Climb down"}],
    "first": ["Dust."],
    "back": ["Dust again."],
    "observe": [{"text": "One beam."}, {"text": "Two beams."}, {"text": "Three beams."}],
    "hide_label": "Lie flat in the dust",
    "rest_label": "Sit on a beam",
    "map": {"col": 3, "row": 3},
}
TEXT = "storylets/0/text/+"


@pytest.mark.parametrize(
    ("path", "value", "fault"),
    [
        ("places/jetty/exits/0/to", "moon", "no place 'moon'"),
        ("places/jetty/props/+", "moon", "no prop 'moon'"),
        ("storylets/0/when/mood", 3, "no fact of this world"),
        ("storylets/0/when/item.sword", True, "no item 'sword'"),
        ("storylets/0/when/turn", "!=2", "only operators"),
        ("storylets/0/fx/helth", 3, "is not an effect"),
        ("storylets/+", BELL, "two storylets share"),
        ("agents/watchman/start/+", "moon", "no place 'moon'"),
        ("qualities/heat/thresholds/3", "x", "is no bound"),
    ],
)
def test_what_cannot_be_played_is_refused(path: str, value: Any, fault: str) -> None:
    with pytest.raises(PackError, match=fault):
        World(changed(path, value))
    assert fault in found(path, value)


@pytest.mark.parametrize(
    ("path", "value", "fault"),
    [
        ("places/attic", ATTIC, "places.attic: cannot be reached"),
        ("places/attic", ATTIC, "places.attic: only 1 exits and affordances"),
        ("props/crates/nouns/+", "boat", "'boat' names boat and crates"),
        ("places/jetty/hide_label", "Sit on a bollard for a minute", "the label of 2 actions"),
        ("places/sheds/exits/2/closed_text", None, "may be closed, without closed_text"),
        ("storylets/0/when/flag.never", True, "tests the flag 'never'"),
        ("storylets/0/fx/flag.idle", True, "sets the flag 'idle'"),
        ("items/crown", {"name": "a crown", "nouns": ["crown"]}, "crown: can never be had"),
        ("storylets/0/fx/prop.boat", "on_fire", "is not among its states"),
        ("storylets/0/when/prop.boat", "on_fire", "is not among its states"),
        ("bible/+", {"id": "x", "text": "So.", "secret": True}, "nothing reveals it"),
        ("bible/0/text", "word " * 26, "a fact of more than 25 words"),
        (TEXT, {"text": "It rings again."}, "begins with a pronoun"),
        (TEXT, {"text": "word " * 33}, "a sentence of more than 32 words"),
        (TEXT, {"text": "Tiles gleam."}, "speaks of an interior"),
        (TEXT, {"text": "Suddenly a gull."}, "banned word"),
        (TEXT, {"text": "A {thing} rings."}, "unresolved placeholder"),
        (TEXT, {"text": "The moon comes up and counts the pans."}, "says the same as"),
        ("lines/+", {"slot": "chorus", "t": "La."}, "a slot that nothing asks for"),
        ("hazards/tide/stages/99", {"text": "The end."}, "stage 99 is not on its clock"),
        ("agents/watchman/goals/2/when", {"turn": 1}, "its last goal should hold always"),
        ("storylets/0/stage", 2, "has a stage of no arc"),
        ("endings/0/when", {}, "would end every run at once"),
        ("endings/+", {**AWAY, "text": [{"text": "You drown."}]}, "dead, without `kills`"),
        ("endings/+", {**AWAY, "epitaph": "Your bones whiten."}, "dead, without `kills`"),
        ("endings/+", {**AWAY, "kills": True}, "of somebody alive, who is dead"),
        ("places/jetty/rest_label", "Sit " * 30, "a label of more than 80 characters"),
    ],
)
def test_the_linter_finds(path: str, value: Any, fault: str) -> None:
    assert fault in found(path, value)


def test_figures_of_a_pack_can_be_printed(salt: World) -> None:
    shown = page(salt.pack, try_out(salt, 3))
    assert "random 3, curious 3, goal 3" in shown
    assert "labels carried over" in shown
