"""Draw how a test stands, or stood in hindsight."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pitwall.domain.errors import UsageError
from pitwall.monitoring.sequential import Design, Look
from pitwall.report.figures.canvas import write_png
from pitwall.report.figures.over_time.e_values import e_values_figure
from pitwall.workflows.ab.design import design_of
from pitwall.workflows.ab.rehearse import Rehearsal
from pitwall.workflows.ab.status import Status, unit_of


def draw_status(found: Status, path: Path) -> Path:
    """Draw e-values and interval after each race of a test into a PNG file.

    Raises:
        UsageError: no race of it counts yet.
    """
    test = found.test
    title = f"{test.model}: version {test.challenger} beside champion version {test.champion}, {test.question}\n{found.said}"
    return _draw([race.race for race in found.counted], found.looks, design_of(test), title, test.metric, path)


def draw_rehearsal(made: Rehearsal, path: Path) -> Path:
    """Draw e-values and interval over the races of a rehearsal into a PNG file."""
    first, second = made.versions.values()
    title = f"{made.model}: version {second} beside version {first}, {made.question}, in hindsight\n{made.said}"
    return _draw([race["race"] for race in made.races], made.looks, made.design, title, made.metric, path)


def _draw(  # noqa: PLR0917  (all that a figure says)
    labels: Sequence[str], looks: Sequence[Look], design: Design, title: str, metric: str, path: Path
) -> Path:
    if not looks:
        raise UsageError("no race counts yet, so there is nothing to draw.")
    figure = e_values_figure(
        labels,
        [look.ahead for look in looks],
        [look.behind for look in looks],
        ([look.clipped for look in looks], [look.low for look in looks], [look.high for look in looks]),
        threshold=design.threshold,
        title=title,
        unit=unit_of(metric),
    )
    return write_png(figure, path)
