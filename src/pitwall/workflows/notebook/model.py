"""`pw.load`: the champion of a model for notebooks, to be asked about a race or about a whole season."""

from __future__ import annotations

import pandas as pd

from pitwall.domain.project import Project
from pitwall.ml.championship.forecast import ChampionshipForecast
from pitwall.ml.forecasting.answers import Forecast
from pitwall.ml.templates import answered_by
from pitwall.workflows import championship
from pitwall.workflows.batch.predict import predict_races
from pitwall.workflows.forecast import forecast
from pitwall.workflows.live.followed import Wish
from pitwall.workflows.notebook.live import Stream, connected
from pitwall.workflows.workspace import Workspace


class LoadedModel:
    """The champion of a model.

    Args:
        name: of the model, e.g. order-pre_race.
        workspace: of the project where it was trained.
    """

    def __init__(self, name: str, workspace: Workspace) -> None:
        self.name, self._workspace = name, workspace

    def predict(self, race: str | None = None) -> Forecast:
        """Return the forecast of a race, e.g. 2024-24; of the next one when None. It is stored, as by the command."""
        return forecast(self._workspace, self.name, race).made

    def predict_races(self, races: str) -> pd.DataFrame:
        """Return the answers about a range of races, e.g. 2024-01:2024-24, as a table; nothing is stored.

        A row per race, car and question, as `pitwall predict` writes them.
        """
        model, _, stage = self.name.rpartition("-")
        return predict_races(self._workspace, races, [each.name for each in answered_by(model)], stage)

    def predict_championship(
        self, season: int, remaining_races: bool = True, *, draws: int = championship.DRAWS, history: bool = False
    ) -> ChampionshipForecast:
        """Return the chances of both titles of a season, as `pitwall championship`.

        The order model answers as of before a weekend, whatever was loaded: no other model knows races to come.

        Args:
            season: the year.
            remaining_races: draw the races that are left; False: all of them, as it was before the season began.
            draws: how many seasons are drawn.
            history: also the chances after each round.

        Raises:
            UnknownName: the data hold no such season.
            ForecastError: the pre-weekend model has no champion.
        """
        after = None if remaining_races else 0
        return championship.predict_championship(self._workspace, season, after=after, draws=draws, history=history)

    def connect_to_stream(
        self,
        source: str = "openf1",
        update_frequency: str = "per_lap",
        *,
        race: str | None = None,
        speed: float | None = None,
    ) -> Stream:
        """Return what the model says of a race while it is driven; of a model before races what the one within them says of its questions.

        Args:
            source: of the events, as `pitwall live --source`.
            update_frequency: `per_lap` or `per_sector`.
            race: e.g. 2023-12; of a source of coming races the next one when None.
            speed: of a replay, seconds of the race in a second; as fast as it goes when None.

        Raises:
            UsageError: nobody answers its questions within a race, or the source needs a race.
            UnknownName: there is no such source or frequency.
        """
        model = self.name.rpartition("-")[0]
        wish = Wish(source=source, race=race, speed=speed, every=update_frequency)
        return connected(self._workspace, model, [each.name for each in answered_by(model)], wish)


def load(
    name: str = "order-pre_race", project: Project | None = None, workspace: Workspace | None = None
) -> LoadedModel:
    """Return the champion of a model.

    Args:
        name: a model, or a template that it answers.
        project: the one that we are in when None.
        workspace: its tools, where they are open already.

    Raises:
        UnknownName: there is no such model.

    Example:
        `pw.load("race_winner").predict_championship(season=2026)` says who takes the titles.
    """
    tools = workspace or Workspace(project)
    return LoadedModel(tools.job(name).name, tools)
