"""Plug-ins of one folder do not import each other; what they share lives in folders, or in modules with a leading underscore."""

from __future__ import annotations

from importlib.util import find_spec

import grimp
import pytest

from pitwall.ml.families import families

PACKAGES = (
    *("cli", "sources", "features", "ml.rows", "ml.models", "ml.templates", "ml.gates", "ml.audit"),
    *(f"ml.estimators.{family}" for family in families() if find_spec(f"pitwall.ml.estimators.{family}")),
)
FOLDERS = [f"pitwall.{name}" for name in PACKAGES]


@pytest.fixture(scope="module")
def imports() -> grimp.ImportGraph:
    return grimp.build_graph("pitwall")


@pytest.mark.parametrize("folder", FOLDERS)
def test_plugins_of_a_folder_are_independent(imports: grimp.ImportGraph, folder: str) -> None:
    children = {m for m in imports.find_children(folder) if not m.rpartition(".")[2].startswith("_")}
    plugins = {m for m in children if not imports.find_children(m)}
    assert plugins
    crossed = {(one, other) for one in plugins for other in plugins & imports.find_modules_directly_imported_by(one)}
    assert crossed == set()
