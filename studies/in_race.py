"""Who wins a race that is under way: what the model says at a quarter, half and three quarters of the distance, beside what a table of frequencies says.

    python studies/in_race.py [--real FOLDER] [--seasons 2022:2024] [--worlds 3] [--race 2024-03] [--small] [--json FILE] [--docs docs/in-race.md]

Real data lie in the folder `--real`, else `$PITWALL_REAL_DATA`, else `../shared/data`: a dump in `ergast`, laps in `laps`; where there are
none, and in the small form, it is the tests' tiny world. Each season is predicted by what was fitted on the seasons before it, with default
settings. Synthetic races are of worlds of ten seasons each, of which the last eight are predicted. *Frequency* is `standing_frequency`, how
often cars in that place, with that gap, at that distance have won; *kept* is what the model itself said on the grid, told again at every
lap; *grid* is the frequency of the starting slot. Losses are those of the winner at the lap of the leader that is nearest to the share of
the distance that was run in the end, in nats. Intervals (95 %) resample races.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from _report import markdown, options, report
from green_laps import real_tables, world_tables
from realism import real_data

from pitwall.domain.keys import LAP
from pitwall.domain.params import Params
from pitwall.domain.tables import Tables
from pitwall.features import feature_sets
from pitwall.ml.backtest.asked import parse_seasons
from pitwall.ml.evaluation.bootstrap import Interval, mean_interval, paired_difference
from pitwall.ml.evaluation.scoring import template_scores
from pitwall.ml.families.first_three import PLACES, PODIUM, WIN
from pitwall.ml.families.shared import events
from pitwall.ml.models import model
from pitwall.ml.templates import template
from pitwall.ml.training.splits import outcomes
from pitwall.ml.training.walk_forward import default_recipe, predict_seasons
from pitwall.report.figures.canvas import canvas, write_png
from pitwall.sources.synthetic import SyntheticSettings
from pitwall.testing.worlds.frames import joined
from pitwall.testing.worlds.tiny import tiny_tables

NAME, STAGE, SOON = "in_race", "in_race", "safety_car_soon"
MODEL = model(NAME)
OURS, FREQUENCY, GRID, KEPT = "staged_logit", "standing_frequency", "grid_kept", "kept"
HELD_OUT = "2022:2024"
SHARES = (0.0, 0.25, 0.5, 0.75)
WORLD = SyntheticSettings(seasons=10, races=21, teams=10, laps_seasons=10, rounds_run=21)
EVERY = 4  # laps of a synthetic race that are learned from
RIBBONS = 7  # drivers with a colour of their own


@dataclass(frozen=True)
class Said:
    """What was said of some seasons: a row per estimator, race, lap and car, with `place` at the flag and `asked`, the share or null; `names` of drivers; the tables."""

    rows: pd.DataFrame
    names: Mapping[int, str]
    tables: Tables | None = None

    def losses(self, share: float) -> pd.DataFrame:
        """Return the log loss of the winner at a share of the distance, races x estimators."""
        rows = self.rows[(self.rows["asked"] == share) & (self.rows["place"] == 1)]
        lost = -np.log(rows[WIN].clip(lower=events.FLOOR))
        return rows.assign(lost=lost).pivot_table(index="race_id", columns="estimator", values="lost")

    def briers(self, share: float) -> pd.DataFrame:
        """Return the Brier score of the podium at a share of the distance, races x estimators."""
        rows = self.rows[self.rows["asked"] == share]
        error = (rows[PODIUM] - (rows["place"] <= PLACES)) ** 2
        return rows.assign(error=error).pivot_table(index="race_id", columns="estimator", values="error")


def main() -> None:
    """Measure and report."""
    parser = options(__doc__, "the tests' tiny world, no synthetic ones", seed=11)
    parser.add_argument("--real", type=Path, default=real_data())
    parser.add_argument("--seasons", metavar="A:B", default=HELD_OUT, help=f"seasons to predict (default {HELD_OUT})")
    parser.add_argument("--worlds", type=int, default=3, help="synthetic worlds of 168 predicted races each")
    parser.add_argument("--most", type=int, default=500, help="synthetic races that are scored")
    parser.add_argument("--race", default="2024-03", help="whose ribbons are drawn")
    chosen = parser.parse_args()
    worlds = list(_worlds(chosen))
    rows = [row for name, said in worlds for row in table(name, said)]
    name, first = worlds[0]
    cars = safety_cars(first, chosen.seed)
    bins = calibration(first)
    said = f"Log loss of the winner (nats), Brier score of the podium; a positive gain is less loss than the frequency's, or than `{KEPT}`."
    text = f"{said}\n\n{markdown(rows)}\nCalibration over {name}, all laps that were asked about, chances to win and of the podium:\n\n{markdown(bins)}"
    text += f"\nA safety car within five laps, {name}, losses a lap; a positive gain is less than the rate of all laps has:\n\n{markdown(cars)}"
    report("in_race", text, {"rows": rows, "calibration": bins, "safety_cars": cars}, chosen)
    if chosen.picture:
        ribbons(first, chosen.race, chosen.picture)


def _worlds(chosen: Any) -> Iterator[tuple[str, Said]]:
    if chosen.small or not (chosen.real and (chosen.real / "laps").is_dir()):
        tables = tiny_tables(seasons=3, races=3, cars=6)
        yield "a tiny world", said_of(tables, [2022, 2023], chosen.seed)
        return
    seasons = list(parse_seasons(chosen.seasons))
    yield f"real races {chosen.seasons}", said_of(real_tables(chosen.real), seasons, chosen.seed)
    parts = []
    for number in range(chosen.worlds):
        settings = WORLD.model_copy(update={"seed": chosen.seed + number})
        seasons = list(range(settings.first + 2, settings.first + settings.all_seasons))
        rows = said_of(world_tables(settings), seasons, chosen.seed, EVERY).rows
        parts.append(rows.assign(race_id=rows["race_id"] + 100_000 * number))
    if parts:
        yield "synthetic races", Said(_first(pd.concat(parts, ignore_index=True), chosen.most), {})


def _first(rows: pd.DataFrame, most: int) -> pd.DataFrame:
    return rows[rows["race_id"].isin(rows["race_id"].drop_duplicates().head(most))]


def said_of(tables: Tables, seasons: list[int], seed: int, every: int = 1) -> Said:
    """Return what the model, the frequencies and the forecast of before the race say of some seasons.

    Args:
        tables: with laps.
        seasons: to predict, each by those before it.
        seed: of every random choice; there is none so far.
        every: lap that is learned from, to save time; those that are asked about are kept.
    """
    spine = MODEL.kind.spine(tables, STAGE)
    spine = spine[spine["season"] >= min(MODEL.settings.first_season, min(seasons) - 2)].reset_index(drop=True)
    spine["asked"] = _asked(spine)
    spine = spine[(spine["lap"] % every == 0) | spine["asked"].notna()].reset_index(drop=True)
    frame = joined(spine.drop(columns="asked"), feature_sets()[MODEL.feature_set], tables, Params())
    outcome = outcomes(NAME, tables, frame)
    recipes = (default_recipe(NAME, name, frame, seed, STAGE) for name in (OURS, FREQUENCY, GRID))
    told = pd.concat([predict_seasons(recipe, frame, outcome, seasons) for recipe in recipes], ignore_index=True)
    known = spine[[*LAP, "asked"]].assign(place=outcome["place"].astype("float64"))
    told = told.merge(known, on=list(LAP)).dropna(subset="place")
    drivers = tables["drivers"].drop_duplicates("driver_id")
    names = dict(zip(drivers["driver_id"], drivers["name"], strict=True))
    return Said(pd.concat([told, _kept(told)], ignore_index=True), names, tables)


def _asked(spine: pd.DataFrame) -> pd.Series:
    """Return the share of the distance that a lap stands for, null for the laps between."""
    asked = pd.Series(np.nan, spine.index)
    laps = spine[["race_id", "lap"]].drop_duplicates()
    share = laps["lap"] / laps.groupby("race_id")["lap"].transform("max")
    for at in SHARES:
        nearest = laps.loc[(share - at).abs().groupby(laps["race_id"]).idxmin()]
        chosen = pd.MultiIndex.from_frame(spine[["race_id", "lap"]]).isin(pd.MultiIndex.from_frame(nearest))
        asked = asked.mask(chosen, at)
    return asked


def _kept(told: pd.DataFrame) -> pd.DataFrame:
    """Return what the model said on the grid, at every lap."""
    ours = told[told["estimator"] == OURS]
    start = ours.loc[ours["lap"] == 0, ["race_id", "driver_id", WIN, PODIUM]]
    return ours.drop(columns=[WIN, PODIUM]).merge(start, on=["race_id", "driver_id"]).assign(estimator=KEPT)


def table(name: str, said: Said) -> Iterator[dict[str, Any]]:
    """Return a row per share of the distance and question."""
    for what, of in (("winner", said.losses), ("podium", said.briers)):
        for share in SHARES:
            values = of(share)
            yield {
                "races": name,
                "question": what,
                "distance": f"{share:.0%}",
                "model": _text(mean_interval(values[OURS].to_numpy())),
                "frequency": round(float(values[FREQUENCY].mean()), 4),
                "kept": round(float(values[KEPT].mean()), 4),
                "grid": round(float(values[GRID].mean()), 4),
                "gain on frequency": _text(
                    paired_difference(values[OURS].to_numpy(), values[FREQUENCY].to_numpy()), "+"
                ),
                "gain on kept": _text(paired_difference(values[OURS].to_numpy(), values[KEPT].to_numpy()), "+"),
                "n": len(values),
            }


def calibration(said: Said) -> list[dict[str, Any]]:
    """Return a row per tenth of the chances, with the share that came true, and the slope of both questions."""
    rows = said.rows[said.rows["estimator"] == OURS]
    found = []
    for name, column, places in (("win", WIN, 1), ("podium", PODIUM, PLACES)):
        label = (rows["place"] <= places).to_numpy()
        slope = events.CALIBRATION.few(
            pd.DataFrame({"race_id": rows["race_id"], "probability": rows[column], "label": label}), 0.95
        )
        for each in events.calibration_table(rows[column].to_numpy(), label).to_dict("records"):
            said_so = f"{each['low']:.0%} to {each['high']:.0%}"
            numbers = {"forecast": float(each["forecast"]), "observed": float(each["observed"])}
            found.append(
                {"question": name, "chance": said_so, "rows": int(each["n"]), **numbers, "slope": _text(slope)}
            )
    return [row for row in found if row["rows"]]


def safety_cars(said: Said, seed: int) -> list[dict[str, Any]]:
    """Return a row per estimator of `safety_car_soon` over the seasons that were predicted, each fitted on those before."""
    assert said.tables is not None
    tables, definition = said.tables, model(SOON)
    spine = definition.kind.spine(tables, STAGE)
    frame = joined(spine, feature_sets()[definition.feature_set], tables, Params())
    outcome, question = outcomes(SOON, tables, frame), template(SOON)
    seasons = sorted(said.rows["season"].unique())
    losses: dict[str, pd.DataFrame] = {}
    for name in (*question.baselines, definition.settings.estimator, "xgboost"):
        told = predict_seasons(default_recipe(SOON, name, frame, seed, STAGE), frame, outcome, seasons)
        losses[name] = template_scores(question, told, tables)
    rate = losses[question.baselines[0]]
    return [
        {
            "estimator": name,
            "log loss": round(float(each["log_loss"].mean()), 4),
            "Brier": round(float(each["brier"].mean()), 4),
            "gain (nats)": _text(paired_difference(each["log_loss"].to_numpy(), rate["log_loss"].to_numpy()), "+", 4),
            "races": len(each),
        }
        for name, each in losses.items()
    ]


def ribbons(said: Said, race: str, path: Path) -> None:
    """Draw the chances to win of one race by lap, one ribbon a driver on top of another."""
    season, number = (int(part) for part in race.split("-"))
    rows = said.rows[
        (said.rows["estimator"] == OURS) & (said.rows["season"] == season) & (said.rows["round"] == number)
    ]
    chances = rows.pivot_table(index="lap", columns="driver_id", values=WIN)
    names = chances.mean().sort_values(ascending=False).index
    drawn = chances[names[:RIBBONS]].assign(others=chances[names[RIBBONS:]].sum(axis=1))
    figure = canvas(9.0, 4.0)
    axes = figure.subplots()
    labels = [said.names.get(name, str(name)) for name in drawn.columns]
    axes.stackplot(drawn.index, drawn.to_numpy().T, labels=labels)
    axes.set(xlabel="laps of the leader", ylabel="chance to win", ylim=(0, 1), xlim=(0, drawn.index.max()), title=race)
    axes.legend(loc="center left", bbox_to_anchor=(1.01, 0.5), frameon=False, reverse=True)
    write_png(figure, path)


def _text(found: Interval, sign: str = "", digits: int = 3) -> str:
    return f"{found.value:{sign}.{digits}f} ({found.low:{sign}.{digits}f} to {found.high:{sign}.{digits}f})"


if __name__ == "__main__":
    main()
