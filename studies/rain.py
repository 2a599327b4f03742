"""What is a weather forecast worth to the question of rain? A synthetic world whose races all publish laps and forecasts.

    python studies/rain.py [--races 525] [--estimator NAME ...] [--small] [--json FILE] [--docs docs/families.md]

No real source holds forecasts. The world publishes a chance of rain 72, 24 and 2 hours before each race, seen through noise that shrinks
(docs/world.md). Each season is predicted by what was fitted on the seasons before it, with default settings, after five seasons to
learn from; whole races are resampled for the 95 % intervals. *Limit* reads the day's true chance of rain in place of the published one:
no forecast of this world could be better. *Upper reference* knows for how long of the race it rained, which nobody knows beforehand:
it is judged by nobody and cannot be promoted.
"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
from _observed import OBSERVATIONS
from _report import Row, markdown, options, report
from _worlds import tables_of

from pitwall.domain.params import Params
from pitwall.domain.tables import Tables
from pitwall.features import feature_sets, groups
from pitwall.ml.evaluation.bootstrap import paired_difference
from pitwall.ml.evaluation.scoring import labelled_once, metric_interval, metric_of, per_race, scored
from pitwall.ml.families.shared.calling import WEIGHT
from pitwall.ml.models import model
from pitwall.ml.rows import row_kind
from pitwall.ml.templates import template
from pitwall.ml.training.splits import outcomes
from pitwall.ml.training.walk_forward import default_recipe, predict_seasons
from pitwall.sources.synthetic import SyntheticSettings
from pitwall.sources.synthetic_world import World
from pitwall.testing.worlds.frames import joined

NAME, STAGE = "rain_impact", "pre_race"
MODEL = model(NAME)
FORECAST = groups()["weather_forecast"]
LEARNED, RACES, A_SEASON = 5, 525, 21
STEPS = (0.0, 0.1, 0.2, 0.35, 0.5)  # of the race: a share that is nearly always 0 would be told as some or none
SMALL = SyntheticSettings(seed=3, seasons=4, races=4, laps_seasons=4)
SAID = "{races} races of {seasons} seasons, of which {low:.0%} low, {medium:.0%} medium and {high:.0%} high; a positive gain is a smaller log loss than without a forecast."


def main() -> None:
    """Publish a world, predict it, report."""
    parser = options(__doc__, "a world of sixteen races: only to see that it runs", seed=3)
    parser.add_argument("--races", type=int, default=RACES, help="to predict")
    parser.add_argument("--estimator", action="append", metavar="NAME", help=f"default: {MODEL.settings.estimator}")
    chosen = parser.parse_args()
    seasons = LEARNED + -(-chosen.races // A_SEASON) + 1  # the last one is under way
    size = {"seasons": seasons, "laps_seasons": seasons, "races": A_SEASON, "first_season": 2000}
    settings = SMALL if chosen.small else SyntheticSettings(seed=chosen.seed, **size)
    tables = tables_of(settings)
    first = settings.first + (1 if chosen.small else LEARNED)
    asked = list(range(first, settings.first + settings.seasons - 1))
    label = template(NAME).label(tables)
    own = label[label.index.isin(tables["races"].loc[tables["races"]["season"].isin(asked), "race_id"])]
    world = World(settings)
    chance = pd.Series({race: world.round(race).day.rain for race in world.races})
    rows = list(table(tables, chance, asked, chosen.estimator or [MODEL.settings.estimator], chosen.seed))
    shares = own.value_counts(normalize=True)
    said = SAID.format(races=len(own), seasons=len(asked), **{name: shares.get(name, 0.0) for name in shares.index})
    report("rain", f"{said}\n\n{markdown(rows)}", {"rows": rows}, chosen)


def table(tables: Tables, chance: pd.Series, seasons: list[int], estimators: list[str], seed: int) -> Iterator[Row]:
    """Return a row per way to answer: the rules, then each estimator without a forecast, with it, and with what nobody knows.

    Args:
        tables: of the world.
        chance: the true chance of rain by race_id.
        seasons: to predict.
        estimators: by name.
        seed: of fits and draws.
    """
    question, gates = labelled_once(template(NAME), tables), Params().gates
    spine = row_kind(MODEL.rows).spine(tables, STAGE)
    frame = joined(spine, tuple(feature_sets()[MODEL.feature_set]), tables, Params())
    outcome = outcomes(NAME, tables, frame)

    def known(estimator: str, given: pd.DataFrame) -> pd.DataFrame:
        recipe = default_recipe(NAME, estimator, given, seed, STAGE)
        return scored(question, predict_seasons(recipe, given, outcome, seasons), tables)

    def row(what: str, said: pd.DataFrame, against: pd.DataFrame | None = None) -> Row:
        cells = {name: metric_interval(metric_of(question, name), said, gates, seed) for name in question.metrics}
        loss = metric_of(question, question.loss)
        losses = [per_race(each, [loss])[loss.name].to_numpy() for each in (said, against) if each is not None]
        gain = None if against is None else paired_difference(*losses, gates.bootstrap_draws, seed)
        told = {name: f"{each.value:.3f} ({each.low:.3f} to {each.high:.3f})" for name, each in cells.items()}
        won = "" if gain is None else f"{gain.value:+.3f} ({gain.low:+.3f} to {gain.high:+.3f})"
        likeliest = metric_interval(
            metric_of(question, "macro_f1"), said.drop(columns=said.filter(like=WEIGHT)), gates, seed
        )
        most = f"{likeliest.value:.3f}"
        return {
            "": what,
            "macro_f1": told["macro_f1"],
            "of the likeliest": most,
            question.loss: told[question.loss],
            "gain": won,
        }

    for rule in question.baselines:
        yield row(f"`{rule}`", known(rule, frame))
    bare = frame.drop(columns=list(FORECAST.names))
    seen = OBSERVATIONS[NAME]
    limit = frame.assign(rain_probability=frame["race_id"].map(chance))
    fell = bare["race_id"].map(seen.of(tables.as_of()[seen.table]))
    fallen = bare.assign(**{f"longer_than_{share}": (fell > share).astype("float64") for share in STEPS})
    for estimator in estimators:
        without = known(estimator, bare)
        yield row(f"`{estimator}` without a forecast", without)
        yield row(f"`{estimator}` with the forecast", known(estimator, frame), without)
        yield row(f"*limit*: `{estimator}` that knows the day's true chance of rain", known(estimator, limit), without)
        yield row(f"*upper reference*: `{estimator}` that knows {seen.words}", known(estimator, fallen), without)


if __name__ == "__main__":
    main()
