"""The prompt of one turn: what never changes first, then the facts, and the player's words last.

The texts are the Markdown files in `prompts/`. Every part has a share of characters, so that a
prompt is as long on turn 500 as on turn 5.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from string import Template
from types import MappingProxyType
from typing import Any, Final

from app.engine.providers.openai_compatible.plain import newest, shortened, uncontrolled
from app.models.narration import Brief, Grounding, Voice

Message = Mapping[str, str]

MAX_PROMPT: Final = 16_000
"""Characters of system and turn together, without example and form: about 4,000 tokens. A usual
prompt has half of it."""

_TEMPLATES: Final = ("system", "shape", "turn", "repair", "proposals", "effects")
_FENCE: Final = re.compile(r"[<>]{2,}")
"""Runs of brackets: without them no text can close the fence round the player's words."""

_FACTS, _FACT = 2400, 240
_THREADS, _THREAD = 600, 160
_DISPATCHES, _DISPATCH = 1300, 600
_SUMMARY, _SAMPLE, _ACTION, _ACCOUNT, _OUTCOME = 700, 400, 600, 900, 1200
_TARGETS, _LOOKS = 900, 600
_STYLE, _BANNED, _SHORT = 1200, 500, 300
_BAD_ANSWER, _PROBLEMS = 3000, 800


_ADDED: Final = MappingProxyType(
    {
        "facts": "two facts",
        "props": "two props",
        "people": "one person",
        "places": "one neighbouring place",
        "threads": "one thread that this opens",
    }
)
"""What may be proposed, by the fields of `Proposals`; a dispatch leads nowhere new without
`places`."""


@dataclass(frozen=True, slots=True)
class Prompts:
    """The files, read once."""

    example: tuple[Message, Message]
    """A turn of another story and its answer: a small model learns more from it than from rules,
    and with it what never changes is long enough for a server to cache."""
    system: Template
    shape: Template
    turn: Template
    repair: Template
    proposals: Template
    effects: Template

    @classmethod
    def load(cls) -> "Prompts":
        folder = files(__package__).joinpath("prompts")

        def text(name: str) -> str:
            return folder.joinpath(name).read_text("utf-8").strip()

        example = (
            {"role": "user", "content": text("example_turn.md")},
            {"role": "assistant", "content": text("example_answer.json")},
        )
        return cls(example, *(Template(text(f"{name}.md") + "\n") for name in _TEMPLATES))

    @property
    def example_words(self) -> str:
        """All that the example's answer says."""
        return self.example[1]["content"]

    def messages(
        self, brief: Brief, grounding: Grounding, schema: Mapping[str, Any] | None
    ) -> list[Message]:
        """The messages of one turn. `schema` where the server cannot be relied on to hold to
        it: then the form is part of the prompt."""
        system = self._system(grounding.voice)
        if schema is not None:
            system += "\n" + self.shape.substitute(schema=json.dumps(schema, ensure_ascii=False))
        return [
            {"role": "system", "content": system},
            *self.example,
            {"role": "user", "content": self._turn(brief, grounding)},
        ]

    def repairing(self, bad: str, problems: Sequence[str]) -> list[Message]:
        """The messages to add when an answer is to be given again."""
        said = "\n".join(f"- {problem}" for problem in problems)
        return [
            {"role": "assistant", "content": uncontrolled(bad)[:_BAD_ANSWER] or "{}"},
            {"role": "user", "content": self.repair.substitute(problems=said[:_PROBLEMS])},
        ]

    def _system(self, voice: Voice) -> str:
        fewest, most = voice.words
        return self.system.substitute(
            title=_told(voice.title, _SHORT),
            year=voice.year,
            role=_told(voice.role, _SHORT),
            goal=_told(voice.goal, _SHORT),
            language=_told(voice.language, 40),
            person=voice.person,
            tense=voice.tense,
            rating=_told(voice.rating, 80),
            style=_told(voice.style, _STYLE),
            banned=_told(", ".join(voice.banned_words), _BANNED) or "none",
            fewest=fewest,
            most=most,
        )

    def _turn(self, brief: Brief, grounding: Grounding) -> str:
        return self.turn.substitute(
            place=_told(grounding.place, 80),
            sample=_told(grounding.sample, _SAMPLE),
            facts=_list(_here_and_newest(grounding.facts)),
            threads=_list(newest(_each(grounding.threads, _THREAD), _THREADS)),
            summary=_tail(brief.summary, _SUMMARY) or "It begins.",
            dispatches="\n\n".join(newest(_each(brief.last_dispatches, _DISPATCH), _DISPATCHES))
            or "None yet.",
            action=_action(brief),
            outcome=_list(newest(_each(brief.outcome, _FACT), _OUTCOME)),
            account=_told(brief.wording.dispatch, _ACCOUNT),
            state=_state(brief, grounding),
            choices=_choices(brief),
            wanted=self._wanted(brief, grounding),
        )

    def _wanted(self, brief: Brief, grounding: Grounding) -> str:
        if brief.ending is not None:
            return ""
        said = []
        if grounding.grows:
            looks = _told(", ".join(grounding.looks), _LOOKS)
            said.append(
                self.proposals.substitute(
                    kinds=_room(grounding.wanted),
                    looks=f'"looks" is one of: {looks}.' if looks else "",
                )
            )
        if brief.is_custom_action:
            said.append(self.effects.substitute())
        if said:
            named = [f"{target.id} ({_told(target.name, 60)})" for target in grounding.targets]
            said.append(f"Targets: {_told(', '.join(named), _TARGETS)}.")
        return "\n".join(said)


def _room(wanted: tuple[str, ...]) -> str:
    """What may be added, as far as there is room for it."""
    return ", ".join(said for kind, said in _ADDED.items() if not wanted or kind in wanted)


def _action(brief: Brief) -> str:
    if brief.action is None:
        return "Nothing yet: this is the first dispatch, and the story opens with it."
    return f"<<<PLAYER\n{_told(brief.action, _ACTION)}\nPLAYER>>>"


def _state(brief: Brief, grounding: Grounding) -> str:
    """What of the outcome bears no misreading."""
    ending = brief.ending
    said = "" if grounding.alive else "The player is dead. "
    if ending is not None:
        said += (
            f"The story ends here, for good ({ending.tone}): {_told(ending.title, 80)}. "
            f"{_told(ending.text, _ACCOUNT)} Tell this end. Leave nothing to be done or hoped for."
        )
    elif grounding.alive:
        said += "The player is alive, and the story goes on."
    return said


def _choices(brief: Brief) -> str:
    if not brief.choices:
        return 'None: "choices" is an empty list.'
    return "\n".join(
        f"- slot {choice.id} ({choice.kind}, {choice.risk} risk): {_told(choice.text, 120)}"
        for choice in brief.choices
    )


def _told(text: str, length: int) -> str:
    """A text as it may stand in a prompt."""
    return shortened(_FENCE.sub("", uncontrolled(text)), length).strip()


def _tail(text: str, length: int) -> str:
    """The newest of a running text, from the beginning of a sentence."""
    text = _told(text, len(text) + 1)
    if len(text) <= length:
        return text
    _, found, rest = text[-length:].partition(". ")
    return rest if found else text[-length:]


def _each(texts: Iterable[str], length: int) -> tuple[str, ...]:
    return tuple(_told(text, length) for text in texts)


def _here_and_newest(facts: Sequence[str]) -> list[str]:
    """What is here and now comes first and what was learnt last comes last: the middle goes."""
    said = _each(facts, _FACT)
    first: list[str] = []
    left = _FACTS * 2 // 3
    for fact in said:
        if len(fact) > left:
            break
        left -= len(fact)
        first.append(fact)
    return first + newest(said[len(first) :], left + _FACTS // 3)


def _list(texts: Sequence[str]) -> str:
    return "\n".join(f"- {text}" for text in texts) or "- nothing"
