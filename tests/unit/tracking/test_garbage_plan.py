"""What stays and what goes: by age, by number, by who holds on to it and by what leads to it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pitwall.tracking.garbage.plan import Kind, Plan, Rule, Thing, plan

NOW = datetime(2024, 6, 1, tzinfo=UTC)


def thing(name: str, *leads_to: str, days: float = 100, kind: Kind = "run", group: str = "") -> Thing:
    return Thing(kind, name, NOW - timedelta(days=days), group, frozenset(leads_to))


def gone(made: Plan) -> list[str]:
    return [each.name for each in made.goes]


def test_what_nobody_holds_on_to_goes() -> None:
    made = plan([thing("a"), thing("b")], {"a": "champion of order", "no such thing": "a card"}, Rule(0, 30), NOW)
    assert gone(made) == ["b"]
    assert made.stays == {"a": "champion of order"}


def test_what_a_thing_that_stays_leads_to_stays_however_far() -> None:
    things = [thing("a", "b"), thing("b", "c"), thing("c"), thing("d", "e"), thing("e")]
    made = plan(things, {"a": "held"}, Rule(0, 30), NOW)
    assert gone(made) == ["d", "e"]
    assert made.stays["c"] == "run b leads to it"


def test_a_circle_of_references_holds_nothing_by_itself() -> None:
    things = [thing("a", "b"), thing("b", "a")]
    assert gone(plan(things, {}, Rule(0, 30), NOW)) == ["a", "b"]
    assert gone(plan(things, {"b": "held"}, Rule(0, 30), NOW)) == []


@pytest.mark.parametrize(("days", "goes"), [(29.9, False), (30.1, True)])
def test_what_is_young_stays(days: float, goes: bool) -> None:
    made = plan([thing("a", "b", days=days), thing("b")], {}, Rule(0, 30), NOW)
    assert bool(gone(made)) is goes


def test_the_newest_of_each_group_stay() -> None:
    things = [thing(f"{group}{age}", days=100 + age, group=group) for group in "xy" for age in range(4)]
    assert gone(plan(things, {}, Rule(2, 30), NOW)) == ["x2", "x3", "y2", "y3"]
    assert gone(plan([*things, thing("log", kind="log")], {}, Rule(9, 30), NOW)) == ["log"], "logs know only age"
