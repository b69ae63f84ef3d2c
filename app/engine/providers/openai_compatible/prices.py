"""What calls cost, in whole millionths of a US dollar, from a dated table."""

import json
import math
import re
from collections.abc import Mapping
from decimal import Decimal
from importlib.resources import files
from typing import Annotated, Any, Final, Self

from pydantic import ConfigDict, Field

from app.models.base import Model
from app.models.ledger import Units

_TABLE: Final = "prices.json"
_DATED: Final = re.compile(r"-\d{4}-\d{2}-\d{2}$")
"""A model's name with the date of its making is the model."""
_SQUARE: Final = 1024 * 1024
_MANY: Final = 1_000_000

_Dollars = Annotated[Decimal, Field(ge=0, le=1_000_000)]


class Price(Model):
    """Of one model: US dollars for a million tokens, which is millionths for one."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=False)

    input: _Dollars = Decimal(0)
    output: _Dollars = Decimal(0)
    cached: _Dollars | None = None
    """Input read from the server's cache; as dear as any other unless said."""
    cache_write: _Dollars | None = None
    image_input: _Dollars | None = None
    image_output: _Dollars | None = None
    image_tokens: Mapping[str, Annotated[int, Field(ge=0)]] = {}
    """Output tokens of a 1024x1024 picture, by quality."""
    per_image: _Dollars = Decimal(0)
    """Dollars for one picture, where pictures are not counted in tokens."""
    per_second: _Dollars = Decimal(0)
    """Dollars for one second of film."""
    long_after: int | None = None
    """Input tokens beyond which the whole call costs more."""
    long_input: Decimal = Decimal(1)
    long_output: Decimal = Decimal(1)


class PriceTable(Model):
    """The table as it is on the disk."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=False)

    as_of: str
    source: str
    unit: str = ""
    models: Mapping[str, Price]


class Prices:
    """What models cost. A model that is not in the table has no price (None), not the price 0."""

    def __init__(self, table: PriceTable) -> None:
        self.as_of = table.as_of
        self._models = table.models

    @classmethod
    def load(cls, overrides: Mapping[str, Mapping[str, Any]] | None = None) -> Self:
        """The table that ships; what `overrides` says of a model goes before it.

        Raises `ValueError` for a price that is none.
        """
        text = files(__package__).joinpath(_TABLE).read_text(encoding="utf-8")
        table = PriceTable.model_validate(json.loads(text))
        own = {}
        for name, said in (overrides or {}).items():
            known = table.models[name].model_dump() if name in table.models else {}
            own[name] = Price.model_validate({**known, **said})
        return cls(table.model_copy(update={"models": {**table.models, **own}}))

    def of(self, units: Units, model: str) -> int | None:
        """What `units` cost, rounded up; None for an unknown model."""
        price = self._price(model)
        return None if price is None else _micros(units, price)

    def at_most(self, model: str, *, input_tokens: int, output_tokens: int) -> int | None:
        """The most that a text call can cost: nothing of it cached, all that it may say said."""
        price = self._price(model)
        if price is None:
            return None
        dearest = max(price.input, price.cache_write or price.input)
        units = Units(input_tokens=input_tokens, output_tokens=output_tokens)
        return _micros(units, price.model_copy(update={"input": dearest}))

    def picture(self, model: str, *, quality: str, width: int, height: int) -> Units | None:
        """What one picture is expected to count, its prompt aside; None when that is unknown.

        Tokens grow with the area and never shrink below those of the square in the table.
        """
        price = self._price(model)
        if price is None:
            return None
        if not price.image_tokens:
            return Units(images=1) if price.per_image else None
        tokens = price.image_tokens.get(quality, max(price.image_tokens.values()))
        larger = max(Decimal(1), Decimal(width * height) / _SQUARE)
        return Units(images=1, image_output_tokens=math.ceil(tokens * larger))

    def _price(self, model: str) -> Price | None:
        return self._models.get(model) or self._models.get(_DATED.sub("", model))


def _micros(units: Units, price: Price) -> int:
    long = price.long_after is not None and units.input_tokens > price.long_after
    more_in, more_out = (price.long_input, price.long_output) if long else (1, 1)
    cached = min(units.cached_tokens, units.input_tokens)
    written = min(units.cache_write_tokens, units.input_tokens - cached)
    plain = units.input_tokens - cached - written
    reading = plain * price.input
    reading += cached * _or(price.cached, price.input)
    reading += written * _or(price.cache_write, price.input)
    reading += units.image_input_tokens * _or(price.image_input, price.input)
    writing = units.output_tokens * price.output
    writing += units.image_output_tokens * _or(price.image_output, price.output)
    pieces = units.images * price.per_image + Decimal(str(units.seconds)) * price.per_second
    return math.ceil(reading * more_in + writing * more_out + pieces * _MANY)


def _or(price: Decimal | None, otherwise: Decimal) -> Decimal:
    return otherwise if price is None else price
