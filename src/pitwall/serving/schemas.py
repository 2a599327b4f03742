"""What goes over the wire: questions, answers and problems, for the server's OpenAPI and the client alike."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

RACE = "season and round (2024-08), or a word of its name with the season (monaco_2024); the next race when left out"
AS_OF = "a stage (pre_weekend, pre_qualifying, pre_race), or an instant with its zone that is an exported cut-off; the latest when left out"
Name = Annotated[str, Field(min_length=1, max_length=80)]


def _no_bool(value: Any) -> Any:
    """Refuse true and false, which Python takes for 1 and 0 and JSON does not."""
    if isinstance(value, bool):
        raise ValueError("a whole number is meant")
    return value


Whole = Annotated[int, BeforeValidator(_no_bool)]
Slot = Annotated[Whole, Field(ge=0, le=60)]
Number = Annotated[Whole, Field(ge=0, le=200)]


class Ask(BaseModel):
    """A question about a race."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"race": "monaco_2024"},
                {"race": "2024-08", "as_of": "pre_weekend"},
                {"race": "2024-08", "entries": ["leclerc", "piastri", "sainz"]},
            ]
        },
    )

    race: Name | None = Field(None, description=RACE)
    as_of: Name | None = Field(None, description=AS_OF)
    entries: list[Name] | dict[Name, Name | None] | None = Field(
        None, description="who takes part, by reference, code or name; or {driver: team}"
    )
    grid_positions: dict[Name, Slot] | None = Field(
        None, description="{driver: slot from 1, or 0 for the pit lane} of every car: what if the grid were this one"
    )
    lap: Number | None = Field(
        None, description="of a model that answers within races: which lap; each car's newest when left out"
    )
    stop: Number | None = Field(None, description="the same of pit stops")
    stint: Number | None = Field(None, description="the same of stints")


class Served(BaseModel):
    """Where an answer comes from."""

    model: str
    version: int
    content: str = Field(description="hash of the registered model's files")
    stage: str
    cutoff: str = Field(description="nothing is used that was not known at this instant")
    vintage: str = Field(description="when the newest snapshot of the data was fetched")
    run: str = Field(description="the page of the training's run in MLflow")
    data_age_s: int | None = Field(description="seconds since the vintage")


class Reason(BaseModel):
    """What a feature adds to a row's score."""

    feature: str
    value: float | None
    contribution: float


class GroupReason(BaseModel):
    """What a group of features adds to a row's score."""

    group: str
    contribution: float


class Row(BaseModel):
    """The answer about one car, lap, stop or race."""

    keys: dict[str, int]
    names: dict[str, str | None]
    answer: float = Field(description="a probability, or the mean of a number")
    baseline: float = Field(description="the same of the baseline")
    detail: dict[str, Any]
    why: list[Reason] | None = None
    why_groups: list[GroupReason] | None = None


class Answer(Served):
    """The answer to a question."""

    template: str
    question: str
    unit: str
    race: str
    race_name: str
    role: str
    estimator: str
    baseline: str
    labels: list[str] = Field(description="what a reader must know to read the numbers right")
    rows: list[Row]


class Problem(BaseModel):
    """Why a request was not answered (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    found: str
    expected: str
    do: str
    near: list[str]


class RunningTest(BaseModel):
    """A test of two versions of a model: each race is answered by one of them, the other one is asked behind it."""

    champion: int
    challenger: int
    split: float = Field(description="share of the races that the challenger answers")
    at: str = Field(description="when it was declared: earlier races have no part in it")
    trouble: str = Field(description="why the challenger does not answer; empty where it does")


class ModelSummary(BaseModel):
    """A model that is served."""

    model: str
    templates: list[str]
    stage: str
    version: int
    content: str
    role: str
    estimator: str
    baseline: str
    run: str
    races: int = Field(description="that can be asked about")
    first: str | None
    last: str | None
    trouble: str = Field(description="why the version that is named live does not answer; empty where it does")
    test: RunningTest | None = None


class Models(BaseModel):
    """All models that are served."""

    models: list[ModelSummary]


class History(BaseModel):
    """What was decided about a model's versions, as it stood when it was exported."""

    model: str
    written: str
    versions: list[dict[str, Any]]
    champions: list[dict[str, Any]]
    history: list[dict[str, Any]]


class StoredForecast(BaseModel):
    """A stored forecast with its row of the track record."""

    file: str
    record: dict[str, Any] | None
    forecast: dict[str, Any]


class ForecastLine(BaseModel):
    """A stored forecast in a list."""

    file: str
    race: str
    race_name: str
    stage: str
    model: str
    version: int
    made_at: str
    in_time: bool | None


class Forecasts(BaseModel):
    """Stored forecasts, the newest first."""

    forecasts: list[ForecastLine]
    next: str | None = Field(description="give it as `after` for the next page; null on the last one")


class Championship(BaseModel):
    """The chances of both titles of a season, as they were last exported."""

    season: int
    world: str = Field(
        "", description="hash of what the meaning of an id depends on: sources, their settings, the seed"
    )
    written: str
    vintage: str
    data_age_s: int | None
    championship: dict[str, Any]


class Template(BaseModel):
    """A question that can be asked."""

    template: str
    question: str
    unit: str
    stages: list[str]
    served: list[str] = Field(description="models that answer it here, the latest stage first")


class Templates(BaseModel):
    """All questions."""

    templates: list[Template]


class Health(BaseModel):
    """The process answers."""

    status: str
    version: str


class Ready(BaseModel):
    """Whether questions are answered, by whom, and what is wrong."""

    ready: bool
    models: dict[str, int]
    troubles: dict[str, str]
    data_age_s: int | None
