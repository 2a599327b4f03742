"""What a person approves is written up before, where params.yaml asks for it; nothing else is asked."""

from __future__ import annotations

import json
import sys

import pytest

from pitwall import wiring
from pitwall.cli import main
from pitwall.domain.params import parse_params
from pitwall.domain.refs import Candidacy
from pitwall.ml.registry.approvals import Approval
from pitwall.testing import FakeTracker
from pitwall.testing.fakes.run_store import FakeRun
from pitwall.testing.fakes.versions import NAME, Versions, passed
from pitwall.workflows import promote, registry
from pitwall.workflows.logbook.documenting import document
from pitwall.workflows.workspace import Workspace

ADA = Approval(("Ada",), "checked on Monza")
DECLARED = {"Hypothesis": "older races say less", "Conclusions": "it holds"}


@pytest.fixture
def world(tmp_path, monkeypatch):
    """Versions in memory whose runs are `run0` to `run3`."""
    made = Versions(tmp_path)
    made.tracker = FakeTracker()
    for number in range(4):
        tags = {"pitwall.model": NAME, "pitwall.version": str(number + 1)}
        made.tracker.runs[f"run{number}"] = FakeRun("pitwall-order", f"try-{number}", tags, None, metrics={"loss": 0.5})
    for name in ("dvc.yaml", "params.yaml"):
        (tmp_path / name).write_text("promotion: {documentation: required}\n" if name == "params.yaml" else "{}")
    monkeypatch.setattr(promote, "complete", lambda *_, **__: None)  # of no interest here: the card
    monkeypatch.setattr(promote, "publish", lambda *_: None)  # nor what servers get
    monkeypatch.setattr(promote.news, "refused", lambda *_: None)
    return made


def workspace(world, **promotion):
    """Return the project's workspace, with this section `promotion` of its parameters if one is given."""
    params = parse_params({"promotion": promotion}) if promotion else None
    parts = {"tracker": world.tracker, "runs": world.tracker, "registry": world.registry, "history": world.history}
    return Workspace(world.project, params=params, **parts)


@pytest.mark.parametrize("policy", ["auto", "one"])
def test_what_a_person_approves_is_refused_until_it_is_written_up(world, policy):
    here = workspace(world, approval=policy, documentation="required")
    refused = promote.decide(here, Candidacy(NAME, 2, 1), passed(), ADA)
    assert not refused.promoted and [each.gate for each in refused.verdicts if not each.passed] == ["documentation"]
    command = f"`pitwall exp doc {NAME}/2 --hypothesis TEXT --conclusions TEXT`"
    assert f"its run lacks Hypothesis and Conclusions; {command}" in refused.outcome
    document(here, f"{NAME}/2", {"Hypothesis": "older races say less"})
    assert "its run lacks Conclusions;" in promote.decide(here, Candidacy(NAME, 2, 1), passed(), ADA).outcome
    document(here, f"{NAME}/2", {"Conclusions": "it holds"})
    assert promote.decide(here, Candidacy(NAME, 2, 1), passed(), ADA).promoted


def test_a_promotion_that_no_person_approves_is_not_asked(world):
    here = workspace(world, documentation="required")
    assert promote.decide(here, Candidacy(NAME, 2, 1), passed(), Approval()).promoted


def test_without_the_parameter_nobody_is_asked(world):
    here = workspace(world, approval="one", documentation="none")
    assert promote.decide(here, Candidacy(NAME, 2, 1), passed(), ADA).promoted
    assert registry.approve(here, world.models[1], by="Ada", note="checked")["kind"] == "approved"


@pytest.fixture
def call(world, monkeypatch, capsys):
    """Run a command in that project; return what it says, after its exit code was looked at."""
    monkeypatch.setenv("PITWALL_HOME", str(world.project.root))
    for name, tool in (("tracker", world.tracker), ("runs", world.tracker), ("registry", world.registry)):
        monkeypatch.setattr(wiring, name, lambda _, tool=tool: tool)
    monkeypatch.setattr(wiring, "history", lambda *_: world.history)

    def run(*arguments, code=0):
        monkeypatch.setattr(sys, "argv", ["pitwall", *arguments])
        with pytest.raises(SystemExit) as left:
            main()
        said = capsys.readouterr()
        assert (left.value.code or 0) == code, said
        return json.loads(said.out) if arguments[-1] == "-" else said.out + said.err

    return run


def test_the_command_writes_shows_and_lets_an_approval_pass(world, call):
    approve = ("registry", "approve", NAME, "--version", "2", "--by", "Ada", "--note", "checked")
    said = call(*approve, code=3)
    assert f"error: {NAME} version 2 was not approved: promotion.documentation is 'required', and its run lacks" in said
    assert "approved" not in world.kinds()
    said = call("exp", "doc", f"{NAME}/2", "--hypothesis", DECLARED["Hypothesis"])
    assert "# try-1" in said and "| `loss` | 0.5 |" in said and "! not written yet: Conclusions, Next" in said
    row = call("exp", "doc", "try-1", "--conclusions", DECLARED["Conclusions"], "--json", "-")
    assert (row["run"], row["written"], row["missing"]) == ("run1", DECLARED, ["Next"])
    world.tracker.runs["run1"].metrics["loss"] = 0.25
    assert "| `loss` | 0.25 |" in call("exp", "doc", "run1") and DECLARED["Hypothesis"] in world.tracker.page("run1")
    assert "approves" in call(*approve)


def test_words_come_from_a_file_or_an_editor_and_none_is_lost(world, call, tmp_path, monkeypatch):
    file = tmp_path / "mine.md"
    file.write_text("## Hypothesis\n\nolder races say less\n")
    assert "older races say less" in call("exp", "doc", "run1", "--file", str(file))
    assert "cannot be read" in call("exp", "doc", "run1", "--file", str(tmp_path / "none.md"), code=2)
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.delenv("EDITOR", raising=False)
    assert "give `--file FILE.md`" in call("exp", "doc", "run1", "--edit", code=2)
    kept = world.project.state / "doc" / "run1.md"
    monkeypatch.setenv("EDITOR", "sed -i 's/## Next/## Nxt/;s/.*what to try after this.*/wet races/'")
    assert f"The words are kept in {kept}" in call("exp", "doc", "run1", "--edit", code=2)
    monkeypatch.setenv("EDITOR", "sed -i 's/## Nxt/## Next/'")
    row = call("exp", "doc", "run1", "--edit", "--json", "-")
    assert row["written"] == {"Hypothesis": "older races say less", "Next": "wet races"}
    assert not kept.exists()
    monkeypatch.setenv("EDITOR", "false")
    assert "the editor 'false' failed" in call("exp", "doc", "run1", "--edit", code=2)
