"""The lineage graph without any tool: both directions, every kind of id, near names, pictures that need no browser."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pytest

from pitwall.adapters.promotion_history import PromotionHistory
from pitwall.domain.access.sharing import ORIGIN_TAG, Origin
from pitwall.domain.errors import UnknownName, UsageError
from pitwall.domain.ports import RunRecord
from pitwall.domain.project import Project
from pitwall.domain.records import stored_forecasts
from pitwall.domain.refs import folder_hash
from pitwall.testing import FakeRegistry
from pitwall.testing.fakes.repetition import OUTS, FakeRuns, artifacts, manifest, write_model
from pitwall.tracking.lineage import Graph, Node, collect
from pitwall.tracking.lineage.draw import as_dict, columns, write
from pitwall.tracking.lineage.tree import MANY, branches

NAME, RUN, OTHER = "order-pre_race", "a" * 32, "b" * 32
COMMIT, FLOW, FRAME = "c" * 40, "3a3e93b2-415a-4ee4", "0f" * 16
SNAPSHOT = "20260101T000000-abcdef12"


class FakeVersions:
    """What DVC says now: new tables, made of the same raw data."""

    def hashes(self) -> dict[str, str]:
        return {"data/raw/synthetic": "r1.dir", "data/tables": "t9.dir"}

    def stale(self, stages: Sequence[str]) -> list[str]:
        return list(stages)

    def reproduce(self, stages: Sequence[str], force: bool = False) -> bool:
        raise AssertionError((stages, force))

    def commit(self, stage: str) -> None:
        raise AssertionError(stage)

    def push(self, stages: Sequence[str]) -> None:
        raise AssertionError(stages)


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    """Two runs, of which the first has a manifest and a champion that answered; the second has neither."""
    root = tmp_path_factory.mktemp("house")
    project, runs, registry = Project(root), FakeRuns(root / "runs"), FakeRegistry()
    write_model(root / "model")
    tags = {"git.commit": COMMIT, "prefect.flow_run_id": FLOW, "pitwall.content": folder_hash(root / "model")}
    runs.add(RunRecord(OTHER, "older", "FINISHED", "e", tags={"git.commit": "d" * 40}, datasets=((NAME, "9" * 32),)))
    record = RunRecord(RUN, "newer", "FINISHED", "e", tags=tags, datasets=((NAME, FRAME),))
    runs.add(record, artifacts(manifest({"data.outs": OUTS})))
    version = registry.register(NAME, RUN, root / "model", pd.DataFrame(), {"role": "candidate"})
    registry.set_alias(NAME, "champion", 1)
    history = PromotionHistory(project, registry)
    with history.locked():
        move = {"model": NAME, "version": version.version, "previous": None, "by": "policy:auto", "why": "passed"}
        history.append("promoted", {**move, "stages": {"1": "champion"}})
    folder = project.reports / "forecasts"
    folder.mkdir(parents=True)
    forecast = {"model": NAME, "version": 1, "race": "2026-15", "stage": "pre_race", "made_at": "2026-09-13"}
    forecast |= {"provenance": {**tags, "frame.md5": FRAME}}
    (folder / "2026-15-pre_race-77651817bf.json").write_text(json.dumps(forecast))
    served = {"model": NAME, "version": 1, "race": "2026-15", "served_at": "2026-09-13", "cutoff": "2026-09-13"}
    (project.state / "input_log" / "202609").mkdir(parents=True)
    (project.state / "input_log" / "202609" / "2026-15-x-96acfbda9284.json").write_text(json.dumps(served))
    return collect(project, runs, registry, history, FakeVersions())


def kinds(nodes: list[Node]) -> list[str]:
    return sorted({node.kind for node in nodes})


def test_a_version_is_told_in_both_directions(graph: Graph) -> None:
    version = graph.find(f"{NAME}@champion")
    came_from, came_of_it = graph.reach(version.id, "from"), graph.reach(version.id, "to")
    assert kinds(came_from) == ["commit", "flow", "frame", "output", "run", "snapshot"]
    assert kinds(came_of_it) == ["forecast", "move", "served"]
    assert {node.label for node in came_from if node.kind == "output"} == {
        "data/raw/synthetic r1",
        "data/tables t1",
        "data/frames f1",
    }


def test_a_frame_that_dvc_does_not_keep_is_made_of_features_and_tables(tmp_path: Path) -> None:
    name, outs = "lap_time-in_race", {**OUTS, "data/features": "e1.dir"}
    runs, frame = (
        FakeRuns(tmp_path / "runs"),
        {"name": name, "path": f".pitwall/frames/{name}.parquet", "md5": FRAME, "rows": 2},
    )
    record = RunRecord(RUN, "r", "FINISHED", "e", datasets=((name, FRAME),))
    runs.add(record, artifacts(manifest({"data.outs": outs, "data.frame": {**frame, "columns": 2}})))
    project, registry = Project(tmp_path), FakeRegistry()
    graph = collect(project, runs, registry, PromotionHistory(project, registry), FakeVersions())
    came_from = {node.label for node in graph.reach(f"frame:{name}@{FRAME}", "from")}
    assert {"data/features e1", "data/tables t1"} <= came_from
    assert "data/frames f1" not in came_from


def test_a_fork_came_from_its_bundle_and_a_broken_origin_is_a_trouble(tmp_path: Path) -> None:
    runs, origin = FakeRuns(tmp_path / "runs"), Origin("fast", 2, "e" * 64, "f" * 64)
    runs.add(RunRecord(RUN, "fork", "FINISHED", "e", tags={ORIGIN_TAG: str(origin)}))
    runs.add(RunRecord(OTHER, "odd", "FINISHED", "e", tags={ORIGIN_TAG: "from somebody"}))
    project, registry = Project(tmp_path), FakeRegistry()
    graph = collect(project, runs, registry, PromotionHistory(project, registry), FakeVersions())
    (bundle,) = (node for node in graph.reach(f"run:{RUN}", "from") if node.kind == "bundle")
    assert (bundle.key, bundle.facts["signer"]) == ("e" * 64, "f" * 64)
    assert [each.id for each in graph.reach(bundle.id, "to")] == [f"run:{RUN}"]
    assert ["from somebody" in each for each in graph.troubles()] == [True]


def test_a_forecast_came_from_the_model_that_predicted_its_strategies_too(tmp_path: Path) -> None:
    project, registry = Project(tmp_path), FakeRegistry()
    write_model(tmp_path / "model")
    for name in (NAME, "pit_window-pre_race"):
        registry.register(name, RUN, tmp_path / "model", pd.DataFrame(), {})
    made = {"model": NAME, "version": 1, "race": "2026-15", "stage": "pre_race", "made_at": "2026-09-13T10:00:00+00:00"}
    made |= {"provenance": {stored_forecasts.STRATEGY: "pit_window-pre_race/1"}}
    path = stored_forecasts.folder(project) / stored_forecasts.file_name(made)
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(made))
    graph = collect(project, FakeRuns(tmp_path), registry, PromotionHistory(project, registry), FakeVersions())
    roots = {node.id for node in graph.reach(f"forecast:{path.stem}", "from")}
    assert {f"version:{NAME}/1", "version:pit_window-pre_race/1"} <= roots


def test_a_snapshot_leads_to_what_was_answered_from_it(graph: Graph) -> None:
    reached = graph.reach(graph.find(SNAPSHOT).id, "to")
    assert {"output:data/tables@t1", "output:data/tables@t9", f"run:{RUN}"} <= {node.id for node in reached}
    assert f"run:{OTHER}" not in {node.id for node in reached}
    assert "forecast" in kinds(reached)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (RUN, f"run:{RUN}"),
        ("aaaaaa", f"run:{RUN}"),
        (f"{NAME}/1", f"version:{NAME}/1"),
        (f"{NAME}@1", f"version:{NAME}/1"),
        (FRAME, f"frame:{NAME}@{FRAME}"),
        ("f1.dir", "output:data/frames@f1"),
        (f"synthetic/{SNAPSHOT}", f"snapshot:synthetic/{SNAPSHOT}"),
        (COMMIT[:12], f"commit:{COMMIT}"),
        (FLOW, f"flow:{FLOW}"),
        ("2026-15-pre_race-77651817bf", "forecast:2026-15-pre_race-77651817bf"),
        ("2026-15-x-96acf", "served:2026-15-x-96acfbda9284"),
        ("#1", "move:1"),
    ],
)
def test_any_id_is_known(graph: Graph, text: str, found: str) -> None:
    assert graph.find(text).id == found
    assert graph.knows(text)


def test_the_hash_of_a_model_folder_is_its_version(graph: Graph) -> None:
    [content] = [name for name in graph.nodes[f"version:{NAME}/1"].names if "@" not in name]
    assert graph.find(content[:12]).id == f"version:{NAME}/1"


def test_damaged_and_edited_records_are_named_and_hide_nothing(tmp_path: Path) -> None:
    project, registry = Project(tmp_path), FakeRegistry()
    write_model(tmp_path / "model")
    registry.register(NAME, RUN, tmp_path / "model", pd.DataFrame(), {"role": "candidate"})
    made = {"model": NAME, "version": 1, "race": "2026-15", "stage": "pre_race", "provenance": {}}
    made |= {"made_at": "2026-09-13T10:00:00+00:00"}
    for path, text in (
        (stored_forecasts.folder(project) / stored_forecasts.file_name(made), json.dumps({**made, "rows": [1]})),
        (stored_forecasts.folder(project) / "cut.json", '{"model": "ord'),
        (project.state / "input_log" / "202609" / "torn.json", '{"race": '),
        (project.raw / "ergast" / SNAPSHOT / "manifest.json", "{"),
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    graph = collect(project, FakeRuns(tmp_path), registry, PromotionHistory(project, registry), FakeVersions())
    snapshot, edited, cut, torn = graph.troubles()
    assert f"snapshot ergast/{SNAPSHOT} is damaged" in snapshot
    assert "was edited or renamed after it was stored" in edited
    assert cut.startswith("cut.json is damaged")
    assert torn.startswith("torn.json is damaged")
    (node,) = graph.reach(f"version:{NAME}/1", "to")
    assert node.label.startswith("forecast of 2026-15 at pre_race, made 2026-09-13T10:00:00+00:00 (was edited")
    assert node.row()["trouble"] == edited


def test_a_wrong_id_names_near_ones_and_a_short_one_what_it_may_be(graph: Graph) -> None:
    with pytest.raises(UnknownName, match=f"did you mean '{NAME}@champion'"):
        graph.find(f"{NAME}@champoin")
    with pytest.raises(UsageError, match="may be forecast:2026-15-pre_race-77651817bf or served:2026-15-x"):
        graph.find("2026-15")
    with pytest.raises(UnknownName):
        graph.find("aaa")  # too short to mean anything


def test_a_run_without_manifest_still_knows_its_frame_and_commit(graph: Graph) -> None:
    assert kinds(graph.reach(f"run:{OTHER}", "from")) == ["commit", "frame"]


def test_the_tree_opens_a_thing_once(graph: Graph) -> None:
    lines = [branch.text() for branch in branches(graph, f"run:{RUN}", "from")]
    assert lines[0] == "code of: commit cccccccccc"
    assert sum(line.startswith("made into: data/raw/synthetic") for line in lines) == 1
    assert any(line.endswith("data/tables t1 (see above)") for line in lines)


def test_many_branches_are_counted() -> None:
    wide = Graph()
    start = wide.add(Node("run", "r", "r"))
    for number in range(MANY + 3):
        wide.link(start, wide.add(Node("forecast", str(number), f"f{number}")), "answered")
    lines = [branch.text() for branch in branches(wide, start, "to")]
    assert (len(lines), lines[-1]) == (MANY + 1, "... and 3 more")


def test_columns_stand_right_of_what_they_came_from(graph: Graph) -> None:
    where = {node: x for x, column in enumerate(columns(graph)) for node in column}
    assert all(where[edge.used] < where[edge.made] for edge in graph.edges)


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("g.svg", b"<?xml"),
        ("g.png", b"\x89PNG"),
        ("g.html", b"<!doctype html>"),
        ("g.dot", b"digraph"),
        ("g.json", b"{"),
    ],
)
def test_the_graph_is_drawn_without_a_browser(graph: Graph, name: str, start: bytes, tmp_path: Path) -> None:
    part = graph.below(f"version:{NAME}/1")
    content = write(part, f"version:{NAME}/1", tmp_path / name).read_bytes()
    assert content.startswith(start)
    assert content == write(part, f"version:{NAME}/1", tmp_path / "again" / name).read_bytes()
    if name != "g.png":
        assert b"order-pre_race version 1" in content
    assert b"http://" not in content.replace(b"http://www.w3.org", b"").replace(b"http://purl.org", b"").replace(
        b"http://creativecommons.org", b""
    )


def test_an_unknown_form_is_refused(graph: Graph, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"ends with one of \.json, \.dot"):
        write(graph, f"run:{RUN}", tmp_path / "g.gif")


def test_json_holds_nodes_edges_and_both_directions(graph: Graph) -> None:
    told = as_dict(graph.below(f"version:{NAME}/1"), f"version:{NAME}/1")
    assert f"run:{RUN}" in told["came_from"]
    assert "move:1" in told["came_of_it"]
    assert {"from": f"run:{RUN}", "to": f"version:{NAME}/1", "how": "registered"} in told["edges"]
    json.dumps(told, allow_nan=False)
