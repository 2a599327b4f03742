"""The sections of a card that state facts: purpose, data, limits, lineage and cost."""

from __future__ import annotations

from pitwall.ml.cards.subject import Described
from pitwall.ml.gates.card_present import HASH_SHOWN
from pitwall.ml.gates.slices import judged_slices
from pitwall.report.content.blocks import Facts, Text
from pitwall.report.content.document import Section, facts
from pitwall.sources import sources

CUT_OFFS = {
    "pre_weekend": "the start of first practice",
    "pre_qualifying": "the start of qualifying",
    "pre_race": "the start of the race",
    "in_race": "the end of the lap before",
}
UNDER_WAY = "in_race"


def purpose(subject: Described) -> Section:
    """Return what the model is for and what it is not for."""
    candidate = subject.candidate
    definition, under_way = candidate.definition, candidate.stage == UNDER_WAY
    questions = " ".join(template.question for template in candidate.templates)
    races, as_of = (
        ("Formula 1 races under way", "each lap") if under_way else ("coming Formula 1 races", "their cut-off")
    )
    use = (
        f"Forecasts of {races} by people who read {definition.answers.read_as} as such, beside the baseline, and studies of "
        f"past races as of {as_of}. It is asked at {CUT_OFFS[candidate.stage]} and knows nothing that came after."
    )
    other = "forecasts before the race" if under_way else "forecasts while a race runs"
    scope = f"Bets and other decisions about money or people; races of other series; {other}; statements about "
    if "driver_id" in definition.kind.key:
        scope += "why a car is fast. What it says of a driver is about the results of their cars, not about the person."
    else:
        scope += "causes."
    does = f"{definition.does or definition.lead}: {questions}"
    return Section("Purpose", (Text(does, "What it does"), Text(use, "Intended use"), Text(scope, "Out of scope")))


def data(subject: Described) -> Section:
    """Return what the model learned from and up to when."""
    candidate, recipe = subject.candidate, subject.recipe
    known = sources()
    credit = [f"{name} ({known[name].attribution})" if name in known else name for name in candidate.params.sources]
    learned = recipe.facts.get("trained_on")
    return Section(
        "Data",
        (
            facts(
                sources=credit,
                seasons=f"{learned[0]} to {learned[1]}" if learned else None,
                races_with_results=recipe.facts.get("races"),
                held_out_seasons=recipe.facts.get("held_out_seasons"),
                validation_seasons=recipe.facts.get("validation_seasons"),
                cut_off=f"{CUT_OFFS[candidate.stage]}, row by row",
                vintage=subject.said("data", "vintage"),
                data_known_until=subject.said("data", "known_until"),
                frame_hash=recipe.facts.get("frame_md5"),
                features=f"{len(recipe.features)}: {', '.join(recipe.features)}",
            ),
            Text(
                "The held-out seasons were predicted season by season, each by the recipe fitted on the seasons before it; "
                "tuning saw the validation seasons only. What is registered is the recipe fitted on all of it."
            ),
        ),
    )


def limits(subject: Described) -> Section:
    """Return what the model and its judgement cannot do."""
    candidate = subject.candidate
    judged = candidate.own["race_id"].nunique()
    few = [
        f"{each.name} ({len(each.races)})"
        for each in judged_slices(candidate)
        if len(each.races) < candidate.params.gates.slice_races
    ]
    said = [
        f"It was judged on {judged} races. Differences that so few races cannot show are listed under Gates as `could see`.",
        f"The held-out seasons were opened {_times(candidate.openings)} by candidates of this name; "
        "backtests that people ran on them are not counted.",
        *filter(None, [candidate.definition.kind.newcomer]),
        *candidate.definition.limits,
    ]
    if few:
        said.append(f"Too few held-out races to judge apart: {', '.join(few)}.")
    if set(candidate.params.sources) == {"synthetic"}:
        said.insert(
            0, "It learned from an embedded synthetic world. Nothing here is about real races, drivers or teams."
        )
    return Section("Limits", tuple(Text(line) for line in said))


def _times(count: int | None) -> str:
    return "an unknown number of times" if not count else "once" if count == 1 else f"{count} times"


def lineage(subject: Described) -> Section:
    """Return which code, data and run made the model."""
    version, model = subject.version, subject.version.model
    hashes = subject.said("data", "outs")
    outs = [f"{path} {md5}" for path, md5 in hashes.items()] if isinstance(hashes, dict) else None
    return Section(
        "Lineage",
        (
            facts(
                model_content=version.content,
                estimator=subject.recipe.estimator,
                seed=subject.recipe.seed,
                commit=subject.tag("git.commit"),
                branch=subject.tag("git.branch"),
                uncommitted_code=subject.tag("git.dirty"),
                data_not_up_to_date=subject.tag("data.stale"),
                dvc_lock=subject.tag("dvc_lock.md5"),
                data_outputs=outs,
                configuration=subject.tag("config_hash"),
                manifest=subject.tag("manifest.fingerprint"),
                python=subject.tag("python"),
                package_lock=subject.tag("requirements_lock.md5"),
                MLflow_run=version.run_id,
                flow_run=subject.tag("prefect.flow_run_id"),
            ),
            Text(
                f"`pitwall lineage {model}@{version.version}` shows both directions; `pitwall reproduce "
                f"{model}@{version.version}` makes the model again and compares."
            ),
        ),
    )


def cost(subject: Described) -> Section:
    """Return what training took and how fast the model answers."""
    size = sum(map(len, subject.candidate.files.values())) / 1e6
    return Section(
        "Cost",
        (
            _units(subject, "resources", {"seconds": "s", "cpu_seconds": "s", "peak_memory_mb": "MB"}),
            _units(subject, "inference", {"p50_ms": "ms", "p95_ms": "ms", "p99_ms": "ms", "rows_per_s": "rows/s"}),
            facts(
                processor=subject.said("environment", "cpu"),
                gpu=subject.said("environment", "gpu"),
                model_folder=f"{size:.2f} MB in {len(subject.candidate.files)} files",
                energy_and_carbon="unknown: not measured",
            ),
        ),
    )


def _units(subject: Described, section: str, units: dict[str, str]) -> Facts:
    """Return numbers of a section of the manifest with their units."""
    lines = []
    for name, unit in units.items():
        value = subject.said(section, name)
        shown = f"{value:,.1f} {unit}" if isinstance(value, int | float) else str(value)
        lines.append((_NAMES[name], shown))
    return Facts(tuple(lines))


_NAMES = {
    "seconds": "training time",
    "cpu_seconds": "processor time",
    "peak_memory_mb": "peak memory",
    "p50_ms": "answer, median",
    "p95_ms": "answer, 95th percentile",
    "p99_ms": "answer, 99th percentile",
    "rows_per_s": "throughput",
}


def summary(subject: Described) -> str:
    """Return the line below the title."""
    seasons = subject.recipe.facts.get("trained_on") or ["unknown", "unknown"]
    return (
        f"{subject.recipe.estimator} at stage {subject.candidate.stage}, seasons {seasons[0]} to {seasons[1]}; content "
        f"{subject.version.content[:HASH_SHOWN]}"
    )
