"""A promotion needs every gate and the approvals; refusals leave the champion; all of it is written down."""

import json

import pytest

from pitwall.domain.errors import PromotionRefused, UsageError
from pitwall.ml.gates import gates
from pitwall.ml.registry.approvals import Approval, approve
from pitwall.ml.registry.promotion import ensure_champion
from pitwall.testing.fakes.versions import NAME, Versions, passed


@pytest.fixture
def world(tmp_path):
    return Versions(tmp_path)


def test_the_baseline_is_champion_before_anything_else(world):
    assert ensure_champion(world.registry, world.history, world.baseline).version == 1
    assert world.holder() == 1
    assert ensure_champion(world.registry, world.history, world.models[0]).version == 1
    assert world.kinds() == ["baseline"]


def test_a_candidate_that_passes_everything_is_promoted_and_recorded(world):
    first = world.promote(world.models[0])
    second = world.promote(world.models[1])

    assert (first.previous, first.by, second.previous) == (1, "policy:auto", 2)
    assert (world.holder(), world.holder("previous")) == (3, 2)
    assert world.kinds() == ["baseline", "promoted", "promoted"]
    tags = world.registry.get(NAME, 3).tags
    assert (tags["promotion.kind"], tags["promotion.previous"], tags["promotion.by"]) == (
        "promoted",
        "2",
        "policy:auto",
    )
    assert {verdict["gate"] for verdict in json.loads(tags["promotion.verdicts"])} == set(gates())
    row = world.history.rows(NAME)[-1]
    assert (row["version"], row["previous"], row["at"]) == (3, 2, second.at)
    assert world.history.rows("another") == []


def test_one_failed_gate_refuses_and_the_champion_stays(world):
    world.promote(world.models[0])
    with pytest.raises(PromotionRefused, match="latency: too slow") as refusal:
        world.promote(world.models[1], passed(latency="too slow"))
    assert refusal.value.exit_code == 3
    assert [v.gate for v in refusal.value.verdicts if not v.passed] == ["latency"]
    assert (world.holder(), world.holder("previous")) == (2, 1)
    assert world.kinds() == ["baseline", "promoted", "refused"]
    assert world.registry.get(NAME, 3).tags["promotion.kind"] == "refused"


def test_a_refused_first_candidate_leaves_the_baseline_as_champion(world):
    with pytest.raises(PromotionRefused):
        world.promote(world.models[0], passed(beats_baseline="no gain"))
    assert world.holder() == 1


@pytest.mark.parametrize("verdicts", [[], passed()[:-1]])
def test_a_gate_that_was_not_asked_counts_as_failed(world, verdicts):
    with pytest.raises(PromotionRefused, match="the gate was not asked"):
        world.promote(world.models[0], verdicts)
    assert world.holder() == 1


def test_the_standing_champion_promoted_again_is_left_alone(world):
    world.promote(world.models[0])
    again = world.promote(world.models[0], passed(latency="too slow"))
    assert "champion already" in again.why
    assert world.kinds() == ["baseline", "promoted"]
    assert world.holder("previous") == 1


@pytest.mark.parametrize(
    ("policy", "approval", "missing"),
    [
        ("one", None, "1 different names are needed, 0 given with a note"),
        ("one", Approval(("Ada",), "  "), "1 different names are needed, 0 given with a note"),
        ("two", Approval(("Ada", "ada "), "looks right"), "2 different names are needed, 1 given"),
    ],
)
def test_a_missing_approval_refuses_and_is_named(world, policy, approval, missing):
    with pytest.raises(PromotionRefused, match=missing):
        world.promote(world.models[0], approval=approval, policy=policy)
    assert world.holder() == 1
    assert [kind for kind in world.kinds() if kind != "approved"] == ["baseline", "refused"]


def test_two_people_approve_and_are_recorded(world):
    made = world.promote(world.models[0], approval=Approval(("Ada", "Grace"), "checked on Monza"), policy="two")
    assert (made.by, made.why, world.holder()) == ("Ada, Grace", "checked on Monza", 2)


def test_approvals_given_before_count_once_a_person_and_are_spent_by_the_promotion(world):
    candidate = world.models[0]
    for name in ("Ada", " ada", "Grace"):
        approve(world.registry, world.history, candidate, by=name, note="checked on Monza")
    assert world.promote(candidate, policy="two").by == "Ada, Grace"
    world.promote(world.models[1])
    with pytest.raises(PromotionRefused, match="2 different names are needed, 0 given"):
        world.promote(candidate, policy="two")


@pytest.mark.parametrize(("by", "note"), [(" ", "fine"), ("Ada", " ")])
def test_an_approval_without_a_name_or_a_reason_is_none(world, by, note):
    with pytest.raises(UsageError, match="name of a person and a note"):
        approve(world.registry, world.history, world.models[0], by=by, note=note)
    assert world.kinds() == []


def test_who_trained_a_version_cannot_be_the_only_one_to_approve_it(world):
    world.registry.tag(NAME, 2, {"pitwall.trained_by": "Ada Lovelace"})
    trained = world.registry.get(NAME, 2)
    with pytest.raises(PromotionRefused, match="Ada Lovelace trained this version"):
        world.promote(trained, approval=Approval(("ada  lovelace",), "mine"), policy="one")
    assert world.promote(trained, approval=Approval(("Grace",), "read it"), policy="one").by == "ada lovelace, Grace"


def test_a_promotion_that_was_judged_against_another_champion_is_refused_and_told(world):
    world.promote(world.models[0], expected=1)
    with pytest.raises(PromotionRefused, match=r"compared with version 1, but version 2 became champion meanwhile"):
        world.promote(world.models[1], expected=1)
    assert world.holder() == 2


def test_the_champion_before_the_last_one_is_archived_and_must_be_offered_again(world):
    for model in world.models:
        world.promote(model)
    assert world.registry.get(NAME, 2).tags["pitwall.stage"] == "archived"
    assert world.registry.aliases(NAME) == {"champion": 4, "previous": 3}
    with pytest.raises(PromotionRefused, match="the version is archived; offer it again first"):
        world.promote(world.models[0])


def test_an_alias_that_somebody_else_moved_is_written_down_and_goes_on_from_there(world):
    world.promote(world.models[0])
    world.registry.set_alias(NAME, "champion", 3)
    made = world.promote(world.models[2])
    assert (made.previous, world.kinds()[-2:]) == (3, ["outside", "promoted"])
    assert "is version 3, by the history version 2: moved outside of Pitwall" in world.history.rows()[-2]["why"]
