"""Plays what a player's own words come to when they are no choice of the pack."""

from dataclasses import replace
from typing import Final

from app.engine import rules
from app.engine.world import agents
from app.engine.world.compiled import Action
from app.engine.world.deeds import Deed, roll
from app.engine.world.doing import do
from app.engine.world.draft import Draft
from app.engine.world.free_text import Reading, Verdict, read
from app.engine.world.locks import missing, teaches
from app.engine.world.prose import AGAIN, Page, Rank
from app.engine.world.slots import ABSENT, ABSENT_TOO, NEVER, NONE, REFUSE, TRY, TRY_KIND, WAIT
from app.engine.world.telling import LOOKED, free_of_charge, tell
from app.engine.world.vocabulary import ARTICLES, VERBS, key
from app.engine.world.words import definite, is_plural, listing, told_back
from app.models.vocabulary import ActionKind, Fate

_HURT = 6
_RISKY: Final = frozenset[ActionKind](["fight", "flee"])
_LOUD: Final = 1


def attempt(draft: Draft, page: Page, words: str, fate: Fate) -> tuple[Deed, str]:
    """Resolve a player's own words; returns the deed and the id by which it is remembered."""
    reading = read(draft, words)
    if reading.action is not None and reading.verdict == "action":
        return do(draft, page, reading.action, fate), reading.action.id
    if reading.verdict == "try" and reading.kind is not None:
        return try_out(draft, page, reading.words, reading.kind, fate), f"try:{reading.kind}"
    deed = Deed(kind="rest", tier="ok", fateless="ok")
    if reading.verdict == "told" and reading.about is not None:
        tell(draft, page, reading.about)
        if free_of_charge(draft):
            deed.handled.update(draft.world.bodies)
        return replace(deed, kind="investigate"), LOOKED
    _refuse(draft, page, reading)
    return deed, f"try:{reading.verdict}"


def _refuse(draft: Draft, page: Page, reading: Reading) -> None:
    """Said honestly, and at the price of a moment."""
    if reading.verdict == "closed" and reading.action is not None and reading.action.way:
        text = reading.action.way.closed_text or "That way is closed now."
        page.put(Rank.CONSEQUENCE, text)
        return
    if reading.verdict == "locked" and reading.action is not None:
        _locked(draft, page, reading.action)
        return
    if reading.verdict == "absent":
        _not_here(draft, page, reading.noun)
        return
    _decline(page, reading.verdict)


def _decline(page: Page, verdict: Verdict) -> None:
    slot, plain = {
        "never": (NEVER, "You want it badly enough; your body, which knows better, stays here."),
        "wait": (WAIT, "You wait. Nothing thanks you for it."),
        "refuse": (REFUSE, "You do not do that. You stand, and let the moment go by."),
    }.get(verdict, (NONE, "Nothing here answers to that, and finding out takes a minute."))
    if not page.line(Rank.CONSEQUENCE, slot, again=AGAIN, keep=True):
        page.put(Rank.CONSEQUENCE, plain)


def _locked(draft: Draft, page: Page, action: Action) -> None:
    """Why what is meant cannot be done, as far as the player may know."""
    if action.lock is not None and teaches(draft, action.lock):
        page.put(Rank.CONSEQUENCE, f"Not yet: {missing(draft, action.lock)}.")
        return
    items = draft.world.pack.items
    wanted = [
        definite(item.name)
        for name, item in items.items()
        if f"item.{name}" in action.needs.keys and name not in draft.items
    ]
    if wanted and not action.needs.holds(draft.facts):
        page.put(Rank.CONSEQUENCE, f"For that you would need {listing(wanted)}.")
    elif action.needs.holds(draft.facts) and not action.once:
        page.put(Rank.CONSEQUENCE, "You have only just tried that. Give it a minute.")
    elif action.id in draft.cooldowns:
        page.put(Rank.CONSEQUENCE, "What there was to do there has been done.")
    else:
        _decline(page, "none")


def _not_here(draft: Draft, page: Page, noun: str) -> None:
    draft.change_quality("heat", _LOUD)
    said = page.pick(draft.setting.lines.get(ABSENT, ()), "line:absent", again=AGAIN)
    if said is not None:
        page.tell(Rank.CONSEQUENCE, said, keep=True, noun=noun)
        return
    be = "are" if is_plural(noun) else "is"
    page.put(Rank.CONSEQUENCE, f"There {be} no {noun} here to do that to.")
    page.line(Rank.CONSEQUENCE, ABSENT_TOO)


def try_out(
    draft: Draft,
    page: Page,
    words: str,
    kind: ActionKind,
    fate: Fate,
    *,
    risk: int | None = None,
) -> Deed:
    """A true attempt: told back in the player's words, with real costs."""
    if risk is None:
        risk = 2 if kind in _RISKY else 1
    tier, fateless = roll(draft, f"try:{words.casefold()}", risk, fate)
    done = Deed(kind=kind, tier=tier, fateless=fateless, open=True)
    draft.facts["tier"], draft.facts["kind"] = tier, kind
    draft.noise = rules.noise_of(kind, tier)
    page.put(Rank.CONSEQUENCE, _as_done(words))
    draft.change_quality("heat", {"ok": 0, "mixed": 1, "bad": 2}[tier])
    if not page.line(Rank.CONSEQUENCE, TRY_KIND[kind, tier], keep=True):
        page.line(Rank.CONSEQUENCE, TRY[tier], again=AGAIN, keep=True)
    if tier == "bad":
        draft.change_health(-_HURT)
    _before_somebody(draft, page, done)
    return done


def _as_done(words: str) -> str:
    """`You kick the door.` What does not begin with something done is put at arm's length."""
    said = told_back(words)
    first, _, rest = said.partition(" ")
    done = (
        first == "are"
        or key(first) in VERBS
        or first.endswith("ly")
        or rest.partition(" ")[0] in ARTICLES
    )
    if not said:
        return "You try."
    return f"You {said}." if done or not rest else f"You try it: {said}."


def _before_somebody(draft: Draft, page: Page, done: Deed) -> None:
    """What is tried in front of an agent either holds it off, or does not."""
    for body in draft.world.bodies.values():
        if draft.agents[body.id].state != "here":
            continue
        if done.kind in ("fight", "flee", "trick", "talk", "hide", "use") and done.tier != "bad":
            done.handled.add(body.id)
            if done.tier == "ok":
                agents.escape(draft, body)
                page.tell_one(Rank.EVENT, body.lines["lost"], f"lost:{body.id}", keep=True)
            else:
                agents.back_off(draft, body)
