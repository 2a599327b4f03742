"""What a server answers from: written whole, read whole, and refused where anything was changed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from pitwall.domain.errors import ServingError
from pitwall.ml.forecasting.input_log import same_bits
from pitwall.ml.rows import feature_columns
from pitwall.testing import FakeTracker
from pitwall.testing.worlds.forecasts import NAME, NEXT, PARAMS, PAST, World
from pitwall.workflows.serving.bundle import ABOUT, load_bundle
from pitwall.workflows.serving.export import publish
from pitwall.workflows.serving.live_models import LEAD, LiveModels
from pitwall.workflows.serving.places import Place
from pitwall.workflows.serving.vectors import read_vectors, write_vectors
from pitwall.workflows.workspace import Workspace


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    made = World(tmp_path_factory.mktemp("project"))
    assert publish(made.workspace(), NAME) == made.registry.aliases(NAME)["champion"]
    return made


@pytest.fixture
def place(world, tmp_path):
    """The exported folder in a project of its own, so that a test may break it."""
    project = type(world.job.project)(tmp_path)
    shutil.copytree(world.job.project.serving, project.serving)
    return Place(project, NAME)


def job_of(world, place):
    return type(world.job)(world.job.name, world.job.model, world.job.stage, place.project, world.job.params)


@pytest.fixture
def models(world, place, monkeypatch):
    """Live models with a clock of the test's own."""
    clock = SimpleNamespace(now=1e12)
    swaps = []
    monkeypatch.setattr("pitwall.workflows.serving.live_models.training_job", lambda *_: job_of(world, place))
    made = LiveModels(place.project, PARAMS, lambda name, what: swaps.append(what), lambda: clock.now)
    return SimpleNamespace(models=made, clock=clock, swaps=swaps)


def another(place, number=7):
    """Put the same version there under another number, and name it live."""
    source = place.version(place.versions()[0])
    target = place.version(number)
    shutil.copytree(source, target)
    about = json.loads((target / ABOUT).read_text())
    (target / ABOUT).write_text(json.dumps({**about, "version": number}))
    return target


def test_a_second_export_leaves_the_files_as_they_are(world):
    place = Place(world.job.project, NAME)
    before = {
        path: path.stat().st_mtime_ns
        for path in place.root.rglob("*")
        if path.suffix in {".parquet", ""} and path.is_file()
    }
    publish(world.workspace(), NAME)
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_exported_vectors_are_those_of_the_offline_join_bit_by_bit(world):
    place = Place(world.job.project, NAME)
    for race in (PAST, NEXT):
        vectors = read_vectors(place.vectors(race, "pre_race"))
        spine = vectors.frame[[name for name in vectors.frame if name not in feature_columns(vectors.frame)]]
        offline = world.reader.historical(spine, "order")
        for name in feature_columns(vectors.frame):
            assert same_bits(vectors.frame[name], offline[name]).all(), (race, name)


def test_the_past_of_the_last_seasons_and_the_next_race_can_be_asked(world):
    races = Place(world.job.project, NAME).races()
    assert races[0] == "2021-01" and races[-1] == NEXT and PAST in races


FAULTS = {
    "a truncated file": lambda folder: _cut(next(iter(sorted((folder / "model").glob("*.json"))))),
    "an edited file": lambda folder: _flip(folder / "model" / "recipe.json"),
    "a file that lacks": lambda folder: (folder / "model" / "predictions.parquet").unlink(),
    "a file too many": lambda folder: (folder / "model" / "more.json").write_text("{}"),
    "another content": lambda folder: _about(folder, content="0" * 64),
    "another format": lambda folder: _about(folder, format=99),
    "no list": lambda folder: (folder / ABOUT).write_text("[]"),
}


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


def _flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))


def _about(folder: Path, **said: object) -> None:
    (folder / ABOUT).write_text(json.dumps({**json.loads((folder / ABOUT).read_text()), **said}))


@pytest.mark.parametrize("fault", FAULTS)
def test_a_version_that_is_not_whole_never_answers_and_the_last_good_one_stays(world, place, models, fault):
    models.models.look()
    good = models.models.get(NAME).version
    target = another(place)
    FAULTS[fault](target)
    place.make_live(7)
    models.models.look()
    models.clock.now += 10 * LEAD
    assert models.models.get(NAME).version == good
    assert models.models.trouble(NAME) and models.swaps == ["refused"]
    with pytest.raises(ServingError):
        load_bundle(job_of(world, place), target)
    fresh = LiveModels(place.project, PARAMS, None, lambda: models.clock.now)  # a server that starts now
    fresh.look()
    assert fresh.get(NAME).version == good and fresh.trouble(NAME)


def test_a_model_that_answers_its_example_in_another_way_is_refused(world, place):
    target = another(place)
    path = target / "example_answer.json"
    content = json.loads(path.read_text())
    content["place_1"][0] = (0.123).hex()
    path.write_text(json.dumps(content))
    about = json.loads((target / ABOUT).read_text())
    from pitwall.domain.refs import file_sha256

    about["files"]["example_answer.json"] = file_sha256(path)
    (target / ABOUT).write_text(json.dumps(about))
    with pytest.raises(ServingError, match="answers its example in another way"):
        load_bundle(job_of(world, place), target)


def test_a_version_takes_over_at_one_instant_after_it_was_named(place, models):
    models.models.look()
    first = models.models.get(NAME).version
    another(place)
    place.make_live(7)
    named = place.live.stat().st_mtime_ns / 1e9
    models.models.look()
    for late, version in ((LEAD - 0.01, first), (LEAD, 7)):
        models.clock.now = named + late
        assert models.models.get(NAME).version == version
    assert models.swaps == ["swapped"] and not models.models.troubles()


def test_a_rollback_before_the_new_one_took_over_leaves_the_old_one(place, models):
    models.models.look()
    first = models.models.get(NAME).version
    another(place)
    for number in (7, first):
        place.make_live(number)
        models.models.look()
    models.clock.now += 10 * LEAD
    assert models.models.get(NAME).version == first


def test_no_room_leaves_what_is_live_as_it_was(world, place, monkeypatch):
    live = place.named()
    monkeypatch.setattr(Path, "write_bytes", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    shutil.rmtree(place.version(live))
    with pytest.raises(ServingError, match="cannot be written .*No space left"):
        publish(Workspace(place.project, params=PARAMS, registry=world.registry, runs=FakeTracker()), NAME)
    assert place.named() == live and not list(place.root.glob(".*.new"))


@pytest.mark.parametrize("text", ["seven", "", "-1", "9" * 100_000])
def test_a_live_file_that_names_no_version_is_told(place, models, text):
    models.models.look()
    good = models.models.get(NAME).version
    place.live.write_text(text)
    models.models.look()
    assert models.models.get(NAME).version == good and models.models.trouble(NAME)


def test_what_was_broken_answers_once_it_is_written_anew(world, place, models):
    models.models.look()
    target = another(place)
    whole = (target / "model" / "recipe.json").read_bytes()
    _flip(target / "model" / "recipe.json")
    place.make_live(7)
    models.models.look()
    assert models.models.trouble(NAME)
    (target / "model" / "recipe.json").write_bytes(whole)
    about = (target / ABOUT).read_bytes()
    (target / ABOUT).unlink()
    (target / ABOUT).write_bytes(about)
    models.models.look()
    models.clock.now += 10 * LEAD
    assert models.models.get(NAME).version == 7 and not models.models.trouble(NAME)


def test_vectors_come_back_with_every_bit_and_a_damaged_file_is_refused(tmp_path):
    frame = pd.DataFrame({"race_id": [1, 1], "grid": [np.nan, -0.0], "pace": [np.nextafter(1, 2), 5e-324]})
    write_vectors(tmp_path / "v.parquet", frame, {"taking_part": 2})
    back = read_vectors(tmp_path / "v.parquet")
    assert all(same_bits(frame[name], back.frame[name]).all() for name in ("grid", "pace"))
    (tmp_path / "v.parquet").write_bytes((tmp_path / "v.parquet").read_bytes()[:-50])
    with pytest.raises(ServingError, match="holds no vectors"):
        read_vectors(tmp_path / "v.parquet")
