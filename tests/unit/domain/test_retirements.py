"""Who retired and who did not, and what counts as an accident."""

import pandas as pd
import pytest

from pitwall.domain.racing.retirements import by_cause, retirements
from pitwall.testing.worlds.tiny import tiny_tables

CASES = {  # status: started, classified, retired
    "Finished": (True, True, False),
    "+2 Laps": (True, True, False),
    "Not classified": (True, False, False),
    "Disqualified": (True, False, False),
    "Engine": (True, False, True),
    "Collision": (True, False, True),
    "Retired": (True, False, True),
    "Withdrew": (False, False, False),
}


@pytest.fixture
def results():
    lines = tiny_tables(seasons=1, races=1, cars=len(CASES))["results"].sort_values("driver_id", ignore_index=True)
    flags = pd.DataFrame(CASES.values(), columns=["started", "classified", "retired"])
    return lines.assign(status=list(CASES), **{name: flags[name] for name in flags})


def test_a_lapped_car_has_not_retired_and_one_that_never_started_has_no_label(results):
    label = retirements(results)
    status = results.set_index(["race_id", "driver_id"])["status"]
    assert label.dtype == bool
    assert set(status[label.index[label]]) == {"Engine", "Collision", "Retired"}
    assert set(status) - set(status[label.index]) == {"Withdrew"}


def test_a_retirement_is_an_accident_or_a_breakdown(results):
    causes = by_cause(results).set_axis(results["status"], axis=0)
    assert causes.loc["Collision"].to_dict() == {"retired": 1.0, "accident": 1.0, "breakdown": 0.0}
    assert causes.loc["Engine"].to_dict() == causes.loc["Retired"].to_dict()
    assert causes.loc["Engine"].to_dict() == {"retired": 1.0, "accident": 0.0, "breakdown": 1.0}
    assert (causes["retired"] == causes["accident"] + causes["breakdown"]).all()


def test_damage_of_a_car_that_was_classified_is_no_accident(results):
    finished = results.assign(status="Collision damage", retired=False, classified=True)
    assert (by_cause(finished) == 0.0).all(axis=None)
