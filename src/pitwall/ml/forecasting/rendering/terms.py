"""What a forecast's questions and answers are called, in tables, pages and pictures alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from pitwall.ml.forecasting.answers import Forecast
from pitwall.ml.models import Model, model
from pitwall.ml.models.machinery.names import model_of
from pitwall.ml.templates import templates

CHANCES = "chances"  # detail of a row: the chance of every class
TAIL = 0.1  # of the places on either side of an 80 % interval


def definition_of(made: Forecast) -> Model:
    """Return what the model is that answers."""
    return model(model_of(made.model))


def first_columns(made: Forecast) -> list[str]:
    """Return what the first columns are called: driver and team, or race and circuit."""
    return [title.capitalize() for title in made.rows[0].titles]


def events(made: Forecast) -> list[str]:
    """Return the templates from the rarest event to the commonest: win, podium, points."""
    first = made.rows[0].answers
    totals = {event: sum(row.answers[event] for row in made.rows) for event in first}
    return sorted(first, key=lambda event: (totals[event], event))


def is_chance(made: Forecast) -> bool:
    """Whether the answers are probabilities, which a bar can show."""
    return definition_of(made).answers.label_type == "bool"


def answer_texts(made: Forecast) -> Callable[[str, float], str]:
    """Return how the family shows an answer to a question; what it follows from is looked up once for all rows."""
    known, family = templates(), definition_of(made).answers
    return lambda event, value: family.shown(value, known[event].unit if event in known else "")


def event_title(event: str) -> str:
    """Return what a question's column is called."""
    known = templates()
    return known[event].title if event in known else event


def place_span(chances: Sequence[float]) -> str:
    """Return the places between which a car ends in four races of five: at most a tenth lies on either side.

    Args:
        chances: P(place 1), P(place 2), ...

    Example:
        >>> place_span([0.5, 0.3, 0.15, 0.05]), place_span([0.95, 0.05])
        ('1 to 3', '1')
    """
    so_far = np.cumsum(np.asarray(chances, dtype=float))
    first = int(np.searchsorted(so_far, TAIL, side="right"))
    last = int(np.searchsorted(so_far, so_far[-1] - TAIL - 1e-9))
    return f"{first + 1}" if last <= first else f"{first + 1} to {last + 1}"
