"""Plug-ins of one folder do not import each other; what they share lives in folders, or in modules with a leading underscore."""

from __future__ import annotations

import grimp
import pytest

FOLDERS = [
    f"pitwall.{name}"
    for name in ("cli", "sources", "features", "ml.templates", "ml.estimators.order", "ml.gates", "ml.audit")
]


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
