"""Each DVC stage depends on the modules that its code imports; otherwise a change of code would leave old results."""

from __future__ import annotations

from pathlib import Path

import grimp
import pytest
import yaml

from pitwall.domain.params import load_params
from pitwall.ml.models import model
from pitwall.ml.models.machinery.names import model_names, model_of

REPO = Path(__file__).resolve().parents[2]
STAGES = yaml.safe_load((REPO / "dvc.yaml").read_text())["stages"]
ENTRIES = {
    "ingest": ["pitwall.sources"],
    "tables": ["pitwall.sources"],
    "features": ["pitwall.features"],
    "frames": ["pitwall.ml.models.machinery.frames", "pitwall.ml.rows", "pitwall.adapters.feast.store"],
    "train": ["pitwall.ml.training.steps", "pitwall.ml.estimators", "pitwall.ml.families", "pitwall.ml.templates"],
    "evaluate": ["pitwall.ml.backtest.published_scores", "pitwall.ml.families", "pitwall.ml.templates"],
}


@pytest.fixture(scope="module")
def imports() -> grimp.ImportGraph:
    return grimp.build_graph("pitwall")


def modules_of(graph: grimp.ImportGraph, entry: str) -> set[str]:
    """Return a module with what is below it (its plug-ins) and all that they import."""
    own = {entry, *graph.find_descendants(entry)}
    return own | {found for module in own for found in graph.find_upstream_modules(module)}


@pytest.mark.parametrize("stage", ENTRIES)
def test_a_stage_depends_on_all_code_that_it_runs(imports: grimp.ImportGraph, stage: str) -> None:
    definition = STAGES[stage].get("do", STAGES[stage])
    deps = [dep.removeprefix("src/").removesuffix(".py").replace("/", ".") for dep in definition["deps"]]
    needed = {module for entry in ENTRIES[stage] for module in modules_of(imports, entry)}
    uncovered = {m for m in needed if not any(m == dep or m.startswith(f"{dep}.") for dep in deps)}
    empty = {m for m in uncovered if m in {"pitwall", "pitwall.ml", "pitwall.adapters", "pitwall.report"}}
    assert uncovered - empty == set()


def test_every_stage_is_checked() -> None:
    assert set(ENTRIES) == set(STAGES)


def test_a_gate_or_a_forecast_never_retrains() -> None:
    deps = STAGES["train"]["do"]["deps"]
    assert not [dep for dep in deps if dep in {"src/pitwall", "src/pitwall/ml"} or "gates" in dep or "forecast" in dep]


def test_how_a_promotion_is_approved_never_retrains() -> None:
    params = [name for stage in STAGES.values() for name in stage.get("do", stage).get("params", [])]
    assert params and not [name for name in params if name.startswith("promotion")]


def test_the_style_of_a_page_never_retrains() -> None:
    deps = [dep for stage in ("train", "evaluate") for dep in STAGES[stage].get("do", STAGES[stage])["deps"]]
    assert not [dep for dep in deps if "src/pitwall/report/templates".startswith(dep)]


def test_models_to_train_are_the_ones_of_params_yaml() -> None:
    trained = STAGES["train"]["foreach"]
    assert list(trained) == model_names(load_params(REPO / "params.yaml"))
    assert {name: {"model": model_of(name)} for name in trained} == trained


def test_a_shipped_model_is_trained_alike_whether_it_is_listed_or_not() -> None:
    for name, settings in load_params(REPO / "params.yaml").models.items():
        assert settings == model(name).settings, name


def test_the_comparison_depends_on_every_trained_model() -> None:
    assert Path(STAGES["train"]["do"]["outs"][0]).parent.as_posix() in STAGES["evaluate"]["deps"]
