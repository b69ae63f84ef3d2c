"""Before a player's words are read: turns of phrase, questions, clauses, and what is not wanted."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

from app.engine.world.vocabulary import NEGATIONS, tokens

About = Literal["where", "ways", "have", "who", "hurt", "time", "goal"]

_MARKUP = re.compile(
    r"</?(?:b|i|u|s|em|strong|script|style|p|br|div|span|a|img|h\d|code|pre)\b[^<>]*>"
    r"|[*_`~#|<>{}\[\]\\]+",
    re.IGNORECASE,
)
_CLAUSE = re.compile(
    r"[,.;:!?\n\u2026]+|\b(?:but|and|then|so|instead(?! of)|plus|&)\b", re.IGNORECASE
)
_TURNS: Final = tuple(
    (re.compile(pattern, re.IGNORECASE), instead)
    for pattern, instead in (
        (r"\b(?:instead of|rather than)\b", ", not "),
        (r"\bleave ([\w' ]{1,30}) (?:alone|be|in peace)\b", r"not \1"),
        (r"\bstop (?=\w+ing\b)", "not "),
        (
            (
                r"\b(?:take|run for) cover\b|\b(?:get|stay|keep) out of sight\b"
                r"|\b(?:lie|stay) low\b|\b(?:stay|keep|remain) (?:hidden|still)\b"
            ),
            "hide",
        ),
        (r"\b(?:flip|leaf|thumb|page) through\b", "read"),
        (r"\bmake (?:my|our|your) way\b", "go"),
        (r"\bcatch (?:my|your|a) breath\b|\btake a (?:break|rest|breather|breath|nap)\b", "rest"),
        (
            (
                r"\b(?:take|snap|shoot|get|grab) (?:a |an |another |some |one )?(?:quick |good )?"
                r"(?:picture|photo|photograph|shot|snap|snapshot|frame)s?(?: of)?\b"
            ),
            "photograph",
        ),
        (r"\b(?:have|take|get) (?:a |another )?(?:quick |good |closer )?(?:look|peek)\b", "look"),
        (r"\b(?:get|have|take) (?:some|a little|a bit of) (rest|sleep|shelter)\b", r"\1"),
        (r"\bmake (?:a |an )?(?:hole|gap|opening)(?: in)?\b", "cut"),
        (r"\bset (?:fire to|light to)\b", "burn"),
        (r"\bset ([\w' ]{1,30}?) (?:on fire|alight|ablaze)\b", r"burn \1"),
        (r"\b(?:get|run|go) away\b|\b(?:make a )?run for it\b", "flee"),
        (r"\bget out(?: of (?:here|there|this place))?\b", "leave"),
        (r"\blet ([\w' ]{1,30}?) (?:out|go|loose)\b", r"release \1"),
        (r"\bput (?:my|an|your) ear (?:to|against|on)\b", "listen to"),
        (r"\b(?:turn|switch|power) on\b", "switch"),
        (r"\bgo up\b", "climb up"),
        (r"\b(?:head|make) (?=(?:for|to|back|out|over|toward|towards|into|up|down|off)\b)", "go "),
        (r"\bturn (?:a)?round and\b", ""),
        (r"\bwake up\b|\bwake me\b", "teleport"),
    )
)
_NEVER = re.compile(
    "|".join(
        (
            r"\bturn (?:myself |me )?(?:in)?to (?:a|an|the)\b",
            r"\b(?:turn|become|go|make (?:me|myself)) (?:invisible|immortal|invincible)\b",
            r"\bbecome (?:a|an|the)\b",
            r"\bback in time\b|\btime.?travel|\b(?:stop|freeze|reverse|rewind) time\b",
            r"\b(?:grow|sprout) (?:wings|\w+ feet tall)",
            r"\bcasts? (?:a |an |my )?(?:\w+ )?spell",
            r"\bread (?:his|her|their|its|\w+'s) (?:mind|thoughts)|\bwith my mind\b",
            r"\b(?:walk|go|step|pass|run) (?:\w+ )?through (?:the |a )?(?:solid )?walls?\b",
            r"\bphase through\b",
            r"\bshrink (?:to|down|myself)\b|\bclone (?:myself|me)\b",
            r"\bgod mode\b|\bsuper ?powers?\b",
            r"\b(?:win|restart|reload|save|load|quit|exit|end|pause) (?:the |this |my )?game\b",
            r"\bwalk on water\b|\bbreathe (?:fire|underwater)\b",
        )
    ),
    re.IGNORECASE,
)
_ARMED = re.compile(
    r"\b((?<=a )rifle|(?<=my )rifle|guns?|"
    r"pistols?|revolver|shotgun|machine.?gun|sword|grenades?|bazooka|helicopter|"
    r"chainsaw|drone|smartphone|laptop|internet|crossbow|dynamite)\b",
    re.IGNORECASE,
)
_MINE = r"my (?:bags?|pockets?|inventory|gear|stuff|things|equipment|belongings|backpack|kit)"
_ASKED: Final = MappingProxyType[About, re.Pattern[str]](
    {
        "have": re.compile(
            rf"^(?:i|inv|inventory|{_MINE})$|^(?:let me see |see |check |show me )?what\b.*\b"
            rf"(?:have i|i have|i've got|i got|carry|carrying|holding|{_MINE})\b"
            rf"|^(?:check|look (?:in|into|through|at)|open|search|empty|go through|show)(?: me)?"
            rf" {_MINE}\b"
        ),
        "ways": re.compile(
            r"^where (?:can|could|do|should|to|else)\b|^which way|^how (?:do|can|could) i (?:get|"
            r"leave|escape|go)\b|^(?:what are )?(?:the |my )?exits?$|^where does\b|^is there a way"
        ),
        "who": re.compile(
            r"^who\b|^am i alone|^is (?:any|some)(?:one|body)\b|^is there (?:any|some)(?:one|body)"
            r"|^where (?:is|are) (?:he|she|they|everyone|everybody)\b"
        ),
        "hurt": re.compile(
            r"^how (?:badly |bad |much )?(?:am i|hurt|injured|do i feel|is my)\b|^am i (?:hurt|"
            r"bleeding|dying|ok|okay|all right|alright|wounded|injured)|^(?:check )?my (?:health|"
            r"wounds|injuries|condition)$|^(?:health|status)$"
        ),
        "time": re.compile(
            r"^what(?:'s| is)? (?:the )?(?:time|hour|day|date)|^when is it|^how late"
        ),
        "goal": re.compile(
            r"^what(?:'s| is| was| are| am)?\b.*\b(?:goal|mission|objective|supposed to|here for|"
            r"doing here|point)\b|^why am i here"
        ),
        "where": re.compile(
            r"^where\b|^what(?:'s| is)? (?:this place|around|here)|^what (?:can|do|could|should)"
            r" i\b|^what now|^what are my options|^look at (?:my |the )?surroundings|^what happen"
        ),
    }
)
_AUX: Final = frozenset(
    ["am", "do", "does", "did", "can", "could", "will", "would", "should", "have", "was", "if"]
)
_QUESTION = re.compile(r"^(?:what|who|which|why|how|when|where)\b")


@dataclass(frozen=True, slots=True)
class Clause:
    """One thing that is said: what is wanted of it, and what is not."""

    text: str
    wanted: tuple[str, ...]
    unwanted: tuple[str, ...]


def plain(text: str) -> str:
    """Without markup, and with the commonest turns of phrase made plain."""
    text = " ".join(_MARKUP.sub(" ", text.replace("\u2019", "'")).split())
    for pattern, instead in _TURNS:
        text = pattern.sub(instead, text)
    return text


def asked(text: str) -> About | None:
    """What the player wants to know, when that is all that they want."""
    text = text.casefold().strip(" ?!.")
    return next((about for about, pattern in _ASKED.items() if pattern.search(text)), None)


def is_question(text: str) -> bool:
    return _QUESTION.match(text.casefold()) is not None


def is_never(text: str) -> bool:
    return _NEVER.search(text) is not None


def unheard_of(text: str) -> str | None:
    """A thing that people bring to such stories, whether a pack has it or not."""
    found = _ARMED.search(text)
    return found[1].casefold() if found is not None else None


def clauses(text: str) -> Iterator[Clause]:
    """What is said, in order. `not` takes away the rest of its clause, up to a new `I`."""
    for part in _CLAUSE.split(text):
        said = tokens(part)
        if not said:
            continue
        no = next((at for at, one in enumerate(said) if one in NEGATIONS), None)
        if no is None:
            yield Clause(part.strip(), tuple(said), ())
            continue
        again = next(
            (at for at in range(no + 2, len(said)) if said[at] == "i" and said[at - 1] not in _AUX),
            len(said),
        )
        if again < len(said):
            yield Clause("", (), tuple(said[no + 1 : again]))
            at = re.search(r"\bI\b.*$", part[1:], re.IGNORECASE)
            yield Clause(at[0] if at else part.strip(), tuple(said[again:]), ())
        else:
            yield Clause(_before(part, said[no]), tuple(said[:no]), tuple(said[no + 1 :]))


def _before(part: str, word: str) -> str:
    return re.split(rf"\b{re.escape(word)}\b", part, maxsplit=1, flags=re.IGNORECASE)[0].strip()
