"""Reads a pack as its author would want it read: everything that is wrong, by file and line."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

import yaml
from pydantic import ValidationError

from app.engine.world.linter import Finding, lint
from app.engine.world.loader import MAIN_FILE, files_of, read_fields
from app.engine.world.pack import Pack
from app.engine.world.pack_error import PackError

_SECTIONS: Final = MappingProxyType(
    {"do": "props", "item": "items", "event": "storylets", "answer": "agents", "flee": "agents"}
)
"""What the ids of actions begin with, and where their authors wrote them."""
_NAMES: Final = ("id", "to", "slot")
"""The fields that tell the entries of a list apart."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A finding, and where in which file to look."""

    file: str
    line: int
    field: str
    what: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        return f"{where}: {self.field}: {self.what}" if self.field else f"{where}: {self.what}"


@dataclass(frozen=True, slots=True)
class Inspection:
    """What came of reading a pack."""

    pack: Pack | None
    """None: it cannot be played."""
    spots: tuple[Spot, ...]


def inspect(folder: Path) -> Inspection:
    """Everything that can be told without playing. Never raises for what an author wrote."""
    try:
        fields = read_fields(folder)
    except PackError as error:
        file, _, field = error.where.partition(": ")
        return Inspection(None, (Spot(file.rpartition("/")[2], 0, field, error.fault),))
    try:
        files = {path.name: _compose(path) for path in files_of(folder)}
    except (OSError, yaml.YAMLError):
        # Somebody is writing it at this moment; the lines are lost, and no more.
        files = {MAIN_FILE: None}
    try:
        pack = Pack.model_validate(fields)
    except ValidationError as error:
        found = [
            Finding(".".join(map(str, one["loc"])), str(one["msg"]))
            for one in error.errors(include_url=False)
        ]
        return Inspection(None, tuple(_spot(one, files) for one in found))
    findings = list(lint(pack))
    if pack.id != folder.name:
        findings.insert(0, Finding("id", f"{pack.id!r} must be the folder's name, {folder.name!r}"))
    return Inspection(pack, tuple(_spot(one, files) for one in findings))


def _compose(path: Path) -> yaml.Node | None:
    return yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)


def _spot(finding: Finding, files: dict[str, yaml.Node | None]) -> Spot:
    """The line that comes nearest to what the finding names."""
    field = finding.where.partition(": ")[2] or finding.where
    steps = [step for step in re.split(r"[.:]", field) if step]
    if steps:
        steps[0] = _SECTIONS.get(steps[0], steps[0])
    best_file, best_line, best_depth = next(iter(files)), 0, 0
    for name, root in files.items():
        node, depth = root, 0
        line = 0
        for at, step in enumerate(steps):
            # A file may be nothing but the list that it is named after.
            bare = at == 0 and isinstance(node, yaml.SequenceNode) and f"{step}.yaml" == name
            inner = (node, node) if bare and node is not None else _into(node, step)
            if inner is None:
                break
            mark, node = inner
            depth, line = depth + 1, mark.start_mark.line + 1
        if depth > best_depth:
            best_file, best_line, best_depth = name, line, depth
    return Spot(best_file, best_line, field, finding.what)


def _into(node: yaml.Node | None, step: str) -> tuple[yaml.Node, yaml.Node] | None:
    """One step down: where it is written, and what is there."""
    if isinstance(node, yaml.SequenceNode):
        return _entry(node, step)
    if not isinstance(node, yaml.MappingNode):
        return None
    for key, value in node.value:
        if key.value == step:
            return key, value
    # An affordance is known by its id, without the list that it stands in.
    inner = (_entry(value, step) for _, value in node.value if isinstance(value, yaml.SequenceNode))
    return next((found for found in inner if found is not None), None)


def _entry(node: yaml.SequenceNode, step: str) -> tuple[yaml.Node, yaml.Node] | None:
    for at, entry in enumerate(node.value):
        if step == str(at) or step in _names(entry):
            return entry, entry
    return None


def _names(entry: yaml.Node) -> Iterator[str]:
    if isinstance(entry, yaml.MappingNode):
        for key, value in entry.value:
            if key.value in _NAMES and isinstance(value, yaml.ScalarNode):
                yield value.value
