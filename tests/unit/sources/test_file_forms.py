"""Whole files as other programs write them: the same tables, or a refusal that names file, column and what to do."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from pitwall.domain.errors import SourceError
from pitwall.domain.params import TimeParams
from pitwall.sources.machinery.canonical.tables import build_tables
from pitwall.sources.machinery.fetching.inspect import inspect
from pitwall.sources.machinery.snapshots.store import Snapshot

pytestmark = pytest.mark.slow

Snap = Callable[[Path], Snapshot]
Rewrite = Callable[[Path, pd.DataFrame], None]

WORDS = ("NA", "nan", "<NA>", " None ", "n/a", "NULL", "NaT", "", "\\N")


def write(path: Path, rows: pd.DataFrame) -> None:
    rows.to_csv(path, index=False)


def by_many_programs(path: Path, rows: pd.DataFrame) -> None:
    """Each line has another word for null."""
    words = pd.Series([WORDS[line % len(WORDS)] for line in range(len(rows))], index=rows.index, dtype="string")
    write(path, rows.apply(lambda column: column.where(column != "\\N", words)))


def by_pandas(path: Path, _: pd.DataFrame) -> None:
    """Whole numbers beside nulls come out as 12.0, nulls as nothing, with the index in front."""
    pd.read_csv(path, na_values="\\N").to_csv(path)


def by_r(path: Path, rows: pd.DataFrame) -> None:
    rows = rows.replace({"\\N": "NA"})
    rows.insert(0, "", range(1, len(rows) + 1))
    rows.to_csv(path, index=False, quoting=1, lineterminator="\r\n", encoding="utf-8-sig")


def by_a_spreadsheet(path: Path, rows: pd.DataFrame) -> None:
    """Dates in the forms of a country, blank cells and lines at the end."""
    for column in rows.columns[rows.columns.str.endswith("date") | (rows.columns == "dob")]:
        form = "%m/%d/%Y" if column == "dob" else "%d-%b-%Y"
        rows[column] = pd.to_datetime(rows[column].replace({"\\N": None})).dt.strftime(form).fillna("")
    blank = "," * len(rows.columns) + "\r\n"
    text = rows.replace({"\\N": ""}).assign(**{"": ""}).to_csv(index=False, lineterminator="\r\n")
    path.write_text(text + blank * 3, newline="")


def by_a_database(path: Path, rows: pd.DataFrame) -> None:
    """Columns in snake case, dates with a time, times with an offset."""
    for column in rows:
        if column.endswith("date"):
            rows[column] = rows[column].where(rows[column] == "\\N", rows[column] + " 00:00:00.000")
        elif column == "time" or column.endswith("_time"):
            rows[column] = rows[column].str.replace("Z", "+00:00")
    snake = rows.columns.str.replace(r"(?<=[a-z])([A-Z])", r"_\1", regex=True).str.lower()
    write(path, rows.replace({"\\N": "NULL"}).set_axis(snake, axis=1))


PROGRAMS: dict[str, Rewrite] = {
    **{"nulls": by_many_programs, "pandas": by_pandas, "R": by_r},
    **{"spreadsheet": by_a_spreadsheet, "database": by_a_database},
}


@pytest.fixture(scope="module")
def expected(pristine: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, pd.DataFrame]:
    return dict(build_tables([taken(pristine, tmp_path_factory.mktemp("raw"))], TimeParams()).tables)


def taken(dump: Path, raw: Path) -> Snapshot:
    from datetime import UTC, datetime

    from pitwall.sources.ergast import SOURCE, ErgastSettings
    from pitwall.sources.machinery.snapshots.store import take_snapshot

    now = datetime(2026, 3, 1, tzinfo=UTC)
    snapshot = take_snapshot(SOURCE, str(dump), ErgastSettings(), raw, now=now, previous=None)
    assert snapshot is not None
    return snapshot


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_dump_through_another_program_gives_the_same_tables(
    program: str, dump: Path, tmp_path: Path, expected: dict[str, pd.DataFrame]
) -> None:
    for path in sorted(dump.glob("*.csv")):
        PROGRAMS[program](path, pd.read_csv(path, dtype="string", keep_default_na=False))
    made = build_tables([taken(dump, tmp_path / "raw")], TimeParams())
    assert made.quarantine.empty and not [what for what in made.assumed if "no column" not in what]
    for name, table in expected.items():
        pd.testing.assert_frame_equal(made.tables[name], table)


def rewrite(dump: Path, name: str, column: str, change: Callable[[pd.Series], pd.Series]) -> None:
    path = dump / f"{name}.csv"
    rows = pd.read_csv(path, dtype="string", keep_default_na=False)
    write(path, rows.assign(**{column: change(rows[column])}))


def number_of(values: pd.Series, form: str) -> pd.Series:
    return values.map(lambda text: form.format(float(text)) if text != "\\N" else text)


REFUSED = [
    ("results", "milliseconds", lambda v: number_of(v, "{:,.0f}"), r"has commas in its numbers \('\d,\d{3},\d{3}'"),
    ("results", "points", lambda v: v + ",0", r"has commas in its numbers .*decimal commas"),
    ("results", "fastestLapTime", lambda v: v.str.replace(".", ","), r"has commas in its numbers \('1:\d\d,\d{3}'"),
    ("results", "fastestLapTime", lambda v: "lap " + v, r"no value .* is a lap time \(found 'lap 1:"),
    ("results", "points", lambda v: v.where(v.isna(), "NA"), r"holds no value in \d+ lines, and every line needs one"),
    ("qualifying", "q1", lambda v: v + " s", r"no value .* is a lap time"),
    ("races", "date", lambda v: pd.to_datetime(v).dt.strftime("%d/%m/%y"), r"years of two digits .* YYYY-MM-DD"),
    ("races", "date", lambda v: pd.to_datetime(v).dt.strftime("01/%m/%Y"), r"does not prove whether day or month"),
    ("races", "time", lambda v: pd.Series("0.541", v.index), r"bare numbers where a time of day is expected"),
    (
        "drivers",
        "dob",
        lambda v: pd.Series(range(28000, 28000 + len(v))).astype("string"),
        r"bare numbers where a date is",
    ),
]


@pytest.mark.parametrize(("name", "column", "change", "says"), REFUSED)
def test_a_column_in_a_form_of_its_own_is_refused(
    name: str, column: str, change: Callable[[pd.Series], pd.Series], says: str, dump: Path
) -> None:
    rewrite(dump, name, column, change)
    with pytest.raises(SourceError, match=rf"^{name}\.csv: (no value of )?the column '{column}' .*|{says}") as refusal:
        inspect(dump)
    import re

    assert re.search(says, str(refusal.value))


def test_a_column_in_another_unit_is_refused_when_the_tables_are_made(dump: Path, tmp_path: Path) -> None:
    rewrite(dump, "pit_stops", "milliseconds", lambda values: number_of(values, "{:.0f}").str[:-3])
    snapshot = taken(dump, tmp_path / "raw")
    with pytest.raises(
        SourceError, match=r"pit_stops\.csv: every value .*'milliseconds' is outside 5000 to .*another unit"
    ):
        build_tables([snapshot], TimeParams())


def relined(dump: Path, name: str, change: Callable[[str], str], header_only: bool = False) -> None:
    path = dump / f"{name}.csv"
    header, rest = path.read_text().split("\n", 1)
    path.write_text(change(header) + "\n" + (rest if header_only else change(rest)))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda text: text.replace(",", ";"), r"pit_stops\.csv is separated by ';', expected commas; export it as CSV"),
        (lambda text: text.replace(",", "\t"), r"pit_stops\.csv is separated by tabs, expected commas"),
        (lambda text: text.replace(",", "|"), r"pit_stops\.csv is separated by '\|', expected commas"),
    ],
)
def test_another_separator_is_named(change: Callable[[str], str], says: str, dump: Path) -> None:
    relined(dump, "pit_stops", change)
    with pytest.raises(SourceError, match=says):
        inspect(dump)


def test_a_file_without_a_header_says_so(dump: Path) -> None:
    path = dump / "results.csv"
    path.write_text(path.read_text().split("\n", 1)[1])
    with pytest.raises(
        SourceError, match=r"results\.csv has no header: its first line looks like data \(1,.*needed: resultId"
    ):
        inspect(dump)


def test_the_first_line_of_a_spreadsheet_is_named(dump: Path) -> None:
    path = dump / "results.csv"
    path.write_text("sep=,\n" + path.read_text())
    with pytest.raises(SourceError, match=r"results\.csv starts with the line 'sep=,' of a spreadsheet; remove it"):
        inspect(dump)


def test_more_columns_in_the_lines_than_in_the_header_are_refused(dump: Path) -> None:
    path = dump / "results.csv"
    header, *rest = path.read_text().splitlines()
    path.write_text("\n".join([header, *(f"{number},{line}" for number, line in enumerate(rest))]))
    with pytest.raises(
        SourceError, match=r"results\.csv has \d+ columns in its header but \d+ in lines like.*row\.names"
    ):
        inspect(dump)


def test_words_for_null_in_needed_texts_are_texts_and_nan_may_be_a_code(dump: Path, tmp_path: Path) -> None:
    path = dump / "drivers.csv"
    rows = pd.read_csv(path, dtype="string", keep_default_na=False)
    rows.loc[:3, "surname"] = ["Null", "None", "Nan", "NA"]
    rows.loc[:3, "forename"] = "\\N"
    rows["code"] = ["NAN", "nan", "None", "NUL", *["ABC"] * (len(rows) - 4)]
    write(path, rows)
    made = build_tables([taken(dump, tmp_path / "raw")], TimeParams())
    drivers = made.tables["drivers"].sort_values("driver_id").head(4)
    assert made.quarantine.empty
    assert drivers["name"].tolist() == ["Null", "None", "Nan", "NA"]
    assert drivers["code"].fillna("").tolist() == ["NAN", "", "", "NUL"]
    write(path, rows.assign(code="NAN"))
    assert build_tables([taken(dump, tmp_path / "again")], TimeParams()).tables["drivers"]["code"].isna().all()


def test_a_date_that_is_an_instant_is_the_start(dump: Path, tmp_path: Path) -> None:
    path = dump / "races.csv"
    rows = pd.read_csv(path, dtype="string", keep_default_na=False)
    before = build_tables([taken(dump, tmp_path / "raw")], TimeParams()).tables["races"]
    write(path, rows.assign(date=rows["date"] + "T" + rows["time"].str.rstrip("Z") + ".000Z", time="\\N"))
    races = build_tables([taken(dump, tmp_path / "again")], TimeParams()).tables["races"]
    pd.testing.assert_frame_equal(races, before)
    assert not races["start_estimated"].any()


def test_a_start_with_an_offset_is_converted(dump: Path, tmp_path: Path) -> None:
    rewrite(dump, "races", "time", lambda values: pd.Series("22:00:00-05:00", values.index))
    races = build_tables([taken(dump, tmp_path / "raw")], TimeParams()).tables["races"]
    given = pd.read_csv(dump / "races.csv").set_index("raceId")["date"]
    day_after = pd.to_datetime(races["race_id"].map(given), utc=True) + pd.Timedelta(hours=27)
    assert (races["starts_at"] == day_after).all()


def test_a_place_that_does_not_read_is_that_of_position_text(dump: Path, tmp_path: Path) -> None:
    path = dump / "results.csv"
    rows = pd.read_csv(path, dtype="string", keep_default_na=False)
    write(path, rows.assign(position=rows["position"].mask(rows.index == 0, "first")))
    made = build_tables([taken(dump, tmp_path / "raw")], TimeParams())
    assert made.tables["results"]["classified"].sum() == (rows["position"] != "\\N").sum()
    assert made.assumed == {"results: position not a whole number from 0, read as null": 1}
