"""`params.yaml`, typed and frozen: every number that changes a result, and nothing else.

Unknown keys are refused with the nearest known one. Plug-ins own the meaning of their section: `sources.<name>` and
`features.<group>` are checked by the plug-in's own `Settings` model. `sources` names the data sources in use: one that
brings results, and any number that bring laps; besides its settings a source may have a `location`. `plugins` names files of
the project that are plug-ins (`pitwall.domain.plugins`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, Self, TypeVar
from zoneinfo import available_timezones

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from pitwall.domain.errors import ShuffledFolds, UnknownName, UsageError
from pitwall.domain.sections.duel import DuelParams
from pitwall.domain.sections.live import LiveParams
from pitwall.domain.sections.monitoring import ModelMonitoring, MonitoringParams

FORWARD = ("expanding", "rolling")
SHUFFLING = ("shuffl", "fold", "random", "stratif", "cross")  # words by which people ask for folds that mix races
Scalar = bool | int | float | str | None
S = TypeVar("S", bound="Section")


class Section(BaseModel):
    """A frozen group of parameters that refuses unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class TimeParams(Section):
    """The time rules: assumed instants where none was recorded, and publication delays. All in UTC and hours."""

    race_start_utc: str = "13:00"
    qualifying_before_race_h: float = 23
    practice_before_race_h: float = 50
    race_lasts_h: float = 2
    session_lasts_h: float = 1
    race_known_after_h: float = 3
    session_known_after_h: float = 1
    grid_known_before_race_h: float = 1
    entries_known_before_practice_h: float = 24


class IngestParams(Section):
    """What a new snapshot may lack: the share of a table's lines of one season that may be set aside."""

    max_set_aside: float = Field(0.02, ge=0, le=1)


class TeamName(Section):
    """A name that a team runs under: any other name of that team (null: a team of its own), and the first season."""

    joins: str | None
    since: int | None = Field(None, ge=1950, le=2100)


class FoldParams(Section):
    """How folds go forward in time, by whole races. Settings that are left at their default are no part of a hash.

    Attributes:
        folds: `expanding` learns from all seasons before the scored ones, `rolling` from the last few of them.
        window_seasons: how many, of `rolling`.
        embargo_races: the last races before the scored ones that are left out, whatever the window.
    """

    folds: Literal["expanding", "rolling"] = Field("expanding", exclude_if=lambda kind: kind == "expanding")
    window_seasons: int | None = Field(None, ge=1, exclude_if=lambda seasons: seasons is None)
    embargo_races: int = Field(0, ge=0, exclude_if=lambda races: not races)

    @field_validator("folds", mode="before")
    @classmethod
    def _forward(cls, folds: object) -> object:
        if isinstance(folds, str) and folds not in FORWARD and any(word in folds.lower() for word in SHUFFLING):
            raise ShuffledFolds(folds)
        return folds

    @model_validator(mode="after")
    def _windowed(self) -> Self:
        if (self.folds == "rolling") != (self.window_seasons is not None):
            raise ValueError("`folds: rolling` needs window_seasons, and `expanding` has none")
        return self

    @property
    def way(self) -> FoldParams:
        """The folds alone, of a section that has more."""
        return FoldParams(**{name: getattr(self, name) for name in FoldParams.model_fields})

    def told(self) -> str:
        """Return the folds in words; nothing where they are as usual."""
        window = f"the last {self.window_seasons} seasons" if self.window_seasons else "all seasons"
        left_out = f", {self.embargo_races} races left out in between" if self.embargo_races else ""
        return f"{self.folds} folds: {window} before the scored one{left_out}" if self.way != FoldParams() else ""


class TrainingParams(FoldParams):
    """Seasons kept for judging and for tuning, counted back from the last completed season; folds of judging and backtests."""

    held_out_seasons: int = Field(5, ge=1)
    validation_seasons: int = Field(3, ge=1)


class TuningParams(FoldParams):
    """The search of a training: trial 0 is the estimator's default configuration; folds of validation.

    Attributes:
        method: how trials are chosen; at its default, like `pruner`, it is no part of a hash.
        pruner: which trials are stopped early.
    """

    trials: int = Field(20, ge=1)
    startup_trials: int = 6
    pruner_warmup_rounds: int = 40
    method: Literal["tpe", "gp", "random", "grid"] = Field("tpe", exclude_if=lambda name: name == "tpe")
    pruner: Literal["median", "hyperband", "none"] = Field("median", exclude_if=lambda name: name == "median")


class GateParams(Section):
    """Limits of the validation gates; docs/gates.md says what each one is for."""

    margin: float = 0.05
    confidence: float = 0.95
    bootstrap_draws: int = 4000
    ece: float = 0.02
    ece_min_rows: int = 4000
    coverage: float = 0.03
    latency_ms: float = 50.0
    min_races: int = 40
    slice_races: int = Field(10, ge=3)
    size_mb: float = 5.0
    overdue_days: float = 8.0


class ModelParams(Section):
    """How one model is trained: its estimator, the first season it learns from, the stages it answers at.

    Attributes:
        tuning: the search's budget for this model, where it is another than that of all models.
        gates: limits of this model's gates that are others than those of all models.
        seed: where it is another than that of all models.
        folds: of its judgement and validation, where they are others than those of all models.
        held_out_seasons: how many it is judged on, where they are others.
        params: of the estimator, where they are others than its defaults: trial 0 of its search.
        settled: `params` are all of them, found by a search of its own: nothing is left to search.
        monitoring: what is other for this model; it changes no model and is no part of a hash.
    """

    estimator: str = "stack"
    first_season: int = 1998
    stages: tuple[str, ...] = ("pre_race", "pre_weekend")
    tuning: TuningParams | None = None
    gates: dict[str, float] = {}
    seed: int | None = Field(None, exclude_if=lambda seed: seed is None)  # left at its default it is no part of a hash
    folds: FoldParams | None = Field(None, exclude_if=lambda folds: folds is None)
    held_out_seasons: int | None = Field(None, ge=1, exclude_if=lambda seasons: seasons is None)
    params: dict[str, Any] = Field({}, exclude_if=lambda params: not params)
    settled: bool = Field(False, exclude_if=lambda settled: not settled)
    monitoring: ModelMonitoring | None = Field(None, exclude=True)

    @field_validator("gates")
    @classmethod
    def _known(cls, gates: dict[str, float]) -> dict[str, float]:
        for name in gates:
            if name not in GateParams.model_fields:
                raise UnknownName("gate limit", name, GateParams.model_fields)
        return gates


class PromotionParams(Section):
    """Who must approve: nobody (recorded as `policy:auto`), one person, or two; and what they need to read before.

    `documentation: required` refuses an approval of an experiment that is not written up. Left at its default it is no part of a hash.
    """

    approval: Literal["auto", "one", "two"] = "auto"
    documentation: Literal["none", "required"] = Field("none", exclude_if=lambda kind: kind == "none")


class ScheduleParams(Section):
    """When flows run by themselves, beside the sessions of the calendar; at their defaults all but the first are no part of a hash.

    Attributes:
        race_weekend: a cron line, for what the calendar does not know of.
        monitor: a cron line, for weeks without a race.
        timezone: in which these lines are read, by its IANA name; the instants of sessions are UTC and need none.
        latest_before_session_h: a run that has to forecast a session begins this much before it at the latest.
    """

    race_weekend: str = "0 10 * * 0"
    monitor: str = Field("0 8 * * 1", exclude_if=lambda line: line == "0 8 * * 1")
    timezone: str = Field("UTC", exclude_if=lambda name: name == "UTC")
    latest_before_session_h: float = Field(0.5, ge=0, exclude_if=lambda hours: hours == 0.5)

    @field_validator("timezone")
    @classmethod
    def _exists(cls, name: str) -> str:
        if name not in available_timezones():
            raise UnknownName("time zone", name, available_timezones())
        return name


class Params(Section):
    """The whole of params.yaml."""

    seed: int = 7
    plugins: tuple[str, ...] = Field((), exclude_if=lambda files: not files)  # without any, they are no part of a hash
    sources: dict[str, dict[str, Scalar]] = {"synthetic": {}}
    ingest: IngestParams = IngestParams()
    teams: dict[str, TeamName] = {}
    time: TimeParams = TimeParams()
    features: dict[str, dict[str, Scalar]] = {}
    models: dict[str, ModelParams] = {"order": ModelParams()}
    training: TrainingParams = TrainingParams()
    tuning: TuningParams = TuningParams()
    gates: GateParams = GateParams()
    promotion: PromotionParams = PromotionParams()
    schedule: ScheduleParams = ScheduleParams()
    monitoring: MonitoringParams = Field(MonitoringParams(), exclude=True)  # it changes no model
    duel: DuelParams = Field(DuelParams(), exclude_if=lambda duel: duel == DuelParams())  # it changes no model
    live: LiveParams = Field(LiveParams(), exclude=True)  # it changes no model

    def of_model(self, settings: ModelParams) -> Params:
        """Return the parameters with what a model's own settings say of tuning, gates, seed and folds."""
        folds = {name: getattr(settings.folds, name) for name in FoldParams.model_fields} if settings.folds else {}
        held = {"held_out_seasons": settings.held_out_seasons} if settings.held_out_seasons else {}
        own: dict[str, Any] = {
            "gates": self.gates.model_copy(update=dict(settings.gates)),
            "tuning": (settings.tuning or self.tuning).model_copy(update=folds),
            "training": self.training.model_copy(update=folds | held),
            "seed": self.seed if settings.seed is None else settings.seed,
        }
        return self.model_copy(update=own)


def load_params(path: Path) -> Params:
    """Read and check params.yaml, as YAML 1.2 like DVC, which rewrites it: there an unquoted 13:00 is a text.

    Raises:
        UsageError: the file is missing, is no YAML mapping, or a value has the wrong type or range.
        UnknownName: a key is unknown.
    """
    try:
        content = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UsageError(f"{path.name} is missing; restore it with `git checkout {path.name}`.") from None
    except YAMLError as error:
        raise UsageError(f"{path.name} is not valid YAML: {error}") from error
    if not isinstance(content, dict):
        raise UsageError(f"{path.name} must be a mapping of sections; found {type(content).__name__}.")
    return parse_params(content)


def parse_params(content: dict[str, Any]) -> Params:
    """Check a mapping against the parameter model; see `load_params` for the errors."""
    if "source" in content:
        raise UsageError(_OLD_SOURCE)
    try:
        return Params.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        if first["type"] == "extra_forbidden":
            raise UnknownName("parameter", where, known_parameters()) from None
        raise UsageError(f"params.yaml: {where}: {first['msg']} (found {first['input']!r})") from None


_OLD_SOURCE = (
    "params.yaml has a `source:` section, which is no longer read; several sources may now be used at once. Write the name "
    "and location below `sources:` instead, e.g. `sources: {ergast: {location: PATH}}`, and remove `source:`; or take the "
    "shipped file again (`git checkout params.yaml`) and run `pitwall data use NAME [--location PATH_OR_URL]`."
)


def section_settings(model: type[S], values: dict[str, Scalar], where: str) -> S:
    """Build a plug-in's `Settings` from its section of params.yaml, refusing unknown keys with the nearest known one."""
    unknown = sorted(set(values) - set(model.model_fields))
    if unknown:
        raise UnknownName("parameter", f"{where}.{unknown[0]}", [f"{where}.{name}" for name in model.model_fields])
    try:
        return model.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join([where, *map(str, first["loc"])])  # a rule about several parameters has no place of its own
        raise UsageError(f"params.yaml: {place}: {first['msg']} (found {first['input']!r})") from None


def known_parameters() -> list[str]:
    """Return the dotted names of all fixed parameters."""
    names: list[str] = []
    for section, info in Params.model_fields.items():
        kind = info.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            names += [f"{section}.{name}" for name in kind.model_fields]
        names.append(section)
    return names + [f"models.order.{name}" for name in ModelParams.model_fields]
