"""Which network addresses a model's server may send us to."""

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""The addresses of a host, as text; raises `OSError` for a host that has none."""

_NOBODYS: Final = (
    # IPv6 addresses with an IPv4 address inside: NAT64, 6to4, Teredo, compatible and mapped.
    "64:ff9b::/96",
    "64:ff9b:1::/48",
    "2002::/16",
    "2001::/32",
    "::/96",
    "::ffff:0:0/96",
    # Neither private nor anybody's, and not known as such to every version of Python.
    "192.0.0.0/24",
    "192.88.99.0/24",
    "fec0::/10",
    "100::/64",
    "5f00::/16",
    "3fff::/20",
)


async def resolved(host: str, port: int) -> Sequence[str]:
    """Ask the system, in a thread."""
    loop = asyncio.get_running_loop()
    tcp = socket.IPPROTO_TCP
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=tcp)
    except UnicodeError as error:  # A label of more than 63 letters.
        raise socket.gaierror(socket.EAI_NONAME, "not a name") from error
    return [str(address[0]) for *_, address in found]


def is_public(text: str) -> bool:
    """Whether an address is one of the open internet, whichever way it is written."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    if not address.is_global or address.is_multicast or address.is_reserved:
        return False
    nets = map(ipaddress.ip_network, _NOBODYS)
    return not any(address in net for net in nets if net.version == address.version)


def is_plain_host(host: str) -> bool:
    """Whether a host is a name or an address in its usual form: never 2130706433 or 0x7f.1."""
    if not host or not host.isascii() or any(char in host for char in "%\\@/?# \t\r\n"):
        return False
    last = host.rstrip(".").rpartition(".")[2].lower()
    if ":" not in host and not last.isdecimal() and not last.startswith("0x"):
        return True
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
