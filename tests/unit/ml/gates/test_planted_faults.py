"""Faults that must never reach a champion: each is planted and caught, and the reason names it."""

from dataclasses import replace

import numpy as np
import pytest

from pitwall.domain.refs import Verdict
from pitwall.features.machinery.group import STAMPS, Feature, FeatureGroup
from pitwall.ml.estimators import FitInput, estimator
from pitwall.ml.evaluation.scoring import slope
from pitwall.ml.families import family
from pitwall.ml.families.order.answer import place_columns
from pitwall.ml.families.predictions import prediction_table, stack
from pitwall.ml.gates import Gate, gate, run_gate
from pitwall.ml.gates._candidates import read_groups
from pitwall.ml.gates._gate import Standing
from pitwall.ml.models import model
from pitwall.ml.rows import row_kind
from pitwall.ml.training.splits import outcomes, walk_forward
from pitwall.ml.training.walk_forward import default_recipe, predict_seasons
from pitwall.testing.worlds.frames import joined
from pitwall.testing.worlds.tiny import tiny_tables

HELD_OUT = [2023, 2024]


def _ask(name, candidate):
    return run_gate(gate(name), candidate)


def _with_own(candidate, matrix_of):
    own = candidate.predictions["estimator"] == candidate.estimator
    changed = candidate.predictions.copy()
    columns = place_columns(changed)
    changed.loc[own, columns] = matrix_of(changed.loc[own, columns].to_numpy())
    return replace(candidate, predictions=changed)


def _trained(good, shuffle):
    """Return a candidate whose predictions come from an estimator trained on true, or shuffled, results."""
    tables = tiny_tables(seasons=4, races=14, cars=14, seed=3)
    frame = joined(
        row_kind("race_driver").spine(tables, "pre_race"),
        read_groups(model("order"), estimator("order", "plackett_luce_trees").needs),
        tables,
        good.params,
    )
    outcome = outcomes("order", tables, frame)
    recipe = default_recipe("order", "plackett_luce_trees", frame, 0, "pre_race")
    rng = np.random.default_rng(0)
    judged = []
    for fold in walk_forward("order", frame, outcome, HELD_OUT):
        known = fold.outcome.copy()
        if shuffle:
            known["place"] = known["place"].groupby(fold.train["race_id"]).transform(rng.permutation)
        fitted = estimator("order", "plackett_luce_trees").fit(
            FitInput(recipe.select(fold.train), known, {**recipe.params, "rounds": 60}, 0)
        )
        judged.append(
            prediction_table(
                "plackett_luce_trees",
                "model",
                fold.test,
                fitted.answer(recipe.select(fold.test)),
                row_kind("race_driver"),
            )
        )
    baseline = predict_seasons(
        default_recipe("order", "grid_frequency", frame, 0, "pre_race"), frame, outcome, HELD_OUT
    )
    return replace(
        good,
        tables=tables,
        predictions=stack([*judged, baseline], family("order")),
        estimator="plackett_luce_trees",
        params=good.params.model_copy(update={"gates": good.params.gates.model_copy(update={"min_races": 28})}),
    )


def test_a_model_trained_on_shuffled_results_does_not_beat_the_baseline(good):
    honest, shuffled = (_trained(good, shuffle) for shuffle in (False, True))
    gains = {
        name: {v.template: v.measured for v in _ask("beats_baseline", candidate)}
        for name, candidate in (("honest", honest), ("shuffled", shuffled))
    }
    verdicts = _ask("beats_baseline", shuffled)
    assert not any(verdict.passed for verdict in verdicts if verdict.template == "race_winner")
    assert gains["honest"]["race_winner"] > gains["shuffled"]["race_winner"]
    assert all(verdict.detectable > 0 for verdict in verdicts)


def test_a_worse_candidate_does_not_replace_the_champion(good):
    champion = Standing(4, "another", good.own)
    half_blind = _with_own(replace(good, champion=champion), lambda p: 0.2 * p + 0.8 / p.shape[1])
    failed = {v.template for v in _ask("not_worse_than_champion", half_blind) if not v.passed}
    assert "race_winner" in failed
    equal = _ask("not_worse_than_champion", replace(good, champion=champion))
    assert all(verdict.passed for verdict in equal)
    assert {verdict.measured for verdict in equal} == {0.0}


def test_the_champion_gate_says_why_it_has_nothing_to_compare(good):
    others = {
        "no champion yet": None,
        "same content": Standing(4, good.content, good.own),
        "other data": Standing(4, "another", good.own.assign(driver_id=lambda rows: rows["driver_id"] + 500)),
    }
    for reason, champion in others.items():
        (verdict,) = _ask("not_worse_than_champion", replace(good, champion=champion))
        assert verdict.passed
        assert reason in verdict.reason


def test_too_few_common_races_are_no_proof(good):
    few = good.own[good.own["round"] == 1]
    verdicts = _ask("not_worse_than_champion", replace(good, champion=Standing(4, "another", few)))
    assert not any(verdict.passed for verdict in verdicts)
    assert "gates.min_races asks for 40" in verdicts[0].reason


@pytest.mark.parametrize(
    ("break_frame", "reason"),
    [
        (lambda frame: frame.drop(index=30), "first lost"),
        (lambda frame: frame.iloc[::-1].reset_index(drop=True), "reordered"),
        (lambda frame: frame.assign(grid=np.nan), "grid has no value"),
        (
            lambda frame: frame.assign(grid=frame["grid"].where(frame["season"] < 2021)),
            "grid has no value in the judged",
        ),
        (lambda frame: frame.assign(grid=np.inf), "grid is infinite"),
        (lambda frame: frame.drop(columns="grid"), "grid is missing"),
    ],
)
def test_a_broken_frame_is_refused(good, break_frame, reason):
    (verdict,) = _ask("complete_frame", replace(good, frame=break_frame(good.frame)))
    assert not verdict.passed
    assert reason in verdict.reason


def test_session_features_may_be_missing_before_the_weekend(good):
    early = replace(good, stage="pre_weekend")
    groups = {name for group in good.groups if "race" in group.entities for name in group.names}
    assert _ask("complete_frame", replace(early, frame=good.frame.assign(**dict.fromkeys(groups, np.nan))))[0].passed


def test_what_no_source_ever_told_may_lack_of_an_optional_group_alone(good, monkeypatch):
    group = next(group for group in good.groups if len(group.names) > 1)
    names = list(group.names)
    empty = good.frame.assign(**dict.fromkeys(names, np.nan))
    gone = good.frame.assign(**{name: good.frame[name].where(good.frame["season"] < HELD_OUT[0]) for name in names})
    good = replace(good, predictions=good.predictions[good.predictions["season"].isin(HELD_OUT)])
    assert not _ask("complete_frame", replace(good, frame=empty))[0].passed
    optional = replace(good.definition, optional=(group.name,))
    monkeypatch.setattr(type(good), "definition", property(lambda _: optional))
    assert _ask("complete_frame", replace(good, frame=empty))[0].passed
    (told_no_more,) = _ask("complete_frame", replace(good, frame=gone))
    assert not told_no_more.passed


def test_a_feature_that_peeks_at_the_result_is_refused(good):
    def compute(tables, settings, time):
        rows = tables["results"][["race_id", "driver_id", "place", *STAMPS]].copy()
        starts = tables["races"].set_index("race_id")["starts_at"]
        for stamp in STAMPS:
            rows[stamp] = (rows["race_id"].map(starts) - np.timedelta64(1, "h")).astype(rows["known_at"].dtype)
        rows["result"] = rows.pop("place").astype("float64")
        return rows[["race_id", "driver_id", *STAMPS, "result"]]

    peeking = FeatureGroup(
        "peeking", ("race", "driver"), ("races", "results"), (Feature("result", "place", "it", "never"),), compute
    )
    (verdict,) = _ask("leak_audit", replace(good, groups=(peeking,)))
    assert not verdict.passed
    assert "peeking.every feature" in verdict.reason


@pytest.mark.parametrize(
    ("provenance", "reason"),
    [
        ({"git.dirty": "src/a.py", "data.stale": "clean"}, "src/a.py; commit it"),
        ({"git.dirty": "clean", "data.stale": "frames"}, "dvc repro"),
        ({"git.dirty": "unknown: not a git repository", "data.stale": "clean"}, "not a git repository"),
        (
            {"git.dirty": "pitwall/ml/a.py", "data.stale": "clean", "code.package": "pitwall-ml 1.0"},
            "installed pitwall-ml 1.0 was edited: install it anew",
        ),
        ({}, "not recorded"),
    ],
)
def test_a_result_that_no_commit_names_is_refused(good, provenance, reason):
    (verdict,) = _ask("clean_tree", replace(good, provenance=provenance))
    assert not verdict.passed
    assert reason in verdict.reason


def test_many_cars_are_judged_by_calibration_error_and_few_by_slope(good):
    many = good.params.gates.model_copy(update={"ece_min_rows": 100, "ece": 0.05})
    verdicts = _ask("calibration", replace(good, params=good.params.model_copy(update={"gates": many})))
    assert {verdict.unit for verdict in verdicts} == {"ECE"}
    assert all(verdict.passed for verdict in verdicts)
    assert {verdict.unit for verdict in _ask("calibration", good)} == {"slope"}


def test_the_slopes_of_a_models_templates_share_one_level(good):
    verdicts = _ask("calibration", good)
    assert len(verdicts) == 3
    for verdict in verdicts:
        assert "98.3 % interval, 95 % for 3 templates together" in verdict.reason
    low, high = (float(part) for part in verdicts[0].reason.split("; ")[1].split(" must")[0].split(" to "))
    alone = slope(good.templates[0], good.own, good.tables)
    assert low < alone.low < alone.high < high


def test_before_the_weekend_the_championship_is_the_baseline_to_beat(good):
    renamed = good.predictions.replace({"estimator": {"grid_frequency": "championship_order"}})
    early = _ask("beats_baseline", replace(good, stage="pre_weekend", predictions=renamed))
    assert [verdict.passed for verdict in early] == [True] * 3
    assert all("over championship_order" in verdict.reason for verdict in early)
    closed = _ask("beats_baseline", replace(good, stage="pre_weekend"))
    assert not any(verdict.passed for verdict in closed)


@pytest.mark.parametrize("table", ["qualifying", "grid", "results"])
def test_a_feature_stamped_before_its_table_is_published_is_refused(good, table):
    def compute(tables, settings, time):
        rows = tables[table][["race_id", "driver_id", *STAMPS]].copy()
        for stamp in STAMPS:
            rows[stamp] = (rows["known_at"] - np.timedelta64(3, "s")).astype(rows["known_at"].dtype)
        return rows.assign(seen=1.0)

    early = FeatureGroup("early", ("race", "driver"), (table,), (Feature("seen", "0/1", "it", "never"),), compute)
    (verdict,) = _ask("leak_audit", replace(good, groups=(early,)))
    assert not verdict.passed
    assert "stamped earlier than their inputs allow" in verdict.reason


def test_a_crash_or_silence_closes_the_gate(good):
    def crash(candidate):
        raise ValueError("boom")

    (crashed,) = run_gate(Gate("mine", "My gate", crash, lambda candidate: candidate), good)
    assert crashed == Verdict("mine", False, None, None, "", "the gate crashed: ValueError: boom")
    (silent,) = run_gate(Gate("mine", "My gate", lambda candidate: [], lambda candidate: candidate), good)
    assert not silent.passed


def test_a_missing_baseline_closes_the_gate(good):
    alone = good.predictions[good.predictions["role"] == "model"]
    verdicts = _ask("beats_baseline", replace(good, predictions=alone))
    assert verdicts
    assert not any(verdict.passed for verdict in verdicts)
    assert "no predictions of the baseline" in verdicts[0].reason
