"""Where a study is kept while it runs: an Optuna journal file, or any database that Optuna knows, or nowhere but in memory.

One process writes, the one that searches; every trial is there with its configuration before it is evaluated, and with its outcome as soon
as there is one. What a kill leaves of a line that was being written is taken away before the next one.
"""

from __future__ import annotations

import hashlib
import json
import math
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from pitwall.domain.errors import StageError, UsageError
from pitwall.ml.search.evaluation import Outcome
from pitwall.ml.search.trials import TrialRecord, TrialState

if TYPE_CHECKING:
    from optuna.storages import BaseStorage
    from optuna.trial import FrozenTrial

SETTINGS = "pitwall.settings"
CHOSEN, SETTLED, SEED, REASON, SECONDS = "params", "settled", "seed", "reason", "seconds"


@contextmanager
def held(where: str, name: str) -> Iterator[None]:
    """Hold a study for this process; raise StageError while another one of this machine does."""
    digest = hashlib.sha256(f"{where} {name}".encode()).hexdigest()[:16]
    lock = Path(tempfile.gettempdir()) / f"pitwall-study-{digest}.lock"
    if "://" not in where:
        Path(where).parent.mkdir(parents=True, exist_ok=True)
        lock = Path(f"{where}.held")
    try:
        with FileLock(lock, timeout=0):
            yield
    except Timeout:
        raise StageError(
            f"another process searches the study {name!r} in {_shown(where)}; wait for it, or name another study."
        ) from None


def opened(where: str) -> BaseStorage:
    """Return the storage at a path (a journal) or a URL (a database), a torn last line of a journal taken away.

    Raises:
        UsageError: the database cannot be opened.
    """
    from optuna.storages import JournalStorage, RDBStorage
    from optuna.storages.journal import JournalFileBackend

    if "://" in where:
        try:
            return RDBStorage(where)
        except Exception as error:
            raise UsageError(
                f"the study's database {_shown(where)} cannot be opened ({type(error).__name__}); see that it is there, and its driver."
            ) from error
    path = Path(where)
    _mend(path)
    return JournalStorage(JournalFileBackend(str(path)))


def study_of(storage: BaseStorage, name: str, direction: str, settings: Mapping[str, Any], *, resume: bool) -> int:
    """Return the id of a study, made where there is none.

    Args:
        storage: that holds it.
        name: of the study.
        direction: minimize or maximize.
        settings: what decides its trials; a study goes on under the same alone.
        resume: whether one that exists may go on.

    Raises:
        UsageError: it exists and may not go on.
        StageError: it was begun under other settings.
    """
    from optuna.exceptions import DuplicatedStudyError
    from optuna.study import StudyDirection

    now = json.loads(json.dumps(settings, sort_keys=True, default=str))
    try:
        made = storage.create_new_study([StudyDirection[direction.upper()]], name)
        storage.set_study_user_attr(made, SETTINGS, now)
        return int(made)
    except DuplicatedStudyError:
        found = int(storage.get_study_id_from_name(name))
    before = storage.get_study_user_attrs(found).get(SETTINGS)
    if not resume:
        count = storage.get_n_trials(found)
        raise UsageError(f"the study {name!r} exists, with {count} trials; resume it, or name another one.")
    if before is None:  # killed between two lines
        storage.set_study_user_attr(found, SETTINGS, now)
    elif before != now:
        differ = sorted(key for key in {*before, *now} if before.get(key) != now.get(key))
        told = "; ".join(f"{key} was {before.get(key)!r} and is {now.get(key)!r}" for key in differ)
        raise StageError(
            f"the study {name!r} was begun otherwise: {told}. Ask for the same again, or name another study."
        )
    return found


def write(storage: BaseStorage, trial_id: int, outcome: Outcome) -> None:
    """Write what came of a trial; its state comes last, so that a trial is finished whole or not at all."""
    from optuna.trial import TrialState as State

    for step, value in sorted(outcome.history.items()):
        storage.set_trial_intermediate_value(trial_id, step, value)
    for name, note in outcome.notes.items():
        storage.set_trial_system_attr(trial_id, name, note)
    said = {SETTLED: plain(outcome.params), SECONDS: round(outcome.seconds, 4)}
    for name, value in {**said, **({REASON: outcome.reason} if outcome.reason else {})}.items():
        storage.set_trial_user_attr(trial_id, name, value)
    last = outcome.history[max(outcome.history)] if outcome.history else None
    values = {"COMPLETE": outcome.value, "PRUNED": None if last is None or math.isnan(last) else last}.get(
        outcome.state
    )
    states = {"COMPLETE": State.COMPLETE, "PRUNED": State.PRUNED, "FAILED": State.FAIL}
    storage.set_trial_state_values(trial_id, states[outcome.state], None if values is None else [values])


def record_of(trial: FrozenTrial) -> TrialRecord:
    """Return a finished trial as it is told."""
    states: dict[str, TrialState] = {"COMPLETE": "COMPLETE", "PRUNED": "PRUNED"}
    state, kept = states.get(trial.state.name, "FAILED"), trial.user_attrs
    return TrialRecord(
        trial.number,
        state,
        kept.get(SETTLED, kept.get(CHOSEN, {})),
        trial.value if state == "COMPLETE" else None,
        tuple(sorted(trial.intermediate_values.items())),
        kept.get(REASON, ""),
        kept.get(SEED, 0),
        kept.get(SECONDS, 0.0),
        kept.get(CHOSEN, {}),
    )


def plain(value: Any) -> Any:
    """Return a value as JSON can keep it; numbers and arrays of NumPy as Python's own."""
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return plain(value.tolist()) if hasattr(value, "tolist") else value


def _shown(where: str) -> str:
    """Return where a study is kept, without user and password."""
    return where.rsplit("@", 1)[-1]


def _mend(path: Path) -> None:
    """Cut a journal after its last whole line, and take away the lock of a writer that was killed; the caller holds the study."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Path(f"{path}.lock").unlink(missing_ok=True)
    if path.is_file() and (content := path.read_bytes()) and not content.endswith(b"\n"):
        path.write_bytes(content[: content.rfind(b"\n") + 1])
