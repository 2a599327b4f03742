"""Search: choose a batch of trials from what the batches before have shown, evaluate it, write it down, and so on.

Everything that a choice depends on is fixed before the batch begins: the finished batches, the study's seed and the trial's number. So any
number of workers makes the same study, and so does one that was killed and goes on: trials that were chosen and not finished are
evaluated again with the same configuration and seed. What is in memory decides; the storage is its record.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pitwall.domain import clock
from pitwall.domain.errors import StageError
from pitwall.ml.search import record
from pitwall.ml.search.evaluation import Evaluate, Outcome, Task, evaluator
from pitwall.ml.search.methods import quiet, sampler
from pitwall.ml.search.pruning import Pruning
from pitwall.ml.search.settings import SearchSettings
from pitwall.ml.search.space import Choose, Config, Space, traced
from pitwall.ml.search.trials import Objective, TrialRecord, trial_seed

if TYPE_CHECKING:
    import optuna

log = logging.getLogger(__name__)
Stopped = str  # "" at its end, "time" by its limit, "interrupt" by Ctrl-C or a signal
CLOCK = "stopped by the clock after {} trials: another machine, or another day, gets another number of them"


@dataclass(frozen=True)
class SearchResult:
    """What a search found.

    Attributes:
        name: of the study.
        settings: how it went.
        trials: all finished ones, in the order of their numbers.
        stopped: why before its end: `time`, `interrupt`, or empty.
        seconds: by the clock, of this process alone.
        resumed: how many trials were there before.
        study: the same as a study of Optuna, for its tools.
    """

    name: str
    settings: SearchSettings
    trials: tuple[TrialRecord, ...]
    stopped: Stopped
    seconds: float
    resumed: int
    study: optuna.Study = field(repr=False)

    @property
    def best(self) -> TrialRecord:
        """The complete trial with the best value, the first of several.

        Raises:
            StageError: none is complete.
        """
        done = [trial for trial in self.trials if trial.value is not None]
        if not done:
            raise StageError(f"no trial of the study {self.name!r} is complete: {self._why()}")
        return min(done, key=lambda trial: (self.settings.sign * (trial.value or 0.0), trial.number))

    @property
    def note(self) -> str:
        """What a reader must know before they repeat it; empty where nothing."""
        return "" if self.settings.timeout is None else CLOCK.format(len(self.trials))

    def _why(self) -> str:
        reasons = [trial.reason for trial in self.trials if trial.reason]
        return (
            reasons[0] if reasons else f"{len(self.trials)} trials, all of them stopped early; prune later (`warmup`)."
        )


def search(
    objective: Objective,
    space: Choose,
    settings: SearchSettings | None = None,
    *,
    name: str = "search",
    first: Sequence[Mapping[str, Any]] = (),
    workers: int | Evaluate = 0,
    storage: Path | str | None = None,
    resume: bool = False,
    about: Mapping[str, Any] | None = None,
    on_trial: Callable[[TrialRecord], None] | None = None,
) -> SearchResult:
    """Search a space for the configuration with the best value.

    Args:
        objective: takes a `Trial` and returns its value (or a `Score`); it may `report` on the way. ArithmeticError and ValueError make a
            failed trial, anything else ends the search.
        space: a `Space`, or a function of an Optuna trial that returns a configuration.
        settings: method, pruner, budget, batch, seed.
        name: of the study.
        first: configurations of the first trials, by the names that the space asks for.
        workers: processes, 0 for none beside this one; or what `evaluator` gave, shared by several searches.
        storage: a file for a journal, or the URL of a database; None keeps it in memory.
        resume: go on with a study that is there.
        about: what else decides the result, e.g. the hash of the data: a study goes on with the same alone.
        on_trial: called with each trial as it ends.

    Raises:
        UsageError: the study exists and `resume` is not set; UnknownName for a name that is not known.
        StageError: the study was begun otherwise, another process holds it, or a worker was killed.

    Example:
        >>> from pitwall.ml.search.spec import parse_space
        >>> space = parse_space({"x": {"type": "uniform", "low": -1, "high": 1}})
        >>> found = search(lambda trial: trial.params["x"] ** 2, space, SearchSettings(trials=30, seed=1))
        >>> abs(found.best.params["x"]) < 0.2
        True
    """
    settings = settings or SearchSettings()
    where = None if storage is None else str(storage)
    with record.held(where, name) if where else nullcontext():
        kept = None if where is None else record.opened(where)
        study = _Study(settings, name, space, [*first, *_grid(settings, space)], kept)
        if kept is not None:
            decided = {**settings.deciding(), **(about or {})}
            study.load(record.study_of(kept, name, settings.direction, decided, resume=resume))
        started = time.perf_counter()
        try:
            with evaluator(objective, workers) if isinstance(workers, int) else nullcontext(workers) as evaluate:
                stopped = study.run(evaluate, on_trial or (lambda _: None))
        except KeyboardInterrupt:
            stopped = "interrupt"
        return study.result(stopped, time.perf_counter() - started)


@dataclass
class _Study:
    """A study in memory, and its record where it has one."""

    settings: SearchSettings
    name: str
    space: Choose
    first: Sequence[Mapping[str, Any]]
    kept: optuna.storages.BaseStorage | None
    kept_id: int = -1
    before: list[optuna.trial.FrozenTrial] = field(default_factory=list)
    records: dict[int, TrialRecord] = field(default_factory=dict)
    resumed: int = 0
    _ids: dict[int, int] = field(default_factory=dict)
    _kept_ids: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        import optuna

        quiet()
        self.memory = optuna.storages.InMemoryStorage()
        self.study = optuna.create_study(
            storage=self.memory,
            study_name=self.name,
            direction=self.settings.direction,
            sampler=sampler(self.settings, self.settings.seed),
            pruner=optuna.pruners.NopPruner(),  # trials are pruned where they are evaluated
        )
        self.total = (
            min(self.settings.trials, len(self.first)) if self.settings.method == "grid" else self.settings.trials
        )

    def load(self, kept_id: int) -> None:
        """Take up the trials that the record holds."""
        assert self.kept is not None
        self.kept_id = kept_id
        self.before = sorted(self.kept.get_all_trials(kept_id), key=lambda trial: trial.number)
        self.records = {trial.number: record.record_of(trial) for trial in self.before if trial.state.is_finished()}
        self.resumed = len(self.records)

    def run(self, evaluate: Evaluate, on_trial: Callable[[TrialRecord], None]) -> Stopped:
        """Evaluate batch after batch, up to the last one or the limit of time; say which."""
        started, limit, size = time.perf_counter(), self.settings.timeout, self.settings.batch
        total = max(self.total, len(self.before))
        for start in range(0, total, size):
            if limit is not None and time.perf_counter() - started >= limit and start >= len(self.before):
                return "time"
            self._batch(range(start, min(start + size, total)), evaluate, on_trial)
        return ""

    def result(self, stopped: Stopped, seconds: float) -> SearchResult:
        """Return what is finished; what was being evaluated when it stopped stays in the record, to be taken up."""
        trials = tuple(self.records[number] for number in sorted(self.records))
        return SearchResult(self.name, self.settings, trials, stopped, seconds, self.resumed, self.study)

    def _batch(self, numbers: Sequence[int], evaluate: Evaluate, on_trial: Callable[[TrialRecord], None]) -> None:
        """Choose, evaluate, and only then let the study learn: trials of a batch do not see each other."""
        finished = () if self.settings.pruner == "none" else tuple(self.study.get_trials(deepcopy=False))
        chosen = {number: self._chosen(number) for number in numbers}
        outcomes = {number: _outcome(self.before[number]) for number in numbers if number in self.records}
        tasks = [
            Task(number, config, self._seed(number), Pruning(self.settings, number, finished))
            for number, config in chosen.items()
            if number not in outcomes
        ]
        for outcome in evaluate(tasks) if tasks else ():
            outcomes[outcome.number] = outcome
            if self.kept is not None:
                record.write(self.kept, self._kept_ids[outcome.number], outcome)
            self._tell(outcome, chosen[outcome.number], on_trial)
        for number in numbers:
            record.write(self.memory, self._ids[number], outcomes[number])

    def _chosen(self, number: int) -> Config:
        """Return the configuration of a trial: what the record holds, else what is chosen now and recorded before it is evaluated."""
        if number < len(self.before):
            trial = self.before[number]
            self._ids[number] = self.memory.create_new_trial(self.study._study_id, _running(trial))
            self._kept_ids[number] = trial._trial_id
            return dict(trial.user_attrs[record.CHOSEN])
        if not self.settings.one_seed:
            self.study.sampler = sampler(self.settings, trial_seed(self.settings.seed, number))
        if number < len(self.first):
            self.study.enqueue_trial(self._encoded(self.first[number]))
        asked = self.study.ask()
        config = self.space(asked)
        self._ids[number] = asked._trial_id
        for name, value in ((record.CHOSEN, record.plain(config)), (record.SEED, self._seed(number))):
            self.memory.set_trial_user_attr(asked._trial_id, name, value)
        if self.kept is not None:
            trial = self.memory.get_trial(asked._trial_id)
            self._kept_ids[number] = self.kept.create_new_trial(self.kept_id, _running(trial))
        return config

    def _tell(self, outcome: Outcome, chosen: Config, on_trial: Callable[[TrialRecord], None]) -> None:
        made = TrialRecord(
            outcome.number,
            outcome.state,
            outcome.params,
            outcome.value,
            tuple(sorted(outcome.history.items())),
            outcome.reason,
            self._seed(outcome.number),
            outcome.seconds,
            chosen,
        )
        self.records[outcome.number] = made
        shown = "" if made.value is None else f", value {made.value:.4f}"
        log.info("trial %d %s%s", made.number, made.state.lower(), shown)
        on_trial(made)

    def _seed(self, number: int) -> int:
        return self.settings.seed if self.settings.one_seed else trial_seed(self.settings.seed, number)

    def _encoded(self, config: Mapping[str, Any]) -> dict[str, Any]:
        return self.space.encoded(config) if isinstance(self.space, Space) else dict(config)


def _grid(settings: SearchSettings, space: Choose) -> list[Config]:
    """Return the configurations of a grid: all in order, or where there are more than trials, in an order that the seed draws."""
    if settings.method != "grid":
        return []
    found = traced(space)
    made = found.grid_for(settings.trials) if settings.levels is None else found.grid(settings.levels)
    if len(made) <= settings.trials:
        return made
    return [made[n] for n in sorted(range(len(made)), key=lambda n: (trial_seed(settings.seed, n), n))]


def _running(trial: optuna.trial.FrozenTrial) -> optuna.trial.FrozenTrial:
    """Return a trial as it was when it was chosen."""
    import optuna

    made = optuna.trial.create_trial(
        state=optuna.trial.TrialState.RUNNING,
        params=trial.params,
        distributions=trial.distributions,
        user_attrs={name: trial.user_attrs[name] for name in (record.CHOSEN, record.SEED) if name in trial.user_attrs},
    )
    made.datetime_start = trial.datetime_start or clock.wall().replace(tzinfo=None)
    return made


def _outcome(trial: optuna.trial.FrozenTrial) -> Outcome:
    """Return what came of a trial that the record holds as finished."""
    told = record.record_of(trial)
    rungs = {name: value for name, value in trial.system_attrs.items() if name.startswith("completed_rung_")}
    return Outcome(
        told.number, told.state, told.value, told.params, dict(told.history), rungs, told.reason, told.seconds
    )
