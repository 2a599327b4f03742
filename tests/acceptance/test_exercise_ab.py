"""The second exercise of the page on systems: two versions, requests divided between them, the metrics of both (docs/founding.md)."""

from __future__ import annotations

import pytest

import pitwall as pw
from pitwall import wiring
from pitwall.testing.worlds.forecasts import NAME, World
from pitwall.workflows.ab import declare


@pytest.fixture
def two_versions(tmp_path, monkeypatch):
    """A project with a champion, and another version of the same model."""
    world = World(tmp_path)
    (tmp_path / "params.yaml").write_text("models: {order: {estimator: grid_frequency, first_season: 2021}}\n")
    (tmp_path / "dvc.yaml").write_text("stages: {}\n")
    monkeypatch.setenv("PITWALL_HOME", str(tmp_path))
    monkeypatch.setattr(declare.secrets, "token_hex", lambda _: "d")  # by it both versions have races
    tools = world.workspace()
    for tool in ("registry", "tracker", "runs"):
        monkeypatch.setattr(wiring, tool, lambda _, tool=tool: getattr(tools, tool))
    champion = world.registry.aliases(NAME)["champion"]
    return champion, next(each.version for each in world.registry.versions(NAME) if each.version != champion)


def test_the_lines_of_the_exercise(two_versions):
    v1, v2 = two_versions
    registry = pw.ModelRegistry()
    test = registry.ab_test("race_winner", v1, v2, traffic_split=0.3)
    counts = {v1: 0, v2: 0}
    for request in range(1000):
        counts[test.route(f"{2100 + request // 25}-{request % 25 + 1:02d}")] += 1
    assert 650 < counts[v1] < 750, "each race has one version, three in ten are the challenger's"
    assert test.route("2105-08") == test.route("2105-08")
    rehearsal = test.rehearse()
    assert {arm["races"] > 0 for arm in rehearsal.arms.values()} == {True}
    assert "log_loss" in rehearsal.arms["champion"] and "verdict" in rehearsal.label
    assert len(rehearsal.frame()) == len(rehearsal.looks)
    assert test.status().said == "no race yet"
    with pytest.raises(pw.domain.errors.UsageError, match="runs since"):
        registry.ab_test("race_winner", v1, v2)
    assert test.stop(note="rehearsed").why == test.stop().why == "rehearsed"
    registry.register_model("text_classifier", {"params": {"lr": 0.01}})
    with pytest.raises(pw.domain.errors.UsageError, match="notes only"):
        registry.ab_test("text_classifier", 1, 1)
