"""The steps of an upgrade one by one: what both names hold is kept, only the order model's estimator is renamed, code alone is taken over."""

from __future__ import annotations

from pathlib import Path

import pytest

from pitwall.adapters.upgrade.data import only_code
from pitwall.adapters.upgrade.params import rename_in_params
from pitwall.adapters.upgrade.state import move_state
from pitwall.adapters.upgrade.tags import rename_tags
from pitwall.domain.errors import ProjectOutdated, StageError
from pitwall.domain.params import load_params
from pitwall.domain.project import Project, find_project

PARAMS = """\
seed: 7   # any
models:
  dnf:
    estimator: xgboost   # the plain one
    stages: [pre_race]
  order:  # the first
    stages: [pre_race]
    estimator: xgboost   # boosted
    first_season: 1998
  other: {estimator: xgboost, stages: [pre_race]}
tuning:
  trials: 2
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    for name in ("mlruns/openings.jsonl", ".pitwall/served/202409/a.json"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text('{"old": 1}\n')
    (tmp_path / "mlruns" / ".openings.lock").touch()
    (tmp_path / "params.yaml").write_text(PARAMS)
    (tmp_path / "dvc.yaml").touch()
    return Project(tmp_path)


def test_state_moves_with_its_content_and_its_lock_goes(project: Project) -> None:
    said = move_state(project, False)
    assert said == [".pitwall/served -> .pitwall/input_log", "mlruns/openings.jsonl -> mlruns/holdout_log.jsonl"]
    assert (project.mlruns / "holdout_log.jsonl").read_text() == '{"old": 1}\n'
    assert (project.state / "input_log" / "202409" / "a.json").read_text() == '{"old": 1}\n'
    assert [path.name for path in project.mlruns.iterdir()] == ["holdout_log.jsonl"]
    assert move_state(project, False) == []


def test_a_dry_run_says_the_same_and_moves_nothing(project: Project) -> None:
    assert len(move_state(project, True)) == 2
    assert (project.mlruns / "openings.jsonl").is_file()


def test_lines_written_in_the_meantime_stay_behind_the_old_ones_and_none_twice(project: Project) -> None:
    (project.mlruns / "holdout_log.jsonl").write_text('{"old": 1}\n{"new": 2}\n')
    move_state(project, False)
    assert (project.mlruns / "holdout_log.jsonl").read_text() == '{"old": 1}\n{"new": 2}\n'


def test_a_folder_that_is_there_already_takes_the_rest_in_but_nothing_is_overwritten(project: Project) -> None:
    month = project.state / "input_log" / "202409"
    month.mkdir(parents=True)
    (month / "b.json").write_text("new")
    (month / "a.json").write_text("another")
    with pytest.raises(StageError, match=r"202409/a\.json is in both"):
        move_state(project, False)
    assert (project.state / "served" / "202409" / "a.json").is_file()
    (month / "a.json").unlink()
    move_state(project, False)
    assert sorted(path.name for path in month.iterdir()) == ["a.json", "b.json"]


def test_only_the_order_models_estimator_is_renamed_and_comments_stay(project: Project) -> None:
    assert rename_in_params(project, True) == ["models.order.estimator: xgboost -> plackett_luce_trees"]
    assert project.params.read_text() == PARAMS
    rename_in_params(project, False)
    assert project.params.read_text() == PARAMS.replace(
        "estimator: xgboost   # boosted", "estimator: plackett_luce_trees   # boosted"
    )
    assert rename_in_params(project, False) == []


def test_a_model_in_braces_is_renamed_too(project: Project) -> None:
    project.params.write_text(
        "models:\n  dnf: {estimator: xgboost}\n  order: {stages: [pre_race], estimator: xgboost}\n"
    )
    rename_in_params(project, False)
    text = project.params.read_text()
    assert (
        text == "models:\n  dnf: {estimator: xgboost}\n  order: {stages: [pre_race], estimator: plackett_luce_trees}\n"
    )
    assert load_params(project.params).models["order"].estimator == "plackett_luce_trees"


def test_a_project_in_which_nothing_was_trained_gets_no_store(project: Project) -> None:
    assert rename_tags(project, False) == []
    assert not (project.mlruns / "mlflow.db").exists()


def test_an_older_project_is_found_only_by_what_brings_it_along(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PITWALL_HOME", str(project.root))
    with pytest.raises(ProjectOutdated, match="pitwall upgrade"):
        find_project()
    assert find_project(of_any_version=True).root == project.root
    move_state(project, False)
    assert find_project().root == project.root


@pytest.mark.parametrize(
    ("changes", "answer"),
    [
        ([{"changed deps": {"src/pitwall/domain": "modified", "feature_repo/definitions.py": "modified"}}], True),
        ([{"changed deps": {"src/pitwall/domain": "modified", "data/tables": "modified"}}], False),
        ([{"changed deps": {"src/pitwall/domain": "modified", "params.yaml": {"seed": "modified"}}}], False),
        ([{"changed deps": {"src/pitwall/domain": "modified"}}, {"changed outs": {"data/tables": "modified"}}], False),
        (["changed command"], False),
        ([], True),
    ],
)
def test_a_stage_is_taken_over_where_code_alone_has_changed(changes: list[object], answer: bool) -> None:
    assert only_code(changes) is answer
