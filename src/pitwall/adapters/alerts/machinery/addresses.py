"""Which addresses a request may go to: a name is looked up once, every address that it has must be public, and those are called.

Whoever can write a URL into the settings, or answer for its name, could otherwise make this machine ask its own services or its
neighbours. The addresses that were looked at are the ones that are called, so a name that changes its answer afterwards changes nothing.
"""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address

from pitwall.domain.errors import AlertError

KINDS = ("loopback", "link_local", "multicast", "unspecified", "reserved", "private")


def addresses(host: str, port: int, allowed: tuple[str, ...]) -> list[str]:
    """Return the addresses of a host, all of them checked.

    Args:
        host: a name or an address, in any form that the system understands.
        port: to be called.
        allowed: hosts that may have any address.

    Raises:
        AlertError: it has no address, or one that is not public.
    """
    try:
        found = [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except (OSError, UnicodeError):
        raise AlertError(f"{host} has no address; correct the name, or look at the network.") from None
    for text in found:
        if (kind := not_public(ip_address(text))) and host not in allowed:
            raise AlertError(
                f"{host} leads to {text}, which is {kind}, and nothing is sent there; name a host of your own in "
                "alerts.allow_hosts of settings.local.yaml."
            )
    return list(dict.fromkeys(found))


def not_public(address: IPv4Address | IPv6Address) -> str:
    """Return in a word why an address is no public one; nothing for a public one.

    Example:
        >>> not_public(ip_address("169.254.169.254")), not_public(ip_address("8.8.8.8"))
        ('link-local', '')
    """
    if isinstance(address, IPv6Address) and (address.ipv4_mapped or address.sixtofour or address.teredo):
        return "another address in disguise"
    if isinstance(address, IPv6Address) and address.is_site_local:
        return "private"
    kind = next((name for name in KINDS if getattr(address, f"is_{name}")), "" if address.is_global else "not public")
    return kind.replace("_", "-")
