"""What cannot be chosen yet, shown all the same: it teaches a goal."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from app.engine.world.compiled import Lock, Want
from app.engine.world.conditions import Condition
from app.engine.world.draft import Draft
from app.engine.world.pack import Pack
from app.engine.world.words import definite, listing
from app.models.session import LockedChoice

_AUTHORED: Final = re.compile(r"^(?P<text>.*\S)\s*\((?P<needs>[^()]+)\)$")
_UNKNOWN: Final = "something that you do not know yet"
Compile = Callable[[Mapping[str, Any]], Condition]


def compile_lock(
    label: str | None, needs: Mapping[str, Any], pack: Pack, compile_: Compile
) -> Lock | None:
    """`label` may end in brackets: what is missing, to follow upon "you need"."""
    if label is None or not needs:
        return None
    wanted = {key: value for key, value in needs.items() if can_be_got(key, value)}
    firm = {key: value for key, value in needs.items() if key not in wanted}
    authored = _AUTHORED.match(label)
    return Lock(
        text=authored["text"] if authored else label,
        needs=authored["needs"] if authored else "",
        firm=compile_(firm),
        wants=tuple(
            Want(compile_({key: value}), _words(key, value, pack)) for key, value in wanted.items()
        ),
    )


def can_be_got(key: str, value: object) -> bool:
    """Whether a condition is of the kind that a player can set out to fulfil."""
    return key == "any" or value is True or (isinstance(value, str) and value.startswith(">="))


def _words(key: str, value: object, pack: Pack) -> str:
    kind, _, name = key.partition(".")
    if kind == "item" and name in pack.items:
        return definite(pack.items[name].name)
    if key in pack.qualities:
        quality = pack.qualities[key]
        said = quality.thresholds.get(str(value), "").partition(":")[0]
        return said or f"{quality.label.lower()} {str(value).removeprefix('>=')}"
    return ""


def locked(draft: Draft) -> tuple[LockedChoice, ...]:
    """At most one, and rather one that leads to an ending; none before somebody who is here."""
    if draft.facts.get("agent_here"):
        return ()
    carried = (one for item in draft.items for one in draft.world.carried[item])
    found = [
        (action.goal, action.lock)
        for action in (*draft.setting.actions, *carried)
        if action.lock is not None
        and draft.cooldowns.get(action.id, 0) <= draft.turn + 1
        and teaches(draft, action.lock)
    ]
    if not found:
        return ()
    best = [lock for goal, lock in found if goal] or [lock for _, lock in found]
    lock = best[0] if len(best) == 1 else draft.random("locked").choice(best)
    return (LockedChoice(text=lock.text, needs=missing(draft, lock)),)


def teaches(draft: Draft, lock: Lock) -> bool:
    return lock.firm.holds(draft.facts) and not all(
        want.holds.holds(draft.facts) for want in lock.wants
    )


def missing(draft: Draft, lock: Lock) -> str:
    """What has to be got first: in the author's words, else by name."""
    if lock.needs:
        return lock.needs
    names = [want.words for want in lock.wants if want.words and not want.holds.holds(draft.facts)]
    return listing(names) or _UNKNOWN
