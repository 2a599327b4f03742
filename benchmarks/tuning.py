"""What a search costs beside the trials themselves: over Optuna's own loop in one process, and what two workers save.

Trials are of equal length, so many seconds of one processor each, whoever else uses the machine; every process has one thread. The peer of
the first rows is `study.optimize` of bare Optuna with the same sampler and pruner, kept in the same kind of journal; at most 3 % more are aimed
at. With two workers it should be 1.6 times as fast as without, where two processors are free; the last row holds it against two processes that only burn
the same seconds at the same time, which no search can beat. Runs alternate, medians count; the
clock suffers from whoever else is there, seconds of the processor do not. `--json FILE` writes rows {work, subject, value, unit, peer, ratio}; `--small` measures
short trials once, which shows that it runs and says nothing about targets.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from _meter import Meter
from _report import Row, options, report

from pitwall.ml.search.workers import single_threaded

Run = Callable[[Path], None]


@dataclass(frozen=True)
class Size:
    """How much is measured: seconds of a trial, trials of a run, runs of each kind."""

    seconds: float
    trials: int
    runs: int


FULL, SMALL = Size(2.0, 8, 3), Size(0.05, 4, 1)


def bare(size: Size) -> Run:
    """Return Optuna's own loop."""
    import optuna
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    from pitwall.ml.search.trials import Trial
    from pitwall.testing.fakes.objectives import SPACE, Bowl

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    bowl = Bowl(busy=size.seconds)

    def objective(asked: optuna.Trial) -> float:
        def stop(history: dict[int, float]) -> bool:
            step = max(history)
            asked.report(history[step], step)
            return asked.should_prune() and False  # all trials are of the same length

        return bowl(Trial(asked.number, SPACE(asked), 0, hopeless=stop))

    def run(folder: Path) -> None:
        study = optuna.create_study(
            storage=JournalStorage(JournalFileBackend(str(folder / "bare.journal"))),
            sampler=optuna.samplers.TPESampler(seed=7, n_startup_trials=3),
            pruner=optuna.pruners.MedianPruner(n_startup_trials=10**6),
        )
        study.optimize(objective, n_trials=size.trials)

    return run


def ours(size: Size, workers: int) -> Run:
    """Return our search; its pruner is asked at every step and stops none, so that all trials are of the same length."""
    from pitwall.ml.search.engine import search
    from pitwall.ml.search.settings import SearchSettings
    from pitwall.testing.fakes.objectives import SPACE, Bowl

    batch = 4 if workers else 1
    settings = SearchSettings(trials=size.trials, batch=batch, startup_trials=3, warmup=10**6)

    def run(folder: Path) -> None:
        search(Bowl(busy=size.seconds), SPACE, settings, storage=folder / "ours.journal", workers=workers)

    return run


def ideal(size: Size) -> Run:
    """Return two processes that burn the same seconds and do nothing else: no search can be done before them, whoever else uses the machine."""
    own = f"from pitwall.testing.fakes.objectives import burn; burn({size.seconds * size.trials / 2})"

    def run(_folder: Path) -> None:
        both = [subprocess.Popen([sys.executable, "-c", own]) for _ in range(2)]
        for each in both:
            each.wait()

    return run


def measured(runs: dict[str, Run], count: int) -> dict[str, tuple[float, float]]:
    """Return the median seconds by the clock and of the processor of each kind of run, run in turn."""
    found: dict[str, list[Meter]] = {name: [] for name in runs}
    for _ in range(count):
        for name, run in runs.items():
            with tempfile.TemporaryDirectory() as folder, Meter() as meter:
                run(Path(folder))
            found[name].append(meter)
    return {name: (median(m.wall for m in own), median(m.cpu for m in own)) for name, own in found.items()}


def rows(size: Size) -> list[Row]:
    """Return what was measured."""
    optuna, one, two, best = "bare Optuna", "no workers", "2 workers", "two processes that only burn"
    runs = {optuna: bare(size), one: ours(size, 0), two: ours(size, 2), best: ideal(size)}
    found = measured(runs, size.runs)
    work = f"search, {size.trials} trials of {size.seconds:g} s"
    made = [
        (one, found[one][0], "s by the clock", optuna, found[one][0] / found[optuna][0]),
        (one, found[one][1], "s of the processor", optuna, found[one][1] / found[optuna][1]),
        (two, found[two][0], "s by the clock", one, found[one][0] / found[two][0]),
        (two, found[two][0], "s by the clock", best, found[two][0] / found[best][0]),
    ]
    return [
        {"work": work, "subject": who, "value": round(value, 3), "unit": unit, "peer": peer, "ratio": round(ratio, 4)}
        for who, value, unit, peer, ratio in made
    ]


def main() -> None:
    """Parse the command line, measure, print."""
    single_threaded()
    chosen = options(__doc__, "short trials, once").parse_args()
    report(rows(SMALL if chosen.small else FULL), chosen.json)


if __name__ == "__main__":
    main()
