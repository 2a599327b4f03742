"""Keys: an owner's own pair, and the public keys that this project trusts; a name proves nothing, a key does."""

from __future__ import annotations

from pathlib import Path

from pitwall.domain.access.words import checked_name
from pitwall.domain.errors import UsageError
from pitwall.domain.files import write_atomically
from pitwall.domain.project import Project
from pitwall.workflows.hub.opening.refusal import BundleRefused

FOLDER, OWN, TRUSTED = "keys", "owners", "trusted"


def own_key(project: Project, owner: str) -> tuple[str, Path]:
    """Return the id and the public file of an owner's key; made when it is first asked for."""
    from pitwall.adapters.hub.keys import key_id, make_pair

    public = make_pair(key_folder(project, owner))
    return key_id(public.read_bytes()), public


def key_folder(project: Project, owner: str) -> Path:
    """Return where the pair of an owner lies, or would."""
    return project.state / FOLDER / OWN / checked_name("owner", owner)


def owner_of_key(project: Project, key: str) -> str:
    """Return the owner of this project whose key has an id; empty of a stranger's. No key is made."""
    return _own(project).get(key, "")


def trust(project: Project, file: Path) -> str:
    """Trust the signer who has the private half of a public key; return its id.

    Raises:
        UsageError: the file is no public key.
    """
    from pitwall.adapters.hub.keys import key_id, public_key

    pem = public_key(file)
    write_atomically(_trusted(project) / f"{key_id(pem)}.pem", pem)
    return key_id(pem)


def distrust(project: Project, key: str) -> None:
    """Trust a signer no more.

    Raises:
        UsageError: nobody did.
    """
    if key not in trusted(project):
        raise UsageError(f"no trusted key {key!r}; trusted: {', '.join(trusted(project)) or 'none'}.")
    (_trusted(project) / f"{key}.pem").unlink(missing_ok=True)


def trusted(project: Project) -> list[str]:
    """Return the ids of the keys that were trusted, sorted; the project's own ones are not among them."""
    return sorted(path.stem for path in _trusted(project).glob("*.pem"))


def held_key(project: Project, owner: str) -> str:
    """Return the id of an owner's key without making one; empty where there is none."""
    return next((key for key, whose in _own(project).items() if whose == owner), "")


def checked_signer(project: Project, pem: Path, asked: str = "") -> str:
    """Return the id of a bundle's key, if it is trusted, or is the one that the caller names; nothing of it is parsed.

    Args:
        project: whose trusted keys count.
        pem: the key that the bundle brought.
        asked: an id that the caller trusts from now on; empty for none.

    Raises:
        BundleRefused: nobody trusts it; says its id.
    """
    from pitwall.adapters.hub.keys import MOST_BYTES, key_id

    content = pem.read_bytes()
    key = key_id(content)
    if len(content) <= MOST_BYTES and (key == asked or key in trusted(project) or key in _own(project)):
        return key
    raise BundleRefused("unknown_signer", f"the key {key}; `--trust {key}` trusts it from now on")


def remember(project: Project, key: str, pem: Path) -> None:
    """Keep a key that somebody has trusted by its id, once its signature has held."""
    if key not in _own(project):
        write_atomically(_trusted(project) / f"{key}.pem", pem.read_bytes())


def _trusted(project: Project) -> Path:
    return project.state / FOLDER / TRUSTED


def _own(project: Project) -> dict[str, str]:
    """Return {id: owner} of the project's own keys."""
    from pitwall.adapters.hub.keys import PUBLIC, key_id

    found = sorted((project.state / FOLDER / OWN).glob(f"*/{PUBLIC}"))
    return {key_id(path.read_bytes()): path.parent.name for path in found}
