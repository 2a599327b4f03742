"""Renames: one lineage each, only in the seasons in which a name was that team's; a user's own; teams that are new."""

import pandas as pd
import pytest

from pitwall.domain.errors import UnknownName, UsageError
from pitwall.domain.params import TeamName, parse_params
from pitwall.features.machinery.shared.states import per_constructor, with_lineage
from pitwall.sources.machinery.canonical.lineage import known_members, lineage, members
from pitwall.sources.machinery.canonical.new_teams import new_teams, told

LINES = (
    ("sauber", "bmw_sauber", "alfa", "audi"),
    ("tyrrell", "bar", "honda", "brawn", "mercedes"),
    ("stewart", "jaguar", "red_bull"),
    ("jordan", "mf1", "spyker_mf1", "spyker", "force_india", "racing_point", "aston_martin"),
    ("minardi", "toro_rosso", "alphatauri", "rb"),
    ("toleman", "benetton", "renault", "lotus_f1", "alpine"),
    ("virgin", "marussia", "manor"),
    ("lotus_racing", "caterham"),
    ("arrows", "footwork"),
    ("ligier", "prost"),
)


def _shared(refs: list[str], **teams: TeamName) -> pd.DataFrame:
    found = lineage(pd.Series(range(1, len(refs) + 1)), pd.Series(refs), teams)
    return found.set_index(pd.Index(refs))


@pytest.mark.parametrize("line", LINES, ids=lambda line: line[0])
def test_the_renames_of_the_past_are_one_lineage_each(line):
    found = _shared(["ferrari", *line[::-1], "team_lotus"])["lineage"]
    assert set(found[list(line)]) == {found[line[0]]}
    assert found["ferrari"] != found["team_lotus"] != found[line[0]]


def test_every_line_of_the_file_gives_its_reason_and_begins_with_the_member_that_names_it():
    from csv import DictReader

    from pitwall.sources.machinery.canonical.lineage import FILE

    with FILE.open(encoding="utf-8") as stream:
        rows = list(DictReader(stream))
    assert all(row["reason"].strip() for row in rows)
    assert len({row["ref"] for row in rows}) == len(rows) == len(known_members())
    first = {row["line"]: row["ref"] for row in reversed(rows)}
    assert all(line == ref for line, ref in first.items())


def test_the_lineage_is_the_id_of_the_oldest_name_in_the_data_however_it_is_spelt():
    assert _shared(["mercedes", "brawn"])["lineage"].to_list() == [2, 2]
    assert _shared(["Aston-Martin", "racing-point"])["lineage"].to_list() == [2, 2]


def test_a_user_adds_a_rename_takes_one_back_and_starts_a_line():
    refs = ["audi", "sauber", "cadillac", "andretti", "bar", "tyrrell", "sauber_f1"]
    found = _shared(
        refs,
        cadillac=TeamName(joins="andretti"),
        bar=TeamName(joins=None),
        sauber_f1=TeamName(joins="audi", since=2031),
        sauber=TeamName(joins=None),
    )
    assert found["lineage"].to_dict() == {
        **{"audi": 1, "sauber": 2, "cadillac": 4, "andretti": 4, "bar": 5, "tyrrell": 6, "sauber_f1": 1}
    }
    assert found["lineage_since"].dropna().to_dict() == {"sauber_f1": 2031}


def test_a_rename_to_nobody_names_the_nearest_and_a_circle_is_refused():
    with pytest.raises(UnknownName, match=r"`teams` in params.yaml 'saubr'; did you mean 'sauber'"):
        members({"audi": TeamName(joins="saubr")})
    with pytest.raises(UsageError, match="a joins b joins a"):
        members({"a": TeamName(joins="b"), "b": TeamName(joins="a")})
    with pytest.raises(UsageError, match="teams.audi.joins: Field required"):
        parse_params({"teams": {"audi": {"join": "sauber"}}})


def _stints() -> dict[str, pd.DataFrame]:
    """Return Renault's two teams: 1985 beside Toleman, 2002 after Benetton."""
    races = pd.DataFrame({"race_id": [1, 2, 3], "season": [1985, 1986, 2002]})
    since = pd.Timestamp("1950-01-01", tz="UTC")
    teams = pd.DataFrame({"constructor_id": [4, 53, 22], "ref": ["renault", "toleman", "benetton"]})
    teams = teams.join(lineage(teams["constructor_id"], teams["ref"], {})).assign(known_at=since)
    return {"races": races, "constructors": teams}


def test_a_name_that_another_team_bore_before_counts_from_its_season_on():
    tables = _stints()
    rows = pd.DataFrame({"race_id": [1, 1, 2, 3], "constructor_id": [4, 53, 22, 4]})
    assert with_lineage(rows, tables)["lineage"].to_list() == [-4, 53, 53, 53]


def test_a_team_takes_over_the_form_of_its_line_and_not_that_of_its_namesake():
    tables = _stints()
    when = pd.to_datetime(["1985-06-01", "1985-06-01", "2001-10-01"], utc=True)
    states = pd.DataFrame(
        {"lineage": [-4, 53, 53], "event_timestamp": when, "known_at": when, "form": ["works", "toleman", "benetton"]}
    )
    found = per_constructor(states, tables).sort_values(["constructor_id", "event_timestamp"])
    assert found.groupby("constructor_id")["form"].agg(list).to_dict() == {
        **{4: ["works", "benetton"], 22: ["toleman", "benetton"], 53: ["toleman", "benetton"]}
    }
    assert "lineage_since" not in found and "end" not in found


def _world(*seasons: tuple[int, list[int]]) -> dict[str, pd.DataFrame]:
    none = pd.DataFrame({"race_id": [], "constructor_id": []}, dtype="int64")
    entries = [(year, team) for year, teams in seasons for team in teams]
    return {
        "races": pd.DataFrame({"race_id": [year for year, _ in seasons], "season": [year for year, _ in seasons]}),
        "entries": pd.DataFrame(entries, columns=["race_id", "constructor_id"]),
        "qualifying": none,
        "practice": none,
        "constructors": pd.DataFrame(
            {"constructor_id": [1, 2, 3], "ref": ["sauber", "audi", "cadillac"], "name": ["Sauber", "Audi", "Cadillac"]}
        ),
    }


def test_a_team_of_no_line_that_never_raced_before_is_new():
    assert new_teams(_world((2025, [1]), (2026, [2, 3])), {}) == ["Cadillac (cadillac)"]
    assert new_teams(_world((2025, [1, 3]), (2026, [2, 3])), {}) == []
    assert new_teams(_world((2025, [1]), (2026, [2, 3])), {"cadillac": TeamName(joins="sauber")}) == []
    assert new_teams(_world((2026, [2, 3])), {}) == []
    assert told("Cadillac (cadillac)").endswith("add it to `teams` in params.yaml")
