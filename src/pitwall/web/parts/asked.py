"""A question of a page, answered by the very code that answers the API: in its queue, from its memory, logged before it is shown."""

from __future__ import annotations

from functools import partial
from typing import Any

import orjson
from anyio import from_thread

from pitwall.web.paging import Ask
from pitwall.workflows.serving.asked import Question


def answer(ask: Ask, template: str, question: Question, *, why: bool = False) -> dict[str, Any]:
    """Return the answer as the API gives it; what a test of two versions asks behind it is asked too.

    Args:
        ask: the page's request, in whose thread this is called.
        template: under which name it is asked.
        question: about a race.
        why: with reasons for every row.

    Raises:
        Refused: it cannot be answered as it was asked.
        NotLogged: it cannot be logged, so it is withheld.
    """
    response = from_thread.run(partial(ask.server.answer, ask.request, template, question, why=why))
    if response.background is not None:
        from_thread.run(response.background)
    return dict(orjson.loads(response.body))
