"""How a forecast looks, in one place for table, page and picture: titles, numbers, colours, the page's style sheet.

The palette is one sequential blue, dark for probable: it orders values for everybody, in print too, and claims nothing
about teams.
"""

from __future__ import annotations

from datetime import datetime

from pitwall.ml.forecasting.forecast import Forecast, ForecastRow

TITLES = {"race_winner": "P(win)", "podium": "P(podium)", "points": "P(points)"}
STOPS = ((247, 251, 255), (107, 174, 214), (8, 48, 107))
FULL = 0.6  # the probability with the darkest shade; places are seldom more certain
STYLE = """
:root { color-scheme: light; --ink: #1f2933; --soft: #52606d; --line: #e4e7eb; --blue: #9ecae1; --dark: #08306b; }
body { font: 15px/1.4 system-ui, sans-serif; margin: 1.5rem auto; max-width: 64rem; padding: 0 .75rem; color: var(--ink); }
h1 { font-size: 1.5rem; margin: 0 0 .2rem; } h1 span, .sub { color: var(--soft); font-weight: normal; }
h2 { font-size: 1.1rem; margin: 1.6rem 0 .3rem; } .sub { margin: 0 0 .6rem; font-size: .9rem; }
.label { background: #fff3cd; border-left: 4px solid #e0a800; padding: .3rem .6rem; margin: .3rem 0; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; } th { font-weight: 600; text-align: left; }
small { display: block; color: var(--soft); font-weight: normal; font-size: .78rem; } summary small { display: inline; }
.answers { width: 100%; } .answers th, .answers td { padding: .25rem .5rem; border-bottom: 1px solid var(--line); }
.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.answers thead .n { white-space: normal; } .answers td { position: relative; } .answers b { font-weight: 600; position: relative; }
.answers i { position: absolute; right: 0; top: 3px; height: calc(100% - 6px); background: #deebf7; }
.answers small { position: relative; }
.heat { font-size: 12px; font-variant-numeric: tabular-nums; } .heat td { min-width: 1.7rem; height: 1.6rem; text-align: center; padding: 0; }
.heat thead th { text-align: center; color: var(--soft); font-weight: normal; }
.answers th:first-child, .heat th:first-child { position: sticky; left: 0; background: #fff; z-index: 1; padding-right: .5rem; }
.legend span { display: inline-block; min-width: 1.7rem; text-align: center; }
details { border-bottom: 1px solid var(--line); padding: .35rem 0; } summary { cursor: pointer; font-weight: 600; }
.why { width: 100%; max-width: 44rem; } .why th { font-weight: normal; padding: .15rem .5rem .15rem 0; width: 14rem; }
.bar { position: relative; min-width: 7rem; background: linear-gradient(var(--soft), var(--soft)) center / 1px 100% no-repeat; }
.bar i { position: absolute; top: 25%; height: 50%; } .bar .plus { left: 50%; background: var(--dark); }
.bar .minus { right: 50%; background: var(--blue); } .facts { font-size: .85rem; margin-top: .4rem; }
.facts th { font-weight: normal; color: var(--soft); padding-right: 1rem; vertical-align: top; }
.facts td { overflow-wrap: anywhere; }
@media (max-width: 40rem) {
  .answers th, .answers td { padding: .2rem .3rem; } .why th { width: 8.5rem; } body { margin-top: .75rem; }
}
"""


def heading(made: Forecast) -> str:
    """Return one line that says which race, which stage, which model."""
    return (
        f"{made.race_name} {made.race}: {made.stage} forecast by {made.model} version {made.version} ({made.estimator})"
    )


def events_of(made: Forecast) -> list[str]:
    """Return the templates from the rarest event to the commonest: win, podium, points."""
    first = made.rows[0].events
    totals = {event: sum(row.events[event] for row in made.rows) for event in first}
    return sorted(first, key=lambda event: (totals[event], event))


def grid(row: ForecastRow) -> str:
    """Return the starting slot, or that it is not known."""
    return "?" if row.grid is None else f"{row.grid:.0f}"


def percent(chance: float) -> str:
    """Return a probability in percent with one decimal."""
    return f"{100 * chance:.1f} %"


def clock(instant: str) -> str:
    """Return an ISO instant as people write it."""
    return f"{datetime.fromisoformat(instant):%Y-%m-%d %H:%M} UTC"


def shade(chance: float) -> str:
    """Return the background of a probability; the square root lets small ones be told apart."""
    place = _weight(chance) * (len(STOPS) - 1)
    first = min(int(place), len(STOPS) - 2)
    pairs = zip(STOPS[first], STOPS[first + 1], strict=True)
    return f"rgb({','.join(str(round(low + (place - first) * (high - low))) for low, high in pairs)})"


def ink(chance: float) -> str:
    """Return the colour of text that is readable on `shade(chance)`."""
    return "#fff" if _weight(chance) > 0.6 else "#1f2933"


def _weight(chance: float) -> float:
    return float(min(1.0, max(chance, 0.0) / FULL) ** 0.5)
