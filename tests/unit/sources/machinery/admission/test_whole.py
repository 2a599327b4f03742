"""A dump that was filtered, cut or filled in is refused before it is kept; what letters and slots say is read however they are spelled."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from pitwall.domain.errors import SourceError
from pitwall.domain.params import TimeParams
from pitwall.sources.ergast import SOURCE, ErgastSettings
from pitwall.sources.machinery.admission import whole
from pitwall.sources.machinery.admission.whole import check_whole
from pitwall.sources.machinery.canonical.tables import build_tables
from pitwall.sources.machinery.snapshots.store import Snapshot, fetch_candidate

pytestmark = pytest.mark.slow

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
Change = Callable[[pd.DataFrame], pd.DataFrame]
Fetch = Callable[..., Snapshot]


@pytest.fixture
def changed(dump: Path, tmp_path: Path) -> Fetch:
    """Fetch the dump with tables rewritten, each by its function."""

    def fetched(**tables: Change) -> Snapshot:
        for name, change in tables.items():
            path = dump / f"{name}.csv"
            change(pd.read_csv(path, dtype="string", keep_default_na=False)).to_csv(path, index=False)
        folder = tmp_path / f"fetched-{len(list(tmp_path.iterdir()))}"
        folder.mkdir()
        return fetch_candidate(SOURCE, str(dump), ErgastSettings(), folder, now=NOW)

    return fetched


def retired(rows: pd.DataFrame) -> pd.Series:
    return rows["position"] == "\\N"


def filled_in(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(position=rows["positionOrder"], positionText=rows["positionOrder"])


def close_up(rows: pd.DataFrame) -> pd.DataFrame:
    kept = rows[~retired(rows)]
    order = kept["positionOrder"].astype(int).groupby(kept["raceId"]).rank().astype(int).astype("string")
    return kept.assign(positionOrder=order)


def none(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.head(0)


def without(rows: pd.DataFrame, places: set[str]) -> pd.DataFrame:
    return rows[~rows["positionOrder"].isin(places)]


def from_zero(rows: pd.DataFrame) -> pd.DataFrame:
    order = rows["grid"].astype(int).where(rows["grid"] != "0", 99).groupby(rows["raceId"]).rank(method="first")
    return rows.assign(grid=(order - 1).astype(int).astype("string"))


def on_pole(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(position="1")


LACKING: list[tuple[dict[str, Change], str]] = [
    ({"results": filled_in}, r"in \d races on end every car of the results has a place .*letter"),
    ({"results": close_up, "qualifying": none}, r"in \d races on end every car of the results has a place"),
    ({"results": lambda rows: without(rows, {"1"})}, r"races have no winner, nobody with positionOrder 1"),
    ({"results": lambda rows: without(rows, {"3", "4", "5"}), "qualifying": none}, r"lack places in the middle"),
    ({"qualifying": lambda rows: rows[rows["q3"] != "\\N"]}, r"qualifying of \d races lacks cars that started in them"),
    ({"results": lambda rows: rows[rows["raceId"] < "201704"]}, r"4 races have qualifying or standings and no results"),
    ({"races": lambda rows: rows.assign(date=rows["date"].to_numpy()[::-1])}, r"take place before an earlier round"),
    ({"results": from_zero, "qualifying": on_pole}, r"the grid of results\.csv counts from 0: .*Add 1"),
]


@pytest.mark.parametrize(("tables", "says"), LACKING)
def test_what_no_real_season_lacks_is_refused(
    tables: dict[str, Change], says: str, changed: Fetch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(whole, "RETIREMENT_FREE_CARS", 30)  # this world has six to eight cars
    check_whole(changed())
    with pytest.raises(SourceError, match=says):
        check_whole(changed(**tables))


WORDS = {"R": "DNF", "W": "DNS", "D": "dsq", "N": "Not classified", "F": "DNQ", "E": "EX"}


@pytest.mark.parametrize(
    "change",
    [
        lambda rows: rows.assign(positionText=rows["positionText"].replace(WORDS)),
        lambda rows: rows.assign(position=rows["positionOrder"]),
        lambda rows: rows.assign(position=rows["position"].mask(retired(rows), "99")),
        lambda rows: rows.assign(grid=rows["grid"].replace({"0": "PL"})),
    ],
    ids=["words", "filled in", "99", "pit lane"],
)
def test_places_and_slots_read_in_other_words(change: Change, changed: Fetch) -> None:
    def with_a_pit_lane(rows: pd.DataFrame) -> pd.DataFrame:
        last = rows["positionOrder"] == "8"
        return rows.assign(
            grid=rows["grid"].mask(last, "0"),
            positionText=rows["positionText"].mask(last, "W"),
            position=rows["position"].mask(last, "\\N"),
        )

    before = build_tables([changed(results=with_a_pit_lane)], TimeParams()).tables
    after = build_tables([changed(results=change)], TimeParams()).tables
    for name in ("results", "entries", "grid"):
        pd.testing.assert_frame_equal(after[name], before[name])


def test_a_text_that_is_no_place_is_set_aside(changed: Fetch) -> None:
    made = build_tables(
        [changed(results=lambda rows: rows.assign(positionText=rows["positionText"].mask(rows.index == 0, "0")))],
        TimeParams(),
    )
    assert made.quarantine["reason"].tolist() == ["positionText: not a place, nor one of R, W, F, D, E, N"]


def last_race(rows: pd.DataFrame) -> pd.Series:
    return rows["raceId"] == rows["raceId"].max()


@pytest.mark.parametrize(
    ("slots", "known", "why"),
    [
        (["1", "2", "3", "4", "5", "0", "0", "0"], 5, "0, the pit lane, for more cars of a race than ever start there"),
        (["1", "1", "2", "2", "3", "3", "4", "4"], 0, "shared by most cars of a race"),
        (["1", "2", "3", "4", "5", "6", "7", "99"], 7, "far behind the last car of a race"),
    ],
)
def test_slots_that_a_publisher_made_up_are_not_known(slots: list[str], known: int, why: str, changed: Fetch) -> None:
    def given(rows: pd.DataFrame) -> pd.DataFrame:
        rows.loc[last_race(rows), "grid"] = slots
        return rows

    made = build_tables([changed(results=given)], TimeParams())
    race = made.tables["results"]["race_id"].max()
    assert len(made.tables["results"]) == 40
    assert (made.tables["grid"]["race_id"] == race).sum() == known
    assert made.assumed[f"results: grid {why}, read as null"] == 8 - known


@pytest.mark.parametrize("word", ["-", "?", "#NULL!", "0", "unknown"])
def test_a_code_is_letters(word: str, changed: Fetch) -> None:
    drivers = build_tables([changed(drivers=lambda rows: rows.assign(code=word))], TimeParams()).tables["drivers"]
    assert drivers["code"].isna().all()
