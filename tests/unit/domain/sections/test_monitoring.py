"""`monitoring` of params.yaml: older files load without it, and what is declared names a season or a race."""

import pytest

from pitwall.domain.errors import UsageError
from pitwall.domain.params import Params, parse_params
from pitwall.domain.sections.monitoring import ModelMonitoring, MonitoringParams


def test_an_older_file_loads_and_no_hash_changes():
    assert parse_params({"seed": 3}).monitoring == MonitoringParams()
    other = parse_params({"monitoring": {"alpha": 0.2}, "models": {"order": {"monitoring": {"window": 3}}}})
    assert other.model_dump() == Params().model_dump()


def test_a_season_may_be_written_as_a_number():
    declared = parse_params(
        {"monitoring": {"exempt": {2020: "a short season"}, "rule_changes": [2026]}}
    ).monitoring.declared([2022])
    assert declared == {"2026": "new rules in 2026", "2020": "a short season"}


def test_without_a_list_of_rule_changes_the_known_ones_hold():
    assert list(MonitoringParams().declared([2022])) == ["2022"]
    assert MonitoringParams(rule_changes=()).declared([2022]) == {}


def test_what_names_neither_a_season_nor_a_race_is_refused():
    with pytest.raises(UsageError, match="neither a season"):
        parse_params({"monitoring": {"exempt": {"Monaco": "narrow"}}})


def test_a_model_may_differ():
    own = MonitoringParams().of_model(ModelMonitoring(alpha=0.3))
    assert (own.alpha, own.window) == (0.3, MonitoringParams().window)
    assert MonitoringParams().of_model(None) == MonitoringParams()
