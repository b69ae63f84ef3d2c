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
    holds: bool | None = None
    """Whether `reach` is reached; None where nothing is set to be reached."""

    @property
    def verdict(self) -> str:
        return "-" if self.holds is None else "reached" if self.holds else "**short**"
