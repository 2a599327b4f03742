"""At most a dozen tags on the page of a run or a version: the rest of what is known travels in one of them, as JSON.

A page with fifty tags hides the five that people look for. So what the run's manifest tells as well (versions of packages, hashes,
threads, the search, the commit that MLflow shows in a field of its own) is packed into the tag `pitwall.manifest` when it is written, and
unpacked when it is read: for everything above this module a tag is a tag. Runs of earlier versions, where each fact has a tag of its
own, are read just so; where a fact stands in both, the newer one is the packed one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

PACKED = "pitwall.manifest"
SAFE = 7000  # characters; MLflow cuts the tags of runs at 8,000, and JSON that was cut cannot be read

_ALIKE = ("version.", "env.", "environment.", "optuna.", "inference.", "manifest.", "prefect.")
_SAME = {
    *("python", "requirements_lock.md5", "dvc_lock.md5", "frame.md5", "splits.sha256", "config_hash", "run_timestamp"),
    *("git.branch", "git.patch", "git.secrets", "latency_ms", "latency_p99_ms", "rows_per_s"),
    *("pitwall.door", "pitwall.started_by", "pitwall.run_name", "pitwall.path", "pitwall.process", "pitwall.seed"),
    *(
        "pitwall.best_trial",
        "pitwall.curve",
        "pitwall.estimator",
        "pitwall.content",
        "pitwall.model_name",
        "pitwall.kind",
    ),
    *("promotion.at", "promotion.by", "promotion.kind", "promotion.previous"),
}
# of a run, MLflow shows the commit itself and the gate `clean_tree` says the rest; a version is judged by them
RUN_ONLY = frozenset({"git.commit", "git.dirty", "data.stale"})
VERSION_ONLY = frozenset({"experiment_type", "dataset_version"})  # runs are searched by them
SHOWN_ON_VERSIONS = frozenset({"pitwall.content"})  # versions are searched by it


def pack(texts: Mapping[str, str], known: Mapping[str, str], *, version: bool = False) -> dict[str, str]:
    """Return the tags to write: those that people look for, and one with the rest.

    Args:
        texts: what is to be set.
        known: the tags as the store has them now; what is packed there stays.
        version: of a model version rather than of a run.
    """
    shown = {key: str(text) for key, text in texts.items() if not _packs(key, version)}
    rest = {key: str(text) for key, text in texts.items() if key not in shown}
    if not rest:
        return shown
    rest = {**_packed(known), **rest}
    while len(text := json.dumps(rest, sort_keys=True)) > SAFE:
        longest = max(rest, key=lambda key: (len(rest[key]), key))
        shown[longest] = rest.pop(longest)
    return {**shown, PACKED: text}


def unpack(tags: Mapping[str, str]) -> dict[str, str]:
    """Return all tags, each under its own name."""
    plain = {key: text for key, text in tags.items() if key != PACKED}
    return {**plain, **_packed(tags)}


def without(keys: Sequence[str], known: Mapping[str, str]) -> dict[str, str]:
    """Return the tags as the store should have them when these are taken away, wherever they stand; unknown ones change nothing."""
    shown = {key: text for key, text in known.items() if key not in keys}
    if PACKED in shown:
        shown[PACKED] = json.dumps({k: v for k, v in _packed(known).items() if k not in keys}, sort_keys=True)
    return shown


def packs_any(texts: Mapping[str, str], *, version: bool = False) -> bool:
    """Return whether setting these needs to know what is packed already."""
    return any(_packs(key, version) for key in texts)


def _packs(key: str, version: bool) -> bool:
    if version and key in SHOWN_ON_VERSIONS:
        return False
    return key in _SAME or key in (VERSION_ONLY if version else RUN_ONLY) or key.startswith(_ALIKE)


def _packed(tags: Mapping[str, str]) -> dict[str, str]:
    return dict(json.loads(tags[PACKED])) if PACKED in tags else {}
