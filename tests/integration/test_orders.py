"""Orders on a tiny world: the same choice is the same model, bit for bit, from a file, a command line, a page or a notebook."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

import pitwall as pw
from pitwall.domain.params import parse_params
from pitwall.domain.refs import folder_hash
from pitwall.ml.audit import Effort
from pitwall.ml.gates import leak_audit
from pitwall.testing.worlds.tiny import tiny_tables
from pitwall.workflows.orders.order import TrainingOrder, read, written
from pitwall.workflows.orders.training import settle, train

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
