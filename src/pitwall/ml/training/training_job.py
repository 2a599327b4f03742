"""What one training works on: its names, its parameters, and the frame and tables that it reads from the project."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from pitwall.domain.errors import StageError
from pitwall.domain.params import ModelParams, Params
from pitwall.domain.project import Project
from pitwall.domain.refs import FrameRef, file_md5
from pitwall.ml.models import Model, model
from pitwall.ml.models.machinery.frames import frame_path
from pitwall.ml.models.machinery.names import model_names, resolve_model, settings_of
from pitwall.ml.templates import answered_by

if TYPE_CHECKING:
    from pitwall.domain.tables import Tables


@dataclass(frozen=True)
class TrainingJob:
    """Train `model` at `stage`; `name` is `<model>-<stage>`, the registered name, e.g. order-pre_race."""

    name: str
    model: str
    stage: str
    project: Project
    params: Params

    @property
    def definition(self) -> Model:
        """What the model is: its family, its rows, its features."""
        return model(self.model)

    @property
    def validation_metric(self) -> str:
        """The name of the loss that trials are scored by, as in MLflow."""
        return f"validation_{self.definition.answers.tuned_by}"

    @property
    def settings(self) -> ModelParams:
        """The model's section of params.yaml, else its defaults."""
        return settings_of(self.model, self.params)

    @property
    def experiment(self) -> str:
        """The MLflow experiment: that of the model, for a user's own that of its target."""
        return f"pitwall-{self.definition.spec.get('target', self.model)}"

    @property
    def opened_as(self) -> str:
        """The name under which a look at held-out seasons is counted: users' models of one question share theirs."""
        spec = self.definition.spec
        return f"bench-{spec['target']}-{self.stage}" if spec else self.name

    @property
    def work(self) -> Path:
        """Where a training collects its files until they are published in one move."""
        return self.project.state / "work" / self.name

    @property
    def target(self) -> Path:
        """Where the published model lies: `model/`, `baseline/` and `predictions.parquet`."""
        return self.project.model(self.name)

    @property
    def listed(self) -> bool:
        """Whether params.yaml lists the model at this stage, so that DVC makes its frame and trains it."""
        return self.name in model_names(self.params)

    @property
    def frame_path(self) -> Path:
        """Where its point-in-time frame lies, or will lie."""
        return frame_path(self.project, self.params, self.name)

    @property
    def made_frame(self) -> Path:
        """The file of its frame.

        Raises:
            StageError: it was not made yet; says which command makes it.
        """
        if not self.frame_path.is_file():
            command = "dvc repro frames" if self.listed else f"pitwall train {self.name}"
            raise StageError(f"no frame at {self.frame_path}; make it with `{command}`.")
        return self.frame_path

    def tables(self) -> Tables:
        """Read the tables that labels come from."""
        from pitwall.domain.tables import load_tables

        asked = {table for template in answered_by(self.model) for table in template.tables}
        return load_tables(self.project.tables, sorted({"races", "results", "drivers", "constructors", *asked}))

    def frame(self) -> pd.DataFrame:
        """Read the point-in-time frame, seasons from the model's first one on.

        Raises:
            StageError: there is no frame; says which command makes it.
        """
        frame = pd.read_parquet(self.made_frame)
        return frame[frame["season"] >= self.settings.first_season].reset_index(drop=True)

    def frame_ref(self) -> FrameRef:
        """Return the reference of the frame: path below the project root, md5 as DVC shows it, rows, columns."""
        path = self.made_frame
        frame = pd.read_parquet(path)
        where = path.relative_to(self.project.root).as_posix()
        return FrameRef(self.name, where, file_md5(path), len(frame), tuple(map(str, frame.columns)))


def training_job(project: Project, params: Params, name: str) -> TrainingJob:
    """Return the job of a registered name `<model>-<stage>`, or of a template that such a model answers.

    Raises:
        UnknownName: there is no such model; offers the nearest known name.
    """
    resolved = resolve_model(name, params)
    of, stage = resolved.rsplit("-", 1)
    return TrainingJob(resolved, of, stage, project, params.of_model(settings_of(of, params)))
