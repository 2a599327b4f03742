"""The flow after a session: the newest data, and forecasts of what is still to come by the standing champions. Nothing is trained.

ingest → tables, features, frames (DVC) → scores of the track record → online store → forecast
"""

from __future__ import annotations

import sys
from typing import Any

from prefect import flow

from pitwall.domain.clock import replaying
from tasks import data, features, forecasting, scheduling


@flow(name="forecast_weekend")
def forecast_weekend(now: str = "") -> dict[str, Any]:
    """Forecast the next race with every model whose session has not begun; what comes too late is left to the record.

    Args:
        now: the past instant to replay; the present one when empty.
    """
    began = scheduling.present()
    with replaying(now), data.exclusive("forecast_weekend"):
        data.ingest()
        data.reproduce_data()
        scheduling.plan("forecast_weekend", began)
        forecasting.score_record()
        return {"models": [forecast_of(name) for name in forecasting.models_in_time()]}


def forecast_of(name: str) -> dict[str, Any]:
    """Forecast with the standing champion of one model from the online store."""
    features.materialise(name)
    return {"model": name, "forecast": forecasting.forecast(name)}


if __name__ == "__main__":
    from flows._run import run_as_command

    sys.exit(run_as_command(forecast_weekend, "flows.forecast_weekend", "now"))
