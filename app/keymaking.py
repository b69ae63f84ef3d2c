"""`elsewhere key new`: a key for a bot or a server."""

import argparse
import sys
from typing import Any

from pydantic import ValidationError

from app.edge.access.keys import new_key


def add_command(commands: "argparse._SubParsersAction[Any]") -> None:
    """Add `key new` to the commands."""
    keys = commands.add_parser("key", help="make a key for a bot or a server")
    kinds = keys.add_subparsers(dest="key_command", required=True)
    new = kinds.add_parser(
        "new",
        help="make a key",
        description="Makes a service key, prints it once, and the line for the settings that lets "
        "it in. What stands in the settings is a hash: nobody can use it.",
    )
    new.add_argument("name", help="whose key it is, such as discord: lower case")


def run(name: str) -> int:
    """Print a new key and its setting; 2 for a name that can be none."""
    try:
        shown, kept = new_key(name)
    except ValidationError:
        sys.stderr.write("elsewhere: a name is a short lower-case word, such as discord\n")
        return 2
    sys.stdout.write(
        f"The key, shown this once. Whoever has it may do everything:\n\n  {shown}\n\n"
        "For the service; several are separated by commas:\n\n"
        f"  ELSEWHERE_ACCESS=keys\n  ELSEWHERE_SERVICE_KEYS={kept.name}:{kept.sha256}\n"
    )
    return 0
