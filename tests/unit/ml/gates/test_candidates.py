"""What DVC has and the registry lacks is registered once; a candidate carries all that the gates look at."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from pitwall.domain.errors import StageError
from pitwall.domain.params import ModelParams, Params
from pitwall.domain.project import Project
from pitwall.domain.tables import save_tables
from pitwall.ml.cards.artifacts import card_text
from pitwall.ml.cards.build import complete, current, ensure
from pitwall.ml.families import family
from pitwall.ml.families.predictions import save_predictions, stack
from pitwall.ml.gates import gates, run_gate
from pitwall.ml.gates._candidates import judge, load_candidate, read_groups
from pitwall.ml.models import model
from pitwall.ml.models.machinery.fitted import FittedModel
from pitwall.ml.rows import row_kind
from pitwall.ml.training.registration import sync
from pitwall.ml.training.splits import labelled, outcomes
from pitwall.ml.training.training_job import training_job
from pitwall.ml.training.walk_forward import default_recipe, predict_seasons
from pitwall.report.content.markdown import to_markdown
from pitwall.testing import FakeRegistry, FakeTracker
from pitwall.testing.worlds.frames import joined
from pitwall.testing.worlds.tiny import tiny_tables
from pitwall.workflows.judge import registered
from pitwall.workflows.workspace import Workspace

NAME = "order-pre_race"
READ = ("grid", "championship_place")
PARTS = {"model": "championship_order", "baseline": "grid_frequency"}


@pytest.fixture(scope="module")
def job(tmp_path_factory):
    params = Params(models={"order": ModelParams(first_season=2021)})
    job = training_job(Project(tmp_path_factory.mktemp("project")), params, NAME)
    tables = tiny_tables(seasons=3, races=4)
    save_tables(tables, job.project.tables)
    frame = joined(row_kind("race_driver").spine(tables, "pre_race"), read_groups(model("order"), READ), tables, params)
    job.project.frames.mkdir(parents=True)
    frame.to_parquet(job.project.frame(NAME), index=False)
    outcome = outcomes("order", tables, frame)
    judged = []
    for part, name in PARTS.items():
        recipe = default_recipe("order", name, frame, 0, "pre_race")
        judged.append(predict_seasons(recipe, frame, outcome, [2023]))
        FittedModel(recipe, recipe.fit(*labelled("order", frame, outcome))).save(job.target / part, judged[-1])
    save_predictions(stack(judged, family("order")), job.target, row_kind("race_driver"))
    return job


def test_a_restored_model_is_registered_once_with_a_run_that_says_so(job):
    tracker, registry = FakeTracker(), FakeRegistry()
    recorded = SimpleNamespace(hashes=lambda: {"data/tables": "0123456789abcdef.dir"})
    tools = {"tracker": tracker, "registry": registry, "versions": recorded}
    workspace = Workspace(job.project, params=job.params, **tools)
    first = registered(workspace, NAME, {"git.commit": "abc"})
    again = registered(workspace, NAME, {"git.commit": "def"})

    assert {role: version.version for role, version in again.items()} == {"baseline": 1, "model": 2}
    assert first == again
    (run,) = tracker.runs.values()
    assert (run.name, run.status) == (f"restored {NAME}", "FINISHED")
    assert first["model"].tags["git.commit"] == "abc"
    assert (
        run.tags.items() >= {"experiment_type": "hyperparameter", "dataset_version": "synthetic-0123456789ab"}.items()
    )


def test_code_committed_since_lends_its_name_to_the_same_model(job):
    tracker, registry = FakeTracker(), FakeRegistry()
    sync(job, tracker, registry, {"git.dirty": "src/a.py"})
    kept = sync(job, tracker, registry, {"git.dirty": "clean"})
    renamed = sync(job, tracker, registry, {"git.dirty": "clean"}, fresh=True)
    assert kept["model"].tags["git.dirty"] == "src/a.py"
    assert renamed["model"].tags["git.dirty"] == "clean"


def test_a_baseline_joins_the_run_of_its_trained_model(job):
    tracker, registry = FakeTracker(), FakeRegistry()
    registry.register(NAME, "trained", job.target / "model", None, {})
    versions = sync(job, tracker, registry, {})
    assert versions["baseline"].run_id == "trained"
    assert tracker.runs == {}


def test_nothing_trained_is_named(job):
    with pytest.raises(StageError, match="pitwall train order-pre_weekend"):
        sync(replace(job, name="order-pre_weekend"), FakeTracker(), FakeRegistry(), {})


def test_a_candidate_is_gathered_from_the_project_and_judged_by_every_gate(job):
    registry = FakeRegistry()
    versions = sync(job, FakeTracker(), registry, {"git.dirty": "clean", "data.stale": "clean"})
    registry.set_alias(NAME, "champion", versions["baseline"].version)
    candidate = load_candidate(job, registry, versions["model"])

    assert candidate.estimator == "championship_order"
    assert set(candidate.predictions["estimator"]) == set(PARTS.values())
    assert [group.name for group in candidate.groups] == ["championship"]
    assert candidate.champion.version == versions["baseline"].version
    race = candidate.frame[candidate.frame["race_id"] == candidate.frame["race_id"].iloc[0]]
    np.testing.assert_allclose(candidate.answer(race).sum(axis=1), 1.0, atol=1e-6)

    assert candidate.openings == 1
    assert candidate.card is None
    verdicts = judge(candidate)
    assert {verdict.gate for verdict in verdicts} == set(gates())
    assert not [verdict.reason for verdict in verdicts if "crashed" in verdict.reason]
    passed = {verdict.gate for verdict in verdicts if verdict.passed}
    assert {"clean_tree", "leak_audit"} <= passed
    assert "beats_baseline" not in passed


def test_a_version_gets_its_card_once_and_the_card_grows_with_the_decision(job):
    tracker, registry = FakeTracker(), FakeRegistry()
    version = sync(job, tracker, registry, {"git.dirty": "clean", "data.stale": "clean"})["model"]
    stores = Workspace(job.project, tracker=tracker, registry=registry, runs=tracker)
    made = ensure(job, stores, version)
    assert ensure(job, stores, version) == made

    candidate = load_candidate(job, registry, version, card_text(stores.runs, version))
    (present,) = run_gate(gates()["card_present"], candidate)
    (called,) = run_gate(gates()["signature"], candidate)
    assert (present.passed, called.passed) == (True, True)

    judged = complete(job, stores, version, [present, called], "promoted")
    assert current(job, stores, version) == judged
    assert "Verdicts: 2, refused: 0. promoted" in to_markdown(judged)
    assert (job.project.reports / "cards" / NAME / "card.html").is_file()

    with stores.history.locked():  # as a promotion leaves it that is killed before it completes the card
        content = {"model": NAME, "version": version.version, "by": "policy:auto", "why": "slices", "previous": None}
        stores.history.append("refused", {**content, "verdicts": [replace(called, passed=False).row()]})
    assert "Verdicts: 1, refused: 1. slices" in to_markdown(current(job, stores, version))
