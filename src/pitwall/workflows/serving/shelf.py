"""What a server tells beside new answers, from files that were exported: who is served, histories, stored forecasts, title chances."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from pitwall.domain.clock import wall
from pitwall.domain.project import Project
from pitwall.ml.templates import Template, templates
from pitwall.workflows.serving.answer import STAGES, Answers
from pitwall.workflows.serving.places import Place, read_json
from pitwall.workflows.serving.refusals import Refused, unknown, wrong

MOST = 100  # forecasts on a page


def models(answers: Answers) -> list[dict[str, Any]]:
    """Return every model that is served."""
    return [model(answers, name) for name in answers.models.names()]


def model(answers: Answers, name: str) -> dict[str, Any]:
    """Return one model that is served.

    Raises:
        Refused: it is not served.
    """
    champion = answers.models.get(name)
    if champion is None:
        raise unknown("model", name, answers.models.names(), "name one that is served")
    races = answers.catalogue.races(name)
    return {
        "model": name,
        "templates": list(champion.questions),
        "stage": champion.job.stage,
        "version": champion.version,
        "content": champion.about["content"],
        "role": champion.about["role"],
        "estimator": champion.model.name,
        "baseline": champion.baseline.name,
        "run": champion.about["page"],
        "races": len(races),
        "first": races[0].label if races else None,
        "last": races[-1].label if races else None,
        "trouble": answers.models.trouble(name),
        "test": _test(answers, name),
    }


def _test(answers: Answers, name: str) -> dict[str, Any] | None:
    """Return the test of two versions that runs under a name, and why its challenger does not answer."""
    contest = answers.models.contest(name)
    if contest is None:
        return None
    said = {each: getattr(contest.test, each) for each in ("champion", "challenger", "split", "at")}
    return {**said, "trouble": contest.trouble}


def history(answers: Answers, name: str) -> dict[str, Any]:
    """Return what was decided about a model's versions, as it was exported.

    Raises:
        Refused: it is not served.
    """
    model(answers, name)
    return read_json(Place(answers.project, name).history)


def questions(answers: Answers) -> list[dict[str, Any]]:
    """Return every question, and who answers it here."""
    served = set(answers.models.names())
    asked = {**templates(), **{name: each for model in served for name, each in _questions(answers, model).items()}}
    return [
        {
            "template": name,
            "question": each.question,
            "unit": each.unit,
            "stages": [str(stage) for stage in each.stages],
            "served": [
                f"{each.model}-{stage}" for stage in _latest_first(each.stages) if f"{each.model}-{stage}" in served
            ],
        }
        for name, each in sorted(asked.items())
    ]


class Forecasts:
    """The stored forecasts that were exported, by what their files say; a file is read once.

    Args:
        project: with a `serving` folder.
    """

    def __init__(self, project: Project) -> None:
        self._folder = project.serving / "forecasts"
        self._known: dict[str, dict[str, Any]] = {}

    def page(
        self, *, race: str | None, model: str | None, after: str | None, limit: int
    ) -> tuple[list[dict[str, Any]], str | None]:
        """Return stored forecasts, the newest first, and what comes after this page.

        Raises:
            Refused: `after` is none of them, or the limit is none.
        """
        if not 1 <= limit <= MOST:
            raise wrong("limit", found=str(limit), expected=f"1 to {MOST}", do="ask for fewer")
        lines = [line for line in self._lines() if race in {None, line["race"]} and model in {None, line["model"]}]
        names = [line["file"] for line in lines]
        if after is not None and after not in names:
            raise unknown("stored forecast", after, names, "take `next` of the page before")
        start = names.index(after) + 1 if after is not None else 0
        page = lines[start : start + limit]
        return page, page[-1]["file"] if start + limit < len(lines) else None

    def one(self, name: str) -> dict[str, Any]:
        """Return a stored forecast with its row of the track record.

        Raises:
            Refused: there is none of this name.
        """
        names = [line["file"] for line in self._lines()]
        if name not in names:
            raise unknown("stored forecast", name, names, "`GET /api/v1/forecasts` lists them")
        return read_json(self._folder / name)

    def _lines(self) -> list[dict[str, Any]]:
        there = {path.name: path for path in self._folder.glob("*.json")}
        for name, path in there.items():
            if name not in self._known:
                self._known[name] = _line(path)
        found = [line for name, line in self._known.items() if name in there]
        return sorted(found, key=lambda line: (line["made_at"], line["file"]), reverse=True)


def championship(project: Project, season: int | None) -> dict[str, Any]:
    """Return the chances of both titles of a season as they were exported; of the newest one when None.

    Raises:
        Refused: none was exported.
    """
    folder = project.serving / "championship"
    there = {int(path.stem): path for path in folder.glob("[0-9]*.json") if path.stem.isdecimal()}
    if not there:
        raise Refused(
            "state",
            "no title chances were exported",
            found="no season",
            expected="the season under way",
            do="`pitwall run race-weekend`, or `pitwall serve --export`",
        )
    if season is not None and season not in there:
        raise unknown(
            "season", str(season), map(str, there), "name an exported one; others: `pitwall championship --season`"
        )
    return read_json(there[season if season is not None else max(there)])


def counts(project: Project) -> dict[str, int]:
    """Return what was counted in the run store when it was last exported; nothing before that."""
    path = project.serving / "counts.json"
    if not path.is_file():
        return {}
    return {name: value for name, value in read_json(path).items() if isinstance(value, int)}


def watched(project: Project) -> dict[str, int]:
    """Return how many alarms the newest page of the monitoring has, and how old it is in seconds; nothing before the first one."""
    path = project.serving / "monitoring.json"
    if not path.is_file():
        return {}
    told = read_json(path)
    age = wall() - datetime.fromisoformat(told["at"])
    return {"alarms_open": told["alarms"], "monitoring_age_s": int(age.total_seconds())}


def _line(path: Path) -> dict[str, Any]:
    content = json.loads(path.read_text(encoding="utf-8"))
    record, made = content["record"], content["forecast"]
    return {
        "file": path.name,
        **{name: made[name] for name in ("race", "race_name", "stage", "model", "version", "made_at")},
        "in_time": record["in_time"] if record else None,
    }


def _questions(answers: Answers, model: str) -> Mapping[str, Template]:
    champion = answers.models.get(model)
    return champion.questions if champion else {}


def _latest_first(stages: tuple[str, ...]) -> list[str]:
    return sorted(
        map(str, stages), key=lambda stage: STAGES.index(stage) if stage in STAGES else len(STAGES), reverse=True
    )
