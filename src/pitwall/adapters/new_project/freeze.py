"""requirements.lock of a new project: the package and all that it needs, in the versions that are installed.

A checkout's lock says what to install; this one says what is there, so that a run's manifest can name it and another machine can
have it. Only what the package leads to is in it, whatever else shares the environment.
"""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, distribution

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from pitwall.adapters.installation.package import NAME

HEAD = f"# {NAME} and what it needs, as installed when the project was made: pip install -r requirements.lock\n"


def frozen(name: str = NAME) -> str:
    """Return the lines of the lock: one `name==version` for each distribution, sorted."""
    versions: dict[str, str] = {}
    waiting = [(name, frozenset[str]())]
    seen = set(waiting)
    while waiting:
        wanted, extras = waiting.pop()
        try:
            found = distribution(wanted)
        except PackageNotFoundError:
            continue  # the environment was installed without it, so it is no part of what is there
        versions[canonicalize_name(wanted)] = found.version.split("+")[0]  # a build such as +cpu is this machine's own
        for need in map(Requirement, found.requires or ()):
            following = (canonicalize_name(need.name), frozenset(need.extras))
            if following not in seen and _applies(need, extras):
                seen.add(following)
                waiting.append(following)
    return HEAD + "".join(f"{each}=={versions[each]}\n" for each in sorted(versions))


def _applies(need: Requirement, extras: frozenset[str]) -> bool:
    """Tell whether a requirement holds on this machine, by itself or by an extra that was asked for."""
    return need.marker is None or any(need.marker.evaluate({"extra": extra}) for extra in extras or ("",))
