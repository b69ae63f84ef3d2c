"""What ships for worlds that grow: words and deeds for things that nobody wrote beforehand.

A thing, a person or a place that a session adds to its world is made of these by `overlay`; a
world that grows of itself draws neighbours from here too (`furnish`). Read once, never changed.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Final

import yaml
from pydantic import Field

from app.engine.world.grammar import be, is_plural
from app.engine.world.pack import Effects, Id, PackModel, Texts
from app.engine.world.words import definite, upper_first
from app.models.vocabulary import ActionKind, Biome

BASE: Final = Path(__file__).with_name("base")


class KitDeed(PackModel):
    """Something that can be done with any thing of a kind. `{x}` in a text is the thing."""

    verbs: Texts
    kind: ActionKind
    risk: Annotated[int, Field(ge=0, le=3)] = 0
    label: Texts
    ok: Texts
    mixed: list[str] = []
    bad: list[str] = []
    fx: Effects = {}
    fx_mixed: Effects = {}
    fx_bad: Effects = {}
    finds: bool = False
    """Whether going well may yield one of the kit's small finds."""
    cooldown: int = 0
    """0: it can be done once."""


class KitLook(PackModel):
    """A kind of thing: how the painter shows it, and what one does with such things."""

    token: str
    deeds: list[str] = []
    words: list[str] = []
    """Words in a name that mean this kind."""
    far: bool = False
    """Too large to stand close by."""
    indoor: bool = False
    outdoor: bool = True


class KitDeedWords(PackModel):
    """A deed of a kit's thing in words of its own."""

    label: str | None = None
    ok: list[str] = []
    mixed: list[str] = []
    bad: list[str] = []


class KitThing(PackModel):
    """A thing that may stand in places of a world that grows of itself."""

    id: Id
    name: str
    nouns: list[str] = []
    look: str
    text: str
    state: str = ""
    """How it is found, where that is to be seen: a fire that is `cold`."""
    since: int = 0
    portable: bool = False
    deeds: dict[str, KitDeedWords] = {}


class KitPlace(PackModel):
    """A place that a world may grow, in words of its own."""

    id: Id
    name: str
    biome: Biome
    indoor: bool = False
    cover: Annotated[int, Field(ge=0, le=3)] = 1
    danger: Annotated[int, Field(ge=0, le=3)] = 1
    since: int = 0
    way: str
    """The choice that leads there."""
    come: list[str] = []
    """How going there is told."""
    first: Texts
    back: list[str] = []
    observe: list[str] = []
    hide: str = ""
    rest: str = ""
    things: Texts


class KitWords(PackModel):
    """What can be said of any place of a kind."""

    hide: Texts
    rest: Texts
    watch: Texts
    back: Texts
    observe: Texts


class KitPerson(PackModel):
    """Somebody whom a world may grow by itself."""

    name: str
    manner: str
    text: str
    figure: str = "stranger"
    said: list[str] = []


class Kit(PackModel):
    """All of it."""

    looks: dict[str, KitLook]
    deeds: dict[str, KitDeed]
    manners: dict[str, list[str]]
    """What can be done with somebody friendly, or wary."""
    hostile: dict[str, Any]
    """The agent that somebody hostile becomes; `{x}` is who it is."""
    words: dict[str, KitWords]
    """By biome, and by `indoor` and `outdoor` for what a biome has no words for."""
    near: dict[str, list[Biome]]
    """What lies beside what."""
    finds: list[Id]
    """Items that a search may yield, in a pack that has them."""
    people: list[KitPerson]
    places: list[KitPlace]
    things: list[KitThing]

    def words_of(self, biome: str, *, indoor: bool) -> KitWords:
        return self.words.get(biome) or self.words["indoor" if indoor else "outdoor"]

    def place(self, kit_id: str) -> KitPlace | None:
        return next((one for one in self.places if one.id == kit_id), None)

    def thing(self, kit_id: str) -> KitThing | None:
        return next((one for one in self.things if one.id == kit_id), None)


# libyaml reads a large file in a tenth of the time; both loaders make plain data only.
LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _read() -> Kit:
    raw: dict[str, Any] = {}
    for name in ("kit", "places", "things"):
        text = (BASE / f"{name}.yaml").read_text(encoding="utf-8")
        raw |= yaml.load(text, Loader=LOADER)  # noqa: S506 (one of the two safe ones)
    return Kit.model_validate(raw)


KIT: Final = _read()


def worded(text: str, name: str) -> str:
    """A kit's text about a thing: `{x}`, `{X}` its name; `{is}`, `{has}`, `{s}`, `{es}`, `{it}` go
    with it."""
    many = is_plural(name)
    shown = definite(name)
    for mark, put in (
        ("{x}", shown),
        ("{X}", upper_first(shown)),
        ("{is}", be(plural=many)),
        ("{has}", "have" if many else "has"),
        ("{it}", "them" if many else "it"),
        ("{s}", "" if many else "s"),
        ("{es}", "" if many else "es"),
    ):
        text = text.replace(mark, put)
    return text


def filled(value: Any, name: str) -> Any:  # noqa: ANN401 (plain data of any shape)
    """The same data with every text worded for this name."""
    if isinstance(value, str):
        return worded(value, name)
    if isinstance(value, Mapping):
        return {key: filled(inner, name) for key, inner in value.items()}
    if isinstance(value, list):
        return [filled(inner, name) for inner in value]
    return value


def turned(texts: list[str], by: int) -> list[str]:
    """The same texts, another one first: two things of a kind are not told of alike."""
    at = by % len(texts) if texts else 0
    return [*texts[at:], *texts[:at]]


def look_of(wanted: str, name: str) -> str:
    """The look that is meant: by its own name, else by a word of the thing's; empty if none."""
    wanted = wanted.strip().casefold()
    if wanted in KIT.looks:
        return wanted
    for word in _words_of(wanted, name):
        for look, kind in KIT.looks.items():
            if word == look or word in kind.words:
                return look
    return ""


def _words_of(*texts: str) -> Iterator[str]:
    """The last word of a name says what a thing is; the others, of what kind."""
    for text in texts:
        for word in reversed(text.casefold().split()):
            yield word
            if word.endswith("s"):
                yield word[:-1]
