"""`pitwall notebook import`: an order as a file, a report for people and programs, and exit code 1 where a cell is refused."""

import json
import sys

import pytest

from pitwall.cli import main
from pitwall.workflows.orders.order import read

pytestmark = pytest.mark.usefixtures("walls")


def call(monkeypatch, *arguments):
    monkeypatch.setattr(sys, "argv", ["pitwall", "notebook", "import", *map(str, arguments)])
    with pytest.raises(SystemExit) as left:
        main()
    return int(left.value.code or 0)


def test_an_order_is_written_and_every_cell_is_reported(tmp_path, monkeypatch, capsys):
    book, order, report = tmp_path / "idea.py", tmp_path / "order.yaml", tmp_path / "report.json"
    book.write_text('# %%\nimport pandas\n# %% tags=["pitwall:model"]\norder = {"question": "dnf", "folds": 2}\n')
    assert call(monkeypatch, book, "--write", order, "--json", report) == 0
    assert read(order.read_text()).folds == 2
    said = json.loads(report.read_text())
    assert [each["state"] for each in said["cells"]] == ["left out", "ran"]
    assert read(said["order"]) == read(order.read_text())
    assert "left out" in capsys.readouterr().out


def test_a_refused_notebook_ends_with_exit_code_1_and_trains_nothing(tmp_path, monkeypatch, capsys):
    book, report = tmp_path / "idea.py", tmp_path / "report.json"
    book.write_text('# %% tags=["pitwall:model"]\nimport os\nos.fork()\n')
    monkeypatch.setattr("pitwall.cli.machinery.orders.train_order", lambda *_, **__: pytest.fail("it was trained"))
    assert call(monkeypatch, book, "--json", report) == 1
    assert "another process" in json.loads(report.read_text())["why"]
    assert "another process" in capsys.readouterr().err
    assert call(monkeypatch, tmp_path / "nothing.ipynb") == 2


def test_without_an_option_it_is_trained_as_any_order(tmp_path, monkeypatch):
    book, trained = tmp_path / "idea.py", []
    book.write_text('# %% tags=["pitwall:model"]\norder = {"question": "dnf"}\n')
    monkeypatch.setattr("pitwall.cli.machinery.orders.train_order", lambda order, **_: trained.append(order))
    assert call(monkeypatch, book) == 0
    assert [each.question for each in trained] == ["dnf"]
