"""Search for the best answer to a question within a budget of CPU seconds, and repeat a search by what it counted.

First the default of every estimator, the cheapest first. Each is settled, which says what its forecasts will cost: what takes more than half of
what is left waits until all others are done. Then one more trial after the other, of the estimator that promises most per second
(`bandit`), proposed by its own sampler. Each candidate's forecasts are kept, and the choice is made among them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from pitwall.domain.errors import StageError, UnknownName
from pitwall.ml.automl.budget import Budget, BudgetSpent
from pitwall.ml.automl.candidates import Bench, Started
from pitwall.ml.automl.problem import Problem
from pitwall.ml.automl.proposing.bandit import next_estimator
from pitwall.ml.automl.proposing.samplers import Sampler, sampler
from pitwall.ml.automl.result import AutoMLResult, concluded
from pitwall.ml.automl.scores import Scores, asked_metric
from pitwall.ml.automl.settings import Settings
from pitwall.ml.automl.trials import Trial, Tried, counts_of

FOR_TRIALS, WITH_BLEND = (
    0.95,
    0.8,
)  # of the budget; the rest is for the choice among them, which takes longer for a blend
AT_ONCE = 0.5  # of what is left: a default that costs more waits for the others
INTERRUPTED, SPENT, NOTHING_LEFT, COUNTED = "interrupted", "budget spent", "nothing left to try", "repeated by count"


@dataclass(frozen=True)
class Progress:
    """How far a search is: candidates done, the best one, CPU seconds."""

    done: int
    last: Trial
    best: str
    value: float
    used: float
    budget: float

    def told(self) -> str:
        """Return it in words."""
        spent = f"{self.used:.1f} of {self.budget:g} CPU s" if math.isfinite(self.budget) else f"{self.used:.1f} CPU s"
        return f"{spent}, {self.done} candidates, best {self.value:.4f} by {self.best}"


class Watch:
    """Passes on what is worth a line: a new best candidate, and the end of each tenth of the budget."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell, self._best, self._tenth = tell, "", 0

    def __call__(self, now: Progress) -> None:
        """Tell of it where it is news."""
        tenth = int(10 * now.used / now.budget)
        if now.best != self._best or tenth > self._tenth:
            self._tell(now.told())
        self._best, self._tenth = now.best, tenth


OnProgress = Callable[[Progress], None]


def search(problem: Problem, settings: Settings, *, seed: int, progress: OnProgress | None = None) -> AutoMLResult:
    """Return what a budget of CPU seconds finds; an interruption (Ctrl-C) ends the search and keeps the best so far.

    Args:
        problem: the question with its rows.
        settings: budget, metric, engine.
        seed: of every random choice.
        progress: called after each candidate.

    Raises:
        StageError: no candidate was done within the budget, or all failed.
        UnknownName: there is no such metric or estimator.
    """
    run = _Run(problem, settings, seed, Budget(settings.budget), progress)
    try:
        why = run.timed()
    except BudgetSpent:
        why = SPENT
    except KeyboardInterrupt:
        why = INTERRUPTED
    return run.result(why)


def replay(
    problem: Problem,
    settings: Settings,
    trials: Iterable[Trial] | Mapping[str, int],
    *,
    seed: int,
    progress: OnProgress | None = None,
) -> AutoMLResult:
    """Return what a search found, by repeating as many trials of each estimator as it did, without a clock.

    Args:
        problem: the same question with the same rows.
        settings: the same; its budget is not looked at.
        trials: the list of the search, or {estimator: how many} as its recipe keeps them.
        seed: the same.
        progress: called after each candidate.
    """
    run = _Run(problem, settings, seed, Budget(float("inf")), progress)
    run.counted(counts_of(trials))
    return run.result(COUNTED)


class _Run:
    """One search as it goes on."""

    def __init__(
        self, problem: Problem, settings: Settings, seed: int, budget: Budget, progress: OnProgress | None
    ) -> None:
        self.problem, self.settings, self.seed, self.budget = problem, settings, seed, budget
        self.progress = progress or (lambda _: None)
        self.names = _asked(problem, settings)
        self.bench = Bench(problem, Scores.of(problem, asked_metric(problem.template, settings.metric)), seed)
        self.samplers: dict[str, Sampler] = {}
        self.tried: list[Tried] = []
        self.too_costly: dict[str, str] = {}

    def timed(self) -> str:
        """Try candidates until the budget is spent; return why it ended."""
        share = WITH_BLEND if self.settings.ensemble else FOR_TRIALS
        clock = Budget(share * self.budget.seconds, self.budget.started)
        order, costly = self.bench.cheapest_first(self.names), list[Started]()
        for name in order:
            clock.check()
            started = self._started(name)
            if self.bench.costs(started) > clock.left * AT_ONCE:
                costly.append(started)
            else:
                self._finished(started, clock)
        for started in sorted(costly, key=lambda each: (each.trial.seconds, each.trial.estimator)):
            if self.bench.costs(started) > clock.left:
                self.too_costly[started.trial.estimator] = (
                    f"about {self.bench.costs(started):.1f} CPU seconds were not left"
                )
            else:
                self._finished(started, clock)
        names = [name for name in self.names if name not in self.too_costly]
        while (chosen := next_estimator(self.tried, self._open(names), clock.left)) is not None:
            self._finished(self._started(chosen), clock)
        return SPENT if self._open(names) or self.too_costly else NOTHING_LEFT

    def counted(self, counts: Mapping[str, int]) -> None:
        """Try as many candidates of each estimator as are counted."""
        for name, count in counts.items():
            if name not in self.problem.plugins:
                raise UnknownName("estimator of the repeated search", name, self.problem.plugins)
            for _ in range(count):
                self._finished(self._started(name), self.budget)

    def result(self, why: str) -> AutoMLResult:
        """Choose among what was tried."""
        if not any(each.answer is not None for each in self.tried):
            failed = "; ".join(f"{each.trial.name}: {each.trial.reason}" for each in self.tried) or "none was done"
            raise StageError(
                f"no candidate answered within {self.settings.budget:g} CPU seconds ({why}; {failed}). Give more."
            )
        return concluded(self.bench, self.settings, self.tried, self.budget, why, self.too_costly)

    def _open(self, names: list[str]) -> list[str]:
        return [name for name in names if not self.samplers[name].exhausted]

    def _started(self, name: str) -> Started:
        """Return the next candidate of an estimator, settled."""
        if name not in self.samplers:
            self.samplers[name] = sampler(self.settings.engine, self.problem.plugins[name], self.seed)
        params = self.samplers[name].ask()
        nth = sum(each.trial.estimator == name for each in self.tried)
        return self.bench.started(Trial(len(self.tried), name, nth, params, {}, "COMPLETE", None, None, 0.0, 0.0))

    def _finished(self, started: Started, clock: Budget) -> None:
        """Let a candidate forecast, and tell its sampler and whoever watches."""
        clock.check()
        done = self.bench.finished(started, clock)
        done = replace(done, trial=replace(done.trial, number=len(self.tried)))
        self.samplers[done.trial.estimator].tell(None if done.answer is None else done.cost)
        self.tried.append(done)
        best = min(self.tried, key=lambda each: each.rank).trial
        value = float("nan") if best.value is None else best.value
        self.progress(Progress(len(self.tried), done.trial, best.name, value, clock.used, self.budget.seconds))


def _asked(problem: Problem, settings: Settings) -> list[str]:
    """Return the estimators that are candidates, by name."""
    for name in settings.only:
        if name not in problem.plugins:
            why = problem.lacking(name)
            raise StageError(why) if why else UnknownName("candidate of the search", name, problem.plugins)
    return sorted(settings.only or problem.plugins)
