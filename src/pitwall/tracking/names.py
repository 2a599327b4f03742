"""Names of experiments, runs, models and run folders: made by one function each and checked by one pattern each.

    experiment  {project}-{objective}                                   pitwall-order
    run         {date}-{description}-{variant}                          2024-01-15-order-pre_race-stack
    model       {architecture}-{dataset}-{version}                      stack-synthetic-v3
    path        {project}/{experiment_type}_{date}/run_{config_hash}    pitwall/hyperparameter_2024-01-15/run_0123456789ab

Parts are lower case letters, digits, dots and underscores; hyphens separate them. Where an experiment lies in the run
store is given by its name, so the path form, from another convention, is kept as the tag `pitwall.path`.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from pitwall.domain.errors import UnknownName, UsageError
from pitwall.tracking.canonical import hash_of

PROJECT = "pitwall"
EXPERIMENT_TYPES = ("baseline", "feature-engineering", "architecture", "hyperparameter")
PART = r"[a-z0-9][a-z0-9_.]*"
DATE = r"(?P<date>\d{4}-\d{2}-\d{2})"
SUFFIX = 6
# Metrics begin so that do not say how good a result is: what was read, how the fit went on, what was measured of the machine
NO_RESULT = ("data.", "fit.", "inference.", "resources.", "system/")


@dataclass(frozen=True)
class Form:
    """The form of one kind of name: in words, as a pattern, and as an example."""

    words: str
    pattern: str
    example: str


FORMS = {
    "experiment": Form("{project}-{objective}", rf"{PART}(-{PART})+", "pitwall-order"),
    "run": Form("{date}-{description}-{variant}", rf"{DATE}(-{PART}){{2,}}", "2024-01-15-order-pre_race-stack"),
    "model": Form("{architecture}-{dataset}-{version}", rf"{PART}(-{PART})+-v\d+(\.\d+)*", "stack-synthetic-v3"),
    "path": Form(
        "{project}/{experiment_type}_{date}/run_{config_hash}",
        rf"{PART}(-{PART})*/({'|'.join(EXPERIMENT_TYPES)})_{DATE}/run_[0-9a-f]{{12}}",
        "pitwall/hyperparameter_2024-01-15/run_0123456789ab",
    ),
}


def problem(kind: str, name: str) -> str:
    """Return why a name breaks the form of its kind (experiment, run, model, path), or nothing.

    Example:
        >>> problem("model", "xgboost-transactions-v2.3.1")
        ''
    """
    if kind not in FORMS:
        raise UnknownName("kind of name", kind, FORMS)
    form = FORMS[kind]
    found = re.fullmatch(form.pattern, name)
    if found is None:
        return f"{name!r} is no name of a {kind}; the form is {form.words}, e.g. {form.example}"
    day = found.groupdict().get("date")
    return f"{day} in {name!r} is no date" if day and not _is_date(day) else ""


def checked(kind: str, name: str) -> str:
    """Return the name; raise UsageError if it breaks the form of its kind."""
    if said := problem(kind, name):
        raise UsageError(f"{said}.")
    return name


def experiment_name(objective: str, project: str = PROJECT) -> str:
    """Return `{project}-{objective}`."""
    return checked("experiment", f"{part(project)}-{part(objective)}")


def run_name(day: date, description: str, variant: str, taken: Collection[str] = (), unique: str = "") -> str:
    """Return `{date}-{description}-{variant}`.

    Args:
        day: of the run.
        description: what is trained, e.g. order-pre_race.
        variant: what is special about it, e.g. the estimator.
        taken: names of runs; where the name is one of them, six digits of a hash make it unique.
        unique: what the hash is made of, e.g. configuration and instant.
    """
    name = checked("run", f"{day.isoformat()}-{part(description)}-{part(variant)}")
    tries = 0
    while (found := name if not tries else f"{name}-{hash_of([unique, tries])[:SUFFIX]}") in taken:
        tries += 1
    return found


def model_name(architecture: str, dataset: str, version: int | str) -> str:
    """Return `{architecture}-{dataset}-{version}`."""
    return checked("model", f"{part(architecture)}-{part(dataset)}-v{version}")


def run_path(experiment_type: str, day: date, config_hash: str, project: str = PROJECT) -> str:
    """Return `{project}/{experiment_type}_{date}/run_{config_hash}`."""
    return checked("path", f"{part(project)}/{experiment_type}_{day.isoformat()}/run_{config_hash}")


def part(text: str) -> str:
    """Return text as a part of a name: lower case, everything but letters, digits, dots and hyphens an underscore."""
    return re.sub(r"[^a-z0-9._-]+", "_", text.lower()).strip("._-")


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
