"""Find the project root and name the places in it; the only module that knows the folder layout."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from pitwall.domain.errors import ProjectNotFound, ProjectOutdated
from pitwall.domain.renames import renames

MARKERS = ("dvc.yaml", "params.yaml")
CODE = ".pitwall/code.json"
ACCOUNTS = "pitwall.db"


@dataclass(frozen=True)
class Project:
    """The folders of one Pitwall project.

    Example:
        >>> Project(Path("/somewhere")).frame("order-pre_race").as_posix()
        '/somewhere/data/frames/order-pre_race.parquet'
    """

    root: Path

    @property
    def params(self) -> Path:
        """The one file with every number that changes a result."""
        return self.root / "params.yaml"

    @property
    def settings(self) -> Path:
        """What is particular to this machine; not in git."""
        return self.root / "settings.local.yaml"

    @property
    def dvc_lock(self) -> Path:
        """What DVC recorded of the last reproduction."""
        return self.root / "dvc.lock"

    @property
    def raw(self) -> Path:
        """Append-only snapshots, one folder per source."""
        return self.root / "data" / "raw"

    @property
    def tables(self) -> Path:
        """Canonical tables and the quarantine."""
        return self.root / "data" / "tables"

    @property
    def features(self) -> Path:
        """One parquet file per feature group."""
        return self.root / "data" / "features"

    @property
    def frames(self) -> Path:
        """Point-in-time frames, one per spine and stage."""
        return self.root / "data" / "frames"

    @property
    def truth(self) -> Path:
        """True chances of a synthetic world's races; no stage reads them."""
        return self.root / "data" / "truth"

    @property
    def models(self) -> Path:
        """Trained models by registered name."""
        return self.root / "models"

    @property
    def reports(self) -> Path:
        """Metrics, backtests, pictures and forecasts."""
        return self.root / "reports"

    @property
    def mlruns(self) -> Path:
        """MLflow's database and artifacts."""
        return self.root / "mlruns"

    @property
    def model_notes(self) -> Path:
        """Notes on models that the pipeline does not know."""
        return self.root / "mlruns" / "model_notes"

    @property
    def serving(self) -> Path:
        """What a server answers from: champions, feature vectors, forecasts, written by promotion and forecasts."""
        return self.root / "serving"

    @property
    def feature_repo(self) -> Path:
        """Feast's repository; its registry and online store live in `.store` below it."""
        return self.root / "feature_repo"

    @property
    def state(self) -> Path:
        """Local state that is nobody's data: locks, histories, logs."""
        return self.root / ".pitwall"

    @property
    def alerts(self) -> Path:
        """Every alert, one a line, with what became of it."""
        return self.state / "alerts.jsonl"

    @property
    def accounts(self) -> Path:
        """Owners, tokens, tiers and quotas of the API, where the settings name no other database."""
        return self.state / ACCOUNTS

    @property
    def code(self) -> Path:
        """What the installed package is, where DVC's stages depend on it and not on a `src` of the project's own."""
        return self.root / CODE

    @property
    def runs_installed_code(self) -> bool:
        """Whether the project was made from the wheel: its dvc.yaml names the installed package as its code."""
        stages = self.root / "dvc.yaml"
        return stages.is_file() and CODE in stages.read_text(encoding="utf-8")

    def frame(self, name: str) -> Path:
        """Return the frame file of `<spine>-<stage>`."""
        return self.frames / f"{name}.parquet"

    def unlisted_frame(self, name: str) -> Path:
        """Return the frame file of a model that params.yaml does not list: DVC keeps none of it."""
        return self.state / "frames" / f"{name}.parquet"

    def model(self, name: str) -> Path:
        """Return the folder of `<model>-<stage>`."""
        return self.models / name


def find_project(start: Path | None = None, *, of_any_version: bool = False) -> Project:
    """Return the project of `$PITWALL_HOME`, else of the nearest folder with dvc.yaml and params.yaml.

    Args:
        start: where to look from; default: the working directory.
        of_any_version: also one whose state an earlier version kept, for what brings it along.

    Raises:
        ProjectNotFound: neither exists; the message says where was looked.
        ProjectOutdated: an earlier version kept its state here, which this one would overlook: a ledger that seems to be
            empty counts wrong.
    """
    home = os.environ.get("PITWALL_HOME")
    start = (Path(home) if home else start or Path.cwd()).resolve()
    for folder in [start] if home else [start, *start.parents]:
        if all((folder / marker).is_file() for marker in MARKERS):
            return _checked(Project(folder), of_any_version)
    where = "$PITWALL_HOME" if home else "this folder or one above it"
    raise ProjectNotFound(
        f"no Pitwall project: {where} ({start}) holds no {' and '.join(MARKERS)}. "
        "Change into a project, set PITWALL_HOME to one, or make one: pitwall init FOLDER."
    )


def _checked(project: Project, of_any_version: bool) -> Project:
    old = [] if of_any_version else [name for name in sorted(renames().files) if (project.root / name).exists()]
    if old:
        raise ProjectOutdated(old)
    return project
