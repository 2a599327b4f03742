"""`pitwall registry` as a user meets it: the rehearsal of docs/registry.md, line by line, and what each command says."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import sys
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

import pitwall as pw
from pitwall import wiring
from pitwall.adapters.promotion_history import PromotionHistory
from pitwall.cli import main
from pitwall.domain.errors import IllegalMove, PromotionRefused, UnknownName
from pitwall.domain.params import PromotionParams
from pitwall.ml.families.order.answer import place_columns
from pitwall.ml.families.predictions import load_predictions, save_predictions
from pitwall.ml.forecasting.forecast import store
from pitwall.ml.registry.approvals import Approval
from pitwall.ml.registry.promotion import promote
from pitwall.testing import FakeTracker
from pitwall.testing.fakes.versions import passed
from pitwall.testing.worlds.forecasts import NAME, PAST, World
from pitwall.workflows import judge
from pitwall.workflows import promote as promotion
from pitwall.workflows.workspace import Workspace

pytestmark = pytest.mark.slow

REPO = Path(__file__).resolve().parents[3]
PAGE = REPO / "docs" / "registry.md"
PARAMS = "models: {order: {estimator: grid_frequency, first_season: 2021, stages: [pre_race]}}\ngates: {bootstrap_draws: 400}\n"


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A tiny world with a baseline (version 1), a trained model (2), and one that knew the results (3)."""
    world = World(tmp_path_factory.mktemp("project"))
    folder = world.job.project.root / "oracle"
    shutil.copytree(world.job.target / "model", folder)
    own = load_predictions(folder)
    place = own.merge(world.tables["results"], on=["race_id", "driver_id"], how="left")["place"].astype(float)
    for number, column in enumerate(place_columns(own), start=1):
        own[column] = (place.rank(method="first").groupby(own["race_id"]).rank() == number).astype(float)
    save_predictions(own, folder, world.job.definition.kind)
    world.registry.register(NAME, "run9", folder, pd.DataFrame(), {"role": "model", "latency_ms": "3.5"})
    (world.job.project.root / "dvc.yaml").write_text("stages: {}\n", encoding="utf-8")
    (world.job.project.root / "params.yaml").write_text(PARAMS, encoding="utf-8")
    return world


@pytest.fixture
def world(trained, monkeypatch):
    """That world with version 2 as champion by the history and 3 as candidate; the flow's gates all pass."""
    registry, project = trained.registry, trained.job.project
    shutil.rmtree(project.mlruns, ignore_errors=True)
    registry.tags.clear()
    registry.held[NAME] = {"candidate": 3}
    for version in (1, 2, 3):
        registry.tag(NAME, version, {"pitwall.stage": "active", "promotion.verdicts": "[]"})
    trained.history = PromotionHistory(project, registry)
    _promoted(trained, 2)
    monkeypatch.setenv("PITWALL_HOME", str(project.root))
    monkeypatch.setattr(wiring, "registry", lambda _: registry)
    monkeypatch.setattr(wiring, "feature_reader", lambda _: trained.reader)
    monkeypatch.setattr("pitwall.cli._flow.run_flow", lambda _project, *arguments: _flow(trained, arguments))
    return trained


def _promoted(world, version, names=(), note=""):
    policy, registry = PromotionParams(approval="one" if names else "auto"), world.registry
    candidate, baseline = registry.get(NAME, version), registry.get(NAME, 1)
    approval = Approval(tuple(names), note)
    return promote(registry, world.history, candidate, baseline, passed(), policy=policy, approval=approval)


def _flow(world, arguments):
    """Answer like the promotion flow, on gates that pass."""
    asked = dict(zip(arguments[1::2], arguments[2::2], strict=True))
    made = _promoted(world, int(asked["--version"]), [asked["--approve"]], asked["--note"])
    rows = [verdict.row() for verdict in made.verdicts]
    return {"verdicts": rows, "outcome": f"champion is version {made.version}", "exit_code": 0}


@pytest.fixture
def call(monkeypatch, capsys):
    def run(*arguments, code=0):
        monkeypatch.setattr(sys, "argv", ["pitwall", *arguments])
        with pytest.raises(SystemExit) as left:
            main()
        said = capsys.readouterr()
        assert (left.value.code or 0) == code, said.err
        return json.loads(said.out) if "-" in arguments[-1:] else said.out + said.err

    return run


def test_the_rehearsal_of_the_docs_runs_as_it_stands(world, call):
    store(world.job.project, world.forecast(race=PAST))
    lines = re.findall(r"^\$ pitwall (.*)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(lines) == 12
    said = {line: call(*shlex.split(line)) for line in lines}
    assert [row["kind"] for row in world.history.rows()] == ["baseline", "promoted", "moved", "approved", "approved", "promoted", "rolled_back"]  # fmt: skip
    assert world.registry.aliases(NAME) == {"champion": 2, "previous": 1}
    assert "order-pre_race version 2" in said["registry show race_winner@Production"]
    assert "7 rows, 0 findings" in said["registry verify"]
    approved = [row["by"] for row in world.history.rows() if row["kind"] == "approved"]
    assert (approved, world.history.rows()[5]["by"]) == (["Grace", "Ada"], "Grace, Ada")


def test_versions_are_listed_with_stage_metrics_latency_and_data(world, call):
    rows = {row["version"]: row for row in call("registry", "list", "race_winner", "--json", "-")["versions"]}
    assert [rows[number]["stage"] for number in (1, 2, 3)] == ["previous", "champion", "candidate"]
    assert (rows[1]["role"], rows[2]["estimator"], rows[3]["latency_ms"]) == ("baseline", "grid_frequency", 3.5)
    assert rows[3]["metrics"]["race_winner.hit_rate"] == 1.0 > rows[2]["metrics"]["race_winner.hit_rate"]
    assert rows[2]["note"] == ""


def test_accuracy_and_f1_stand_beside_with_their_rule_and_all_metrics_in_a_table(world, call):
    rows = {row["version"]: row for row in call("registry", "list", "race_winner", "--json", "-")["versions"]}
    assert rows[3]["counted"]["podium.f1"]["value"] == 1.0 > rows[2]["counted"]["podium.f1"]["high"]
    shown = " ".join(call("registry", "show", "race_winner@3").split())
    assert "podium.accuracy 1.000 (1.000 to 1.000)" in shown
    assert "precision and recall are the same number." in shown
    line = next(
        line for line in call("registry", "list", "race_winner", "--all-metrics").splitlines() if "podium.f1" in line
    )
    found = [float(value) for value in line.split()[1:]]
    assert found == pytest.approx([rows[number]["counted"]["podium.f1"]["value"] for number in (1, 2, 3)], abs=0.001)


def test_versions_are_drawn_with_the_champion_also_when_it_is_old(world, call, tmp_path):
    said = call("registry", "plot", "race_winner", "--last", "1", "--out", str(tmp_path), "--json", "-")
    assert [(bar["version"], bar["champion"]) for bar in said["versions"]] == [(2, True), (3, False)]
    champion, oracle = (bar["losses"]["race_winner"] for bar in said["versions"])
    assert champion["low"] < champion["value"] < champion["high"]
    assert oracle["value"] == pytest.approx(0.0, abs=1e-6)
    assert said["files"] == [str(tmp_path / "versions.png"), str(tmp_path / "versions.html")]
    assert (tmp_path / "versions.png").read_bytes().startswith(b"\x89PNG")
    page = (tmp_path / "versions.html").read_text(encoding="utf-8")
    assert not re.findall(r'<(?:script|link|img)[^>]*(?:src|href)="https?:', page)
    assert "v2 grid_frequency, bandwidth 0.12 (champion)" in page


def test_a_version_whose_files_are_gone_is_told_without_metrics(world, call, monkeypatch):
    from pitwall.domain.errors import TrackingError

    def gone(_name, _version):
        raise TrackingError("the files are not there")

    monkeypatch.setattr(world.registry, "fetch", gone)
    rows = call("registry", "list", "race_winner", "--json", "-")["versions"]
    assert [(row["metrics"], row["note"]) for row in rows] == [({}, "the files are not there")] * 3
    bars = call("registry", "plot", "race_winner", "--json", "-")["versions"]
    assert [(bar["losses"], bar["note"]) for bar in bars] == [({}, "the files are not there")] * 3


def test_compare_names_a_winner_where_the_interval_excludes_zero_and_only_there(world, call):
    found = {(row["question"], row["metric"]): row for row in call("registry", "compare", "race_winner", "2", "3", "--json", "-")["rows"]}  # fmt: skip
    loss, hit = found["race_winner", "log_loss"], found["race_winner", "hit_rate"]
    assert (loss["better"], loss["winner"], loss["n"]) == ("lower", 3, 6)
    assert loss["high"] < 0 and loss["delta"] == pytest.approx(loss["second"] - loss["first"])
    assert (hit["better"], hit["winner"]) == ("higher", 3 if hit["low"] > 0 else None)
    assert found[NAME, "latency_ms"]["second"] == 3.5
    same = call("registry", "compare", "race_winner", "champion", "production", "--json", "-")["rows"]
    assert {(row["delta"], row["winner"]) for row in same} == {(0.0, None), (None, None)}


def test_verify_ends_with_1_and_names_the_row_or_the_alias(world, call):
    assert "2 rows, 0 findings" in call("registry", "verify")
    path = world.job.project.mlruns / "promotions.jsonl"
    path.write_text(path.read_text().replace("policy:auto", "policy:none"))
    assert "row 2 (promoted order-pre_race version 2) was edited" in call("registry", "verify", code=1)
    world.registry.set_alias(NAME, "champion", 3)
    assert "is version 3, by the history version 2" in call("registry", "verify", code=1)


def test_who_served_tells_champion_forecast_and_what_does_not_fit(world, call):
    shutil.rmtree(world.job.project.reports, ignore_errors=True)
    store(world.job.project, world.forecast(race=PAST))
    answer = call("registry", "who-served", "--race", PAST, "--json", "-")
    assert (answer["champion"]["version"], answer["champion"]["seq"], answer["forecast"]["version"]) == (2, 2, 2)
    assert answer["forecast"]["provenance"]["git.commit"] == "abc"
    assert (answer["remarks"], answer["later"]) == ([], [])
    early = call("registry", "who-served", "--race", PAST, "--at", "2020-01-01T00:00Z", "--json", "-")
    assert (early["champion"], early["forecast"], len(early["later"])) == (None, None, 1)
    assert early["remarks"] == ["nobody was champion of order-pre_race at that instant"]
    world.registry.set_alias(NAME, "champion", 3)
    shutil.rmtree(world.job.project.reports)
    store(world.job.project, world.forecast(race=PAST))
    (remark,) = call("registry", "who-served", "--race", PAST, "--json", "-")["remarks"]
    assert "was made by version 3" in remark and "when version 2 was champion by the history" in remark


def test_who_served_names_forecasts_that_were_edited_or_damaged(world, call):
    shutil.rmtree(world.job.project.reports, ignore_errors=True)
    path = store(world.job.project, world.forecast(race=PAST))
    made_at = json.loads(path.read_text())["made_at"]
    path.write_text(path.read_text().replace(made_at, "2024-01-01T00:00:00+00:00"))
    path.with_name(f"{PAST}-pre_race-cut.json").write_text(path.read_text()[:100])
    cut, edited = call("registry", "who-served", "--race", PAST, "--json", "-")["remarks"][:2]
    assert f"{PAST}-pre_race-cut.json is damaged" in cut or f"{PAST}-pre_race-cut.json is damaged" in edited
    assert any("its date, now 2024-01-01" in remark for remark in (cut, edited))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("who-served", "--race", "Monza"), "write season and round"),
        (("who-served", "--race", PAST, "--at", "yesterday"), "write e.g. 2024-05-05T19:00Z"),
        (("who-served", "--race", PAST, "--at", "2024-05-05T19:00"), "has no time zone"),
        (("promote", "race_winner", "--to", "live"), "unknown stage 'live'"),
        (("promote", "race_winner", "--to", "staging"), "the name of a person and a note"),
        (("promote", "race_winner", "--version", "2", "--to", "staging", "--by", "A", "--note", "b"), "is champion and cannot become"),
        (("show", "race_winner@9"), "unknown version"),
        (("rollback", "race_winner", "--to", "3", "--note", "x"), "was never champion"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_what_can(world, call, arguments, said):
    assert said in " ".join(call("registry", *arguments, code=2).split())


@pytest.fixture
def registry(world, monkeypatch):
    """`pw.ModelRegistry` on the same stores, its gates and cards planted."""
    monkeypatch.setattr(wiring, "provenance", lambda *_: {"git.commit": "abc"})
    monkeypatch.setattr(judge, "ensure", lambda *_: None)
    monkeypatch.setattr(promotion, "complete", lambda *_, **__: None)
    monkeypatch.setattr(judge, "candidate", lambda *_: None)
    monkeypatch.setattr(judge, "ask_all", lambda _: passed())
    versions = SimpleNamespace(stale=lambda _: [], hashes=dict)
    tools = {"tracker": FakeTracker(), "registry": world.registry, "runs": FakeTracker(), "history": world.history}
    return pw.ModelRegistry(workspace=Workspace(world.job.project, versions=versions, **tools))


def test_the_notebook_registry_registers_promotes_compares_and_rolls_back(registry, world, monkeypatch):
    assert registry.register_model("race_winner", {"why": "tyres"}) == 2
    assert world.registry.get(NAME, 2).tags["note.why"] == "tyres"
    registry.promote("race_winner", 3, "Staging", by="Ada", note="review")
    assert registry.promote("race_winner", 3, "production").version == 3
    assert world.forecast(race=PAST).version == 3
    assert registry.get_production_model("podium").version == 3
    listed = registry.list_versions("race_winner").set_index("version")["stage"]
    assert listed.to_dict() == {1: "archived", 2: "previous", 3: "champion"}
    compared = registry.compare_versions("race_winner", "previous", 3).set_index(["question", "metric"])
    assert compared.loc[("race_winner", "log_loss"), "winner"] == 3
    assert registry.rollback("race_winner", by="Ada", note="worse").version == 2
    assert world.forecast(race=PAST).version == 2, "forecasts use it at once"
    with pytest.raises(PromotionRefused, match="archived; offer it again"):
        registry.promote("race_winner", 3, "production")
    with pytest.raises(UnknownName, match="unknown stage 'live'"):
        registry.promote("race_winner", 3, "live")
    with pytest.raises(IllegalMove, match="it may become: candidate"):
        registry.promote("race_winner", 3, "staging", by="Ada", note="x")


def test_every_command_shows_an_example():
    from pitwall.cli._app import app

    group = next(each for each in app.registered_groups if each.name == "registry").typer_instance
    commands = {each.name: each.epilog for each in group.registered_commands}
    assert set(commands) == {"list", "show", "compare", "approve", "promote", "rollback", "history", "plot", "verify", "who-served"}  # fmt: skip
    assert all(epilog.startswith(f"Example: pitwall registry {name}") for name, epilog in commands.items())
