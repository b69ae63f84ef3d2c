"""What a button carries: the session, the turn it was offered in, and what it does.

All of a button's state is in its custom_id, so that it works after any restart.
"""

import re
from dataclasses import dataclass
from typing import Final

LONGEST: Final = 100
"""Discord's limit of a custom_id."""

PRESS: Final = (
    r"g1:(?P<session>[A-Za-z0-9_-]{1,64}):(?P<turn>-?[0-9]{1,9}):(?P<what>[a-z][A-Za-z0-9]{0,16})"
)
WORDS: Final = r"g1m:(?P<session>[A-Za-z0-9_-]{1,64}):(?P<turn>-?[0-9]{1,9})"

CHOOSE: Final = "c"
VOTE: Final = "v"
OWN_WORDS: Final = "x"
MORE: Final = "m"
OTHER_CHOICES: Final = "r"
MORE_TIME: Final = "e"
WHOLE_TEXT: Final = "t"
AGAIN: Final = "n"
CONFIRM_RESET: Final = "z"
HISTORY: Final = "h"
HISTORY_PAGE: Final = "hp"
"""The turns before this one, in place of those that the message shows."""
STATUS: Final = "q"
AUTO_ON: Final = "a"
AUTO_OFF: Final = "o"

_CHOICE: Final = re.compile(r"[A-Za-z0-9]{1,16}")


@dataclass(frozen=True, slots=True)
class Press:
    """What a custom_id says."""

    session_id: str
    turn: int
    what: str

    @property
    def kind(self) -> str:
        return self.what[0]

    @property
    def choice_id(self) -> str:
        return self.what[1:]


def press_id(session_id: str, turn: int, what: str) -> str:
    """The custom_id of a button. Raises `ValueError` for what can be none."""
    made = f"g1:{session_id}:{turn}:{what}"
    if re.fullmatch(PRESS, made) is None:
        raise ValueError("that fits into no button")
    return made


def words_id(session_id: str, turn: int) -> str:
    """The custom_id of the window for one's own words."""
    return f"g1m:{session_id}:{turn}"


def read_press(custom_id: str) -> Press | None:
    """What a button says; None: it is none of ours."""
    match = re.fullmatch(PRESS, custom_id)
    if match is None:
        return None
    return Press(match["session"], int(match["turn"]), match["what"])


def read_words(custom_id: str) -> tuple[str, int] | None:
    """The session and turn that a window is about; None: it is none of ours."""
    match = re.fullmatch(WORDS, custom_id)
    return (match["session"], int(match["turn"])) if match else None


def fits(choice_id: str) -> bool:
    """Whether a button can carry this choice."""
    return _CHOICE.fullmatch(choice_id) is not None
