"""Questions of yes or no: labels that are never true in a race or not known, race rows, thresholds, baselines that must be named."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pitwall.domain.errors import StageError, UsageError
from pitwall.domain.params import GateParams
from pitwall.ml.evaluation.scoring import template_rows, template_scores
from pitwall.ml.families import family
from pitwall.ml.families.order.answer import places
from pitwall.ml.families.predictions import prediction_table
from pitwall.ml.models import model
from pitwall.ml.rows import row_kind
from pitwall.ml.rows.machinery.race_blocks import race_blocks
from pitwall.ml.templates import template
from pitwall.ml.training.splits import labelled, outcomes, walk_forward
from pitwall.testing.worlds.tiny import tiny_tables

TABLES = tiny_tables(seasons=3, races=6, cars=8, upcoming=1)
GATES = GateParams(bootstrap_draws=50)


def said(name: str, p: float | np.ndarray) -> pd.DataFrame:
    """Return predictions of a model of yes or no for every row of its spine."""
    kind = model(name).kind
    spine = kind.spine(TABLES, "pre_race")
    return prediction_table("guess", "model", spine, pd.DataFrame({"p": np.broadcast_to(p, len(spine))}), kind)


def nobody_retired(race_id: int):
    results = TABLES["results"].copy()
    results.loc[results["race_id"] == race_id, "retired"] = False
    return TABLES.replace(results=results)


def test_who_retired_is_asked_of_starters_alone() -> None:
    results = TABLES["results"].copy()
    results.loc[results.index[:2], ["started", "retired"]] = [[False, False], [True, True]]
    label = template("dnf").label(TABLES.replace(results=results))
    first, second = (tuple(results.loc[results.index[row], ["race_id", "driver_id"]]) for row in (0, 1))
    assert first not in label.index
    assert bool(label[second])
    assert label.dtype == bool


def test_an_event_that_comes_true_for_no_car_of_a_race_is_scored() -> None:
    race = int(TABLES["results"]["race_id"].iloc[0])
    tables = nobody_retired(race)
    scores = template_scores(template("dnf"), said("dnf", 0.25), tables)
    assert scores.loc[race, "brier"] == pytest.approx(0.25**2)
    assert scores.loc[race, "log_loss"] == pytest.approx(-np.log(0.75))
    rows = template_rows(template("dnf"), said("dnf", 0.25), tables, stage="pre_race", gates=GATES, seed=1)
    assert {row["metric"] for row in rows} == {*template("dnf").metrics, "ece"}
    assert np.isfinite([row["value"] for row in rows]).all()


def test_in_the_order_family_such_a_race_is_still_an_error() -> None:
    """Some car always wins: a race without a winner was not run, and no score of it means anything."""
    kind = row_kind("race_driver")
    spine = kind.spine(TABLES, "pre_race")
    fields = spine.groupby("race_id")["driver_id"].transform("size").to_numpy()
    uniform = (np.arange(fields.max())[None, :] < fields[:, None]) / fields[:, None]
    predictions = prediction_table("uniform", "model", spine, places(uniform), kind)
    asked = template("race_winner")
    never = replace(asked, label=lambda tables: asked.label(tables) & False)
    with pytest.raises(StageError, match="no car of a race"):
        template_scores(never, predictions, TABLES)


def test_race_rows_have_one_answer_a_race_and_only_those_that_are_known_are_scored() -> None:
    asked, predictions = template("safety_car"), said("safety_car", 0.4)
    label = asked.label(TABLES)
    assert label.index.name == "race_id"
    assert predictions["race_id"].is_unique
    assert "driver_id" not in predictions
    assert predictions["race_id"].nunique() > label.notna().sum(), "the race to come is asked about and not known"
    scores = template_scores(asked, predictions, TABLES)
    assert set(scores.index) == set(label.index[label.notna()])
    came = label.dropna().astype(bool)
    assert scores.loc[came.index, "brier"].to_numpy() == pytest.approx(np.where(came, 0.36, 0.16))


def test_race_rows_are_split_by_season_and_a_race_that_nobody_tells_of_is_left_out() -> None:
    frame = model("safety_car").kind.spine(TABLES, "pre_race")
    outcome = outcomes("safety_car", TABLES, frame)
    unknown = int(frame.loc[frame["season"] == frame["season"].min(), "race_id"].iloc[0])
    outcome.loc[frame["race_id"] == unknown, "label"] = pd.NA
    rows, known = labelled("safety_car", frame, outcome)
    assert unknown not in set(rows["race_id"])
    assert known["label"].dtype == bool
    fold = next(walk_forward("safety_car", frame, outcome, [int(frame["season"].min()) + 1]))
    assert "label" not in fold.test
    assert fold.train["season"].max() < fold.test["season"].min()


@pytest.mark.parametrize("seed", range(3))
def test_macro_f1_is_that_of_the_books_at_one_half(seed: int) -> None:
    from sklearn.metrics import f1_score

    draws = np.random.default_rng(seed)
    rows = pd.DataFrame(
        {"race_id": np.arange(40) // 2, "probability": draws.random(40), "label": draws.random(40) < 0.4}
    )
    metric = family("binary").metrics["macro_f1"]
    sums = metric.sums(rows, race_blocks(rows["race_id"].to_numpy()))
    expected = f1_score(rows["label"], rows["probability"] > 0.5, average="macro")
    assert metric.statistic(sums.sum(axis=0)[None], 20)[0] == pytest.approx(expected)


def test_who_always_says_yes_has_half_an_f1_and_never_more() -> None:
    rows = pd.DataFrame({"race_id": [1, 2, 3, 4], "probability": 0.9, "label": [True, True, True, False]})
    metric = family("binary").metrics["macro_f1"]
    sums = metric.sums(rows, race_blocks(rows["race_id"].to_numpy())).sum(axis=0)[None]
    assert metric.statistic(sums, 4)[0] == pytest.approx((2 * 3 / (2 * 3 + 1) + 0.0) / 2)


@pytest.mark.parametrize("name", ["dnf", "safety_car"])
def test_a_question_that_no_rule_answers_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="names no baseline to beat"):
        replace(template(name), baselines=(), baseline={})
    with pytest.raises(UsageError, match="names no baseline to beat at pre_race"):
        replace(template(name), baseline={"pre_race": "tea_leaves"})


@pytest.mark.parametrize("name", ["dnf", "safety_car"])
def test_the_rule_to_beat_is_one_that_knows_the_races_so_far(name: str) -> None:
    """Models start from its rate, so a weaker one would be beaten by what is no merit of theirs."""
    asked = template(name)
    running = {each for each in asked.baselines if model(name).answers.name == "binary" and _running(each)}
    assert set(asked.baseline.values()) <= running


def _running(name: str) -> bool:
    from pitwall.ml.estimators import estimator

    return bool(estimator("binary", name).needs)


BOOKS = {
    "pr_auc": "average_precision_score",
    "precision": "precision_score",
    "recall": "recall_score",
    "f1": "f1_score",
}


def _of_all(name: str, rows: pd.DataFrame) -> float:
    metric = family("binary").metrics[name]
    sums = metric.sums(rows, race_blocks(rows["race_id"].to_numpy()))
    return float(metric.statistic(sums.sum(axis=0)[None], len(sums))[0])


@pytest.mark.parametrize("name", BOOKS)
def test_metrics_of_yes_are_those_of_the_books(name: str) -> None:
    from sklearn import metrics

    draws = np.random.default_rng(5)
    race = np.arange(400) // 20
    rows = pd.DataFrame({"race_id": race, "probability": draws.random(400).round(2), "label": draws.random(400) < 0.3})
    said = rows["probability"] if name == "pr_auc" else rows["probability"] > 0.5
    assert _of_all(name, rows) == pytest.approx(getattr(metrics, BOOKS[name])(rows["label"], said), abs=1e-12)
    turned = rows.assign(probability=1 - rows["probability"])
    assert abs(_of_all(name, turned) - _of_all(name, rows)) > 1e-3, "a metric that cannot tell is none"


def test_more_probabilities_than_thresholds_move_the_area_by_less_than_a_thousandth() -> None:
    from sklearn.metrics import average_precision_score

    p = np.random.default_rng(6).random(6000)
    label = np.random.default_rng(7).random(6000) < p
    rows = pd.DataFrame({"race_id": np.arange(6000) // 20, "probability": p, "label": label})
    assert _of_all("pr_auc", rows) == pytest.approx(average_precision_score(label, p), abs=1e-3)


@pytest.mark.parametrize("name", BOOKS)
def test_where_nothing_is_said_or_true_a_metric_of_yes_is_0(name: str) -> None:
    rows = pd.DataFrame({"race_id": [1, 1, 2], "probability": 0.1, "label": False})
    assert _of_all(name, rows) == 0.0


def test_the_area_of_precision_is_drawn_by_whole_races() -> None:
    """A race drawn twice counts as its rows twice: the interval is that of races, not of cars."""
    draws = np.random.default_rng(8)
    rows = pd.DataFrame(
        {"race_id": np.arange(60) // 6, "probability": draws.random(60), "label": draws.random(60) < 0.4}
    )
    metric = family("binary").metrics["pr_auc"]
    sums = metric.sums(rows, race_blocks(rows["race_id"].to_numpy()))
    weights = np.array([3, 0, 1, 0, 2, 1, 0, 1, 1, 1.0])
    drawn = pd.concat([rows[rows["race_id"] == race] for race in range(10) for _ in range(int(weights[race]))])
    assert metric.statistic(weights[None] @ sums, 10)[0] == pytest.approx(_of_all("pr_auc", drawn))
