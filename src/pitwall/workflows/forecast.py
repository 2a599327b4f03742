"""Forecast a race with the standing champion, and its challenger beside it: finish what a crash left, register what DVC restored, answer, store,
write the page, say so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from pitwall.domain import clock
from pitwall.domain.errors import UsageError
from pitwall.domain.records.aliases import CHALLENGER
from pitwall.ml.forecasting.forecast import Forecast, store
from pitwall.ml.forecasting.forecast import forecast as answer
from pitwall.ml.forecasting.render import write_page
from pitwall.ml.forecasting.strategy import with_strategy
from pitwall.ml.models.machinery.names import resolve_model
from pitwall.ml.registry import recover
from pitwall.ml.templates import template
from pitwall.workflows.ab.arms import both
from pitwall.workflows.judge import registered
from pitwall.workflows.logbook.news import foretold
from pitwall.workflows.record.enter import enter
from pitwall.workflows.serving.export import publish_forecast
from pitwall.workflows.workspace import Workspace

DEFAULT_MODEL = "order-pre_race"


@dataclass(frozen=True)
class WhatIf:
    """What the user wants to know instead of what the data say: who takes part, on which grid (files); or of which lap, stop or stint."""

    entries: Path | None = None
    grid: Path | None = None
    lap: int | None = None
    stop: int | None = None
    stint: int | None = None


@dataclass(frozen=True)
class Stored:
    """A forecast and the file that it is kept in."""

    made: Forecast
    path: Path


def forecast(
    workspace: Workspace,
    name: str,
    race: str | None = None,
    what_if: WhatIf | None = None,
    *,
    replay: bool = False,
    provenance: Mapping[str, str] | None = None,
    now: datetime | None = None,
) -> Stored:
    """Forecast a race with the champion, store the answer with its page, and enter it into the track record.

    While a challenger runs both are stored and entered; in a declared test it answers its share of the races (docs/duel.md).

    Args:
        workspace: of the project.
        name: a model, or a template that it answers.
        race: e.g. 2024-24; the next race when None.
        what_if: entries and grid of the user's own, or a lap, a pit stop or a stint.
        replay: forecast the last race when there is no next one.
        provenance: recorded with the forecast; that of the present code and data when None.
        now: the instant that is replayed; that of `pitwall.domain.clock` when None.

    Raises:
        ForecastError: there is no race to forecast, no champion, or an input is wrong.
        StageError: nothing is trained.
    """
    what_if, now = what_if or WhatIf(), now or clock.replayed()
    with workspace.exclusive("pitwall forecast"):
        job, registry = workspace.job(name), workspace.registry
        origin = workspace.provenance() if provenance is None else provenance
        recover(registry, workspace.history)
        registered(workspace, job.name, origin)
        ask = partial(
            answer,
            registry=registry,
            reader=workspace.features,
            provenance=origin,
            entries=what_if.entries,
            grid=what_if.grid,
            now=now,
        )
        ask_it = partial(ask, job, race=race, lap=what_if.lap, stop=what_if.stop, stint=what_if.stint, replay=replay)
        supposed = what_if != WhatIf()
        arms = both(workspace, ask_it(), lambda: ask_it(role=CHALLENGER), what_if=supposed, now=now)
        made = with_strategy(arms.served, registry, lambda other: ask(workspace.job(other), race=arms.served.race))
        path = store(workspace.project, made, now)
        enter(workspace, path, what_if=supposed, now=now)
        if arms.shadow is not None:
            enter(workspace, store(workspace.project, arms.shadow, now), now=now)
        write_page(made, path.with_suffix(".html"))
        publish_forecast(workspace, path, made.model)
    foretold(workspace, made, path)  # a sink is slow: nobody waits for the project because of it
    return Stored(made, path)


def model_of(workspace: Workspace, templates: Sequence[str]) -> tuple[str, list[str]]:
    """Return the model that answers, and the questions; all must be answered by one model. The name of a user's model stands for its question.

    Raises:
        UnknownName: there is no such template.
        UsageError: different models answer them.
    """
    params = workspace.params
    questions = [template(name).name for name in templates]
    models = {resolve_model(name, params) for name in templates} or {resolve_model(DEFAULT_MODEL, params)}
    if len(models) > 1:
        raise UsageError(f"{', '.join(questions)} are answered by different models; ask one at a time.")
    return models.pop(), questions
