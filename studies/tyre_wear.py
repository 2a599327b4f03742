"""What keeps a forecast of tyre wear from being better: what one more group of features adds, and what nobody can know before the race.

    python studies/tyre_wear.py [--real FOLDER] [--seasons 2020:2022] [--small] [--json FILE] [--docs docs/families.md]

Real data lie in the folder `--real`, else `$PITWALL_REAL_DATA`, else `../shared/data`: a dump in `ergast`, laps in `laps`; where there
are none, and in the small form, it is the tests' tiny world, without any noise. Each season is predicted by what was fitted on the
seasons before it, with default settings; the seasons are by default those on which things are chosen. Every group of features that a
compound's row can be joined to is given to the model once, beside what it has. *With hindsight* the race's other compounds tell by how much it wears tyres more than was forecast.
*Noise* is how far the median of a race's stints lies off that of as many drawn from them: a label measures what a compound loses no better.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from _report import markdown, options, report
from green_laps import real_tables
from realism import real_data

from pitwall.domain.keys import RACE_COMPOUND
from pitwall.domain.params import Params
from pitwall.domain.tables import Tables
from pitwall.features import feature_sets, groups
from pitwall.features.machinery.shared.tyre_wear import COMPOUND, FEWEST_STINTS, stint_wear
from pitwall.ml.backtest.asked import parse_seasons
from pitwall.ml.evaluation.bootstrap import Interval, mean_interval, paired_difference
from pitwall.ml.families.curve import SLOPE
from pitwall.ml.models import model
from pitwall.ml.training.splits import outcomes
from pitwall.ml.training.walk_forward import default_recipe, predict_seasons
from pitwall.testing.worlds.frames import joined
from pitwall.testing.worlds.tiny import tiny_tables

NAME, STAGE = "tyre_degradation", "pre_race"
MODEL = model(NAME)
CHOSEN_ON = "2020:2022"
DRAWS = 400  # of the stints of each race and compound


@dataclass(frozen=True)
class World:
    """The tables, the true slope of each row, the seasons to predict and the seed."""

    tables: Tables
    seasons: list[int]
    seed: int

    def frame(self) -> pd.DataFrame:
        """Return the model's frame."""
        spine = MODEL.kind.spine(self.tables, STAGE)
        spine = spine[spine["season"] >= MODEL.settings.first_season].reset_index(drop=True)
        return joined(spine, tuple(feature_sets()[MODEL.feature_set]), self.tables, Params())

    def errors(self, frame: pd.DataFrame, estimator: str) -> pd.DataFrame:
        """Return the labelled rows of the seasons with `error`, forecast less true."""
        outcome = outcomes(NAME, self.tables, frame)
        said = predict_seasons(default_recipe(NAME, estimator, frame, self.seed, STAGE), frame, outcome, self.seasons)
        true = frame[list(RACE_COMPOUND)].assign(true=outcome["value"])
        rows = said.merge(true, on=list(RACE_COMPOUND)).dropna(subset="true")
        return rows.assign(error=rows[SLOPE] - rows["true"])


def main() -> None:
    """Measure and report."""
    parser = options(__doc__, "the tests' tiny world: one compound, no noise")
    parser.add_argument("--real", type=Path, default=real_data())
    parser.add_argument("--seasons", metavar="A:B", help=f"seasons to predict (default {CHOSEN_ON})")
    chosen = parser.parse_args()
    if chosen.real and (chosen.real / "laps").is_dir() and not chosen.small:
        where, tables, asked = "real races", real_tables(chosen.real), CHOSEN_ON
    else:
        where, tables, asked = "a tiny world's races", tiny_tables(seasons=3, races=3, cars=8), "2022:2023"
    world = World(tables, list(parse_seasons(chosen.seasons or asked)), chosen.seed)
    rows = list(table(world))
    said = f"Mean absolute error (s/lap) over {where} of {chosen.seasons or asked}; a positive gain is a smaller error than the model's."
    report("tyre_wear", f"{said}\n\n{markdown(rows)}", {"rows": rows}, chosen)


def table(world: World) -> Iterator[dict[str, Any]]:
    """Return a row per way to forecast, then those with hindsight and the noise."""
    frame, estimator = world.frame(), MODEL.settings.estimator
    errors = world.errors(frame, estimator)
    ours = _per_race(errors)
    yield _row(f"`{estimator}`, the model", ours)
    for name, group in sorted(groups().items()):
        if set(group.keys) <= set(MODEL.kind.columns) and MODEL.feature_set not in group.sets:
            more = joined(frame, (group,), world.tables, Params())
            yield _row(f"with `{name}`", _per_race(world.errors(more, estimator)), ours)
    yield _row("`xgboost`", _per_race(world.errors(frame, "xgboost")), ours)
    known = with_hindsight(errors)
    if len(known):
        yield _row("with hindsight, races of two compounds or more", _per_race(known), ours)
    yield _row("noise", noise(world).reindex(ours.index), ours)


def with_hindsight(errors: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with a sibling in their race, less the mean error of the siblings."""
    by_race = errors.groupby("race_id")["error"]
    others = by_race.transform("size") - 1
    rest = (by_race.transform("sum") - errors["error"]) / others.where(others > 0)
    return errors.assign(error=errors["error"] - rest)[others > 0]


def noise(world: World) -> pd.Series:
    """Return how far drawn medians lie off the label, the mean over the compounds of each race."""
    stints, generator = stint_wear(world.tables.as_of()), np.random.default_rng(world.seed)
    found = {}
    for key, part in stints.groupby(COMPOUND):
        wear = part["wear"].to_numpy(np.float64)
        if len(wear) >= FEWEST_STINTS:
            drawn = np.median(generator.choice(wear, (DRAWS, len(wear))), axis=1)
            found[key] = float(np.abs(drawn - np.median(wear)).mean())
    return pd.Series(found).groupby(level=0).mean()


def _per_race(errors: pd.DataFrame) -> pd.Series:
    return errors["error"].abs().groupby(errors["race_id"]).mean()


def _row(name: str, per_race: pd.Series, ours: pd.Series | None = None) -> dict[str, Any]:
    gain = None if ours is None else paired_difference(per_race.to_numpy(), ours[per_race.index].to_numpy())
    return {
        "": name,
        "mae": _text(mean_interval(per_race.to_numpy())),
        "gain": _text(gain, "+"),
        "races": len(per_race),
    }


def _text(found: Interval | None, sign: str = "") -> str:
    return "" if found is None else f"{found.value:{sign}.4f} ({found.low:{sign}.4f} to {found.high:{sign}.4f})"


if __name__ == "__main__":
    main()
