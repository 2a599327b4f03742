"""A project of the version before, made by that version's own code, is brought along and does all that it did."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from pitwall import wiring
from pitwall.cli._app import app
from pitwall.domain.errors import ProjectOutdated
from pitwall.domain.project import Project
from pitwall.domain.renames import forecast_row, renames
from pitwall.ml.evaluation import holdout_log
from pitwall.ml.families.predictions import load_predictions
from pitwall.testing.worlds.project import PARTS, TINY, TinyProject

pytestmark = [pytest.mark.slow, pytest.mark.release]

CHECKOUT = Path(__file__).resolve().parents[2]
SCRIPT = Path(__file__).with_name("older_project.py")
NAME = "order-pre_race"
OWN = "params.yaml"  # the user's, not the version's


class Older:
    """A project that the version before made, with the code of this one in it."""

    def __init__(self, tiny: TinyProject) -> None:
        self.tiny, self.project = tiny, Project(tiny.root)
        self.told: dict[str, Any] = json.loads((tiny.root / "told.json").read_text())

    def pitwall(self, *arguments: str) -> Result:
        """Run the command line in this process."""
        return CliRunner().invoke(app, list(arguments))

    def answer(self, *arguments: str) -> Any:
        """Return the JSON that a command answers."""
        target = self.tiny.root / "answer.json"
        done = self.pitwall(*arguments, "--json", str(target))
        assert done.exception is None, (done.output, done.exception)
        return json.loads(target.read_text())

    def files(self) -> dict[str, tuple[int, int]]:
        """Return every file of the project's state with its size and time."""
        tops = (self.project.mlruns, self.project.state, self.project.dvc_lock, self.project.params)
        found = [path for top in tops for path in ([top] if top.is_file() else sorted(top.rglob("*")))]
        kept = [path for path in found if path.is_file() and not path.name.endswith((".lock", "-wal", "-shm"))]
        return {str(path): (path.stat().st_size, path.stat().st_mtime_ns) for path in kept}


@pytest.fixture(scope="module")
def older(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Older]:
    tiny = TinyProject(tmp_path_factory.mktemp("older") / "project")
    _clone(renames().before, tiny)
    tiny.set(TINY)
    tiny.commit()
    tiny.run(sys.executable, str(SCRIPT), "data")
    tiny.dvc("commit", "--force", "ingest", "tables", "features", "frames")
    tiny.dvc("push", "--quiet", "tables", "frames")
    tiny.run(sys.executable, str(SCRIPT), "model")
    tiny.dvc("commit", "--force", "train", "evaluate")
    assert "up to date" in tiny.dvc("status").stdout
    _bring_code(tiny)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PITWALL_HOME", str(tiny.root))
        yield Older(tiny)


def _clone(commit: str, tiny: TinyProject) -> None:
    asked = ["git", "cat-file", "-e", f"{commit}^{{commit}}"]
    if subprocess.run(asked, cwd=CHECKOUT, capture_output=True, check=False).returncode:
        lacking = (
            f"this clone lacks commit {commit[:12]}, the version before; a shallow one does: `git fetch --unshallow`"
        )
        pytest.skip(lacking)
    clone = ["git", "clone", "--quiet", "--shared", "--no-checkout", str(CHECKOUT), str(tiny.root)]
    subprocess.run(clone, check=True, capture_output=True)
    tiny.run("git", "checkout", "--quiet", "--detach", commit)


def _bring_code(tiny: TinyProject) -> None:
    """Put the code at hand, uncommitted changes included, where the version before was: what `git pull` does."""
    for part in (part for part in PARTS if part != OWN):
        source, target = CHECKOUT / part, tiny.root / part
        if source.is_dir():
            kept = target / ".store"  # of Feast: state, not code
            aside = shutil.move(kept, tiny.root / ".store") if kept.is_dir() else None
            shutil.rmtree(target, ignore_errors=True)
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", ".store"))
            if aside:
                shutil.move(aside, kept)
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)
    tiny.train_listed()
    tiny.commit()


@pytest.fixture(scope="module")
def upgraded(older: Older) -> Older:
    """The project after `pitwall upgrade`; what it says before and after is checked on the way."""
    refused = older.pitwall("registry", "verify")
    assert isinstance(refused.exception, ProjectOutdated)
    assert "mlruns/openings.jsonl" in str(refused.exception)
    assert "pitwall upgrade" in str(refused.exception)

    before, store = older.files(), (older.project.mlruns / "mlflow.db").read_bytes()
    planned = older.answer("upgrade", "--dry-run")
    assert older.files() == before
    assert (older.project.mlruns / "mlflow.db").read_bytes() == store
    assert older.answer("upgrade") == {**planned, "dry_run": False}

    told = {step["name"]: step["done"] for step in planned["steps"]}
    assert told["params.yaml"] == []
    assert len(told["run store"]) == 1
    assert len(told["state"]) == len(renames().files)
    assert told["data"] == [
        "taken over, nothing to make again: evaluate, frames, ingest@synthetic, train@order-pre_race",
        # there is one more table now, and there are more groups
        "left to `dvc repro`, as more than the code has changed: features, tables",
    ]
    older.tiny.dvc("repro")
    again = older.answer("upgrade")
    assert not any(step["done"] for step in again["steps"])
    return older


def test_nothing_is_stale_and_nothing_is_left_under_an_old_name(upgraded: Older) -> None:
    assert "up to date" in upgraded.tiny.dvc("status").stdout
    assert not [old for old in renames().files if (upgraded.project.root / old).exists()]
    assert wiring.runs(upgraded.project).read(upgraded.told["run"]).tags["pitwall.started_by"] == "direct"
    predictions = load_predictions(upgraded.project.model(NAME))
    assert "model" not in predictions.columns
    own = predictions[predictions["role"] == "model"]
    assert holdout_log.count(upgraded.project, NAME, own) == 1


def test_the_history_is_whole_and_its_verdicts_have_the_names_of_today(upgraded: Older) -> None:
    assert upgraded.answer("registry", "verify")["breaks"] == []
    shown = upgraded.answer("registry", "show", f"{NAME}@champion")
    assert "holdout_reuse" in {verdict["gate"] for verdict in shown["verdicts"]}
    assert not {verdict["gate"] for verdict in shown["verdicts"]} & set(renames().gates)
    listed = upgraded.answer("registry", "list", NAME)
    champions = [version for version in listed["versions"] if version["stage"] == "champion"]
    assert [version["version"] for version in champions] == [upgraded.told["version"]]
    approved = upgraded.answer("registry", "approve", NAME, "--by", "Ada", "--note", "ok", "--version", "champion")
    assert approved["by"] == "Ada"
    assert upgraded.answer("registry", "verify")["breaks"] == []


def test_the_stored_version_answers_as_the_version_before_did_bit_by_bit(upgraded: Older) -> None:
    registry = wiring.registry(upgraded.project)
    champion = registry.alias(NAME, "champion")
    assert champion is not None
    assert champion.content == upgraded.told["content"]
    with pytest.warns(DeprecationWarning, match=r"pitwall\.ml\.order is called"):
        interface = registry.interface(NAME, champion.version)
    said = np.asarray(interface.predict(interface.example))
    before = np.load(upgraded.tiny.root / "answer.npy")
    assert said.shape == before.shape
    assert (said.view(np.int64) == before.view(np.int64)).all()


def test_forecast_card_and_lineage_go_on(upgraded: Older) -> None:
    earlier = json.loads((upgraded.project.reports / "forecasts" / upgraded.told["forecast"]).read_text())
    made = upgraded.answer("forecast")
    for name in ("race", "model", "version", "stage", "cutoff", "estimator", "baseline"):
        assert made[name] == earlier[name], name
    new = renames().parts["forecasts"]
    rows = [{field: value for field, value in row.items() if field not in new} for row in made["rows"]]
    assert rows == [forecast_row(row) for row in earlier["rows"]]
    card = upgraded.answer("card", f"{NAME}@champion")
    assert (card["content"], "holdout_reuse" in json.dumps(card)) == (upgraded.told["content"], True)
    reached = upgraded.pitwall("lineage", f"{NAME}@champion").output
    assert "answered: forecast of" in reached
    assert "was served: vectors of" in reached
    assert upgraded.answer("features", "skew")["differing"] == 0


def test_a_version_of_the_version_before_is_repeated_bit_by_bit(upgraded: Older) -> None:
    assert upgraded.answer("reproduce", f"{NAME}@champion")["verdict"] == "bit-equal"
