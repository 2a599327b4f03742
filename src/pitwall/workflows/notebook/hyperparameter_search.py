"""`pw.HyperparameterSearch`: configurations of a grid, drawn at random, or sought by what earlier ones showed; and a whole study."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pitwall.domain.errors import StageError
from pitwall.ml.search.engine import SearchResult, search
from pitwall.ml.search.settings import SearchSettings
from pitwall.ml.search.space import Space
from pitwall.ml.search.spec import parse_space
from pitwall.ml.search.sweep import read_sweep
from pitwall.ml.search.trials import Objective, TrialRecord

Config = dict[str, Any]
Distributions = Mapping[str, Any]


@dataclass(frozen=True)
class HyperparameterSearch:
    """Strategies of search; the same seed gives the same configurations again.

    Attributes:
        seed: of everything that is drawn.

    Example:
        >>> import pitwall as pw
        >>> strategies = pw.HyperparameterSearch(seed=1)
        >>> strategies.grid_search({"lr": [0.001, 0.01], "hidden": [64]})
        [{'lr': 0.001, 'hidden': 64}, {'lr': 0.01, 'hidden': 64}]
        >>> tried = strategies.bayesian_search({"x": {"type": "uniform", "low": 0, "high": 1}}, lambda c: -((c["x"] - 0.3) ** 2), n_trials=30)
        >>> abs(max(tried, key=lambda each: each[1])[0]["x"] - 0.3) < 0.1
        True
    """

    seed: int = 42

    def grid_search(self, param_grid: Mapping[str, Sequence[Any]]) -> list[Config]:
        """Return every combination of a grid {parameter: values}, the last parameter changing fastest.

        Raises:
            UsageError: a parameter has no values.
        """
        return parse_space({name: list(values) for name, values in param_grid.items()}).grid(1)

    def random_search(self, param_distributions: Distributions, n_trials: int = 20) -> list[Config]:
        """Return configurations drawn from distributions; see `parse_space` for how these are written and what is refused."""
        settings = SearchSettings(trials=n_trials, method="random", pruner="none", seed=self.seed)
        found = search(lambda _: 0.0, parse_space(param_distributions), settings)
        return [trial.chosen for trial in found.trials]

    def bayesian_search(
        self,
        param_distributions: Distributions,
        objective_fn: Callable[[Config], float],
        n_trials: int = 20,
        n_initial: int = 5,
    ) -> list[tuple[Config, float]]:
        """Return (configuration, score) of every trial in order; higher scores are better, and are sought by TPE.

        Args:
            param_distributions: see `parse_space`.
            objective_fn: configuration -> score.
            n_trials: in all.
            n_initial: of them drawn at random.

        Raises:
            StageError: a configuration could not be scored; names it, and why.
        """
        settings = SearchSettings(
            trials=n_trials, pruner="none", direction="maximize", seed=self.seed, startup_trials=n_initial
        )
        found = search(lambda trial: float(objective_fn(trial.params)), parse_space(param_distributions), settings)
        return [(trial.chosen, _score(trial)) for trial in found.trials]

    def study(
        self,
        objective: Objective,
        space: Space | Distributions | Path | str,
        *,
        method: str | None = None,
        pruner: str | None = None,
        n_trials: int | None = None,
        direction: str | None = None,
        batch: int = 1,
        workers: int = 0,
        timeout: float | None = None,
        storage: Path | str | None = None,
        resume: bool = False,
        name: str = "notebook",
        first: Sequence[Config] = (),
        on_trial: Callable[[TrialRecord], None] | None = None,
    ) -> SearchResult:
        """Run a whole study on an objective of one's own, with any method and pruner, in processes, kept on disk.

        Args:
            objective: takes a `Trial` (`params`, `seed`, `report(step, value)`) and returns its value; with workers a function of a module.
            space: distributions, a `Space`, or the path of a sweep's YAML, which then says method, direction and pruner where these are None.
            method: tpe, gp, random or grid.
            pruner: none, median or hyperband.
            n_trials: how many; 20, or the sweep's `run_cap`.
            direction: minimize or maximize.
            batch: so many are chosen at once; the result hangs on it, never on the workers.
            workers: processes, 0 for none beside this one.
            timeout: seconds after which no further batch begins.
            storage: a file or the URL of a database.
            resume: go on with a study that is there.
            name: of the study.
            first: configurations to begin with.
            on_trial: called with each trial as it ends.

        Raises:
            UsageError: something asked for cannot be; UnknownName with the nearest name.
            StageError: the search cannot go on.
        """
        settings = SearchSettings(seed=self.seed, pruner="none", batch=batch, timeout=timeout)
        if isinstance(space, str | Path):
            sweep = read_sweep(space, settings)
            chosen, settings = sweep.space, sweep.settings
        else:
            chosen = space if isinstance(space, Space) else parse_space(space)
        asked = {"method": method, "pruner": pruner, "trials": n_trials, "direction": direction}
        said = {key: value for key, value in asked.items() if value is not None}
        settings = SearchSettings(**{**vars(settings), **said})
        return search(
            objective,
            chosen,
            settings,
            name=name,
            first=first,
            workers=workers,
            storage=storage,
            resume=resume,
            on_trial=on_trial,
        )


def _score(trial: TrialRecord) -> float:
    if trial.value is None:
        raise StageError(f"the configuration {trial.chosen} could not be scored: {trial.reason}")
    return trial.value
