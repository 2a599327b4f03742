"""The runs and one of them: what is shown is what the stores hold, honest about what is under way, died or is not known."""

import io
import json
import zipfile
from uuid import uuid4

import pytest

from pitwall.domain.errors import UsageError
from pitwall.workflows.bench.drafts import Draft
from pitwall.workflows.experiments import results, taking
from pitwall.workflows.experiments.headline import headline
from pitwall.workflows.experiments.listed import lasted, listed
from pitwall.workflows.jobs import notes

EVIL = "<img src=x onerror=alert(1)>"


def test_the_list_says_what_each_run_reached_beside_its_baseline(browser, plain, world):
    text = plain("/experiments")
    run = world.tracker.read(world.run)
    value, baseline = run.metrics["race_winner.log_loss"], run.metrics["race_winner.log_loss.grid_frequency"]
    assert f"{value:.3f}" in text and f"{baseline:.3f} grid_frequency" in text
    assert run.name in text and "finished" in text and "1 champion" in text
    assert f'name="runs" value="{world.run}"' in browser.get("/experiments").text


def test_runs_are_chosen_by_model_and_state_and_paged(browser, plain, world):
    assert "No run is like that" in plain("/experiments?state=failed")
    assert "1 of" not in plain("/experiments?model=order-pre_race")
    more = [world.tracker.start("lab", f"by hand {number}", {}) for number in range(30)]
    try:
        for run_id in more:
            world.tracker.finish(run_id, "FAILED")
        browser.app.state.memo.forget()
        app_text = plain("/experiments?state=failed")
        assert "30 of 31 runs" in app_text and app_text.count("by hand") == 25
        assert plain("/experiments?state=failed&at=2").count("by hand") == 5
        assert plain("/experiments?at=-4") == plain("/experiments?at=1")
        assert 'href="/experiments?state=failed&amp;at=1"' in browser.get("/experiments?state=failed&at=2").text
    finally:
        for run_id in more:
            del world.tracker.runs[run_id]


def test_a_run_shows_its_results_beside_the_baselines(plain, world):
    text = plain(f"/experiments/{world.run}")
    for words in (
        "Finished.",
        "Its model is the champion of order-pre_race",
        "Who wins the race?",
        "accuracy",
        "ROC AUC",
    ):
        assert words in text
    for words in (
        "Brier score",
        "calibration error",
        "gain over it, log loss",
        "plackett_luce_trees",
        "grid_frequency",
    ):
        assert words in text
    assert "all gates passed" in text and "leak_audit" in text and "Share" in text
    assert "recipe." in text and "requirements" in text


def test_accuracy_is_that_of_the_run_and_is_counted_for_the_baselines_too(world):
    found = {each.template: each for each in results.results(world.workspace, world.tracker.read(world.run))}
    rows = {row[0]: row for row in found["race_winner"].table.rows}
    assert rows["accuracy"][2].startswith(f"{world.tracker.runs[world.run].metrics['race_winner.accuracy']:.3f}")
    assert all(rows["accuracy"][2:]) and all(rows["ROC AUC"][2:])
    assert list(rows)[:3] == ["accuracy", "F1", "ROC AUC"]  # what people look for first


def test_a_run_without_its_predictions_shows_what_it_logged(world):
    kept = world.tracker.runs[world.run].contents.pop("predictions/predictions.parquet")
    try:
        found = {each.template: each for each in results.results(world.workspace, world.tracker.read(world.run))}
        rows = {row[0]: row for row in found["race_winner"].table.rows}
        assert rows["accuracy"][2] and not rows["accuracy"][3] and "ROC AUC" not in rows
    finally:
        world.tracker.runs[world.run].contents["predictions/predictions.parquet"] = kept


def test_curves_calibration_and_importance_have_a_table_beside_each_picture(browser, plain, world):
    for page, words in (
        ("curves", "Season by season"),
        ("curves", "What the search tried"),
        ("importance", "driver_rating"),
    ):
        text = browser.get(f"/experiments/{world.run}/{page}").text
        assert words in text and text.count("<img") == text.count("What the picture shows, as a table")
    assert "Calibration: Who wins the race?" in plain(f"/experiments/{world.run}/curves")
    csv = browser.get(f"/experiments/{world.run}/curves?csv=1").text.splitlines()
    assert csv[0].startswith("season,this run,") and len(csv) == 3


def test_what_is_under_way_is_fetched_again_and_what_died_says_so(browser, plain, world, monkeypatch):
    run_id = world.tracker.start(
        "pitwall-order", "now", {"pitwall.model": "order-pre_race", "pitwall.stage": "pre_race"}
    )
    try:
        monkeypatch.setattr(world.tracker, "orphans", list)
        assert 'data-again="3.0"' in browser.get(f"/experiments/{run_id}").text
        assert "Under way." in plain(f"/experiments/{run_id}") and "Results" not in plain(f"/experiments/{run_id}")
        monkeypatch.setattr(world.tracker, "orphans", lambda: [run_id])
        browser.app.state.memo.forget()
        text = browser.get(f"/experiments/{run_id}").text
        assert "its process is gone" in text and "data-again" not in text
        browser.app.state.memo.forget()
        assert "cut short" in plain("/experiments")
    finally:
        del world.tracker.runs[run_id]


def test_names_from_outside_are_text(browser, evil_run):
    for path in (
        "/experiments",
        f"/experiments/{evil_run}",
        f"/experiments/{evil_run}/curves",
        f"/compare?runs={evil_run},run0000",
    ):
        answer = browser.get(path)
        assert answer.status_code == 200, answer.text
        assert "&lt;img src=x" in answer.text and "<img src=x" not in answer.text


@pytest.mark.parametrize("path", ["nothing", "../../etc/passwd", "..%2f..%2fetc%2fpasswd", "%00", "x" * 300])
def test_what_is_no_run_is_not_found(browser, path):
    for address in (
        f"/experiments/{path}",
        f"/experiments/{path}/download",
        f"/models/{path}",
        f"/compare?runs={path}",
    ):
        answer = browser.get(address)
        assert answer.status_code == 404, address
        assert "root:" not in answer.text


def test_near_names_are_offered(browser):
    assert "order-pre_race" in browser.get("/models/ordr-pre_race").text


def test_a_run_is_taken_away_as_one_file_that_says_what_it_holds(browser, world):
    answer = browser.get(f"/experiments/{world.run}/download")
    assert answer.headers["content-type"] == "application/zip" and ".zip" in answer.headers["content-disposition"]
    packed = zipfile.ZipFile(io.BytesIO(answer.content))
    names = packed.namelist()
    assert {"run.json", "model/recipe.json", "manifest/manifest.json", "card/v1/card.json", "CONTENTS.md"} <= set(names)
    assert json.loads(packed.read("run.json"))["metrics"] == world.tracker.runs[world.run].metrics
    assert all(name.partition("/")[0] in packed.read("CONTENTS.md").decode() for name in names if name != "CONTENTS.md")
    assert not [name for name in names if name.endswith((".pkl", ".pickle", ".py"))]
    assert browser.get(f"/experiments/{world.run}/download").content == answer.content
    with pytest.raises(UsageError, match="more than 0 MB"):
        taking.download(world.workspace, world.tracker.read(world.run), most_mb=0)


def test_the_headline_is_the_main_metric_with_the_baseline_to_beat(world):
    record = world.tracker.read(world.run)
    found = headline(record)
    assert (found.metric, found.baseline) == ("race_winner.log_loss", "grid_frequency")
    assert found.ends == (record.metrics["race_winner.log_loss.low"], record.metrics["race_winner.log_loss.high"])
    assert [each.marks for each in listed(world.workspace, [record])] == [("champion",)]
    assert lasted(3599.6) == "1 h 00 min"


def test_a_draft_is_deployed_by_a_form_and_shows_what_the_gates_said_of_it(browser, plain, world, monkeypatch):
    run_id = world.tracker.start("pitwall-dnf", "draft", {"pitwall.model": "dnf_0a1b2c3d-pre_race"})
    world.tracker.finish(run_id, "FINISHED")
    verdict = {"gate": "leak_audit", "passed": False, "measured": 1.0, "limit": 0.0, "unit": "leaks", "reason": EVIL}
    try:
        assert "draft, replaced since" in plain("/experiments")
        monkeypatch.setattr(
            "pitwall.workflows.experiments.listed.draft_of", lambda record: Draft("dnf_0a1b2c3d-pre_race", run_id)
        )
        monkeypatch.setattr(
            "pitwall.web.pages.experiment.draft_of", lambda record: Draft("dnf_0a1b2c3d-pre_race", run_id)
        )
        html = browser.get(f"/experiments/{run_id}").text
        assert 'action="/jobs/deploy"' in html and 'name="draft" value="dnf_0a1b2c3d-pre_race"' in html
        assert 'value="my_dnf"' in html and "Nobody has audited it yet" in html
        number = notes.started(world.project, str(uuid4()), "order", "dnf", {}).id
        notes.ended(world.project, number, {"run_id": run_id, "verdicts": [verdict]})
        html = browser.get(f"/experiments/{run_id}").text
        assert "REFUSED" in html and EVIL not in html and "&lt;img" in html
    finally:
        del world.tracker.runs[run_id]
