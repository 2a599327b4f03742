"""The five layers of a machine-learning system, as one table: `pitwall doctor` examines it, the diagrams are drawn from it.

The layers and their parts are the customary ones. A part that Pitwall does not have yet stands here too, with what there is instead:
nobody should have to find out by looking for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

NONE_YET = "none yet"


@dataclass(frozen=True)
class Part:
    """One part of a layer.

    Attributes:
        name: as in the doctor's table.
        component: what it is in the field's words; several where one tool does them.
        tool: what does it here, `none yet` where nothing does.
        instead: of a part that is not built, what there is today.
        do: of a part that is not built, what to use meanwhile.
    """

    name: str
    component: str
    tool: str
    instead: str = ""
    do: str = ""

    @property
    def built(self) -> bool:
        """Return whether there is anything to examine."""
        return self.tool != NONE_YET


@dataclass(frozen=True)
class StackLayer:
    """One of the five layers: what it is for, and its parts."""

    name: str
    purpose: str
    parts: tuple[Part, ...]


STACK = (
    StackLayer(
        "Data",
        "consistent, reproducible features",
        (
            Part("data", "data versioning", "DVC"),
            Part("tables", "data validation", "Pandera"),
            Part("features", "feature store", "Feast"),
            Part("orchestration", "pipelines", "Prefect"),
        ),
    ),
    StackLayer(
        "Training",
        "what was tried, and the same result again",
        (
            Part("run store", "experiment tracking", "MLflow"),
            Part("search", "hyperparameter search", "Optuna"),
            Part("configuration", "configuration", "params.yaml"),
            Part("training", "trained models", "MLflow"),
            Part("notebooks", "notebook import", "Linux namespaces"),
        ),
    ),
    StackLayer(
        "Model",
        "versions, and which one answers",
        (
            Part("registry", "model registry, versions, stages", "MLflow"),
            Part("artifacts", "artifact store", "MLflow"),
        ),
    ),
    StackLayer(
        "Serving",
        "predictions for those who ask",
        (
            Part("forecasts", "stored forecasts", "files"),
            Part("model server", "model server, API gateway", "FastAPI"),
            Part("load", "caching, load balancing", "uvicorn, cachetools"),
        ),
    ),
    StackLayer(
        "Monitoring",
        "whether it still works",
        (
            Part("logs", "logging", "files"),
            Part("drift", "drift detection", "e-values, PSI"),
            Part("alerts", "alerts", "console, SMTP, webhook, Prefect"),
            Part("metrics", "metrics", "Prometheus"),
        ),
    ),
)


def parts() -> Iterator[tuple[StackLayer, Part]]:
    """Yield every part with its layer, in order."""
    for layer in STACK:
        for part in layer.parts:
            yield layer, part


def as_text() -> str:
    """Return the stack as plain text, one layer a line; what is not built stands in brackets."""
    width = max(len(layer.name) for layer in STACK)
    rows = (f"{layer.name:<{width}}  {' | '.join(map(_label, layer.parts))}\n" for layer in STACK)
    return "".join(rows)


def as_mermaid() -> str:
    """Return the stack as a Mermaid flow chart; what is not built has a dashed border."""
    lines = ["flowchart TB"]
    for layer in STACK:
        lines.append(f'  subgraph {layer.name}["{layer.name}: {layer.purpose}"]')
        lines += [f'    {_id(part)}["{part.component}<br/>{part.tool}"]{_class(part)}' for part in layer.parts]
        lines.append("  end")
    lines.append(f"  {' --> '.join(layer.name for layer in STACK)}")
    lines.append("  classDef missing stroke-dasharray: 5 5")
    return "\n".join(lines) + "\n"


def _label(part: Part) -> str:
    return f"{part.component} ({part.tool})" if part.built else f"[{part.component}: {part.tool}]"


def _id(part: Part) -> str:
    return part.name.replace(" ", "_")


def _class(part: Part) -> str:
    return "" if part.built else ":::missing"
