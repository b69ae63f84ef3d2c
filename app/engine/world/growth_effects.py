"""What a deed without a written outcome changed, within what the rules resolved.

Going well may bring a small thing or a little health; going badly may cost. Nobody dies of it and
nobody wins by it; what the pack wrote is never moved.
"""

import re
from collections.abc import Callable, Iterable
from typing import Final

from app.engine.world.additions import add_item
from app.engine.world.draft import Draft
from app.engine.world.grown_parts import nouns_of
from app.engine.world.growth_text import name_of, plain
from app.engine.world.kit import KIT, look_of
from app.engine.world.phrases import unheard_of
from app.engine.world.resolution import Resolution
from app.engine.world.vocabulary import all_keys, keys
from app.engine.world.words import bare, definite
from app.models.proposals import ProposedEffect
from app.models.vocabulary import Tier
from app.models.world import Injury

_MOST_HEALED, _MOST_LOST, _MOST_LOST_BADLY = 6, 6, 10
_ALIVE: Final = 5
"""Health below which no proposal brings anybody."""
_INJURIES: Final = 4
_FLAGS: Final = 16
_STATES: Final = 4
_LONGEST_INJURY, _LONGEST_STATE = 40, 20
_PREFIX: Final = "own_"
_PARTS: Final = ("hand", "arm", "leg", "ankle", "knee", "foot", "head", "shoulder", "back", "eye")
_STATE: Final = re.compile(r"^[a-z]+(?: [a-z]+)?$")
_SLUG: Final = re.compile(r"[^a-z0-9]+")
_WHOLE: Final = 160
_Allowed = Callable[[str], bool]


def take_effects(
    draft: Draft,
    resolution: Resolution,
    proposed: Iterable[ProposedEffect],
    items: int,
    may_be_named: _Allowed,
) -> tuple[ProposedEffect, ...]:
    """Those that the rules allow, made so. `items`: how many things a game may bring forth."""
    tier, deed = resolution.tier, resolution.improvised
    if tier is None or deed is None:
        return ()
    taking = _Effects(draft, tier, deed, items, may_be_named)
    found: list[ProposedEffect] = []
    for effect in proposed:
        alike = any(one.kind == effect.kind for one in found)
        accepted = None if alike else taking.take(effect)
        if accepted is not None:
            found.append(accepted)
    return tuple(found)


class _Effects:
    """The effects of one deed."""

    def __init__(
        self, draft: Draft, tier: Tier, deed: str, items: int, may_be_named: _Allowed
    ) -> None:
        self.draft = draft
        self.tier = tier
        self.deed = deed
        self.items = items
        self.may_be_named = may_be_named

    def take(self, effect: ProposedEffect) -> ProposedEffect | None:
        match effect.kind:
            case "health":
                return self._health(effect)
            case "gain":
                return self._gain(effect)
            case "lose":
                return self._lose(effect)
            case "injury":
                return self._injury(effect)
            case "heal":
                return self._heal(effect)
            case "prop":
                return self._prop(effect)
            case "flag":
                return self._flag(effect)

    def _health(self, effect: ProposedEffect) -> ProposedEffect | None:
        most = {"ok": 0, "mixed": _MOST_LOST, "bad": _MOST_LOST_BADLY}[self.tier]
        by = min(effect.amount, _MOST_HEALED if self.tier == "ok" else 0)
        by = max(by, -most, min(0, _ALIVE - self.draft.health))
        if by == 0:
            return None
        self.draft.change_health(by)
        return ProposedEffect(kind="health", amount=by)

    def _gain(self, effect: ProposedEffect) -> ProposedEffect | None:
        """Something small: what lies here to be taken, or what nobody had thought of yet."""
        draft = self.draft
        if self.tier == "bad":
            return None
        lying = draft.world.grown_props.get(effect.target.removeprefix("prop:"))
        if lying is not None:
            if not lying.portable or lying.place != draft.place:
                return None
            draft.gain(lying.id)
            return ProposedEffect(kind="gain", target=f"prop:{lying.id}")
        name = name_of(effect.target, proper=False)
        if name is None or not self._is_small(name) or len(draft.grown.items) >= self.items:
            return None
        grown, item = add_item(draft.grown, f"a {name}" if _is_one(name) else name)
        draft.regrow(grown)
        draft.gain(item)
        return ProposedEffect(kind="gain", target=name)

    def _is_small(self, name: str) -> bool:
        """What fits into a pocket, is nobody's weapon, and is not of the pack."""
        draft = self.draft
        look = KIT.looks.get(look_of("", name))
        large = look is not None and not look.indoor
        head = all_keys(nouns_of(name)[:1])
        known = frozenset().union(*draft.world.item_nouns.values())
        return (
            not large
            and unheard_of(name) is None
            and self.may_be_named(name)
            and head.isdisjoint(known)
        )

    def _lose(self, effect: ProposedEffect) -> ProposedEffect | None:
        """Only what is carried; and if all went well, only what the deed itself was about."""
        draft = self.draft
        item = effect.target.removeprefix("item:")
        if item not in draft.items:
            return None
        if self.tier == "ok" and keys(self.deed).isdisjoint(draft.world.item_nouns[item]):
            return None
        draft.lose(item)
        return ProposedEffect(kind="lose", target=f"item:{item}")

    def _injury(self, effect: ProposedEffect) -> ProposedEffect | None:
        draft = self.draft
        text = plain((effect.text or effect.target).strip(" ."), _LONGEST_INJURY)
        if self.tier == "ok" or text is None or not self.may_be_named(text):
            return None
        if len(draft.injuries) >= _INJURIES or any(one.text == text for one in draft.injuries):
            return None
        text = text[0].lower() + text[1:]
        part = next((one for one in _PARTS if one in text.split()), "")
        draft.hurt(Injury(id=f"{_PREFIX}{draft.turn}", part=part, text=text))
        return ProposedEffect(kind="injury", text=text)

    def _heal(self, effect: ProposedEffect) -> ProposedEffect | None:
        draft = self.draft
        wanted = (effect.text or effect.target).casefold()
        hurt = next(
            (one for one in draft.injuries if wanted in (one.id, one.text.casefold(), "")), None
        )
        if self.tier != "ok" or hurt is None:
            return None
        draft.heal(hurt.id)
        return ProposedEffect(kind="heal", target=hurt.id)

    def _prop(self, effect: ProposedEffect) -> ProposedEffect | None:
        """Only a thing that this session added: the pack's own are moved by its outcomes."""
        draft = self.draft
        prop = draft.world.grown_props.get(effect.target.removeprefix("prop:"))
        state = effect.text.strip(" .").casefold()
        if prop is None or prop.place != draft.place or len(state) > _LONGEST_STATE:
            return None
        if not _STATE.match(state) or not self.may_be_named(state):
            return None
        name = state.replace(" ", "_")
        if (draft.props.get(prop.id) or prop.states[0]) == name:
            return None
        if name not in prop.states:
            if len(prop.states) >= _STATES:
                return None
            changed = prop.model_copy(update={"states": (*prop.states, name)})
            props = tuple(changed if one.id == prop.id else one for one in draft.grown.props)
            draft.regrow(draft.grown.model_copy(update={"props": props}))
        draft.set_prop(prop.id, name)
        return ProposedEffect(kind="prop", target=f"prop:{prop.id}", text=state)

    def _flag(self, effect: ProposedEffect) -> ProposedEffect | None:
        draft = self.draft
        slug = _SLUG.sub("_", effect.target.removeprefix("flag:").casefold()).strip("_")
        slug = slug.removeprefix(_PREFIX)[:32].strip("_")
        own = [name for name in draft.flags if name.startswith(_PREFIX)]
        if not slug or len(own) >= _FLAGS or f"{_PREFIX}{slug}" in draft.flags:
            return None
        draft.set_flag(f"{_PREFIX}{slug}", True)  # noqa: FBT003 (the value of a flag)
        return ProposedEffect(kind="flag", target=slug)


def _is_one(name: str) -> bool:
    return bare(name) == name and not name[:1].isupper() and definite(name) != name
