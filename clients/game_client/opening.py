"""A client for whatever is there: the service at an address, or one in this process."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from clients.game_client.client import GameClient
from clients.game_client.retries import Retries, Timing


class ClientSettings(BaseSettings):
    """Where the service is, and what is shown to it: `ELSEWHERE_API_URL`, `ELSEWHERE_API_KEY`."""

    model_config = SettingsConfigDict(env_prefix="ELSEWHERE_", frozen=True, extra="ignore")

    api_url: str | None = None
    api_key: SecretStr | None = None


@asynccontextmanager
async def open_client(
    base_url: str | None = None,
    *,
    client_name: str | None = None,
    key: str | None = None,
    timing: Timing | None = None,
    retries: Retries | None = None,
    headers: Mapping[str, str] | None = None,
) -> AsyncIterator[GameClient]:
    """A client of the service at `base_url`, or else at `ELSEWHERE_API_URL`; without either the
    service is started in this process (direct mode), set by its own `ELSEWHERE_*`. `key` is shown
    to a service that asks for one; left out, it is `ELSEWHERE_API_KEY`.
    """
    settings = ClientSettings()
    base_url = base_url or settings.api_url
    if key is None and settings.api_key is not None:
        key = settings.api_key.get_secret_value()
    if base_url:
        async with GameClient(
            base_url,
            client_name=client_name,
            key=key,
            timing=timing,
            retries=retries,
            headers=headers,
        ) as client:
            yield client
        return
    # Only now: who speaks to a service elsewhere loads none of it.
    from clients.game_client.direct import direct_client

    async with direct_client(
        client_name=client_name, key=key, timing=timing, retries=retries, headers=headers
    ) as client:
        yield client
