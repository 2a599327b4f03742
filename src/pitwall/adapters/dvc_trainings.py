"""Which models dvc.yaml trains, held against params.yaml, which says which there are: one step of DVC for each."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import yaml

from pitwall.domain.errors import UsageError


def check_trainings(root: Path, names: Sequence[str]) -> None:
    """Raise UsageError unless dvc.yaml has a step of training for each of these models and for no other.

    Args:
        root: of the project.
        names: registered names, e.g. `order-pre_race`.
    """
    train = yaml.safe_load((root / "dvc.yaml").read_text(encoding="utf-8"))["stages"].get("train", {})
    if "foreach" not in train or set(train["foreach"]) == set(names):
        return
    wanted = "".join(f"\n      {line}" for line in trainings(names))
    raise UsageError(
        f"dvc.yaml trains {', '.join(train['foreach']) or 'no model'}, and params.yaml lists {', '.join(names) or 'none'}. "
        f"Below `train:` of dvc.yaml write\n    foreach:{wanted}"
    )


def trainings(names: Sequence[str]) -> list[str]:
    """Return the lines of `train.foreach` in dvc.yaml.

    Example:
        >>> trainings(["order-pre_race"])
        ['order-pre_race: {model: order}']
    """
    return [f"{name}: {{model: {name.rsplit('-', 1)[0]}}}" for name in names]
