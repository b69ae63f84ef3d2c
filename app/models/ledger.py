"""What calls to models cost: counted units and millionths of a US dollar."""

from typing import Final, Literal

from app.models.base import Model, SessionId, UtcTime

Capability = Literal["text", "image", "video"]
CallStatus = Literal["reserved", "settled", "released"]

CAPABILITIES: Final[tuple[Capability, ...]] = ("text", "image", "video")

MICROS: Final = 1_000_000
"""Millionths in a dollar."""


class Units(Model):
    """What a server counted for one call."""

    input_tokens: int = 0
    cached_tokens: int = 0
    """Of the input tokens, those read from the server's cache."""
    cache_write_tokens: int = 0
    output_tokens: int = 0
    image_input_tokens: int = 0
    image_output_tokens: int = 0
    images: int = 0
    seconds: float = 0.0

    def plus(self, other: "Units") -> "Units":
        """Both together."""
        fields = Units.model_fields
        return Units(**{name: getattr(self, name) + getattr(other, name) for name in fields})


class LedgerLine(Model):
    """A call to a model, or what became of it: a line of a ledger, which is only ever added to."""

    id: int
    """Counts the ledger's calls; a reservation and what became of it share one."""
    at: UtcTime
    session_id: SessionId
    turn: int
    capability: Capability
    provider: str
    model: str
    status: CallStatus
    at_most: int | None
    """What was set aside for it. None: the price is unknown."""
    micros: int | None = None
    """Settled: what it cost. None: the price is unknown."""
    units: Units = Units()
    estimated: bool = False
    """The server did not say what it counted."""
    request_id: str = ""


class Tally(Model):
    """What one capability has cost."""

    calls: int = 0
    """Made, or being made; not those that were released."""
    micros: int = 0
    unpriced: int = 0
    """Calls that are over and whose price is unknown: no part of `micros`."""
    estimated: int = 0
    units: Units = Units()
    open: int = 0
    """Calls that were reserved for and of whose end nothing is written."""
    open_unpriced: int = 0
    held: int = 0
    """Set aside for them."""

    def after(self, line: LedgerLine) -> "Tally":
        """With one more line."""
        step = 1 if line.status == "reserved" else -1
        moved: dict[str, object] = {
            "open": self.open + step,
            "open_unpriced": self.open_unpriced + (step if line.at_most is None else 0),
            "held": self.held + step * (line.at_most or 0),
        }
        if line.status == "reserved":
            moved["calls"] = self.calls + 1
        elif line.status == "released":
            moved["calls"] = self.calls - 1
        else:
            moved["micros"] = self.micros + (line.micros or 0)
            moved["unpriced"] = self.unpriced + (line.micros is None)
            moved["estimated"] = self.estimated + line.estimated
            moved["units"] = self.units.plus(line.units)
        return self.model_copy(update=moved)

    def closed(self) -> "Tally":
        """The same when nobody is left who could say how the open calls ended: all that was set
        aside for them counts as spent, because it may have been."""
        return Tally(
            calls=self.calls,
            micros=self.micros + self.held,
            unpriced=self.unpriced + self.open_unpriced,
            estimated=self.estimated + self.open,
            units=self.units,
        )


class LedgerSums(Model):
    """All that a ledger says up to one of its lines."""

    next_id: int = 0
    text: Tally = Tally()
    image: Tally = Tally()
    video: Tally = Tally()

    @property
    def micros(self) -> int:
        """Spent."""
        return self.text.micros + self.image.micros + self.video.micros

    @property
    def held(self) -> int:
        """Set aside for calls that are not over."""
        return self.text.held + self.image.held + self.video.held

    def of(self, capability: Capability) -> Tally:
        tally: Tally = getattr(self, capability)
        return tally

    def after(self, line: LedgerLine) -> "LedgerSums":
        """With one more line."""
        tally = self.of(line.capability).after(line)
        next_id = max(self.next_id, line.id + 1)
        return self.model_copy(update={"next_id": next_id, line.capability: tally})

    def closed(self) -> "LedgerSums":
        """See `Tally.closed`."""
        return LedgerSums(
            next_id=self.next_id,
            text=self.text.closed(),
            image=self.image.closed(),
            video=self.video.closed(),
        )


class LedgerEntry(Model):
    """A line as it is kept: with the sums up to it, so that the last one says it all."""

    line: LedgerLine
    sums: LedgerSums
