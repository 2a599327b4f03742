"""What a training reports: `reports/<name>.json`, the metrics of its run, and the note that the run's page opens with."""

from __future__ import annotations

from typing import Any

import pandas as pd

from pitwall.domain.numbers import finite
from pitwall.ml.evaluation.classes import counted
from pitwall.ml.evaluation.scoring import gain, race_metrics, scored, slope, template_rows, template_scores, whole_rows
from pitwall.ml.families.predictions import by_estimator
from pitwall.ml.models.machinery.recipe import Recipe
from pitwall.ml.templates import answered_by
from pitwall.ml.training.training_job import TrainingJob
from pitwall.report.content.intervals import interval
from pitwall.report.content.markdown import table_lines

FILE = "report.json"
RESULT, VERDICT = "- **Result**: ", "- **Verdict**: "  # MLflow shows the first few lines of a page: these
Content = dict[str, Any]


def build(job: TrainingJob, model: str, predictions: pd.DataFrame) -> Content:
    """Return {template: {metric: {model: {value, low, high, n}}}}.

    Under each template also stand `gain` (the paired gain in its main loss over each baseline, with the smallest
    detectable effect) and `calibration_slope`; under the model's name stand metrics of the order as a whole.
    """
    tables, gates, seed = job.tables(), job.params.gates, job.params.seed
    rows = whole_rows(job.model, predictions, tables, stage=job.stage, gates=gates, seed=seed)
    models = by_estimator(predictions)
    content: Content = {}
    for template in answered_by(job.model):
        rows += template_rows(template, predictions, tables, stage=job.stage, gates=gates, seed=seed)
        content[template.name] = {
            "gain": {
                name: gain(template, models[model], models[name], tables, gates, seed).row()
                for name in template.baselines
            },
            job.definition.answers.calibration.few_key: {
                name: slope(template, own, tables).row() for name, own in models.items()
            },
        }
    for row in rows:
        if row["season"] == "all":
            numbers = {key: row[key] for key in ("value", "low", "high", "n")}
            content.setdefault(row["template"], {}).setdefault(row["metric"], {})[row["model"]] = numbers
    return content


def flat(content: Content, model: str) -> dict[str, float]:
    """Return the numbers of the model and its baselines as run metrics: `template.metric`, `template.metric.baseline`.

    A number that does not exist (the slope of an outcome that is always the same) is none of them.
    """
    metrics: dict[str, float] = {}
    for template, by_metric in content.items():
        for metric, values in by_metric.items():
            for name, numbers in values.items():
                key = f"{template}.{metric}" + ("" if name == model else f".{name}")
                metrics[key] = numbers["value"]
                if name == model or metric == "gain":
                    metrics[f"{key}.low"], metrics[f"{key}.high"] = numbers["low"], numbers["high"]
    return finite(metrics)


def counted_shares(job: TrainingJob, model: str, predictions: pd.DataFrame) -> dict[str, float]:
    """Return accuracy, F1 and their kin of the model as run metrics, as its family counts them; none where a question has its own by that name."""
    own, tables, gates = by_estimator(predictions)[model], job.tables(), job.params.gates
    metrics: dict[str, float] = {}
    for template in answered_by(job.model):
        for name, found in counted(template, scored(template, own, tables), gates, job.params.seed).items():
            if name not in template.metrics:
                key = f"{template.name}.{name}"
                metrics |= {key: found.value, f"{key}.low": found.low, f"{key}.high": found.high}
    return finite(metrics)


def by_season(job: TrainingJob, model: str, predictions: pd.DataFrame) -> dict[int, dict[str, float]]:
    """Return the model's and the baselines' main losses by held-out season, as metrics with the season as step."""
    tables = job.tables()
    found: dict[int, dict[str, float]] = {}
    for template in answered_by(job.model):
        for name, own in by_estimator(predictions).items():
            means = template_scores(template, own, tables).groupby("season").mean()
            for season, row in means.iterrows():
                suffix = "" if name == model else f".{name}"
                values = {
                    f"season.{template.name}.{metric}{suffix}": float(row[metric]) for metric in race_metrics(template)
                }
                found.setdefault(int(str(season)), {}).update(finite(values))
    return found


def note(job: TrainingJob, recipe: Recipe, content: Content) -> str:
    """Return the markdown note of a run, in words that need no knowledge of the code."""
    facts = recipe.facts
    held = ", ".join(map(str, facts["held_out_seasons"]))
    first, last = facts["trained_on"]
    lines = [
        f"- **Tried**: {_tried(job, recipe)}",
        f"{RESULT}{_result(job, recipe, content)}",
        f"{VERDICT}not judged yet; the gates do: `pitwall promote {job.name}`",
        "",
        f"# {job.name}",
        "",
        f"This model {job.definition.summary}, forecast at the stage **{job.stage}**. {job.definition.lead}: "
        + " ".join(template.question for template in answered_by(job.model)),
        "",
        f"- **Data**: sources `{', '.join(sorted(job.params.sources))}`, seasons {first} to {last}, {facts['races']} races, frame "
        f"`{facts['frame_md5'][:12]}` with {len(recipe.features)} features.",
        f"- **Judging**: seasons {held} were never seen while tuning. Each was predicted by the recipe fitted on the "
        "seasons before it. What is registered is the recipe fitted once more on all races.",
        f"- **Tuning**: {_tuning(job, recipe)}",
        "",
        "## Result against the baselines",
        "",
        "Mean over races with 95 % intervals (whole races resampled). *Gain* is how much less the model loses; a gain "
        "whose interval lies above 0 is a real advantage.",
        "",
    ]
    for template in answered_by(job.model):
        lines += _template_section(template.name, template.question, template.metrics, recipe.estimator, content)
    return "\n".join(lines)


def judged_note(text: str, outcome: str) -> str:
    """Return the note of a run with the verdict on its model in it, also where it was written before there was a place for it."""
    lines = [line for line in text.splitlines() if not line.startswith(VERDICT)]
    verdict = VERDICT + " ".join(outcome.split())
    after = next((number for number, line in enumerate(lines, 1) if line.startswith(RESULT)), 0)
    return "\n".join([*lines[:after], verdict, *([] if after else [""]), *lines[after:]]) + "\n"


def _tried(job: TrainingJob, recipe: Recipe) -> str:
    seasons = ", ".join(map(str, recipe.facts["validation_seasons"]))
    best = f"the best of {job.params.tuning.trials} configurations on seasons {seasons}" if seasons else "as it comes"
    return f"`{recipe.estimator}`, {best}"


def _result(job: TrainingJob, recipe: Recipe, content: Content) -> str:
    """Return the gain in the main loss over the baseline to beat, question by question, in a line or two."""
    said = []
    for template in answered_by(job.model):
        baseline = template.baseline_at(job.stage)
        gained, own = content[template.name]["gain"][baseline], content[template.name][template.loss][recipe.estimator]
        said.append(
            f"{template.name} {template.loss} {own['value']:.3f}, gain {gained['value']:+.3f} ({gained['low']:+.3f} to "
            f"{gained['high']:+.3f}) on `{baseline}`"
        )
    return "; ".join(said)


def _tuning(job: TrainingJob, recipe: Recipe) -> str:
    seasons = ", ".join(map(str, recipe.facts["validation_seasons"]))
    if not seasons:
        return "too few seasons to tune on; the default configuration was taken."
    return (
        f"{job.params.tuning.trials} configurations of `{recipe.estimator}`, the default one first, were compared by the "
        f"{job.definition.answers.tuned_by_words} on seasons {seasons}; the nested runs show each."
    )


def _template_section(name: str, question: str, metrics: tuple[str, ...], model: str, content: Content) -> list[str]:
    values = content[name]
    models = [model, *sorted(other for other in values[metrics[0]] if other != model)]
    rows = [[metric, *(interval(values[metric][each]) for each in models)] for metric in metrics]
    lines = [f"### {question} (`{name}`)", "", *table_lines(["", *(f"`{each}`" for each in models)], rows)]
    for baseline, numbers in values["gain"].items():
        lines.append("")
        lines.append(
            f"Gain in {metrics[0]} over `{baseline}`: **{interval(numbers)}**; the {numbers['n']:.0f} races could have shown an "
            f"effect of {numbers['detectable']:.3f}."
        )
    return [*lines, ""]
