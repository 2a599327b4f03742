"""Which class is called: shares that were known before the weekend, chances that stay as they are, the likeliest class without a rule."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pitwall.ml.evaluation.scoring import called, labelled_once, per_race, scored
from pitwall.ml.families import family
from pitwall.ml.families.predictions import prediction_table
from pitwall.ml.models import model
from pitwall.ml.templates import template
from pitwall.ml.templates._call import Call
from pitwall.ml.templates._known_shares import known_shares
from pitwall.testing.worlds.tiny import corrected, tiny_tables

TABLES = tiny_tables(seasons=2, races=5, cars=4, upcoming=1)
RUN = TABLES["results"].drop_duplicates("race_id").sort_values("event_timestamp")["race_id"].tolist()
EVEN = 0.5


def won(tables, places=frozenset({1})):
    """Return whether a car came in at a place, by race and driver: one car in four."""
    rows = tables.only("results").as_of()["results"].set_index(["race_id", "driver_id"])
    return rows["place"].isin(places).rename("label")


def known(tables=TABLES, last=2):
    return known_shares(tables, won, ("results",), last)


def test_shares_are_those_of_the_last_known_races_and_even_before_the_first():
    shares = known()
    assert list(shares) == ["yes", "no"]
    assert shares.loc[RUN[0], "yes"] == EVEN
    assert shares.loc[RUN[1], "yes"] == pytest.approx((1 + 0.5) / (4 + 1))  # one race, one even row added
    assert shares.loc[RUN[5], "yes"] == shares.loc[RUN[-1], "yes"] == pytest.approx((2 + 0.5) / (8 + 1))
    np.testing.assert_allclose(shares.sum(axis=1), 1.0)


def test_a_later_correction_changes_what_is_known_from_then_on_alone():
    times = TABLES["races"].drop_duplicates("race_id").set_index("race_id")["practice_at"]
    # between the weekends of the fourth and the fifth race everybody is told to have won the third
    late = times[RUN[4]] - pd.Timedelta(hours=1)
    told = known(corrected(TABLES, "results", lambda rows: rows["race_id"] == RUN[2], late, place=1))
    before = known()
    assert told.loc[RUN[3]].tolist() == before.loc[RUN[3]].tolist()
    assert told.loc[RUN[4], "yes"] == pytest.approx((4 + 1 + 0.5) / (8 + 1))


def test_a_race_whose_stops_are_told_late_counts_late():
    times = TABLES["races"].drop_duplicates("race_id").set_index("race_id")["practice_at"]
    stops = TABLES["pit_stops"].copy()
    stops.loc[stops["race_id"] == RUN[0], "known_at"] = times[RUN[1]] + pd.Timedelta(hours=1)
    shares = known_shares(TABLES.replace(pit_stops=stops), won, ("results", "pit_stops"), 2)
    assert shares.loc[RUN[1], "yes"] == EVEN
    assert shares.loc[RUN[2], "yes"] == known().loc[RUN[2], "yes"]


def wet(chance):
    """Return answers about the rain of all races: medium and high share what is not low."""
    kind = model("rain_impact").kind
    spine = kind.spine(TABLES, "pre_race")
    rest = (1 - chance) / 2
    said = pd.DataFrame({"p_low": chance, "p_medium": rest + 0.01, "p_high": rest - 0.01}, index=spine.index)
    return prediction_table("guess", "model", spine, said, kind)


def asked(power, shares=(0.9, 0.06, 0.04)):
    """Return the question of rain with shares that are the same before every race."""
    names = ("low", "medium", "high")
    table = pd.DataFrame(dict(zip(names, shares, strict=True)), index=TABLES["races"]["race_id"].unique())
    call = Call(power, template("rain_impact").label, ("results", "laps"), found=lambda _: table)
    return replace(template("rain_impact"), call=call)


@pytest.mark.parametrize(
    ("power", "chance", "expected"), [(0.0, 0.8, "low"), (1.0, 0.8, "high"), (1.0, 0.95, "low"), (0.5, 0.8, "low")]
)
def test_the_class_is_called_whose_chance_is_raised_most(power, chance, expected):
    assert set(called(asked(power), wet(chance), TABLES)) == {expected}


def test_a_call_changes_what_is_called_and_no_chance():
    plain, raised = (scored(each, wet(0.8), TABLES) for each in (asked(0.0), asked(1.0)))
    metrics, classes = family("multiclass").metrics, family("multiclass").classes
    assert set(classes.said(plain)) == {0}
    assert set(classes.said(raised)) == {2}
    pd.testing.assert_frame_equal(plain.filter(like="p_"), raised.filter(like="p_"))
    for name in ("log_loss", "rps", "brier"):
        pd.testing.assert_frame_equal(per_race(plain, [metrics[name]]), per_race(raised, [metrics[name]]))


def test_without_a_call_and_with_power_0_the_likeliest_is_called():
    rows = wet(np.linspace(0.2, 0.9, len(wet(0.5))))
    bare = replace(asked(1.0), call=None)
    assert called(bare, rows, TABLES) is None
    said = family("multiclass").classes.said
    assert said(scored(bare, rows, TABLES)).tolist() == said(scored(asked(0.0), rows, TABLES)).tolist()


def test_yes_is_called_above_its_share_and_never_of_what_is_impossible():
    kind = model("safety_car").kind
    spine = kind.spine(TABLES, "pre_race")
    table = pd.DataFrame({"yes": 0.3, "no": 0.7}, index=TABLES["races"]["race_id"].unique())
    question = replace(template("safety_car"), call=Call(1.0, won, ("results",), found=lambda _: table))
    for p, expected in ((0.29, "no"), (0.31, "yes"), (0.0, "no"), (1.0, "yes")):
        said = prediction_table("guess", "model", spine, pd.DataFrame({"p": p}, index=spine.index), kind)
        assert set(called(question, said, TABLES)) == {expected}, p


def test_shares_that_were_counted_once_serve_tables_that_lack_seasons():
    question = labelled_once(template("safety_car"), TABLES)
    assert question.call.shares(TABLES.only()).equals(template("safety_car").call.shares(TABLES))
