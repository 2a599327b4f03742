"""Cards of yes or no on race rows and of numbers on lap rows: every section speaks of the model's own rows and answers."""

import json

import numpy as np
import pandas as pd
import pytest

from pitwall.domain.params import GateParams, Params
from pitwall.domain.ports import ModelVersion
from pitwall.ml.cards.build import build
from pitwall.ml.cards.card import from_dict
from pitwall.ml.cards.decision import history
from pitwall.ml.cards.subject import Described
from pitwall.ml.families.predictions import prediction_table, stack
from pitwall.ml.families.regression.metrics import COLUMNS, QUANTILES
from pitwall.ml.gates import Candidate
from pitwall.ml.gates.card_present import SECTIONS
from pitwall.ml.models import model
from pitwall.ml.models.machinery.recipe import Recipe
from pitwall.ml.templates import template
from pitwall.report.content.markdown import section_texts, to_markdown
from pitwall.testing.worlds.tiny import tiny_tables

TABLES = tiny_tables(seasons=4, races=6, cars=4)
NAMES = {"safety_car": ("pre_race", "logistic"), "lap_time": ("in_race", "linear")}


def answers(definition, label, spread):
    """Return answers around a label: probabilities, or a mean with quantiles `spread` apart."""
    if definition.family == "binary":
        p = 0.5 + (label.to_numpy(float) - 0.5) * spread
        return pd.DataFrame({"p": p})
    mean = label.to_numpy(float) + spread
    levels = np.array(list(QUANTILES.values()))
    return pd.DataFrame(np.column_stack([mean, mean[:, None] + (levels - 0.5)]), columns=list(COLUMNS))


def candidate(name):
    """Return a candidate with planted predictions, better than those of its baseline."""
    stage, estimator = NAMES[name]
    definition, question = model(name), template(name)
    kind = definition.kind
    spine = kind.spine(TABLES, stage)
    label = question.label(TABLES)
    keys = spine[kind.key[0]] if len(kind.key) == 1 else pd.MultiIndex.from_frame(spine[list(kind.key)])
    known = label.reindex(keys).notna().to_numpy()
    rows = spine[known].reset_index(drop=True)
    true = label.reindex(keys)[known].astype("float64").reset_index(drop=True)
    ours, theirs = (
        answers(definition, true, each) for each in ((0.6, 0.1) if definition.family == "binary" else (0.1, 0.4))
    )
    baseline = question.baseline_at(stage)
    made = [
        prediction_table(estimator, "model", rows, ours, kind),
        prediction_table(baseline, "baseline", rows, theirs, kind),
    ]
    return Candidate(
        name=f"{name}-{stage}",
        model=name,
        stage=stage,
        content="planted",
        params=Params(gates=GateParams(bootstrap_draws=50)),
        tables=TABLES,
        spine=spine,
        frame=spine,
        groups=(),
        predictions=stack(made, definition.answers),
        estimator=estimator,
        answer=lambda frame: ours.iloc[: len(frame)],
        recipe=Recipe(name, estimator, (), {}, 0, stage, {}),
        openings=1,
    )


@pytest.fixture(scope="module", params=list(NAMES))
def card(request):
    who = candidate(request.param)
    version = ModelVersion(who.name, 1, "run0000", "0123456789abcdef", {})
    return who, build(Described(version, who, {}), history([], 1, "auto"))


def test_every_section_is_there_and_reads_back(card):
    _, made = card
    texts = section_texts(to_markdown(made))
    assert [name for name in texts if name in SECTIONS] == list(SECTIONS)
    assert next(iter(texts)) == "Can it be trusted?"
    assert all(texts.values())
    assert from_dict(json.loads(json.dumps(made.to_dict()))) == made


def test_metrics_are_those_of_the_question_with_statistics_of_all_rows(card):
    who, made = card
    metrics = section_texts(to_markdown(made))["Metrics"]
    (question,) = who.templates
    for name in question.metrics:
        assert f"| {name} | " in metrics
    assert f"| {who.estimator} | {question.baseline_at(who.stage)} |" in metrics
    assert "gain over it |  | +0." in metrics


def test_accuracy_and_f1_have_a_section_where_answers_are_right_or_wrong(card):
    who, made = card
    assert ("Accuracy and F1" in section_texts(to_markdown(made))) == bool(who.definition.answers.counted.metrics)


def test_calibration_and_limits_speak_of_its_rows(card):
    who, made = card
    texts = section_texts(to_markdown(made))
    kind, how = who.definition.kind, who.definition.answers.calibration
    assert f"| question | {how.column} | calibration error | {kind.nouns[1]} |" in texts["Calibration"]
    assert how.meaning in texts["Calibration"]
    assert how.shows in texts["Calibration"]
    assert kind.newcomer in texts["Limits"]
    assert all(line in texts["Limits"] for line in who.definition.limits)
    whole = to_markdown(made)
    assert "finishing places" not in whole
    assert "weak all season" not in whole


def test_purpose_says_when_it_is_asked_and_what_must_be_read_as_what_it_is(card):
    who, made = card
    purpose = section_texts(to_markdown(made))["Purpose"]
    if who.stage == "in_race":
        assert "races under way by people who read intervals as such" in purpose
        assert "It is asked at the end of the lap before" in purpose
        assert "forecasts while a race runs" not in purpose
    else:
        assert "coming Formula 1 races by people who read probabilities as such" in purpose
        assert "not about the person" not in purpose, "no row names a driver"


def test_kinds_of_races_show_the_gain_in_the_unit_of_the_loss(card):
    who, made = card
    unit = {"safety_car": "brier", "lap_time": "s"}[who.model]
    kinds = section_texts(to_markdown(made))["Kinds of races"]
    assert f"| {who.model} | first 5 races | +" in kinds
    assert f") {unit} |" in kinds
