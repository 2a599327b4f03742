"""Which of a run's many numbers people mean when they say none: judged ones before validated, validated before learned ones."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from pitwall.domain.errors import UsageError
from pitwall.domain.ports import RunRecord
from pitwall.tracking.early_stopping.direction import mode_of
from pitwall.tracking.names import NO_RESULT

PARTS = ("season.",)  # the same number of a part of the rows
RANKS = (("test", 0), ("val", 2), ("validation", 2), ("train", 3), ("training", 3))
PLAIN = 1
FEW = 3
DECIDE = ("log_loss", "auc", "crps", "rps", "brier", "mae", "rmse", "loss")  # the first of them is what to sort by


def main_metrics(records: Sequence[RunRecord], few: int = FEW) -> list[str]:
    """Return the metrics to show of some runs, the one to sort by first; none where no name says which way is better.

    Left out are costs, what was read, parts, and details of another metric (`podium.brier.low` of `podium.brier`). Of the rest, metrics of one kind
    are shown: tested, else those whose names do not say, else validated, else trained; those that most runs have first, then those that
    decide among models.

    Example:
        >>> metrics = {"train_loss": 0.1, "val_loss": 0.3, "test_auc": 0.8, "test_auc.low": 0.7, "resources.seconds": 3.0}
        >>> main_metrics([RunRecord("1", "a", "FINISHED", "lab", metrics=metrics)])
        ['test_auc']
    """
    counted = Counter(name for record in records for name in record.metrics)
    found = [name for name in _of_one_kind(counted) if _says_its_way(name)]
    return sorted(found, key=lambda name: (-counted[name], _decides(name), name))[:few]


def final_metrics(record: RunRecord) -> list[str]:
    """Return the metrics that a run ends with: of all that it kept, those that `main_metrics` chooses from, whichever way is better."""
    return _of_one_kind(Counter(record.metrics.keys()))


def _of_one_kind(counted: Counter[str]) -> list[str]:
    found = [name for name in counted if not _is_detail(name, counted)]
    ranks = {name: _rank(name) for name in found}
    best = min((rank for name, rank in ranks.items() if _says_its_way(name)), default=PLAIN)
    return [name for name in found if ranks[name] == best]


def _decides(name: str) -> int:
    return next((place for place, word in enumerate(DECIDE) if word in name), len(DECIDE))


def _is_detail(name: str, known: Counter[str]) -> bool:
    parents = [name.rpartition(".")[0]]
    while "." in parents[-1]:
        parents.append(parents[-1].rpartition(".")[0])
    return name.startswith((*NO_RESULT, *PARTS)) or ".gain." in name or any(parent in known for parent in parents)


def _says_its_way(name: str) -> bool:
    try:
        mode_of(name)
    except UsageError:
        return False
    return True


def _rank(name: str) -> int:
    words = set(re.split(r"[^a-z0-9]+", name.lower()))
    return next((rank for word, rank in RANKS if word in words), PLAIN)
