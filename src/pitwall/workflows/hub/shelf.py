"""The bundles that were verified here: listed, shown, verified again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pitwall.domain.errors import UnknownName, UsageError
from pitwall.domain.project import Project
from pitwall.domain.refs import file_sha256
from pitwall.workflows.hub.form import ABOUT, CARD, SAMPLE, About
from pitwall.workflows.hub.opening.refusal import BundleRefused
from pitwall.workflows.hub.receiving import FILES, ZIP, Received, receive, received

SHORT = 12


@dataclass(frozen=True)
class Preview:
    """What is shown of a bundle before anybody trains or deploys anything.

    Attributes:
        card: as text.
        sample: keys and answers of a few rows, as it was published.
    """

    card: str
    sample: Mapping[str, Any]


def taken(project: Project) -> list[Received]:
    """Return the verified bundles, by name, version and hash."""
    found = [_opened(path.parent.parent) for path in received(project).glob(f"*/{FILES}/{ABOUT}")]
    return sorted(found, key=lambda each: (each.about.name, each.about.version, each.hash))


def find(project: Project, text: str) -> Received:
    """Return the verified bundle that a text names: `NAME@VERSION`, a name for its newest version, or a hash or its beginning.

    Raises:
        UnknownName: none is called so.
        UsageError: several are: two people share one name, or one version was signed twice.
    """
    all_of_them = taken(project)
    name, _, number = text.partition("@")
    found = [each for each in versions(project, name) if number in {"", str(each.about.version)}]
    if not number and len({each.about.key for each in found}) == 1:
        found = [each for each in found if each.about.version == found[0].about.version]
    found = found or [each for each in all_of_them if text and each.hash.startswith(text)]
    if len(found) > 1:
        raise UsageError(
            f"{text!r} names {len(found)} bundles; give the hash of one: "
            f"{', '.join(f'{each.hash[:SHORT]} ({each.about.owner})' for each in found)}."
        )
    if not found:
        raise UnknownName("bundle", text, [each.about.name for each in all_of_them])
    return found[0]


def versions(project: Project, name: str) -> list[Received]:
    """Return the verified bundles of one name, the newest version first, whoever signed them."""
    found = [each for each in taken(project) if each.about.name == name]
    return sorted(found, key=lambda each: (-each.about.version, each.about.key, each.hash))


def preview(bundle: Received) -> Preview:
    """Return the card and the sample of a bundle."""
    texts = {name: (bundle.files / name).read_text(encoding="utf-8") for name in (CARD, SAMPLE)}
    return Preview(texts[CARD], json.loads(texts[SAMPLE]))


def verify_again(project: Project, bundle: Received) -> Received:
    """Verify a bundle from its zip once more, as if it had just come.

    Raises:
        BundleRefused: it was changed since, or its key is trusted no more.
    """
    zipped = bundle.folder / ZIP
    if zipped.is_file() and file_sha256(zipped) == bundle.hash:
        return receive(project, zipped)
    raise BundleRefused("changed_file", f"{ZIP} of {bundle.hash}, which is not what was taken")


def _opened(folder: Path) -> Received:
    return Received(folder.name, About.model_validate_json((folder / FILES / ABOUT).read_bytes()), folder)
