"""The client's models: as much as the service says, and tolerant of more and of less."""

import copy
import importlib
import inspect
import pkgutil
from types import MappingProxyType
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from app.edge.docs import load_examples
from app.engine import turns, views
from app.models import ledger, session, tape
from app.routers import access, archives, game, health, sessions, worlds
from clients import game_client
from clients.game_client import models
from clients.game_client.models import Wire
from tests.architecture.test_module_state import mutable_names

THEIRS: Final = (
    access,
    views,
    session,
    ledger,
    turns,
    archives,
    game,
    health,
    sessions,
    worlds,
    tape,
)
SAME: Final = ("SessionList", "SessionPage"), ("CarriedItem", "Item")
"""Names that say more to somebody who does not know the service."""

ENVELOPES: Final = (Wire, models.Answer, models.Failure, models.Made)
"""`Made` is a `Meta` with the token of its answer's header."""
EXAMPLES: Final = MappingProxyType(load_examples())

ANSWERS: Final[tuple[tuple[str, type[Wire]], ...]] = (
    ("read_state", models.State),
    ("reset_state", models.State),
    ("play_intro", models.Turn),
    ("play_action", models.Turn),
    ("begin_tick", models.Tick),
    ("create_session", models.Meta),
    ("list_sessions", models.SessionPage),
    ("read_session", models.Overview),
    ("read_status", models.Status),
    ("read_history", models.HistoryPage),
    ("read_entry", models.HistoryEntry),
    ("read_cost", models.CostReport),
    ("list_archives", models.ArchiveList),
    ("read_archive", models.ArchiveOverview),
    ("list_worlds", models.WorldList),
    ("read_world", models.WorldDetail),
    ("read_ready", models.Ready),
    ("read_info", models.Info),
)


def ours() -> list[type[Wire]]:
    return [
        kind
        for kind in vars(models).values()
        if inspect.isclass(kind) and issubclass(kind, Wire) and kind not in ENVELOPES
    ]


def theirs(name: str) -> type[BaseModel]:
    name = next((service for service, client in SAME if client == name), name)
    found: type[BaseModel] = next(vars(module)[name] for module in THEIRS if name in vars(module))
    return found


@pytest.mark.parametrize("kind", ours(), ids=lambda kind: kind.__name__)
def test_the_client_knows_every_field_and_makes_none_up(kind: type[Wire]) -> None:
    assert set(kind.model_fields) == set(theirs(kind.__name__).model_fields)


@pytest.mark.parametrize(("operation", "kind"), ANSWERS)
def test_a_played_answer_is_read_in_full(operation: str, kind: type[Wire]) -> None:
    said = EXAMPLES[operation]["answers"]["application/json"]["data"]
    assert _plain(kind.model_validate(said).model_dump(mode="json"), said) == said


def _plain(read: Any, said: Any) -> Any:
    """As it was said: a time may be written in two ways, and an image's folder adds nothing."""
    if isinstance(said, dict) and isinstance(read, dict):
        return {name: _plain(read.get(name), value) for name, value in said.items()}
    if isinstance(said, list):
        return [_plain(one, other) for one, other in zip(read, said, strict=True)]
    if isinstance(said, float | int) and isinstance(read, float | int):
        return said if read == said else read
    return read


def optional_paths(kind: Any, said: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where something stands that may be missing."""
    found: list[tuple[Any, ...]] = []
    if isinstance(said, list):
        for index, one in enumerate(said):
            found += optional_paths(kind, one, (*path, index))
    if not isinstance(said, dict):
        return found
    wire = next((one for one in _models_in(kind) if _fits(one, said)), None)
    if wire is None:
        return found
    for name, value in said.items():
        field = wire.model_fields.get(name)
        if field is not None and not field.is_required():
            found.append((*path, name))
        if field is not None:
            found += optional_paths(field.annotation, value, (*path, name))
    return found


def _models_in(kind: Any) -> list[type[Wire]]:
    if isinstance(kind, type) and issubclass(kind, Wire):
        return [kind]
    return [one for part in getattr(kind, "__args__", ()) for one in _models_in(part)]


def _fits(kind: type[Wire], said: dict[str, Any]) -> bool:
    return {name for name, field in kind.model_fields.items() if field.is_required()} <= set(said)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=4,
)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_more_fields_and_fewer_do_no_harm(data: st.DataObject) -> None:
    operation, kind = data.draw(st.sampled_from(ANSWERS))
    said = copy.deepcopy(EXAMPLES[operation]["answers"]["application/json"]["data"])
    paths = optional_paths(kind, said)
    for path in data.draw(st.lists(st.sampled_from(paths), max_size=6, unique=True)):
        _remove(said, path, null=data.draw(st.booleans()))
    more = data.draw(st.dictionaries(st.text("xyz_", min_size=3, max_size=6), JSON, max_size=3))
    _add_everywhere(said, more)
    read = kind.model_validate(said)
    assert isinstance(read, kind)
    assert kind.model_validate(read.model_dump()) == read


def _remove(said: Any, path: tuple[Any, ...], *, null: bool) -> None:
    for step in path[:-1]:
        said = said.get(step) if isinstance(said, dict) else said[step]
        if said is None:
            return  # It stood in something that is gone already.
    if null:
        said[path[-1]] = None
    else:
        said.pop(path[-1], None)


def _add_everywhere(said: Any, more: dict[str, Any]) -> None:
    if isinstance(said, list):
        for one in said:
            _add_everywhere(one, more)
    if isinstance(said, dict):
        for one in said.values():
            _add_everywhere(one, more)
        said.update({name: value for name, value in more.items() if name not in said})


def test_a_word_of_a_newer_service_is_a_word() -> None:
    choice = {"id": "3a", "text": "Sing", "kind": "musical", "risk": "cosmic"}
    turn = models.Turn.model_validate(
        {"session_id": "a", "turn": 1, "phase": "dreaming", "choices": [choice], "fate": "ODD"}
    )
    assert (turn.phase, turn.fate, turn.over) == ("dreaming", "ODD", False)
    assert turn.choices[0].risk == "cosmic"


@pytest.mark.parametrize(
    "name",
    [name for _, name, _ in pkgutil.walk_packages(game_client.__path__, "clients.game_client.")],
)
def test_a_module_of_the_client_holds_nothing_that_changes(name: str) -> None:
    assert mutable_names(importlib.import_module(name)) == []
