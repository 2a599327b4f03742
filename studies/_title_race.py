"""Title races of past seasons: what was known after every round, what our forecasts say then, and what rules of thumb say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from pitwall.domain.keys import BLOCK
from pitwall.domain.params import Params
from pitwall.domain.project import Project
from pitwall.domain.tables import Tables, load_tables
from pitwall.ml.championship.competition import Field, Outlook, Rest
from pitwall.ml.championship.drift import Drift
from pitwall.ml.championship.fields import is_part
from pitwall.ml.championship.rest import fastest_lap_shares, rest_of
from pitwall.ml.championship.scores import Scores
from pitwall.ml.championship.season import READS, Season, season_of
from pitwall.ml.championship.simulate import simulate
from pitwall.ml.championship.standings import Standing, table
from pitwall.ml.families.order.answer import place_columns
from pitwall.ml.families.predictions import load_predictions, save_predictions
from pitwall.ml.models import model
from pitwall.ml.training.splits import outcomes
from pitwall.ml.training.walk_forward import default_recipe, predict_seasons

MODEL, STAGE = "order", "pre_weekend"
KINDS = ("drivers", "teams")
HALF_A_DRAW = 0.5


@dataclass(frozen=True)
class Moment:
    """A season after one of its rounds, and who took each title at last: ids of champions by kind."""

    state: Season
    field: Field
    rest: Rest
    champions: dict[str, int]

    @property
    def season(self) -> int:
        """The year."""
        return self.state.season

    @property
    def share(self) -> float:
        """The share of the season that was run."""
        return self.state.after / self.state.rounds

    @cached_property
    def scores(self) -> dict[str, Scores]:
        """What competitors have."""
        return {"drivers": self.state.drivers(), "teams": self.state.teams()}

    def outlooks(self, draws: int, drift: Drift) -> dict[str, Outlook]:
        """Return our forecast of both titles; the same moment draws the same numbers whatever the drift."""
        seed = 1000 * self.season + self.state.after
        drivers, teams = self.scores["drivers"], self.scores["teams"]
        both = simulate(self.field, self.rest, self.state.rules, drivers, teams, draws=draws, seed=seed, drift=drift)
        return dict(zip(KINDS, both, strict=True))


class Races:
    """The real seasons: tables, forecasts before every weekend, final tables."""

    def __init__(self, project: Project, params: Params, cache: Path | None = None) -> None:
        self.tables: Tables = load_tables(project.tables, [*READS, "entries"])
        self._frame = pd.read_parquet(project.frame(f"{MODEL}-{STAGE}"))
        self._estimator = params.models[MODEL].estimator
        self._first, self._seed, self._cache = params.models[MODEL].first_season, params.seed, cache
        self.fastest = fastest_lap_shares(self.tables)

    def season(self, season: int) -> Season:
        """Return a season as it is known now."""
        return season_of(self.tables, season)

    @cached_property
    def complete(self) -> list[int]:
        """The seasons whose every race has results."""
        races = self.tables.only("races", "results").as_of()
        run = races["races"]["race_id"].isin(races["results"]["race_id"])
        return sorted(
            int(year)
            for year in races["races"].loc[run.groupby(races["races"]["season"]).transform("all"), "season"].unique()
        )

    def forecasts(self, seasons: Sequence[int], first: int | None = None) -> pd.DataFrame:
        """Return the predictions before each weekend of some seasons, each season's from a fit on those before it.

        Args:
            seasons: to predict.
            first: season to learn from; that of params.yaml when None.
        """
        first = self._first if first is None else first
        kept = None if self._cache is None else self._cache / f"{self._estimator}-{first}-{seasons[0]}-{seasons[-1]}"
        if kept is not None and kept.is_dir():
            return load_predictions(kept)
        frame = self._frame[(self._frame["season"] >= first) & (self._frame["season"] <= seasons[-1])]
        frame = frame.reset_index(drop=True)
        recipe = default_recipe(MODEL, self._estimator, frame, self._seed, STAGE)
        made = predict_seasons(recipe, frame, outcomes(MODEL, self.tables, frame), list(seasons))
        if kept is not None:
            kept.mkdir(parents=True)
            save_predictions(made, kept, model(MODEL).kind)
        return made

    def moments(self, forecasts: pd.DataFrame, seasons: Sequence[int]) -> Iterator[Moment]:
        """Yield every season after each of its rounds, from before the first to before the last."""
        races = dict(iter(forecasts.groupby(BLOCK)))
        for season in seasons:
            whole = self.season(season)
            last = {kind: champion(whole, kind) for kind in KINDS}
            field = None
            for after in range(whole.after):
                state = whole.until(after)
                cars = field_of(races[int(state.remaining["race_id"].iloc[0])])
                if field is None or not is_part(cars, len(field.drivers)):
                    field = cars
                yield Moment(state, field, rest_of(state, self.fastest), last)


def field_of(cars: pd.DataFrame) -> Field:
    """Return the field that a race's predictions tell."""
    places = cars[place_columns(cars.columns)].to_numpy(dtype=np.float64)[:, : len(cars)]
    return Field(tuple(cars["driver_id"].astype(int)), tuple(cars["constructor_id"].astype(int)), places)


def champion(season: Season, kind: str) -> int:
    """Return who leads a championship as the season stands."""
    return ranked(season, kind)[0].who


def ranked(season: Season, kind: str) -> list[Standing]:
    """Return the table of one kind of competitor."""
    return table(season.drivers() if kind == "drivers" else season.teams())


def loss(chance: float, draws: int) -> float:
    """Return -ln of a chance that was counted; what no draw showed counts as half a draw."""
    return float(-np.log(max(chance, HALF_A_DRAW / draws)))
