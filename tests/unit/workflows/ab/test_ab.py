"""A test of two versions through a project whose stores are in memory: declared, forecast by both, scored, looked at, ended."""

from __future__ import annotations

import json

import pytest

from pitwall.domain.errors import StageError, UsageError
from pitwall.domain.records.ab_races import running
from pitwall.domain.records.track_record import standing
from pitwall.ml.forecasting.record.summary import lines, sums
from pitwall.monitoring.sequential import Design, looks
from pitwall.testing.worlds.forecasts import NAME, PAST
from pitwall.workflows import registry
from pitwall.workflows.ab import arms, declare
from pitwall.workflows.ab.picture import draw_status
from pitwall.workflows.ab.rehearse import HINDSIGHT, rehearse
from pitwall.workflows.ab.status import marked, status
from pitwall.workflows.forecast import WhatIf, forecast
from pitwall.workflows.logbook.alerts import kept
from pitwall.workflows.record import look
from pitwall.workflows.serving.export import export_all, publish
from pitwall.workflows.serving.places import Place, read_json
from pitwall.workflows.verdicts import score_and_tell

from .conftest import RACES

pytestmark = pytest.mark.slow


def forecasts(workspace):
    return [row for row in workspace.record.rows() if row["kind"] == "forecast"]


def test_a_test_is_declared_run_scored_and_looked_at(duel, workspace, tmp_path):
    test = duel.begin(workspace)
    assert (test.champion, test.challenger, test.question, test.metric) == (
        duel.champion,
        duel.other,
        "race_winner",
        "log_loss",
    )
    assert workspace.registry.aliases(NAME)["challenger"] == duel.other
    answered = []
    for race in RACES:
        made = duel.ask(workspace, race).made
        answered.append(made.version)
        other = {duel.champion: duel.other, duel.other: duel.champion}[made.version]
        assert made.version == test.version(test.arm(race))
        assert (
            made.labels[0].startswith(f"A/B test: version {made.version} (") and f"version {other} (" in made.labels[0]
        )
    assert set(answered) == {duel.champion, duel.other}, "a split of a half divides three races, by this salt"
    both = {(row["race"], row["role"], row["version"], row["in_time"]) for row in forecasts(workspace)}
    assert both == {(race, role, test.version(role), True) for race in RACES for role in ("champion", "challenger")}
    assert len(standing(workspace.record.rows())) == len(RACES), "the record's own count is that of the champion"

    scored = score_and_tell(workspace, duel.over(workspace))
    assert sorted((row["race"], row["version"]) for row in scored.rows) == sorted(
        (r, v) for r in RACES[:2] for v in (duel.champion, duel.other)
    )
    assert "missed" not in {row["kind"] for row in scored.rows}
    (found,) = status(workspace, NAME)
    assert [race.state for race in found.races] == ["counts", "counts", "waits"] and found.waiting == [RACES[2]]
    losses = {
        row["version"]: row["scores"]["race_winner"]["ours"]["log_loss"]
        for row in scored.rows
        if row["race"] == RACES[0]
    }
    assert found.races[0].difference == pytest.approx(losses[duel.champion] - losses[duel.other])
    design = Design(workspace.params.duel.bounds["log_loss"], 0.05)
    assert list(found.looks) == looks([race.difference for race in found.counted], design)
    assert found.row()["races"][1]["look"]["races"] == 2 and "not yet entitled" in found.said
    assert draw_status(found, tmp_path / "ab.png").stat().st_size > 10_000
    assert look.verify(workspace).breaks == ()


def test_the_record_shows_both_roles_and_sums_them_apart(duel, workspace):
    duel.begin(workspace)
    for race in RACES[:2]:
        duel.ask(workspace, race)
    score_and_tell(workspace, duel.over(workspace))
    found = lines(workspace.record.rows())
    assert {(line.race, line.role, line.state) for line in found} == {
        (race, role, "in time") for race in RACES[:2] for role in ("champion", "challenger")
    }
    asked = [(each.role, each.races) for each in sums(found) if each.question == "race_winner"]
    assert asked == [("champion", 2), ("challenger", 2)]


def test_a_split_of_nought_is_a_shadow_that_answers_nobody(duel, workspace):
    duel.begin(workspace, split=0.0)
    for race in RACES:
        made = duel.ask(workspace, race).made
        assert made.version == duel.champion and made.labels[0].startswith("shadow: version")
    assert sum(row["role"] == "challenger" for row in forecasts(workspace)) == len(RACES)


def test_what_is_asked_again_adds_nothing_and_what_was_over_has_no_part(duel, workspace):
    duel.begin(workspace)
    first, second = duel.ask(workspace, RACES[0]), duel.ask(workspace, RACES[0])
    assert first.path == second.path and len(forecasts(workspace)) == 2
    past = forecast(workspace, NAME, PAST, provenance={})
    assert past.made.version == duel.champion and not any("A/B" in label for label in past.made.labels)


def test_a_what_if_is_answered_by_the_arm_of_its_race_and_shadowed_by_nobody(duel, workspace, tmp_path):
    test = duel.begin(workspace)
    entries = tmp_path / "entries.csv"
    entries.write_text("driver\n" + "\n".join(duel.world.tables["drivers"]["name"].tolist()[:6]) + "\n")
    for race in RACES[:2]:
        made = duel.ask(workspace, race, what_if=WhatIf(entries)).made
        assert made.version == test.version(test.arm(race))
    assert [row["what_if"] for row in forecasts(workspace)] == [True, True]
    assert status(workspace)[0].races == ()


def test_a_challenger_that_fails_stops_nobody_and_is_told(duel, workspace, monkeypatch):
    test = duel.begin(workspace, split=1.0)
    fetch = workspace.registry.fetch

    def broken(model, version):
        if version == duel.other:
            raise StageError("its files are gone")
        return fetch(model, version)

    monkeypatch.setattr(workspace.registry, "fetch", broken)
    made = duel.ask(workspace, RACES[0]).made
    assert made.version == duel.champion and "did not answer (its files are gone)" in made.labels[0]
    duel.ask(workspace, RACES[0])
    (found,) = status(workspace)
    assert [(race.race, race.state, race.failed) for race in found.races] == [
        (RACES[0], "one arm", {"challenger": "its files are gone"})
    ]
    assert running(workspace.record.rows(), NAME) == test
    assert look.verify(workspace).breaks == ()


def test_what_cannot_be_tested_is_refused_before_anything_is_moved(duel, workspace):
    wishes = {
        r"is not the champion": declare.Wish(champion=str(duel.other), by="Ada"),
        r"against itself": declare.Wish(challenger=str(duel.champion), by="Ada"),
        r"the split is 1.5": declare.Wish(challenger=str(duel.other), split=1.5, by="Ada"),
        r"unknown alias .*candidate": declare.Wish(by="Ada"),
    }
    for why, wish in wishes.items():
        with pytest.raises(UsageError, match=why):
            declare.start(workspace, NAME, wish)
    assert workspace.record.rows() == [] and "challenger" not in workspace.registry.aliases(NAME)
    test = duel.begin(workspace)
    with pytest.raises(UsageError, match=f"a test of {NAME} runs since .*row {test.row}"):
        duel.begin(workspace)
    with pytest.raises(UsageError, match="no test of"):
        declare.stop(duel.fresh(), NAME, by="Ada", note="")


def test_it_ends_by_hand_and_the_challenger_is_none_any_more(duel, workspace):
    test = duel.begin(workspace)
    duel.ask(workspace, RACES[0])
    ended, version = declare.stop(workspace, NAME, by="Ada", note="enough", now=duel.before(RACES[1], days=1))
    assert (ended.hash, ended.why, version.version) == (test.hash, "enough", duel.other)
    assert workspace.registry.aliases(NAME) == {"champion": duel.champion, "staging": duel.other}
    made = duel.ask(workspace, RACES[1]).made
    assert made.version == duel.champion and not any("A/B" in label for label in made.labels)
    assert [race.race for race in status(workspace)[0].races] == [RACES[0]]


@pytest.mark.parametrize("moved", ["challenger", "champion"])
def test_a_move_of_either_version_ends_it_and_says_why(duel, workspace, moved):
    duel.begin(workspace)
    if moved == "challenger":
        held = workspace.registry.get(NAME, duel.other)
        registry.move(workspace, held, "staging", by="Grace", note="not yet")
        why = f"version {duel.other} is the challenger no more"
    else:
        workspace.registry.set_alias(NAME, "champion", duel.other)
        workspace.registry.drop_alias(NAME, "challenger")
        duel.ask(workspace, RACES[0])
        why = f"version {duel.other} is the champion now"
    (found,) = status(workspace)
    assert found.test.ended and found.test.why == why
    assert not Place(duel.project, NAME).test.exists()


def test_a_rollback_ends_it(duel, workspace):
    history = workspace.history
    with history.locked():
        for version in (duel.other, duel.champion):
            content = {
                "model": NAME,
                "version": version,
                "previous": None,
                "by": "Ada",
                "why": "x",
                "stages": {str(version): "champion"},
            }
            history.settle(history.append("promoted", content))
    duel.begin(workspace)
    registry.roll_back(workspace, NAME, by="Grace", note="worse in the wet")
    (found,) = status(workspace)
    assert found.test.why == f"version {duel.other} is the champion now (rolled_back by Grace)"
    assert "challenger" not in workspace.registry.aliases(NAME)


def test_a_challenger_without_a_test_runs_in_shadow_and_comes_to_no_verdict(duel, workspace):
    registry.move(workspace, workspace.registry.get(NAME, duel.other), "challenger", by="Ada", note="to see")
    made = duel.ask(workspace, RACES[0]).made
    assert made.version == duel.champion and made.labels[0].startswith("shadow: version")
    assert status(workspace) == []
    (found,) = marked(workspace)
    assert (found.version, found.races, found.failed) == (duel.other, (RACES[0],), {})


def test_a_verdict_is_told_once_and_promotes_nobody(duel, workspace, monkeypatch):
    duel.begin(workspace)
    for race in RACES[:2]:
        duel.ask(workspace, race)
    after = duel.over(workspace)
    decided = [look for look in looks([0.9] * 60, Design(1.0)) if look.verdict == "ahead"]
    monkeypatch.setattr("pitwall.workflows.ab.status.looks", lambda differences, _: decided[: len(differences)])
    score_and_tell(workspace, after)
    score_and_tell(workspace, after)
    (alert,) = [each.alert for each in kept(workspace) if each.alert.kind == "verdict"]
    assert "entitled to say so" in alert.text and "the gates judge" in alert.text
    assert workspace.registry.aliases(NAME)["champion"] == duel.champion


def test_servers_read_what_the_record_declares(duel, workspace):
    publish(workspace, NAME)
    place = Place(duel.project, NAME)
    assert not place.test.exists()
    test = duel.begin(workspace)
    assert read_json(place.test) == test.facts() and duel.other in place.versions()
    place.test.unlink()
    export_all(workspace)
    assert read_json(place.test) == test.facts(), "an export makes it anew"
    place.test.write_text("torn")
    duel.ask(workspace, RACES[0])
    assert read_json(place.test) == test.facts(), "so does a forecast, of a damaged one too"
    export_all(workspace)
    shown = [
        json.loads(path.read_text())["forecast"]["version"]
        for path in (duel.project.serving / "forecasts").glob("*.json")
    ]
    assert shown == [test.version(test.arm(RACES[0]))], "a shadow answers nobody"
    declare.stop(workspace, NAME, by="Ada", note="enough")
    assert not place.test.exists()


def test_a_rehearsal_divides_the_judged_races_by_the_same_function(duel, workspace):
    made = rehearse(workspace, NAME, duel.champion, duel.other, split=0.5, salt="s")
    assert made.label == HINDSIGHT and len(made.looks) == len(made.races) == 6
    assert {race["race"][:4] for race in made.races} == {"2023"}
    for role, arm in made.arms.items():
        own = [race[role] for race in made.races if race["served"] == role]
        assert arm["races"] == len(own) > 0
        assert arm["log_loss"] == pytest.approx(sum(own) / len(own))
    swapped = rehearse(workspace, NAME, duel.other, duel.champion, split=0.5, salt="s")
    assert swapped.looks[-1].mean == pytest.approx(-made.looks[-1].mean)
    assert workspace.record.rows() == []


def test_arms_without_a_challenger_are_the_champion_alone(duel, workspace):
    made = duel.ask(workspace, RACES[0]).made
    assert arms.both(workspace, made, lambda: pytest.fail("nobody is asked"), now=duel.before()).served is made
