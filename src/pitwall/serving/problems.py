"""Errors as RFC 9457 problems: what was found, what was expected, what to do, and near names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from starlette.exceptions import HTTPException
from starlette.responses import Response

from pitwall.domain.errors import TOO_MANY, PitwallError, QuotaExceeded
from pitwall.workflows.serving.prediction_log import NotLogged
from pitwall.workflows.serving.refusals import Refused

STATUS = {"unknown": 404, "state": 409, "content": 422}
TYPES = "https://pitwall.invalid/problems/"  # names, not addresses: nothing is to be found there
MEDIA = "application/problem+json"


class HttpProblem(HTTPException):
    """A request that is not answered, with its status; FastAPI lets it through where it would hide another error."""

    def __init__(
        self, status: int, title: str, *, found: str, expected: str, do: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(status, title, dict(headers or {}))
        self.title, self.found, self.expected, self.do, self.near = title, found, expected, do, list[str]()


def response_of(error: Exception, path: str) -> Response:
    """Return the answer to a request that failed; what nobody foresaw says nothing of the inside."""
    return problem_response(problem_of(error), path)


def problem_response(error: HttpProblem, path: str) -> Response:
    """Return a problem as a response."""
    content: dict[str, Any] = {
        "type": TYPES + error.title.replace(" ", "-").lower()[:60],
        "title": error.title,
        "status": error.status_code,
        "detail": f"{error.title}: found {error.found}; expected {error.expected}; {error.do}.",
        "instance": path,
        "found": error.found,
        "expected": error.expected,
        "do": error.do,
        "near": error.near,
    }
    return Response(orjson.dumps(content), error.status_code, error.headers, MEDIA)


def problem_of(error: Exception) -> HttpProblem:
    """Return an error as a problem."""
    if isinstance(error, HttpProblem):
        return error
    if isinstance(error, Refused):
        made = HttpProblem(STATUS[error.kind], error.title, found=error.found, expected=error.expected, do=error.do)
        made.near = list(error.near)
        return made
    if isinstance(error, QuotaExceeded):
        wait = {"Retry-After": str(error.seconds)} if error.seconds else {}
        return HttpProblem(
            TOO_MANY,
            "the tier does not allow this",
            found=error.found,
            expected=error.expected,
            do=error.do,
            headers=wait,
        )
    if isinstance(error, NotLogged):
        return HttpProblem(
            503,
            "not logged",
            found="a log of answers that cannot be written",
            expected="every answer logged with its vector",
            do="make room on the server's disk; /ready says when it is well again",
            headers={"Retry-After": "5"},
        )
    if isinstance(error, PitwallError):
        return HttpProblem(
            503,
            "not ready",
            found=str(error),
            expected="files that are whole",
            do="`pitwall serve --export`",
            headers={"Retry-After": "5"},
        )
    return HttpProblem(
        500,
        "internal error",
        found="something nobody foresaw",
        expected="an answer",
        do="look at the server's log for this request's id",
    )
