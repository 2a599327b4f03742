"""A table of many races says what single forecasts say, is the same bytes each time, and leaves no trace in the track record."""

from __future__ import annotations

import sys

import pandas as pd
import pytest

from pitwall import wiring
from pitwall.cli import main
from pitwall.domain.errors import UnknownName, UsageError
from pitwall.domain.records.track_record import read_rows
from pitwall.ml.forecasting.forecast import JUDGED, LEARNED
from pitwall.testing import FakeTracker
from pitwall.testing.worlds.forecasts import JUDGED_RACE, NAME, NEXT, PAST, World
from pitwall.workflows.batch.predict import predict_races, write_table
from pitwall.workflows.forecast import forecast
from pitwall.workflows.notebook.model import LoadedModel

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    return World(tmp_path_factory.mktemp("project"))


@pytest.fixture(scope="module")
def workspace(world):
    return world.workspace()


def test_each_row_is_that_of_a_single_forecast_and_nothing_is_recorded(workspace):
    seen = []
    table = predict_races(workspace, f"{JUDGED_RACE}:{NEXT}", progress=lambda *done: seen.append(done))
    races = ["2023-03", "2023-04", "2023-05", "2023-06", "2024-01", "2024-02", "2024-03", "2024-04"]
    assert list(dict.fromkeys(table["race"])) == races
    assert seen[-1] == (8, 8)
    assert not read_rows(workspace.project)
    assert not (workspace.project.reports / "forecasts").exists()
    labels = table.groupby("race")["labels"].first()
    assert (JUDGED in labels[JUDGED_RACE], LEARNED in labels[PAST], labels[NEXT]) == (True, True, "")
    for race in (JUDGED_RACE, PAST, NEXT):
        made = forecast(workspace, NAME, race, provenance={}).made
        expected = [
            (row.keys["driver_id"], row.names["team"], question, row.answers[question], row.baseline[question])
            for row in made.rows
            for question in row.answers
        ]
        own = table[table["race"] == race]
        assert list(zip(own.driver_id, own.team, own.template, own.answer, own.baseline, strict=True)) == expected
        (about,) = {(row.cutoff.isoformat(), row.model, row.version, row.content) for row in own.itertuples()}
        assert about == (made.cutoff, made.model, made.version, made.provenance["model.content"])


def test_the_same_question_is_the_same_bytes_and_both_formats_hold_the_same(workspace, tmp_path):
    table = predict_races(workspace, "2024-01:2024-02", ["podium"], "pre_race")
    again = predict_races(workspace, "2024-01:2024-02", ["podium"])
    one, two = write_table(table, tmp_path / "a.parquet"), write_table(again, tmp_path / "b.parquet")
    assert one.read_bytes() == two.read_bytes()
    pd.testing.assert_frame_equal(pd.read_parquet(one), table)
    text = pd.read_csv(write_table(table, tmp_path / "a.csv"))
    assert list(text) == list(table)
    assert text["answer"].tolist() == table["answer"].tolist()
    loaded = LoadedModel(NAME, workspace).predict_races("2024-01:2024-02")
    assert loaded[loaded["template"] == "podium"]["answer"].tolist() == table["answer"].tolist()


@pytest.mark.parametrize(
    ("asked", "kind", "why"),
    [
        (("2024-01:2024-77", ["podium"], ""), UnknownName, "2024-07|2024-06"),
        (("2024-03:2024-01", ["podium"], ""), UsageError, "runs backwards"),
        (("all", ["podium"], ""), UsageError, "season and round"),
        (("2024-01", ["podium"], "pre_rac"), UnknownName, "pre_race"),
        (("2024-01", ["lap_time"], ""), UsageError, "answers within races"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_what_can(workspace, asked, kind, why):
    with pytest.raises(kind, match=why):
        predict_races(workspace, *asked)


def test_the_command_writes_the_file_and_says_that_it_recorded_nothing(world, workspace, tmp_path, monkeypatch, capsys):
    root = workspace.project.root
    (root / "dvc.yaml").write_text("stages: {}\n")
    (root / "params.yaml").write_text("models: {order: {estimator: grid_frequency, first_season: 2021}}\n")
    monkeypatch.setenv("PITWALL_HOME", str(root))
    for name, tool in {"registry": world.registry, "tracker": FakeTracker(), "feature_reader": world.reader}.items():
        monkeypatch.setattr(wiring, name, lambda _, tool=tool: tool)
    monkeypatch.setattr(wiring, "data_versions", lambda _: workspace.versions)

    def call(file):
        monkeypatch.setattr(sys, "argv", ["pitwall", "predict", "--races", "2024-01:2024-03", "--out", str(file)])
        with pytest.raises(SystemExit) as stopped:
            main()
        return stopped.value.code, "".join(capsys.readouterr())

    code, said = call(tmp_path / "answers.csv")
    assert code == 0, said
    assert f"72 rows of 3 races by {NAME}@" in said
    assert "not in the track record" in said
    assert call(tmp_path / "answers.xlsx")[0] == 2
    assert not (tmp_path / "answers.xlsx").exists()
