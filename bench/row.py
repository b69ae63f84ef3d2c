"""One line of the table."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    figure: str
    what: str
    reference: str
    ours: str
    ratio: str
    reach: str
