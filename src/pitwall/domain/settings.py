"""The settings of a machine: where its runs are remembered. They change no result, so they are not in params.yaml.

`$PITWALL_TRACKING_URI` wins over `settings.local.yaml` (git-ignored); without either, runs lie in `mlruns/mlflow.db`. A
password is taken out of the address at this door and handed to the client libraries in the variables that they read: what
has never seen it cannot write it into a log, a run or an error message.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import SplitResult, parse_qsl, unquote, urlencode, urlsplit

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from pitwall.domain.errors import UsageError
from pitwall.domain.params import Section
from pitwall.domain.project import Project

VARIABLE = "PITWALL_TRACKING_URI"
Kind = Literal["sqlite", "postgresql", "server"]
KINDS: dict[str, Kind] = {
    "sqlite": "sqlite",
    "postgres": "postgresql",
    "postgresql": "postgresql",
    "postgresql+psycopg2": "postgresql",
    "http": "server",
    "https": "server",
}


class LocalSettings(Section):
    """The whole of settings.local.yaml."""

    tracking_uri: str | None = None


@dataclass(frozen=True)
class StoreAddress:
    """Where runs and models are remembered.

    Attributes:
        kind: a database file, a PostgreSQL, or an MLflow server.
        uri: what MLflow is opened with; never holds a password, so it may be shown.
        secrets: environment variables with what was taken out of the address.
    """

    kind: Kind
    uri: str
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)


def store_address(project: Project) -> StoreAddress:
    """Return where the project's runs are remembered, as the environment or `settings.local.yaml` says.

    Raises:
        UsageError: the address or the file cannot be; the message never quotes them.
    """
    own = f"sqlite:///{(project.mlruns / 'mlflow.db').resolve().as_posix()}"
    uri = os.environ.get(VARIABLE) or local_settings(project.settings).tracking_uri or own
    return parse_address(uri)


def local_settings(path: Path) -> LocalSettings:
    """Read settings.local.yaml; without one every setting has its default."""
    if not path.is_file():
        return LocalSettings()
    try:
        return LocalSettings.model_validate(YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8")) or {})
    except (YAMLError, ValidationError):  # either would quote the file, and with it a password
        known = ", ".join(LocalSettings.model_fields)
        raise UsageError(f"{path.name} is not a YAML mapping of texts; the keys that it may have: {known}.") from None


def parse_address(uri: str) -> StoreAddress:
    """Split an address into what may be shown and what may not.

    Example:
        >>> parse_address("postgresql://pit:s3cret@db/runs").uri
        'postgresql+psycopg2://pit@db/runs'
    """
    try:
        parts = urlsplit(uri.strip())
        kind = KINDS[parts.scheme]
        return {"sqlite": _sqlite, "postgresql": _postgresql, "server": _server}[kind](parts)
    except (KeyError, ValueError):
        raise UsageError(
            f"the address of the run store is none that Pitwall can use (it is not repeated here, it may hold a password). "
            f"Give sqlite:///FILE, postgresql://USER@HOST/DATABASE or http://HOST:PORT in {VARIABLE} or "
            "settings.local.yaml."
        ) from None


def _sqlite(parts: SplitResult) -> StoreAddress:
    if parts.netloc or not parts.path.startswith("/"):
        raise ValueError
    return StoreAddress("sqlite", f"sqlite://{parts.path}")


def _postgresql(parts: SplitResult) -> StoreAddress:
    query = dict(parse_qsl(parts.query))
    password = query.pop("password", None) or (unquote(parts.password) if parts.password else None)
    user = f"{parts.username}@" if parts.username else ""
    bare = f"postgresql+psycopg2://{user}{_host(parts)}{parts.path}" + (f"?{urlencode(query)}" if query else "")
    return StoreAddress("postgresql", bare, {"PGPASSWORD": password} if password else {})


def _server(parts: SplitResult) -> StoreAddress:
    if not parts.hostname or parts.query or parts.fragment:
        raise ValueError
    names = {"MLFLOW_TRACKING_USERNAME": parts.username, "MLFLOW_TRACKING_PASSWORD": parts.password}
    bare = f"{parts.scheme}://{_host(parts)}{parts.path.rstrip('/')}"
    return StoreAddress("server", bare, {name: unquote(value) for name, value in names.items() if value})


def _host(parts: SplitResult) -> str:
    return parts.netloc.rpartition("@")[2]
