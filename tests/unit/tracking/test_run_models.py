"""Models of one's own runs are kept as data, come back equal, and nothing else is read."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pitwall.domain.errors import TrackingError, UnknownName, UsageError
from pitwall.tracking.run_models import ENTRY, load_model, save_model

X = pd.DataFrame({"grid": [1.0, 2.0, 3.0, 4.0] * 5, "pace": np.linspace(0, 1, 20)})
Y = (X["grid"] < 3).astype(int)


def made(name: str):
    """Return a small model and what it answers with."""
    match name:
        case "xgboost":
            import xgboost

            model = xgboost.XGBClassifier(n_estimators=3).fit(X, Y)
            return model, lambda each: each.predict_proba(X)
        case "booster":
            import xgboost

            model = xgboost.train({}, xgboost.DMatrix(X, Y), 3)
            return model, lambda each: each.predict(xgboost.DMatrix(X))
        case "lightgbm":
            import lightgbm

            model = lightgbm.LGBMRegressor(n_estimators=3, min_child_samples=1, verbose=-1).fit(X, Y)
            return model, lambda each: each.predict(X)
        case "catboost":
            import catboost

            model = catboost.CatBoostClassifier(iterations=3, verbose=False, allow_writing_files=False).fit(X, Y)
            return model, lambda each: each.predict_proba(X)
        case _:
            from sklearn.ensemble import RandomForestClassifier
            from sklearn.pipeline import make_pipeline
            from sklearn.preprocessing import StandardScaler

            model = make_pipeline(StandardScaler(), RandomForestClassifier(3)).fit(X, Y)
            return model, lambda each: each.predict_proba(X)


@pytest.mark.parametrize("name", ["xgboost", "booster", "lightgbm", "catboost", "sklearn"])
def test_a_model_comes_back_equal(name, tmp_path):
    model, answers = made(name)
    loaded = load_model(save_model(model, tmp_path / "model"))
    assert np.array_equal(answers(loaded), answers(model))
    if name != "lightgbm":
        assert type(loaded) is type(model)
    entry = json.loads((tmp_path / "model" / ENTRY).read_text())
    assert {"format", "class", "library", "version", "files"} <= set(entry)
    assert not [each for each in tmp_path.rglob("*") if each.suffix in {".pkl", ".pickle", ".joblib", ".pt"}]


def network():
    import torch

    return torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.BatchNorm1d(3), torch.nn.Linear(3, 1)).eval()


def test_a_network_gives_its_parameters_to_one_that_is_given(tmp_path):
    import torch

    model, other, rows = network(), network(), torch.ones(4, 2)
    folder = save_model(model, tmp_path / "net")
    assert not torch.equal(other(rows), model(rows))
    assert load_model(folder, into=other) is other
    assert torch.equal(other(rows), model(rows))
    assert list(load_model(folder)) == list(model.state_dict())
    with pytest.raises(UsageError, match="are of another network than Linear"):
        load_model(folder, into=torch.nn.Linear(2, 1))
    with pytest.raises(TrackingError, match="NumPy does not know.*BFloat16"):
        save_model(network().to(torch.bfloat16), tmp_path / "short")


def test_pitwalls_own_model_is_its_folder(tmp_path):
    from pitwall.ml.models.machinery.fitted import FittedModel

    class Part:
        def __init__(self, file: str) -> None:
            self.file = file

        def save(self, folder: Path) -> None:
            (folder / self.file).write_text("{}")

    folder = save_model(FittedModel(Part("recipe.json"), Part("estimator.json")), tmp_path / "own")
    assert json.loads((folder / ENTRY).read_text())["format"] == "pitwall-folder"
    assert sorted(each.name for each in folder.iterdir()) == ["estimator.json", ENTRY, "recipe.json"]


@pytest.mark.parametrize("change", ["other bytes", "one more", "gone", "no entry"])
def test_a_file_that_is_not_what_was_written_is_not_read(change, tmp_path):
    folder = save_model(made("booster")[0], tmp_path / "model")
    match change:
        case "other bytes":
            (folder / "model.ubj").write_bytes((folder / "model.ubj").read_bytes() + b" ")
        case "one more":
            (folder / "other.pkl").write_bytes(b"cos\nsystem\n")
        case "gone":
            (folder / "model.ubj").unlink()
        case _:
            (folder / ENTRY).unlink()
    with pytest.raises(TrackingError, match=r"is not what was written|holds no model"):
        load_model(folder)


def test_no_class_is_taken_from_a_file(tmp_path):
    folder = save_model(made("booster")[0], tmp_path / "model")
    entry = json.loads((folder / ENTRY).read_text())
    for change in ({"kind": "os.system"}, {"format": "pickle"}):
        (folder / ENTRY).write_text(json.dumps({**entry, **change}))
        with pytest.raises(UnknownName, match=r"os\.system|pickle"):
            load_model(folder)
    (folder / ENTRY).write_text(json.dumps({**entry, "class": "somebody.Evil", "version": "0.1"}))
    with pytest.warns(UserWarning, match="written by xgboost 0.1"):
        assert type(load_model(folder)).__name__ == "Booster"
    (folder / ENTRY).write_text("[]")
    with pytest.raises(TrackingError, match="is not what was written"):
        load_model(folder)


class Own:
    """A step of somebody's own."""

    def fit(self, rows, outcomes=None):
        return self

    def transform(self, rows):
        return rows


def test_what_is_no_data_is_refused(tmp_path, monkeypatch):
    from sklearn.linear_model import Ridge
    from sklearn.pipeline import make_pipeline

    with pytest.raises(UsageError, match=r"builtins\.dict is kept in no form of data"):
        save_model({"a": 1}, tmp_path / "a")
    pipeline = make_pipeline(Own(), Ridge()).fit(X, Y)
    with pytest.raises(TrackingError, match=r"not trusted to be data: .*test_run_models\.Own"):
        save_model(pipeline, tmp_path / "b")
    with pytest.raises(UsageError, match="holds something already"):
        save_model(made("booster")[0], tmp_path)
    with pytest.raises(UsageError, match="`into` is for networks"):
        load_model(save_model(made("booster")[0], tmp_path / "c"), into=object())
    monkeypatch.setattr("pitwall.tracking.run_models.formats.find_spec", lambda name: None)
    with pytest.raises(UsageError, match="pip install skops"):
        save_model(Ridge().fit(X, Y), tmp_path / "d")


def test_a_planted_file_of_skops_is_refused_when_it_is_read(tmp_path):
    """Somebody who can write the hash can write any file: what is read is still only what we trust."""
    import skops.io
    from sklearn.pipeline import make_pipeline

    folder = save_model(made("sklearn")[0], tmp_path / "model")
    skops.io.dump(make_pipeline(Own(), Own()), folder / "model.skops")
    entry = json.loads((folder / ENTRY).read_text())
    entry["files"]["model.skops"] = sha256((folder / "model.skops").read_bytes()).hexdigest()
    (folder / ENTRY).write_text(json.dumps(entry))
    with pytest.raises(TrackingError, match="not trusted to be data"):
        load_model(folder)
    assert (folder / "model.skops").is_file()
