"""The canonical tables: versions in time, the two-axis cut, and schemas that refuse wrong tables."""

from pathlib import Path

import pandas as pd
import pytest

from pitwall.domain.errors import TableError, UnknownName
from pitwall.domain.tables import SPECS, Tables, empty_table, load_tables, save_tables


def instant(text: str) -> pd.Timestamp:
    return pd.Timestamp(text, tz="UTC")


def grid(*rows: tuple[int, int, int, str, str]) -> pd.DataFrame:
    """Rows (race, driver, slot, event, known)."""
    frame = pd.DataFrame(
        [
            {
                "race_id": race,
                "driver_id": driver,
                "constructor_id": 1,
                "grid": slot,
                "pit_lane": False,
                "event_timestamp": instant(event),
                "known_at": instant(known),
                "known_estimated": event == known,
            }
            for race, driver, slot, event, known in rows
        ]
    )
    return frame.astype({name: str(empty_table("grid")[name].dtype) for name in frame})


SUNDAY, TUESDAY = "2024-07-28T12:00", "2024-07-30T09:00"
CORRECTED = Tables({"grid": grid((1, 7, 1, SUNDAY, SUNDAY), (1, 7, 4, SUNDAY, TUESDAY), (1, 8, 2, SUNDAY, SUNDAY))})


def test_as_of_returns_the_version_known_then() -> None:
    before = CORRECTED.as_of(instant("2024-07-29"))["grid"].set_index("driver_id")["grid"]
    after = CORRECTED.as_of()["grid"].set_index("driver_id")["grid"]
    assert before.to_dict() == {7: 1, 8: 2}
    assert after.to_dict() == {7: 4, 8: 2}


def test_cut_is_strict_in_event_time_and_inclusive_in_knowledge_time() -> None:
    assert CORRECTED.cut(instant(SUNDAY))["grid"].empty
    assert len(CORRECTED.cut(instant(SUNDAY) + pd.Timedelta("1us"))["grid"]) == 2
    at_correction = CORRECTED.cut(instant(TUESDAY))["grid"]
    assert at_correction.set_index("driver_id").loc[7, "grid"] == 4


def test_vintages_are_the_instants_of_corrections() -> None:
    assert CORRECTED.vintages() == [instant(TUESDAY)]
    assert Tables({"grid": grid((1, 7, 1, SUNDAY, SUNDAY))}).vintages() == []


def test_a_view_holds_only_what_was_declared() -> None:
    with pytest.raises(UnknownName, match="results"):
        CORRECTED.only("grid")["results"]


def test_saved_tables_come_back_equal_and_sorted(tmp_path: Path) -> None:
    shuffled = CORRECTED["grid"].sample(frac=1, random_state=3)
    save_tables({"grid": shuffled}, tmp_path)
    back = load_tables(tmp_path, ["grid"])["grid"]
    pd.testing.assert_frame_equal(back, CORRECTED["grid"], check_dtype=True)


@pytest.mark.parametrize(
    ("change", "named"),
    [({"grid": 0}, "grid"), ({"known_at": pd.NaT}, "known_at"), ({"surplus": 1}, "surplus")],
)
def test_a_table_that_breaks_its_schema_is_refused(tmp_path: Path, change: dict[str, object], named: str) -> None:
    broken = CORRECTED["grid"].assign(**change)
    if named == "surplus":
        with pytest.raises(Exception, match="surplus"):
            SPECS["grid"].schema().validate(broken)
        return
    with pytest.raises(TableError, match=named):
        save_tables({"grid": broken}, tmp_path)


def test_a_duplicated_version_is_refused(tmp_path: Path) -> None:
    twice = pd.concat([CORRECTED["grid"], CORRECTED["grid"].tail(1)])
    with pytest.raises(TableError, match="unique|duplicate"):
        save_tables({"grid": twice}, tmp_path)


@pytest.mark.parametrize("name", sorted(SPECS))
def test_every_spec_describes_its_row_and_accepts_an_empty_table(name: str) -> None:
    spec = SPECS[name]
    assert spec.row
    assert set(spec.key) <= set(spec.columns)
    assert spec.nullable <= set(spec.columns)
    spec.schema().validate(empty_table(name))


def test_a_missing_table_says_how_to_make_it(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="dvc repro tables"):
        load_tables(tmp_path, ["grid"])


def test_a_table_that_is_not_there_is_not_there() -> None:
    tables = Tables({"races": empty_table("races")})
    assert "races" in tables
    assert "laps" not in tables
