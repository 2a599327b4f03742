"""How long anybody waits for a sink: a name server that does not answer, or a server that answers drop by drop, holds no training up."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from contextvars import copy_context
from threading import Thread

from pitwall.domain.errors import AlertError

PATIENCE_S = 30.0


def in_time(send: Callable[[], None], seconds: float = PATIENCE_S) -> None:
    """Call what sends, in a thread that is left alone when it takes too long; what it raises is raised here.

    The thread has the caller's context: within a flow run, Prefect knows of which one.

    Raises:
        AlertError: it had not ended by then; it may still get there.
    """
    done: Future[None] = Future()

    def run() -> None:
        try:
            send()
        except Exception as error:  # noqa: BLE001 - raised where it is waited for
            done.set_exception(error)
        else:
            done.set_result(None)

    thread = Thread(target=copy_context().run, args=(run,), daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        raise AlertError(f"nothing was heard to the end within {seconds:g} s; it may still get there.")
    done.result()
