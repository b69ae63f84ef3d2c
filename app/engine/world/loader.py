"""Loads world packs from folders of YAML."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml
from pydantic import ValidationError

from app.engine.world.base import on_base
from app.engine.world.kit import LOADER
from app.engine.world.pack import Pack
from app.engine.world.pack_error import PackError
from app.engine.world.world import World

MAIN_FILE = "pack.yaml"


def load_worlds(folder: Path) -> Mapping[str, World]:
    """Every pack in `folder`, by its id, which is its folder's name. Raises `PackError`."""
    found = sorted(path.parent for path in folder.glob(f"*/{MAIN_FILE}"))
    return MappingProxyType({path.name: load_world(path) for path in found})


def load_world(folder: Path) -> World:
    """The pack in this folder, checked and compiled. Raises `PackError`."""
    return World(read_pack(folder))


def read_pack(folder: Path) -> Pack:
    """The pack as its author wrote it, checked field by field. Raises `PackError`."""
    try:
        pack = Pack.model_validate(read_fields(folder))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise PackError(f"{folder.name}: {where}", str(first["msg"])) from None
    if pack.id != folder.name:
        raise PackError(folder.name, f"its id is {pack.id!r}, but it must be its folder's name")
    return pack


def read_fields(folder: Path) -> dict[str, Any]:
    """Read `pack.yaml` and the files beside it, each of which holds some of its fields; a bare
    premise with all that it stands on."""
    raw: dict[str, Any] = {}
    for path in files_of(folder):
        for field, value in _read(path).items():
            _merge(raw, field, value, f"{folder.name}/{path.name}")
    return on_base(raw, folder.name)


def files_of(folder: Path) -> list[Path]:
    """The files of a pack, `pack.yaml` first."""
    return [folder / MAIN_FILE, *sorted(set(folder.glob("*.yaml")) - {folder / MAIN_FILE})]


def _read(path: Path) -> dict[str, Any]:
    where = f"{path.parent.name}/{path.name}"
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=LOADER)  # noqa: S506 (one of the two safe ones)
    except yaml.YAMLError as error:
        raise PackError(where, " ".join(str(error).split())) from None
    except (OSError, UnicodeDecodeError) as error:
        raise PackError(where, f"cannot be read: {type(error).__name__}") from None
    if isinstance(content, list):
        # `storylets.yaml` may be nothing but the list.
        return {path.stem: content}
    if not isinstance(content, dict):
        raise PackError(where, "must hold fields of a pack")
    return content


def _merge(raw: dict[str, Any], field: str, value: object, where: str) -> None:
    """Lists and maps may be spread over several files; anything else is given once."""
    known = raw.get(field)
    if known is None:
        raw[field] = value
    elif isinstance(known, list) and isinstance(value, list):
        raw[field] = [*known, *value]
    elif isinstance(known, dict) and isinstance(value, dict):
        twice = sorted(str(key) for key in known.keys() & value.keys())
        if twice:
            raise PackError(f"{where}: {field}", f"{twice[0]!r} is given twice")
        raw[field] = {**known, **value}
    else:
        raise PackError(f"{where}: {field}", "is given in two files")
