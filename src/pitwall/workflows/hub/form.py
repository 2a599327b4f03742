"""What a bundle is: which files it may hold and where, how large they may be, and what `bundle.json` says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field

from pitwall.domain.params import Section

FORMAT = 1
MB = 1_000_000
MOST_BYTES = 100 * MB  # of the zip
MOST_UNPACKED = 200 * MB
MOST_FILES = 200
MOST_NAME = 200
MOST_RATIO, RATIO_FROM = 100, MB  # unpacked bytes for a packed one, of files that unpack to more than the second number
ABOUT, CARD, SAMPLE = "bundle.json", "card.md", "sample.json"
KEY, SIGNATURE = "signature/key.pem", "signature/signature.json"
NEEDED = (KEY, SIGNATURE, ABOUT, CARD, SAMPLE, "model/recipe.json")
PLACES = tuple(
    re.compile(each)
    for each in (
        r"bundle\.json|card\.md|sample\.json",
        r"signature/(key\.pem|signature\.json)",
        r"manifest/((manifest|splits)\.json|params\.yaml|(dvc|requirements)\.lock|installed\.txt)",
        r"spec/(spec\.json|(rows|labels)\.parquet)",
        r"model/([A-Za-z0-9_]+/){0,3}[A-Za-z0-9_]+\.(json|ubj|npz|txt|cbm|parquet|safetensors)",
    )
)
EXTENSIONS = ("json", "md", "pem", "yaml", "lock", "txt", "parquet", "ubj", "npz", "cbm", "safetensors")


class Listed(Section):
    """The bytes of one file."""

    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    size: int = Field(ge=0)


class About(Section):
    """The whole of `bundle.json`.

    Attributes:
        format: of the bundle.
        name: under which the model is shared.
        model: its registered name, `<model>-<stage>`.
        version: its number where it was made.
        owner: who signed it, in their own words: a name proves nothing, the key does.
        key: id of the key that signed it.
        templates: questions that it answers.
        estimator: that learned it.
        trained_on: first and last season.
        content: hash of the folder `model`, as the registry knows it.
        run: that trained it.
        created: when that version was registered, ISO text.
        scores: of the questions, each with its interval and the rule that it was held against.
        forked_from: the bundle from whose order it was made; empty of an original.
        files: all others but the signature's.
    """

    format: Literal[1] = 1
    name: str = Field(pattern=r"^[a-z][a-z0-9_-]{1,59}$")
    model: str = Field(pattern=r"^[a-z][a-z0-9_]{0,79}-[a-z_]{1,20}$")
    version: int = Field(ge=1)
    owner: str = Field(pattern=r"^[A-Za-z0-9@._+-]{1,100}$")
    key: str = Field(pattern=r"^[0-9a-f]{64}$")
    templates: tuple[str, ...]
    estimator: str
    trained_on: tuple[int, ...] = ()
    content: str = Field(pattern=r"^[0-9a-f]{64}$")
    run: str = ""
    created: str = ""
    scores: tuple[Mapping[str, Any], ...] = ()
    forked_from: str = Field(default="", pattern=r"^([0-9a-f]{64})?$")
    files: Mapping[str, Listed]
