"""The predicted strategy: in which part of the race each car is to stop first, told beside a forecast about the same cars.

It is another model's answer, so that model is named with its version, and the origin of the forecast has two roots.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from pitwall.domain.errors import PitwallError
from pitwall.domain.ports import Registry
from pitwall.domain.records.aliases import CHAMPION
from pitwall.domain.records.stored_forecasts import STRATEGY
from pitwall.domain.when import Stage
from pitwall.ml.forecasting.answers import Forecast

MODEL = "pit_window-pre_race"
CAR = {"driver_id"}
LACKING = "no predicted strategy: {}"


def with_strategy(made: Forecast, registry: Registry, ask: Callable[[str], Forecast]) -> Forecast:
    """Return the forecast with what the champion of first stops says of its cars.

    It is returned as it is where that model has no champion, answers itself, or the rows are no cars as of the start. Where it
    cannot answer, a label says why: what was asked for is told in any case.

    Args:
        made: a forecast.
        registry: that knows the champion.
        ask: model -> its forecast of the same race, with the same line-up.
    """
    cars = made.stage == Stage.PRE_RACE and all(set(row.keys) == CAR for row in made.rows)
    if not cars or made.model == MODEL or registry.alias(MODEL, CHAMPION) is None:
        return made
    try:
        told = ask(MODEL)
    except PitwallError as error:
        return replace(made, labels=(*made.labels, LACKING.format(error)))
    said = {row.keys["driver_id"]: row.detail["likeliest"] for row in told.rows}
    rows = tuple(replace(row, detail={**row.detail, STRATEGY: said[row.keys["driver_id"]]}) for row in made.rows)
    origin = {STRATEGY: f"{told.model}/{told.version}", f"{STRATEGY}.content": told.provenance["model.content"]}
    return replace(made, rows=rows, provenance={**made.provenance, **origin})
