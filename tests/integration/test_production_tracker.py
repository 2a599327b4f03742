"""`pw.ProductionExperimentTracker` on a real database: every library's model as data, closed truly, no state of the process."""

from __future__ import annotations

from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
import pytest
import skops.io

import pitwall as pw
from pitwall.domain.errors import StoreAway, TrackingError, UsageError
from pitwall.domain.model_libraries import TRUSTED
from pitwall.domain.settings import LIMIT_VARIABLE

pytestmark = pytest.mark.slow

X = pd.DataFrame({"grid": [1.0, 2.0, 3.0, 4.0] * 5, "pace": np.linspace(0, 1, 20)})
Y = (X["grid"] < 3).astype(int)


@pytest.fixture(scope="module")
def uri(tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"sqlite:///{tmp_path_factory.mktemp('store')}/runs.db"


@pytest.fixture
def tracker(uri: str) -> pw.ProductionExperimentTracker:
    return pw.ProductionExperimentTracker("production", uri)


@pytest.fixture(scope="module")
def client(uri: str) -> mlflow.MlflowClient:
    return mlflow.MlflowClient(uri)


def fitted(name: str):
    """Return a small model of a library, and what it answers with."""
    if name == "xgboost":
        import xgboost

        model = xgboost.XGBClassifier(n_estimators=3).fit(X, Y)
        return model, model.predict
    if name == "lightgbm":
        import lightgbm

        model = lightgbm.LGBMClassifier(n_estimators=3, min_child_samples=1, verbose=-1).fit(X, Y)
        return model, lambda rows: model.predict_proba(rows)[:, 1]  # the trees themselves say a probability
    if name == "catboost":
        import catboost

        model = catboost.CatBoostRegressor(iterations=3, verbose=False, allow_writing_files=False).fit(X, Y)
        return model, model.predict
    if name == "histogram":
        from sklearn.ensemble import HistGradientBoostingClassifier

        model = HistGradientBoostingClassifier(max_iter=3).fit(X, Y)
        return model, model.predict
    from sklearn.ensemble import RandomForestRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model = make_pipeline(StandardScaler(), RandomForestRegressor(3)).fit(X, Y)
    return model, model.predict


@pytest.mark.parametrize("name", ["xgboost", "lightgbm", "catboost", "forest", "histogram"])
def test_a_model_comes_back_from_data_alone(name, tracker, uri, client):
    model, answer = fitted(name)
    with tracker.start_run(name):
        model_id = tracker.log_model(model, name, input_example=X[:3])
    logged = client.get_logged_model(model_id)
    assert (logged.name, str(logged.status), logged.source_run_id) == (name, "READY", tracker.run.info.run_id)
    folder = Path(mlflow.artifacts.download_artifacts(logged.artifact_location, tracking_uri=uri))
    files = [each.name for each in folder.rglob("*") if each.is_file()]
    assert not [each for each in files if Path(each).suffix in {".pkl", ".pickle", ".joblib"}], files
    assert mlflow.models.Model.load(folder).signature.inputs.input_names() == ["grid", "pace"]
    if (file := folder / "model.skops").is_file():  # MLflow would trust what the file says
        loaded = skops.io.load(file, trusted=list(TRUSTED))
    else:
        loaded = mlflow.pyfunc.load_model(str(folder))
    assert np.allclose(loaded.predict(X), answer(X))


class Own:
    """A class of somebody's own inside of a model of scikit-learn."""

    def fit(self, rows, outcomes=None):
        return self

    def transform(self, rows):
        return rows


def test_what_is_no_data_is_refused_by_name(tracker, client):
    import torch
    from sklearn.linear_model import Ridge
    from sklearn.pipeline import make_pipeline

    with tracker.start_run("refused"):
        with pytest.raises(UsageError, match=r"a model of builtins\.dict is kept in no form of data"):
            tracker.log_model({"weights": [1.0]})
        with pytest.raises(UsageError, match="give log_model\\(model, input_example=...\\)"):
            tracker.log_model(torch.nn.Linear(2, 1))
        with pytest.raises(TrackingError, match=r"untrusted types.*test_production_tracker"):
            tracker.log_model(make_pipeline(Own(), Ridge()).fit(X, Y), "strange", input_example=X[:3])
    [left] = client.search_logged_models([tracker.run.info.experiment_id], "name = 'strange'")
    assert str(left.status) == "FAILED"


def test_a_run_ends_as_it_ended(tracker, client):
    with pytest.raises(ZeroDivisionError), tracker.start_run("breaks"):
        1 / 0  # noqa: B018  (the error is what is wanted)
    failed = client.get_run(tracker.run.info.run_id)
    assert (failed.info.status, failed.data.tags["error"]) == ("FAILED", "ZeroDivisionError: division by zero")
    with pytest.raises(KeyboardInterrupt), tracker.start_run("stopped"):
        raise KeyboardInterrupt
    assert client.get_run(tracker.run.info.run_id).info.status == "KILLED"
    tracker.end_run()  # again does no harm
    with pytest.raises(UsageError, match="no run is open to log metrics"):
        tracker.log_metrics({"loss": 1.0})
    tracker.start_run()
    with pytest.raises(UsageError, match="is still open"):
        tracker.start_run()
    tracker.end_run()


def test_two_trackers_at_once_and_the_process_stays_as_it_was(tracker, uri, client, tmp_path):
    before = mlflow.get_tracking_uri()
    other = pw.ProductionExperimentTracker("other", f"sqlite:///{tmp_path}/other.db")
    with tracker.start_run("one"), other.start_run("two"):
        tracker.log_config({"a": {"b": [1, 2]}})
        other.log_metrics({"loss": 2.0}, step=3)
        other.set_tags({"experiment_type": "baseline"})
    one = client.get_run(tracker.run.info.run_id)
    two = mlflow.MlflowClient(f"sqlite:///{tmp_path}/other.db").get_run(other.run.info.run_id)
    assert (one.data.params, one.data.metrics) == ({"a.b": "[1, 2]"}, {})
    assert (two.data.params, two.data.metrics, two.data.tags["experiment_type"]) == ({}, {"loss": 2.0}, "baseline")
    assert mlflow.active_run() is None
    assert mlflow.get_tracking_uri() == before


def test_an_address_that_leads_nowhere_says_so(tmp_path):
    with pytest.raises(UsageError, match="none that Pitwall can use"):
        pw.ProductionExperimentTracker("x", str(tmp_path / "mlruns"))
    with pytest.raises(StoreAway, match="no MLflow server answers at http://127.0.0.1:9 "):
        pw.ProductionExperimentTracker("x", "http://127.0.0.1:9")


def test_the_limit_of_a_file_holds_here_too(tracker, tmp_path, monkeypatch):
    (tmp_path / "large.bin").write_bytes(b"0" * 2000)
    monkeypatch.setenv(LIMIT_VARIABLE, "0.001")
    with tracker.start_run("large"), pytest.raises(TrackingError, match=r"large\.bin has 0\.0 MB"):
        tracker.log_artifact(tmp_path / "large.bin")
