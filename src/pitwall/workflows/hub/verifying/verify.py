"""Verify a bundle from its zip, then train its model again here and compare, byte for byte."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from pitwall import wiring
from pitwall.adapters.git import git
from pitwall.adapters.installation.package import NAME, installed
from pitwall.domain.access.permissions import AT_THIS_MACHINE, Owner
from pitwall.domain.access.sharing import Badge
from pitwall.domain.errors import NotRepeatable, PitwallError, TrackingError
from pitwall.domain.ports import ModelVersion, Scratch
from pitwall.domain.refs import file_sha256
from pitwall.ml.models.machinery.recipe import Recipe
from pitwall.tracking.reproduce import Original, Reproduction, Request
from pitwall.tracking.reproduce import reproduce as repeat
from pitwall.workflows.hub.market import enter
from pitwall.workflows.hub.opening.refusal import shown
from pitwall.workflows.hub.receiving import Received
from pitwall.workflows.hub.shelf import verify_again
from pitwall.workflows.hub.verifying.told import LOCK, ToldRun
from pitwall.workflows.workspace import Workspace

HERE, NOT_REPEATED = "HEAD", "not repeated"
MOST_SAID = 400


@dataclass(frozen=True)
class Verified:
    """A bundle that was verified once more, and what came of training it again; None where nobody asked."""

    bundle: Received
    badge: Badge | None


def verify(workspace: Workspace, bundle: Received, *, by: Owner = AT_THIS_MACHINE, reproduce: bool = True) -> Verified:
    """Verify a bundle from its zip, train its model again where the data are, and keep what came out as its badge.

    Args:
        workspace: of the project.
        bundle: that was taken here.
        by: who asks.
        reproduce: train it again; takes as long as a training, in a scratch copy of this project.

    Raises:
        BundleRefused: it was changed since, or its key is trusted no more.
    """
    again = verify_again(workspace.project, bundle)
    return Verified(again, train_again(workspace, again, by=by) if reproduce else None)


def train_again(workspace: Workspace, bundle: Received, *, by: Owner = AT_THIS_MACHINE) -> Badge:
    """Train the model of a bundle again and keep what came out as its badge.

    Args:
        workspace: of the project.
        bundle: that was verified just now.
        by: who asks.
    """
    badge = _badge(workspace, bundle)
    enter(workspace, bundle)
    workspace.market.award(badge, by.name)
    return badge


def _badge(workspace: Workspace, bundle: Received) -> Badge:
    blank = Badge(bundle.hash, NOT_REPEATED, theirs=bundle.about.content, data=_lock_of(bundle))
    try:
        done, code, own = _repeated(workspace, bundle)
    except PitwallError as error:
        missing = "; ".join(error.missing) if isinstance(error, NotRepeatable) else str(error)
        return replace(blank, said=shown(missing, MOST_SAID))
    ours = done.comparison.content[1] if done.comparison else ""
    said = f"{_said(done)}; code of commit {code[:12]}{'' if own else ', which is not that of its owner'}"
    return replace(blank, outcome=done.outcome, said=shown(said, MOST_SAID), ours=ours, code=code)


def _said(done: Reproduction) -> str:
    """Return what was compared, or the first cause of a difference."""
    if done.comparison is None or done.outcome != "bit-equal":
        return done.verdict
    return f"all {len(done.comparison.files)} files of the model are the same bytes"


def _repeated(workspace: Workspace, bundle: Received) -> tuple[Reproduction, str, bool]:
    """Return the repetition of a bundle's run, the commit whose code it was made by, and whether its owner had that, too."""
    scratch: Scratch = wiring.scratch(workspace.project, f"bundle-{bundle.hash[:24]}")
    try:
        with TemporaryDirectory(prefix="pitwall-bundle-") as own:
            run = ToldRun(bundle.files, Path(own), _package())
            code = _known(workspace, run.commit)
            request = Request(revision=None if code == run.commit else HERE)
            done = repeat(workspace.project, _subject(bundle), request, runs=run, registry=run, scratch=scratch)
            return done, code, code == run.commit
    except (AttributeError, KeyError, TypeError, ValueError, TrackingError) as error:
        raise NotRepeatable([f"its run is not of this version's form ({type(error).__name__}: {error})"]) from None
    finally:
        scratch.remove()
        shutil.rmtree(scratch.project.root, ignore_errors=True)


def _subject(bundle: Received) -> Original:
    about = bundle.about
    role = "baseline" if Recipe.load(bundle.files / "model").plugin.role != "model" else "candidate"
    return Original(about.run, ModelVersion(about.model, about.version, about.run, about.content, {"role": role}))


def _known(workspace: Workspace, commit: str) -> str:
    """Return a commit if this repository has it, else the one that is checked out here."""
    root = workspace.project.root
    for name in (commit, HERE):
        try:
            return git(root, "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}").strip()
        except subprocess.CalledProcessError:
            continue
    raise NotRepeatable(["this project has no commit, so there is no code to train with"])


def _package() -> dict[str, str]:
    here = installed()
    return {} if here.reason else {"name": NAME, "version": here.version, "sha256": here.sha256}


def _lock_of(bundle: Received) -> str:
    path = bundle.files / LOCK
    return file_sha256(path) if path.is_file() else ""
