"""Which server a source may ask: the one that its publisher names, or one on this machine."""

from __future__ import annotations

from urllib.parse import urlsplit

from pitwall.domain.errors import SourceError

LOOPBACK = ("127.0.0.1", "localhost", "::1")


def pinned(name: str, location: str | None, published: str) -> str:
    """Return the address to ask, with a slash at its end.

    Args:
        name: the source, for messages.
        location: what the user gave; the published address when None.
        published: the address of the publisher.

    Raises:
        SourceError: it is another host, or the published one without encryption.
    """
    given = location or published
    address, publisher = urlsplit(given), urlsplit(published)
    same = (address.scheme, address.netloc) == (publisher.scheme, publisher.netloc)
    local = address.scheme in ("http", "https") and address.hostname in LOOPBACK
    if not same and not local:
        raise SourceError(
            f"{name} is asked at {publisher.scheme}://{publisher.netloc} or at a server of this machine (http://127.0.0.1:PORT/); found "
            f"{given}. Leave the location out, or give one of these."
        )
    return given.rstrip("/") + "/"
