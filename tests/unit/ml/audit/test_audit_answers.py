"""The audit of a trained model's own answers: those that are no order are held against the baseline to beat."""

import numpy as np
import pandas as pd
import pytest

from pitwall.domain.params import Params
from pitwall.ml.audit import Effort
from pitwall.ml.audit.too_good import judge_losses
from pitwall.ml.evaluation.model_audit import Trained, audit_trained
from pitwall.ml.families.predictions import prediction_table, stack
from pitwall.ml.families.regression.metrics import COLUMNS
from pitwall.ml.models import model
from pitwall.ml.templates import template
from pitwall.testing.worlds.tiny import tiny_tables

TABLES = tiny_tables(seasons=3, races=6, cars=4)
QUICK = Effort(seasons=1, instants=1, cutoffs=1, worlds=1)


def trained(name, stage, error):
    """Return a model that errs by a share of what its baseline errs."""
    definition, question = model(name), template(name)
    kind, label = definition.kind, question.label(TABLES).astype("float64")
    spine = kind.spine(TABLES, stage)
    keys = spine["race_id"] if len(kind.key) == 1 else pd.MultiIndex.from_frame(spine[list(kind.key)])
    true = label.reindex(keys).to_numpy()
    rows, true = spine[~np.isnan(true)].reset_index(drop=True), true[~np.isnan(true)]

    def said(share):
        if definition.family == "binary":
            return pd.DataFrame({"p": true + share * (0.5 - true)})
        return pd.DataFrame(np.repeat((true + share)[:, None], len(COLUMNS), axis=1), columns=list(COLUMNS))

    tables = [
        prediction_table("own", "model", rows, said(error), kind),
        prediction_table(question.baseline_at(stage), "baseline", rows, said(1.0), kind),
    ]
    return Trained(
        name=f"{name}-{stage}",
        definition=definition,
        stage=stage,
        groups=(),
        predictions=stack(tables, definition.answers),
        estimator="own",
        tables=TABLES,
        params=Params(),
        frame=spine,
    )


@pytest.mark.parametrize(("name", "stage"), [("safety_car", "pre_race"), ("dnf", "pre_race"), ("lap_time", "in_race")])
def test_answers_that_leave_nothing_of_the_baselines_loss_are_a_leak(name, stage):
    report = audit_trained(trained(name, stage, 0.01), QUICK)
    (found,) = report.findings
    assert (found.check, found.group, found.feature) == ("too_good", f"{name}-{stage}", "forecasts")
    assert name in found.reason
    assert found.example["saved"] > 0.9
    assert ("too_good", f"{name}-{stage}") in report.verdicts()


@pytest.mark.parametrize(("name", "stage"), [("safety_car", "pre_race"), ("lap_time", "in_race")])
def test_a_model_that_is_merely_much_better_passes(name, stage):
    report = audit_trained(trained(name, stage, 0.5), QUICK)
    assert report.findings == []
    assert report.verdicts() == {("too_good", f"{name}-{stage}"): "passed"}


def test_few_races_convict_nobody():
    baseline = np.ones(3)
    assert judge_losses("m", "q", 0.0 * baseline, baseline, 3) == []
    assert len(judge_losses("m", "q", np.zeros(8), np.ones(8), 8)) == 1
