"""Taking a snapshot back moves it, of the right source and world, and refuses to leave a project without data."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pitwall.domain.errors import SourceError, UnknownName
from pitwall.domain.params import Params
from pitwall.domain.project import Project
from pitwall.sources.machinery.snapshots.undo import undo
from pitwall.sources.machinery.stage import ingest

pytestmark = pytest.mark.slow

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def world(dump: Path) -> tuple[Project, Params]:
    """Two snapshots of a dump."""
    params = Params(sources={"ergast": {"location": str(dump)}})
    project = Project(dump.parent / "project")
    ingest(project, params, "ergast", NOW)
    (dump / "seasons.csv").write_text("year,url\n2018,\n")
    ingest(project, params, "ergast", NOW + timedelta(days=7))
    return project, params


def _names(folder: Path) -> list[str]:
    return sorted(path.name.split("T")[0] for path in folder.iterdir())


def test_the_newest_snapshot_moves_whole(world: tuple[Project, Params]) -> None:
    project, params = world
    done = undo(project, params)
    assert (done.source, done.left, len(done.moves)) == ("ergast", 1, 1)
    assert _names(project.raw / "ergast") == ["20260301"]
    kept = project.root / ".pitwall" / "undone" / "ergast"
    assert _names(kept) == ["20260308"]
    assert (next(kept.iterdir()) / "manifest.json").is_file()
    done.take_forth()
    assert _names(project.raw / "ergast") == ["20260301", "20260308"]


def test_the_only_one_is_refused_unless_all_is_said(world: tuple[Project, Params]) -> None:
    project, params = world
    undo(project, params, "ergast")
    with pytest.raises(SourceError, match="is the only snapshot of ergast: without it .* `--all`"):
        undo(project, params, "ergast")
    assert undo(project, params, "ergast", everything=True).left == 0
    with pytest.raises(SourceError, match="no snapshot of ergast to take back"):
        undo(project, params)


def test_all_takes_every_snapshot(world: tuple[Project, Params]) -> None:
    project, params = world
    assert len(undo(project, params, everything=True).moves) == 2
    assert _names(project.raw / "ergast") == []


def test_a_source_that_is_not_in_use_is_named(world: tuple[Project, Params]) -> None:
    project, params = world
    with pytest.raises(UnknownName, match="did you mean 'ergast'"):
        undo(project, params, "ergst")


def test_a_snapshot_of_another_world_stays(tmp_path: Path) -> None:
    project = Project(tmp_path)
    small = [{"seasons": 2, "teams": 3, "races": 3, "seed": seed, "laps_seasons": 0} for seed in (1, 2)]
    for days, settings in enumerate(small):
        ingest(project, Params(sources={"synthetic": settings}), "synthetic", NOW + timedelta(days=days))
    with pytest.raises(SourceError, match="20260301.* is the only snapshot of synthetic"):
        undo(project, Params(sources={"synthetic": small[0]}))
