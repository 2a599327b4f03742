"""What a documentation says of its run by itself: the method from the manifest, the results from the numbers and the gates' verdicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pitwall.domain import renames
from pitwall.domain.ports import RunRecord
from pitwall.domain.refs import Verdict
from pitwall.report.content.intervals import digits, interval, number, span
from pitwall.report.content.markdown import table_lines
from pitwall.tracking.canonical import MISSING
from pitwall.tracking.documentation.sections import METHOD, RESULTS
from pitwall.tracking.manifest import RunManifest
from pitwall.tracking.names import NO_RESULT
from pitwall.tracking.sections.unknown import is_unknown

GAIN = ".gain."
LOW, HIGH = ENDS = (".low", ".high")
ELSEWHERE = ("season.", *NO_RESULT)  # curves, what the run read, and what it cost
signed = digits(3, "+")


def made_of(run: RunRecord, manifest: RunManifest | None, decided: Mapping[str, Any] | None = None) -> dict[str, str]:
    """Return {section: text} of what a run says of itself.

    Args:
        run: with its parameters and final numbers.
        manifest: of the run, None if it has none.
        decided: the history's last row with verdicts on the run's version, None where no gate was asked.
    """
    method = _given(run) if manifest is None else _method(run, manifest)
    return {METHOD: "\n".join(method), RESULTS: "\n\n".join(_results(run, manifest, decided))}


def _method(run: RunRecord, manifest: RunManifest) -> list[str]:
    """Return what was trained, on which data, by which settings and code, as far as the manifest knows."""

    def known(path: str, form: str = "{}") -> str:
        value = manifest.get(path)
        return "" if value in (MISSING, None, "", {}, []) or is_unknown(value) else form.format(value)

    recipe = manifest.config.get("recipe")
    found = recipe.get("params", {}) if isinstance(recipe, Mapping) else {}
    snapshots, races, dirty = (manifest.get(path) for path in ("data.snapshots", "data.splits.races", "code.dirty"))
    return _lines(
        {
            "What": [known("subject.model", "`{}`"), *_estimator(run), f"run `{run.run_id}` of `{run.experiment}`"],
            "Data": [
                f"sources {', '.join(sorted(snapshots))}" if isinstance(snapshots, Mapping) else "",
                known("data.known_until", "known until {:.16} UTC"),
                known("data.frame.name", "frame `{}`") + known("data.frame.md5", " (md5 {:.12})"),
                known("data.frame.rows", "{} rows"),
            ],
            "Races": [f"{use} {count}" for use, count in races.items()] if isinstance(races, Mapping) else [],
            "Search": [known("orchestration.optuna.trials", "{} trials"), *_pairs(found)],
            "Settings": [known("config.hash", "configuration `{}`"), known("seeds.seed", "seed {}")],
            "Code": [known("code.commit", "commit `{:.10}`"), "uncommitted changes, kept as a patch" if dirty else ""],
            "By hand": manifest.manual_steps,
        }
    )


def _given(run: RunRecord) -> list[str]:
    """Return what a run without a manifest was given."""
    data = [f"{name} ({digest:.12})" for name, digest in run.datasets]
    what = [*_estimator(run), f"run `{run.run_id}` of `{run.experiment}`"]
    return _lines({"What": what, "Data": data, "Parameters": _pairs(run.params)})


def _results(run: RunRecord, manifest: RunManifest | None, decided: Mapping[str, Any] | None) -> list[str]:
    numbers = {name: value for name, value in run.metrics.items() if not name.startswith(ELSEWHERE)}
    if not numbers:
        return [f"The run is {run.status} and has no numbers yet."]
    gains = [name for name in sorted(numbers) if GAIN in name and not _is_end(name, numbers)]
    share = None if manifest is None else manifest.get("config.params.gates.confidence")
    lead = [f"In brackets: {share:.0%} intervals."] if gains and isinstance(share, float) else []
    parts = [*lead, _table(numbers, sorted({name.split(GAIN)[1] for name in gains}))]
    if gains:
        said = "Gain: how much less is lost, in the main loss of a question, than by a baseline."
        parts.append("\n".join([said, "", *(_gain(name, numbers) for name in gains)]))
    return [*parts, _verdict(decided)] if "pitwall.version" in run.tags else parts


def _table(numbers: Mapping[str, float], baselines: Sequence[str]) -> str:
    """Return the numbers of the run, with their intervals, beside those of its baselines."""
    others = tuple(f".{name}" for name in baselines)
    own = [name for name in sorted(numbers) if not (GAIN in name or _is_end(name, numbers) or name.endswith(others))]
    rows = [
        [f"`{name}`", _shown(name, numbers), *(number(numbers.get(f"{name}{end}")) for end in others)] for name in own
    ]
    return "\n".join(table_lines(["", "this run", *(f"`{name}`" for name in baselines)], rows))


def _gain(name: str, numbers: Mapping[str, float]) -> str:
    question, baseline = name.split(GAIN)
    low, high = (numbers.get(f"{name}{end}") for end in ENDS)
    told = f"- `{question}` over `{baseline}`: {signed(numbers[name])}"
    if low is None or high is None:
        return told
    return f"{told} ({span(low, high, signed)}{'; may be chance' if low <= 0 <= high else ''})"


def _verdict(decided: Mapping[str, Any] | None) -> str:
    """Return what the gates said, and of those that refused why."""
    if decided is None:
        return "Gates: not asked yet."
    verdicts = [Verdict(**renames.verdict(each)) for each in decided["verdicts"]]
    failed = [each for each in verdicts if not each.passed]
    count = f"{len(verdicts) - len(failed)} of {len(verdicts)} verdicts passed"
    lines = [f"Gates, {decided['at'][:10]}: version {decided['version']} was {decided['kind']}; {count}."]
    return "\n".join([*lines, *([""] if failed else []), *(f"- {_told(each)}: {each.reason}" for each in failed)])


def _told(verdict: Verdict) -> str:
    return f"`{verdict.gate}` {verdict.template or ''}".rstrip()


def _shown(name: str, numbers: Mapping[str, float]) -> str:
    ends = {"low": numbers.get(f"{name}{LOW}"), "high": numbers.get(f"{name}{HIGH}")}
    return number(numbers[name]) if None in ends.values() else interval({"value": numbers[name], **ends}, number)


def _is_end(name: str, numbers: Mapping[str, float]) -> bool:
    return name.endswith(ENDS) and name.rpartition(".")[0] in numbers


def _estimator(run: RunRecord) -> list[str]:
    return [f"estimator `{name}`"] if (name := run.tags.get("pitwall.estimator")) else []


def _pairs(values: Mapping[str, Any]) -> list[str]:
    return [f"{name} {number(value) if isinstance(value, float) else value}" for name, value in values.items()]


def _lines(facts: Mapping[str, Sequence[str]]) -> list[str]:
    """Return a line for each label that has facts."""
    told = {label: [each for each in found if each] for label, found in facts.items()}
    return [f"- **{label}**: {', '.join(found)}" for label, found in told.items() if found]
