"""Words of the marketplace: a version that somebody shares, and where a model comes from that was made from another one's order."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

from pitwall.domain.errors import UsageError

ORIGIN_TAG = "pitwall.forked_from"  # of the run of a fork, and of its version
ORIGIN = r"([a-z][a-z0-9_-]{1,59})@([1-9][0-9]{0,5})/([0-9a-f]{64})/([0-9a-f]{64})"


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


@dataclass(frozen=True)
class Badge:
    """What came of training a bundle's model again.

    Attributes:
        bundle: sha256 of its zip.
        outcome: `bit-equal`, `within tolerance`, `different`, or `not repeated`.
        said: what was compared, the first cause of a difference, or what is missing.
        theirs: hash of the folder of the model in the bundle.
        ours: hash of the folder that came out here; empty where none did.
        code: the commit whose code it was made by.
        data: sha256 of the dvc.lock that names the data.
        at: when, ISO text in UTC; set where it is kept.
    """

    bundle: str
    outcome: str
    said: str = ""
    theirs: str = ""
    ours: str = ""
    code: str = ""
    data: str = ""
    at: str = ""

    @property
    def text(self) -> str:
        """For people, in a line."""
        return f"{self.outcome}: {self.said}"


@dataclass(frozen=True)
class Origin:
    """The bundle from whose order a model was made.

    Attributes:
        name: under which it was shared.
        version: its number where it was made.
        bundle: sha256 of its zip.
        signer: id of the key that signed it.

    Example:
        >>> str(Origin("fast", 2, "0" * 64, "1" * 64)) == f"fast@2/{'0' * 64}/{'1' * 64}"
        True
    """

    name: str
    version: int
    bundle: str
    signer: str

    @classmethod
    def of(cls, text: str) -> Self:
        """Return the origin that a text says.

        Raises:
            UsageError: it says none.
        """
        found = re.fullmatch(ORIGIN, text)
        if found is None:
            raise UsageError(
                f"an origin is written NAME@VERSION/BUNDLE/SIGNER, as `pitwall hub fork` writes it; found {text[:80]!r}."
            )
        name, version, bundle, signer = found.groups()
        return cls(name, int(version), bundle, signer)

    def __str__(self) -> str:
        return f"{self.name}@{self.version}/{self.bundle}/{self.signer}"
