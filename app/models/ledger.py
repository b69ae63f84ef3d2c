"""What calls to models cost: counted units and millionths of a US dollar."""

from typing import Literal

from app.models.base import Model, UtcTime

Capability = Literal["text", "image", "video"]


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


class LedgerLine(Model):
    """One call to a model: a line of a session's ledger, which is only ever added to."""

    id: int
    """Counts the session's calls; a reservation and what became of it share one."""
    at: UtcTime
    turn: int
    capability: Capability
    provider: str
    model: str
    status: Literal["reserved", "settled", "released"]
    micros: int | None
    """Reserved: the most it may cost. Settled: what it cost. None: the price is unknown."""
    units: Units = Units()
    estimated: bool = False
    """The server did not say what it counted."""
    request_id: str = ""
