"""A backtest makes the frame of a model that params.yaml does not list, and leaves those of the others to DVC."""

import pytest

from pitwall.domain.project import Project
from pitwall.domain.refs import FrameRef
from pitwall.domain.tables import save_tables
from pitwall.ml.models import model
from pitwall.testing import FakeFeatureReader
from pitwall.testing.worlds.tiny import tiny_tables
from pitwall.workflows import backtest, train
from pitwall.workflows.workspace import Workspace

TABLES = tiny_tables(seasons=3, races=4, cars=4)
LISTED = "models:\n  safety_car: {estimator: overall_rate, first_season: 2021, stages: [pre_race]}\n"


@pytest.fixture
def made(tmp_path, monkeypatch):
    """Return a project with tables and no frame, and the names of the frames that are made of it."""
    project = Project(tmp_path)
    save_tables(TABLES, project.tables)
    (tmp_path / "dvc.yaml").write_text("stages: {}\n", encoding="utf-8")
    names: list[str] = []

    def build(_project, _params, _reader, name):
        names.append(name)
        definition = model(name.rsplit("-", 1)[0])
        frame = FakeFeatureReader(TABLES).historical(definition.kind.spine(TABLES, "pre_race"), definition.feature_set)
        path = project.unlisted_frame(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        frame.to_parquet(path)
        return FrameRef(name, str(path), "", len(frame), ())

    monkeypatch.setattr(train, "build_frame", build)
    monkeypatch.setattr(Workspace, "features", None)
    return project, names


def test_the_frame_of_an_unlisted_model_is_made_first(made):
    project, names = made
    project.params.write_text("{}\n", encoding="utf-8")
    with Workspace(project) as workspace:
        assert backtest.stages(workspace, ["safety_car"]) == ["pre_race"]
        (plan,) = backtest.plans(workspace, ["pre_race"], [2023], ["safety_car"], ["overall_rate"])
        assert names == ["safety_car-pre_race"]
        assert plan.job.model == "safety_car"
        backtest.plans(workspace, ["pre_race"], [2023], ["safety_car"], ["overall_rate"], make_frames=False)
        assert names == ["safety_car-pre_race"], "made once for all tasks of a flow"


def test_that_of_a_listed_one_is_a_step_of_dvc(made):
    project, names = made
    project.params.write_text(LISTED, encoding="utf-8")
    with Workspace(project) as workspace, pytest.raises(Exception, match="dvc repro frames"):
        backtest.plans(workspace, ["pre_race"], [2023], ["safety_car"])
    assert names == []
