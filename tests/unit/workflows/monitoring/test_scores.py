"""Scores beside baselines from the record's rows: what counts, what is said, and when a champion that is behind is an alarm."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from pitwall.domain.params import Params
from pitwall.domain.sections.duel import DuelParams
from pitwall.monitoring.sequential import Design
from pitwall.workflows.monitoring.alarms import of_model
from pitwall.workflows.monitoring.found import Age, ModelWatch, Score
from pitwall.workflows.monitoring.scores import LATELY, declared, scores

MODEL = "order-pre_race"


def design(question: str, metric: str) -> Design | None:
    return Design(1.0) if metric == "log_loss" else None


def record(pairs: Sequence[tuple[float, float]], season: int = 2024, **about: Any) -> Iterator[dict[str, Any]]:
    """Yield forecasts in time with their scores: (ours, baseline) of each race."""
    for number, (ours, baseline) in enumerate(pairs, start=1):
        race = f"{season}-{number:02d}"
        common = {"race": race, "stage": "pre_race", "model": MODEL, "version": 1, "content": f"{race}{about}"}
        dated = {"at": f"{season}-01-01T00:00:00+00:00", "starts_at": f"{season}-02-01T00:00:00+00:00", "seq": number}
        made = {"kind": "forecast", "role": "champion", "in_time": True, "what_if": False, "templates": ["race_winner"]}
        yield {**common, **dated, **made, **about}
        said = {"ours": {"log_loss": ours}, "baseline": {"log_loss": baseline}}
        yield {**common, **dated, "kind": "score", "scores": {"race_winner": said}}


def scored(rows: Iterator[dict[str, Any]] | list[dict[str, Any]]) -> Score:
    (found,) = scores(list(rows), MODEL, "race_winner", design)
    return found


def alarms(score: Score) -> list[str]:
    model = ModelWatch(MODEL, 1, "model", "stack", "", (score,), Age(100, 0), None)
    return [each.cause for each in of_model(model, Params())]


def noise(gain: float, races: int, seed: int = 3) -> list[tuple[float, float]]:
    draw = random.Random(seed)
    return [(1.2, 1.2 + gain + draw.uniform(-0.4, 0.4)) for _ in range(races)]


def test_a_champion_that_is_behind_its_baseline_is_an_alarm_once_that_may_be_said() -> None:
    early, late = scored(record(noise(-0.3, 4))), scored(record(noise(-0.4, 24)))
    assert (early.verdict, alarms(early)) == ("undecided", [])
    assert (late.verdict, alarms(late)) == ("behind", ["behind its baseline in 2024: race_winner"])
    assert late.said.startswith("behind by .39 nats, entitled to say so since race")


@pytest.mark.parametrize("gain", [0.0, 0.3])
def test_one_that_is_level_or_ahead_is_none(gain: float) -> None:
    found = scored(record(noise(gain, 24)))
    assert alarms(found) == []
    assert found.season.gain == pytest.approx(gain, abs=0.12)
    assert found.interval is not None
    assert found.interval[0] <= found.season.gain <= found.interval[1]


def test_only_what_counts_is_scored_and_another_season_begins_anew() -> None:
    rows = [*record([(3.0, 1.0)] * 20, 2023), *record([(1.0, 1.5)] * 3)]
    late = record([(9.0, 0.0)] * 3, in_time=False)
    what_if = record([(9.0, 0.0)] * 3, what_if=True)
    beside = record([(9.0, 0.0)] * 3, role="challenger", version=2)
    found = scored([*late, *what_if, *rows, *beside])
    assert found.races == ("2024-01", "2024-02", "2024-03")
    assert (found.season.ours, found.season.baseline) == (1.0, 1.5)
    assert (found.lately.races, found.lately.ours) == (LATELY, pytest.approx((2 * 3.0 + 3 * 1.0) / 5))


def test_a_question_that_does_not_decide_raises_nothing_and_one_without_a_test_says_nothing() -> None:
    rows = list(record(noise(-0.5, 24)))
    (found,) = scores(rows, MODEL, "podium", design)
    assert (found.verdict, alarms(found)) == ("behind", [])
    (without,) = scores(rows, MODEL, "race_winner", lambda *_: None)
    assert (without.said, without.interval, alarms(without)) == ("", None, [])


def test_the_error_is_shared_out_among_the_models_and_a_metric_without_a_bound_has_no_test() -> None:
    found = declared(DuelParams(alpha=0.06), 3)("race_winner", "log_loss")
    assert found is not None
    assert found.alpha == pytest.approx(0.02)
    assert declared(DuelParams(), 1)("race_winner", "crps") is None
