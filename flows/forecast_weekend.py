"""The flow after a session: the newest data, and forecasts of what is still to come by the standing champions. Nothing is trained.

ingest → tables, features, frames (DVC) → scores of the track record → online store → forecast
"""

from __future__ import annotations

import sys
from typing import Any

from prefect import flow

from tasks import data, features, forecasting, scheduling


@flow(name="forecast_weekend")
def forecast_weekend() -> dict[str, Any]:
    """Forecast the next race with every model whose session has not begun; what comes too late is left to the record."""
    began = scheduling.present()
    with data.exclusive("forecast_weekend"):
        data.ingest()
        data.reproduce_data()
        scheduling.plan("forecast_weekend", began)
        forecasting.score_record()
        return {"forecasts": [forecast_of(name) for name in forecasting.models_in_time()]}


def forecast_of(name: str) -> str:
    """Forecast with the champion from the online store."""
    features.materialise(name)
    return forecasting.forecast(name)


if __name__ == "__main__":
    from flows._run import run_as_command

    sys.exit(run_as_command(forecast_weekend, "flows.forecast_weekend"))
