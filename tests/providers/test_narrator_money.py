"""Money: what calls cost, what is set aside for them, and what is owed when they fail."""

import httpx2
import pytest

from app.engine.providers.openai_compatible.prices import Prices
from app.errors import ProviderError
from app.models.ledger import Units
from tests.providers.narrating import (
    OPENAI,
    TOLD,
    USAGE,
    Server,
    Till,
    a_narrator,
    chunks,
    refuses,
    says,
    stream_of,
    tell,
)

PRICES = Prices.load()


@pytest.mark.parametrize(
    ("units", "model", "micros"),
    [
        (Units(input_tokens=1_000_000), "gpt-6-luna", None),
        (Units(input_tokens=1500, cached_tokens=1000, output_tokens=350), "gpt-6-luna", 235),
        (Units(input_tokens=1500, output_tokens=350), "gpt-6-luna-2026-09-22", 325),
        (Units(input_tokens=100, cache_write_tokens=100), "gpt-6-luna", 13),
        (Units(input_tokens=1), "gpt-6-luna", 1),
        (Units(), "gpt-6-luna", 0),
        (Units(input_tokens=300_000, output_tokens=1000), "gpt-6-luna", 60_750),
        (Units(cached_tokens=50), "gpt-6-luna", 0),
        (Units(input_tokens=100, image_output_tokens=196), "gpt-image-2.5-flare", 6380),
    ],
)
def test_what_units_cost(units: Units, model: str, micros: int | None) -> None:
    assert PRICES.of(units, model) == (200_000 if micros is None else micros)


def test_an_unknown_model_has_no_price() -> None:
    assert PRICES.of(Units(input_tokens=1), "llama-9") is None
    assert PRICES.at_most("llama-9", input_tokens=1, output_tokens=1) is None
    assert PRICES.picture("llama-9", quality="low", width=64, height=64) is None


def test_a_price_of_ones_own_goes_before_the_table() -> None:
    prices = Prices.load({"gpt-6-luna": {"input": 1.0}, "mine": {"per_image": "0.02"}})
    assert prices.of(Units(input_tokens=1_000, output_tokens=1_000), "gpt-6-luna") == 1_500
    assert prices.of(Units(images=2), "mine") == 40_000
    assert prices.picture("mine", quality="low", width=64, height=64) == Units(images=1)
    with pytest.raises(ValueError, match="input"):
        Prices.load({"mine": {"input": -1.0}})
    with pytest.raises(ValueError, match="inpt"):
        Prices.load({"mine": {"inpt": 1.0}})


def test_a_larger_picture_counts_more_and_an_unknown_quality_the_most() -> None:
    def tokens(quality: str, width: int, height: int) -> int:
        units = PRICES.picture("gpt-image-2.5-flare", quality=quality, width=width, height=height)
        assert units is not None
        return units.image_output_tokens

    assert tokens("low", 1024, 576) == tokens("low", 1024, 1024) == 196
    assert tokens("low", 2048, 1024) == 392
    assert tokens("unheard of", 64, 64) == tokens("max", 64, 64)


def test_the_table_is_dated() -> None:
    assert PRICES.as_of == "2026-11-22"


async def test_a_telling_costs_what_the_server_counted() -> None:
    told = await tell(a_narrator(Server(says(TOLD)), base_url=OPENAI))
    (line,) = told.till.lines
    assert line.units == Units(input_tokens=1500, cached_tokens=1000, output_tokens=350)
    assert line.micros == 235
    assert not line.estimated
    assert line.at_most is not None
    assert line.at_most >= 235


async def test_no_count_means_an_estimate() -> None:
    told = await tell(a_narrator(Server(says(TOLD, usage=None))))
    (line,) = told.till.lines
    assert line.estimated
    assert line.units.output_tokens > 100
    assert 0 < (line.micros or 0) < (line.at_most or 0)


@pytest.mark.parametrize("usage", [{"prompt_tokens": "many"}, {"prompt_tokens": -5}, {}])
async def test_a_count_that_is_none_is_an_estimate_too(usage: dict[str, object]) -> None:
    told = await tell(a_narrator(Server(says(TOLD, usage=usage))))
    assert told.till.lines[0].estimated


async def test_an_unknown_price_is_none_and_not_nothing() -> None:
    told = await tell(a_narrator(Server(says(TOLD)), model="llama-9"))
    (line,) = told.till.lines
    assert line.at_most is None
    assert line.micros is None
    assert line.units.input_tokens == 1500


async def test_every_call_of_a_turn_is_paid_for_on_its_own() -> None:
    server = Server(refuses(400, param="seed"), says("Once upon a time"), says(TOLD))
    told = await tell(a_narrator(server))
    assert told.till.statuses == ["released", "settled", "settled"]


@pytest.mark.parametrize(
    ("failure", "status", "share"),
    [
        (refuses(401), "released", None),
        (refuses(429, code="insufficient_quota"), "released", None),
        (httpx2.ConnectError("no"), "released", None),
        (httpx2.ConnectTimeout("no"), "released", None),
        (refuses(500), "settled", "asked"),
        (httpx2.ReadTimeout("no"), "settled", "all"),
        (httpx2.ReadError("no"), "settled", "all"),
    ],
)
async def test_what_a_failed_call_owes(failure: object, status: str, share: str | None) -> None:
    till = Till()
    with pytest.raises(ProviderError):
        await tell(a_narrator(Server(failure)), till=till)  # type: ignore[arg-type]
    line = till.lines[0]
    assert line.status == status
    if share == "asked":
        assert line.units.output_tokens == 0
        assert line.units.input_tokens > 0
    if share == "all":
        assert line.units.output_tokens >= 900
        assert (line.micros or 0) <= (line.at_most or 0)


async def test_what_was_set_aside_covers_the_dearest_answer() -> None:
    usage = {**USAGE, "prompt_tokens_details": {"cached_tokens": 0}}
    server = Server(lambda asked: stream_of(chunks('{"dispatch":', usage={
        **usage, "completion_tokens": asked["max_tokens"]}, finish="length")))  # fmt: skip
    till = Till()
    with pytest.raises(ProviderError):
        await tell(a_narrator(server), till=till)
    assert len(till.lines) > 2
    assert all((line.micros or 0) <= (line.at_most or 0) for line in till.lines)
