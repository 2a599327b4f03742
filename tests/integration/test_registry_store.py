"""The registry's aliases and the history's heads on MLflow's own database; two promotions at once, in two processes."""

from __future__ import annotations

import multiprocessing

import pytest

from pitwall.adapters.mlflow.registry import MlflowRegistry
from pitwall.adapters.mlflow.store import open_store
from pitwall.adapters.promotion_history import PromotionHistory
from pitwall.domain.errors import PromotionRefused
from pitwall.domain.params import PromotionParams
from pitwall.domain.project import Project
from pitwall.ml.registry.moves import move
from pitwall.ml.registry.outside import outside_moves
from pitwall.ml.registry.promotion import ensure_champion, promote
from pitwall.testing.fakes.versions import NAME, passed

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A store with a baseline and three models that have no files: nothing here asks for them."""
    project = Project(tmp_path_factory.mktemp("store"))
    client = open_store(project)
    client.create_registered_model(NAME)
    for number in range(4):
        role = "model" if number else "baseline"
        client.create_model_version(NAME, source=f"{project.root.as_uri()}/model{number}", tags={"role": role})
    return project


@pytest.fixture
def registry(project):
    return MlflowRegistry(project)


def test_versions_aliases_and_tags_are_what_was_set(registry):
    assert registry.models() == [NAME]
    assert [(entry.version, entry.tags["role"]) for entry in registry.versions(NAME)][:2] == [
        (1, "baseline"),
        (2, "model"),
    ]
    assert registry.versions(NAME)[0].created.endswith("+00:00")
    registry.set_alias(NAME, "staging", 4)
    registry.drop_alias(NAME, "staging")
    registry.drop_alias(NAME, "staging")
    assert registry.aliases(NAME) == {}
    registry.tag_model(NAME, {"pitwall.history_next": ""})
    assert registry.model_tags(NAME) == {"pitwall.history_next": ""}
    assert (registry.aliases("nobody"), registry.model_tags("nobody"), registry.versions("nobody")) == ({}, {}, [])


def test_two_promotions_at_once_in_two_processes_one_wins_and_the_other_is_told(project, registry):
    history = PromotionHistory(project, registry)
    ensure_champion(registry, history, registry.get(NAME, 1))
    context = multiprocessing.get_context("fork")
    answers, start = context.Queue(), context.Barrier(2)
    racers = [context.Process(target=_race, args=(project, version, start, answers)) for version in (2, 3)]
    for racer in racers:
        racer.start()
    said = dict(answers.get(timeout=120) for _ in racers)
    for racer in racers:
        racer.join(timeout=60)

    winner = registry.aliases(NAME)["champion"]
    loser = {2: 3, 3: 2}[winner]
    assert said[winner] == "promoted"
    assert f"compared with version 1, but version {winner} became champion meanwhile" in said[loser]
    assert [row["kind"] for row in history.rows()] == ["baseline", "promoted", "refused"]
    assert history.verify() == outside_moves(registry, history) == []
    last = history.rows()[-1]
    assert registry.model_tags(NAME)["pitwall.history_head"] == f"{last['seq']} {last['hash']}"

    move(registry, history, registry.get(NAME, 4), "challenger", by="Ada", note="on real aliases")
    move(registry, history, registry.get(NAME, 4), "archived", by="Ada", note="and back")
    assert registry.aliases(NAME) == {"champion": winner, "previous": 1}
    assert registry.get(NAME, 4).tags["pitwall.stage"] == "archived"

    registry.set_alias(NAME, "champion", loser)
    assert [each.reason for each in outside_moves(registry, history)] == [
        f"the champion of {NAME} is version {loser}, by the history version {winner}: moved outside of Pitwall"
    ]


def _race(project, version, start, answers):
    registry = MlflowRegistry(project)
    history = PromotionHistory(project, registry)
    candidate, baseline = registry.get(NAME, version), registry.get(NAME, 1)
    start.wait(timeout=60)
    try:
        promote(registry, history, candidate, baseline, passed(), policy=PromotionParams(), expected=1)
        answers.put((version, "promoted"))
    except PromotionRefused as refused:
        answers.put((version, str(refused)))
