"""Run a computation in a child process, where it may limit, watch and spoil the process as it likes.

The child is a copy of this process: a function of a notebook can be sent nowhere, as no file holds it. Limits, the profiler, filters
of warnings and the global random numbers are its own, so no other thread of this process sees them, nor do theirs disturb the trial.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any, TypeVar

from pitwall.domain.errors import FeatureError

T = TypeVar("T")
SECONDS = 600.0
JOIN_S = 10.0


def in_child(work: Callable[[], T], what: str, seconds: float = SECONDS) -> T:
    """Return what `work` returns in a child process.

    Args:
        work: any function; its result must fit through a pipe.
        what: says in an error whose work it is.
        seconds: after which the child is stopped: a copy of a process can hang on a lock that a thread of it held.

    Raises:
        FeatureError: the one that `work` raised, or it raised another error, died, or did not end.
    """
    fork = multiprocessing.get_context("fork")
    ours, theirs = fork.Pipe(duplex=False)
    child = fork.Process(target=_answer, args=(work, theirs), daemon=True)
    child.start()
    theirs.close()
    answered = False
    try:
        if not ours.poll(seconds):
            raise FeatureError(
                f"{what} did not end within {seconds:g} s in a process of its own; make it faster, or start no threads."
            )
        kind, answer = ours.recv()
        answered = True
    except EOFError:
        child.join(JOIN_S)
        raise FeatureError(f"{what} ended the process in which it was tried (exit code {child.exitcode}).") from None
    finally:
        ours.close()
        child.join(JOIN_S if answered else 0)
        child.kill()
        child.join()
    if kind == "result":
        return answer  # type: ignore[no-any-return]
    if isinstance(answer, FeatureError):
        raise answer
    raise FeatureError(f"{what} failed: {answer}")


def _answer(work: Callable[[], Any], pipe: Connection) -> None:
    """Send the result, the error of a feature, or the words of any other."""
    try:
        pipe.send(("result", work()))
    except FeatureError as error:
        pipe.send(("error", error))
    except Exception as error:  # noqa: BLE001  # the parent raises it
        pipe.send(("error", f"{type(error).__name__}: {error}"))
