"""Is a run store away, or did it refuse? Away: the connection is refused, nothing answers in time, or the server is broken (5xx).

Only what the store itself raised counts, and what it says that it was raised from: an error of the code that logs, which happens to be
handled at that moment, says nothing about the store. Libraries are told by the names of their classes, so that none is imported for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pitwall.domain.errors import PitwallError, StoreAway

CONNECTIONS = frozenset(
    {
        "httpx.TransportError",
        "requests.exceptions.ConnectionError",
        "requests.exceptions.Timeout",
        "sqlalchemy.exc.InterfaceError",
        "sqlalchemy.exc.OperationalError",
    }
)
MLFLOW, ANSWER, HTTP = (
    "mlflow.exceptions.MlflowException",
    "mlflow.exceptions.RestException",
    "requests.exceptions.HTTPError",
)
REQUEST = "API request to "  # how MLflow begins when no answer came, or none of a server of MLflow
SERVER_ERROR = 500


def is_away(error: BaseException) -> bool:
    """Return whether an error of a run store says that it is away; what it refused is no such error."""
    return any(_says_away(each) for each in _chain(error))


def is_refusal(error: BaseException) -> bool:
    """Return whether a run store answered, and said no."""
    return not is_away(error) and (isinstance(error, PitwallError) or MLFLOW in _names(error))


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__


def _says_away(error: BaseException) -> bool:
    names = _names(error)
    if isinstance(error, StoreAway) or names & CONNECTIONS:
        return True
    if HTTP in names:
        answer = getattr(error, "response", None)
        return answer is not None and answer.status_code >= SERVER_ERROR
    return MLFLOW in names and _mlflow_says_away(error, names)


def _mlflow_says_away(error: Any, names: set[str]) -> bool:
    """MLflow's own errors are "internal" too where nobody said otherwise: only those of a server, or of none, count."""
    if error.error_code in {"TEMPORARILY_UNAVAILABLE", "DEADLINE_EXCEEDED"}:
        return True
    asked = ANSWER in names or str(error.message).startswith(REQUEST)
    return asked and error.get_http_status_code() >= SERVER_ERROR


def _names(error: BaseException) -> set[str]:
    """Return the classes of an error by name; httpx hides its private module."""
    return {f"{each.__module__}.{each.__name__}" for each in type(error).__mro__}
