"""Notes on models of any name: kept apart, marked as claims, moved by rows that are kept."""

import threading

import numpy as np
import pytest

import pitwall as pw
from pitwall.domain.errors import TrackingError, UnknownName, UsageError
from pitwall.domain.params import Params
from pitwall.domain.project import Project
from pitwall.testing import FakeRegistry
from pitwall.workflows.notebook import model_registry
from pitwall.workflows.notebook.by_hand.model_notes import ModelNotes
from pitwall.workflows.notebook.model_registry import ModelRegistry
from pitwall.workflows.workspace import Workspace


@pytest.fixture
def workspace(tmp_path):
    return Workspace(Project(tmp_path), params=Params(), registry=FakeRegistry())


@pytest.fixture
def registry(workspace):
    return pw.ModelRegistry(workspace=workspace)


def _accuracy(value):
    return {"metrics": {"accuracy": value}, "params": {"lr": np.float32(0.5), "epochs": np.int64(3)}}


def test_versions_are_numbered_claimed_and_kept_for_the_next_session(registry, workspace):
    assert [registry.register_model("text_classifier", _accuracy(value)) for value in (0.8, 0.9)] == [1, 2]
    first, second = pw.ModelRegistry(workspace=workspace).list_versions("text_classifier")
    assert (first["version"], first["stage"], first["claimed"], first["moves"]) == (1, "development", True, [])
    assert (second["metrics"], second["params"]) == ({"accuracy": 0.9}, {"lr": 0.5, "epochs": 3})
    assert workspace.registry.models() == []  # nothing that answers anybody learns of them


def test_one_version_is_in_production_and_the_one_before_is_archived_and_can_come_back(registry):
    for value in (0.8, 0.9):
        registry.register_model("m", _accuracy(value))
    assert registry.get_production_model("m") is None
    registry.promote("m", 1, "production", by="Ada", note="first")
    registry.promote("m", 2, "Production")
    assert registry.get_production_model("m")["version"] == 2
    assert [entry["stage"] for entry in registry.list_versions("m")] == ["archived", "production"]
    back = registry.promote("m", 1, "production")
    assert [(move["stage"], move["by"], move["note"]) for move in back["moves"]] == [
        ("production", "Ada", "first"),
        ("production", "", ""),
    ]
    registry.promote("m", 1, "staging")
    assert registry.get_production_model("m") is None


def test_a_comparison_has_a_delta_where_both_have_the_metric(registry):
    registry.register_model("m", {"metrics": {"accuracy": 0.8, "f1": 0.5}})
    registry.register_model("m", {"metrics": {"accuracy": 0.75, "latency_ms": 4}})
    registry.register_model("m", {"why": "no metrics at all"})
    compared = registry.compare_versions("m", 1, 2)
    assert compared["version"] == (1, 2)
    assert compared["accuracy"]["delta"] == pytest.approx(-0.05)
    assert compared["f1"] == {"v1": 0.5, "v2": None, "delta": None}
    assert compared["latency_ms"] == {"v1": None, "v2": 4, "delta": None}
    assert registry.compare_versions("m", 3, 3) == {"version": (3, 3)}


@pytest.mark.parametrize("name", ["race_winer", "order-pre_rase", "order", "podiums"])
def test_a_name_that_is_almost_one_of_the_projects_is_no_new_one(registry, name):
    with pytest.raises(UsageError, match="did you mean|name it with its stage"):
        registry.register_model(name, _accuracy(0.9))


def test_what_is_not_known_is_an_error_with_the_nearest_name(registry):
    registry.register_model("text_classifier", _accuracy(0.9))
    for call in (
        lambda: registry.register_model("another_one"),
        lambda: registry.list_versions("text_clasifier"),
        lambda: registry.get_production_model("absent"),
        lambda: registry.promote("text_classifier", 2, "staging"),
        lambda: registry.promote("text_classifier", 0, "staging"),
        lambda: registry.promote("text_classifier", 1, "live"),
    ):
        with pytest.raises(UnknownName):
            call()


@pytest.mark.parametrize(
    ("info", "error"),
    [
        ({"metrics": {"accuracy": float("nan")}}, TrackingError),
        ({"metrics": {"accuracy": "good"}}, TrackingError),
        ({"metrics": {"version": 1}}, UsageError),
        ({"metrics": [1]}, UsageError),
        ({"stage": "production"}, UsageError),
        ({"claimed": False}, UsageError),
        ({"model": object()}, UsageError),
        ({1: 2}, UsageError),
    ],
)
def test_what_is_no_plain_data_or_one_of_our_own_fields_is_refused(registry, info, error):
    with pytest.raises(error):
        registry.register_model("m", info)
    with pytest.raises(UnknownName):
        registry.list_versions("m")


@pytest.mark.parametrize("name", ["", "../m", "a b", "_m", "m/n"])
def test_a_name_that_is_no_name_is_refused(tmp_path, name):
    with pytest.raises(UsageError, match="letters, digits"):
        ModelNotes(tmp_path / "notes").register(name, {})


def test_threads_that_register_at_once_lose_nothing(tmp_path):
    notes, numbers = ModelNotes(tmp_path / "notes"), []
    threads = [
        threading.Thread(target=lambda: numbers.extend(notes.register("m", {}) for _ in range(5))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(numbers) == list(range(1, 21)) == [entry["version"] for entry in notes.versions("m")]


def test_a_name_that_became_a_models_has_its_versions_and_notes_no_more(registry, monkeypatch):
    registry.register_model("wet_pace", _accuracy(0.9))
    registry.promote("wet_pace", 1, "production")
    assert registry.get_production_model("wet_pace")["claimed"]
    monkeypatch.setattr(model_registry, "resolve_model", lambda name, params: f"{name}-pre_race")
    monkeypatch.setattr(ModelRegistry, "_name", lambda self, name: f"{name}-pre_race")
    assert registry.get_production_model("wet_pace") is None  # of the registry's versions: there is no champion
