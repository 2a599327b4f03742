"""The address of the run store: who says it, what it may be, and that a password goes no further."""

from __future__ import annotations

from pathlib import Path

import pytest

from pitwall.domain.errors import UsageError
from pitwall.domain.project import Project
from pitwall.domain.settings import VARIABLE, parse_address, store_address

SECRET = "s3cret/word"
QUOTED = "s3cret%2Fword"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.delenv(VARIABLE, raising=False)
    return Project(tmp_path)


def test_without_settings_the_store_is_the_projects_own(project: Project) -> None:
    address = store_address(project)
    assert (address.kind, address.uri) == ("sqlite", f"sqlite:///{project.root}/mlruns/mlflow.db")


def test_the_environment_wins_over_the_file(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.settings.write_text("tracking_uri: http://127.0.0.1:5000\n")
    assert store_address(project).uri == "http://127.0.0.1:5000"
    monkeypatch.setenv(VARIABLE, "postgresql://pit@db/runs")
    assert store_address(project).uri == "postgresql+psycopg2://pit@db/runs"


@pytest.mark.parametrize(
    ("uri", "shown", "variable"),
    [
        (f"postgresql://pit:{QUOTED}@db:5432/runs", "postgresql+psycopg2://pit@db:5432/runs", "PGPASSWORD"),
        (f"postgres:///runs?password={QUOTED}&port=1", "postgresql+psycopg2:///runs?port=1", "PGPASSWORD"),
        (f"https://pit:{QUOTED}@runs.example/mlflow/", "https://runs.example/mlflow", "MLFLOW_TRACKING_PASSWORD"),
    ],
)
def test_a_password_is_taken_out_of_the_address(uri: str, shown: str, variable: str) -> None:
    address = parse_address(uri)
    assert address.uri == shown
    assert address.secrets[variable] == SECRET
    assert "s3cret" not in repr(address)


@pytest.mark.parametrize(
    "uri", ["mysql://u:s3cret@db/runs", "sqlite://relative.db", "http://u:s3cret@", "s3cret", "http://[s3cret"]
)
def test_an_address_that_cannot_be_is_refused_without_being_quoted(uri: str) -> None:
    with pytest.raises(UsageError, match=VARIABLE) as refused:
        parse_address(uri)
    assert "s3cret" not in f"{refused.value!r} {refused.value.__cause__!r}"


@pytest.mark.parametrize(
    "text", ["tracking_url: http://u:s3cret@h", "- s3cret", "tracking_uri: [s3cret", "a: b: s3cret"]
)
def test_a_damaged_settings_file_is_refused_without_being_quoted(project: Project, text: str) -> None:
    project.settings.write_text(text)
    with pytest.raises(UsageError, match="tracking_uri") as refused:
        store_address(project)
    assert "s3cret" not in f"{refused.value!r} {refused.value.__cause__!r}"
