"""Repeating a run without any tool: verdicts, first causes in their order, and what is said to be missing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from pitwall.domain.errors import NotRepeatable, UnknownName, UsageError
from pitwall.domain.ports import RunRecord
from pitwall.domain.project import Project
from pitwall.testing import FakeRegistry
from pitwall.testing.fakes.repetition import PARAMS, FakeRuns, FakeScratch, artifacts, manifest, trained, write_model
from pitwall.tracking.reproduce import Original, Reproduction, Request, reproduce
from pitwall.tracking.reproduce.compare import compare
from pitwall.tracking.reproduce.request import find_subject
from pitwall.tracking.reproduce.settings import parse_settings

NAME, RUN = "order-pre_race", "a" * 32


class House:
    """A registry and a run store with one finished run."""

    def __init__(self, root: Path, patch: bytes = b"", changes: dict[str, Any] | None = None, name: str = NAME) -> None:
        self.root, self.runs, self.registry = root, FakeRuns(root / "runs"), FakeRegistry()
        made = manifest(changes, patch)
        folder = write_model(root / "registered")
        self.version = self.registry.register(name, RUN, folder, pd.DataFrame(), {"role": "candidate"})
        tags = {"pitwall.version": "1", "pitwall.model": name}
        self.runs.add(RunRecord(RUN, "r", "FINISHED", "pitwall-order", tags=tags), artifacts(made, patch))
        self.subject = Original(RUN, self.version)

    def repeat(self, scratch: FakeScratch, request: Request | None = None) -> Reproduction:
        return reproduce(
            Project(self.root),
            self.subject,
            request or Request(),
            runs=self.runs,
            registry=self.registry,
            scratch=scratch,
        )


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def scratch(house: House, *arguments: Any, **more: Any) -> FakeScratch:
    return FakeScratch(house.root / "scratch", trained(*arguments, **more))


def test_the_same_bytes_are_bit_equal(house: House) -> None:
    copy = scratch(house)
    done = house.repeat(copy)
    assert (done.verdict, done.causes, done.warnings) == ("bit-equal", (), ())
    assert copy.said == ["checkout " + "c" * 40, "fetch data/tables data/frames", f"train@{NAME} 1"]
    assert copy.project.params.read_text() == PARAMS


def test_raw_makes_tables_and_frames_again(house: House) -> None:
    copy = scratch(house)
    house.repeat(copy, Request(start="raw"))
    assert [line.split()[0] for line in copy.said[2:]] == ["tables", "features", "frames", f"train@{NAME}"]
    assert copy.said[1] == "fetch data/raw/synthetic"


@pytest.mark.parametrize(
    ("start", "fetched", "made"),
    [("frames", "data/tables", ["features"]), ("raw", "data/raw/synthetic", ["tables", "features"])],
)
def test_a_model_that_params_do_not_list_makes_its_frame_again(tmp_path, start, fetched, made) -> None:
    """DVC keeps no frame of it and has no stage that trains it."""
    house = House(tmp_path, name="lap_time-in_race")
    copy = scratch(house, name="lap_time-in_race")
    done = house.repeat(copy, Request(start=start))
    assert done.outcome == "bit-equal"
    assert copy.said[1:] == [f"fetch {fetched}", *(f"{stage} 1" for stage in made), "alone: lap_time-in_race 1"]


def test_a_difference_below_the_tolerance_is_stated(house: House) -> None:
    done = house.repeat(scratch(house, win=0.5 + 1e-9))
    assert done.verdict == "within tolerance (largest difference 1.0e-09, limit 1e-06)"
    assert house.root.joinpath("scratch").is_dir()


def test_what_lies_above_the_tolerance_is_different_and_unexplained_without_a_change(house: House) -> None:
    done = house.repeat(scratch(house, win=0.51))
    assert done.verdict.startswith("different: first cause nondeterminism: nothing that the manifest records differs")
    assert done.payload()["largest_difference"] == pytest.approx(0.01)


@pytest.mark.parametrize(
    ("planted", "cause"),
    [
        ({"code.commit": "d" * 40}, "code: commit was cccc"),
        ({"code.patch": "e" * 64}, "code: patch was , is eeee"),
        (
            {"data.outs.data/raw/synthetic": "r2.dir", "data.outs.data/frames": "f2.dir"},
            "data: outs.data/raw/synthetic",
        ),
        ({"config.params.tuning": {"trials": 3}}, "config: params.tuning.trials was 20, is 3"),
        ({"seeds.seed": 8, "config.params.seed": 8}, "seeds: seed was 7, is 8"),
        ({"environment.versions": {"numpy": "2.4.5"}}, "environment: versions.numpy was 2.4.6, is 2.4.5"),
    ],
)
def test_each_planted_change_is_named_as_the_cause(house: House, planted: dict[str, Any], cause: str) -> None:
    consequences = {"config.recipe": {"params": {"rounds": 1}}, "config.hash": "1", "seeds.torch": "not loaded"}
    done = house.repeat(scratch(house, {**consequences, **planted}, recipe="{1}", win=0.9))
    assert done.verdict.startswith(f"different: first cause {cause}")


def test_the_first_cause_is_the_first_in_the_order_of_the_contract(house: House) -> None:
    planted = {"environment.python": "3.11.8", "seeds.seed": 8, "data.outs.data/tables": "t2.dir"}
    sections = [cause.section for cause in house.repeat(scratch(house, planted, win=0.9)).causes]
    assert sections == ["data", "seeds", "environment"]


def test_a_changed_byte_in_the_remote_ends_before_the_training(house: House) -> None:
    copy = FakeScratch(house.root / "scratch", trained(), damaged=["data/frames/x.parquet"])
    done = house.repeat(copy)
    assert done.verdict.startswith("different: first cause data: data/frames/x.parquet in DVC's remote")
    assert not any(line.startswith("train@") for line in copy.said)


def test_another_version_of_a_package_is_said_before_the_training(tmp_path: Path) -> None:
    house = House(tmp_path, changes={"environment.versions": {"numpy": "0.0.1", "gone-package": "2"}})
    done = house.repeat(scratch(house))
    assert done.outcome == "bit-equal"
    assert [warning.split(",")[1] for warning in done.warnings] == [
        " the run was made with 2",
        " the run was made with 0.0.1",
    ]
    assert done.warnings[0].startswith("gone-package is absent here")


def test_parameters_are_changed_on_purpose_and_checked(house: House) -> None:
    copy = scratch(house)
    house.repeat(copy, Request(settings={"tuning.trials": "3", "gates.margin": "0.1"}))
    assert copy.project.params.read_text() == PARAMS.replace("20", "3") + "gates:\n  margin: 0.1\n"
    with pytest.raises(UnknownName, match="did you mean 'tuning.trials'"):
        house.repeat(FakeScratch(house.root / "other", trained()), Request(settings={"tuning.trails": "3"}))
    with pytest.raises(UsageError, match="expected KEY=VALUE"):
        parse_settings(["seed"])


def test_another_revision_goes_without_the_patch(tmp_path: Path) -> None:
    house = House(tmp_path, patch=b"diff")
    for request, said in ((Request(), f"checkout {'c' * 40} patched"), (Request(revision="v1"), "checkout v1")):
        copy = scratch(house)
        house.repeat(copy, request)
        assert copy.said[0] == said
        copy.remove()


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({"code.commit": "unknown: not a git repository"}, "its commit is unknown: not a git repository"),
        ({"code.dirty": ["src/a.py"]}, "uncommitted changes were not kept as a patch: src/a.py"),
        ({"code.patch": "f" * 64}, "its patch is gone"),
        ({"code.untracked": ["notes.md", "src/pitwall/new.py"]}, "not in its patch: src/pitwall/new.py"),
        ({"code.secrets": [{"file": "src/a.py", "line": 3}]}, "1 secret(s) were taken out of its patch: src/a.py:3"),
    ],
)
def test_what_a_repetition_lacks_is_said(tmp_path: Path, changes: dict[str, Any], missing: str) -> None:
    house = House(tmp_path, changes=changes)
    with pytest.raises(NotRepeatable) as refused:
        house.repeat(scratch(house))
    assert missing in str(refused.value)


def test_all_that_is_missing_is_listed_at_once(tmp_path: Path) -> None:
    house = House(tmp_path, changes={"code.dirty": ["src/a.py"]})
    (house.runs.folder / RUN / "manifest" / "dvc.lock").unlink()
    with pytest.raises(NotRepeatable, match="no dvc.lock.*src/a.py"):
        house.repeat(scratch(house))


def test_a_run_is_found_by_id_beginning_version_and_trial(house: House) -> None:
    trial = "b" * 32
    house.runs.add(RunRecord(trial, "trial 0", "FINISHED", "pitwall-order", parent=RUN))
    for text in (RUN, "aaa", trial, f"{NAME}/1", "race_winner@champion"):
        asked = []
        found = find_subject(
            text, house.runs, house.registry, lambda name, asked=asked: asked.append(name) or house.version
        )
        assert found == house.subject
        assert asked == ([text.replace("/", "@")] if "@" in text or "/" in text else [])
    with pytest.raises(UnknownName, match="unknown run 'zzz'"):
        find_subject("zzz", house.runs, house.registry, lambda _: house.version)


def test_a_run_that_trained_nothing_or_did_not_end_is_refused(house: House) -> None:
    house.runs.add(RunRecord("c" * 32, "x", "FAILED", "e", tags={"pitwall.model": NAME}))
    house.runs.add(
        RunRecord(
            "d" * 32,
            "x",
            "FINISHED",
            "e",
            tags={"pitwall.kind": "restored", "pitwall.version": "1", "pitwall.model": NAME},
        )
    )
    for text, why in (("ccc", "is FAILED and registered no version"), ("ddd", "trained nothing")):
        with pytest.raises(NotRepeatable, match=why):
            find_subject(text, house.runs, house.registry, lambda _: house.version)


def test_folders_are_compared_by_hash_then_file_then_prediction(tmp_path: Path) -> None:
    one, same = write_model(tmp_path / "one"), write_model(tmp_path / "same")
    assert compare(one, same).equal
    (same / "extra.json").write_text("{}")
    (same / "recipe.json").unlink()
    found = compare(one, same)
    assert not found.equal
    assert found.different == ["extra.json (new)", "recipe.json (missing)"]
    assert found.apart == 0
    other = write_model(tmp_path / "other")
    pd.DataFrame({"race_id": [1, 2], "model": "m", "place_1": [0.5, 0.5]}).to_parquet(other / "predictions.parquet")
    assert compare(one, other).apart == float("inf")


PACKAGE = {"name": "pitwall-ml", "version": "1.0", "sha256": "ab" * 32, "changed": []}


def test_a_run_by_an_installed_package_is_repeated_by_that_package(tmp_path: Path) -> None:
    changes = {"code.package": PACKAGE, "environment.versions": {"pitwall-ml": "0.0.1"}}
    house = House(tmp_path, changes=changes)
    copy = FakeScratch(house.root / "scratch", trained(changes))
    done = house.repeat(copy)
    assert copy.said[1] == f"package pitwall-ml 1.0 {'ab' * 32}"
    assert (done.verdict, done.warnings) == ("bit-equal", ())


def test_another_package_is_named_as_the_first_cause(tmp_path: Path) -> None:
    house = House(tmp_path, changes={"code.package": PACKAGE})
    other = trained({"code.package": {**PACKAGE, "version": "1.1"}}, win=0.9)
    done = house.repeat(FakeScratch(house.root / "scratch", other))
    assert done.verdict == "different: first cause code: package.version was 1.0, is 1.1"


def test_edits_of_an_installed_package_are_nowhere_kept(tmp_path: Path) -> None:
    edited = {**PACKAGE, "changed": ["pitwall/ml/a.py"]}
    house = House(tmp_path, changes={"code.package": edited, "code.dirty": ["pitwall/ml/a.py"]})
    with pytest.raises(NotRepeatable) as refused:
        house.repeat(scratch(house))
    assert refused.value.missing == (
        "files of the installed pitwall-ml 1.0 were edited, and nothing kept the edits: pitwall/ml/a.py",
    )
