"""The scheduled flow: from the newest data to the forecast of the next race.

ingest → tables, features, frames (DVC) → training where it is stale → online store → gates → promotion → forecast
"""

from __future__ import annotations

import sys
from typing import Any

from prefect import flow

from flows.promote import ONE_BY_ONE, judge_and_promote
from flows.train import evaluate_if_stale, train_model
from pitwall.domain.clock import replaying
from tasks import data, features, forecasting, scheduling, training


@flow(name="race_weekend", task_runner=ONE_BY_ONE)
def race_weekend(now: str = "") -> dict[str, Any]:
    """Bring everything up to date and forecast; a refused candidate is no failure, the standing champion answers.

    Args:
        now: the past instant to replay; the present one when empty.
    """
    began = scheduling.present()
    with replaying(now), data.exclusive("race_weekend"):
        training.close_killed_runs()
        data.ingest()
        data.reproduce_data()
        data.keep()
        scheduling.plan("race_weekend", began)
        names = training.models()
        for name in names:
            train_if_stale(name)
        evaluate_if_stale()
        forecasting.score_record()
        made = [weekend_of(name) for name in names]
        return {"models": made, "titles": forecasting.titles()}


def train_if_stale(name: str) -> None:
    """Train one model if DVC calls it stale."""
    if data.is_stale(f"train@{name}"):
        train_model(name)


def weekend_of(name: str) -> dict[str, Any]:
    """Judge one model, promote it if it may be, and forecast with the champion from the online store."""
    features.materialise(name)
    decision = judge_and_promote(name)
    return {**decision.row(), "forecast": forecasting.forecast(name, replay=True)}


if __name__ == "__main__":
    from flows._run import run_as_command

    sys.exit(run_as_command(race_weekend, "flows.race_weekend", "now"))
