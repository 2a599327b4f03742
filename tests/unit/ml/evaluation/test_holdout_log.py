"""The ledger of openings counts different predictions on a season once, and forgets nothing."""

import numpy as np
import pandas as pd
import pytest

from pitwall.domain.project import Project
from pitwall.ml.evaluation import holdout_log
from pitwall.ml.families.order.answer import places as as_answer
from pitwall.ml.families.predictions import prediction_table
from pitwall.ml.rows import row_kind

NAME = "order-pre_race"


def _said(shift=0.0, seasons=(2023, 2024)):
    spine = pd.DataFrame(
        [(season * 100 + race, season, race, driver, 1) for season in seasons for race in (1, 2) for driver in (1, 2)],
        columns=["race_id", "season", "round", "driver_id", "constructor_id"],
    )
    places = np.tile([[0.6 - shift, 0.4 + shift], [0.4 + shift, 0.6 - shift]], (len(spine) // 2, 1))
    return prediction_table("stack", "model", spine, as_answer(places), row_kind("race_driver"))


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path)


def test_nothing_is_opened_before_it_is_written_down(project):
    assert holdout_log.count(project, NAME, _said()) == 0


def test_the_same_predictions_open_a_season_once(project):
    for said in (_said(), _said(), _said(1e-9), _said().iloc[::-1]):
        holdout_log.record(project, NAME, said)
    assert holdout_log.count(project, NAME, _said()) == 1


def test_every_other_candidate_opens_it_again_promoted_or_not(project):
    for shift in (0.0, 0.01, 0.02):
        holdout_log.record(project, NAME, _said(shift))
    holdout_log.record(project, "order-pre_weekend", _said(0.03))
    assert holdout_log.count(project, NAME, _said()) == 3


def test_a_new_season_begins_at_one_and_the_most_opened_season_counts(project):
    holdout_log.record(project, NAME, _said(0.01, seasons=(2022, 2023)))
    holdout_log.record(project, NAME, _said(0.02, seasons=(2022, 2023)))
    holdout_log.record(project, NAME, _said(seasons=(2024, 2025)))
    assert holdout_log.count(project, NAME, _said(seasons=(2024, 2025))) == 1
    assert holdout_log.count(project, NAME, _said(seasons=(2023, 2024))) == 2


def test_the_same_year_of_another_source_is_another_season(project):
    holdout_log.record(project, NAME, _said(0.01))
    assert holdout_log.count(project, NAME, _said().assign(driver_id=lambda rows: rows["driver_id"] + 500)) == 0
