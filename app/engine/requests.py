"""What a playing request carries beside its action."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Asked:
    """`key` is the Idempotency-Key; `fingerprint` a digest of the route and its body."""

    key: str | None = None
    fingerprint: str = ""
    expected_turn: int | None = None


NOBODY_ASKED: Final = Asked()
