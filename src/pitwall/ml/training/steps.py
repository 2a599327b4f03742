"""The steps of training one model: open the run, begin, tune, judge, refit, publish.

Each step is a plain function of a frozen `TrainingJob` and what the step before returned; `pitwall.workflows.train` puts them
together, for a DVC step and a Prefect flow alike. Files are collected in the job's work folder and moved to `models/<name>/` in
the last step: a training that dies leaves the previous model untouched.
"""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pandas as pd

from pitwall.domain.plugins.provenance import check_declared
from pitwall.domain.ports import Registry, Tracker
from pitwall.domain.refs import RunRef
from pitwall.domain.secrets import redact_values
from pitwall.ml.estimators import learns_in_rounds
from pitwall.ml.evaluation import holdout_log
from pitwall.ml.evaluation.latency import measure
from pitwall.ml.families.predictions import by_estimator, load_predictions, save_predictions, stack
from pitwall.ml.models.machinery.fitted import FittedModel
from pitwall.ml.models.machinery.recipe import Recipe
from pitwall.ml.templates import answered_by
from pitwall.ml.training import figures, report
from pitwall.ml.training.fixed_params import with_params
from pitwall.ml.training.folds import fact_of, kept, refitted_on
from pitwall.ml.training.histories.curve import Curve
from pitwall.ml.training.histories.trial_runs import log_trial
from pitwall.ml.training.known_seasons import known_seasons
from pitwall.ml.training.registration import example_rows
from pitwall.ml.training.splits import known_rows, labelled
from pitwall.ml.training.training_job import TrainingJob
from pitwall.ml.training.tuning import Found, search
from pitwall.ml.training.walk_forward import default_recipe, predict_seasons

log = logging.getLogger(__name__)

RUN_NAME = "pitwall.run_name"
CALLS = 20  # of the latency harness: a run reports what it measures, the gate that decides asks longer


def open_run(job: TrainingJob, tracker: Tracker, provenance: Mapping[str, str]) -> str:
    """Open the parent run with provenance as tags (one of them may name the run) and return its id.

    Raises:
        PluginError: the project has plug-ins that DVC does not watch.
    """
    check_declared(job.project)
    tags = {
        "pitwall.model": job.name,
        "pitwall.stage": job.stage,
        "pitwall.seed": str(job.params.seed),
        "pitwall.estimator": job.settings.estimator,
        **provenance,
    }
    return tracker.start(job.experiment, provenance.get(RUN_NAME, job.name), tags)


def begin(job: TrainingJob, run_id: str, tracker: Tracker) -> None:
    """Make an empty work folder; log parameters and, as dataset, the frame."""
    shutil.rmtree(job.work, ignore_errors=True)
    job.work.mkdir(parents=True)
    sections = {"seed", "training", "tuning", "time", "sources"}
    settings = job.params.model_dump(mode="json", include=sections)
    own = job.settings.model_dump(mode="json", exclude_defaults=False, exclude={"tuning", "gates"})
    tracker.params(run_id, redact_values({**settings, "model": own}))
    tracker.dataset(run_id, job.frame_ref(), "training")


def tune(job: TrainingJob, run_id: str, tracker: Tracker) -> Recipe:
    """Search the estimator's space on the validation seasons; every trial becomes a nested run in its true state."""
    known = known_seasons(job)
    frame, outcome, held, later = known.frame, known.outcome, known.held_out, known.validation
    recipe = default_recipe(job.model, job.settings.estimator, frame, job.params.seed, job.stage)
    settled = job.settings.settled
    plugin = recipe.plugin if settled else with_params(recipe.plugin, job.settings.params)
    recipe = replace(recipe, params=dict(job.settings.params) if settled else plugin.default())
    log.info("%s: held-out seasons %s, validation seasons %s", job.name, held, later or "none")
    if later and recipe.plugin.role == "model" and not settled:
        objective = known.objective(recipe)
        found = search(
            plugin,
            objective.train,
            objective.later,
            job.params.tuning,
            seed=job.params.seed,
            on_trial=lambda record: log_trial(job, run_id, record, tracker),
            start=job.definition.start,
        )
        recipe = replace(recipe, params=found.params)
        _log_search(job, run_id, found, tracker)
    told = fact_of(job.params.training)
    learned, _ = refitted_on(labelled(job.model, frame, outcome), told)
    first = learned if told else frame
    races = int(learned["race_id"].nunique())
    numbers = {"rows": len(learned), "races": races, "features": len(recipe.features)}
    tracker.metrics(run_id, {f"data.{name}": float(number) for name, number in numbers.items()})
    facts = {
        "held_out_seasons": held,
        "validation_seasons": later,
        "trained_on": [int(first["season"].min()), int(learned["season"].max())],
        "races": races,
        "frame_md5": job.frame_ref().md5,
        **({"automl": dict(how)} if (how := job.definition.spec.get("found")) else {}),
    }
    return replace(recipe, facts=facts | told)


def judge(job: TrainingJob, run_id: str, recipe: Recipe, tracker: Tracker) -> pd.DataFrame:
    """Predict the held-out seasons with the recipe and the baselines, season by season; log what came out.

    Returns:
        The predictions table of all of them, also written to the work folder.
    """
    known = known_seasons(job)
    frame, outcome, held = known.frame, known.outcome, known.held_out
    names = sorted({name for template in answered_by(job.model) for name in template.baselines})
    recipes = [recipe, *(default_recipe(job.model, name, frame, job.params.seed, job.stage) for name in names)]
    predictions = stack(
        [predict_seasons(each, frame, outcome, held, job.params.training) for each in recipes], job.definition.answers
    )
    save_predictions(predictions, job.work, job.definition.kind)
    holdout_log.record(job.project, job.opened_as, by_estimator(predictions)[recipe.estimator], of=job.definition)
    content = report.build(job, recipe.estimator, predictions)
    (job.work / report.FILE).write_text(json.dumps(content, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    tracker.metrics(run_id, report.flat(content, recipe.estimator))
    tracker.metrics(run_id, report.counted_shares(job, recipe.estimator, predictions))
    for season, metrics in report.by_season(job, recipe.estimator, predictions).items():
        tracker.metrics(run_id, metrics, step=season)
    figures.draw_judgement(job, predictions, job.work / "pictures")
    tracker.files(run_id, job.work / "pictures", "pictures")
    tracker.files(run_id, job.work / "predictions.parquet", "predictions")
    return predictions


def refit(job: TrainingJob, run_id: str, recipe: Recipe, tracker: Tracker) -> Path:
    """Fit the recipe, and the baseline to beat, on all races with results; write both to the work folder.

    Where the estimator learns in rounds, its loss on these very rows after each of them is logged as `fit.train_<loss>`.
    """
    known = known_seasons(job)
    frame, outcome = known.frame, known.outcome
    judged = by_estimator(load_predictions(job.work))
    beaten = answered_by(job.model)[0].baseline_at(job.stage)
    baseline = default_recipe(job.model, beaten, frame, job.params.seed, job.stage)
    rows = refitted_on(labelled(job.model, frame, outcome), recipe.facts)
    curve = Curve()
    for part, each, heard in (
        ("model", recipe, curve.hear),
        ("baseline", replace(baseline, facts=recipe.facts), None),
    ):
        FittedModel(each, each.fit(*rows, heard)).save(job.work / part, judged[each.estimator])
    curve.log(run_id, tracker, expected=learns_in_rounds(recipe.plugin))
    return job.work


def publish(
    job: TrainingJob,
    run_id: str,
    recipe: Recipe,
    tracker: Tracker,
    registry: Registry,
    *,
    provenance: Mapping[str, str],
) -> RunRef:
    """Put the model in place and register it as a candidate.

    The same bytes made again, now from a clean tree, are the same version: it takes over the newer provenance.
    """
    speed = place(job, run_id, recipe, tracker)
    return register(job, run_id, tracker, registry, provenance={**provenance, **speed})


def place(job: TrainingJob, run_id: str, recipe: Recipe, tracker: Tracker) -> dict[str, str]:
    """Move the work folder to `models/<name>/`, write the report, measure how fast it answers; return that as tags."""
    content = json.loads((job.work / report.FILE).read_text(encoding="utf-8"))
    tracker.note(run_id, report.note(job, recipe, content))
    _publish_reports(job)
    _put_in_place(job.work, job.target)
    speed = measure(FittedModel.load(job.target / "model").answer, job.frame(), job.definition.kind, CALLS)
    tracker.metrics(run_id, speed.metrics())
    tracker.tag(run_id, {"inference.harness": speed.harness, **speed.tags()})
    return speed.tags()


def register(
    job: TrainingJob, run_id: str, tracker: Tracker, registry: Registry, *, provenance: Mapping[str, str]
) -> RunRef:
    """Register what lies in place as a candidate, and tag its run with the version."""
    recipe = Recipe.load(job.target / "model")
    tags = {"role": "candidate", "estimator": recipe.estimator, "stage": job.stage}
    example = recipe.select(example_rows(job.frame()))
    version = registry.register(job.name, run_id, job.target / "model", example, {**tags, **provenance})
    registry.tag(job.name, version.version, provenance)
    tracker.tag(run_id, {"pitwall.version": str(version.version), "pitwall.content": version.content})
    log.info("%s: registered version %d", job.name, version.version)
    return RunRef(run_id, job.name, version.version)


def split_races(job: TrainingJob) -> dict[str, list[int]]:
    """Return the race ids that the recipe is tuned on (`train`, scored on `validation`), judged on and refitted on.

    Each held-out season is predicted by the recipe fitted on all seasons before it.
    """
    found = known_seasons(job)
    held, later = found.held_out, found.validation
    known = found.frame[known_rows(job.model, found.outcome)]
    before = known[known["season"] < (later or held)[0]]
    chosen = {
        "train": before[kept(before, job.params.tuning)],
        "validation": known[known["season"].isin(later)],
        "held_out": known[known["season"].isin(held)],
        "refit": refitted_on((known, known), fact_of(job.params.training))[0],
    }
    return {name: [int(race) for race in rows["race_id"].unique()] for name, rows in chosen.items()}


def _log_search(job: TrainingJob, run_id: str, found: Found, tracker: Tracker) -> None:
    tracker.params(run_id, {"recipe": found.params})
    tracker.tag(run_id, found.tags())
    tracker.metrics(run_id, {job.validation_metric: found.value})
    family = job.definition.answers
    unit = family.metrics[family.tuned_by].unit
    figures.draw_tuning(found, f"{family.tuned_by_words} ({unit})", job.work / "pictures")


def _publish_reports(job: TrainingJob) -> None:
    folder = job.project.reports
    folder.mkdir(parents=True, exist_ok=True)
    shutil.move(job.work / report.FILE, folder / f"{job.name}.json")
    _put_in_place(job.work / "pictures", folder / job.name)


def _put_in_place(made: Path, target: Path) -> None:
    """Let a folder take the place of another by renaming both: a kill in between leaves no half of either there."""
    old = made.with_name(f"{made.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists():
        shutil.move(target, old)
    shutil.move(made, target)
    shutil.rmtree(old, ignore_errors=True)
