"""params.yaml is typed and frozen; a typo is an error that names the nearest parameter."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from pitwall.domain.errors import UnknownName, UsageError
from pitwall.domain.params import Params, Section, load_params, parse_params, section_settings

REPOSITORY = Path(__file__).parents[3]


def test_the_shipped_file_is_the_model_defaults_spelled_out() -> None:
    shipped, defaults = load_params(REPOSITORY / "params.yaml"), Params()
    assert shipped.model_copy(update={"models": defaults.models}) == defaults
    assert shipped.models["order"] == defaults.models["order"]


def test_unknown_section_names_the_nearest() -> None:
    with pytest.raises(UnknownName, match="did you mean 'tuning'"):
        parse_params({"tunning": {"trials": 3}})


def test_the_source_section_of_old_says_what_to_write_instead() -> None:
    with pytest.raises(UsageError, match=r"sources: \{ergast: \{location: PATH\}\}"):
        parse_params({"source": {"name": "ergast", "location": "x"}, "sources": {}})


def test_unknown_key_in_a_section_names_the_nearest() -> None:
    with pytest.raises(UnknownName, match="did you mean 'tuning.trials'"):
        parse_params({"tuning": {"trails": 3}})


@pytest.mark.parametrize(
    ("content", "where"),
    [({"tuning": {"trials": 0}}, "tuning.trials"), ({"promotion": {"approval": "three"}}, "promotion.approval")],
)
def test_a_wrong_value_says_where_and_what_was_found(content: dict[str, object], where: str) -> None:
    with pytest.raises(UsageError, match=where):
        parse_params(content)


def test_a_documentation_that_nobody_asks_for_is_no_part_of_a_hash() -> None:
    assert "documentation" not in Params().model_dump()["promotion"]
    asked = parse_params({"promotion": {"documentation": "required"}})
    assert asked.model_dump()["promotion"] == {"approval": "auto", "documentation": "required"}


def test_a_schedule_of_old_means_utc_and_is_no_other_hash() -> None:
    old = parse_params({"schedule": {"race_weekend": "0 10 * * 0"}})
    assert (old.schedule.timezone, old.schedule.latest_before_session_h) == ("UTC", 0.5)
    assert old.model_dump()["schedule"] == {"race_weekend": "0 10 * * 0"}


def test_an_unknown_time_zone_names_the_nearest() -> None:
    with pytest.raises(UnknownName, match="did you mean 'Europe/Rome'"):
        parse_params({"schedule": {"timezone": "Europe/Roma"}})


def test_params_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        Params().tuning.trials = 1000  # type: ignore[misc]


def test_a_missing_file_says_how_to_restore_it(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="git checkout params.yaml"):
        load_params(tmp_path / "params.yaml")


@pytest.mark.parametrize("text", ["a: [", "- a list", ""])
def test_a_file_that_is_no_mapping_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "params.yaml"
    path.write_text(text)
    with pytest.raises(UsageError, match=r"params\.yaml"):
        load_params(path)


class _Settings(Section):
    window: int = 5


def test_plugin_settings_refuse_unknown_keys_and_wrong_types() -> None:
    assert section_settings(_Settings, {"window": 3}, "features.form").window == 3
    with pytest.raises(UnknownName, match=r"did you mean 'features\.form\.window'"):
        section_settings(_Settings, {"windwo": 3}, "features.form")
    with pytest.raises(UsageError, match=r"features\.form\.window"):
        section_settings(_Settings, {"window": "wide"}, "features.form")


def test_a_time_without_quotes_stays_a_time(tmp_path: Path) -> None:
    path = tmp_path / "params.yaml"
    path.write_text("time:\n  race_start_utc: 13:00\n")  # as DVC writes it back
    assert load_params(path).time.race_start_utc == "13:00"
