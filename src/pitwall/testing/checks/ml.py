"""Contract checks of estimators and templates, and a small labelled frame to run them on."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from pitwall.domain.keys import RACE_DRIVER, SPINE_NAMES
from pitwall.domain.refs import folder_hash
from pitwall.domain.tables import Tables
from pitwall.ml.estimators import Estimator, Explains, FitInput, Fitted
from pitwall.ml.families.order.answer import places
from pitwall.ml.families.order.plackett_luce import expected_place
from pitwall.ml.families.predictions import prediction_table
from pitwall.ml.rows import row_kind
from pitwall.ml.templates import Template
from pitwall.ml.training.splits import labelled, outcomes
from pitwall.testing.worlds.frames import order_frame

FIELD_SIZES = (1, 2, 18, 26, 40)
KEY = list(RACE_DRIVER)
SPINE = [name for name in SPINE_NAMES if name != "lap"]


def labelled_races(
    races: int = 60, cars: int = 18, seed: int = 0, signal: float = 3.0
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return a frame and an outcome in which the grid decides, blurred by luck; some features are null."""
    rng = np.random.default_rng(seed)
    race = np.repeat(np.arange(1, races + 1), cars)
    grid = np.concatenate([rng.permutation(cars) + 1 for _ in range(races)]).astype("float64")
    time = rng.exponential(size=len(race)) * np.exp(signal * np.log(grid) / 2)
    rating = -np.log(grid) + rng.normal(0, 0.5, len(race))
    season = 2000 + (race - 1) // 10
    frame = pd.DataFrame(
        {
            "race_id": race,
            "driver_id": np.tile(np.arange(1, cars + 1), races),
            "constructor_id": np.tile(np.arange(cars) // 2 + 1, races),
            "circuit_id": race % 7 + 1,
            "season": season,
            "round": (race - 1) % 10 + 1,
            "cutoff": pd.Timestamp("2000-03-01", tz="UTC") + pd.to_timedelta(race * 14, unit="D"),
            "grid": grid,
            "qualifying_gap_pct": np.where(rng.random(len(race)) < 0.1, np.nan, 0.1 * grid),
            "driver_race_rating": np.where(rng.random(len(race)) < 0.1, np.nan, rating),
            "team_race_rating": rng.normal(size=len(race)),
            "championship_place": np.where(rng.random(len(race)) < 0.1, np.nan, grid),
            **_more_features(np.random.default_rng(seed + 1), grid, rating),
        }
    )
    place = pd.Series(time).groupby(race).rank(method="first").astype("int64")
    retired = (place > cars - 2).to_numpy() & (cars > 3)
    return frame, pd.DataFrame({"place": place, "retired": retired})


def _more_features(rng: np.random.Generator, grid: np.ndarray, rating: np.ndarray) -> dict[str, np.ndarray]:
    """Return the other columns that estimators ask for; a tenth of each is null."""
    columns = {
        "qualifying_place": grid,
        "driver_last_place": grid,
        **{f"fp{number}_gap_pct": 0.1 * grid for number in (1, 2, 3)},
        "driver_running_sd": np.full(len(grid), 0.3),
        "team_running_sd": np.full(len(grid), 0.3),
        "team_unclassified_rate": np.full(len(grid), 0.2),
    }
    for name in ("running", "lap_pace", "qualifying", "practice"):
        columns[f"driver_{name}_rating"] = rating + rng.normal(0, 0.5, len(grid))
        columns[f"team_{name}_rating"] = rng.normal(0, 0.5, len(grid))
    return {name: np.where(rng.random(len(grid)) < 0.1, np.nan, values) for name, values in columns.items()}


def said(fitted: Fitted, frame: pd.DataFrame) -> np.ndarray:
    """Return an answer as a matrix, rows x answer columns."""
    return np.asarray(fitted.answer(frame), dtype=np.float64)


def check_estimator(plugin: Estimator) -> None:
    """Raise AssertionError where an estimator breaks its contract."""
    frame, outcome = labelled_races()
    early, late = frame["season"] < 2004, frame["season"] >= 2004
    kept = list(frame.columns) if plugin.needs is None else [*frame.columns[: len(SPINE)], *plugin.needs]
    frame = frame[kept]
    later = (frame[late].reset_index(drop=True), outcome[late].reset_index(drop=True))
    train = (frame[early].reset_index(drop=True), outcome[early].reset_index(drop=True))
    steps: list[int] = []
    fitted = plugin.fit(FitInput(*train, plugin.default(), 7, later, lambda step, _: steps.append(step)))
    _check_doubly_stochastic(said(fitted, frame), frame)
    _check_settled(plugin, train, fitted.params, frame)
    _check_row_order(plugin, train, fitted.params, frame)
    _check_fields(plugin, train, fitted.params)
    _check_gaps(plugin, train, fitted.params)
    if plugin.role == "model":
        assert steps == sorted(steps), "report must be called with growing steps"
        assert steps, "a model must report its validation loss as it learns, or no trial can be pruned"
        assert fitted.validation_loss is not None, "a model must measure its validation loss"
    _check_overfits(plugin)


def check_template(template: Template, tables: Tables) -> None:
    """Raise AssertionError where a template breaks its contract."""
    assert template.cars is not None, "a question of the order says for how many cars it comes true"
    label = template.label(tables)
    assert list(label.index.names) == KEY, f"the label's index must be {KEY}, found {label.index.names}"
    assert label.dtype == bool, f"the label must be bool, found {label.dtype}"
    seasons = tables["races"].drop_duplicates("race_id").set_index("race_id")["season"]
    per_race = label.groupby("race_id").agg(["sum", "size"])
    expected = [min(template.cars(int(seasons[race])), size) for race, size in per_race["size"].items()]
    assert per_race["sum"].tolist() == expected, "the event must come true for cars(season) cars of each race"
    spine = row_kind("race_driver").spine(tables, template.stages[0])
    fields = spine.groupby("race_id")["driver_id"].transform("size").to_numpy()
    uniform = (np.arange(fields.max())[None, :] < fields[:, None]) / fields[:, None]
    predictions = prediction_table("uniform", "model", spine, places(uniform), row_kind("race_driver"))
    probability = template.answer(predictions)
    assert probability.index.equals(predictions.index), "one probability per row, aligned"
    assert probability.between(0, 1).all(), "probabilities lie in [0, 1]"
    sums = probability.groupby(predictions["race_id"]).sum()
    sizes = predictions.groupby("race_id").size()
    limits = [min(template.cars(int(seasons[race])), size) for race, size in sizes.items()]
    assert np.allclose(sums, limits), "the probabilities of a race must sum to cars(season)"
    assert template.loss in template.metrics, "the main loss is one of the metrics"
    beaten = {template.baseline_at(stage) for stage in template.stages}
    assert beaten <= set(template.baselines), "the baseline to beat at each stage is one of the baselines"


def _check_doubly_stochastic(positions: np.ndarray, frame: pd.DataFrame) -> None:
    assert positions.shape[0] == len(frame), "one row per frame row"
    for _, rows in frame.groupby("race_id").indices.items():
        block = positions[rows]
        assert not block[:, len(rows) :].any(), "no probability beyond the field"
        block = block[:, : len(rows)]
        assert (block >= 0).all(), "no negative probability"
        assert np.abs(block.sum(axis=0) - 1).max() < 1e-6, "each place is taken once"
        assert np.abs(block.sum(axis=1) - 1).max() < 1e-6, "each car takes one place"


def _check_settled(
    plugin: Estimator, train: tuple[pd.DataFrame, pd.DataFrame], params: dict[str, object], frame: pd.DataFrame
) -> None:
    """Settled parameters fit without validation, twice to the same bytes, and survive a save and a load.

    The second time they stand in another order: that of a recipe's file is not that of a search.
    """
    turned = dict(reversed(params.items()))
    once, again = plugin.fit(FitInput(*train, params, 7)), plugin.fit(FitInput(*train, turned, 7))
    with tempfile.TemporaryDirectory() as where:
        first, second = Path(where, "first"), Path(where, "second")
        for folder, fitted in ((first, once), (second, again)):
            folder.mkdir()
            fitted.save(folder)
        assert folder_hash(first) == folder_hash(second), "two fits with one seed must write identical files"
        loaded = plugin.load(first)
        assert np.array_equal(said(loaded, frame), said(once, frame)), "a loaded model must answer the same"
        assert loaded.params == once.params, "a loaded model must know its parameters"
    _check_contributions(loaded, frame)


def _check_contributions(fitted: Fitted, frame: pd.DataFrame) -> None:
    """Where an estimator explains itself, contributions and one base for all cars are the score."""
    if isinstance(fitted, Explains):
        added = fitted.contributions(frame)
        assert added.index.equals(frame.index), "contributions have the frame's rows"
        assert set(added.columns) <= set(frame.columns), "contributions are told by feature"
        base = fitted.scores(frame) - added.sum(axis=1).to_numpy()
        assert np.ptp(base) < 1e-4, "contributions and one base must sum to the score"


def _check_row_order(
    plugin: Estimator, train: tuple[pd.DataFrame, pd.DataFrame], params: dict[str, object], frame: pd.DataFrame
) -> None:
    shuffled = np.random.default_rng(1).permutation(len(train[0]))
    rows, known = (part.iloc[shuffled].reset_index(drop=True) for part in train)
    moved = plugin.fit(FitInput(rows, known, params, 7))
    expected = said(plugin.fit(FitInput(*train, params, 7)), frame)
    assert np.allclose(said(moved, frame), expected, atol=1e-9), "the order of training rows must not matter"
    back = np.random.default_rng(2).permutation(len(frame))
    turned = said(moved, frame.iloc[back].reset_index(drop=True))
    assert np.allclose(turned, expected[back], atol=1e-9), "the order of rows to predict must not matter"


def _check_fields(plugin: Estimator, train: tuple[pd.DataFrame, pd.DataFrame], params: dict[str, object]) -> None:
    """Any size of field works; with all else equal a better grid slot never expects a worse place."""
    fitted = plugin.fit(FitInput(*train, params, 7))
    for cars in FIELD_SIZES:
        race = labelled_races(1, cars, seed=3)[0][list(train[0].columns)]
        _check_doubly_stochastic(said(fitted, race), race)
    if "grid" in train[0].columns:
        alike = labelled_races(1, 18, seed=3)[0].sort_values("grid", ignore_index=True)[list(train[0].columns)]
        for name in alike.columns[len(SPINE) :]:
            alike[name] = alike["grid"] if name == "grid" else 1.0
        expected = expected_place(said(fitted, alike))
        assert (np.diff(expected) > -1e-6).all(), "a better slot must not expect a worse place"


def _check_gaps(plugin: Estimator, train: tuple[pd.DataFrame, pd.DataFrame], params: dict[str, object]) -> None:
    """A car, a column or a whole race without data (a newcomer, no qualifying, 1950) still gets a distribution."""
    features = list(train[0].columns[len(SPINE) :])
    race = labelled_races(1, 20, seed=3)[0][list(train[0].columns)]
    newcomer, without, bare = race.copy(), race.copy(), race.copy()
    newcomer.loc[0, features] = np.nan
    without[features[0]] = np.nan
    bare[features] = np.nan
    fitted = plugin.fit(FitInput(*train, params, 7))
    for gaps in (newcomer, without, bare):
        _check_doubly_stochastic(said(fitted, gaps), gaps)
    blind = train[0].copy()
    blind[features] = np.nan
    _check_doubly_stochastic(said(plugin.fit(FitInput(blind, train[1], params, 7)), race), race)


def _check_overfits(plugin: Estimator) -> None:
    """A model that sees the answer in a few races must forecast it better than chance."""
    frame, outcome = labelled_races(races=30, cars=6, signal=12.0)
    kept = list(frame.columns) if plugin.needs is None else [*frame.columns[: len(SPINE)], *plugin.needs]
    positions = said(plugin.fit(FitInput(frame[kept], outcome, plugin.default(), 7)), frame[kept])
    won = positions[(outcome["place"] == 1).to_numpy(), 0]
    enough = 2 / 6 if plugin.role == "model" else 1.5 / 6  # a rule knows one thing, which may say little
    assert won.mean() > enough, (
        f"P(win) of the winners should be well above 1/6 on races it has seen, is {won.mean():.2f}"
    )


def labelled_order(tables: Tables) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return `order_frame` and its outcome, races without results left out."""
    frame = order_frame(tables)
    return labelled("order", frame, outcomes("order", tables, frame))
