"""FLAML as the one who proposes: its local search CFO over our estimators' own spaces.

FLAML's `AutoML` class would bring learners, splits and files of its own. Here splits are whole races forward in time, baselines stand
beside, and files hold data only, whoever proposes. CFO weighs its steps by cost; each trial counts as one here, not as its seconds, so that the
same number of trials proposes the same configurations again.
"""

from __future__ import annotations

import logging
from typing import Any

from pitwall.ml.automl.proposing.space import Space
from pitwall.ml.estimators._estimator import Estimator, Params

COST, SPENT = "cost", "trials"
FAILED = 1e9  # of a configuration that failed: CFO has no other word for it


class FlamlSampler:
    """CFO, asked and told."""

    def __init__(self, plugin: Estimator, seed: int) -> None:
        recorded = Space(plugin.default())
        plugin.space(recorded)
        self.plugin, self.ranges = plugin, recorded.ranges
        self.exhausted = not self.ranges
        self._cfo = None if self.exhausted else _cfo(self.ranges, plugin.default(), seed)
        self._asked, self._config = 0, dict[str, Any]()

    def ask(self) -> Params:
        """Return the next configuration."""
        self._asked += 1
        if self._cfo is None:
            return self.plugin.default()
        self._config = self._cfo.suggest(str(self._asked)) or self._config
        if self._asked == 1:
            return self.plugin.default()  # CFO rounds it in the last digit
        return self.plugin.space(Space(self._config))

    def tell(self, cost: float | None) -> None:
        """Say what the last one cost."""
        if self._cfo is not None:
            result = {COST: FAILED if cost is None else cost, SPENT: 1.0, "config": self._config}
            self._cfo.on_trial_complete(str(self._asked), result)


def _cfo(ranges: dict[str, tuple[str, Any, Any, bool]], default: Params, seed: int) -> Any:
    from flaml import CFO, tune

    logging.getLogger("flaml").setLevel(logging.ERROR)
    logging.getLogger("flaml.tune").setLevel(logging.ERROR)

    def domain(kind: str, low: Any, high: Any, log: bool) -> Any:
        if kind == "choice":
            return tune.choice(low)
        if kind == "int":
            return (tune.lograndint if log else tune.randint)(low, high + 1)
        return (tune.loguniform if log else tune.uniform)(low, high)

    first = {name: default[name] for name in ranges if name in default}
    return CFO(
        metric=COST,
        mode="min",
        space={name: domain(*each) for name, each in ranges.items()},
        points_to_evaluate=[first],
        cost_attr=SPENT,
        seed=seed,
    )
