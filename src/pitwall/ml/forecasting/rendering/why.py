"""Why a forecast says what it says: contributions by feature group and by feature, in a terminal and on a page."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from pitwall.ml.evaluation.contributions import unit_of
from pitwall.ml.forecasting.answers import Forecast
from pitwall.ml.forecasting.explanations import GroupReason, Reason
from pitwall.ml.forecasting.rendering.terms import (
    CHANCES,
    answer_texts,
    definition_of,
    event_title,
    events,
    first_columns,
    is_chance,
)
from pitwall.report.content.blocks import Block, Contribution, Contributions, Fold, Text
from pitwall.report.content.document import Section

if TYPE_CHECKING:
    from rich.console import Console

WHY = (
    "Each bar says what a feature, or a group of them, adds to {what} beside {average}, in {unit}{odds}. It explains the model, not "
    "the world."
)
ODDS = ": one nat more makes the odds 2.7 times as good, before calibration"
EXCHANGED = " This model tells no features apart: the values of each group were exchanged for others, eight times."


def print_reasons(made: Forecast, console: Console, rows: int = 5) -> None:
    """Print why the first rows stand where they stand: by feature group, then by feature where the model tells them apart."""
    from rich.table import Table

    if not any(row.why_groups or row.why for row in made.rows):
        console.print(f"Note: the {made.estimator} model cannot tell what each feature adds.", style="yellow")
        return
    first, unit = first_columns(made)[0], unit_of(definition_of(made))
    what = _what(made, exact=any(row.why for row in made.rows))
    to = "" if what == "the answer" or is_chance(made) else f" to {what}"
    by_group = Table(title=f"Why: {unit} added{to} beside {_average(made)}, by feature group", title_justify="left")
    by_feature = Table(title="The same by feature", title_justify="left")
    for table, names in ((by_group, ("Group", "Adds")), (by_feature, ("Feature", "Value", "Adds"))):
        for name in (first, *names):
            table.add_column(name, justify="right" if name in {"Value", "Adds"} else "left")
    for row in made.rows[:rows]:
        for number, group in enumerate(row.why_groups):
            by_group.add_row("" if number else row.label, group.group, f"{group.contribution:+.2f}")
        for number, reason in enumerate(row.why):
            cells = (reason.feature, _value(reason), f"{reason.contribution:+.2f}")
            by_feature.add_row("" if number else row.label, *cells)
        by_group.add_section()
        by_feature.add_section()
    if by_group.row_count:
        console.print(by_group)
    console.print(by_feature if by_feature.row_count else EXCHANGED.strip())


def why_section(made: Forecast) -> list[Section]:
    """Return one fold per row, the first one open; nothing where the model cannot tell."""
    groups = [reason.contribution for row in made.rows for reason in row.why_groups]
    features = [reason.contribution for row in made.rows for reason in row.why]
    if not any(groups + features):
        return []
    event, text = events(made)[0], answer_texts(made)
    folds: list[Block] = [
        Fold(
            row.label,
            (
                *_bars("By feature group", [_of_group(reason) for reason in row.why_groups], groups),
                *_bars("By feature", list(map(_contribution, row.why)), features),
            ),
            small=f"{event_title(event)} {text(event, row.answers[event])}",
            open=row is made.rows[0],
        )
        for row in made.rows
        if row.why or row.why_groups
    ]
    what = _what(made, exact=bool(features))
    said = WHY.format(
        what=what,
        average=_average(made),
        unit=unit_of(definition_of(made)),
        odds=ODDS if what.startswith("the log odds") else "",
    )
    return [Section("Why", (Text(said if features else said + EXCHANGED), *folds))]


def _what(made: Forecast, *, exact: bool) -> str:
    """Return what contributions are added to, in words."""
    classes = [each["class"] for each in made.rows[0].detail.get(CHANCES, ())] if exact else []
    if classes:
        return f"the log odds of {classes[-1]} against {classes[0]}"
    return "the log odds" if is_chance(made) else "the answer"


def _bars(title: str, rows: list[Contribution], all_of_them: list[float]) -> list[Block]:
    """Return contributions as bars on the scale of all rows; nothing without any."""
    if not rows:
        return []
    return [Text("", title), Contributions(tuple(rows), max(map(abs, all_of_them)) or 1.0)]


def _average(made: Forecast) -> str:
    kind = definition_of(made).kind
    return f"the average {kind.nouns[0]} of the race" if kind.own else f"the average {kind.nouns[0]} learned from"


def _of_group(reason: GroupReason) -> Contribution:
    return Contribution(reason.group.replace("_", " "), "", "", reason.contribution)


def _contribution(reason: Reason) -> Contribution:
    meaning, unit = _meaning(reason.feature)
    value = _value(reason) if reason.value is None else f"{_value(reason)} {unit}".strip()
    return Contribution(reason.feature.replace("_", " "), meaning, value, reason.contribution)


def _value(reason: Reason) -> str:
    return "unknown" if reason.value is None else f"{reason.value:.4g}"


@cache
def _meaning(feature: str) -> tuple[str, str]:
    from pitwall.features import groups

    known = {each.name: (each.meaning, each.unit) for group in groups().values() for each in group.features}
    return known.get(feature, ("", ""))
