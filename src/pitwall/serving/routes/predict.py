"""Questions about races: answered, and explained."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Request, Response

from pitwall.domain.access.words import PREDICT
from pitwall.serving.gate import Access
from pitwall.serving.routing import endpoint, router, server_of
from pitwall.serving.schemas import AS_OF, RACE, Answer, Ask, Name
from pitwall.workflows.serving.asked import COUNTERS, Question

ROUTER = router("questions")
ASKING = Access(PREDICT, counted=True)
EXAMPLE = {
    "data_age_s": 5400,
    "template": "race_winner",
    "question": "Who wins the race?",
    "unit": "",
    "race": "2024-08",
    "race_name": "Monaco Grand Prix",
    "model": "order-pre_race",
    "version": 3,
    "content": "1f0c" * 16,
    "stage": "pre_race",
    "cutoff": "2024-05-26T13:00:00+00:00",
    "vintage": "2024-05-26T11:30:00+00:00",
    "run": "http://127.0.0.1:5000/#/experiments/1/runs/0a1b2c",
    "role": "model",
    "estimator": "stack",
    "baseline": "grid_frequency",
    "labels": ["what if: the grid is that of the question"],
    "rows": [
        {
            "keys": {"driver_id": 844},
            "names": {"driver": "Charles Leclerc", "code": "LEC", "team": "Ferrari"},
            "answer": 0.52,
            "baseline": 0.43,
            "detail": {"grid": 1.0, "expected_place": 2.6},
        }
    ],
}
OneRace = Annotated[Name | None, Query(description=RACE)]
AsOf = Annotated[Name | None, Query(description=AS_OF)]


@endpoint(ROUTER, "POST", "/predict/{template}", ASKING, Answer, 404, 409, 422, example=EXAMPLE)
async def predict(template: str, ask: Ask, request: Request) -> Response:
    """Answer a question about a race, with what-ifs."""
    return await server_of(request).answer(request, template, _question(ask))


@endpoint(ROUTER, "GET", "/predict/{template}", ASKING, Answer, 404, 409, 422, example=EXAMPLE)
async def look(template: str, request: Request, race: OneRace = None, as_of: AsOf = None) -> Response:
    """Answer a question about a race as it is known."""
    return await server_of(request).answer(request, template, Question(race, as_of))


@endpoint(ROUTER, "POST", "/explain/{template}", ASKING, Answer, 404, 409, 422)
async def explain(template: str, ask: Ask, request: Request) -> Response:
    """Answer a question with what adds to each row's score: features where they can be told apart, and groups of them."""
    return await server_of(request).answer(request, template, _question(ask), why=True)


def _question(ask: Ask) -> Question:
    counter = {name: value for name in COUNTERS if (value := getattr(ask, name)) is not None}
    return Question(ask.race, ask.as_of, ask.entries, ask.grid_positions, counter)
