"""A project in which models were trained by the real workflow, with stores in memory and a history on disk: what pages of runs show."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from pitwall.adapters.promotion_history import PromotionHistory
from pitwall.domain.params import PromotionParams, load_params
from pitwall.domain.project import Project
from pitwall.domain.refs import Promotion
from pitwall.domain.tables import save_tables
from pitwall.ml.registry.approvals import Approval
from pitwall.ml.registry.promotion import ensure_champion, promote
from pitwall.testing.fakes.ports import FakeRegistry
from pitwall.testing.fakes.run_store import FakeTracker
from pitwall.testing.fakes.versions import passed
from pitwall.testing.worlds.frames import order_frame
from pitwall.testing.worlds.tiny import tiny_tables
from pitwall.workflows.judge import registered
from pitwall.workflows.train import train
from pitwall.workflows.workspace import Workspace

NAME = "order-pre_race"
PARAMS = """\
models: {order: {estimator: plackett_luce_trees, stages: [pre_race]}}
tuning: {trials: 2, startup_trials: 1, pruner_warmup_rounds: 5}
training: {held_out_seasons: 2, validation_seasons: 1}
gates: {bootstrap_draws: 100}
"""


class TrainedWorld:
    """A tiny project; its order model is version 1, the baseline version 2.

    Args:
        root: of the project, an empty folder.
    """

    def __init__(self, root: Path) -> None:
        self.project, self.tracker, self.registry = Project(root), FakeTracker(), FakeRegistry()
        tables = tiny_tables(seasons=5, races=4, cars=6, upcoming=1)
        save_tables(tables, self.project.tables)
        for name, text in (("params.yaml", PARAMS), ("dvc.yaml", "stages: {}\n")):
            (root / name).write_text(text, encoding="utf-8")
        self.project.frames.mkdir(parents=True)
        order_frame(tables).to_parquet(self.project.frame(NAME), index=False, coerce_timestamps="us")
        self.history = PromotionHistory(self.project, self.registry)
        clean: Any = SimpleNamespace(stale=lambda _: [], hashes=dict, outputs=dict)
        self.workspace = Workspace(
            self.project,
            params=load_params(self.project.params),
            tracker=self.tracker,
            runs=self.tracker,
            registry=self.registry,
            history=self.history,
            versions=clean,
        )
        self.run = train(self.workspace, NAME).run_id

    def crown(self) -> Promotion:
        """Make the baseline champion, and then the model, as if all gates had passed."""
        made = registered(self.workspace, NAME, {})
        ensure_champion(self.registry, self.history, made["baseline"])
        policy, approval = PromotionParams(), Approval((), "")
        return promote(
            self.registry, self.history, made["model"], made["baseline"], passed(), policy=policy, approval=approval
        )
