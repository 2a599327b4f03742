"""The code of the pages on experiment tracking runs as it is retold in `skill/`; each file says where its lines differ, and why.

They run in a folder that is no git repository, on a database that each of them makes: the tracker works outside of a project.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from pitwall.adapters.mlflow.store import prepare_environment

FOLDER = Path(__file__).parent / "skill"
# file: the post-condition of the page that it shows
FILES = {
    "template": "Can set up experiment tracking",
    "complete_logging": "Can log parameters, metrics, artifacts",
    "basic_logging": "Can use model registry",
}


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """A folder outside of everything; what MLflow's own words change in the process is put back."""
    monkeypatch.chdir(tmp_path)
    prepare_environment()
    import mlflow
    from mlflow.tracking import fluent

    before = mlflow.get_tracking_uri(), fluent._active_experiment_id
    fluent._active_experiment_id = None
    yield
    mlflow.set_tracking_uri(before[0])
    fluent._active_experiment_id = before[1]


@pytest.mark.parametrize("name", FILES, ids=FILES.values())
def test_the_lines_run(name, elsewhere):
    path = FOLDER / f"{name}.py"
    exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), {"__name__": name})


def test_every_file_is_run():
    assert set(FILES) == {path.stem for path in FOLDER.glob("*.py")}
