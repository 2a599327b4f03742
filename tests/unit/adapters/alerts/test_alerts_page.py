"""What docs/alerts.md shows works as it stands there: settings, a sink, a drift, an automation."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml

from pitwall.adapters.alerts import sinks
from pitwall.domain.errors import AlertError
from pitwall.domain.project import Project
from pitwall.domain.settings import VARIABLE, local_settings

PAGE = (Path(__file__).resolve().parents[4] / "docs" / "alerts.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


def test_the_settings_are_those_of_the_sinks(tmp_path):
    path = tmp_path / "settings.local.yaml"
    path.write_text(blocks("yaml")[0])
    told = local_settings(path).alerts
    assert [each.sink for each in told.sinks] == ["console", "smtp", "webhook", "webhook", "prefect"]
    assert [each.kinds for each in told.sinks if "forecast" in each.kinds] == [("forecast",)]
    for each in told.sinks:
        sinks()[each.sink].settings(each.options)


def test_the_automation_reacts_to_the_event_of_an_alert(alert):
    from prefect.automations import Automation
    from prefect.events.schemas.events import Resource

    trigger = Automation.model_validate(yaml.safe_load(blocks("yaml")[1])).trigger
    assert f"pitwall.alert.{alert.kind}" in trigger.expect
    assert trigger.match.matches(Resource.model_validate({"prefect.resource.id": f"pitwall.alert.{alert.key}"}))


def test_a_sink_of_ones_own_is_one_file(alert, tmp_path):
    found: dict[str, object] = {"__name__": "file_sink"}
    exec(compile(blocks("python")[0], "page", "exec", dont_inherit=True), found)
    sink = found["SINK"]
    for _ in range(2):
        sink.deliver(alert, sink.settings({"path": tmp_path / "told.txt"}), ())
    assert (tmp_path / "told.txt").read_text().count(f"{alert.line}\n") == 2
    with pytest.raises(AlertError, match="cannot be written"):
        sink.deliver(alert, sink.settings({"path": tmp_path}), ())


def test_a_drift_that_somebody_found_is_kept(tmp_path, monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setenv("PITWALL_HOME", str(tmp_path))
    for name in ("dvc.yaml", "params.yaml"):
        (tmp_path / name).write_text("seed: 7\n")
    exec(compile(blocks("python")[1], "page", "exec", dont_inherit=True), {})
    (row,) = map(json.loads, Project(tmp_path).alerts.read_text().splitlines())
    assert (row["kind"], row["cause"], row["sinks"]) == ("drift", "grid", {"console": "sent"})
