"""What a server needs of one version: its model and baseline, what they read, every file's hash, and one question with its answer.

A version is served only where all hashes hold, the model's own hash is the registry's, and the example is answered again bit by bit.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pitwall.domain.errors import FeatureError, PitwallError, ServingError
from pitwall.domain.refs import file_sha256, folder_hash
from pitwall.features.machinery.group import FeatureGroup
from pitwall.ml.families import Family
from pitwall.ml.families.predictions import FILE, WHO, load_predictions
from pitwall.ml.models import Model
from pitwall.ml.models.machinery.fitted import FittedModel
from pitwall.ml.models.machinery.unlisted import groups_read
from pitwall.ml.templates import Template, answered_by
from pitwall.ml.training.registration import example_rows
from pitwall.ml.training.training_job import TrainingJob
from pitwall.workflows.serving.places import Place, read_json, write_json

FORMAT = 1
ABOUT, EXAMPLE, ANSWER, BESIDE = "bundle.json", "example.parquet", "example_answer.json", "beside.parquet"

TRIED: tuple[tuple[str, ...], ...] = (
    (),
    ("race_id",),
    ("race_id", "driver_id"),
    ("race_id", "driver_id", "constructor_id"),
)


@dataclass(frozen=True)
class Champion:
    """A version that was found whole and is ready to answer.

    Attributes:
        job: names the model; its project and parameters.
        about: the content of `bundle.json`.
        judged: by estimator folder (`model`, `baseline`) and race id, what it said of races that it was judged by.
        definition: what the model is.
        questions: that it answers, by the names under which it is asked: of a user's model that is the model's own, so that it never answers in
            the place of another one.
        beside_answers: columns of its rows that its questions look at; None where these may be any.
        reads: by estimator folder the spine columns that it reads beside its features, as numbers; None where these may be any.
        grids: groups that it reads of which something follows from the grid of the race.
        beside: rows that a race is explained beside where it is one row, else None.
    """

    job: TrainingJob
    about: Mapping[str, Any]
    model: FittedModel
    baseline: FittedModel
    judged: Mapping[str, Mapping[int, pd.DataFrame]] = field(repr=False)
    definition: Model = field(repr=False)
    questions: Mapping[str, Template]
    beside_answers: tuple[str, ...] | None
    reads: Mapping[str, tuple[str, ...] | None]
    grids: tuple[FeatureGroup, ...] = field(repr=False)
    beside: pd.DataFrame | None = field(default=None, repr=False)

    @property
    def version(self) -> int:
        """Its number in the registry."""
        return int(self.about["version"])


def write_bundle(job: TrainingJob, model: Path, baseline: Path, about: Mapping[str, Any]) -> Path:
    """Write the folder of a version, in one move, and return it; one that is there and whole stays.

    Args:
        job: names the model.
        model: its registered files.
        baseline: of the baseline beside it.
        about: `version`, `content`, `run`, `page`, `role`, `created`.

    Raises:
        ServingError: it cannot be written, or does not answer its own example.
    """
    place = Place(job.project, job.name)
    target = place.version(about["version"])
    if _whole(job, target, about["content"]):
        return target
    fresh = target.with_name(f".{target.name}.{os.getpid()}.new")
    try:
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
        _fill(job, fresh, {"model": model, "baseline": baseline}, about)
        load_bundle(job, fresh)
        shutil.rmtree(target, ignore_errors=True)
        fresh.rename(target)
    except OSError as error:
        raise ServingError(
            f"version {about['version']} of {job.name} cannot be written to {place.root} ({error}); servers keep the version that they "
            "have. Make room, then `pitwall serve --export`."
        ) from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return target


def load_bundle(job: TrainingJob, folder: Path) -> Champion:
    """Return a version, ready to answer.

    Raises:
        ServingError: a file lacks, was changed, cannot be loaded, or the example is answered in another way; says which.
    """
    about = read_json(folder / ABOUT)
    if about.get("format") != FORMAT:
        raise ServingError(
            f"{folder} has format {about.get('format')}, this version reads {FORMAT}; run `pitwall serve --export`."
        )
    _check_files(folder, about)
    try:
        model, baseline = FittedModel.load(folder / "model"), FittedModel.load(folder / "baseline")
        example = _check_example(model, folder)
        reads = {part: _reads(each, folder) for part, each in (("model", model), ("baseline", baseline))}
        beside = pd.read_parquet(folder / BESIDE) if (folder / BESIDE).is_file() else None
        judged = {part: _by_race(folder / part) for part in ("model", "baseline")}
    except ServingError:
        raise
    except Exception as error:  # a model may fail in any way; the version is refused, and the reason told
        raise ServingError(
            f"{folder.parent.name} version {folder.name} does not answer ({type(error).__name__}: {error})."
        ) from error
    definition = job.definition
    grids = tuple(group for group in groups_read(definition) if about["plan"].get(group.name, {}).get("grid"))
    questions = {job.model if definition.of else each.name: each for each in answered_by(job.model)}
    looks = _beside_answers(definition.answers, questions.values(), example)
    return Champion(job, about, model, baseline, judged, definition, questions, looks, reads, grids, beside)


def _whole(job: TrainingJob, folder: Path, content: str) -> bool:
    if not folder.is_dir():
        return False
    try:
        return str(load_bundle(job, folder).about["content"]) == content
    except PitwallError:
        return False


def _fill(job: TrainingJob, folder: Path, parts: Mapping[str, Path], about: Mapping[str, Any]) -> None:
    for name, source in parts.items():
        for path in sorted(each for each in source.rglob("*") if each.is_file()):
            copy = folder / name / path.relative_to(source)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())  # not shutil.copy: the registry's files are read-only
    frame, model = job.frame(), FittedModel.load(folder / "model")
    rows = model.recipe.select(example_rows(frame)).reset_index(drop=True)
    rows.to_parquet(folder / EXAMPLE, index=False)
    write_json(folder / ANSWER, _texts(model.answer(rows)))
    if not job.definition.kind.own:
        frame.to_parquet(folder / BESIDE, index=False)
    write_json(
        folder / ABOUT,
        {
            **about,
            "format": FORMAT,
            "model": job.name,
            "stage": job.stage,
            "estimator": model.name,
            "baseline": FittedModel.load(folder / "baseline").name,
            "service": job.definition.feature_set,
            "plan": plan_of(job.definition),
            "files": {path.relative_to(folder).as_posix(): file_sha256(path) for path in _files(folder)},
        },
    )


def plan_of(definition: Model) -> dict[str, dict[str, Any]]:
    """Return by feature group whose ids find its values, which they are, and which of them follow from the grid of the race."""
    return {
        group.name: {
            "keys": group.keys,
            "features": group.names,
            "grid": "grid" in group.reads and "race" in group.entities,
        }
        for group in groups_read(definition)
    }


def _check_files(folder: Path, about: Mapping[str, Any]) -> None:
    found = {path.relative_to(folder).as_posix(): path for path in _files(folder) if path.name != ABOUT}
    listed = about["files"]
    if different := sorted(set(found) ^ set(listed)):
        raise ServingError(f"{folder} and its list of files differ in {', '.join(different[:3])}.")
    for name, path in found.items():
        if file_sha256(path) != listed[name]:
            raise ServingError(f"{path} was changed since it was written: its hash is not the listed one.")
    if folder_hash(folder / "model") != about["content"]:
        raise ServingError(f"{folder / 'model'} is not the registered content {about['content'][:12]}.")


def _check_example(model: FittedModel, folder: Path) -> pd.DataFrame:
    """Return the example's answer, with the season of its rows."""
    rows = pd.read_parquet(folder / EXAMPLE)
    answer = model.answer(rows)
    if _texts(answer) != read_json(folder / ANSWER):
        raise ServingError(
            f"{folder.parent.name} version {folder.name} answers its example in another way than when it was written."
        )
    return answer.assign(season=rows["season"].array)


def _beside_answers(family: Family, questions: Iterable[Template], example: pd.DataFrame) -> tuple[str, ...] | None:
    """Return what questions look at beside answers, by trying: a table of all that names rows costs as much as an answer."""
    for columns in ((), ("season",)):
        answer = example[[*columns, *(name for name in example if name != "season")]]
        try:
            family.detail(answer)
            if all(each.call is None and len(each.answer(answer)) == len(answer) for each in questions):
                return columns
        except (KeyError, AttributeError):
            continue
    return None


def _reads(model: FittedModel, folder: Path) -> tuple[str, ...] | None:
    """Return the spine columns that a model reads as numbers, by trying on each race of the example: the fewest with the same bits."""
    rows, features = pd.read_parquet(folder / EXAMPLE), list(model.recipe.features)
    races = [own.reset_index(drop=True) for _, own in rows.groupby("race_id", sort=False)]
    try:
        right = [_texts(model.answer(own)) for own in races]
    except FeatureError:  # a baseline may read what the model, of whose rows the example is, does not
        return None
    for columns in TRIED:
        try:
            narrow = [own[[*columns, *features]].astype(np.float64) for own in races]
            if [_texts(model.fitted.answer(own)) for own in narrow] == right:
                return columns
        except (KeyError, AttributeError, ValueError):
            continue
    return None


def _texts(answer: pd.DataFrame) -> dict[str, list[str]]:
    """Return an answer as text that keeps every bit."""
    return {str(name): [float(value).hex() for value in column] for name, column in answer.astype(np.float64).items()}


def _by_race(folder: Path) -> dict[int, pd.DataFrame]:
    if not (folder / FILE).is_file():
        return {}
    table = load_predictions(folder)
    return {
        int(race): rows.reset_index(drop=True) for race, rows in table.groupby("race_id") if rows[WHO].notna().all()
    }


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())
