"""The versions of a model as bars: a picture, and a page that needs no network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pitwall.domain.errors import UnknownName
from pitwall.ml.evaluation.scoring import metric_of
from pitwall.ml.registry.version_bars import VersionBar, labels, version_bars
from pitwall.ml.templates import Template, answered_by
from pitwall.report.content.blocks import Block, Note, Picture, Table, Text
from pitwall.report.content.document import Document, Section
from pitwall.report.content.intervals import interval
from pitwall.report.figures.canvas import png, write_png
from pitwall.report.figures.interactive import embed
from pitwall.report.figures.runs.versions import BASELINE, CHAMPION, OTHER, Rows, versions_figure, versions_plot
from pitwall.report.html import write_html
from pitwall.workflows.workspace import Workspace

FOLDER, NAME = "versions", "versions"
HOW = "Each bar is the mean of a question's main loss over the races that a version was judged on, with its interval, whole races resampled; lower is better."
PAIRED = (
    "Intervals that overlap say little about two versions that were judged on the same races: `pitwall registry compare` pairs them race by "
    "race and names the better one where it can."
)
OTHER_RACES = "Not all versions were judged on as many races ({counts}), so not all bars are of the same races."


@dataclass(frozen=True)
class VersionsPlotted:
    """The files, and the versions that they show, oldest first."""

    files: tuple[Path, ...]
    bars: tuple[VersionBar, ...]


def plot_versions(workspace: Workspace, name: str, *, last: int, folder: Path | None = None) -> VersionsPlotted:
    """Draw the newest versions of a model, and the champion if it is none of them.

    Args:
        workspace: of the project.
        name: a model, or a template that it answers.
        last: how many of the newest.
        folder: for the files; `reports/versions/<model>` when None.

    Raises:
        UnknownName: the model has no version yet.
    """
    job = workspace.job(name)
    bars = version_bars(job, workspace.registry, last)
    if not bars:
        raise UnknownName("registered model", job.name, workspace.registry.models())
    questions = answered_by(job.model)
    rows, title = _rows(bars, questions), f"{job.name}: {len(bars)} versions, the newest on top; lower is better"
    home = folder or workspace.project.reports / FOLDER / job.name
    picture = write_png(versions_figure(rows, title), home / f"{NAME}.png")
    return VersionsPlotted((picture, write_html(_document(title, rows, bars), home / f"{NAME}.html")), tuple(bars))


def bars_shown(workspace: Workspace, name: str, last: int) -> tuple[Picture, Table, list[Note]] | None:
    """Return the newest versions of a model as one picture, with its table and what is not known of some; None without any."""
    job = workspace.job(name)
    bars = version_bars(job, workspace.registry, last)
    if not bars:
        return None
    rows = _rows(bars, answered_by(job.model))
    drawn = versions_figure(rows, f"{job.name}: the newest on top; lower is better")
    picture = Picture(f"{NAME}.png", f"main losses of {len(bars)} versions, with intervals", png(drawn), wide=True)
    return picture, _numbers(rows), _notes(bars)


def _rows(bars: Sequence[VersionBar], questions: Sequence[Template]) -> Rows:
    kinds = [CHAMPION if bar.champion else BASELINE if bar.baseline else OTHER for bar in bars]
    panels = {_named(each): [bar.losses.get(each.name) for bar in bars] for each in questions}
    return Rows(labels(bars), kinds, panels)


def _named(question: Template) -> str:
    words, unit = question.loss.replace("_", " "), metric_of(question, question.loss).unit
    return f"{question.name}: {words}" + f" ({unit})" * (unit != question.loss)


def _document(title: str, rows: Rows, bars: Sequence[VersionBar]) -> Document:
    drawn: list[Block] = [embed(versions_plot(rows, name)) for name, found in rows.panels.items() if any(found)]
    return Document(
        title,
        HOW,
        (Section("Bars", (Text(PAIRED), *_notes(bars), *drawn)), Section("Numbers", (_numbers(rows),))),
        kind="versions",
    )


def _numbers(rows: Rows) -> Table:
    values = tuple(
        (
            rows.labels[row],
            *("not known" if (each := found[row]) is None else interval(each) for found in rows.panels.values()),
        )
        for row in reversed(range(len(rows.labels)))
    )
    return Table(("version", *rows.panels), values, tuple(rows.panels))


def _notes(bars: Sequence[VersionBar]) -> list[Note]:
    notes = [Note(f"Version {bar.version}: {bar.note}") for bar in bars if bar.note]
    counts = {each.n for bar in bars for each in bar.losses.values()}
    if len(counts) > 1:
        notes.append(Note(OTHER_RACES.format(counts=", ".join(map(str, sorted(counts))))))
    return notes
