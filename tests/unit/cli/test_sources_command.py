"""`pitwall data use`, `diff`, `status` and `drop` with sources that are asked and sources that stand beside."""

import json
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from pitwall.cli import main
from pitwall.domain.params import load_params
from pitwall.domain.project import Project
from pitwall.sources.machinery import stage
from pitwall.sources.machinery.fetching import inspect
from pitwall.sources.machinery.snapshots import store
from pitwall.sources.synthetic import SyntheticSettings, fetch
from pitwall.testing.sites.f1db_release import NAME, F1dbRelease
from pitwall.testing.sites.jolpica_api import JolpicaApi
from pitwall.testing.sites.site import Site, status

pytestmark = pytest.mark.slow

REPO = Path(__file__).resolve().parents[3]
NOW = datetime(2018, 10, 1, tzinfo=UTC)
USED = {"first_season": 2018, "last_season": 2018, "standings": False, "pit_stops": False, "tries": 1}


def call(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["pitwall", *arguments])
    with pytest.raises(SystemExit) as left:
        main()
    return int(left.value.code or 0)


def test_a_server_is_used_and_a_release_compared_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "world").mkdir()
    fetch(None, SyntheticSettings(seasons=2, teams=4, races=4, laps_seasons=0), tmp_path / "world")
    release = F1dbRelease(tmp_path / "world")
    release.files["races-race-results"][-1]["points"] = "99"
    (tmp_path / NAME).write_bytes(release.zipped())
    shutil.copy(REPO / "dvc.yaml", tmp_path)
    (tmp_path / "params.yaml").write_text(
        json.dumps({"sources": {"synthetic": {}, "jolpica": {**USED, "beside": "compare"}}})
    )
    monkeypatch.setenv("PITWALL_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(
        store, "inspect_folder", inspect.inspect
    )  # a process for each fetch takes longer than all the rest
    params = tmp_path / "params.yaml"

    def ingest(name: str) -> None:
        stage.ingest(Project(tmp_path), load_params(params), name, NOW)

    with Site(JolpicaApi(tmp_path / "world")) as site:
        site.faults = {-1: status(429, "7200")}
        before = params.read_bytes()
        assert call(monkeypatch, "data", "use", "jolpica", "--location", site.url) == 4
        assert "asks for a pause of 7200 s" in capsys.readouterr().err
        assert params.read_bytes() == before
        site.faults = {}
        assert call(monkeypatch, "data", "use", "jolpica", "--location", site.url) == 0
        assert "asked for" in capsys.readouterr().out
        assert yaml.safe_load(params.read_text())["sources"]["jolpica"]["location"] == site.url, (
            "DVC reads it as YAML 1.1"
        )
        asked = len(site.asked)
        ingest("jolpica")
        assert len(site.asked) == asked, "what `data use` fetched is not asked for again"
    assert call(monkeypatch, "data", "use", "f1db", "--location", NAME, "--beside", "practise") == 2
    assert "did you mean 'practice'" in capsys.readouterr().err
    assert call(monkeypatch, "data", "use", "f1db", "--location", NAME, "--beside", "practice") == 0
    assert list(load_params(params).sources) == ["jolpica", "f1db"]
    ingest("f1db")
    stage.tables(Project(tmp_path), load_params(params))
    capsys.readouterr()
    assert call(monkeypatch, "data", "diff", "f1db", "--json", str(tmp_path / "diff.json")) == 0
    said = capsys.readouterr().out
    assert "results" in said and "99.0 there" in said
    told = json.loads((tmp_path / "diff.json").read_text())["f1db"]
    assert [row for row in told["rows"] if row["column"] == "points" and row["theirs"] == "99.0"]
    assert call(monkeypatch, "data", "status", "--json", str(tmp_path / "status.json")) == 0
    shown = capsys.readouterr().out
    assert "beside the others: practice" in shown and "practice of 2018" in shown and "rows of f1db" in shown
    decided = json.loads((tmp_path / "status.json").read_text())["decided"]
    assert decided and {each["source"] for each in decided} == {"f1db"}
    assert call(monkeypatch, "data", "drop", "f1db") == 0
    assert call(monkeypatch, "data", "diff") == 1
    assert "--beside compare" in capsys.readouterr().err
    assert call(monkeypatch, "data", "drop", "jolpica") == 2
