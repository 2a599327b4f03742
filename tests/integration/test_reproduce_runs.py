"""Repetitions of a real training: bit-equal as it was, and planted changes of data, code, parameters and packages are named."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from pitwall.adapters.scratch import ScratchProject
from pitwall.domain.errors import NotRepeatable
from pitwall.domain.project import Project
from pitwall.domain.refs import file_md5
from pitwall.testing.worlds.project import TinyProject
from pitwall.tracking.reproduce import Original, Reproduction, Request, reproduce
from pitwall.tracking.reproduce.request import find_subject
from pitwall.workflows import runs as workflow
from pitwall.workflows.workspace import Workspace

pytestmark = pytest.mark.slow

MODEL = "order-pre_race"


class House:
    """The tiny project after a training whose data were sent to DVC's remote."""

    def __init__(self, tiny: TinyProject) -> None:
        self.tiny, self.project = tiny, Project(tiny.root)
        tools = Workspace(self.project)
        self.runs, self.registry = tools.runs, tools.registry

    @property
    def subject(self) -> Original:
        version = self.registry.versions(MODEL)[0]
        return find_subject(version.run_id[:10], self.runs, self.registry, lambda _: version)

    def repeat(self, request: Request) -> Reproduction:
        scratch = ScratchProject(self.project, self.subject.run_id)
        try:
            stores = {"runs": self.runs, "registry": self.registry}
            return reproduce(self.project, self.subject, request, scratch=scratch, **stores)  # type: ignore[arg-type]
        finally:
            scratch.remove()

    def state(self) -> tuple[str, list[str], str]:
        """What a repetition must leave alone: git's view, the runs, the trained model."""
        status = self.tiny.run("git", "status", "--porcelain").stdout
        model = self.project.model(MODEL)
        times = [f"{path}{path.stat().st_mtime_ns}" for path in sorted(model.rglob("*"))]
        return status, [record.run_id for record in self.runs.all()], "".join(times)


@pytest.fixture(scope="module")
def house(tiny_project: TinyProject) -> House:
    Workspace(Project(tiny_project.root)).versions.push(["ingest", "tables", "frames"])
    return House(tiny_project)


@pytest.fixture
def other_numpy(house: House) -> Iterator[str]:
    """Plant another version of a package in the run's manifest."""
    path = next(house.project.mlruns.rglob(f"{house.subject.run_id}/artifacts/manifest/manifest.json"))
    before = path.read_text()
    content = json.loads(before)
    content["environment"]["versions"]["numpy"] = "0.0.1"
    path.write_text(json.dumps(content))
    yield "numpy"
    path.write_text(before)


def test_a_training_is_repeated_to_the_bit_and_another_package_is_named(house: House, other_numpy: str) -> None:
    before = house.state()
    done = house.repeat(Request())
    assert (done.verdict, house.state()) == ("bit-equal", before)
    assert [warning.split()[0] for warning in done.warnings] == [other_numpy]
    assert [str(cause).split(" was ")[0] for cause in done.causes] == [f"environment: versions.{other_numpy}"]


def test_other_parameters_and_another_seed_are_the_causes_in_this_order(house: House) -> None:
    done = house.repeat(Request(settings={"models.order.estimator": "conditional_logit", "seed": "8"}))
    assert (
        done.verdict == "different: first cause config: params.models.order.estimator was stack, is conditional_logit"
    )
    assert [str(cause) for cause in done.causes[:2]][1] == "seeds: seed was 7, is 8"
    assert {cause.section for cause in done.causes} == {"config", "seeds"}


def test_other_code_is_the_cause(house: House, tmp_path: Path) -> None:
    other = TinyProject(tmp_path / "other")
    house.tiny.run("git", "clone", "--quiet", ".", str(other.root))
    path = other.root / "src" / "pitwall" / "ml" / "estimators" / "order" / "_few_features.py"
    path.write_text(path.read_text().replace("GAP_SCALE_PCT * np.log1p", "2 * np.log1p"))
    other.commit()
    commit = other.run("git", "rev-parse", "HEAD").stdout.strip()
    house.tiny.run("git", "fetch", "--quiet", str(other.root), "HEAD")
    done = house.repeat(Request(revision=commit))
    assert done.verdict.startswith("different: first cause code: commit was ")
    assert commit in str(done.causes[0])


def test_a_byte_changed_in_the_remote_is_the_cause_and_a_lost_object_is_missing(house: House) -> None:
    frames = house.tiny.root / "data" / "frames" / f"{MODEL}.parquet"
    md5 = file_md5(frames)
    stored = house.tiny.root / ".dvcstore" / "files" / "md5" / md5[:2] / md5[2:]
    content = stored.read_bytes()
    stored.chmod(0o644)
    try:
        stored.write_bytes(content[:1000] + bytes([content[1000] ^ 1]) + content[1001:])
        done = house.repeat(Request())
        assert done.verdict.startswith(f"different: first cause data: data/frames/{MODEL}.parquet in DVC's remote")
        stored.unlink()
        with pytest.raises(NotRepeatable, match="remote does not hold data/frames: "):
            house.repeat(Request())
    finally:
        stored.write_bytes(content)
        stored.chmod(0o444)


def test_lineage_reaches_from_the_snapshot_to_the_version(house: House) -> None:
    graph = workflow.lineage(Workspace(house.project))
    [snapshot] = [path.name for path in (house.project.raw / "synthetic").glob("[0-9]*")]
    reached = {node.id for node in graph.reach(graph.find(snapshot).id, "to")}
    assert {f"version:{MODEL}/1", f"run:{house.subject.run_id}"} <= reached
    assert {node.kind for node in graph.reach(f"version:{MODEL}/1", "from")} >= {"commit", "frame", "output", "run"}
