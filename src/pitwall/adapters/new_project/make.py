"""Make a project: see first that nothing is in the way, then repositories, files, the file of the code, the first commit."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pitwall.adapters.installation.code_file import write_code_file
from pitwall.adapters.installation.package import installed
from pitwall.adapters.new_project.lay import Plan, lay, plan
from pitwall.adapters.new_project.repositories import first_commit, give_remote, start_dvc, start_git
from pitwall.adapters.new_project.template import project_files
from pitwall.domain.project import Project

OF_DVC = (".dvc/.gitignore", ".dvc/config", ".dvcignore")  # that making its repository, or giving it a remote, writes


@dataclass(frozen=True)
class NewProject:
    """What `pitwall init` did.

    Attributes:
        root: of the project.
        package: name and version that it was made from.
        files: what became of each.
        git_made: a git repository was made; else there was one.
        dvc_made: a DVC repository was made; else there was one.
        remote_given: DVC had no default remote and got `.dvcstore`.
        commit: of what is new, empty where none was made.
        why_no_commit: says why it was not; empty where nothing was new.
    """

    root: Path
    package: str
    files: Plan
    git_made: bool
    dvc_made: bool
    remote_given: bool
    commit: str
    why_no_commit: str

    def payload(self) -> dict[str, Any]:
        """Return everything as JSON."""
        return {**asdict(self), "root": str(self.root), "files": asdict(self.files)}


def make_project(root: Path, template: Path) -> NewProject:
    """Make a project in a folder, new or not.

    Args:
        root: the folder.
        template: the files that the wheel brings.

    Raises:
        UsageError: something is in the way; nothing was written.
        StageError: DVC refused.
    """
    root, package = root.resolve(), str(installed())
    files = project_files(template)
    planned = plan(files, root)
    git_made, dvc_made = start_git(root), start_dvc(root)
    lay(files, root, planned)
    remote_given = give_remote(root)
    write_code_file(Project(root))
    of_dvc = [name for name in OF_DVC if (dvc_made or remote_given) and (root / name).is_file()]
    paths = sorted({*planned.written, *planned.extended, *of_dvc})
    commit, why = first_commit(root, f"A Pitwall project, made by {package}", paths)
    return NewProject(root, package, planned, git_made, dvc_made, remote_given, commit, why)
