"""Words of the marketplace: a version that somebody shares."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SharedVersion:
    """A version of a model that somebody shares.

    Attributes:
        bundle: sha256 of its zip.
        name: under which it is shared.
        version: its number where it was made.
        signer: id of the key that signed it.
        owner: the owner of this project whose key that is; empty of a stranger's.
        place: the file that others take it from; empty where it came from elsewhere.
    """

    bundle: str
    name: str
    version: int
    signer: str
    owner: str = ""
    place: str = ""
