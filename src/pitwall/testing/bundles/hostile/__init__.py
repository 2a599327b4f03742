"""Hostile bundles, each with the name by which it must be refused."""

from __future__ import annotations

from collections.abc import Iterator

from pitwall.testing.bundles.honest import Signer
from pitwall.testing.bundles.hostile import cards, directories, formats, names, packed, signatures
from pitwall.testing.bundles.hostile.case import Hostile

__all__ = ["Hostile", "hostile_bundles"]


def hostile_bundles(trusted: Signer, stranger: Signer) -> Iterator[Hostile]:
    """Yield every hostile bundle.

    Args:
        trusted: whose key the receiving project trusts: also from this one nothing hostile is taken.
        stranger: whose key it does not.
    """
    for made in (names, packed, directories, formats, cards):
        yield from made.cases(trusted)
    yield from signatures.cases(trusted, stranger)
