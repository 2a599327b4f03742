"""What `pitwall tune` says: before a search, trial by trial, of what was found, and of folds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from pitwall.cli._output import progress, table

if TYPE_CHECKING:
    from rich.console import Console

    from pitwall.domain.numbers import Interval
    from pitwall.ml.search.settings import SearchSettings
    from pitwall.ml.search.trials import TrialRecord
    from pitwall.workflows.tune.study import Tuned
    from pitwall.workflows.tune.subject import Subject
    from pitwall.workflows.workspace import Workspace


def say_before(screen: Console, subject: Subject, settings: SearchSettings, workers: int) -> None:
    """Say how much there is to do."""
    rows = subject.rows
    seasons = ", ".join(map(str, subject.seasons.validation))
    processes = f"{workers} workers" if workers else "this process"
    screen.print(
        f"{subject.job.name}, {subject.recipe.estimator}: {settings.trials} trials by {settings.method}, pruner {settings.pruner}, in batches "
        f"of {settings.batch} by {processes}; each learns from {rows['rows_learned']:,} rows ({rows['races_learned']} races) and is scored on "
        f"{rows['rows_scored']:,} of seasons {seasons}.",
        soft_wrap=True,
    )


class Teller:
    """Tells of trials as they end: the best so far, and after the first one and the first batch how long the rest will take."""

    def __init__(self, settings: SearchSettings, workers: int) -> None:
        self._settings, self._workers = settings, workers
        self._seconds: list[float] = []
        self._best = float("inf")

    def __call__(self, record: TrialRecord) -> None:
        """Tell of one trial on standard error."""
        self._seconds.append(record.seconds)
        left = self._left() if len(self._seconds) in {1, self._settings.batch} else ""
        if record.value is not None:
            self._best = min(self._best, self._settings.sign * record.value)
        value = record.state.lower() if record.value is None else f"{record.value:.5f}"
        best = "" if self._best == float("inf") else f", best so far {self._settings.sign * self._best:.5f}"
        typer.echo(f"trial {record.number}: {value}{best}{left}", err=True)

    def _left(self) -> str:
        from statistics import median

        from pitwall.workflows.tune.study import seconds_left

        each, rest = median(self._seconds), self._settings.trials - len(self._seconds)
        about = seconds_left(each, max(rest, 0), self._settings.batch, self._workers)
        return f"; {each:.1f} s a trial so far, about {about:.0f} s left"


def say_found(screen: Console, done: Tuned) -> None:
    """Print the best configuration beside the default, and how to train with it."""
    result, best, job = done.result, done.result.best, done.subject.job
    states = [trial.state for trial in result.trials]
    counts = ", ".join(f"{states.count(state)} {state.lower()}" for state in dict.fromkeys(states))
    rows = [
        (name, _shown(value), _shown(done.subject.recipe.params.get(name, "-"))) for name, value in best.chosen.items()
    ]
    screen.print(f"the best of {len(result.trials)} trials ({counts}) is trial {best.number}:")
    screen.print(table("", ("setting", "found", "default"), rows, right=("found", "default")))
    first = result.trials[0].value
    gain = "" if first is None or best.value is None else f", {first - best.value:.5f} less than trial 0"
    screen.print(f"{done.subject.label}: {best.value:.5f}{gain}", soft_wrap=True)
    for said in (f"stopped ({result.stopped}); this is the best so far" if result.stopped else "", result.note):
        if said:
            screen.print(f"note: {said}", soft_wrap=True)
    screen.print(f"report: {done.folder / 'report.html'}; its runs: pitwall exp show {done.run_id[:8]}", soft_wrap=True)
    chosen = ", ".join(f"{name}: {value}" for name, value in best.chosen.items())
    screen.print(
        f"train with it: put `estimator: {done.subject.recipe.estimator}`, `tuning: {{trials: 1}}` and `params: {{{chosen}}}` below `models: {job.model}:` of "
        f"params.yaml, then pitwall train {job.name}",
        soft_wrap=True,
    )


def interval_of(found: Interval, digits: int = 5) -> str:
    """Return a number with its interval, where there is one."""
    if found.low != found.low:
        return f"{found.value:.{digits}f}"
    return f"{found.value:.{digits}f} ({found.low:.{digits}f} to {found.high:.{digits}f})"


def _shown(value: Any) -> str:
    return f"{value:.5g}" if isinstance(value, float) else str(value)


def say_folds(screen: Console, workspace: Workspace, model: str, only: str | None) -> dict[str, Any]:
    """Print the rankings under both ways to split, and which of them the next seasons confirm."""
    from pitwall.workflows.tune.folds import compare_folds

    with progress("estimators") as tell:
        done = compare_folds(workspace, model, [each.strip() for each in (only or "").split(",") if each.strip()], tell)
    found = done.ranking
    lines = [
        (name, *(f"{row[way]:.4f} ({row[f'{way}_rank']:.0f})" for way in ("next", "shuffled", "forward")))
        for name, row in found.losses.iterrows()
    ]
    heads = ["estimator", "the next seasons", f"shuffled {found.cut}", "forward"]
    question, loss = found.question
    screen.print(
        table(f"{question}: {loss} (rank) of every estimator as it is by default", heads, lines, right=heads[1:])
    )
    for way, tau in found.tau.items():
        promise = ""
        if each := found.chosen.get(way):
            promise = f"; it chooses {each.estimator}, promises {each.promised:.4f} over {each.rule}, of which the next seasons keep {each.kept:.4f}"
        screen.print(f"{way}: Kendall's tau with the next seasons {interval_of(tau, 2)}{promise}", soft_wrap=True)
    screen.print(f"picture: {done.picture}", soft_wrap=True)
    return done.content
