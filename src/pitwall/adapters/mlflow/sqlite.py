"""The run store as one SQLite file: made whole or not at all, and opened at its own place or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import url2pathname

from pitwall.domain.errors import TrackingError
from pitwall.domain.settings import sqlite_address

if TYPE_CHECKING:
    from sqlalchemy import Engine


def make_sqlite(path: Path, artifacts: Path) -> None:
    """Make a fresh database beside its place and rename it: SQLite cannot take back half a migration after a kill.

    Its changes are kept in a second file until they are settled, so that readers and a writer do not shut each other out.

    Args:
        path: where the database will be; nothing is done if it is there.
        artifacts: where files of MLflow's own first experiment go; it would put them into the working directory.

    Raises:
        TrackingError: the address of the file leads elsewhere.
    """
    see_that_it_opens(path)
    if path.is_file():
        return
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore
    from sqlalchemy import text

    part = path.with_name(f"{path.name}.part")
    for left_by_a_crash in path.parent.glob(f"{part.name}*"):
        left_by_a_crash.unlink()
    store = SqlAlchemyStore(sqlite_address(part).uri, artifacts.as_uri())
    try:
        with store.engine.connect() as connection:
            connection.execute(text("PRAGMA journal_mode=WAL"))
    finally:
        store.engine.dispose()
    part.rename(path)


def see_that_it_opens(path: Path) -> None:
    """Compute which file SQLAlchemy would open for the address of a path: trying it would make one.

    Raises:
        TrackingError: another one than the path.
    """
    from sqlalchemy import make_url

    url = make_url(sqlite_address(path).uri)
    (name, *_), options = url.get_dialect()().create_connect_args(url)
    _refuse_another(path, url2pathname(urlsplit(name).path) if options.get("uri") else name)


def see_what_is_open(path: Path, engine: Engine) -> None:
    """Ask SQLite which file is open.

    Raises:
        TrackingError: another one than the path.
    """
    from sqlalchemy import text

    with engine.connect() as connection:
        _refuse_another(path, connection.execute(text("PRAGMA database_list")).one().file)


def _refuse_another(path: Path, opened: str) -> None:
    if Path(opened).resolve() != path.resolve():
        raise TrackingError(
            f"the run store {path} would be opened at {opened or 'no file at all'}: a character in its path means something else in "
            "an address. Nothing was written there; give the project's folder another name."
        )
