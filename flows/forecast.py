"""The forecast flow: the standing champion answers for the next race, or for the one that is named."""

from __future__ import annotations

import sys
from typing import Any

from prefect import flow

from pitwall.domain.clock import replaying
from tasks import data, forecasting, training, validation


@flow(name="forecast")
def forecast(
    model: str = "order-pre_race",
    race: str | None = None,
    entries: str | None = None,
    grid: str | None = None,
    now: str = "",
) -> dict[str, Any]:
    """Forecast one race and store the answer; `now` is the past instant to replay."""
    name = training.resolved(model)
    with replaying(now), data.exclusive(f"forecast {name}"):
        validation.register(name)
        return {"forecast": forecasting.forecast(name, race, entries, grid)}


if __name__ == "__main__":
    from flows._run import run_as_command

    sys.exit(run_as_command(forecast, "flows.forecast", "model", "race", "entries", "grid", "now"))
