"""Kill a piece of work with SIGKILL at any of its steps, to see what it leaves behind.

A step is whatever changes the world: a file below the project opened for writing, renamed or removed, and the commit of a
database. They announce themselves, through Python's audit events and SQLAlchemy's, so a step that
somebody adds tomorrow is a step here too. The work runs in a forked child, which dies *before* the chosen step.

`left_behind` does the same for long work in one go: it keeps a copy of the project as it is before each kind of step,
which is what a kill there would leave.

Example:
    >>> found = steps(work, root)               # doctest: +SKIP
    >>> for number in first_of_each(found):     # doctest: +SKIP
    ...     killed(work, root, number)
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path, PurePath
from typing import Any

CHANGES = frozenset({"os.rename", "os.remove", "os.rmdir", "os.link", "os.symlink", "os.truncate"})
DATABASE = "pitwall.database"
WRITES = re.compile(
    r"\s*(?:INSERT INTO|UPDATE|DELETE FROM|CREATE TABLE|ALTER TABLE|DROP TABLE)\s+\W?(\w+)", re.IGNORECASE
)
VARIABLE_PART = re.compile(r"[0-9a-f]{8,}|\d+|(?<=-)\w{8}(?=/|$)")  # hashes and ids, numbers, tempfile's names
FAILED = 70

Work = Callable[[], object]


def steps(work: Work, root: Path) -> list[str]:
    """Run the work to its end in a child and return its steps in order, e.g. `os.rename data/raw/.fetching-*`.

    Raises:
        RuntimeError: the work failed; carries its traceback.
    """
    return _to_its_end(work, _Watch(root))


def killed(work: Work, root: Path, number: int) -> str:
    """Run the work in a child that kills itself before step `number` (from 0) and return that step's name.

    Raises:
        RuntimeError: it failed before it came to that step, or never came to it.
    """
    code, said = _in_a_child(work, _Watch(root, number))
    if code != -signal.SIGKILL:
        raise RuntimeError(f"the work should have died at step {number}, and ended with {code}:\n{said}")
    return said.splitlines()[-1]


def left_behind(work: Work, root: Path, into: Path) -> dict[str, Path]:
    """Run the work to its end in a child; return what `root` held before the first step of each kind.

    Returns:
        {name of the step: copy of `root` below `into`}, in the order of the steps.
    """
    found = _to_its_end(work, _Watch(root, into=into))
    return {found[int(copy.name)]: copy for copy in sorted(into.iterdir(), key=lambda each: int(each.name))}


def first_of_each(found: Sequence[str]) -> list[int]:
    """Return the number of the first step of each kind, and of the very last step.

    Of one kind are the same changes of files in one folder; numbers and hashes in names do not count.
    """
    kinds: dict[str, int] = {}
    for number, name in enumerate(found):
        kinds.setdefault(_kind(name), number)
    return sorted({*kinds.values(), len(found) - 1})


def _kind(name: str) -> str:
    event, _, what = name.partition(" ")
    path = PurePath(VARIABLE_PART.sub("*", what))
    return f"{event} {path.parent if event == 'open' else path}"


def _to_its_end(work: Work, watch: _Watch) -> list[str]:
    code, said = _in_a_child(work, watch)
    if code != 0:
        raise RuntimeError(f"the work ended with {code}:\n{said}")
    return said.splitlines()


def _in_a_child(work: Work, watch: _Watch) -> tuple[int, str]:
    """Return how the child ended (minus the signal that ended it) and what it wrote: its steps, or its traceback."""
    with tempfile.TemporaryFile() as told:
        pid = os.fork()
        if pid == 0:
            watch.told = told.fileno()
            _run(work, watch)
        _, status = os.waitpid(pid, 0)
        told.seek(0)
        return os.waitstatus_to_exitcode(status), told.read().decode(errors="replace")


def _run(work: Work, watch: _Watch) -> None:
    """Do the work as the child, and end with it: the test that forked us goes on in the parent alone."""
    code = FAILED
    try:
        sys.addaudithook(watch)
        _announce_database_writes()
        work()
        code = 0
    except BaseException:  # noqa: BLE001  # whatever it is, the parent tells it
        os.write(watch.told, traceback.format_exc().encode())
    finally:
        os._exit(code)


class _Watch:
    """An audit hook that names the steps, and kills its process before one of them or copies the project before many."""

    def __init__(self, root: Path, number: int | None = None, into: Path | None = None) -> None:
        self._folder, self._root = root.resolve(), f"{root.resolve()}/"
        self._number, self._into, self.told = number, into, -1
        self._count, self._seen, self._copying = 0, set[str](), False

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        name = None if self._copying else self._name(event, arguments)
        if name is None:
            return
        os.write(self.told, f"{name}\n".encode())
        if self._count == self._number:
            os.kill(os.getpid(), signal.SIGKILL)
        if self._into is not None and _kind(name) not in self._seen:
            self._copying = True
            shutil.copytree(self._folder, self._into / str(self._count))
            self._copying = False
            self._seen.add(_kind(name))
        self._count += 1

    def _name(self, event: str, arguments: tuple[Any, ...]) -> str | None:
        """Return what a step is called; None if the event changes nothing of ours."""
        if event == DATABASE:
            return str(arguments[0])
        if event in CHANGES or (event == "open" and _for_writing(arguments)):
            return self._below(event, arguments[0], arguments[-1])
        return None

    def _below(self, event: str, path: Any, folder: Any) -> str | None:
        if not isinstance(path, str | bytes | os.PathLike):
            return None
        relative = event in {"os.remove", "os.rmdir"} and isinstance(folder, int) and folder >= 0
        base = Path(f"/proc/self/fd/{folder}").readlink() if relative else Path()  # rmtree names files by open folders
        full = str(Path(base, os.fsdecode(path)).absolute())
        inside = full.startswith(self._root) and not full.endswith((".lock", ".pyc"))
        return f"{event} {full.removeprefix(self._root)}" if inside else None


def _for_writing(arguments: tuple[Any, ...]) -> bool:
    return bool(arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)) if isinstance(arguments[2], int) else False


def _announce_database_writes() -> None:
    """Let every commit of database writes be a step, named by what it makes last, e.g. `commit runs tags`."""
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    wrote: dict[int, set[str]] = {}

    def before(connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if found := WRITES.match(statement):
            wrote.setdefault(id(connection), set()).add(found[1])

    def commit(connection: Any) -> None:
        if tables := wrote.pop(id(connection), None):
            sys.audit(DATABASE, f"commit {' '.join(sorted(tables))}")

    event.listen(Engine, "before_cursor_execute", before)
    event.listen(Engine, "commit", commit)
