"""Who takes the titles of a season: what is known of it, the pre-weekend champion's answer, and the rest of the season drawn many times."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace

import pandas as pd

from pitwall.domain import clock
from pitwall.domain.errors import UsageError
from pitwall.domain.tables import Tables, load_tables
from pitwall.domain.when import Stage
from pitwall.ml.championship.competition import Field
from pitwall.ml.championship.drift import DRIFT
from pitwall.ml.championship.fields import FEWER, LEARNED, coming_field, is_part, past_fields
from pitwall.ml.championship.forecast import ChampionshipForecast, Point, chances, decisions_told, titles
from pitwall.ml.championship.record import title_row
from pitwall.ml.championship.rest import fastest_lap_shares, rest_of
from pitwall.ml.championship.season import READS, Season, season_of
from pitwall.ml.data import calendar
from pitwall.ml.forecasting.answers import Forecast
from pitwall.ml.forecasting.forecast import EXPLAINED, forecast
from pitwall.ml.registry import recover
from pitwall.workflows.judge import registered
from pitwall.workflows.serving.exporting.titles import publish_titles
from pitwall.workflows.workspace import Workspace

MODEL = f"order-{Stage.PRE_WEEKEND.value}"
DRAWS, HISTORY_DRAWS = 20_000, 4_000
TABLES = sorted({*READS, *calendar.READS, "entries", "circuits"})
SAME = "the answer for {} stands for each of the {} races to come, and who drives it for all of them"
LATE = "the results of round {} were not public at the cut-off: this is the state after round {}"
OVER = "no race of {} is left: the table is final"


def predict_championship(
    workspace: Workspace,
    season: int,
    *,
    after: int | None = None,
    draws: int = DRAWS,
    history: bool = False,
    provenance: Mapping[str, str] | None = None,
) -> ChampionshipForecast:
    """Return the chances of both titles; those of a season with races to come are entered into the track record.

    Args:
        workspace: of the project.
        season: the year.
        after: the last round that counts, 0 for none; all that are known when None.
        draws: how many seasons are drawn.
        history: also the chances after every earlier round, from fewer draws.
        provenance: recorded with the forecast; that of the present code and data when None.

    Raises:
        UnknownName: the data hold no such season.
        UsageError: the season has no such round with results.
        ForecastError: the pre-weekend model has no champion.
        StageError: nothing is trained.
    """
    tables = load_tables(workspace.project.tables, TABLES).known(clock.replayed())
    known = season_of(tables, season)
    last = _last(known, after)
    origin = workspace.provenance() if provenance is None else provenance
    if last == known.rounds and not history:
        return _told(workspace, _finished(known, workspace.params.seed, origin))
    with workspace.exclusive("pitwall championship"):
        recover(workspace.registry, workspace.history)
        registered(workspace, MODEL, origin)
        if last == known.rounds:
            made = _finished(known, workspace.params.seed, origin)
        else:
            made = _under_way(workspace, tables, known, last, draws=draws, origin=origin)
            coming = known.until(made.after).remaining.iloc[0]
            workspace.record.add([title_row(made, f"{season}-{coming['round']:02d}", coming["practice_at"])])
        if after is None:
            _told(workspace, made)
        return _with_history(workspace, tables, known, made) if history else made


def present_season(workspace: Workspace) -> int | None:
    """Return the season of the next race, else of the last one; None where params.yaml does not train what titles are drawn from."""
    job = workspace.job(MODEL)
    if not job.listed:
        return None
    tables = load_tables(workspace.project.tables, list(calendar.READS)).known(clock.replayed())
    race = calendar.next_race(tables, job.stage, job.params) or calendar.last_race(tables, job.stage)
    return race.season


def _told(workspace: Workspace, made: ChampionshipForecast) -> ChampionshipForecast:
    """Let servers tell a forecast of the present state."""
    publish_titles(workspace.job(MODEL), made)
    return made


def _last(known: Season, after: int | None) -> int:
    if after is None:
        return known.after
    if not 0 <= after <= known.after:
        raise UsageError(
            f"found --after {after}; of {known.season} the rounds up to {known.after} have results: name one of these, or 0 for none."
        )
    return after


def _finished(known: Season, seed: int, origin: Mapping[str, str]) -> ChampionshipForecast:
    drivers, teams = chances(known, None, rest_of(known), draws=0, seed=seed)
    return ChampionshipForecast(
        season=known.season,
        after=known.after,
        rounds=known.rounds,
        cutoff="",
        drivers=drivers,
        teams=teams,
        labels=(OVER.format(known.season), *decisions_told(known)),
        seed=seed,
        provenance=dict(origin),
    )


def _under_way(
    workspace: Workspace, tables: Tables, known: Season, last: int, *, draws: int, origin: Mapping[str, str]
) -> ChampionshipForecast:
    """Return the forecast after a round, from what was public when the next weekend began."""
    race = f"{known.season}-{int(known.until(last).remaining['round'].iloc[0]):02d}"
    made = forecast(
        workspace.job(MODEL), workspace.registry, workspace.features, origin, race=race, now=clock.replayed()
    )
    state, instant = _as_known(tables, known, last)
    rest, seed = rest_of(state, fastest_lap_shares(tables, instant)), workspace.params.seed
    cars, fewer = _field(workspace, tables, state, made)
    drivers, teams = chances(state, cars, rest, draws=draws, seed=seed)
    about = [label for label in made.labels if label != EXPLAINED]
    late = [LATE.format(last, state.after)] if state.after < last else []
    return ChampionshipForecast(
        season=state.season,
        after=state.after,
        rounds=state.rounds,
        cutoff=made.cutoff,
        drivers=drivers,
        teams=teams,
        labels=(*late, *fewer, SAME.format(made.race_name, len(rest.rounds)), *about, *decisions_told(state)),
        model=made.model,
        version=made.version,
        estimator=made.estimator,
        draws=draws,
        seed=seed,
        drift=asdict(DRIFT),
        provenance=dict(made.provenance),
    )


def _field(workspace: Workspace, tables: Tables, state: Season, made: Forecast) -> tuple[Field, list[str]]:
    """Return who is expected to drive, and what must be said where the next race had a part of the field."""
    cars, run = coming_field(made, tables), state.races[state.races["run"]]
    if run.empty:
        return cars, []
    last = int(run["race_id"].iloc[-1])
    entries = tables["entries"]
    if not is_part(cars, entries.loc[entries["race_id"] == last, "driver_id"].nunique()):
        return cars, []
    before = past_fields(workspace.job(MODEL), workspace.registry, [last]).fields[last]
    return before, [FEWER.format(len(cars.drivers), len(before.drivers))]


def _as_known(tables: Tables, known: Season, last: int) -> tuple[Season, pd.Timestamp]:
    """Return the season after a round as it was public when the next weekend began, and that instant."""
    instant = known.until(last).remaining["practice_at"].iloc[0]
    return season_of(tables, known.season, instant).until(last), instant


def _with_history(
    workspace: Workspace, tables: Tables, known: Season, made: ChampionshipForecast
) -> ChampionshipForecast:
    """Return the forecast with the chances after each round up to its own."""
    states = [_as_known(tables, known, last) for last in range(made.after)]
    races = [int(state.remaining["race_id"].iloc[0]) for state, _ in states]
    expected = past_fields(workspace.job(MODEL), workspace.registry, races)
    points, cars = [], None
    for (state, instant), race in zip(states, races, strict=True):
        if cars is None or not is_part(expected.fields[race], len(cars.drivers)):
            cars = expected.fields[race]
        rest = rest_of(state, fastest_lap_shares(tables, instant))
        both = chances(state, cars, rest, draws=HISTORY_DRAWS, seed=made.seed + state.after)
        points.append(Point(state.after, *map(titles, both)))
    points.append(Point(made.after, titles(made.drivers), titles(made.teams)))
    labels = (*made.labels, LEARNED) if expected.learned and LEARNED not in made.labels else made.labels
    return replace(made, history=tuple(points), labels=labels)
