"""What a page says of drift: calibration, groups, the features that moved most, and what is not watched, with the reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pitwall.monitoring.drift import FeatureDrift
from pitwall.report.content.blocks import Block, Facts, Fold, Table, Text
from pitwall.report.content.intervals import number
from pitwall.workflows.monitoring.found import ModelWatch
from pitwall.workflows.monitoring.pages.pictures import moved

MOVERS = 8
NUMBERS = ("shift, sd", "PSI", "KS", "e-value", "highest")


def drift_blocks(model: ModelWatch) -> Iterator[Block]:
    """Yield the blocks of one model."""
    report = model.drift
    if report is None:
        yield Text(f"Not looked for: {model.undrifted}", "Drift")
        return
    races = f"{len(report.races)} races watched" if report.races else "no race watched yet"
    yield Text(f"{races}, held against {report.reference}.", "Drift")
    if report.calibration:
        yield _calibration(report.calibration)
    if report.groups:
        yield Fold("Groups of features", (_table("group", _first(report.groups)),), f"{len(report.groups)}", open=False)
    if report.features:
        picture = moved(model.name, report)
        yield from [picture] if picture else []
        yield Text(
            f"The {min(MOVERS, len(report.features))} that moved most of {len(report.features)}, by their e-value now."
        )
        yield _table("feature", _first(report.features)[:MOVERS], grouped=True)
        yield Fold(
            "All watched features",
            (_table("feature", _first(report.features), grouped=True),),
            str(len(report.features)),
        )
    yield from _reasons("Not watched", report.not_monitored)
    yield from _reasons("Exempt by declaration: shown, and raising nothing", report.exempt, open_=True)


def _first(found: Sequence[FeatureDrift]) -> list[FeatureDrift]:
    """Return those with an alarm first, then by their e-value now."""
    return sorted(found, key=lambda each: (each.alarm_since is None, -each.e_value, each.name))


def _calibration(found: Sequence[FeatureDrift]) -> Table:
    columns = ("calibration of", "came true less said, per car", "e-value", "highest", "alarm since")
    rows = tuple(
        (each.name, f"{each.shift:+.4f}", *map(_shown, (each.e_value, each.peak)), each.alarm_since or "")
        for each in found
    )
    return Table(columns, rows, columns[1:4])


def _table(name: str, found: Sequence[FeatureDrift], *, grouped: bool = False) -> Table:
    columns = (name, *(("group",) if grouped else ()), *NUMBERS, "alarm since")
    rows = tuple(
        (
            each.name,
            *((each.group,) if grouped else ()),
            *map(_shown, (each.shift, each.psi, each.ks, each.e_value, each.peak)),
            each.alarm_since or "",
        )
        for each in found
    )
    return Table(columns, rows, NUMBERS)


def _reasons(title: str, reasons: Mapping[str, str], *, open_: bool = False) -> Iterator[Block]:
    if reasons:
        yield Fold(title, (Facts(tuple(reasons.items())),), str(len(reasons)), open=open_)


def _shown(value: float | None) -> str:
    return "" if value is None or value != value else number(value)  # noqa: PLR0124  (nan alone differs from itself)
