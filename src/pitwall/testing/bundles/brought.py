"""A project to which bundles were brought: one of a signer who is trusted, with a score whose question may be markup, and one of a stranger, which waits."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

from pitwall.domain.project import Project
from pitwall.testing.bundles.honest import honest_bundle, signer
from pitwall.workflows.hub.opening.refusal import BundleRefused
from pitwall.workflows.hub.receiving import Received, receive
from pitwall.workflows.hub.trust import trust

SCORE = {
    "template": "race_winner",
    "metric": "log_loss",
    "baseline": "grid_frequency",
    "value": 0.412,
    "low": 0.381,
    "high": 0.446,
    "baseline_value": 0.523,
    "gain_value": 0.111,
    "gain_low": 0.072,
    "gain_high": 0.15,
}


def brought(project: Project, folder: Path, word: str = "") -> Received:
    """Bring two bundles to a project, and return the one that was taken.

    Args:
        project: that takes one and refuses the other.
        folder: for keys and files, an empty one.
        word: that the trusted signer wrote in place of a question.
    """
    ada, mallory = signer(folder, "ada"), signer(folder, "mallory")
    trust(project, ada.pem)
    rows = [[7, driver, *(round(each / 21, 3) for each in range(6 - driver, 12 - driver))] for driver in range(6)]
    sample = {"keys": ["race_id", "driver_id"], "rows": rows}
    told: dict[str, Any] = {"scores": [SCORE, {**SCORE, "template": word or "podium"}]}
    theirs = honest_bundle(mallory, name="stranger")
    with suppress(BundleRefused):
        receive(project, _file(folder, "stranger-1.pitwall.zip", theirs))
    ours = honest_bundle(ada, {"sample.json": json.dumps(sample).encode()}, name="grid-reader", **told)
    return receive(project, _file(folder, "grid-reader-1.pitwall.zip", ours))


def _file(folder: Path, name: str, content: bytes) -> Path:
    file = folder / name
    file.write_bytes(content)
    return file
