"""Answers read as classes are counted by race, curves go through every threshold, and one sentence says what a gain is worth."""

import pandas as pd
import pytest

from pitwall.domain.params import GateParams
from pitwall.ml.evaluation.classes import confusion, curves
from pitwall.ml.evaluation.trust import trust
from pitwall.ml.families import family
from pitwall.ml.templates import template
from pitwall.testing.worlds.answers import WORLDS, scored_rows
from pitwall.testing.worlds.tiny import tiny_tables

GATES = GateParams(bootstrap_draws=200)
ROWS = pd.DataFrame(
    {
        "race_id": [1, 1, 1, 2, 2, 2],
        "probability": [0.9, 0.6, 0.2, 0.8, 0.4, 0.1],
        "label": [True, False, False, True, True, False],
    }
)
CLASSES = family("binary").classes


def test_what_was_said_is_counted_where_what_came_true() -> None:
    found = confusion(CLASSES, ROWS, GATES, 7)
    assert found.names == ("yes", "no")
    assert found.counts.tolist() == [[2, 1], [1, 2]]
    assert found.shares == {"yes": 0.5, "no": 0.5}
    assert found.intervals["yes", "yes"].value == 2
    assert found.intervals["no", "yes"].low == 0, "drawn twice, the second race has no false alarm"
    assert found.intervals["no", "yes"].high == 2


def test_a_curve_goes_through_every_threshold() -> None:
    curve = curves(CLASSES, ROWS)["yes"]
    assert curve["threshold"].tolist() == [0.9, 0.8, 0.6, 0.4, 0.2, 0.1]
    assert curve["precision"].tolist() == pytest.approx([1, 1, 2 / 3, 3 / 4, 3 / 5, 1 / 2])
    assert curve["recall"].tolist() == pytest.approx([1 / 3, 2 / 3, 2 / 3, 1, 1, 1])
    assert curve["false_alarms"].tolist() == pytest.approx([0, 0, 1 / 3, 1 / 3, 2 / 3, 1])


def test_who_knows_the_future_confuses_nothing() -> None:
    kind, world = family("binary"), WORLDS["binary"]()
    counts = confusion(kind.classes, scored_rows(kind, world, world.perfect), GATES, 7).counts
    assert counts[0, 1] == counts[1, 0] == 0
    honest = confusion(kind.classes, scored_rows(kind, world, world.honest), GATES, 7).counts
    assert honest[0, 1] > 0
    assert honest[1, 0] > 0


TABLES = tiny_tables(seasons=4, races=12, cars=4)


def predictions(ours: float, rule: float) -> pd.DataFrame:
    """Return answers of a model and of the rule to beat that lie so far from 0.5, on the right side."""
    label = template("dnf").label(TABLES).astype("float64").reset_index(name="label")
    races = TABLES["races"][["race_id", "season", "round"]].drop_duplicates("race_id")
    rows = label.merge(races, on="race_id").drop(columns="label")
    parts = [
        rows.assign(estimator=name, role=role, p=0.5 + (label["label"] - 0.5) * width)
        for name, role, width in (("logistic", "model", ours), ("team_retirements", "baseline", rule))
    ]
    return pd.concat(parts, ignore_index=True)


def said(ours: float, rule: float, who: str = "logistic") -> str:
    made = predictions(ours, rule)
    return trust(template("dnf"), made, who, TABLES, stage="pre_race", gates=GATES, seed=7)


def test_a_gain_beyond_luck_is_a_yes_with_its_races_and_last_seasons() -> None:
    sentence = said(0.8, 0.2)
    races, seasons = TABLES["races"]["race_id"].nunique(), sorted(set(TABLES["races"]["season"]))
    assert sentence.startswith(f"Yes, more than the rule to beat: over {races} held-out races of {seasons[0]} to ")
    assert "`logistic` gains +0.150 (+0.150 to +0.150) brier on the rule `team_retirements` (+93.8 % of" in sentence
    assert sentence.endswith(f"+0.150 in {seasons[-3]}, +0.150 in {seasons[-2]}, +0.150 in {seasons[-1]}.")


def test_a_loss_is_a_no_and_luck_is_neither() -> None:
    assert said(0.2, 0.8).startswith("No, the rule is better: ")
    assert said(0.5, 0.5).startswith("No more than the rule to beat, as far as can be seen: ")
    mixed = predictions(0.5, 0.5)
    turn = (mixed["estimator"] == "logistic") & (mixed["race_id"] % 9 == 0)
    mixed.loc[turn, "p"] = 1 - mixed.loc[turn, "p"]
    better = (mixed["estimator"] == "logistic") & ~turn
    mixed.loc[better, "p"] = mixed.loc[better, "p"].round()
    assert "No more than the rule" in trust(
        template("dnf"), mixed, "logistic", TABLES, stage="pre_race", gates=GATES, seed=7
    )


def test_the_rule_speaks_for_itself() -> None:
    assert said(0.8, 0.2, "team_retirements").startswith("This is the rule that models must beat: over ")
    alone = predictions(0.8, 0.2).query("estimator == 'logistic'")
    sentence = trust(template("dnf"), alone, "logistic", TABLES, stage="pre_race", gates=GATES, seed=7)
    assert sentence.startswith("Not known: team_retirements has not answered: over ")
    assert "brier is 0.010" in sentence
