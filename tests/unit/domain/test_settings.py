"""The address of the run store: who says it, what it may be, and that a password goes no further."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from pitwall.domain.errors import TrackingError, UsageError
from pitwall.domain.project import Project
from pitwall.domain.settings import (
    ACCOUNTS_VARIABLE,
    LIMIT_VARIABLE,
    VARIABLE,
    accounts_address,
    artifact_limit_mb,
    parse_address,
    see_that_small,
    sqlite_address,
    store_address,
)

SECRET = "s3cret/word"
QUOTED = "s3cret%2Fword"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.delenv(LIMIT_VARIABLE, raising=False)
    monkeypatch.delenv(ACCOUNTS_VARIABLE, raising=False)
    return Project(tmp_path)


def test_without_settings_the_store_is_the_projects_own(project: Project) -> None:
    address = store_address(project)
    assert (address.kind, address.uri) == ("sqlite", f"sqlite:///{project.root}/mlruns/mlflow.db")


def test_the_environment_wins_over_the_file(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.settings.write_text("tracking_uri: http://127.0.0.1:5000\n")
    assert store_address(project).uri == "http://127.0.0.1:5000"
    monkeypatch.setenv(VARIABLE, "postgresql://pit@db/runs")
    assert store_address(project).uri == "postgresql+psycopg2://pit@db/runs"


def test_no_character_of_a_path_ends_an_address(tmp_path: Path) -> None:
    for name in (
        "C#-f1",
        "what?",
        "50%20 done",
        "a b",
        "ü",
        "q'uo\"te;&=",
        "-lead",
        "new\nline",
        "%(x)s",
        "[a]",
        "a:b@c",
    ):
        path = tmp_path / name / "mlflow.db"
        path.parent.mkdir()
        with create_engine(sqlite_address(path).uri).connect() as connection:
            connection.execute(text("CREATE TABLE kept (id INTEGER)"))
            connection.commit()
        assert [each.name for each in path.parent.iterdir()] == ["mlflow.db"]
    assert len(list(tmp_path.iterdir())) == 11


def test_a_path_in_the_settings_is_taken_as_it_is_written(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "sqlite:////disk/C# 50%20/mlflow.db")
    address = store_address(project)
    assert (address.path, address.own) == (Path("/disk/C# 50%20/mlflow.db"), False)
    with pytest.raises(UsageError, match=VARIABLE):
        parse_address("sqlite:////disk/mlflow.db?timeout=3")


def test_a_store_of_ones_own_lies_inside_the_project(
    project: Project, tmp_path_factory: pytest.TempPathFactory
) -> None:
    assert store_address(project).own
    project.mlruns.symlink_to(tmp_path_factory.mktemp("disk"))
    with pytest.raises(UsageError, match="mlruns leads out of the project"):
        store_address(project)


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


def test_a_file_over_the_limit_is_refused_with_what_to_do(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = project.root / "out"
    (folder / "deep").mkdir(parents=True)
    (folder / "small.txt").write_bytes(b"x" * 10)
    (folder / "deep" / "large.bin").write_bytes(b"x" * 3_000_000)
    see_that_small(project, folder)
    monkeypatch.setenv(LIMIT_VARIABLE, "2.5")
    with pytest.raises(
        TrackingError, match=r"large\.bin has 3\.0 MB and a file of a run may have 2\.5: .*dvc add large"
    ):
        see_that_small(project, folder)
    see_that_small(project, folder / "small.txt")
    with pytest.raises(TrackingError, match="does not exist"):
        see_that_small(project, folder / "none")


def test_the_limit_is_a_setting_of_the_machine_and_the_variable_wins(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert artifact_limit_mb(project) == 1000
    project.settings.write_text("artifact_limit_mb: 5\n")
    assert artifact_limit_mb(project) == 5
    monkeypatch.setenv(LIMIT_VARIABLE, "7.5")
    assert artifact_limit_mb(project) == 7.5
    for wrong in ("much", "0", "-1", "inf"):
        monkeypatch.setenv(LIMIT_VARIABLE, wrong)
        with pytest.raises(UsageError, match=f"megabytes above 0; found '{wrong}'"):
            artifact_limit_mb(project)
    monkeypatch.delenv(LIMIT_VARIABLE)
    project.settings.write_text("artifact_limit_mb: -3\n")
    with pytest.raises(UsageError, match="artifact_limit_mb"):
        artifact_limit_mb(project)


def test_accounts_lie_in_the_local_state_unless_the_machine_says_otherwise(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, "http://127.0.0.1:5000")  # where runs are says nothing of accounts
    address = accounts_address(project)
    assert (address.path, address.own) == (project.accounts, True)
    project.settings.write_text("accounts_uri: sqlite:////disk/accounts.db\n")
    address = accounts_address(project)
    assert (address.path, address.own) == (Path("/disk/accounts.db"), False)
    monkeypatch.setenv(ACCOUNTS_VARIABLE, f"postgresql://pit:{QUOTED}@db/accounts")
    address = accounts_address(project)
    assert address.uri == "postgresql+psycopg2://pit@db/accounts"
    assert address.secrets == {"PGPASSWORD": SECRET}
    assert SECRET not in repr(address)


@pytest.mark.parametrize("uri", ["http://db:5000", f"mysql://pit:{QUOTED}@db/accounts", "sqlite:///relative.db"])
def test_an_address_that_holds_no_accounts_is_refused_and_not_repeated(
    project: Project, monkeypatch: pytest.MonkeyPatch, uri: str
) -> None:
    monkeypatch.setenv(ACCOUNTS_VARIABLE, uri)
    with pytest.raises(UsageError, match=f"accounts .*{ACCOUNTS_VARIABLE}") as refused:
        accounts_address(project)
    assert uri not in str(refused.value)
    assert QUOTED not in str(refused.value)
