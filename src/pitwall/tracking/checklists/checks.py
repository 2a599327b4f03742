"""How the items of the checklists are seen that take more than a glance at one field."""

from __future__ import annotations

from collections.abc import Sequence

from pitwall.domain.ports import Measured
from pitwall.domain.records.curves import NONE, PREFIX, TAG
from pitwall.tracking.canonical import MISSING
from pitwall.tracking.checklists.evidence import Evidence
from pitwall.tracking.mandatory import DATASET_VERSION
from pitwall.tracking.names import NO_RESULT, problem
from pitwall.tracking.sections.unknown import is_unknown

PREPARATION = ("tables", "features", "frames")


def patch(evidence: Evidence) -> bool:
    """Whether the patch is the one that the manifest means."""
    return evidence.says("code.patch") and evidence.field("code.patch") == evidence.sha256("code.patch")


def clean_of_secrets(evidence: Evidence) -> bool:
    """Whether uncommitted work was searched for secrets and none was found."""
    return evidence.says("code.secrets") and evidence.field("code.secrets") == []


def lock(evidence: Evidence) -> bool:
    """Whether the lock and what was installed are known."""
    return evidence.holds("environment.lock", "environment.versions") and "requirements.lock" in evidence.kept


def python(evidence: Evidence) -> bool:
    """Whether Python was the one that the project pins."""
    pinned = evidence.project.get(".python-version", "").strip()
    return bool(pinned) and f"{evidence.field('environment.python')}.".startswith(f"{pinned}.")


def dvc(evidence: Evidence) -> bool:
    """Whether DVC's record of the data is kept."""
    return evidence.holds("data.dvc_lock", "data.dvc_rev", "data.outs") and "dvc.lock" in evidence.kept


def preparation(evidence: Evidence) -> bool:
    """Whether the steps from raw data to frames are in the kept dvc.lock."""
    kept = evidence.kept.get("dvc.lock", b"").decode()
    return all(f"\n  {stage}:" in kept for stage in PREPARATION)


def splits(evidence: Evidence) -> bool:
    """Whether the split indices are those that the manifest means."""
    digest = evidence.sha256("splits.json")
    return evidence.holds("data.splits.sha256") and evidence.field("data.splits.sha256") == digest


def hyperparameters(evidence: Evidence) -> bool:
    """Whether the settings are known by value and logged, and of a model the recipe too."""
    recipe = ("config.recipe",) if evidence.of_a_model else ()
    return evidence.holds("config.params", *recipe) and bool(evidence.run.params)


def parameters_first(evidence: Evidence) -> bool:
    """Whether parameters were there, and no number yet, when the manifest was begun."""
    first = evidence.field("orchestration.logged_first")
    return isinstance(first, dict) and first["params"] > 0 and first["metrics"] == 0


def study(evidence: Evidence) -> bool:
    """Whether the search and its best trial are named, or it is said that nothing was searched."""
    found = evidence.field("orchestration.optuna")
    if isinstance(found, str):
        return "default configuration" in found
    named_ = found is not MISSING and evidence.holds("orchestration.optuna.study")
    return named_ and evidence.says("orchestration.optuna.best_trial")


def curve(evidence: Evidence) -> bool:
    """Whether the losses of the fit are there round by round, or the estimator has no rounds."""
    curves = [history for name, history in evidence.histories.items() if name.startswith(PREFIX)]
    return evidence.run.tags.get(TAG) == NONE or any(each.step for history in curves for each in history)


def results(evidence: Evidence) -> list[str]:
    """Return the metrics that say how good the result is."""
    return [name for name in evidence.run.metrics if not name.startswith(NO_RESULT)]


def finals_apart(evidence: Evidence) -> bool:
    """Whether there are final results, and no name stands for both a final and the steps of a history."""
    finals = [name for name in results(evidence) if not any(each.step for each in evidence.histories.get(name, ()))]
    return bool(finals) and not any(map(_mixed, evidence.histories.values()))


def versioned(evidence: Evidence) -> bool:
    """Whether the version of the data is a tag."""
    version = evidence.run.tags.get(DATASET_VERSION, "")
    return bool(version) and not is_unknown(version)


def named(kind: str, name: str) -> bool:
    """Whether a name keeps the form of its kind."""
    return not problem(kind, name)


def _mixed(history: Sequence[Measured]) -> bool:
    """Whether a final was logged among the steps: marked as one, or at step 0, where stores keep it, when that was taken or past."""
    steps = [each.step for each in history]
    if not any(steps):
        return False
    return any(each.final for each in history) or 0 in steps[1:]
