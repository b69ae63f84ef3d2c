"""What a narrator may propose beyond wording a turn: a closed set, bounded in number and size.

The rules accept or drop each proposal on its own (`engine.world.growth`); what is accepted is
fact from then on and is kept with the turn, so that a replay needs no model.
"""

from typing import Annotated, Final, Literal

from pydantic import Field

from app.models.base import Model
from app.models.vocabulary import Biome, ChoiceKind, ChoiceRisk

MAX_NAME: Final = 40
MAX_SENTENCE: Final = 160

Name = Annotated[str, Field(min_length=2, max_length=MAX_NAME)]
Sentence = Annotated[str, Field(min_length=2, max_length=MAX_SENTENCE)]


class ProposedFact(Model):
    """A plain sentence that is true from now on."""

    text: Sentence
    about: Annotated[str, Field(max_length=64)] = ""
    """A target of the brief, or empty: the present place."""


class ProposedProp(Model):
    """A thing that stands in the present place."""

    name: Name
    looks: Annotated[str, Field(max_length=MAX_NAME)] = ""
    """The kind of thing it resembles, for the painter: one of the brief's `looks`."""
    text: Sentence
    """What one notices of it."""
    portable: bool = False
    """Whether it can be picked up."""


class ProposedPerson(Model):
    """Somebody who is in the present place."""

    name: Name
    text: Sentence
    manner: Literal["friendly", "wary", "hostile"]


class ProposedPlace(Model):
    """A neighbouring place, with the way that leads there."""

    name: Name
    biome: Biome
    indoor: bool = False
    way: Sentence
    """The choice that leads there: `Follow the ditch to the pump house`."""
    text: Sentence
    """What one sees on first coming there."""


class ProposedEffect(Model):
    """What a custom action may have changed, within the outcome that the rules resolved."""

    kind: Literal["health", "gain", "lose", "injury", "heal", "prop", "flag"]
    target: Annotated[str, Field(max_length=64)] = ""
    """What it is about: a target of the brief, or a new thing's name for `gain`."""
    amount: Annotated[int, Field(ge=-15, le=10)] = 0
    """Of `health` only."""
    text: Annotated[str, Field(max_length=MAX_SENTENCE)] = ""


class ProposedChoice(Model):
    """A narrator's own idea for one of the four choices."""

    text: Annotated[str, Field(min_length=4, max_length=90)]
    kind: ChoiceKind
    risk: ChoiceRisk
    target: Annotated[str, Field(max_length=64)]
    """A target of the brief: an own choice is bound to something in the facts."""


class Proposals(Model):
    """All that one telling proposes."""

    facts: Annotated[tuple[ProposedFact, ...], Field(max_length=2)] = ()
    props: Annotated[tuple[ProposedProp, ...], Field(max_length=2)] = ()
    people: Annotated[tuple[ProposedPerson, ...], Field(max_length=1)] = ()
    places: Annotated[tuple[ProposedPlace, ...], Field(max_length=1)] = ()
    threads: Annotated[tuple[Sentence, ...], Field(max_length=1)] = ()
    closes: Annotated[tuple[Sentence, ...], Field(max_length=1)] = ()
    """Threads of the brief that this turn has settled, word for word."""
    effects: Annotated[tuple[ProposedEffect, ...], Field(max_length=2)] = ()
    """Of a custom action only."""
    choices: Annotated[tuple[ProposedChoice, ...], Field(max_length=2)] = ()

    def __bool__(self) -> bool:
        return any(getattr(self, name) for name in type(self).model_fields)
