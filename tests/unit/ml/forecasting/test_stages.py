"""Who answers at each moment of a race weekend, from which cut-off, with which cars, and what is said of it."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from pitwall.domain.errors import ForecastError
from pitwall.domain.params import Params
from pitwall.domain.tables import save_tables
from pitwall.domain.when import as_utc
from pitwall.ml.data.calendar import find_race, next_race
from pitwall.ml.data.overdue import overdue_days
from pitwall.ml.forecasting.forecast import forecast, read, store
from pitwall.ml.training.training_job import training_job
from pitwall.testing import FakeRegistry
from pitwall.testing.worlds.forecasts import NAME, NEXT, PARAMS, World

STAGES = ("pre_race", "pre_qualifying", "pre_weekend")
EARLY = "no qualifying yet: the pre_weekend model answers, as of the start of practice"
MIDDLE = "no qualifying yet: the pre_qualifying model answers, as of the start of qualifying"
UNUSED = "what is known of the weekend is not used: order-pre_qualifying has no champion"
PRACTISED = "no entry list yet: the drivers of FP1 are assumed"
ASSUMED_CARS = "no entry list yet: the entrants of the last race are assumed"
BLIND = "no grid and no qualifying yet: the session is unknown to the model"


class Weekend(World):
    """A world whose next race loses what is not known yet; champions as they are crowned."""

    def __init__(self, root: Path, stages=STAGES) -> None:
        super().__init__(root)
        both = PARAMS.models["order"].model_copy(update={"stages": stages})
        self.params = Params(models={"order": both})
        self.job = training_job(self.job.project, self.params, NAME)
        told = dict.fromkeys(("start_estimated", "qualifying_estimated", "practice_estimated"), False)
        self.kept = self.tables
        self.whole = self.tables.replace(races=self.tables["races"].assign(**told))
        self.take(self.whole)
        self.race = find_race(self.tables, NEXT, "pre_race")

    def know(self, *sessions, of=None):
        """Let these be the sessions that are known of the next race."""
        race = (of or self.race).race_id
        left = {
            name: self.whole[name][self.whole[name]["race_id"] != race]
            for name in ("practice", "qualifying", "grid", "entries")
            if name not in sessions
        }
        return self.take(self.whole.replace(**left))

    def take(self, tables):
        """Let these be the tables; a frame of others would differ from what is read online."""
        changed = {name: table for name, table in tables.items() if table is not self.kept[name]}
        save_tables(changed, self.job.project.tables)
        self.tables = self.kept = tables
        if set(changed) != {"races"}:
            self.reader.read(tables)
        self.job.project.frame(NAME).unlink(missing_ok=True)
        return self

    def asked(self, stage):
        return training_job(self.job.project, self.params, f"order-{stage}")

    def ask(self, stage="pre_race", **wishes):
        return forecast(self.asked(stage), self.registry, self.reader, {}, **wishes)


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    made = Weekend(tmp_path_factory.mktemp("weekend"))
    made.crown(made.asked("pre_weekend"), "championship_order", "grid_frequency")
    return made


@pytest.fixture(scope="module")
def crowned(tmp_path_factory):
    """Every stage has a champion."""
    made = Weekend(tmp_path_factory.mktemp("crowned"))
    for stage in STAGES[1:]:
        made.crown(made.asked(stage), "championship_order", "grid_frequency")
    return made


def said(made):
    return made.asked, made.model, made.stage, made.labels


WHOLE = ("practice", "qualifying", "grid", "entries")


@pytest.mark.parametrize(
    ("known", "answers", "labels"),
    [
        (WHOLE, "pre_race", ()),
        (WHOLE[:2], "pre_race", ("no grid yet: the qualifying order stands in, without penalties",)),
        (WHOLE[:1], "pre_weekend", (EARLY, UNUSED, PRACTISED)),
        ((), "pre_weekend", (EARLY, ASSUMED_CARS)),
    ],
)
def test_the_latest_stage_that_can_know_its_session_answers(world, known, answers, labels):
    """A race whose qualifying alone is known has an entry list, which comes from it."""
    entries = () if "qualifying" not in known else ("entries",)
    made = world.know(*known, *entries).ask()
    assert said(made) == (NAME, f"order-{answers}", answers, labels)
    assert pd.Timestamp(made.cutoff) == world.race.cutoffs[answers]
    assert made.cutoff == made.to_json().split('"cutoff": "')[1].split('"')[0]


def test_with_practice_alone_the_pre_qualifying_champion_answers(crowned):
    made = crowned.know("practice").ask()
    assert said(made) == (NAME, "order-pre_qualifying", "pre_qualifying", (MIDDLE, PRACTISED))
    assert said(crowned.ask("pre_qualifying"))[2:] == ("pre_qualifying", (PRACTISED,))
    assert said(crowned.know().ask("pre_qualifying"))[1:] == (
        "order-pre_weekend",
        "pre_weekend",
        ("no practice yet: the pre_weekend model answers, as of the start of practice", ASSUMED_CARS),
    )


def test_an_earlier_stage_that_is_asked_for_answers_itself_whatever_is_known(crowned):
    crowned.know(*WHOLE)
    for stage in STAGES:
        assert said(crowned.ask(stage)) == (f"order-{stage}", f"order-{stage}", stage, ())
    assert set(crowned.race.cutoffs.values()) <= set(crowned.reader.served)


def test_where_no_earlier_model_can_answer_the_asked_one_says_what_it_does_not_know(tmp_path):
    world = Weekend(tmp_path)
    none = "no qualifying yet, and no model of an earlier stage can answer: "
    without = f"{none}order-pre_weekend has no champion"
    assert said(world.know().ask())[1:] == (NAME, "pre_race", (without, ASSUMED_CARS, BLIND))
    alone = Weekend(tmp_path / "alone", stages=("pre_race",))
    untrained = f"{none}params.yaml trains no order-pre_qualifying; params.yaml trains no order-pre_weekend"
    assert said(alone.know("practice").ask())[1:] == (NAME, "pre_race", (untrained, PRACTISED, BLIND))


def test_a_model_without_a_champion_gives_way_to_the_stage_before(tmp_path):
    """With a grid as well: an answer is worth more than none, if it says whose it is."""
    world = Weekend(tmp_path)
    world.crown(world.asked("pre_weekend"), "championship_order", "grid_frequency")
    world.registry.drop_alias(NAME, "champion")
    made = world.know(*WHOLE).ask()
    assert said(made)[1:3] == ("order-pre_weekend", "pre_weekend")
    assert made.labels == (
        "order-pre_race has no champion; order-pre_qualifying has no champion: the pre_weekend model answers, "
        "as of the start of practice",
    )
    with pytest.raises(ForecastError, match="pitwall promote order-pre_race"):
        forecast(world.job, FakeRegistry(), world.reader, {})


def test_a_grid_of_the_user_asks_the_pre_race_model_at_any_moment(world, tmp_path):
    drivers = world.whole["entries"].query("race_id == @world.race.race_id")["driver_id"]
    file = tmp_path / "grid.csv"
    file.write_text("driver,grid\n" + "".join(f"{driver},{slot}\n" for slot, driver in enumerate(drivers, start=1)))
    made = world.know().ask(grid=file)
    assert said(made)[1:] == (NAME, "pre_race", (ASSUMED_CARS, "what if: grid from grid.csv"))
    with pytest.raises(ForecastError, match=r"before there is a grid; leave --grid grid.csv out"):
        world.ask("pre_weekend", grid=file)


def test_a_past_race_is_answered_by_the_model_that_is_asked_for(world):
    assert said(world.know().ask(race="2023-03"))[:3] == (NAME, NAME, "pre_race")


def test_a_stored_forecast_says_what_was_asked_and_older_ones_are_still_read(world):
    made = world.know().ask()
    path = store(world.job.project, made)
    assert read(path) == made
    path.write_text(path.read_text().replace(f'"asked": "{NAME}",', ""))
    assert read(path) == replace(made, asked="")


def test_an_assumed_cutoff_is_said(world):
    """A calendar of dates alone: 13:00 is assumed, and practice fifty hours before it."""
    race = world.race.race_id
    races = world.whole["races"].assign(
        **{
            name: world.whole["races"][name] | world.whole["races"]["race_id"].eq(race)
            for name in ("start_estimated", "practice_estimated")
        }
    )
    world.know()
    world.take(world.tables.replace(races=races))
    practice, start = (f"{world.race.cutoffs[stage]:%Y-%m-%d %H:%M}" for stage in ("pre_weekend", "pre_race"))
    told = "the calendar has no time for it: this cut-off, {} UTC, is assumed"
    assert world.ask().labels == (EARLY, told.format(practice), ASSUMED_CARS)
    world.take(world.whole.replace(races=races))
    assert world.ask().labels == (told.format(start),)
    assert told.format(practice) in world.ask("pre_weekend").labels


def _rows_of(world, name, **changes):
    return world.whole[name].query("race_id == @world.race.race_id").assign(**changes)


def test_a_race_whose_results_are_overdue_is_passed_over_and_named(world):
    """Practice of the race after the next one is known: the next one was held, and nobody told its results."""
    later = find_race(world.whole, "2024-05", "pre_race")
    held = later.starts_at - pd.Timedelta(days=1)
    practice = _rows_of(world, "practice", race_id=later.race_id, event_timestamp=held, known_at=held)
    practice = practice.astype(dict(world.whole["practice"].dtypes))
    tables = world.whole.replace(practice=pd.concat([world.whole["practice"], practice], ignore_index=True))
    days = overdue_days(tables, pd.Series([world.race.starts_at]), world.params.time).item()
    assert 12 < days < 14
    made = world.take(tables).ask()
    assert (made.race, made.labels[0]) == (
        "2024-05",
        f"the results of {NEXT} have been overdue for {days:.0f} days: ingest again",
    )
    patient = world.params.model_copy(
        update={"gates": world.params.gates.model_copy(update={"overdue_days": days + 0.01})}
    )
    assert next_race(tables, "pre_race", patient).label == NEXT
    assert world.take(world.whole).ask().race == NEXT


def test_data_so_old_that_all_races_are_overdue_are_asked_about_the_first(world):
    """A correction fetched years later must not end the season."""
    today = pd.Timestamp("2031-01-01", tz="UTC")
    one = world.whole["qualifying"].head(1).assign(known_at=as_utc(pd.Series([today]))[0], place=1)
    table = pd.concat([world.whole["qualifying"], one.astype(dict(world.whole["qualifying"].dtypes))])
    found = next_race(world.whole.replace(qualifying=table), "pre_race", world.params)
    assert found.label == NEXT
    assert found.overdue[0].startswith(f"the results of {NEXT} have been overdue")
    assert len(found.overdue) == 1


NEW = 99  # a driver whom nobody has seen in a race


def _assumed_cars(world, *lines, opener=False):
    """Return the cars of the teams in some practice lines (session, driver, team) that a forecast assumes, and what it says.

    The other teams are out with all their cars.
    """
    template = _rows_of(world, "practice").head(1)
    others = _last_cars(world).query("constructor_id not in @teams", local_dict={"teams": [line[2] for line in lines]})
    newest = max(line[0] for line in lines)
    lines = (*lines, *((newest, *car) for car in others.itertuples(index=False)))
    rows = [template.assign(session=s, driver_id=d, constructor_id=t, place=n) for n, (s, d, t) in enumerate(lines, 1)]
    drivers = world.whole["drivers"]
    known = pd.concat([drivers, drivers.head(1).assign(driver_id=NEW, ref="new", name="New")]).astype(
        dict(drivers.dtypes)
    )
    world.know()
    practice = pd.concat([world.tables["practice"], *rows]).astype(dict(template.dtypes))
    races = world.tables["races"]
    if opener:
        races = races.assign(season=races["season"].where(races["race_id"] < world.race.race_id, 2025))
    made = world.take(world.tables.replace(practice=practice, drivers=known, races=races)).ask()
    said = next(label for label in made.labels if label.startswith("no entry list"))
    return {row.keys["driver_id"] for row in made.rows} - set(others["driver_id"]), said


def _last_cars(world):
    entries, before = world.whole["entries"], find_race(world.whole, "2024-03", "pre_race")
    last = entries[entries["race_id"] == before.race_id].sort_values(["constructor_id", "driver_id"])
    return last[["driver_id", "constructor_id"]]


@pytest.fixture
def team(world):
    """Two drivers of one team in the last race, and a driver of another team."""
    return _last_cars(world).iloc[:3].to_numpy().tolist()


def test_the_cars_of_practice_are_those_of_each_teams_newest_sessions(world, team):
    """One driver missed the last session, another team has a new one beside its regular."""
    (a, mine), (b, _), (c, theirs) = team
    both = [("FP2", a, mine), ("FP2", b, mine), ("FP2", c, theirs)]
    cars = _assumed_cars(world, ("FP1", NEW, mine), ("FP1", b, mine), *both, ("FP3", a, mine), ("FP3", c, theirs))
    assert cars == ({a, b, c}, "no entry list yet: the drivers of FP3 are assumed")
    cars = _assumed_cars(world, *both, ("FP3", NEW, theirs), ("FP3", c, theirs))
    assert cars[0] == {a, b, c, NEW}


def test_a_guest_of_the_first_session_gives_the_seat_back_unless_the_season_begins(world, team):
    (a, mine), (b, _), (c, theirs) = team
    first = [("FP1", NEW, mine), ("FP1", b, mine), ("FP1", c, theirs)]
    assert _assumed_cars(world, *first) == ({a, b, c}, PRACTISED)
    assert _assumed_cars(world, *first, opener=True) == ({NEW, b, c}, PRACTISED)
