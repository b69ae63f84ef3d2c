"""The client's modules as they are sent: those that every visit needs as one file, lean.

Forty small files are forty requests. Joining them needs no tool, because they are written alike:
imports and exports are named, and each stands on a line of its own. Each module keeps a scope of
its own, so that nothing has to be renamed.
"""

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

JOINED: Final = "js/app.js"
_ENTRY: Final = "js/main.js"
_OURS: Final = "js/"

_BLOCKS: Final = re.compile(r"/\*\*.*?\*/ ?", re.DOTALL)
_LINES: Final = re.compile(r"^[ ]*//.*\n?|^[ ]+|^\n", re.MULTILINE)
"""Lines that are comments, what others are indented by, and empty ones."""
_IMPORT: Final = re.compile(
    r"^import (?:(?:\{(?P<names>[^}]*)\}|\* as (?P<all>\w+)) from )?'(?P<path>[^']+)';\n",
    re.MULTILINE,
)
_EXPORT: Final = re.compile(
    r"^export (?P<kind>(?:async )?function|class|const) (?P<name>\w+)", re.MULTILINE
)
_EXPORTS: Final = re.compile(r"^export \{(?P<names>[^}]*)\};\n", re.MULTILINE)


def lean(script: str) -> str:
    """A module without its comments: they are a third of it, and nobody reads them there.

    Comments are known by how we write them: `/** ... */`, and lines that begin with `//`.
    """
    return _LINES.sub("", _BLOCKS.sub("", script))


def bundled(files: Mapping[str, str]) -> dict[str, str]:
    """What is sent of the modules `files`: path to script.

    The entry and all that it imports are one file; the rest, which is asked for later, stays
    apart and takes what it shares from there.
    """
    joining = _Joining({path: lean(text) for path, text in files.items()})
    joining.add(_ENTRY)
    later = files.keys() - joining.done.keys()
    return {JOINED: joining.text()} | {path: joining.apart(path) for path in later}


@dataclass(slots=True)
class _Joining:
    """Modules in the order in which they need each other."""

    files: Mapping[str, str]
    done: dict[str, str] = field(default_factory=dict)
    outside: dict[str, set[str]] = field(default_factory=dict)
    """What is imported from files that are not ours, by path."""

    def add(self, path: str) -> None:
        """Add a module behind everything that it imports."""
        if path in self.done:
            return
        self.done[path] = ""  # Known before it is done: imports in a circle would end here.
        text = self.files[path]
        for found in _IMPORT.finditer(text):
            target = _target(path, found["path"])
            if target.startswith(_OURS):
                self.add(target)
            else:
                names = (name.strip() for name in found["names"].split(","))
                self.outside.setdefault(target, set()).update(names)
        del self.done[path]
        self.done[path] = self._scoped(path, text)

    def text(self) -> str:
        heads = [
            f"import {{{', '.join(sorted(names))}}} from '{_relative(JOINED, target)}';"
            for target, names in sorted(self.outside.items())
        ]
        shared = ", ".join(f"'{path}': {_variable(path)}" for path in self.done)
        return "\n".join([*heads, *self.done.values(), f"export const modules = {{{shared}}};", ""])

    def apart(self, path: str) -> str:
        """A module that is loaded later."""
        text = _IMPORT.sub(lambda found: self._taken(path, found), self.files[path])
        return f"import {{modules}} from '{_relative(path, JOINED)}';\n{text}"

    def _scoped(self, path: str, text: str) -> str:
        names = [found["name"] for found in _EXPORT.finditer(text)]
        for found in _EXPORTS.finditer(text):
            names += [name.strip() for name in found["names"].split(",")]
        text = _EXPORTS.sub("", _EXPORT.sub(r"\g<kind> \g<name>", text))
        text = _IMPORT.sub(lambda found: self._given(path, found), text)
        return f"const {_variable(path)} = (() => {{\n{text}return {{{', '.join(names)}}};\n}})();"

    def _given(self, path: str, found: re.Match[str]) -> str:
        """An import within the joined file."""
        target = _target(path, found["path"])
        return _taking(found, _variable(target)) if target.startswith(_OURS) else ""

    def _taken(self, path: str, found: re.Match[str]) -> str:
        """An import of a module that is loaded later."""
        target = _target(path, found["path"])
        return _taking(found, f"modules['{target}']") if target in self.done else found[0]


def _taking(found: re.Match[str], module: str) -> str:
    if found["all"]:
        return f"const {found['all']} = {module};\n"
    return f"const {{{found['names']}}} = {module};\n" if found["names"] else ""


def _target(path: str, imported: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), imported))


def _relative(path: str, target: str) -> str:
    found = posixpath.relpath(target, posixpath.dirname(path))
    return found if found.startswith(".") else f"./{found}"


def _variable(path: str) -> str:
    return "$" + re.sub(r"\W", "_", path.removeprefix(_OURS).removesuffix(".js"))
