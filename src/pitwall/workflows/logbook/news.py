"""What is worth an alert: a better version, a refused promotion, what the monitoring found, a verdict on a challenger, a new forecast.

Whoever registers a version, decides on one, watches or stores a forecast says so here, whichever entry point it came through.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pitwall.domain.records.ab_rows import DeclaredTest
from pitwall.domain.records.track_record import FORECAST, REPLAYED, content_of
from pitwall.domain.refs import Verdict
from pitwall.domain.tables import load_tables
from pitwall.domain.when import CUTOFF_COLUMN
from pitwall.ml.data.calendar import find_race
from pitwall.ml.forecasting.forecast import Forecast
from pitwall.ml.forecasting.rendering.terms import answer_texts, events
from pitwall.ml.registry.improvement import improvement
from pitwall.workflows.logbook.alerts import asked_for, harmless, raise_alert
from pitwall.workflows.record.enter import CALENDAR, when
from pitwall.workflows.workspace import Workspace

TOP = 3  # rows of a forecast that are told


def registered(workspace: Workspace, name: str, version: int) -> None:
    """Say so if a new version of a model is better than every earlier one; nothing is raised."""
    with harmless(f"{name} version {version} was not compared with the versions before it"):
        better = improvement(workspace.job(name), workspace.registry, version)
        if better is not None:
            raise_alert(workspace, "best_model", f"{name} version {version}", better.told())


def refused(workspace: Workspace, name: str, version: int, verdicts: Sequence[Verdict]) -> None:
    """Say that a promotion was refused, and why; the same gates refusing the same version again are no news.

    Args:
        workspace: of the project.
        name: of the model.
        version: that was refused.
        verdicts: of all gates.
    """
    failed = [verdict for verdict in verdicts if not verdict.passed]
    gates = ", ".join(sorted({verdict.gate for verdict in failed}))
    reasons = "\n".join(
        f"- {verdict.gate} {verdict.template or ''}".rstrip() + f": {verdict.reason}" for verdict in failed
    )
    text = f"{len(failed)} of {len(verdicts)} verdicts stood against it, the champion stays.\n{reasons}"
    raise_alert(workspace, "gate_refused", f"{name} version {version}", text, cause=gates)


def drifted(workspace: Workspace, subject: str, text: str, cause: str) -> bool:
    """Say that something has drifted, and return whether that was news; for whoever found what the monitoring does not look for.

    Args:
        workspace: of the project.
        subject: what has drifted, e.g. `order-pre_race version 3`.
        text: how, with the numbers.
        cause: by what it was noticed, e.g. the feature; the same cause again is the same alert.
    """
    return alarmed(workspace, "drift", subject, text, cause=cause)


def alarmed(workspace: Workspace, kind: str, subject: str, text: str, *, cause: str) -> bool:
    """Say what the monitoring found, and return whether that was news.

    Args:
        workspace: of the project.
        kind: `drift`, `stale` or `missed`.
        subject: what it is about.
        text: how it stands, with the numbers.
        cause: what makes a second one the same.
    """
    return raise_alert(workspace, kind, subject, text, cause)


def decided(workspace: Workspace, test: DeclaredTest, verdict: str, said: str) -> None:
    """Say that a declared test has come to a verdict; the same verdict of the same test is told once.

    Args:
        workspace: of the project.
        test: of two versions.
        verdict: on the challenger.
        said: with the numbers.
    """
    text = (
        f"The challenger, version {test.challenger}, is {said}, beside the champion, version {test.champion}, in {test.metric} of "
        f"{test.question}. Nobody is promoted by it: the gates judge."
    )
    raise_alert(workspace, "verdict", f"{test.model} version {test.challenger}", text, f"{test.hash} {verdict}")


def foretold(workspace: Workspace, made: Forecast, stored: Path) -> None:
    """Say to those who ask for it that a forecast of a race to come was stored; the same again is no news, nor is a what-if or a replay.

    Args:
        workspace: of the project.
        made: the forecast.
        stored: its file, which stands in the track record. Nothing is raised.
    """
    with harmless(f"nobody was told of the forecast {stored.name}"):
        if not asked_for(workspace, "forecast") or made.stage not in CUTOFF_COLUMN:
            return
        own = (FORECAST, content_of(stored))
        row = next(row for row in workspace.record.rows() if (row["kind"], row.get("content")) == own)
        race = find_race(load_tables(workspace.project.tables, CALENDAR), made.race, made.stage)
        if race.run or row["what_if"] or REPLAYED in row:
            return
        question, file = events(made)[0], stored.relative_to(workspace.project.root).as_posix()
        top = {each.label: each.answers[question] for each in made.rows[:TOP]}
        text = answer_texts(made)
        said = ", ".join(f"{label} {text(question, value)}" for label, value in top.items())
        facts = {name: getattr(made, name) for name in ("race", "race_name", "stage", "model", "version")}
        facts |= {"question": question, "top": top, "file": file, "row": row["hash"], "in_time": row["in_time"]}
        raise_alert(
            workspace,
            "forecast",
            f"{made.race} {made.stage} by {made.model} version {made.version}",
            f"{made.race_name}, {question}: {said}.\n{file}, {when(row)}, row {row['seq']} of the track record: {row['hash']}",
            stored.name,
            facts=facts,
        )
