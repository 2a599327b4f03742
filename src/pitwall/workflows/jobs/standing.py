"""How a job stands: what Prefect says of its run, held against the process that works on it. What is dead is found here and closed.

A process that was killed tells nobody. So whoever asks for a job whose run is open looks for its process: where it is gone, and the
server still calls the run open, the run is closed as crashed and its MLflow run as killed.
"""

from __future__ import annotations

from collections.abc import Sequence

from pitwall.adapters.prefect.api import OPEN, PrefectApi, Progress, Step
from pitwall.adapters.processes.identity import life
from pitwall.adapters.services.parts import WORKER
from pitwall.adapters.services.running import read as parts
from pitwall.domain.project import Project
from pitwall.workflows.jobs import notes, overtime
from pitwall.workflows.jobs.ending import GRACE_S, end_process
from pitwall.workflows.jobs.job import MEANING, OF_PREFECT, STEPS, Job, JobStep, State
from pitwall.workflows.jobs.notes import Note
from pitwall.workflows.train import close_killed_runs
from pitwall.workflows.workspace import Workspace

NOT_BEGUN = ("SCHEDULED", "PENDING")
LOG_LINES = 40
DONE, WORD = "done", {"COMPLETED": "done", "RUNNING": "running", "PENDING": "running", "FAILED": "failed"}
NO_WORKER = "no worker of this project is alive, so that nothing begins; start one with `pitwall up`"
KILLED = "its process was killed, or ended without a word"


def job_of(workspace: Workspace, runs: PrefectApi, note: Note, *, whole: bool = True) -> Job:
    """Return how a job stands.

    Args:
        workspace: of the project.
        runs: the Prefect server.
        note: how it was started.
        whole: with its log.
    """
    found = runs.run(note.id)
    if found is None:
        return Job(
            note, "unknown", "this Prefect server knows nothing of it: its database is another one, or was made anew"
        )
    found = _truly(workspace, runs, found, note)
    if found.run.state in NOT_BEGUN:
        _close_the_dead(workspace, runs, found.run.id)
    state = _state(workspace.project, found)
    why = overtime.told(note) if state == "over its time" else _why(workspace.project, runs, found, state)
    log = tuple(runs.log_lines(note.id, LOG_LINES)) if whole else ()
    result = notes.result(workspace.project, note.id)
    steps = _steps(note.flow, found.steps, state)
    return Job(note, state, why, _seconds(found), steps, log, result)


def worker_alive(project: Project) -> bool:
    """Return whether the worker that `pitwall up` has started is alive."""
    return any(part.name == WORKER and part.alive for part in parts(project))


def _truly(workspace: Workspace, runs: PrefectApi, found: Progress, note: Note) -> Progress:
    """Return a run after what is dead, or has outlived its time, was closed."""
    number, project = found.run.id, workspace.project
    identity = notes.process(project, number)
    asked = notes.since(project, number, notes.CANCELLED)
    if found.run.state in OPEN:
        overtime.ended_late(project, note)
    if found.run.state in OPEN and _gone(project, identity, found):
        found = runs.run(number) or found  # it may have told its end just before
        if found.run.state in OPEN:
            runs.close(found.run, *_closed_as(project, note, asked=asked is not None))
            found = runs.run(number) or found
    elif asked is not None and asked > GRACE_S and found.run.state == "CANCELLING":
        end_process(project, number, by_force=True)
    if found.run.state in ("CRASHED", "CANCELLED") and notes.since(project, number, notes.DIED) is None:
        close_killed_runs(workspace)
        notes.marked(project, number, notes.DIED)
    return found


def _close_the_dead(workspace: Workspace, runs: PrefectApi, number: str) -> None:
    """Close the open runs of other jobs on which nobody works: each would keep the pool's one place, and this one waiting for ever."""
    for each in runs.runs(OPEN, of=tuple(runs.deployments())):
        note = notes.note(workspace.project, each.id)
        if each.id != number and note is not None and (found := runs.run(each.id)):
            _truly(workspace, runs, found, note)


def _closed_as(project: Project, note: Note, *, asked: bool) -> tuple[str, str]:
    """Return the state, as Prefect names it, of a run whose process is gone, and why it is."""
    if overtime.is_over(project, note.id):
        return "CRASHED", overtime.told(note)
    return ("CANCELLED", "cancelled") if asked else ("CRASHED", KILLED)


def _gone(project: Project, identity: str, found: Progress) -> bool:
    """Return whether nobody works on a run that is open: its process is gone, or it never began and its worker is."""
    if identity:
        return life(identity) == "gone"
    return found.run.state in ("PENDING", "CANCELLING") and not worker_alive(project)


def _state(project: Project, found: Progress) -> State:
    state = OF_PREFECT.get(found.run.state, "unknown")
    if state in ("died", "failed", "cancelled") and overtime.is_over(project, found.run.id):
        return "over its time"
    if state in ("died", "failed") and notes.since(project, found.run.id, notes.CANCELLED) is not None:
        return "cancelled"  # its last words, after it was told to end
    return state


def _why(project: Project, runs: PrefectApi, found: Progress, state: State) -> str:
    if state == "waiting" and not worker_alive(project):
        return NO_WORKER
    if state in ("waiting", "starting") and not notes.process(project, found.run.id):
        others = [each.name for each in runs.runs(OPEN, of=tuple(runs.deployments())) if each.id != found.run.id]
        before = f"one flow runs at a time; before it: {others[0]}" if others else ""
        return before or ("a worker takes it within seconds" if state == "waiting" else "")
    return found.message if state in ("failed", "died", "cancelled", "cancelling") else ""


def _seconds(found: Progress) -> float:
    run = found.run
    if run.began is None:
        return 0.0
    from pitwall.domain.clock import wall

    return ((run.ended or wall()) - run.began).total_seconds()


def _steps(flow: str, there: Sequence[Step], state: State) -> tuple[JobStep, ...]:
    """Return the steps that Prefect has, and after them those to come."""
    begun = [each for each in there if each.name.partition("-")[0] in MEANING]
    seen = {each.name.partition("-")[0] for each in begun}
    coming = [name for name in STEPS.get(flow, ()) if name not in seen]
    over = state in ("cancelled", "died", "failed", "over its time")
    return (
        *(JobStep(each.name, MEANING[each.name.partition("-")[0]], _word(each, over), each.seconds) for each in begun),
        *(JobStep(name, MEANING[name], "not done" if over else "to come", 0.0) for name in coming),
    )


def _word(step: Step, over: bool) -> str:
    word = WORD.get(step.state, "not done")
    return "not done" if over and word == "running" else word
