"""Tables of studies in pages: a run over some models writes their rows and leaves the others."""

import importlib.util
import sys
from pathlib import Path

import pytest

STUDIES = Path(__file__).resolve().parents[2] / "studies"
PAGE = """before
<!-- table: all -->
Data of a world.

| question | value |
| --- | --- |
| [`a`](#first) | 1 |
| [`b`](#first) | 2 |
| [`c`](#second) | 3 |
<!-- end of table -->
after
"""


@pytest.fixture
def report():
    spec = importlib.util.spec_from_file_location("study_report", STUDIES / "_report.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


def test_rows_of_one_model_are_replaced_where_they_stood(report, tmp_path):
    page = tmp_path / "page.md"
    page.write_text(PAGE)
    report.put_rows(page, "all", [{"question": "[`a`](#first)", "value": 7}], "(#first)")
    assert page.read_text() == PAGE.replace("| [`a`](#first) | 1 |\n| [`b`](#first) | 2 |\n", "| [`a`](#first) | 7 |\n")


def test_rows_of_a_new_model_come_last(report, tmp_path):
    page = tmp_path / "page.md"
    page.write_text(PAGE)
    report.put_rows(page, "all", [{"question": "[`d`](#third)", "value": 4}], "(#third)")
    assert page.read_text() == PAGE.replace("| 3 |\n", "| 3 |\n| [`d`](#third) | 4 |\n")
