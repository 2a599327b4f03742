"""The sections of a card that measure: metrics beside the baselines, calibration, kinds of races; with their pictures."""

from __future__ import annotations

from pitwall.ml.cards.classes import classes
from pitwall.ml.cards.course import courses
from pitwall.ml.cards.subject import Described
from pitwall.ml.evaluation.bootstrap import CONFIDENCE
from pitwall.ml.evaluation.classes import counted, rule
from pitwall.ml.evaluation.scoring import gain, labelled_once, metric_interval, metric_of, scored
from pitwall.ml.families.predictions import by_estimator
from pitwall.ml.gates import Candidate
from pitwall.ml.gates._losses import Mean, mean_over_races, unit
from pitwall.ml.gates.slices import judged_slices, slice_gains
from pitwall.ml.templates import Template
from pitwall.report.content.blocks import Block, Picture, Table, Text
from pitwall.report.content.document import Section
from pitwall.report.content.intervals import digits, interval
from pitwall.report.figures.calibration import calibration_figure
from pitwall.report.figures.canvas import png
from pitwall.report.figures.forest import forest

HOW = (
    "Mean over the held-out races with {level:g} % intervals, whole races resampled. Gains are paired race by race: how much "
    "less the model loses than a baseline in the first metric; an interval above 0 is a real advantage."
)
OTHER_DATA = (
    "unknown: the project's tables hold no result of the races that this version was judged on (another source)."
)
GAIN = digits(3, "+")
TAIL = 0.025  # of an interval of one kind of race, for the eye; the gate shares its level among all


def measured(subject: Described) -> tuple[Section, ...]:
    """Return metrics, calibration, what classes or durations show beside, and kinds of races; unknown where the tables hold another source's races."""
    if not subject.judged_here:
        nothing = (Text(OTHER_DATA),)
        return Section("Metrics", nothing), Section("Calibration", nothing), Section("Kinds of races", nothing)
    return (
        metrics(subject),
        *shares(subject),
        calibration(subject),
        *classes(subject),
        *courses(subject),
        kinds(subject),
    )


def metrics(subject: Described) -> Section:
    """Return one table per question: the model and every baseline, and the gains over them."""
    candidate = subject.candidate
    blocks: list[Block] = [Text(HOW.format(level=100 * candidate.params.gates.confidence))]
    for template in candidate.templates:
        asked = labelled_once(template, candidate.tables)
        blocks += [Text(f"{template.question} (`{template.name}`)"), _metric_table(candidate, asked)]
    return Section("Metrics", tuple(blocks))


def shares(subject: Described) -> tuple[Section, ...]:
    """Return accuracy, F1 and their kin of every question, with the rules that they are counted by; nothing of numbers."""
    candidate = subject.candidate
    rows = [
        (template.name, name.replace("_", " "), interval(each))
        for template in candidate.templates
        for name, each in counted(
            template,
            scored(template, candidate.own, candidate.tables),
            candidate.params.gates,
            candidate.params.seed,
        ).items()
    ]
    how = " ".join(dict.fromkeys(rule(template) for template in candidate.templates))
    table = Table(("question", "share", "held-out races"), tuple(rows), ("held-out races",))
    return (Section("Accuracy and F1", (Text(how), table)),) if rows else ()


def calibration(subject: Described) -> Section:
    """Return one picture per question, with what the family shows its calibration by."""
    candidate = subject.candidate
    how, limits, seed = candidate.definition.answers.calibration, candidate.params.gates, candidate.params.seed
    rows, pictures = [], []
    for template in candidate.templates:
        known = scored(template, candidate.own, candidate.tables)
        found, error = how.few(known, CONFIDENCE), metric_interval(metric_of(template, how.error), known, limits, seed)
        rows.append((template.name, interval(found), f"{error.value:.4f}", str(len(known))))
        figure = calibration_figure(how.table(known), template.question, names=how.axes)
        caption = f"{template.name}: {how.shows}"
        pictures.append(Picture(f"calibration_{template.name}.png", caption, png(figure)))
    numbers = (how.column or how.few_name, "calibration error", candidate.definition.kind.nouns[1])
    return Section("Calibration", (Text(how.meaning), Table(("question", *numbers), tuple(rows), numbers), *pictures))


def kinds(subject: Described) -> Section:
    """Return the gain over champion or baseline in each kind of race, as a table and a picture."""
    candidate = subject.candidate
    found = judged_slices(candidate)
    rows, panels, other = [], {}, "nobody"
    for template in candidate.templates:
        other, by_kind = slice_gains(candidate, template, found)
        means = {name: mean_over_races(gain, TAIL) for name, gain in by_kind.items() if len(gain) > 1}
        rows += [(template.name, name, *_mean(mean, unit(template))) for name, mean in means.items()]
        panels[f"{template.name} ({unit(template)})"] = means
    if not rows:
        return Section("Kinds of races", (Text("unknown: no kind of race has enough held-out races to be shown."),))
    text = Text(
        f"Gain over {other or 'nobody'} in each kind of race; above 0 is better. Kinds overlap, and intervals are each at 95 %."
    )
    table = Table(("question", "kind", "gain", "races"), tuple(rows), ("gain", "races"))
    picture = Picture(
        "kinds_of_races.png", f"gain over {other} by kind of race, 95 % intervals", png(forest(panels)), True
    )
    return Section("Kinds of races", (text, table, picture))


def _metric_table(candidate: Candidate, template: Template) -> Table:
    models = by_estimator(candidate.predictions)
    names = [candidate.estimator, *sorted(set(models) - {candidate.estimator})]
    limits, seed = candidate.params.gates, candidate.params.seed
    known = {name: scored(template, models[name], candidate.tables) for name in names}
    rows = []
    for metric in template.metrics:
        found = [metric_interval(metric_of(template, metric), known[name], limits, seed) for name in names]
        rows.append((metric, *map(interval, found)))
    own = models[candidate.estimator]
    gained = [gain(template, own, models[name], candidate.tables, limits, seed) for name in names[1:]]
    rows.append(("gain over it", "", *(interval(each, GAIN) for each in gained)))
    rows.append(("could see a gain of", "", *(f"{each.detectable:.3f}" for each in gained)))
    return Table((f"mean of {known[names[0]]['race_id'].nunique()} races", *names), tuple(rows), tuple(names))


def _mean(mean: Mean, of: str) -> tuple[str, str]:
    return f"{interval(mean, GAIN)} {of}", str(mean.n)
