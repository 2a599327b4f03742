"""A job in words: what it is, how it stands, step by step, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from pitwall.workflows.jobs.notes import Note
from pitwall.workflows.orders.order import TrainingOrder, read

State = Literal[
    "waiting", "starting", "running", "cancelling", "cancelled", "failed", "ended", "died", "over its time", "unknown"
]
OF_PREFECT: Mapping[str, State] = {
    "SCHEDULED": "waiting",
    "PENDING": "starting",
    "RUNNING": "running",
    "PAUSED": "running",
    "CANCELLING": "cancelling",
    "CANCELLED": "cancelled",
    "FAILED": "failed",
    "COMPLETED": "ended",
    "CRASHED": "died",
}
OPEN = ("waiting", "starting", "running", "cancelling", "unknown")
STEPS = {
    "order": ("rows", "tune", "judge", "refit", "audit", "compare"),
    "deploy": ("name", "register", "gate", "promote"),
    "judge": ("register", "gate", "promote"),
    "verify": ("open", "repeat"),
}
MEANING = {
    "rows": "the rows, their features as known at each cut-off, an MLflow run",
    "tune": "the parameters of the algorithm",
    "judge": "predictions of seasons that it has not seen, one after the other",
    "refit": "the model on all races",
    "audit": "does it know what nobody could?",
    "compare": "its worth beside its baselines, and what else the gates ask",
    "name": "a version under its name",
    "register": "who stands for promotion",
    "gate": "every gate judges",
    "promote": "the decision",
    "open": "the four steps of a bundle once more: directory, signature, files, loading",
    "repeat": "its model, by the code and on the data that are here, and the comparison byte for byte",
}


@dataclass(frozen=True)
class JobStep:
    """A step: its name, what it makes, its state in words (`to come` before it began), and its seconds."""

    name: str
    meaning: str
    state: str
    seconds: float


@dataclass(frozen=True)
class Job:
    """A job.

    Attributes:
        note: how it was started.
        state: in a word; `unknown` while no Prefect server answers.
        why: what the state does not say: what it waits for, why it failed, what to do.
        seconds: it has taken, or took.
        steps: those that are done, at work and to come.
        log: its last lines.
        result: of an order `draft`, `run_id` and `verdicts`; of a deployment and a judgement `model`, `version`, `promoted`, `outcome` and `verdicts`;
            of a repetition `name`, `bundle`, `outcome` and `said`.
    """

    note: Note
    state: State
    why: str = ""
    seconds: float = 0.0
    steps: tuple[JobStep, ...] = ()
    log: tuple[str, ...] = ()
    result: Mapping[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """Of its flow run."""
        return self.note.id

    @property
    def open(self) -> bool:
        """Whether something is still to happen."""
        return self.state in OPEN

    @property
    def order(self) -> TrainingOrder | None:
        """The order that it trains; None of other jobs."""
        text = self.note.parameters.get("order")
        return read(text) if text else None

    @property
    def progress(self) -> float:
        """The share of its steps that are done."""
        done = [step for step in self.steps if step.state == "done"]
        return len(done) / len(self.steps) if self.steps else 0.0
