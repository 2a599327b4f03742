"""What a forecast's questions and answers are called, in tables, pages and pictures alike."""

from __future__ import annotations

from pitwall.ml.forecasting.answers import Forecast
from pitwall.ml.models import Model, model
from pitwall.ml.models.machinery.names import model_of
from pitwall.ml.templates import templates

CHANCES = "chances"  # detail of a row: the chance of every class


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


def answer_text(made: Forecast, event: str, value: float) -> str:
    """Return an answer as its family shows it."""
    known = templates()
    return definition_of(made).answers.shown(value, known[event].unit if event in known else "")


def event_title(event: str) -> str:
    """Return what a question's column is called."""
    known = templates()
    return known[event].title if event in known else event
