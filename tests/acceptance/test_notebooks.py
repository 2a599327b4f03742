"""The notebooks are committed without outputs, say the same as the text beside them, and fail loudly when a cell fails."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import jupytext
import nbformat
import pytest

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))


def _said(notebook):
    return [(cell.cell_type, cell.source) for cell in notebook.cells]


def test_every_notebook_has_its_text_and_every_text_its_notebook():
    texts = {path.stem for path in FOLDER.glob("*.py")} - {"run"}
    assert (
        texts
        == {path.stem for path in NOTEBOOKS}
        >= {
            "1_experiment_tracking",
            "2_search_and_configuration",
            "3_registry_and_features",
        }
    )


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_pair_says_the_same_and_has_no_outputs(path):
    notebook = nbformat.read(path, as_version=4)
    how = "write it anew: jupytext --to ipynb notebooks/NAME.py"
    assert _said(notebook) == _said(jupytext.read(path.with_suffix(".py"))), how
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(not cell.outputs and cell.execution_count is None for cell in code), how
    assert set(notebook.metadata) <= {"jupytext", "kernelspec"}, how


def test_a_cell_that_fails_is_shown_and_what_ran_before_it_is_kept(tmp_path, capsys):
    spec = importlib.util.spec_from_file_location("run", FOLDER / "run.py")
    runner = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(runner)
    cells = ["import os\nos.environ['PITWALL_HOME']", "1 / 0  # planted", "'never'"]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    nbformat.write(notebook, tmp_path / "planted.ipynb")
    assert not runner.run(tmp_path / "planted.ipynb", tmp_path)
    told = capsys.readouterr()
    assert told.out.startswith("FAILED planted.ipynb")
    assert "1 / 0  # planted" in told.err
    assert "ZeroDivisionError" in told.err
    first, _, third = nbformat.read(tmp_path / "reports" / "notebooks" / "planted.ipynb", as_version=4).cells
    assert str(tmp_path) in first.outputs[0]["data"]["text/plain"]
    assert third.execution_count is None
