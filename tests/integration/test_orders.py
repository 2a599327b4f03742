"""Orders on a tiny world: the same choice is the same model, bit for bit, from a file, a command line, a page or a notebook."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

import pitwall as pw
from pitwall.domain.errors import UnknownName, UsageError
from pitwall.domain.params import parse_params
from pitwall.domain.refs import folder_hash
from pitwall.features import groups
from pitwall.features.machinery.build import build_group
from pitwall.ml.audit import Effort
from pitwall.ml.gates import leak_audit
from pitwall.ml.registry.approvals import Approval
from pitwall.testing.worlds.tiny import tiny_tables
from pitwall.workflows.bench import deploying, drafts, examining
from pitwall.workflows.orders.availability import LATER
from pitwall.workflows.orders.order import TrainingOrder, read, written
from pitwall.workflows.orders.preview import Limit, preview
from pitwall.workflows.orders.training import settle, train

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
PARAMS = {
    "training": {"held_out_seasons": 2, "validation_seasons": 1},
    "tuning": {"trials": 2, "startup_trials": 1},
    "gates": {"bootstrap_draws": 100, "min_races": 5},
}
ORDER = TrainingOrder(
    question="dnf", seasons="2021:2025", groups=("driver_form", "team_form"), algorithm="logistic", folds=2
)


@pytest.fixture(scope="module")
def workspace(in_memory, tmp_path_factory):
    root = tmp_path_factory.mktemp("orders")
    shutil.copyfile(ROOT / "dvc.yaml", root / "dvc.yaml")
    (root / "params.yaml").write_text(json.dumps(PARAMS), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PITWALL_HOME", str(root))
        patch.setattr(leak_audit, "QUICK", Effort(seasons=1, instants=2, cutoffs=1, worlds=1))
        yield in_memory(root, tiny_tables(seasons=6, races=6, cars=8, upcoming=1), parse_params(PARAMS))


@pytest.fixture(scope="module")
def draft(workspace):
    return train(workspace, ORDER)


def test_a_notebook_and_a_file_make_the_same_model_bit_for_bit(workspace, draft):
    made = folder_hash(workspace.job(draft.name).target / "model")
    data = pw.FeatureStore(workspace.project, reader=workspace.features).get_features(
        (2021, 2025), ["driver_form", "team_form"], template="dnf"
    )
    noted = pw.ModelBuilder("classification", "dnf", workspace=workspace).train(data, "logistic", folds=2)
    assert noted.name == draft.name
    assert folder_hash(workspace.job(noted.name).target / "model") == made
    again = train(workspace, read(written(ORDER)))
    assert again.name == draft.name
    assert folder_hash(workspace.job(again.name).target / "model") == made
    other = settle(workspace, ORDER.model_copy(update={"seed": 8})).spec
    assert f"{other.draft}-pre_race" != draft.name


def nameless(verdict):
    """Return a verdict without the rule's name: once the model has one, the rule is its champion and called by its version."""
    return replace(verdict, reason=re.sub(r"gains over (version \d+|team_retirements)", "gains", verdict.reason))


def test_what_the_gates_will_ask_is_asked_of_a_draft_and_says_the_same_of_its_version(workspace, draft):
    candidate = examining.candidate_of(workspace, drafts.find_draft(workspace, draft.name))
    said = [*examining.audited(candidate), *examining.compared(candidate)]
    asked = {verdict.gate for verdict in said}
    assert {"leak_audit", "beats_baseline", "calibration", "refit_equal"} <= asked
    assert not asked & {"card_present", "signature", "not_worse_than_champion"}
    decision = deploying.deploy(workspace, draft, "my_dnf", Approval())
    for gate in asked - {"latency"}:  # a clock's word
        judged, told = (
            [nameless(each) for each in all_of if each.gate == gate] for all_of in (decision.verdicts, said)
        )
        assert judged == told
    with pytest.raises(UnknownName, match=draft.name):
        drafts.find_draft(workspace, "my_dnf-pre_race")


def test_a_column_is_a_question_with_a_rule_to_beat(workspace):
    order = TrainingOrder(
        question="results.points",
        task="regression",
        baseline="overall_median",
        groups=("driver_form",),
        algorithm="linear",
    )
    found = settle(workspace, order).spec
    assert (found.target, found.own.family, found.own.baseline) == ("results_points", "regression", "overall_median")
    assert found.features == tuple(groups()["driver_form"].names)
    with pytest.raises(UsageError, match="needs the rule that a model must beat"):
        settle(workspace, order.model_copy(update={"baseline": ""}))


def test_a_preview_counts_what_the_store_joins(workspace):
    folder = workspace.project.features
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("driver_form", "session"):
        build_group(groups()[name], workspace.tables, workspace.params).to_parquet(folder / f"{name}.parquet")
    order = TrainingOrder(question="dnf", seasons="2022:2024", groups=("driver_form", "session", "championship"))
    found = preview(workspace, order)
    store = pw.FeatureStore(workspace.project, reader=workspace.features)
    single = groups()["session"].names  # a set bears the name of this group, too
    data = store.get_features((2022, 2024), ["driver_form"], single, template="dnf")
    assert (found.rows, found.races) == (len(data), data["race_id"].nunique())
    seen = {each.feature.name: each for view in found.groups for each in view.features}
    for name in (*groups()["driver_form"].names, *groups()["session"].names):
        assert seen[name].share == pytest.approx(data[name].notna().mean()), name
    assert set(found.features) == {name for name in data.columns if name in seen and data[name].notna().any()}
    assert {name for name, _ in found.left_out} >= set(groups()["championship"].names)
    assert found.in_the_way == ()

    early = {
        each.feature.name: each
        for view in preview(workspace, order.model_copy(update={"stage": "pre_weekend"})).groups
        for each in view.features
    }
    assert early["grid"].state == LATER
    assert "pre_race" in early["grid"].why
    small = preview(workspace, order, Limit("free", 0.001))
    assert any("more than the tier free may train on" in each for each in small.in_the_way)


def test_a_preview_forgets_what_the_data_were(workspace):
    order = TrainingOrder(question="dnf", groups=("driver_form",))
    before = preview(workspace, order)
    assert before.features
    path = workspace.project.features / "driver_form.parquet"
    kept = path.read_bytes()
    pd.read_parquet(path).iloc[:0].to_parquet(path)
    try:
        assert preview(workspace, order).features == ()
    finally:
        path.write_bytes(kept)
