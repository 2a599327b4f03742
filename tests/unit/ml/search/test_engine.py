"""The search: the same study by any number of workers and after any kill, methods, pruners, what is refused."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import textwrap
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from pitwall.domain.errors import StageError, UnknownName, UsageError
from pitwall.ml.search import record
from pitwall.ml.search.engine import SearchResult, search
from pitwall.ml.search.methods import TABLE
from pitwall.ml.search.settings import METHODS, PRUNERS, SearchSettings
from pitwall.ml.search.space import Parameter, Real, Space
from pitwall.ml.search.trials import Trial, trial_seed
from pitwall.testing.fakes.objectives import SPACE, Bowl

pytestmark = pytest.mark.slow

BOWL = Bowl(noise=0.05, broken=0.03)
SETTINGS = SearchSettings(trials=40, batch=4, startup_trials=5, pruner="hyperband")


def told(result: SearchResult) -> list[tuple[Any, ...]]:
    """Return all of a study but how long it took."""
    return [(t.number, t.state, t.params, t.value, t.history, t.seed, t.reason) for t in result.trials]


@pytest.fixture(scope="module")
def whole() -> SearchResult:
    """The study that nobody interrupts."""
    return search(BOWL, SPACE, SETTINGS)


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_any_number_of_workers_makes_the_same_study(whole: SearchResult, workers: int) -> None:
    settings = replace(SETTINGS, trials=12)
    found = search(BOWL, SPACE, settings, workers=workers)
    assert told(found) == told(whole)[:12]
    assert {trial.state for trial in whole.trials} == {"COMPLETE", "PRUNED", "FAILED"}


def test_each_trial_draws_from_a_seed_of_its_own(whole: SearchResult) -> None:
    assert [trial.seed for trial in whole.trials] == [trial_seed(SETTINGS.seed, number) for number in range(40)]
    assert len({trial.seed for trial in whole.trials}) == 40
    assert {t.seed for t in search(BOWL, SPACE, replace(SETTINGS, trials=4, one_seed=True)).trials} == {SETTINGS.seed}


def test_trials_of_a_batch_do_not_see_each_other(whole: SearchResult) -> None:
    larger = search(BOWL, SPACE, replace(SETTINGS, batch=40))
    assert [t.params for t in larger.trials[:5]] == [t.params for t in whole.trials[:5]]  # drawn at random
    assert not [t for t in larger.trials if t.state == "PRUNED"]
    assert larger.best.value != whole.best.value


def test_any_beginning_of_a_record_goes_on_to_the_same_study(whole: SearchResult, tmp_path: Path) -> None:
    """Killed anywhere, even in the middle of a line: nothing lost, nothing doubled, the same best."""
    journal = tmp_path / "whole.journal"
    search(BOWL, SPACE, SETTINGS, storage=journal)
    content = journal.read_bytes()
    size, evaluated = len(content), []
    for cut in (40, size // 9, size // 3, size // 2 + 1, size - 700, size):
        part = tmp_path / f"{cut}.journal"
        part.write_bytes(content[:cut])
        fresh: list[int] = []
        found = search(
            BOWL, SPACE, SETTINGS, storage=part, resume=True, on_trial=lambda t, seen=fresh: seen.append(t.number)
        )
        assert told(found) == told(whole)
        assert found.resumed + len(fresh) == 40
        kept = record.opened(str(part)).get_all_trials(0)
        assert [(t.number, t.state.is_finished()) for t in kept] == [(number, True) for number in range(40)]
        evaluated.append(len(fresh))
    assert evaluated == sorted(evaluated, reverse=True)
    assert evaluated[0] == 40
    assert evaluated[-1] == 0


SCRIPT = """
    from dataclasses import replace
    from pitwall.ml.search.engine import search
    from pitwall.ml.search.settings import SearchSettings
    from pitwall.testing.fakes.objectives import SPACE, Bowl

    if __name__ == "__main__":
        settings = SearchSettings(trials=40, batch=4, startup_trials=5, pruner="hyperband")
        search(Bowl(noise=0.05, broken=0.03, busy=0.03), SPACE, settings, storage="study.journal", workers=2,
               on_trial=lambda trial: print(trial.number, flush=True))
"""


def test_a_search_that_is_killed_goes_on_where_it_was(whole: SearchResult, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(textwrap.dedent(SCRIPT))
    with subprocess.Popen([sys.executable, str(script)], cwd=tmp_path, stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        for _ in range(17):
            run.stdout.readline()
        workers = psutil.Process(run.pid).children(recursive=True)
        run.send_signal(signal.SIGKILL)
        run.wait()
    journal = tmp_path / "study.journal"
    with record.held(str(journal), "search"):
        states = [t.state.name for t in record.opened(str(journal)).get_all_trials(0)]
    assert states.count("RUNNING") >= 1
    found = search(BOWL, SPACE, SETTINGS, storage=journal, resume=True)
    assert found.resumed >= 17
    assert told(found) == told(whole)
    assert found.best == replace(whole.best, seconds=found.best.seconds)
    _, left = psutil.wait_procs(workers, timeout=30)
    assert not left, "workers outlive the search that started them"


def test_a_database_keeps_a_study_as_a_journal_does(whole: SearchResult, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/study.db"
    few = replace(SETTINGS, trials=6)
    search(BOWL, SPACE, few, storage=url)
    found = search(BOWL, SPACE, replace(SETTINGS, trials=10), storage=url, resume=True)
    assert told(found) == told(whole)[:10]
    assert found.resumed == 6


def test_ctrl_c_keeps_the_best_so_far_and_the_record(whole: SearchResult, tmp_path: Path) -> None:
    def stop(trial: Trial) -> float:
        if trial.number == 9:
            raise KeyboardInterrupt
        return BOWL(trial)

    journal = tmp_path / "study.journal"
    found = search(stop, SPACE, SETTINGS, storage=journal)
    assert found.stopped == "interrupt"
    assert told(found) == told(whole)[:9]
    assert told(search(BOWL, SPACE, SETTINGS, storage=journal, resume=True)) == told(whole)


def test_a_limit_of_time_ends_between_batches_and_the_study_says_so() -> None:
    found = search(BOWL, SPACE, replace(SETTINGS, timeout=0.0))
    assert (len(found.trials), found.stopped) == (0, "time")
    assert "another number" in found.note
    with pytest.raises(StageError, match="no trial"):
        _ = found.best
    assert search(BOWL, SPACE, replace(SETTINGS, trials=4)).note == ""


@pytest.mark.parametrize("method", METHODS)
def test_every_method_searches_with_every_pruner(method: str) -> None:
    for pruner in PRUNERS if method != "gp" else PRUNERS[:1]:  # its surface takes a while
        settings = SearchSettings(trials=8, batch=4, method=method, pruner=pruner, startup_trials=3)
        first, again = (search(Bowl(steps=3), SPACE, settings) for _ in range(2))
        assert told(first) == told(again)
        assert len(first.trials) == 8
    assert {method, *PRUNERS} <= {about.method for about in TABLE}


def test_a_grid_that_fits_is_visited_whole_and_a_larger_one_in_drawn_order() -> None:
    space = Space((Parameter("x", Real(0.0, 1.0)), Parameter("y", Real(0.0, 1.0))))
    settings = SearchSettings(trials=50, method="grid", pruner="none", levels=3)
    fits = search(lambda trial: trial.params["x"], space, settings)
    assert [(t.params["x"], t.params["y"]) for t in fits.trials] == [(x, y) for x in (0, 0.5, 1) for y in (0, 0.5, 1)]
    part = search(lambda trial: trial.params["x"], space, replace(settings, trials=4))
    assert len({(t.params["x"], t.params["y"]) for t in part.trials}) == 4
    assert [t.params for t in part.trials] != [t.params for t in fits.trials[:4]]


def test_the_first_configurations_are_those_that_are_given() -> None:
    best = {"rate": 0.003, "hidden": 128, "optimizer": "sgd", "momentum": 0.9, "layers": [64, 32]}
    found = search(Bowl(), SPACE, replace(SETTINGS, trials=6), first=[best])
    assert found.trials[0].params == best
    assert found.best.value == pytest.approx(0.0)
    worst = search(Bowl(), SPACE, replace(SETTINGS, trials=6, direction="maximize"), first=[best])
    assert worst.best.value == max(t.value for t in worst.trials if t.value is not None)


def test_what_cannot_be_is_refused(tmp_path: Path) -> None:
    journal, few = tmp_path / "study.journal", replace(SETTINGS, trials=4)
    with pytest.raises(UnknownName, match="did you mean 'hyperband'"):
        SearchSettings(pruner="hyperbnd")
    with pytest.raises(UsageError, match="batch of a search must be at least 1; found 0"):
        SearchSettings(batch=0)
    search(BOWL, SPACE, few, storage=journal, about={"data": "a"})
    with pytest.raises(UsageError, match="exists, with 4 trials; resume it"):
        search(BOWL, SPACE, few, storage=journal, about={"data": "a"})
    with pytest.raises(StageError, match="data was 'a' and is 'b'; seed was 7 and is 8"):
        search(BOWL, SPACE, replace(few, seed=8), storage=journal, about={"data": "b"}, resume=True)
    grid, cells = replace(few, method="grid"), tmp_path / "grid.journal"
    search(BOWL, SPACE, grid, storage=cells)
    with pytest.raises(StageError, match="trials was 4 and is 8"):
        search(BOWL, SPACE, replace(grid, trials=8), storage=cells, resume=True)
    with pytest.raises(UsageError, match=r"database nowhere/x cannot be opened") as told_of:
        search(BOWL, SPACE, few, storage="nosuch://me:secret@nowhere/x")
    assert "secret" not in str(told_of.value)
    with record.held(str(journal), "search"), pytest.raises(StageError, match="another process searches"):
        search(BOWL, SPACE, few, storage=journal, resume=True)
    with pytest.raises(StageError, match="trial 0 ended the search: KeyError"):
        search(lambda trial: trial.params["rat"], SPACE, few)
    with pytest.raises(StageError, match="diverged"):
        _ = search(Bowl(broken=0.0), SPACE, few).best


def test_an_outcome_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    """The state of a trial is the last line that is written of it."""
    journal = tmp_path / "study.journal"
    search(Bowl(), SPACE, replace(SETTINGS, trials=1), storage=journal)
    lines = [json.loads(line) for line in journal.read_text().splitlines()]
    assert [line["op_code"] for line in lines][-1] == 6
