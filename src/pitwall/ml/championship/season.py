"""One season as it was known at an instant: lines of results, races run and to come, references and names of those who take part."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd

from pitwall.domain.errors import UnknownName
from pitwall.domain.racing.championship.rules import Rules, rules_of
from pitwall.domain.tables import Tables
from pitwall.ml.championship.scores import LINE, Scores, driver_scores, team_scores

READS = ("races", "results", "sprints", "drivers", "constructors")


@dataclass(frozen=True)
class Season:
    """A season as known at an instant.

    Attributes:
        season: the year.
        races: of its calendar by round: race_id, round, name, starts_at, sprint (whether there is one), run (whether it has results).
        lines: of results and sprints (see `pitwall.ml.championship.scores`).
        refs: references by driver id and by constructor id.
        names: as people know them, likewise.
    """

    season: int
    races: pd.DataFrame
    lines: pd.DataFrame
    refs: tuple[dict[int, str], dict[int, str]]
    names: tuple[dict[int, str], dict[int, str]]

    @property
    def rules(self) -> Rules:
        """The rules of the season."""
        return rules_of(self.season)

    @property
    def rounds(self) -> int:
        """The number of the last round."""
        return int(self.races["round"].max())

    @property
    def after(self) -> int:
        """The last round with results; 0 before the first."""
        return int(self.races.loc[self.races["run"], "round"].max()) if self.races["run"].any() else 0

    @property
    def remaining(self) -> pd.DataFrame:
        """The races to come, those behind the last one that was run: what was left out before it stays so."""
        return self.races[self.races["round"] > self.after]

    def until(self, after: int) -> Season:
        """Return the season as it stood after a round, with results as they are known here."""
        run = self.races["run"] & (self.races["round"] <= after)
        return replace(self, races=self.races.assign(run=run), lines=self.lines[self.lines["round"] <= after])

    def drivers(self) -> Scores:
        """Return what drivers have."""
        return driver_scores(self.lines, self.rules, self.rounds, self.after, self.refs[0])

    def teams(self) -> Scores:
        """Return what constructors have."""
        return team_scores(self.lines, self.rules, self.rounds, self.after, self.refs[1])


def season_of(tables: Tables, season: int, instant: pd.Timestamp | None = None) -> Season:
    """Return a season as it was known at an instant, the newest state when None.

    The calendar and names are those known now where the data give no earlier version.

    Args:
        tables: canonical tables, all versions of `READS`.
        season: the year.
        instant: results and sprints that became public later are left out.

    Raises:
        UnknownName: the data hold no race of the season.
    """
    newest = tables.only(*READS).as_of()
    calendar = newest["races"]
    races = calendar[calendar["season"] == season].sort_values("round")
    if races.empty:
        raise UnknownName("season", str(season), [str(each) for each in sorted(calendar["season"].unique())])
    known = tables.only("results", "sprints")
    seen = known.as_of() if instant is None else known.cut(instant)
    run = races["race_id"].isin(seen["results"]["race_id"])
    races = races.assign(sprint=races["sprint_at"].notna(), run=run)
    columns = ["race_id", "round", "name", "starts_at", "practice_at", "sprint", "run"]
    return Season(
        season,
        races[columns].reset_index(drop=True),
        _lines(seen, races),
        (_by_id(newest["drivers"], "driver_id", "ref"), _by_id(newest["constructors"], "constructor_id", "ref")),
        (_by_id(newest["drivers"], "driver_id", "name"), _by_id(newest["constructors"], "constructor_id", "name")),
    )


def _lines(seen: Tables, races: pd.DataFrame) -> pd.DataFrame:
    numbers = races[["race_id", "round"]]
    results = seen["results"].merge(numbers, on="race_id")
    results = results.assign(place=results["place"].where(results["classified"], 0))
    sprints = seen["sprints"].merge(numbers, on="race_id").assign(place=0)
    lines = pd.concat([results[list(LINE)], sprints[list(LINE)]], ignore_index=True)
    return lines.sort_values(["round", "driver_id"], kind="stable", ignore_index=True)


def _by_id(rows: pd.DataFrame, key: str, column: str) -> dict[int, str]:
    return {int(who): str(value) for who, value in zip(rows[key], rows[column], strict=True)}
