"""A model of the bench as a folder: written from a project, read into another one."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from pitwall.domain.errors import StageError, UsageError
from pitwall.domain.project import Project
from pitwall.ml.specs import ModelSpec
from pitwall.ml.specs.store import FILE, copy_folder, specs_folder
from pitwall.workflows.bench.drafts import Draft

DRAFT, SPEC, TRAINED, FRAME = "draft.json", "spec", "trained", "frame.parquet"


def write_model(draft: Draft, project: Project, folder: Path) -> None:
    """Write a draft with its order and its frame into a new folder; raise UsageError where there is one."""
    if folder.exists():
        raise UsageError(f"{folder} is there already; save into a new folder.")
    copy_folder(project.model(draft.name), folder / TRAINED)
    copy_folder(specs_folder(project) / draft.name.rpartition("-")[0], folder / SPEC)
    shutil.copyfile(project.unlisted_frame(draft.name), folder / FRAME)
    (folder / DRAFT).write_text(json.dumps(vars(draft), indent=2, sort_keys=True) + "\n", encoding="utf-8")


def read_model(folder: Path, project: Project, *, trust_functions: bool) -> Draft:
    """Read what `write_model` wrote into a project.

    Args:
        folder: of the model.
        project: where to.
        trust_functions: whether functions of the maker's own may run here.

    Raises:
        StageError: the folder holds no model, or one whose name is not that of its order.
        UsageError: it holds functions, and they are not trusted.
    """
    if not (folder / DRAFT).is_file():
        raise StageError(f"{folder} holds no model that `save` wrote.")
    order = ModelSpec.of_content(json.loads((folder / SPEC / FILE).read_text(encoding="utf-8")))
    draft = Draft(**json.loads((folder / DRAFT).read_text(encoding="utf-8")))
    if draft.name != f"{order.draft}-{order.stage}":
        raise StageError(
            f"{folder} calls its model {draft.name}, which its order is not ({order.draft}-{order.stage})."
        )
    if order.functions and not trust_functions:
        raise UsageError(
            f"the model has functions of its maker's own ({', '.join(order.functions)}), which would run here; read them in "
            f"{folder / SPEC / FILE}, and load with trust_functions=True if you trust them."
        )
    copy_folder(folder / SPEC, specs_folder(project) / order.draft)
    copy_folder(folder / TRAINED, project.model(draft.name))
    frame = project.unlisted_frame(draft.name)
    frame.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(folder / FRAME, frame)
    return draft
