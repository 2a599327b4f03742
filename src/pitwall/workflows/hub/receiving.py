"""Take a stranger's bundle: everything happens in quarantine, and only what was verified to the end leaves it.

The order is the point: the zip's directory, then the signature by a key that is trusted, then the formats, then the loaders in a
process with limits. What is refused stays in quarantine, packed, with its reason.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from pitwall.domain import clock
from pitwall.domain.errors import UsageError
from pitwall.domain.files import write_atomically
from pitwall.domain.project import Project
from pitwall.domain.refs import file_sha256, folder_hash
from pitwall.workflows.hub.form import ABOUT, MOST_BYTES, About
from pitwall.workflows.hub.opening.contents import see_contents
from pitwall.workflows.hub.opening.directory import read_directory
from pitwall.workflows.hub.opening.json_text import parsed_json, see_shape
from pitwall.workflows.hub.opening.loading import see_loadable
from pitwall.workflows.hub.opening.refusal import BundleRefused, shown
from pitwall.workflows.hub.opening.unpacking import unpack
from pitwall.workflows.hub.trust import checked_signer, remember

ZIP, FILES, REFUSED = "bundle.zip", "files", "refused.json"
MOST_SIGNATURE = 1_000_000


@dataclass(frozen=True)
class Received:
    """A bundle that was verified.

    Attributes:
        hash: sha256 of the zip.
        about: its `bundle.json`.
        folder: with the zip and, below `files`, what was in it.
    """

    hash: str
    about: About
    folder: Path

    @property
    def files(self) -> Path:
        """What was in it."""
        return self.folder / FILES


def receive(project: Project, file: Path, trusting: str = "") -> Received:
    """Verify a bundle and return it, unpacked below `.pitwall/hub/received`.

    Args:
        project: that takes it.
        file: the zip.
        trusting: id of a key that is trusted from now on, if this is the signer's; empty for none.

    Raises:
        UsageError: there is no such file.
        BundleRefused: something about it is wrong; it stays in quarantine.
    """
    if not file.is_file():
        raise UsageError(f"there is no bundle {file}; `pitwall hub publish` makes one.")
    digest = file_sha256(file)
    folder = quarantine(project) / digest
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        about = _verified(project, file, folder, trusting)
    except BundleRefused as refusal:
        _keep_refused(file, folder, refusal)
        raise
    target = received(project) / digest
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(target, ignore_errors=True)
    folder.rename(target)
    return Received(digest, about, target)


def quarantine(project: Project) -> Path:
    """Return where bundles wait until they are verified, and where refused ones stay."""
    return project.state / "quarantine" / "bundles"


def received(project: Project) -> Path:
    """Return where verified bundles are, one folder each."""
    return project.state / "hub" / "received"


def refused(project: Project) -> list[dict[str, str]]:
    """Return why bundles in quarantine were refused, oldest first."""
    found = [json.loads(path.read_text(encoding="utf-8")) for path in quarantine(project).glob(f"*/{REFUSED}")]
    return sorted(found, key=lambda each: (each["at"], each["bundle"]))


def _verified(project: Project, file: Path, folder: Path, trusting: str) -> About:
    if (size := file.stat().st_size) > MOST_BYTES:
        raise BundleRefused("too_large", f"{size:,} bytes; at most {MOST_BYTES:,}")
    content = file.read_bytes()
    entries = read_directory(content)
    write_atomically(folder / ZIP, content)
    files, beside = folder / FILES, folder / "signature"
    unpack(content, entries, files, beside)
    key = _see_signed(project, files, beside, trusting)
    about = _about(files, key)
    see_contents(files)
    see_loadable(files, about)
    if trusting:
        remember(project, key, beside / "key.pem")
    return about


def _see_signed(project: Project, files: Path, beside: Path, trusting: str) -> str:
    """Return the id of the key by which all files are signed."""
    from pitwall.adapters.hub.signatures import fault

    signature, pem = beside / "signature.json", beside / "key.pem"
    key = checked_signer(project, pem, trusting)
    if (size := signature.stat().st_size) > MOST_SIGNATURE:
        raise BundleRefused("signature", f"a signature of {size:,} bytes")
    see_shape(signature.name, signature.read_bytes())
    if (found := fault(files, signature, pem)) is not None:
        raise BundleRefused(*found)
    return key


def _about(files: Path, key: str) -> About:
    """Return `bundle.json`, whose list must be what is there, and whose key that of the signature."""
    try:
        about = About.model_validate(parsed_json(ABOUT, (files / ABOUT).read_bytes()))
    except ValidationError as error:
        where = ".".join(map(str, error.errors(include_input=False)[0]["loc"]))[:100]
        raise BundleRefused("list_of_files", f"{ABOUT} at {where or 'its beginning'}") from None
    there = {
        path.relative_to(files).as_posix(): path
        for path in files.rglob("*")
        if path.is_file() and path != files / ABOUT
    }
    if odd := sorted(set(there) ^ set(about.files)):
        raise BundleRefused("list_of_files", f"{odd[0]}, which is listed and not there, or there and not listed")
    for name, path in sorted(there.items()):
        if hashlib.sha256(path.read_bytes()).hexdigest() != about.files[name].sha256:
            raise BundleRefused("changed_file", name)
    if about.key != key:
        raise BundleRefused("signature", f"{ABOUT} says that {about.key} signed it, and {key} did")
    if folder_hash(files / "model") != about.content:
        raise BundleRefused("list_of_files", f"the folder model is not the content {about.content}")
    return about


def _keep_refused(file: Path, folder: Path, refusal: BundleRefused) -> None:
    """Leave the zip as it came, unless it is larger than any bundle, and the reason; nothing unpacked stays."""
    for each in (FILES, "signature"):
        shutil.rmtree(folder / each, ignore_errors=True)
    if refusal.reason != "too_large" and not (folder / ZIP).is_file():
        write_atomically(folder / ZIP, file.read_bytes())
    said = {
        "bundle": folder.name,
        "from": shown(file.name),
        "reason": refusal.reason,
        "detail": shown(refusal.detail),
        "at": clock.wall().isoformat(),
    }
    write_atomically(folder / REFUSED, json.dumps(said, indent=2) + "\n")
