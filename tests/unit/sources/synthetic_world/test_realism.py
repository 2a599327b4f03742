"""The default world keeps near the real seasons, within bands, where the real data are there."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest

from pitwall.sources.synthetic import SyntheticSettings, fetch

DATA = Path(os.environ.get("PITWALL_REAL_DATA", Path(__file__).parents[5] / "shared" / "data"))
STUDIES = Path(__file__).resolve().parents[4] / "studies"

BANDS = {  # how far the world may lie from the real seasons
    "accidents": 0.035,
    "breakdowns": 0.035,
    "races with safety cars": 0.15,
    "races with virtual safety cars": 0.15,
    "races with red flags": 0.08,
    "Spearman qualifying to finish": 0.09,
    "stops of finishers": 0.35,
    "finishers with one stop": 0.12,
    "stop beyond the median, 75th percentile": 0.4,
    "stop beyond the median, 90th percentile": 2.2,
    "laps on rain tyres": 0.06,
    "races with a tenth of the laps on them": 0.12,
    "places changed per lap": 0.09,
    "places changed per clean green lap": 0.05,
    "slope within stints, median": 0.02,
    "slope within stints, quartile range": 0.075,
    "residual within stints, median": 0.25,
    "laps of a stint on soft": 5,
    "laps of a stint on medium": 7,
    "laps of a stint on hard": 6,
    "pole wins": 0.1,
    "starts from 17th or behind score": 0.07,
    "grid slots changed by the finish": 0.7,
}


@pytest.fixture(scope="module")
def marginals() -> Iterator[ModuleType]:
    sys.path.insert(0, str(STUDIES))
    import _marginals

    yield _marginals
    sys.path.remove(str(STUDIES))


def grid_to_finish(dump: Path, first: int, last: int) -> dict[str, float]:
    races, results = (pd.read_csv(dump / f"{name}.csv", na_values="\\N") for name in ("races", "results"))
    cars = results[(results["grid"] > 0) & results["raceId"].isin(races.query("@first <= year <= @last")["raceId"])]
    return {
        "pole wins": (cars.query("grid == 1")["positionOrder"] == 1).mean(),
        "starts from 17th or behind score": (cars.query("grid >= 17")["positionOrder"] <= 10).mean(),
        "grid slots changed by the finish": (cars["grid"] - cars["positionOrder"]).abs().mean(),
    }


@pytest.mark.real_data
@pytest.mark.skipif(not (DATA / "laps").is_dir(), reason="the real data set is not beside the project")
def test_the_default_world_is_like_the_real_seasons(tmp_path: Path, marginals: ModuleType) -> None:
    fetch(None, SyntheticSettings(laps_seasons=2), tmp_path)
    world = {**marginals.race_marginals(tmp_path, 1950, 2025), **marginals.lap_marginals(tmp_path, 2025, 2026)}
    real = {
        **marginals.race_marginals(DATA / "ergast", 2014, 2024),
        **marginals.lap_marginals(DATA / "laps", 2019, 2024),
    }
    world |= grid_to_finish(tmp_path, 1950, 2025)
    real |= grid_to_finish(DATA / "ergast", 2014, 2024)
    outside = {
        name: (round(world[name], 3), round(real[name], 3))
        for name, band in BANDS.items()
        if not abs(world[name] - real[name]) <= band
    }
    assert not outside, "(world, real) of marginals outside their bands"
