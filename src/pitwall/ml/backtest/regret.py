"""What a forecast costs beyond what nobody could have saved: its expected loss under the true chances, less the truth's own.

Only a synthetic world knows its chances. No outcome enters: the loss of every possible result is weighted with its true chance,
so that regret shows small differences which luck hides in the scores. *Closed* is the share of the way from the baseline
to the truth that a model has gone, sums over races divided by each other; intervals draw whole races.

The chances are counted over draws. The loss of a forecast is linear in them, so it needs no correction; the truth's own is
not, and would look too good by about (cars - 1) / (2 draws) nats: that is added (Miller and Madow), likewise for squares.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pitwall.domain.errors import StageError
from pitwall.domain.keys import RACE_DRIVER
from pitwall.domain.params import GateParams
from pitwall.ml.evaluation.bootstrap import mean_interval, statistic_interval
from pitwall.ml.evaluation.scoring import Row
from pitwall.ml.evaluation.synthetic_truth import Tell, true_places, truth_of
from pitwall.ml.families.order.answer import place_columns
from pitwall.ml.families.order.answer import places as as_answer
from pitwall.ml.families.order.outcome import finishing_order
from pitwall.ml.families.predictions import prediction_table, stack
from pitwall.ml.families.shared.events import FLOOR
from pitwall.ml.rows import row_kind
from pitwall.ml.templates import Template, answered_by

if TYPE_CHECKING:
    from pitwall.ml.backtest.engine import Forecasts

NAME = ROLE = "truth"
PRIOR = 0.5  # draws added to every place: a place that never came up is rare, not impossible
Loss = Callable[[np.ndarray, np.ndarray], np.ndarray]


def with_truth(forecasts: Forecasts, pool: Executor | None = None, on_progress: Tell | None = None) -> Forecasts:
    """Return the forecasts with the truth as one more model, where the project's world has one; else as they are.

    Args:
        forecasts: of one plan.
        pool: processes to count chances that are not on disk yet.
        on_progress: called with (races done, races to count).

    Raises:
        StageError: the forecasts speak of a car that the world does not have.
    """
    job = forecasts.plan.job
    known = truth_of(job.project, job.params)
    if known is None or answered_by(job.model)[0].learned is not finishing_order:
        return forecasts  # the world counts who finishes where, and no other order
    races = sorted({int(race) for race in forecasts.predictions["race_id"]})
    truth = true_places(known, job.stage, races, pool=pool, on_progress=on_progress)
    _true_chances(pd.Series(1.0, index=truth.index), truth, forecasts.predictions)
    return replace(
        forecasts,
        predictions=stack([forecasts.predictions, said_by_truth(truth)], forecasts.plan.job.definition.answers),
        truth=truth,
    )


def said_by_truth(truth: pd.DataFrame) -> pd.DataFrame:
    """Return the predictions table of the truth: the counted shares, none of them zero."""
    places = truth[place_columns(truth)].to_numpy()
    cars = truth.groupby("race_id")["race_id"].transform("size").to_numpy()[:, None]
    draws = truth["draws"].to_numpy()[:, None]
    inside = np.arange(places.shape[1])[None, :] < cars
    chances = np.where(inside, (places * draws + PRIOR) / (draws + PRIOR * cars), 0.0)
    return prediction_table(NAME, ROLE, truth, as_answer(chances), row_kind("race_driver"))


def expected_losses(template: Template, said: pd.DataFrame, truth: pd.DataFrame) -> pd.DataFrame:
    """Return `loss` of a model and `best` of the truth, per race (index race_id), in the template's main loss.

    Args:
        template: whose main loss is log_loss or brier.
        said: the model's predictions.
        truth: true places of at least these cars.

    Raises:
        StageError: the truth lacks a car that the model speaks of: they are of different worlds.
    """
    p = _true_chances(template.answer(truth), truth, said)
    race = said["race_id"]
    draws = int(truth["draws"].iloc[0])
    loss, best = LOSSES[template.loss](p, template.answer(said).to_numpy(), race, draws)
    return pd.DataFrame({"loss": loss, "best": best})


def _true_chances(chance: pd.Series, truth: pd.DataFrame, said: pd.DataFrame) -> np.ndarray:
    """Return a column of the truth for the cars of a predictions table."""
    p = (
        chance.set_axis(pd.MultiIndex.from_frame(truth[list(RACE_DRIVER)]))
        .reindex(pd.MultiIndex.from_frame(said[list(RACE_DRIVER)]))
        .to_numpy()
    )
    if np.isnan(p).any():
        lacking = said.loc[np.isnan(p), list(RACE_DRIVER)].iloc[0].to_dict()
        raise StageError(
            f"the truth knows nothing of {lacking}: the tables are of another world than params.yaml names. Bring them up to "
            "date with `dvc repro`."
        )
    return np.asarray(p)


def _log_loss(p: np.ndarray, q: np.ndarray, race: pd.Series, draws: int) -> tuple[pd.Series, pd.Series]:
    """Return the log loss as `race_scores` has it: averaged over the cars for which the event comes true."""
    sums = pd.DataFrame(
        {
            "loss": -p * np.log(np.clip(q, FLOOR, 1.0)),
            "best": -p * np.log(np.where(p > 0, p, 1.0)) + (p > 0) / (2 * draws),
            "cars": p,
        }
    )
    total = sums.groupby(race.to_numpy()).sum()
    return total["loss"] / total["cars"], (total["best"] - 1 / (2 * draws)) / total["cars"]


def _brier(p: np.ndarray, q: np.ndarray, race: pd.Series, draws: int) -> tuple[pd.Series, pd.Series]:
    error = pd.DataFrame({"loss": p - 2 * p * q + q**2, "best": p * (1 - p) * draws / (draws - 1)})
    mean = error.groupby(race.to_numpy()).mean()
    return mean["loss"], mean["best"]


LOSSES = {"log_loss": _log_loss, "brier": _brier}


def regret_rows(
    template: Template,
    models: Mapping[str, pd.DataFrame],
    roles: Mapping[str, str],
    baseline: str,
    truth: pd.DataFrame,
    *,
    stage: str,
    gates: GateParams,
    seed: int,
) -> list[Row]:
    """Return one row per model: expected loss, regret with interval, share of the baseline's gap that is closed.

    Args:
        template: the question.
        models: {name: predictions}, over the same races.
        roles: {name: role in a row}.
        baseline: where the gap begins.
        truth: true places.
        stage: for the rows.
        gates: bootstrap draws and confidence.
        seed: of the draws.
    """
    if template.loss not in LOSSES:
        return []
    found = {name: expected_losses(template, own, truth) for name, own in models.items() if name != NAME}
    rows = []
    for name, losses in found.items():
        head = {"template": template.name, "stage": stage, "model": name, "role": roles[name], "metric": template.loss}
        regret = (losses["loss"] - losses["best"]).to_numpy()
        interval = mean_interval(regret, gates.bootstrap_draws, seed, gates.confidence)
        row = {**head, "season": "all", "expected": float(losses["loss"].mean()), **interval.row(), "n": interval.n}
        if name != baseline:
            row |= {"against": baseline, **closed(losses, found[baseline], gates, seed)}
        rows.append(row)
    return rows


def closed(own: pd.DataFrame, baseline: pd.DataFrame, gates: GateParams, seed: int) -> Row:
    """Return the share of the gap from the baseline to the truth that a model closes, over common races."""
    base = baseline.loc[own.index]
    sums = np.column_stack([base["loss"] - own["loss"], base["loss"] - base["best"]])
    found = statistic_interval(sums, _ratio, gates.bootstrap_draws, seed, gates.confidence)
    return {"closed": found.value, "closed_low": found.low, "closed_high": found.high}


def _ratio(sums: np.ndarray, _races: int) -> np.ndarray:
    return np.asarray(sums[:, 0] / sums[:, 1])
