"""What a notebook's tagged cells declare becomes an order; what an order cannot say is refused, and everything is accounted for."""

import json

import pytest

from pitwall.domain.errors import NotImported, UnknownName
from pitwall.workflows.importing.answer import heard
from pitwall.workflows.importing.importing import import_notebook
from pitwall.workflows.importing.kept import keep, kept
from pitwall.workflows.importing.reading import MOST_BYTES, read_cells

pytestmark = pytest.mark.usefixtures("walls")


def cell(source, *tags, kind="code"):
    return {
        "cell_type": kind,
        "metadata": {"tags": list(tags)},
        "source": source,
        "outputs": [],
        "execution_count": None,
    }


def book(*cells, **more):
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": list(cells), **more}).encode()


FEATURES = cell('groups = ["driver_form", "team_form"]', "pitwall:features")
MODEL = cell(
    "import pitwall as pw\nfrom pitwall.ml import FeatureStore\n"
    'rows = FeatureStore().get_features(seasons=(2018, 2020), stage="pre_weekend", conditions={"street": False})\n'
    'model = pw.ModelBuilder("classification", "dnf").train(rows, "logistic", auto_tune=5, seed=3)\n'
    'model.deploy(name="my_dnf")\nprint("said")',
    "pitwall:model",
)


def test_the_benchs_words_become_an_order_and_every_cell_is_accounted_for():
    found = import_notebook(book(cell("# A title", kind="markdown"), cell("import pandas as pd"), FEATURES, MODEL))
    order = found.taken()
    assert order.content() == {
        "question": "dnf",
        "stage": "pre_weekend",
        "seasons": [2018, 2019, 2020],
        "conditions": {"street": False},
        "groups": ["driver_form", "team_form"],
        "algorithm": "logistic",
        "auto_tune": 5,
        "seed": 3,
        "name": "my_dnf",
    }
    assert [each.state for each in found.cells] == ["left out", "left out", "ran", "ran"]
    assert "without a tag" in found.cells[1].why
    assert found.printed == "said\n"


def test_a_dict_a_text_a_raw_cell_and_the_twin_in_python_say_the_same():
    said = [
        book(cell('order = {"question": "dnf", "folds": 2}', "pitwall:model")),
        book(cell('order = """question: dnf\nfolds: 2\n"""', "pitwall:model")),
        book(cell("question: dnf\nfolds: 2\n", "pitwall:model", kind="raw")),
        b'# %% [markdown]\n# text\n# %% tags=["pitwall:model"]\norder = {"question": "dnf", "folds": 2}\n',
    ]
    first, *others = [import_notebook(each).taken() for each in said]
    assert first.folds == 2
    assert all(each == first for each in others)


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("order = {'question': 'dnff'}", "did you mean 'dnf'"),
        ("order = {'question': 'dnf', 'algorithm': 'logistik'}", "did you mean 'logistic'"),
        ("order = {'question': 'dnf', 'shell': 'ls'}", "line of an order"),
        ("x = 1", "declares nothing"),
        ("import pandas", "standard library"),
        ("!ls", "line 1 is no Python"),
        ("import pitwall as pw\npw.ModelBuilder('classification', lambda tables: tables)", "is code"),
        (
            "import pitwall as pw\npw.ModelBuilder('classification', 'dnf').train(params={'depth': 2})",
            "no line for params",
        ),
        ("import pitwall as pw\npw.ModelBuilder('classification', 'dnf').train().evaluate(None)", "not trained yet"),
        ("import pitwall as pw\npw.FeatureStore().get_features(drivers=['VER'])", "not by drivers"),
        ("import pitwall as pw\npw.ModelRegistry()", "not ModelRegistry"),
        ("order = {'question': 'dnf', 'seed': float('nan')}", "not JSON"),
        ("import pitwall as pw\n[pw.ModelBuilder('classification', 'dnf').train() for _ in 'ab']", "declare 2"),
    ],
)
def test_what_an_order_cannot_say_is_refused_by_name(source, why):
    found = import_notebook(book(cell(source, "pitwall:model")))
    assert found.order is None
    assert why in found.why
    with pytest.raises(NotImported):
        found.taken()


def test_a_feature_that_is_a_function_is_refused_with_where_it_belongs_and_what_follows_is_not_run():
    code = "import pitwall as pw\n@pw.FeatureEngineer().register('luck')\ndef luck(history):\n    return 1.0"
    found = import_notebook(book(cell(code, "pitwall:features"), MODEL))
    assert "docs/adding.md" in found.why
    assert [each.state for each in found.cells] == ["refused", "left out"]
    assert "a cell before it was refused" in found.cells[1].why


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"x" * (MOST_BYTES + 1), "at most"),
        (b"\xff\xfe", "no UTF-8"),
        (b"{", "no JSON"),
        (b"[" * 100_000, "neither"),
        (b'{"a":' * 100_000, "no JSON"),
        (book(nbformat=3), "format 4"),
        (book({"cell_type": "code"}), "no cell of ours|has a tag|tag of ours"),
        (book({"cell_type": "spell", "metadata": {}}), "no cell of a notebook"),
        (book({"cell_type": "code", "metadata": {"tags": "x"}, "source": [1]}), "no text"),
        (book(cell("", "pitwall:model", kind="markdown")), "text to read"),
        (book(cell("", "pitwall:model", "pitwall:features")), "two tags"),
        (book(*[cell("")] * 501), "at most 500"),
        (b"print(1)", "neither"),
    ],
)
def test_what_is_no_notebook_is_said_before_anything_runs(content, why, monkeypatch):
    monkeypatch.setattr("pitwall.workflows.importing.importing.jailed", lambda *_: pytest.fail("it was run"))
    with pytest.raises(NotImported, match=why):
        import_notebook(content)


@pytest.mark.parametrize("tag", ["pitwall:modle", "pitwal:model", "pitwall:estimator"])
def test_a_tag_that_is_almost_ours_is_not_passed_over(tag):
    with pytest.raises(UnknownName, match="tag of cell 1"):
        read_cells(book(cell("", tag)))
    assert read_cells(book(cell("", "parameters")))[0].role == ""


@pytest.mark.parametrize(
    "told",
    [
        ["[1]"],
        ['{"cell": 2, "state": "begins"}'],
        ['{"cell": 1, "state": "ran"}'],
        ['{"cell": 1, "state": "begins"}'] * 2,
        ['{"cell": 1, "state": "begins"}', *['{"cell": 1, "state": "ran"}'] * 2],
        ['{"cell": 1, "state": "begins", "more": 1}'],
        ['{"cell": 1, "state": "begins"}', '{"cell": 1, "state": "ran", "lines": [{"question": NaN}]}'],
        ['{"cell": "1", "state": "begins"}'],
        ['{"cell": 1, "state": "begins", "why": "' + "x" * 500 + '"}'],
        ["[" * 100_000],
    ],
)
def test_an_answer_of_another_form_is_not_believed(told):
    with pytest.raises(NotImported, match="no cell tells"):
        heard([(0.0, each) for each in told], {1})


def test_what_came_of_it_is_kept_for_its_page(tmp_path):
    from pitwall.domain.project import Project

    project = Project(tmp_path)
    for source in ("order = {'question': 'dnf'}", "import pandas"):
        found = import_notebook(book(cell(source, "pitwall:model")))
        back = kept(project, keep(project, found))
        assert (back.cells, back.why) == (found.cells, found.why)
        assert (back.order is None) == (found.order is None)
    with pytest.raises(UnknownName):
        kept(project, "../../params")
