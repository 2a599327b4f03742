"""The plug-in files of docs/automl.md work: TabPFN's keeps the contract with a stand-in of the library's form, the others answer and come back."""

import re
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from pitwall.ml.estimators import FitInput
from pitwall.testing import check_estimator
from pitwall.testing.worlds.answers import binary_world

PAGE = (Path(__file__).parents[2] / "docs" / "automl.md").read_text(encoding="utf-8")
FILES = {
    found["name"]: found["code"]
    for found in re.finditer(r"```python\n# plugins/(?P<name>\w+)\.py.*?\n(?P<code>.*?)```", PAGE, re.DOTALL)
}
LIBRARY = re.compile(r"# the library:.*?# end of the library", re.DOTALL)


class _Line:
    """What learns, in every stand-in: a line on the columns, nulls as zeros."""

    def __init__(self, X: Any, y: Any) -> None:
        self.line = LogisticRegression(max_iter=500).fit(np.nan_to_num(np.asarray(X, float)), np.asarray(y, int))

    def chances(self, X: Any) -> np.ndarray:
        return self.line.predict_proba(np.nan_to_num(np.asarray(X, float)))


class _TabPFN:
    def __init__(self, n_estimators: int, random_state: int) -> None:
        self.asked = n_estimators, random_state

    def fit(self, X, y):
        self.line = _Line(X, y)
        return self

    def predict_proba(self, X):
        return self.line.chances(X)


class _H2OColumn(pd.Series):
    def asfactor(self):
        return self


class _H2OFrame(pd.DataFrame):
    _constructor_sliced = _H2OColumn


class _Leader:
    def __init__(self, line: _Line) -> None:
        self.line = line

    def predict(self, rows):
        return SimpleNamespace(as_data_frame=lambda: pd.DataFrame(self.line.chances(rows), columns=["p0", "p1"]))

    def download_mojo(self, path: str) -> None:
        Path(path).touch()
        KEPT[path] = self


class _H2OAutoML:
    def __init__(self, seed: int, nfolds: int, max_models: int) -> None:
        assert nfolds == 0

    def train(self, y: str, training_frame: pd.DataFrame) -> None:
        self.leader = _Leader(_Line(training_frame.drop(columns=y), training_frame[y]))


class _Predictor:
    def __init__(self, label: str, path: str) -> None:
        self.label = label

    def fit(self, rows, presets: str, time_limit: int):
        self.line = _Line(rows.drop(columns=self.label), rows[self.label])
        return self

    def predict_proba(self, rows):
        return pd.DataFrame(self.line.chances(rows))

    def clone_for_deployment(self, path: str) -> None:
        KEPT[path] = self

    @staticmethod
    def load(path: str):
        return KEPT[path]


KEPT: dict[str, Any] = {}
STAND_INS = {
    "tabpfn": {"TabPFNClassifier": _TabPFN},
    "h2o": {"init": lambda: None, "H2OFrame": _H2OFrame, "import_mojo": KEPT.__getitem__},
    "h2o.automl": {"H2OAutoML": _H2OAutoML},
    "autogluon": {},
    "autogluon.tabular": {"TabularPredictor": _Predictor},
}


@pytest.fixture
def libraries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put stand-ins where the libraries would be."""
    for name, content in STAND_INS.items():
        module = ModuleType(name)
        vars(module).update(content)
        monkeypatch.setitem(sys.modules, name, module)


def plugin(name: str) -> Any:
    """Return the plug-in of a file of the page; where a page shows the library's lines alone, in the whole file."""
    whole = FILES["tabpfn_classifier"]
    text = whole if name == "tabpfn_classifier" else LIBRARY.sub(lambda _: FILES[name], whole)
    module: Any = ModuleType(f"page_{name}")
    sys.modules[module.__name__] = module  # dataclasses look up where they are made
    exec(compile(text, f"{name}.py", "exec"), vars(module))
    assert module.ESTIMATOR.name == name
    return module.ESTIMATOR


@pytest.mark.usefixtures("libraries")
def test_tabpfn_keeps_the_contract() -> None:
    check_estimator(plugin("tabpfn_classifier"), "binary")


@pytest.mark.usefixtures("libraries")
@pytest.mark.parametrize("name", ["h2o_automl", "autogluon_tabular"])
def test_the_others_answer_and_come_back(name: str, tmp_path: Path) -> None:
    world, subject = binary_world(races=20, cars=8), plugin(name)
    later = (world.frame.tail(40).reset_index(drop=True), world.outcome.tail(40).reset_index(drop=True))
    fitted = subject.fit(FitInput(world.frame, world.outcome, subject.default(), 1, later))
    said = fitted.answer(world.frame)
    assert np.corrcoef(said["p"], world.honest["p"])[0, 1] > 0.7
    assert 0 < fitted.validation_loss < 0.7
    fitted.save(tmp_path)
    assert subject.load(tmp_path).answer(world.frame).equals(said)


def test_the_page_has_a_file_for_each_library_that_can_live_here() -> None:
    assert set(FILES) == {"tabpfn_classifier", "h2o_automl", "autogluon_tabular"}
