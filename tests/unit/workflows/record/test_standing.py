"""What a person's duel entitles them to say, and how the command line says it."""

import json
from contextlib import nullcontext
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from pitwall.cli import record as command
from pitwall.domain.errors import UnknownName, UsageError
from pitwall.domain.params import Params
from pitwall.ml.forecasting.record.duel import Round
from pitwall.workflows import workspace as workspaces
from pitwall.workflows.record import duel
from pitwall.workflows.record.standing import standings

GAINS = (0.9, -0.3, 0.6, 0.2, -0.1)  # nats by which Ada beats the champion, season after season


def round_of(race: int, question: str = "race_winner", metric: str = "log_loss", **sides: float) -> Round:
    return Round(f"{2025 + race // 24}-{race % 24 + 1:02d}", question, metric, sides, {})


def season(races: int) -> list[Round]:
    return [
        round_of(race, Ada=1.0, champion=1.0 + GAINS[race % len(GAINS)], **({"market": 0.9} if race < 3 else {}))
        for race in range(races)
    ]


def test_a_person_is_held_against_each_side_over_the_races_on_which_both_stand() -> None:
    champion, market = standings(season(20), "Ada", Params())
    assert (champion.side, len(champion.looks), champion.races[0]) == ("champion", 20, "2025-01")
    assert champion.looks[-1].mean == pytest.approx(sum(GAINS) / len(GAINS)), "above zero: the person is better"
    assert champion.said.startswith("ahead by .26 nats, not yet entitled to say so, about ")
    assert (market.side, len(market.looks)) == ("market", 3)
    assert market.said == "behind by .10 nats, not yet entitled to say so, too few races (three) to tell how many more"


def test_enough_races_entitle_them_whatever_the_order_in_which_rounds_come() -> None:
    found = standings(season(95), "Ada", Params())[0]
    after = found.looks[-1].decided_after
    assert found.said.startswith(f"ahead by .26 nats, entitled to say so since race {after} (e-value ")
    assert standings(season(95)[::-1], "Ada", Params())[0] == found


def test_questions_are_apart_and_each_has_the_bound_of_its_loss() -> None:
    rounds = [round_of(1, Ada=1.0, champion=1.1), round_of(1, "podium", "brier", Ada=0.09, champion=0.08)]
    winner, podium = standings(rounds, "Ada", Params(duel={"alpha": 0.1, "bounds": {"race_winner": 0.7}}))
    assert (winner.design.bound, winner.design.alpha, winner.unit) == (0.7, 0.1, "nats")
    assert (podium.design.bound, podium.unit, podium.looks[0].verdict) == (0.04, "brier", "undecided")


def test_a_bound_of_nothing_that_is_known_is_refused_with_the_nearest() -> None:
    with pytest.raises(UnknownName, match="did you mean 'race_winner'"):
        standings(season(1), "Ada", Params(duel={"bounds": {"race_winer": 0.7}}))


def test_a_side_without_a_common_race_is_no_test() -> None:
    assert standings([round_of(1, Ada=1.0), round_of(2, champion=1.0)], "Ada", Params()) == []


def test_the_command_line_ends_in_it_and_json_has_every_e_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workspaces, "Workspace", lambda: nullcontext(SimpleNamespace(params=Params())))
    monkeypatch.setattr(duel, "duel", lambda *_: (season(20), 4))
    said = CliRunner().invoke(command.app, ["duel", "--as", "Ada"])
    assert said.exit_code == 0
    assert "race_winner, Ada beside champion: ahead by .26 nats, not yet entitled to say so" in said.output
    told = json.loads(CliRunner().invoke(command.app, ["duel", "--as", "Ada", "--json", "-"]).stdout)
    (test, _) = told["tests"]
    assert len(test["looks"]) == len(test["races"]) == 20
    assert [each["ahead"] > 0 for each in test["looks"]] == [True] * 20
    assert (test["design"], test["looks"][-1]["verdict"]) == ({"bound": 1.5, "alpha": 0.05}, "undecided")


def test_a_loss_without_a_bound_says_what_to_write() -> None:
    with pytest.raises(UsageError, match="has no bound"):
        standings([round_of(1, "tyre_degradation", "curve_error", Ada=1.0, champion=1.1)], "Ada", _without("mae"))


def _without(metric: str) -> Params:
    duel = Params().duel
    return Params(duel=duel.model_copy(update={"bounds": {k: v for k, v in duel.bounds.items() if k != metric}}))
