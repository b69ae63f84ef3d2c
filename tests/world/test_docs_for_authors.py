"""docs/worlds.md tells of every model and every field that an author may write."""

import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from app.engine.world import pack, slots
from app.engine.world.names import PLAIN_FACTS, PREFIXES
from app.engine.world.report import BARS

PAGE = (Path(__file__).parents[2] / "docs" / "worlds.md").read_text(encoding="utf-8")


def models() -> Iterator[type[BaseModel]]:
    for one in vars(pack).values():
        own = inspect.isclass(one) and one.__module__ == pack.__name__
        if own and issubclass(one, pack.PackModel) and one is not pack.PackModel:
            yield one


def section(title: str) -> str:
    found = re.search(rf"^#+ {re.escape(title)}\n(.*?)(?=^#|\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert found is not None, title
    return found[1]


@pytest.mark.parametrize("model", list(models()), ids=lambda model: model.__name__)
def test_every_field_is_explained(model: type[BaseModel]) -> None:
    words = set(re.findall(r"\w+", section(model.__name__)))
    assert [name for name in model.model_fields if name not in words] == []


def test_every_fact_can_be_looked_up() -> None:
    told = set(re.findall(r"`(\w+)", section("Conditions")))
    assert told >= PLAIN_FACTS | PREFIXES


def test_every_slot_can_be_looked_up() -> None:
    told = {slots.canonical(one) for one in re.findall(r"`([\w.]+)`", section("Line"))}
    plain = {one for one in slots.KNOWN if "." not in one} - {"dead"}
    assert plain <= told


def test_every_bar_is_in_the_table() -> None:
    for bar in BARS:
        assert bar.name in PAGE
