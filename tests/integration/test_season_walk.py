"""A project lives through a season of the embedded world: it learns once and then only ingests, materialises and forecasts.

Each moment is a snapshot fetched at its instant. Every model is asked at each, whatever is known; both stages are served side by
side; and what was served is, bit by bit, what the offline join says, then and at the end.
"""

import shutil
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest

from pitwall.adapters.feast.online_slots import OnlineSlots
from pitwall.adapters.feast.store import FeastStore
from pitwall.domain.errors import ForecastError
from pitwall.domain.params import ModelParams, Params
from pitwall.domain.project import Project
from pitwall.domain.racing.data_world import world
from pitwall.domain.tables import load_tables
from pitwall.features import feature_sets
from pitwall.features.machinery import stage as feature_stage
from pitwall.ml.data.calendar import READS, next_race
from pitwall.ml.forecasting.forecast import REPLAY, forecast
from pitwall.ml.forecasting.input_log import read_served, same_bits
from pitwall.ml.forecasting.skew import replay
from pitwall.ml.models.machinery.frames import build_frames
from pitwall.ml.rows import row_kind
from pitwall.ml.training.training_job import training_job
from pitwall.sources.machinery import stage as data_stage
from pitwall.sources.synthetic import SyntheticSettings
from pitwall.sources.synthetic_world import World
from pitwall.testing import FakeRegistry
from pitwall.testing.checks.features import copy_feature_repo
from pitwall.testing.fakes.snapshots import cleaned_once
from pitwall.testing.worlds.forecasts import crown

pytestmark = pytest.mark.slow

IDS = list(row_kind("race_driver").ids)
REPO = Project(Path(__file__).resolve().parents[2])
SIZE = {"seasons": 3, "teams": 4, "races": 4, "laps_seasons": 0}
LAST = 2019
STAGES = ("pre_weekend", "pre_race")  # in the order of the flow
EARLY = "no qualifying yet: the pre_weekend model answers, as of the start of practice"
UNUSED = "what is known of the weekend is not used: params.yaml trains no order-pre_qualifying"
SAME_CARS = "no entry list yet: the entrants of the last race are assumed"
ORDER = "no grid yet: the qualifying order stands in, without penalties"
LABELS = {
    "before_weekend": (EARLY, SAME_CARS),
    "after_first_practice": (EARLY, UNUSED, "no entry list yet: the drivers of FP1 are assumed"),
    "after_practice": (EARLY, UNUSED, "no entry list yet: the drivers of FP3 are assumed"),
    "after_qualifying": (ORDER,),
    "with_grid": (),
}
HOURS = {"after_first_practice": -45, "after_practice": -24, "after_qualifying": -20, "with_grid": -1}  # to the start
WEEKENDS = ((0, tuple(LABELS)), (1, ("before_weekend", "with_grid")))


class Walk:
    """The project, moved from moment to moment."""

    def __init__(self, root: Path) -> None:
        self.project, self.registry = Project(root), FakeRegistry()
        shutil.copy(REPO.params, self.project.params)
        copy_feature_repo(self.project, REPO)
        self.calendar = World(SyntheticSettings(**SIZE)).history.calendar
        self.reader, self.params = FeastStore(self.project), Params()

    def start(self, number):
        return self.calendar[LAST * 100 + number].start

    def move(self, rounds_run, moment, now):
        """Take the snapshot of a moment at its instant and compute what follows from it."""
        settings = {**SIZE, "rounds_run": rounds_run, "moment": moment}
        order = ModelParams(estimator="conditional_logit", first_season=2017, stages=STAGES)
        self.params = Params(sources={"synthetic": settings}, models={"order": order})
        report = data_stage.ingest(self.project, self.params, "synthetic", now=now)
        assert report.is_news
        data_stage.tables(self.project, self.params)
        feature_stage.build_features(self.project, self.params)

    def learn(self):
        build_frames(self.project, self.params, self.reader)
        for stage, baseline in zip(STAGES, ("championship_order", "grid_frequency"), strict=True):
            job = self.job(stage)
            both = {"model": "conditional_logit", "baseline": baseline}
            crown(job, job.tables(), job.frame(), registry=self.registry, estimators=both, seasons=[LAST - 1])

    def job(self, stage):
        return training_job(self.project, self.params, f"order-{stage}")

    def ask(self, stage, **wishes):
        return forecast(self.job(stage), self.registry, self.reader, {}, **wishes)

    def weekend(self):
        """Do as the flow does for each model; return the forecasts by the stage that was asked for."""
        tables, made = load_tables(self.project.tables, list(READS)), {}
        for stage in STAGES:
            race = next_race(tables, stage, self.params)
            self.reader.materialise(race.cutoff, "order")
            made[stage] = self.ask(stage, replay=True)
            assert sum(row.answers["race_winner"] for row in made[stage].rows) == pytest.approx(1, abs=1e-4)
        served = {each.cutoff for each in OnlineSlots(self.project).served()}
        assert set(race.cutoffs.values()) - {race.cutoffs["pre_qualifying"]} <= served
        self.compare(made["pre_weekend"], race.at("pre_weekend"))
        self.compare(made["pre_race"], race)
        return made

    def compare(self, made, race):
        """Online equals offline for the cars of a forecast at a cut-off of its race."""
        teams = (
            load_tables(self.project.tables, ["constructors"])
            .as_of()["constructors"]
            .set_index("name")["constructor_id"]
        )
        cars = pd.DataFrame({"driver_id": [row.keys["driver_id"] for row in made.rows]}).assign(
            race_id=race.race_id,
            circuit_id=race.circuit_id,
            constructor_id=[teams[row.names["team"]] for row in made.rows],
        )
        online = self.reader.online(cars[IDS].to_dict("records"), "order", race.cutoff)
        offline = self.reader.historical(cars[IDS].assign(cutoff=race.cutoff), "order")
        assert all(same_bits(online[name], offline[name]).all() for name in online)

    def skew(self):
        return replay(read_served(self.project), self.reader, world(self.params))


@cleaned_once()
def test_a_season_is_walked_through_with_what_was_learned_before_it(tmp_path, monkeypatch):
    # what the order is not asked with would be made anew at every moment, and read by nobody
    monkeypatch.setattr(feature_stage, "groups", lambda: {group.name: group for group in feature_sets()["order"]})
    walk, asked = Walk(tmp_path), "order-pre_race"
    winter = walk.start(1) - timedelta(days=60)
    walk.move(0, "no_calendar", winter)
    walk.learn()
    with pytest.raises(ForecastError, match=f"--race {LAST - 1}-04"):
        walk.ask("pre_race")
    again = walk.ask("pre_race", replay=True)
    assert (again.race, again.labels[0]) == (f"{LAST - 1}-04", REPLAY)

    walk.move(0, "dates_only", winter + timedelta(days=7))
    made = walk.weekend()["pre_race"]
    assert (made.race, made.asked, made.stage) == (f"{LAST}-01", asked, "pre_weekend")
    assert made.labels[0] == EARLY
    assert "is assumed" in made.labels[1]
    cars = {len(made.rows)}

    for run, moments in WEEKENDS:
        for moment in moments:
            now = walk.start(run + 1) + timedelta(hours=HOURS[moment]) if moment in HOURS else None
            after = walk.start(run) + timedelta(hours=6) if run else winter + timedelta(days=30)
            walk.move(run, moment, now or after)
            made = walk.weekend()
            stage = "pre_race" if LABELS[moment] in {(), (ORDER,)} else "pre_weekend"
            found = made["pre_race"]
            assert (found.race, found.model, found.stage) == (f"{LAST}-{run + 1:02d}", f"order-{stage}", stage)
            assert found.labels == LABELS[moment]
            assert made["pre_weekend"].labels == tuple(
                label for label in LABELS[moment] if label.startswith("no entry")
            )
            assert walk.skew().differing == 0
            cars.add(len(found.rows))
    assert cars == {6, 8}  # a team that nobody had seen before came to the first practice

    walk.move(1, "results_overdue", walk.start(3) - timedelta(hours=45))
    made = walk.weekend()["pre_race"]
    assert made.race == f"{LAST}-03"
    assert made.labels[0].startswith(f"the results of {LAST}-02 have been overdue for")

    walk.move(4, "before_weekend", walk.start(4) + timedelta(hours=6))
    assert [walk.ask(stage, replay=True).race for stage in STAGES] == [f"{LAST}-04"] * 2
    skew = walk.skew()
    assert (skew.differing, skew.foreign, skew.gone) == (0, 0, ())
    answered = {(entry.race, entry.model) for entry in read_served(walk.project)}
    both = {(f"{LAST}-{race:02d}", f"order-{stage}") for race in (1, 2) for stage in STAGES}
    assert answered == both | {(f"{LAST}-03", "order-pre_weekend")}
