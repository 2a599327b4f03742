"""What a person sees of a flow: finished steps with their time, warnings, the end of the log at a failure; the rest is in the log."""

from __future__ import annotations

import logging
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from pitwall.adapters.processes.child import run
from pitwall.cli import _flow
from pitwall.cli._progress import KEPT, LOG_FORMAT, Steps, open_log
from pitwall.domain.project import Project

AT = "2026-11-29T05:46:19 |"
TASK = f"{AT} INFO | task {{}} - Finished in state Completed()"
LINES = [
    f"{AT} INFO | flow amiable-salamander - Beginning flow run",
    TASK.format("close_killed_runs-5e7"),
    f"{AT} INFO | pitwall.adapters.dvc_repo - Running stage 'ingest@synthetic':",
    f"{AT} INFO | pitwall.adapters.dvc_repo - synthetic: kept snapshot",
    TASK.format("ingest-511"),
    f"{AT} INFO | pitwall.adapters.dvc_repo - Running stage 'tables':",
    f"{AT} INFO | pitwall.adapters.dvc_repo - Running stage 'features':",
    TASK.format("reproduce_data-392"),
    f"{AT} WARNING | pitwall.adapters.processes.lock - waiting for the project lock, held by somebody",
    TASK.format("is-stale-train@order-pre_race"),
    TASK.format("tune-order-pre_race"),
    TASK.format("gate-size"),
    TASK.format("gate-slices"),
    TASK.format("promote-order-pre_race"),
    f"{AT} ERROR | task forecast-order-pre_race - Finished in state Failed('no grid')",
]


def seen(lines: list[str]) -> list[str]:
    """Return what is shown of a log of which each line comes a second after the one before."""
    said: list[str] = []
    now = [0.0]
    steps = Steps(said.append, clock=lambda: now[0])
    for line in lines:
        now[0] += 1.0
        steps.hear(line)
    return said


def test_each_finished_step_is_one_line_with_its_time() -> None:
    said = [" ".join(line.split()) for line in seen(LINES)]
    assert said == [
        "start 1.0 s",
        "ingest synthetic 4.0 s",
        "tables 2.0 s",
        "features 1.0 s",
        "! pitwall.adapters.processes.lock - waiting for the project lock, held by somebody",
        "tune order-pre_race 3.0 s",
        "2 gates 2.0 s",
        "promote order-pre_race 1.0 s",
        "! forecast-order-pre_race: failed 1.0 s",
    ]


def test_data_that_need_no_work_are_a_step_too() -> None:
    assert "data up to date" in seen([LINES[0], TASK.format("reproduce_data-392")])[1]


def test_prefect_writes_what_is_read() -> None:
    """The format that we ask for is the one that we understand; Prefect itself renders the line."""
    program = (
        "import logging, sys, prefect\n"
        "from prefect.logging.configuration import setup_logging\n"
        "setup_logging()\n"
        "record = logging.LogRecord('prefect.task_runs', 20, '', 0, 'Finished in state Completed()', (), None)\n"
        "record.task_run_name, record.flow_run_name = 'tune-x', 'swift-owl'\n"
        "[handler.handle(record) for handler in logging.getLogger().handlers]\n"
    )
    done = subprocess.run([sys.executable, "-c", program], env=LOG_FORMAT, capture_output=True, text=True, check=True)
    assert [" ".join(line.split()) for line in seen([*done.stderr.splitlines()])][-1].startswith("tune x")


def test_a_log_keeps_every_line_and_ends_with_the_error(tmp_path: Path) -> None:
    log = open_log(Project(tmp_path), "train")
    for line in [*(f"line {n}" for n in range(100)), "error: the frame is gone.", "  restore it with dvc checkout"]:
        log.hear(line)
    log.stream.close()
    assert log.path.read_text().count("\n") == 102
    assert log.end()[-3:] == ["  line 99", "error: the frame is gone.", "  restore it with dvc checkout"]
    assert log.path.parent == tmp_path / ".pitwall" / "logs"


def test_old_logs_are_removed(tmp_path: Path) -> None:
    for _ in range(KEPT + 3):
        open_log(Project(tmp_path), "train").stream.close()
    assert len(list((tmp_path / ".pitwall" / "logs").iterdir())) == KEPT


@pytest.fixture
def flow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Let `run_flow` run a program of the test instead of a flow below a server."""

    def start(program: str, **options: bool) -> dict[str, object]:
        def below(_project, _module, arguments, *, settings, on_line):
            return run([sys.executable, "-c", program, *arguments], tmp_path, settings, on_line)

        monkeypatch.setattr(_flow, "run_below_server", below)
        return _flow.run_flow(Project(tmp_path), "train", **options)

    yield start
    logging.getLogger().handlers.clear()


GOOD = f"import sys, json; print({LINES[10]!r}); print('noise'); json.dump({{'run_id': 'a'}}, open(sys.argv[-1], 'w'))"
BAD = "import sys; print('close to the end'); sys.stderr.write('error: no frame.\\n'); sys.exit(1)"


def test_a_run_shows_steps_and_names_its_log(flow, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    result = flow(GOOD)
    printed = capfd.readouterr()
    assert printed.out == ""
    assert "tune order-pre_race" in printed.err
    assert "noise" not in printed.err
    assert "\x1b" not in printed.err and "\r" not in printed.err
    assert f"log: {result['log']}" in printed.err
    assert "noise" in (tmp_path / str(result["log"])).read_text()
    assert (result["run_id"], result["exit_code"]) == ("a", 0)


def test_verbose_shows_all(flow, capfd: pytest.CaptureFixture[str]) -> None:
    flow(GOOD, verbose=True)
    assert "noise" in capfd.readouterr().err


def test_a_failure_shows_the_end_of_the_log_and_the_error_once(flow, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as left:
        flow(BAD)
    assert left.value.exit_code == 1
    said = capfd.readouterr().err
    assert "  close to the end\nerror: no frame.\nlog: .pitwall/logs/" in said
    assert said.count("error: no frame.") == 1


def test_a_stopped_run_hears_the_last_words_of_its_child(tmp_path: Path) -> None:
    """The child is told to end, and may still say so: nobody leaves it writing into a closed pipe."""
    child = (
        "import signal, sys, time\n"
        "def end(*_): print('run closed as killed', flush=True); sys.exit(143)\n"
        "signal.signal(signal.SIGTERM, end)\nprint('ready', flush=True)\ntime.sleep(60)\n"
    )
    parent = (
        "import sys\nfrom pathlib import Path\nfrom pitwall.adapters.processes.child import run\nimport os\n"
        f"run([sys.executable, '-c', {child!r}], Path('.'), os.environ, lambda line: print(line, flush=True))\n"
    )
    with subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGTERM)
        assert process.stdout.read() == "run closed as killed\n"
    assert process.returncode == 128 + signal.SIGTERM
