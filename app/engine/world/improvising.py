"""A narrator's own idea, once the player takes it up: an attempt with the risk that it said."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from app.engine.world.deeds import Deed
from app.engine.world.draft import Draft
from app.engine.world.prose import Page
from app.engine.world.trying import try_out
from app.engine.world.vocabulary import KIND_VERBS
from app.models.vocabulary import ActionKind, ChoiceRisk, Fate
from app.models.world import Offer

RISKS: Final[Mapping[ChoiceRisk, int]] = MappingProxyType({"low": 0, "medium": 1, "high": 2})


@dataclass(frozen=True, slots=True)
class OwnIdea:
    """What is to be tried, and how dangerous that is."""

    action: str
    text: str
    kind: ActionKind
    risk: int


def own_idea(offer: Offer) -> OwnIdea | None:
    """None for a choice that the world itself made."""
    if offer.own is None:
        return None
    kind: ActionKind = next((one for one in KIND_VERBS if one == offer.own), "use")
    choice = offer.choice
    return OwnIdea(action=offer.action, text=choice.text, kind=kind, risk=RISKS[choice.risk])


def improvise(draft: Draft, page: Page, idea: OwnIdea, fate: Fate) -> Deed:
    return try_out(draft, page, idea.text, idea.kind, fate, risk=idea.risk)
