"""The recipes of docs/adding.md are complete: each file is added as the guide says, found, and passes its check."""

import re
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from pitwall.domain.plugins import discover
from pitwall.sources.synthetic import SOURCE as SYNTHETIC
from pitwall.testing import (
    check_feature_group,
    check_gate,
    check_source,
    check_template,
    good_candidate,
    tiny_tables,
)

GUIDE = Path(__file__).parents[2] / "docs" / "adding.md"
RECIPE = re.compile(r"```python\n# src/(?P<path>\S+)\.py\n(?P<code>.*?)```", re.DOTALL)
RECIPES = {found["path"]: found["code"] for found in RECIPE.finditer(GUIDE.read_text(encoding="utf-8"))}


def _source(plugin: Any, folder: Path) -> None:
    dump = folder / "dump"
    dump.mkdir()
    SYNTHETIC.fetch(None, SYNTHETIC.Settings(seasons=2), dump)
    check_source(plugin, folder, location=str(dump))


CHECKS: dict[str, tuple[str, Callable[[Any, Path], None]]] = {
    "pitwall.sources": ("SOURCE", _source),
    "pitwall.features": ("GROUP", lambda plugin, _: check_feature_group(plugin, tiny_tables())),
    "pitwall.ml.templates": ("TEMPLATE", lambda plugin, _: check_template(plugin, tiny_tables(cars=10))),
    "pitwall.ml.gates": ("GATE", lambda plugin, _: check_gate(plugin, good_candidate())),
}


def test_the_guide_has_a_recipe_for_each_of_the_four_kinds() -> None:
    assert {path.rpartition("/")[0].replace("/", ".") for path in RECIPES} == set(CHECKS)


@pytest.mark.parametrize("path", sorted(RECIPES))
def test_a_recipe_of_the_guide_is_found_and_passes_its_check(
    path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, _, name = path.rpartition("/")
    package = import_module(folder.replace("/", "."))
    constant, check = CHECKS[package.__name__]
    overlay = tmp_path / "overlay"
    overlay.mkdir()
    (overlay / f"{name}.py").write_text(RECIPES[path], encoding="utf-8")
    monkeypatch.setattr(package, "__path__", [*package.__path__, str(overlay)])
    try:
        check(discover(package, constant)[name], tmp_path)
    finally:
        sys.modules.pop(f"{package.__name__}.{name}", None)
