"""Make a bundle of a registered version: what it is, what it was made from, its card, and what it says of a few races."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from pitwall.domain.access.permissions import AT_THIS_MACHINE, Owner
from pitwall.domain.access.sharing import ORIGIN_TAG, Origin
from pitwall.domain.errors import UsageError
from pitwall.domain.files import write_atomically
from pitwall.domain.ports import ModelVersion
from pitwall.domain.project import Project
from pitwall.ml.models.machinery.recipe import Recipe
from pitwall.ml.specs import find_spec
from pitwall.ml.templates import answered_by
from pitwall.report.content.markdown import to_markdown
from pitwall.tracking.manifest import FOLDER
from pitwall.workflows.hub.form import ABOUT, CARD, KEY, SAMPLE, SIGNATURE
from pitwall.workflows.hub.market import enter
from pitwall.workflows.hub.opening.code import see_no_code
from pitwall.workflows.hub.opening.contents import see_file
from pitwall.workflows.hub.opening.names import checked_name
from pitwall.workflows.hub.packing import described, signed_bundle, write_files
from pitwall.workflows.hub.receiving import ZIP, Received, receive
from pitwall.workflows.hub.shelf import taken
from pitwall.workflows.hub.trust import own_key
from pitwall.workflows.registry import card, find_version
from pitwall.workflows.workspace import Workspace

MANIFEST = ("manifest.json", "splits.json", "params.yaml", "dvc.lock", "requirements.lock", "installed.txt")
SPEC = ("spec.json", "rows.parquet", "labels.parquet")
MOST_ROWS = 60
BUNDLE = ".pitwall.zip"


def publish(
    workspace: Workspace,
    reference: str,
    folder: Path,
    name: str = "",
    *,
    by: Owner = AT_THIS_MACHINE,
    forked_from: str = "",
) -> Path:
    """Write the signed bundle of a version into a folder and return it; it is among the shared models here, too.

    Args:
        workspace: of the project.
        reference: `NAME@ALIAS` or `NAME@VERSION`.
        folder: that others take it from.
        name: under which it is shared; the registered name when empty.
        by: who signs it, with a key that is made on first use.
        forked_from: hash of the bundle that it was made from; that of its run when empty.

    Raises:
        UnknownName: there is no such version.
        BundleRefused: it holds what no bundle may: functions, a patch of the code; nothing was written.
    """
    version = find_version(workspace, reference)
    files = bundle_files(workspace, version)
    see_fit(files)
    about = _about(workspace, version, files, name or version.model.replace("@", "-"), by)
    bundle = _bundle(workspace.project, files, {**about, "forked_from": forked_from or _origin(workspace, version)}, by)
    target = folder / f"{about['name']}-{version.version}{BUNDLE}"
    enter(workspace, bundle, write_atomically(target, (bundle.folder / ZIP).read_bytes()))
    return target


def _origin(workspace: Workspace, version: ModelVersion) -> str:
    """Return the bundle that the order of a version came from; empty of an original."""
    told = workspace.runs.read(version.run_id).tags.get(ORIGIN_TAG, "")
    return Origin.of(told).bundle if told else ""


def _bundle(project: Project, files: Mapping[str, bytes], about: Mapping[str, Any], by: Owner) -> Received:
    """Return a signed bundle, verified as others will: the one that there is, if the same was published before."""
    _, public = own_key(project, by.name)
    whole = described(files, about, public.read_bytes())
    before = [each for each in taken(project) if each.about == whole]
    if before:
        return before[0]
    with TemporaryDirectory(prefix="pitwall-bundle-") as made:
        name = f"{whole.name}-{whole.version}{BUNDLE}"
        return receive(project, write_atomically(Path(made) / name, signed_bundle(files, about, public.parent)))


def bundle_files(workspace: Workspace, version: ModelVersion) -> dict[str, bytes]:
    """Return the files of a version's bundle, by name."""
    made = to_markdown(card(workspace, f"{version.model}@{version.version}"), pictures=False)
    sample = json.dumps(_sample(workspace, version), indent=1, allow_nan=False) + "\n"
    parts = (_model(workspace, version), _manifest(workspace, version), _spec(version))
    found = {name: content for part in parts for name, content in part}
    return {CARD: made.encode(), SAMPLE: sample.encode(), **found}


def see_fit(files: Mapping[str, bytes]) -> None:
    """Look at what is to be packed as those who receive it will.

    Raises:
        BundleRefused: they would not take it.
    """
    for name, content in files.items():
        see_file(checked_name(name.encode()), content)
    with TemporaryDirectory(prefix="pitwall-bundle-") as made:
        write_files(files, Path(made))
        see_no_code(Path(made))


def _model(workspace: Workspace, version: ModelVersion) -> Iterator[tuple[str, bytes]]:
    folder = workspace.registry.fetch(version.model, version.version)
    for path in sorted(each for each in folder.rglob("*") if each.is_file()):
        yield f"model/{path.relative_to(folder).as_posix()}", path.read_bytes()


def _manifest(workspace: Workspace, version: ModelVersion) -> Iterator[tuple[str, bytes]]:
    with workspace.runs.held(version.run_id) as held:
        for name in MANIFEST:
            if (path := held.get(f"{FOLDER}/{name}")) is not None:
                yield f"manifest/{name}", path.read_bytes()


def _spec(version: ModelVersion) -> Iterator[tuple[str, bytes]]:
    stored = find_spec(version.model.rpartition("-")[0])
    for name in SPEC if stored else ():
        if stored and (stored.folder / name).is_file():
            yield f"spec/{name}", (stored.folder / name).read_bytes()


def _sample(workspace: Workspace, version: ModelVersion) -> dict[str, Any]:
    """Return what the version says of the rows that it was registered with: keys and answers, to be looked at before a download."""
    interface = workspace.registry.interface(version.model, version.version)
    rows = interface.example.head(MOST_ROWS)
    keys = [name for name in ("race_id", "driver_id", "lap") if name in rows]
    answers = [[round(float(each), 6) for each in row] for row in np.asarray(interface.predict(rows), dtype=np.float64)]
    return {
        "keys": keys,
        "rows": [[*map(int, key), *row] for key, row in zip(rows[keys].to_numpy(), answers, strict=True)],
    }


def _about(
    workspace: Workspace, version: ModelVersion, files: Mapping[str, bytes], name: str, by: Owner
) -> dict[str, Any]:
    if {ABOUT, KEY, SIGNATURE} & set(files):
        raise UsageError(f"{version.model} has a file that is called as a part of a bundle.")
    recipe = Recipe.load(workspace.registry.fetch(version.model, version.version))
    model, _, stage = version.model.rpartition("-")
    return {
        "name": name,
        "model": version.model,
        "version": version.version,
        "owner": by.name,
        "templates": [each.name for each in answered_by(model)],
        "estimator": recipe.estimator,
        "trained_on": list(recipe.facts.get("trained_on", ())),
        "content": version.content,
        "run": version.run_id,
        "created": version.created,
        "scores": list(_scores(workspace.runs.read(version.run_id).metrics, model, stage)),
    }


def _scores(metrics: Mapping[str, float], model: str, stage: str) -> Iterator[dict[str, Any]]:
    """Yield the loss of each question with its interval, beside that of the rule to beat, and the gain over it."""
    for template in answered_by(model):
        loss, baseline = f"{template.name}.{template.loss}", template.baseline_at(stage)
        gain = f"{template.name}.gain.{baseline}"
        if loss in metrics:
            yield {
                "template": template.name,
                "metric": template.loss,
                "baseline": baseline,
                **_interval("", metrics, loss),
                "baseline_value": metrics.get(f"{loss}.{baseline}"),
                **_interval("gain", metrics, gain),
            }


def _interval(prefix: str, metrics: Mapping[str, float], name: str) -> dict[str, float | None]:
    ends = {"value": name, "low": f"{name}.low", "high": f"{name}.high"}
    return {f"{prefix}_{each}".strip("_"): metrics.get(key) for each, key in ends.items()}
