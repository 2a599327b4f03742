"""A forecast as one self-contained HTML page: answers beside the baseline, places as a heat map, reasons, provenance.

The page asks no other address for anything, runs no script and is read on a phone as on a desk: wide tables scroll
below a driver column that stays.
"""

from __future__ import annotations

from functools import cache
from html import escape
from pathlib import Path

from pitwall.domain.records.stored_forecasts import sealed_page
from pitwall.ml.forecasting.explanations import Reason
from pitwall.ml.forecasting.forecast import Forecast, ForecastRow
from pitwall.ml.forecasting.style import STYLE, TITLES, clock, events_of, grid, heading, ink, percent, shade

LEGEND = (0.0, 0.02, 0.05, 0.1, 0.2, 0.4, 0.6)
WHY = (
    "Each bar says what one feature adds to a car's score beside the average car of this race, in nats: one nat more "
    "makes the odds of beating any car 2.7 times as good, before calibration. It explains the model, not the world."
)


def write_html(made: Forecast, path: Path) -> Path:
    """Write the page, with a last line by which an edit shows."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(sealed_page(to_html(made)), encoding="utf-8")
    return path


def to_html(made: Forecast) -> str:
    """Return the page; the same forecast gives the same text."""
    parts = [_head(made), *_labels(made), _answers(made), _places(made), _why(made), _provenance(made)]
    body = "\n".join(part for part in parts if part)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(heading(made))}</title><style>{STYLE}</style></head><body>\n{body}\n</body></html>\n"
    )


def _head(made: Forecast) -> str:
    return (
        f"<h1>{escape(made.race_name)} <span>{escape(made.race)}</span></h1>\n"
        f'<p class="sub">{escape(made.stage)} forecast as of {clock(made.cutoff)}, by {escape(made.model)} version '
        f"{made.version} ({escape(made.estimator)})</p>"
    )


def _labels(made: Forecast) -> list[str]:
    return [f'<p class="label">{escape(label)}</p>' for label in made.labels]


def _answers(made: Forecast) -> str:
    events = events_of(made)
    heads = "".join(f'<th class="n">{escape(TITLES.get(event, event))}</th>' for event in events)
    rows = "\n".join(_answer(row, events) for row in made.rows)
    return (
        f'<h2>Answers</h2>\n<p class="sub">In small: the baseline, {escape(made.baseline)}.</p>\n<div class="scroll">'
        f'<table class="answers"><thead><tr><th>Driver</th><th class="n">Grid</th>{heads}<th class="n">Mean place</th>'
        f"</tr></thead><tbody>\n{rows}\n</tbody></table></div>"
    )


def _answer(row: ForecastRow, events: list[str]) -> str:
    cells = "".join(
        f'<td class="n"><i style="width:{100 * row.events[event]:.1f}%"></i><b>'
        f"{percent(row.events[event])}</b><small>{percent(row.baseline[event])}</small></td>"
        for event in events
    )
    who = f"{escape(row.driver)}<small>{escape(row.team)}</small>"
    return f'<tr><th>{who}</th><td class="n">{grid(row)}</td>{cells}<td class="n">{row.expected_place:.1f}</td></tr>'


def _places(made: Forecast) -> str:
    cars = len(made.rows)
    heads = "".join(f"<th>{place + 1}</th>" for place in range(cars))
    rows = "\n".join(
        f'<tr><th title="{escape(row.driver)}">{escape(_short(row))}</th>'
        f"{''.join(_cell(chance) for chance in row.places[:cars])}</tr>"
        for row in made.rows
    )
    legend = "".join(f'<span style="background:{shade(p)};color:{ink(p)}">{100 * p:.0f}</span>' for p in LEGEND)
    return (
        '<h2>Places</h2>\n<p class="sub">Probability of each finishing place in percent; blank is below 0.5. '
        f'Every row and every column sums to 100. <span class="legend">{legend} %</span></p>\n<div class="scroll">'
        f'<table class="heat"><thead><tr><th></th>{heads}</tr></thead><tbody>\n{rows}\n</tbody></table></div>'
    )


def _short(row: ForecastRow) -> str:
    """Return the driver's code, or the family name of those who had none."""
    return row.code or row.driver.rsplit(" ", 1)[-1]


def _cell(chance: float) -> str:
    text = f"{100 * chance:.0f}" if chance >= 0.005 else ""
    return f'<td style="background:{shade(chance)};color:{ink(chance)}">{text}</td>'


def _why(made: Forecast) -> str:
    """Return one expandable block per driver, the favourite's open; nothing where the model cannot tell."""
    widest = max((abs(reason.contribution) for row in made.rows for reason in row.why), default=0.0)
    if not widest:
        return ""
    event = events_of(made)[0]
    blocks = [
        f"<details{' open' if row is made.rows[0] else ''}><summary>{escape(row.driver)} <small>"
        f"{escape(TITLES.get(event, event))} {percent(row.events[event])}</small></summary>\n"
        f'<table class="why">{"".join(_reason(reason, widest) for reason in row.why)}</table></details>'
        for row in made.rows
        if row.why
    ]
    return f'<h2>Why</h2>\n<p class="sub">{WHY}</p>\n' + "\n".join(blocks)


def _reason(reason: Reason, widest: float) -> str:
    side = "plus" if reason.contribution >= 0 else "minus"
    width = 50 * abs(reason.contribution) / widest
    meaning, unit = _meaning(reason.feature)
    value = "unknown" if reason.value is None else f"{reason.value:.4g} {unit}".strip()
    return (
        f'<tr><th title="{escape(meaning)}">{escape(reason.feature.replace("_", " "))}<small>{escape(value)}</small></th>'
        f'<td class="bar"><i class="{side}" style="width:{width:.1f}%"></i></td>'
        f'<td class="n">{reason.contribution:+.2f}</td></tr>'
    )


@cache
def _meaning(feature: str) -> tuple[str, str]:
    from pitwall.features import groups

    known = {each.name: (each.meaning, each.unit) for group in groups().values() for each in group.features}
    return known.get(feature, ("", ""))


def _provenance(made: Forecast) -> str:
    facts = {"cut-off": made.cutoff, "model": f"{made.model} version {made.version}", "baseline": made.baseline}
    if made.asked not in {"", made.model}:
        facts["asked"] = made.asked
    rows = "".join(
        f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>"
        for name, value in {**facts, **made.provenance}.items()
    )
    return (
        "<h2>Provenance</h2>\n<details><summary>Model, data and code that made these numbers</summary>\n"
        f'<table class="facts">{rows}</table></details>'
    )
