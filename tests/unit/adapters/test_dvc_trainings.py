"""dvc.yaml has a step of training for every model of params.yaml, or whoever runs it is told what to write."""

from pathlib import Path

import pytest
import yaml

from pitwall.adapters.dvc_trainings import check_trainings, trainings
from pitwall.domain.errors import UsageError
from pitwall.domain.params import load_params
from pitwall.ml.models.machinery.names import model_names

REPO = Path(__file__).resolve().parents[3]


def _pipeline(root: Path, train: dict[str, object]) -> Path:
    (root / "dvc.yaml").write_text(yaml.safe_dump({"stages": {"train": train}}, sort_keys=False), encoding="utf-8")
    return root


def test_the_shipped_files_agree() -> None:
    check_trainings(REPO, model_names(load_params(REPO / "params.yaml")))


def test_a_model_that_dvc_does_not_train_is_named_with_the_lines_to_write(tmp_path: Path) -> None:
    root = _pipeline(tmp_path, {"foreach": {"order-pre_race": {"model": "order"}}})
    with pytest.raises(UsageError, match="lists order-pre_race, dnf-pre_race") as raised:
        check_trainings(root, ["order-pre_race", "dnf-pre_race"])
    written = str(raised.value).split("write\n")[1]
    assert yaml.safe_load(written) == {
        "foreach": {"order-pre_race": {"model": "order"}, "dnf-pre_race": {"model": "dnf"}}
    }
    check_trainings(_pipeline(tmp_path, yaml.safe_load(written)), ["dnf-pre_race", "order-pre_race"])


def test_a_model_that_is_no_longer_listed_is_found_too(tmp_path: Path) -> None:
    root = _pipeline(tmp_path, {"foreach": {"order-pre_race": {"model": "order"}, "dnf-pre_race": {"model": "dnf"}}})
    with pytest.raises(UsageError, match="trains order-pre_race, dnf-pre_race, and params.yaml lists order-pre_race"):
        check_trainings(root, ["order-pre_race"])


def test_a_list_that_dvc_makes_of_params_yaml_itself_needs_no_check(tmp_path: Path) -> None:
    check_trainings(_pipeline(tmp_path, {"matrix": {"stage": "${models.order.stages}"}}), ["order-pre_race"])


def test_the_lines_are_those_of_dvc_yaml() -> None:
    assert all(
        line in (REPO / "dvc.yaml").read_text() for line in trainings(["dnf-pre_weekend", "safety_car-pre_race"])
    )
