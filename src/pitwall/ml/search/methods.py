"""The methods of search and the rules of pruning by name: Optuna's own, and what people ask before they choose one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pitwall.ml.search.settings import SearchSettings

if TYPE_CHECKING:
    from optuna.pruners import BasePruner
    from optuna.samplers import BaseSampler


@dataclass(frozen=True)
class About:
    """What a method is, for people.

    Attributes:
        method: its name.
        strategy: how it chooses.
        efficiency: what a trial is worth under it.
        best_for: when to take it.
        parallel: the same thing at a race track.
    """

    method: str
    strategy: str
    efficiency: str
    best_for: str
    parallel: str


TABLE = (
    About(
        "grid",
        "visits every combination of a few values each",
        "low: one more parameter multiplies the work",
        "two or three parameters, a table to show to others",
        "a set-up sheet: three wings times three ride heights, a run for each",
    ),
    About(
        "random",
        "draws every trial anew and learns from none",
        "fair: no trial is wasted on a parameter that does not matter",
        "many parameters, many workers, a first look",
        "each car of the test day goes out with a set-up drawn from a hat",
    ),
    About(
        "tpe",
        "tells good trials from bad ones by two densities, and draws where the good one is high",
        "high from about 20 trials on, a trial costs milliseconds to choose",
        "the usual case: ranges, choices and conditions mixed",
        "an engineer who goes back to what the fast laps had in common",
    ),
    About(
        "gp",
        "fits a smooth surface with its uncertainty, and goes where it could be best",
        "highest per trial, but a trial costs tenths of a second to choose",
        "few continuous parameters, trials that take minutes",
        "a simulator that predicts the lap of every set-up, and says where it is unsure",
    ),
    About(
        "none",
        "lets every trial run to its end",
        "as the method",
        "trials without steps, or that take a second",
        "every run of the programme is driven to its last lap",
    ),
    About(
        "median",
        "stops a trial that is worse than the median of finished ones at the same step",
        "often half the time, at a small risk",
        "boosting and nets whose early steps tell much",
        "box this lap: slower than half of the field at the same fuel",
    ),
    About(
        "hyperband",
        "gives many trials few steps, and the best third of them three times as many, again and again",
        "most trials in a given time, where early steps can be trusted",
        "long trainings, ranges that hold much nonsense",
        "Q1, Q2, Q3: the slowest leave, the rest get another run",
    ),
)


def quiet() -> None:
    """Let Optuna tell of troubles alone, not of every study and trial."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)


def sampler(settings: SearchSettings, seed: int) -> BaseSampler:
    """Return a fresh sampler that draws from a seed.

    Args:
        settings: of the study; grids are visited by configurations that are set beforehand, and need none of their own.
        seed: of its random numbers.
    """
    from optuna import samplers

    if settings.method == "tpe":
        return samplers.TPESampler(seed=seed, n_startup_trials=settings.startup_trials)
    if settings.method == "gp":
        return samplers.GPSampler(
            seed=seed, n_startup_trials=max(1, settings.startup_trials), warn_independent_sampling=False
        )
    return samplers.RandomSampler(seed=seed)


def pruner(settings: SearchSettings) -> BasePruner:
    """Return a fresh pruner."""
    from optuna import pruners

    if settings.pruner == "median":
        return pruners.MedianPruner(n_startup_trials=settings.startup_trials, n_warmup_steps=settings.warmup)
    if settings.pruner == "hyperband":
        return pruners.HyperbandPruner(
            min_resource=settings.min_iter,
            max_resource="auto" if settings.max_iter is None else settings.max_iter,
            reduction_factor=settings.eta,
        )
    return pruners.NopPruner()


def named(settings: SearchSettings) -> tuple[str, str]:
    """Return sampler and pruner as one would write them, for records.

    Example:
        >>> named(SearchSettings(seed=7, startup_trials=6, warmup=40))[1]
        'MedianPruner(n_startup_trials=6, n_warmup_steps=40)'
    """
    start, per_trial = settings.startup_trials, "" if settings.one_seed else ", anew for each trial"
    samplers = {
        "tpe": f"TPESampler(seed={settings.seed}, n_startup_trials={start}{per_trial})",
        "gp": f"GPSampler(seed={settings.seed}, n_startup_trials={start}{per_trial})",
        "random": f"RandomSampler(seed={settings.seed}{per_trial})",
        "grid": f"grid(seed={settings.seed})",
    }
    stops = "auto" if settings.max_iter is None else settings.max_iter
    pruners = {
        "none": "NopPruner()",
        "median": f"MedianPruner(n_startup_trials={start}, n_warmup_steps={settings.warmup})",
        "hyperband": f"HyperbandPruner(min_resource={settings.min_iter}, max_resource={stops}, reduction_factor={settings.eta})",
    }
    return samplers[settings.method], pruners[settings.pruner]
