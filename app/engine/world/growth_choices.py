"""A narrator's own ideas for choices: bound to something in the facts, and told apart.

An idea that comes to something the world knows is that, with the risk that the rules give it; any
other is an attempt. Own ideas take the places of what appeals least; a safe choice stays.
"""

import re
from collections.abc import Callable, Iterable
from typing import Final

from app.engine import rules
from app.engine.world.briefing import targets_of
from app.engine.world.choices import is_answer
from app.engine.world.deeds import risk_of
from app.engine.world.draft import Draft
from app.engine.world.free_text import read
from app.engine.world.growth_text import plain
from app.engine.world.improvising import RISKS
from app.engine.world.vocabulary import keys
from app.models.proposals import ProposedChoice
from app.models.session import Choice
from app.models.vocabulary import ActionKind, ChoiceRisk
from app.models.world import Offer

_LONGEST: Final = 90
_FEWEST_WORDS: Final = 2
_ALIKE: Final = 0.6
_TWO: Final = 2
_FEWEST: Final = 3
_FILLER: Final = re.compile(
    r"^(?:look around(?: you)?|continue\b.*|go on|carry on|keep going|move on|proceed|wait\b.*|"
    r"do (?:nothing|something)\b.*|explore(?: (?:the )?(?:area|surroundings|place))?|think\b.*)$",
    re.IGNORECASE,
)
_BEFORE_SOMEBODY: Final = frozenset[ActionKind](["fight", "flee", "trick", "talk", "hide", "use"])
_LOW: Final[ChoiceRisk] = "low"


def take_choices(
    draft: Draft,
    proposed: Iterable[ProposedChoice],
    worded: tuple[Choice, ...],
    added: dict[str, str],
    is_sayable: Callable[[str], bool],
) -> tuple[tuple[ProposedChoice, ...], tuple[Offer, ...], tuple[Choice, ...]]:
    """The ideas that are taken, what is offered now, and the same as choices in order.

    `worded` are the offered choices in the narrator's words; `added` the names of what was
    proposed in the same telling, which an idea may be about too.
    """
    ideas = tuple(proposed)
    # A slot that already says what an idea says holds that very idea: a turn played again.
    said = {idea.text.casefold() for idea in ideas}
    by_id = {one.id: one for one in worded if one.text.casefold() not in said}
    offers = [
        Offer(**{**dict(one), "choice": by_id.get(one.choice.id, one.choice)})
        for one in draft.before.offers
    ]
    taking = _Choices(draft, offers, added, is_sayable)
    taken = tuple(one for idea in ideas if (one := taking.take(idea)))
    final = tuple(taking.offers)
    return taken, final, tuple(one.choice for one in final)


class _Choices:
    """The choices of one turn, some of which make room."""

    def __init__(
        self,
        draft: Draft,
        offers: list[Offer],
        added: dict[str, str],
        is_sayable: Callable[[str], bool],
    ) -> None:
        self.draft = draft
        self.offers = offers
        self.built_in = [one.choice.text for one in draft.before.offers]
        self.targets = {target.id: target.name for target in targets_of(draft)}
        self.added = added
        self.is_sayable = is_sayable
        self.own: set[int] = set()
        """The slots that hold own ideas already."""

    def take(self, idea: ProposedChoice) -> ProposedChoice | None:
        text = self._text(idea.text)
        target = self._target(idea.target)
        if text is None or target is None or len(self.offers) < _FEWEST:
            return None
        if target != "here" and keys(text).isdisjoint(keys(self.targets[target])):
            return None
        made = self._offer(text, idea, target)
        if made is None or not self._is_new(text, made):
            return None
        slot = self._slot(made.choice.risk)
        if slot is None:
            return None
        choice = made.choice.model_copy(update={"id": self.offers[slot].choice.id})
        self.offers[slot] = Offer(**{**dict(made), "choice": choice})
        self.own.add(slot)
        return ProposedChoice(text=text, kind=idea.kind, risk=idea.risk, target=idea.target)

    def _text(self, text: str) -> str | None:
        said = plain(text.strip(" ."), _LONGEST)
        if said is None or len(said.split()) < _FEWEST_WORDS or not said[0].isalpha():
            return None
        if _FILLER.match(said) or not self.is_sayable(said):
            return None
        return said[0].upper() + said[1:]

    def _target(self, wanted: str) -> str | None:
        if wanted in self.targets:
            return wanted
        name = wanted.casefold().removeprefix("the ").removeprefix("a ")
        target = self.added.get(name)
        return target if target in self.targets else None

    def _offer(self, text: str, idea: ProposedChoice, target: str) -> Offer | None:
        """What choosing it would be, with the risk that the rules would give it."""
        reading = read(self.draft, text)
        if reading.verdict == "action" and reading.action is not None:
            action = reading.action
            if target != "here" and action.target != target.partition(":")[2]:
                return None
            risk = rules.choice_risk(risk_of(self.draft, action))
            choice = Choice(id="own", text=text, kind=idea.kind, risk=risk)
            return Offer(choice=choice, action=action.id, target=action.target)
        if reading.verdict not in ("try", "none"):
            # It is closed, locked, not here, impossible, or no deed at all.
            return None
        kind = reading.kind or _kind_of(idea)
        if "move" in (kind, idea.kind):
            # It would lead nowhere: ways are places' own.
            return None
        choice = Choice(id="own", text=text, kind=idea.kind, risk=self._risk(idea.risk, kind))
        return Offer(choice=choice, action=f"own:{kind}:{target}", target=target, own=kind)

    def _risk(self, wanted: ChoiceRisk, kind: ActionKind) -> ChoiceRisk:
        """Nobody is met, and nobody fought, without a risk."""
        threatened = bool(self.draft.facts.get("agent_here")) and kind in _BEFORE_SOMEBODY
        if RISKS[wanted] == 0 and (threatened or kind in ("fight", "flee")):
            return "medium"
        return wanted

    def _is_new(self, text: str, made: Offer) -> bool:
        mine = keys(text)
        for offer, built_in in zip(self.offers, self.built_in, strict=True):
            if offer.action == made.action:
                return False
            for other in (offer.choice.text, built_in):
                theirs = keys(other)
                if len(mine & theirs) > _ALIKE * max(1, len(mine | theirs)):
                    return False
        return True

    def _slot(self, risk: ChoiceRisk) -> int | None:
        """The offer that appeals least and can be spared."""
        actions = self.draft.world.actions
        threatened = bool(self.draft.facts.get("agent_here"))
        answers = sum(is_answer(actions.get(one.action)) for one in self.offers)
        safe = sum(one.choice.risk == _LOW for one in self.offers)
        for slot in reversed(range(1, len(self.offers))):
            offer, action = self.offers[slot], actions.get(self.offers[slot].action)
            last_safe = offer.choice.risk == _LOW and safe == 1 and risk != _LOW
            needed = threatened and is_answer(action) and answers <= _TWO
            if slot in self.own or last_safe or needed or (action is not None and action.goal):
                continue
            return slot
        return None


def _kind_of(idea: ProposedChoice) -> ActionKind:
    """What an idea with a verb that nobody knows comes to."""
    kinds: dict[str, ActionKind] = {
        "bold": "fight",
        "clever": "trick",
        "weird": "talk",
        "careful": "investigate",
        "investigate": "investigate",
        "item": "use",
    }
    return kinds.get(idea.kind, "use")
