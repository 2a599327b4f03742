"""An approval given on the command line reaches the promotion through the flow; gates never run side by side."""

import json
import sys
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from pitwall.cli._app import app
from pitwall.domain.params import Params, PromotionParams
from pitwall.domain.project import Project
from pitwall.domain.refs import Candidacy, Verdict
from pitwall.ml.gates import gates
from pitwall.testing import FakeRegistry

NAME = "order-pre_race"
CHECKOUT = Path(__file__).resolve().parents[2]
GIVEN = ["--approve", "Ada", "--approve", "Grace", "--note", "checked on Monza"]


def test_the_command_hands_names_and_note_to_the_flow(monkeypatch, tmp_path):
    asked = []
    answer = {"verdicts": [], "outcome": "promoted", "exit_code": 0}
    monkeypatch.setattr("pitwall.cli._flow.run_flow", lambda project, *arguments: asked.append(arguments) or answer)
    monkeypatch.setenv("PITWALL_HOME", str(CHECKOUT))
    done = CliRunner().invoke(app, ["promote", *GIVEN, "--json", str(tmp_path / "out.json")])
    assert done.exit_code == 0, done.output
    assert asked == [("promote", "--model", NAME, *GIVEN)]


def test_the_flow_command_reads_a_repeated_option_as_a_list(monkeypatch, tmp_path):
    from flows._run import run_as_command

    heard = {}
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:1/api")  # nobody is called: the flow is a plain function
    monkeypatch.setattr(sys, "argv", ["promote", "--model", NAME, *GIVEN, "--result", str(tmp_path / "result.json")])
    assert (
        run_as_command(
            lambda **given: heard.update(given) or {"done": True}, "m", "model", "note", repeated=["approve"]
        )
        == 0
    )
    assert heard == {"model": NAME, "approve": ["Ada", "Grace"], "note": "checked on Monza"}
    assert json.loads((tmp_path / "result.json").read_text()) == {"done": True}


@pytest.fixture
def decide(monkeypatch, tmp_path):
    """The promotion task on a fake registry below a policy that asks for two approvals."""
    from pitwall.workflows.workspace import Workspace
    from tasks import promotion

    registry = FakeRegistry()
    for number in (1, 2):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "recipe.json").write_text(str(number))
        registry.register(NAME, "run", folder, pd.DataFrame(), {})
    here = Workspace(Project(tmp_path), params=Params(promotion=PromotionParams(approval="two")), registry=registry)
    monkeypatch.setattr(promotion, "workspace", lambda: here)
    monkeypatch.setattr(promotion, "create_table_artifact", lambda *_, **__: None)
    monkeypatch.setattr("pitwall.workflows.promote.complete", lambda *_, **__: None)  # there is no run to write to
    monkeypatch.setattr(
        "pitwall.workflows.promote.publish", lambda *_: None
    )  # nor a frame that servers could ask about
    passed = [Verdict(name, True, None, None, "", "fine") for name in gates()]
    return lambda *approval: promotion.decide.fn(Candidacy(NAME, 2, 1), passed, *approval)


def test_without_the_approvals_that_the_policy_asks_for_a_promotion_is_refused(decide):
    refused = decide(["Ada"], "looks right")
    assert not refused.promoted
    assert "2 different names are needed, 1 given" in refused.outcome


def test_with_them_it_is_promoted_and_the_note_is_the_reason(decide):
    made = decide(["Ada", "Grace"], "checked on Monza")
    assert made.promoted
    assert "checked on Monza" in made.outcome


@pytest.mark.parametrize("module", ["promote", "race_weekend"])
def test_gates_run_one_after_the_other(module):
    from importlib import import_module

    flow = getattr(import_module(f"flows.{module}"), module)
    assert flow.task_runner._max_workers == 1, "the latency gate would be measured while other gates work"
