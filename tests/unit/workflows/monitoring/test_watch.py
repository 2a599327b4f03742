"""A whole look at a small project: the page, what is an alarm and what is not, and that nobody is told twice."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from pitwall.domain.clock import replaying
from pitwall.domain.errors import FeatureError
from pitwall.domain.params import Params
from pitwall.domain.records.alerts import KINDS
from pitwall.domain.tables import Tables, save_tables
from pitwall.monitoring.drift import Alarm as Moved
from pitwall.monitoring.drift import DriftReport, FeatureDrift
from pitwall.report.content.markdown import to_markdown
from pitwall.testing.worlds.forecasts import NAME, World
from pitwall.testing.worlds.tiny import tiny_tables
from pitwall.workflows.forecast import forecast
from pitwall.workflows.logbook.alerts import kept
from pitwall.workflows.monitoring import staleness
from pitwall.workflows.monitoring import watch as watching
from pitwall.workflows.monitoring.pages.shelf import newest, page_before
from pitwall.workflows.monitoring.pages.week import page, summary
from pitwall.workflows.monitoring.telling import tell
from pitwall.workflows.monitoring.watch import watch
from pitwall.workflows.record.score import score
from pitwall.workflows.serving.places import Place
from pitwall.workflows.serving.shelf import watched
from pitwall.workflows.workspace import Workspace

MADE, LEFT_OUT = "2024-04", "2024-05"


def moved(name: str, group: str, since: str | None = None) -> FeatureDrift:
    return FeatureDrift(name, group, 0.3, 0.2, 0.01, 1.1, 50.0 if since else 0.9, 60.0, since)


def report(*alarms: Moved, **parts: object) -> DriftReport:
    psi = pd.DataFrame({"grid": [0.1, 0.4], "rank": [0.0, 0.0]}, index=["2024-01", MADE])
    whole: dict[str, object] = {
        **{"model": NAME, "reference": "2021 to 2023, data 12ab", "races": ["2024-01", MADE]},
        **{"features": [moved("grid", "session", MADE if alarms else None)], "groups": [moved("session", "session")]},
        **{"not_monitored": {"rank": "a place within the race"}, "exempt": {"2024-01": "season opener"}},
        **{"calibration": [moved("race_winner", "")], "alarms": list(alarms), "psi_by_race": psi},
    }
    return DriftReport(**{**whole, **parts})  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return World(tmp_path_factory.mktemp("project"))


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "drift", lambda *_: report())


def start(tables: Tables, race: str) -> datetime:
    races = tables["races"].query("season == 2024").set_index("round")["starts_at"]
    instant: datetime = races[int(race[5:])].to_pydatetime()
    return instant


@pytest.fixture(scope="module")
def evening(world: World) -> tuple[Workspace, datetime]:
    """A workspace on the evening after two races, of which the first one was forecast, and that instant."""
    workspace = world.workspace()
    with replaying((start(world.tables, MADE) - timedelta(minutes=30)).isoformat()):
        forecast(workspace, NAME, MADE, provenance={"git.commit": "abc"})
    save_tables(tiny_tables(seasons=4, races=6, cars=8, upcoming=1), workspace.project.tables)
    at = start(world.tables, LEFT_OUT) + timedelta(hours=6)
    score(workspace, at)
    return workspace, at


@pytest.fixture
def lived(evening: tuple[Workspace, datetime]) -> tuple[Workspace, datetime]:
    """The same, before anything was told."""
    project = evening[0].project
    project.alerts.unlink(missing_ok=True)
    shutil.rmtree(project.reports / "monitoring", ignore_errors=True)
    (project.serving / NAME / "live").unlink(missing_ok=True)
    return evening


def test_a_missed_forecast_is_an_alarm_once_and_a_good_week_has_none(lived: tuple[Workspace, datetime]) -> None:
    workspace, evening = lived
    found = watch(workspace, evening)
    assert [(each.kind, each.subject, each.cause) for each in found.alarms] == [("missed", NAME, LEFT_OUT)]
    assert {each.kind for each in found.alarms} <= set(KINDS)
    (model,) = found.models
    assert [each.races for each in model.scores] == [(MADE,)] * len(model.scores)
    assert model.scores[0].question == "race_winner"
    told = tell(workspace, found)
    assert [each.cause for each in told.news] == [LEFT_OUT]
    assert tell(workspace, watch(workspace, evening)).news == ()
    assert [each.alert.kind for each in kept(workspace)] == ["missed"]

    next_week = evening + timedelta(days=7)
    again = watch(workspace, next_week)
    assert again.since == evening
    assert again.missed == ()
    assert [each.kind for each in again.alarms if each.kind != "stale"] == []


def test_the_page_says_what_was_found_and_servers_are_told(lived: tuple[Workspace, datetime]) -> None:
    workspace, evening = lived
    told = tell(workspace, watch(workspace, evening))
    text = told.page.read_text(encoding="utf-8")
    for said in ("1 alarm, 1 model, the first page", "season opener", "a place within the race", "data:image/png"):
        assert said in text
    assert "http" not in text.replace("http://www.w3.org", "")
    page_row = newest(workspace.project)
    assert page_row is not None
    assert (page_row["verdict"], page_row["page"]) == (
        "1 alarm, 1 model, the first page",
        told.page.relative_to(workspace.project.root).as_posix(),
    )
    assert json.loads(told.page.with_suffix(".json").read_text()) == page_row
    assert watched(workspace.project)["alarms_open"] == 1
    assert page_before(workspace.project, evening) is None
    assert page_before(workspace.project, evening + timedelta(days=7)) == evening


def test_what_moved_is_one_alarm_per_group_and_season(
    lived: tuple[Workspace, datetime], monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace, evening = lived
    raised = [
        Moved("grid", "2023-05", "it moved in a season that is over.", "grid"),
        Moved("grid", MADE, "grid has moved by 1.1 sd.", "grid"),
        Moved("session", LEFT_OUT, "session moved.", "grid"),
    ]
    monkeypatch.setattr(watching, "drift", lambda *_: report(*raised))
    found = watch(workspace, evening)
    (alarm,) = [each for each in found.alarms if each.kind == "drift"]
    assert (alarm.subject, alarm.cause, alarm.since) == (NAME, "session in 2024", MADE)
    assert alarm.text == "grid: grid has moved by 1.1 sd. session: session moved."
    assert tell(workspace, found).drifted == (NAME,)
    assert tell(workspace, found).drifted == (), "the same alarm starts nothing again"
    assert "drift, order-pre_race, since 2024-04" in to_markdown(summary(found))


def test_a_model_that_cannot_be_watched_says_why_and_the_others_are_watched(
    lived: tuple[Workspace, datetime], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> DriftReport:
        raise FeatureError("there is no frame")

    monkeypatch.setattr(watching, "drift", broken)
    workspace, evening = lived
    found = watch(workspace, evening)
    assert (found.models[0].drift, found.models[0].undrifted) == (None, "there is no frame")
    assert "Not looked for: there is no frame" in to_markdown(page(found))


def test_a_champion_that_servers_do_not_answer_with_is_an_alarm(lived: tuple[Workspace, datetime]) -> None:
    workspace, evening = lived
    Place(workspace.project, NAME).make_live(1)
    version = watch(workspace, evening).models[0].version
    causes = {each.cause for each in watch(workspace, evening).alarms if each.kind == "stale"}
    assert causes == (set() if version == 1 else {f"version {version} is not served"})
    Place(workspace.project, NAME).make_live(version)
    assert not [each for each in watch(workspace, evening).alarms if "not served" in each.cause]
    Place(workspace.project, NAME).make_live(version + 1)
    assert [each.cause for each in watch(workspace, evening).alarms if "served" in each.cause] == [
        f"version {version} is not served"
    ]


def test_results_that_are_due_are_stale_by_the_clock_and_never_in_the_embedded_world(world: World) -> None:
    params = Params(sources={"ergast": {"location": "somewhere"}})
    due = start(world.tables, MADE) + timedelta(hours=5)
    fine = staleness.data(world.tables, params, due - timedelta(minutes=1))
    assert (fine.missing, staleness.alarms(fine, 8.0)) == ("", [])
    late = staleness.data(world.tables, params, due + timedelta(days=9))
    assert (late.missing, late.days) == (MADE, 9.0)
    assert [(each.kind, each.cause) for each in staleness.alarms(late, 8.0)] == [("stale", f"results of {MADE}")]
    assert staleness.alarms(staleness.data(world.tables, params, due + timedelta(days=7)), 8.0) == []
    by_clock = staleness.data(world.tables, params, None)
    assert (by_clock.against, by_clock.missing) == (staleness.BY_CLOCK, MADE)
    embedded = staleness.data(world.tables, Params(), None)
    assert (embedded.against, staleness.alarms(embedded, 8.0)) == (staleness.BY_DATA, [])


def test_how_many_races_a_champion_has_not_seen(world: World) -> None:
    workspace = world.workspace()
    version = workspace.registry.aliases(NAME)["champion"]
    folder = workspace.registry.fetch(NAME, version)
    recipe = json.loads((folder / "recipe.json").read_text())
    tables = staleness.label_tables(workspace, NAME, None)

    def age(known: Tables) -> staleness.Age:
        return staleness.age(workspace, NAME, staleness.recipe_of(workspace, NAME, version), known)

    assert age(tables) == staleness.Age(None, None)
    run = tables.only("results").as_of()["results"]["race_id"].nunique()
    (folder / "recipe.json").write_text(json.dumps({**recipe, "facts": {"races": run - 2}}))
    assert age(tables) == staleness.Age(run - 2, 2)
    earlier = staleness.label_tables(workspace, NAME, datetime(2024, 1, 1, tzinfo=UTC))
    assert age(earlier).unseen == 0
