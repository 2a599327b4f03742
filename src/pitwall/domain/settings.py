"""The settings of a machine: where its runs are remembered and its accounts kept, how large a file of a run may be, whom it alerts. They change no result, so
they are not in params.yaml.

`$PITWALL_TRACKING_URI` wins over `settings.local.yaml` (git-ignored); without either, runs lie in `mlruns/mlflow.db`. A
password is taken out of the address at this door and handed to the client libraries in the variables that they read: what
has never seen it cannot write it into a log, a run or an error message.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal
from urllib.parse import SplitResult, parse_qsl, unquote, urlencode, urlsplit

from pydantic import Field, ValidationError, field_validator, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from pitwall.domain.access.serving_settings import ServingSettings
from pitwall.domain.errors import TrackingError, UnknownName, UsageError
from pitwall.domain.params import Section
from pitwall.domain.project import Project
from pitwall.domain.records.alerts import ALARMS
from pitwall.domain.records.alerts import KINDS as ALERTS

VARIABLE = "PITWALL_TRACKING_URI"
ACCOUNTS_VARIABLE = "PITWALL_ACCOUNTS_URI"
LIMIT_VARIABLE = "PITWALL_ARTIFACT_LIMIT_MB"
MEGABYTE = 1_000_000
Kind = Literal["sqlite", "postgresql", "server"]
KINDS: dict[str, Kind] = {
    "postgres": "postgresql",
    "postgresql": "postgresql",
    "postgresql+psycopg2": "postgresql",
    "http": "server",
    "https": "server",
}


class SinkSettings(Section):
    """One place that alerts go to.

    Attributes:
        sink: its name.
        kinds: of alerts that go there; all alarms when left out, and no news.
        options: every other key of its entry: the sink's own matter, checked by it, and maybe secret.
    """

    sink: str
    kinds: tuple[str, ...] = ALARMS
    options: dict[str, Any] = Field({}, repr=False)

    @model_validator(mode="before")
    @classmethod
    def _apart(cls, given: object) -> object:
        if not isinstance(given, dict):
            return given
        own = {key: given[key] for key in ("sink", "kinds") if key in given}
        return {**own, "options": {key: value for key, value in given.items() if key not in own}}

    @field_validator("kinds")
    @classmethod
    def _known(cls, kinds: tuple[str, ...]) -> tuple[str, ...]:
        for name in kinds:
            if name not in ALERTS:
                raise UnknownName("kind of alert", name, ALERTS)
        return kinds


class AlertSettings(Section):
    """Where alerts go.

    Attributes:
        sinks: in the order in which they are told; the console when left out.
        allow_hosts: hosts that may have private addresses and do without encryption: an intranet's, a test's.
    """

    sinks: tuple[SinkSettings, ...] = (SinkSettings(sink="console"),)
    allow_hosts: tuple[str, ...] = ()


class LocalSettings(Section):
    """The whole of settings.local.yaml."""

    tracking_uri: str | None = None
    accounts_uri: str | None = None
    artifact_limit_mb: float = Field(default=1000, gt=0, allow_inf_nan=False)
    alerts: AlertSettings = AlertSettings()
    serving: ServingSettings = ServingSettings()


@dataclass(frozen=True)
class StoreAddress:
    """Where runs and models are remembered.

    Attributes:
        kind: a database file, a PostgreSQL, or an MLflow server.
        uri: what MLflow is opened with; never holds a password, so it may be shown.
        secrets: environment variables with what was taken out of the address.
        path: the database file, of a SQLite store.
        own: it is the project's own file, in the project's own folder: it moves and is copied with the project.
    """

    kind: Kind
    uri: str
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)
    path: Path | None = None
    own: bool = False


def store_address(project: Project) -> StoreAddress:
    """Return where the project's runs are remembered, as the environment or `settings.local.yaml` says.

    Raises:
        UsageError: the address or the file cannot be (the message never quotes them), or `mlruns` leads out of the project.
    """
    root = project.root.resolve()
    if uri := os.environ.get(VARIABLE) or local_settings(project.settings).tracking_uri:
        address = parse_address(uri)
        return replace(address, own=address.path is not None and address.path.resolve().is_relative_to(root))
    path = (project.mlruns / "mlflow.db").resolve()
    if not path.is_relative_to(root):
        raise UsageError(
            f"mlruns leads out of the project, to {path.parent}: a copy of the project would write there too. Put a folder in its "
            f"place, or say that the run store lies outside: sqlite:///{path} in {VARIABLE} or settings.local.yaml."
        )
    return replace(sqlite_address(path), own=True)


def accounts_address(project: Project) -> StoreAddress:
    """Return where the accounts of the API lie, as the environment or `settings.local.yaml` says; without either in the local state.

    Raises:
        UsageError: the address is none of a database (the message never quotes it).
    """
    own = project.accounts.resolve()
    if uri := os.environ.get(ACCOUNTS_VARIABLE) or local_settings(project.settings).accounts_uri:
        address = parse_address(uri, "accounts", ACCOUNTS_VARIABLE)
        if address.kind != "server":
            return replace(address, own=address.path == own)
        raise UsageError(
            f"accounts lie in a SQLite file or a PostgreSQL, and {ACCOUNTS_VARIABLE} or settings.local.yaml names a server."
        )
    return replace(sqlite_address(own), own=True)


def sqlite_address(path: Path) -> StoreAddress:
    """Return the address of a database file at an absolute path, whatever its folders are called.

    SQLAlchemy takes all characters of a path as they are but '?', where it ends; such a path goes as an address of SQLite's own.

    Example:
        >>> sqlite_address(Path("/home/C#/mlflow.db")).uri
        'sqlite:////home/C#/mlflow.db'
    """
    text = path.as_posix()
    uri = f"sqlite+pysqlite:///{path.as_uri()}?uri=true" if "?" in text else f"sqlite:///{text}"
    return StoreAddress("sqlite", uri, path=path)


def local_settings(path: Path) -> LocalSettings:
    """Read settings.local.yaml; without one every setting has its default."""
    if not path.is_file():
        return LocalSettings()
    try:
        return LocalSettings.model_validate(YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8")) or {})
    except (YAMLError, ValidationError) as error:  # either would quote the file, and with it a password
        known = ", ".join(LocalSettings.model_fields)
        raise UsageError(
            f"{path.name} is no YAML mapping, or a value in it cannot be{_where(error)}; the keys that it may have: {known} (see docs/operations.md)."
        ) from None


def _where(error: YAMLError | ValidationError) -> str:
    """Return which setting of the alerts is wrong; elsewhere not even a key is repeated."""
    first = error.errors(include_input=False)[0] if isinstance(error, ValidationError) else {"loc": ()}
    place = ".".join(map(str, first["loc"]))
    return f" (see {place})" if place.startswith("alerts") else ""


def artifact_limit_mb(project: Project) -> float:
    """Return how large a file of a run may be, in megabytes, as the environment or `settings.local.yaml` says.

    Raises:
        UsageError: the limit is no number above 0.
    """
    said = os.environ.get(LIMIT_VARIABLE)
    if said is None:
        return local_settings(project.settings).artifact_limit_mb
    try:
        return LocalSettings(artifact_limit_mb=said).artifact_limit_mb  # type: ignore[arg-type]
    except ValidationError:
        raise UsageError(f"{LIMIT_VARIABLE} is a number of megabytes above 0; found {said!r}.") from None


def see_that_small(project: Project, path: Path) -> None:
    """Look at a file, or at all files of a folder, before they enter a run.

    Raises:
        TrackingError: there is none, or one is larger than this machine allows; names it, its size, the limit and what to do.
    """
    if not path.exists():
        raise TrackingError(f"cannot log {path}: it does not exist.")
    limit = artifact_limit_mb(project)
    for file in [path] if path.is_file() else sorted(each for each in path.rglob("*") if each.is_file()):
        if (size := file.stat().st_size / MEGABYTE) > limit:
            raise TrackingError(
                f"{file} has {size:,.1f} MB and a file of a run may have {limit:g}: nothing was logged. Large files belong to DVC "
                f"(`dvc add {file.name}`; log the small .dvc file instead), or raise artifact_limit_mb in settings.local.yaml or "
                f"{LIMIT_VARIABLE}."
            )


def parse_address(uri: str, of: str = "run store", variable: str = VARIABLE) -> StoreAddress:
    """Split an address into what may be shown and what may not.

    Args:
        uri: the address.
        of: what lies there, for the error.
        variable: that may hold it, for the error.

    Example:
        >>> parse_address("postgresql://pit:s3cret@db/runs").uri
        'postgresql+psycopg2://pit@db/runs'
    """
    try:
        if uri.strip().startswith("sqlite:"):
            return _sqlite(uri.strip())
        parts = urlsplit(uri.strip())
        return {"postgresql": _postgresql, "server": _server}[KINDS[parts.scheme]](parts)
    except (KeyError, ValueError):
        raise UsageError(
            f"the address of the {of} is none that Pitwall can use (it is not repeated here, it may hold a password). "
            f"Give sqlite:///FILE, postgresql://USER@HOST/DATABASE{' or http://HOST:PORT' if variable == VARIABLE else ''} in "
            f"{variable} or settings.local.yaml."
        ) from None


def _sqlite(uri: str) -> StoreAddress:
    """Take the path as it is written, '#' and '%' too; a '?' could be its own or begin options, of which there are none."""
    path = uri.removeprefix("sqlite://")
    if not path.startswith("//") or "?" in path:
        raise ValueError
    return sqlite_address(Path(path.removeprefix("/")))


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
