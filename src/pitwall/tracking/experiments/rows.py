"""Runs side by side: one mapping per run, as a list that becomes a data frame where pandas is there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from pitwall.domain.errors import UsageError
from pitwall.tracking.experiments.best import last_value
from pitwall.tracking.experiments.run import Run

if TYPE_CHECKING:
    import pandas as pd


class Rows(list[dict[str, Any]]):
    """Rows of a table."""

    def frame(self) -> pd.DataFrame:
        """Return the rows as a data frame; raise UsageError where pandas is not installed."""
        try:
            import pandas as pd
        except ImportError:
            raise UsageError("pandas is not installed here; the rows themselves are a list of dictionaries.") from None
        return pd.DataFrame(list(self))


def rows_of(runs: Iterable[Run], metrics: Sequence[str] | None = None) -> Rows:
    """Return one row per run: run_id, name, status, its parameters, and the last values of metrics.

    A parameter that is called like another column is called `param.<name>`; a last value that was not finite is None.

    Args:
        runs: in the order of the rows.
        metrics: their names, None where a run has no such one; all that each run has when None.
    """
    rows = Rows()
    for run in runs:
        own = {key: run[key] for key in ("run_id", "name", "status")}
        numbers = {name: last_value(run, name) for name in metrics or sorted(run["metrics"])}
        params = {f"param.{key}" if key in {*own, *numbers} else key: value for key, value in run["params"].items()}
        rows.append({**own, **params, **numbers})
    return rows
