"""A fork is an order like any other: what a bundle says of its model, and where it comes from; what is unknown here is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pitwall.domain.access.sharing import Origin
from pitwall.domain.errors import UnknownName, UsageError
from pitwall.features import feature_sets
from pitwall.ml.models import model
from pitwall.ml.templates import templates
from pitwall.workflows.hub.forking import fork
from pitwall.workflows.hub.form import About
from pitwall.workflows.hub.receiving import Received
from pitwall.workflows.orders.order import TrainingOrder, arguments, order_of, read, written

HASH, KEY = "b" * 64, "a" * 64
GROUPS = feature_sets()[model(templates()["dnf"].model).feature_set]
ALL = [name for group in GROUPS for name in group.names]
SPEC = {
    "format": 1,
    "target": "dnf",
    "stage": "pre_race",
    "rows": "race_driver",
    "features": ALL[1:],
    "empty": ALL[:1],
    "algorithm": "logistic",
    "selection": {"seasons": [2020, 2021], "circuits": ["monza"], "conditions": {"wet": False}},
    "tuning": {"trials": 3},
    "held_out_seasons": 2,
    "seed": 11,
}
RECIPE = {"model": "dnf", "estimator": "logistic", "stage": "pre_race", "features": ALL, "seed": 5, "params": {}}


def test_an_order_is_an_order_again_and_says_where_it_comes_from(tmp_path: Path) -> None:
    made = fork(_bundle(tmp_path, SPEC))
    told = made.order.content()
    assert made.left == ()
    assert told.pop("forked_from") == f"fast@2/{HASH}/{KEY}"
    assert told == {
        "question": "dnf",
        "stage": "pre_race",
        "seasons": [2020, 2021],
        "circuits": ["monza"],
        "conditions": {"wet": False},
        "algorithm": "logistic",
        "auto_tune": 3,
        "folds": 2,
        "seed": 11,
    }
    assert read(written(made.order)) == made.order
    assert "--forked-from" in arguments(made.order)


def test_a_model_that_nobody_ordered_is_tuned_as_the_projects_own(tmp_path: Path) -> None:
    order = fork(_bundle(tmp_path, None)).order
    assert (order.question, order.stage, order.algorithm, order.seed) == ("dnf", "pre_race", "logistic", 5)
    assert (order.groups, order.features, order.auto_tune) == ((), (), True)


def test_single_features_stay_single(tmp_path: Path) -> None:
    few = fork(_bundle(tmp_path, {**SPEC, "features": ALL[:2], "empty": []})).order
    assert few.features == tuple(ALL[:2])


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"target": "dnfs"}, "dnfs"),
        ({"algorithm": "logistics"}, "logistics"),
        ({"features": [*ALL, "grid_of_tomorrow"]}, "grid_of_tomorrow"),
        ({"stage": "post_race"}, "post_race"),
        ({"selection": {"conditions": {"foggy": True}}}, "foggy"),
    ],
)
def test_what_is_unknown_here_is_refused_as_in_any_order(tmp_path: Path, change: dict[str, Any], found: str) -> None:
    with pytest.raises(UnknownName, match=found):
        fork(_bundle(tmp_path, {**SPEC, **change}))


@pytest.mark.parametrize(
    "change",
    [
        {"own": {"family": "binary", "source": ""}},
        {"tuning": 3},
        {"tuning": {"trials": "many"}},
        {"tuning": {"trials": 10**6}},
        {"selection": []},
        {"seed": -1},
        {"features": 7},
        {"held_out_seasons": 51},
    ],
)
def test_what_is_no_order_is_refused(tmp_path: Path, change: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        fork(_bundle(tmp_path, {**SPEC, **change}))


def test_what_no_order_can_say_is_said(tmp_path: Path) -> None:
    own = {"selection": {"drivers": ["hamilton"]}, "params": {"c": 1}, "folds": {"scheme": "rolling"}}
    left = fork(_bundle(tmp_path, {**SPEC, **own})).left
    assert [word in line for word, line in zip(("hamilton", "c", "folds"), left, strict=True)] == [True] * 3


def test_an_origin_is_written_in_one_way() -> None:
    text = f"fast@2/{HASH}/{KEY}"
    assert Origin.of(text) == Origin("fast", 2, HASH, KEY)
    for wrong in ("", "fast", f"fast/{HASH}/{KEY}", text + "\n", text.replace("a", "A"), f"../x@1/{HASH}/{KEY}"):
        with pytest.raises(UsageError):
            Origin.of(wrong)
        if wrong:
            with pytest.raises(UsageError):
                order_of({"question": "dnf", "forked_from": wrong})
    assert TrainingOrder(question="dnf").content() == {"question": "dnf"}


def _bundle(folder: Path, spec: Any) -> Received:
    """Return a bundle as if it had been verified."""
    files = folder / "files"
    (files / "model").mkdir(parents=True)
    (files / "spec").mkdir()
    (files / "model" / "recipe.json").write_text(json.dumps(RECIPE))
    if spec is not None:
        (files / "spec" / "spec.json").write_text(json.dumps(spec))
    told = {"name": "fast", "model": "dnf-pre_race", "version": 2, "owner": "ada", "key": KEY, "content": "c" * 64}
    about = About.model_validate({**told, "templates": ["dnf"], "estimator": "logistic", "files": {}})
    return Received(HASH, about, folder)
