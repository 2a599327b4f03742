"""The kinds of plug-ins: by which constant a file says what it is, where an installed package offers it, which steps run it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """One kind of plug-in.

    Attributes:
        constant: that a plug-in's module defines.
        group: of entry points, by which an installed package offers one.
        steps: of dvc.yaml whose results depend on such a plug-in.
    """

    constant: str
    group: str
    steps: tuple[str, ...]


_MODELS = ("frames", "train", "evaluate")
KINDS: dict[str, Kind] = {
    kind.constant: kind
    for kind in (
        Kind("SOURCE", "pitwall.sources", ("ingest", "tables")),
        Kind("GROUP", "pitwall.features", ("features", "frames")),
        Kind("ROWS", "pitwall.rows", _MODELS),
        Kind("FAMILY", "pitwall.families", _MODELS),
        Kind("MODEL", "pitwall.models", _MODELS),
        Kind("TEMPLATE", "pitwall.templates", ("train", "evaluate")),
        Kind("ESTIMATOR", "pitwall.estimators", ("train", "evaluate")),
        Kind("GATE", "pitwall.gates", ()),
        Kind("CHECK", "pitwall.audit", ()),
        Kind("FEED", "pitwall.feeds", ()),
    )
}
