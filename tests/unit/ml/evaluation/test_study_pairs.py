"""What the studies stand on: pairs have the true difference that was asked for; tables go where their marks are."""

import argparse
import sys
from pathlib import Path

import numpy as np
import pytest

STUDIES = Path(__file__).resolve().parents[4] / "studies"


@pytest.fixture(scope="module")
def pairs():
    sys.path.insert(0, str(STUDIES))
    import _pairs

    yield _pairs
    sys.path.remove(str(STUDIES))


@pytest.fixture(scope="module")
def reports(pairs):
    import _report

    return _report


@pytest.fixture(scope="module")
def truth():
    chances = np.random.default_rng(1).dirichlet(np.full(20, 0.3), 60)
    chances[:, 18:] = 0.0  # a smaller field
    return chances / chances.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("kind", ["noise", "bold"])
@pytest.mark.parametrize("difference", [-0.2, -0.02, 0.0, 0.05, 0.2])
def test_the_true_difference_is_the_one_asked_for(pairs, truth, kind, difference):
    pair = pairs.make_pair(truth, difference, kind, np.random.default_rng(2))
    for said in (pair.candidate, pair.champion):
        assert np.allclose(said.sum(axis=1), 1)
        assert not said[truth == 0].any()
    found = (pairs.expected_loss(truth, pair.candidate) - pairs.expected_loss(truth, pair.champion)).mean()
    assert found == pytest.approx(difference, abs=1e-6)
    assert not np.allclose(pair.candidate, pair.champion)


def test_nobody_beats_the_truth(pairs, truth):
    pair = pairs.make_pair(truth, 0.0, "noise", np.random.default_rng(3))
    best = pairs.expected_loss(truth, truth)
    assert (pairs.expected_loss(truth, pair.champion) >= best - 1e-12).all()


def test_a_table_replaces_what_stands_between_its_marks(reports, tmp_path, capsys):
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- table: a -->\nold\n<!-- end of table -->\n<!-- table: b -->\n<!-- end of table -->\n")
    chosen = argparse.Namespace(json=tmp_path / "rows.json", docs=page, seed=1, small=True)
    reports.report("a", reports.markdown([{"x": 1, "y": 0.5}]), {"rows": []}, chosen)
    expected = "before\n<!-- table: a -->\n| x | y |\n| --- | --- |\n| 1 | 0.500 |\n<!-- end of table -->\n"
    assert page.read_text() == expected + "<!-- table: b -->\n<!-- end of table -->\n"
    assert '"commit"' in (tmp_path / "rows.json").read_text()
    reports.report("c", "text", {}, chosen)
    assert "has no place for this table" in capsys.readouterr().err
