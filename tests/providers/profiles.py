"""How the servers differ that say they speak the same API (PROVIDERS.md section 3)."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Profile:
    """One kind of server, as far as we can tell the difference."""

    name: str
    refuses: frozenset[str] = frozenset()
    """Parameters of a chat that are answered 400."""
    fixed_temperature: bool = False
    format: Literal["obeyed", "ignored", "refused"] = "obeyed"
    """What becomes of `response_format`."""
    strict_schema: bool = False
    """Whether a schema must be of the strict kind."""
    image: bool = True
    edit: bool = True
    image_refuses: frozenset[str] = frozenset()
    picture_as: Literal["b64_json", "url"] = "b64_json"
    usage: bool = True


ANY = Profile("any")
"""Takes everything: for tests that are not about what servers refuse."""
OPENAI = Profile(
    "openai",
    refuses=frozenset({"max_tokens"}),
    fixed_temperature=True,
    strict_schema=True,
    image_refuses=frozenset({"response_format"}),
)
LLAMA_CPP = Profile("llama_cpp", image=False, edit=False)
OLLAMA = Profile("ollama", edit=False)
SILENT = Profile("silent", format="ignored", image=False, edit=False, usage=False)
"""Takes any `response_format` and answers in prose round a fenced block."""
GRUDGING = Profile(
    "grudging",
    refuses=frozenset({"max_completion_tokens", "reasoning_effort", "stream_options"}),
    format="refused",
    edit=False,
)
"""Knows neither `response_format` nor the newer parameters, and says so."""

EVERY = (OPENAI, LLAMA_CPP, OLLAMA, SILENT, GRUDGING)
