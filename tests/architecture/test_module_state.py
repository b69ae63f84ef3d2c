"""No module of `app` keeps mutable state: what a session may see is passed to it, never found."""

import ast
import importlib
import pkgutil
from collections.abc import Iterator
from enum import Enum
from functools import _lru_cache_wrapper
from pathlib import Path
from types import FunctionType, MappingProxyType, ModuleType
from typing import Any

import pytest
from pydantic import BaseModel

import app

HARMLESS = (
    "logging.Logger",
    "fastapi.routing.APIRouter",  # filled while importing, only read afterwards
    "_contextvars.ContextVar",  # each task has its own value
    "typing.",
    "types.",
    "re.Pattern",
    "pydantic.type_adapter.TypeAdapter",
    "pathlib.",
    "datetime.",
)


def _modules() -> list[ModuleType]:
    found = [name for _, name, _ in pkgutil.walk_packages(app.__path__, "app.")]
    return [importlib.import_module(name) for name in found if not name.endswith("__main__")]


def _is_constant(value: Any) -> bool:
    if isinstance(value, MappingProxyType):
        return all(_is_constant(item) for item in value.values())
    if isinstance(value, tuple | frozenset):
        return all(_is_constant(item) for item in value)
    if value is None or isinstance(value, str | bytes | int | float | complex):
        return True
    if isinstance(value, type | ModuleType | FunctionType) or callable(value):
        return not isinstance(value, _lru_cache_wrapper)
    kind = type(value)
    if f"{kind.__module__}.{kind.__qualname__}".startswith(HARMLESS):
        return True
    return _is_frozen(value)


def _is_frozen(value: Any) -> bool:
    if isinstance(value, BaseModel):
        return bool(value.model_config.get("frozen"))
    parameters = getattr(type(value), "__dataclass_params__", None)
    return bool(parameters and parameters.frozen)


def mutable_names(module: ModuleType) -> list[str]:
    """Names of a module, and of the classes that it defines, that hold something mutable."""
    names = []
    for name, value in vars(module).items():
        if name.startswith("__"):
            continue
        if not _is_constant(value):
            names.append(name)
        if isinstance(value, type) and value.__module__ == module.__name__:
            names.extend(f"{name}.{attribute}" for attribute in _mutable_attributes(value))
    return names


def _mutable_attributes(kind: type) -> Iterator[str]:
    if issubclass(kind, BaseModel | Enum) or hasattr(kind, "_field_defaults"):
        return  # what Pydantic, enumerations and named tuples keep is their own
    for name, value in vars(kind).items():
        if not name.startswith("__") and isinstance(value, dict | list | set | bytearray):
            yield name


@pytest.mark.parametrize("module", _modules(), ids=lambda module: module.__name__)
def test_a_module_holds_nothing_that_changes(module: ModuleType) -> None:
    assert mutable_names(module) == []


def test_no_function_reaches_for_a_global() -> None:
    for path in Path(app.__path__[0]).rglob("*.py"):
        statements = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        assert not any(isinstance(node, ast.Global) for node in statements), path


def test_the_walk_finds_what_it_looks_for() -> None:
    module = ModuleType("sample")
    exec(  # noqa: S102 (a made-up module with every kind of state)
        "import functools\n"
        "table = {}\n"
        "hidden = (1, [2])\n"
        "class Kept:\n    seen = []\n"
        "Kept.__module__ = 'sample'\n"
        "kept = Kept()\n"
        "@functools.lru_cache\ndef remembered(): ...\n"
        "FINE = ('a', frozenset({1}))\n",
        vars(module),
    )
    assert sorted(mutable_names(module)) == ["Kept.seen", "hidden", "kept", "remembered", "table"]
