"""The recipes of docs/adding.md are complete: each file is added as the guide says, found, and passes its check."""

import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from pitwall.domain.params import Params
from pitwall.domain.plugins import discover
from pitwall.domain.plugins.kinds import KINDS
from pitwall.domain.project import Project
from pitwall.live.events import TABLES
from pitwall.live.feeds import Wanted
from pitwall.live.race import live_race
from pitwall.ml.families import families, family
from pitwall.ml.models import models
from pitwall.ml.templates import templates
from pitwall.sources.synthetic import SOURCE as SYNTHETIC
from pitwall.testing import (
    check_audit_check,
    check_estimator,
    check_family,
    check_feature_group,
    check_feed,
    check_gate,
    check_model,
    check_row_kind,
    check_source,
    check_template,
    good_candidate,
    tiny_tables,
)

GUIDE = (Path(__file__).parents[2] / "docs" / "adding.md").read_text(encoding="utf-8")
RECIPE = re.compile(r"```python\n# src/(?P<path>\S+)\.py\n(?P<code>.*?)```", re.DOTALL)
RECIPES = {found["path"]: found["code"] for found in RECIPE.finditer(GUIDE)}
METRIC = re.search(r"```python\n# src/\S+metrics\.py: into METRICS\n(.*?)```", GUIDE, re.DOTALL)
OF_COUNTS = re.search(r"```python\n# tests/contracts/test_count\.py\n(.*?)```", GUIDE, re.DOTALL)


def _source(plugin: Any, folder: Path) -> None:
    dump = folder / "dump"
    dump.mkdir()
    SYNTHETIC.fetch(None, SYNTHETIC.Settings(seasons=2), dump)
    check_source(plugin, folder, location=str(dump))


def _family(plugin: Any, folder: Path) -> None:
    assert plugin.name in families()
    assert OF_COUNTS
    text: dict[str, Any] = {}
    exec(compile(OF_COUNTS[1], "test_count.py", "exec"), text)
    text["test_the_contract"]()


def _feed(plugin: Any, folder: Path) -> None:
    tables = tiny_tables(seasons=1, races=1, cars=6)
    told = {name: tables[name] for name in TABLES}
    check_feed(plugin, Wanted(live_race(tables, "2021-01"), told, Params(), Project(folder)))


CHECKS: dict[str, tuple[str, Callable[[Any, Path], None]]] = {
    "pitwall.sources": ("SOURCE", _source),
    "pitwall.features": ("GROUP", lambda plugin, _: check_feature_group(plugin, tiny_tables())),
    "pitwall.ml.rows": ("ROWS", lambda plugin, _: check_row_kind(plugin, tiny_tables(upcoming=1))),
    "pitwall.ml.families": ("FAMILY", _family),
    "pitwall.ml.models": ("MODEL", lambda plugin, _: check_model(plugin)),
    "pitwall.ml.templates": ("TEMPLATE", lambda plugin, _: check_template(plugin, tiny_tables(cars=10, upcoming=1))),
    "pitwall.ml.estimators.binary": ("ESTIMATOR", lambda plugin, _: check_estimator(plugin, "binary")),
    "pitwall.ml.gates": ("GATE", lambda plugin, _: check_gate(plugin, good_candidate())),
    "pitwall.live.feeds": ("FEED", _feed),
    "pitwall.ml.audit": (
        "CHECK",
        lambda plugin, _: None if check_audit_check(plugin) else pytest.fail("no leak found"),
    ),
}


def _home(path: str) -> tuple[str, str]:
    """Return package and plug-in of a recipe: a family is a folder."""
    folder, _, name = path.removesuffix("/__init__").rpartition("/")
    return folder.replace("/", "."), name


@pytest.fixture
def added(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Lay all recipes over the package, as if they were files of it."""
    monkeypatch.syspath_prepend(
        str(tmp_path)
    )  # another mark of discovery: what it keeps of this is found by nobody else
    for path, code in RECIPES.items():
        package, name = _home(path)
        overlay = tmp_path / "overlay" / package
        file = overlay / (f"{name}/__init__.py" if path.endswith("/__init__") else f"{name}.py")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(code, encoding="utf-8")
    for package in {_home(path)[0] for path in RECIPES}:
        module = import_module(package)
        monkeypatch.setattr(module, "__path__", [*module.__path__, str(tmp_path / "overlay" / package)])
    yield
    for path in RECIPES:
        package, name = _home(path)
        sys.modules.pop(f"{package}.{name}", None)
        vars(import_module(package)).pop(name, None)


def test_the_guide_has_a_recipe_for_each_kind() -> None:
    assert {_home(path)[0] for path in RECIPES} == set(CHECKS)
    assert {constant for constant, _ in CHECKS.values()} == set(KINDS)


def test_the_guide_names_every_kind_its_constant_and_its_entry_points() -> None:
    for kind in KINDS.values():
        assert f"`{kind.constant}`" in GUIDE
        assert f"`{kind.group}`" in GUIDE


@pytest.mark.usefixtures("added")
@pytest.mark.parametrize("path", sorted(RECIPES))
def test_a_recipe_of_the_guide_is_found_and_passes_its_check(path: str, tmp_path: Path) -> None:
    package, name = _home(path)
    constant, check = CHECKS[package]
    check(discover(import_module(package), constant, folders=constant == "FAMILY")[name], tmp_path)


def test_the_metric_of_the_guide_passes_the_check_of_its_family() -> None:
    assert METRIC
    text: dict[str, Any] = {}
    exec(compile(METRIC[1], "metrics.py", "exec"), text)
    metric, binary = text["METRIC"], family("binary")
    assert metric.name not in binary.metrics
    check_family(replace(binary, metrics={**binary.metrics, metric.name: metric}))
    with pytest.raises(AssertionError, match="accuracy says that lower is better"):
        check_family(replace(binary, metrics={**binary.metrics, "accuracy": replace(metric, higher_is_better=False)}))


@pytest.mark.parametrize("path", ["pitwall/ml/templates/top_five", "pitwall/ml/estimators/binary/ridge_logit"])
def test_a_recipe_works_as_a_file_of_a_project(path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = path.rpartition("/")[2]
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / f"{name}.py").write_text(RECIPES[path], encoding="utf-8")
    (tmp_path / "params.yaml").write_text(f"plugins: [plugins/{name}.py]\n")
    (tmp_path / "dvc.yaml").touch()
    monkeypatch.setenv("PITWALL_HOME", str(tmp_path))
    if "templates" in path:
        assert name in templates()
    else:
        from pitwall.ml.estimators import estimator

        check_estimator(estimator("binary", name), "binary")
    assert "order" in models()
