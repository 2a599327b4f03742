"""The answer to a question about a race: by the champion that is served, from exported vectors, with all that says where it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

import pandas as pd

from pitwall.domain.clock import wall
from pitwall.domain.params import Params
from pitwall.domain.project import Project
from pitwall.domain.records.stored_forecasts import CALLED
from pitwall.domain.tables import Tables
from pitwall.domain.when import CUTOFF_COLUMN
from pitwall.ml.evaluation.scoring import called
from pitwall.ml.families.predictions import numbers_beside
from pitwall.ml.forecasting.explanations import Why, reasons
from pitwall.ml.forecasting.forecast import EXPLAINED, JUDGED, LEARNED, fresh_answer, judged_answer
from pitwall.ml.forecasting.saying.rows import SHOWN, said_rows
from pitwall.ml.templates import Template, templates
from pitwall.workflows.serving.ab.contest import Given
from pitwall.workflows.serving.asked import Question, Rows, instant_of, rows_of
from pitwall.workflows.serving.bundle import Champion
from pitwall.workflows.serving.catalogue import Catalogue, Known, find
from pitwall.workflows.serving.live_models import LiveModels
from pitwall.workflows.serving.refusals import Refused, unknown
from pitwall.workflows.serving.vectors import Vectors

STAGES = tuple(str(stage) for stage in CUTOFF_COLUMN)
BASELINE = "the baseline is the champion: it answers itself"
KEPT = "version {} answers in place of the one that is named live: {}"


@dataclass(frozen=True)
class Asked:
    """A question that was found answerable: under which name it was asked, which one it is, who answers, what it reads, and in which test."""

    name: str
    template: Template
    champion: Champion
    vectors: Vectors
    question: Question
    given: Given | None = None

    @property
    def labels(self) -> tuple[str, ...]:
        """What a reader must know of a test of two versions."""
        return self.given.labels if self.given else ()

    @property
    def arm(self) -> str:
        """Whether this is the answer or its shadow, of a race in a test; empty of others."""
        return self.given.arm(self.champion) if self.given else ""

    @property
    def shadow(self) -> Asked | None:
        """The same question for the arm that does not answer; None where none is asked."""
        other = self.given.shadow if self.given else None
        return None if other is None or self.champion is other else replace(self, champion=other)

    @property
    def key(self) -> tuple[str, ...]:
        """What the answer depends on beside the question itself: who answers, from what, in which test."""
        name, version = self.champion.job.name, str(self.champion.version)
        return self.name, name, version, self.vectors.digest, *self.labels


class Answers:
    """Answers questions of one project.

    Args:
        project: with a `serving` folder.
        params: the project's parameters.
        models: who answers.
    """

    def __init__(self, project: Project, params: Params, models: LiveModels) -> None:
        self.project, self.params, self.models = project, params, models
        self.catalogue = Catalogue(project)

    def ask(self, name: str, question: Question) -> Asked:
        """Return what answers a question.

        Args:
            name: of a template.
            question: about a race.

        Raises:
            Refused: a name is not known, nobody answers, or nothing was exported for that race and instant.
        """
        template = self._template(name)
        names = self._names(template)
        known = {each: self.catalogue.known(each) for each in names}
        label = _next(known) if question.race is None else find(question.race, known.values())
        chosen = _as_of(known, label, question.as_of)
        champion, vectors = self._found(chosen, label)
        contest = self.models.contest(chosen)
        given = contest.given(champion, vectors.facts) if contest else None
        return Asked(name, template, given.answers if given else champion, vectors, question, given)

    def rows(self, asked: Asked) -> Rows:
        """Return what the model reads.

        Raises:
            Refused: cars or slots cannot be.
        """
        return rows_of(asked.champion, asked.vectors, asked.question)

    def answer(self, asked: Asked, rows: Rows, *, why: bool = False) -> dict[str, Any]:
        """Return the answer as JSON, without the age of the data.

        Args:
            asked: what was found.
            rows: what the model reads.
            why: with reasons for every row.
        """
        champion, facts = asked.champion, asked.vectors.facts
        definition, template = champion.definition, asked.template
        ours, told = _said(champion, "model", rows, facts)
        theirs, _ = _said(champion, "baseline", rows, facts)
        because = reasons(champion.model, rows.frame, lambda: champion.beside) if why else []
        columns, calls = rows.columns((*definition.kind.own, *SHOWN)), _calls(champion, facts, ours)
        explained = [EXPLAINED] if JUDGED in told and any(each.features for each in because) else []
        return {
            "template": asked.name,
            "question": template.question,
            "unit": template.unit,
            "race": facts["race"]["label"],
            "race_name": facts["race"]["name"],
            **about(champion, facts),
            "labels": [*asked.labels, *self._standing(champion), *rows.labels, *told, *explained, *facts["called"]],
            "rows": [
                {
                    "keys": row.keys,
                    "names": rows.names[row.at],
                    "answer": row.answers[template.name],
                    "baseline": row.baseline[template.name],
                    "detail": row.detail,
                    **(_because(because[row.at]) if why else {}),
                }
                for row in said_rows(definition, columns, ours, theirs, (template,), calls)
            ],
        }

    def _template(self, name: str) -> Template:
        """Return a question: of those that somebody answers, else of all, which takes a look at every file that may hold one."""
        for served in self.models.names():
            champion = self.models.get(served)
            if champion is not None and name in champion.questions:
                return champion.questions[name]
        known = templates()
        if name not in known:
            raise unknown("template", name, known, "name one of them")
        return known[name]

    def _names(self, template: Template) -> list[str]:
        """Return the models that answer a template and are served, the latest stage first."""
        stages = [stage for stage in template.stages if self.models.get(f"{template.model}-{stage}")]
        ordered = sorted(
            stages, key=lambda stage: STAGES.index(stage) if stage in STAGES else len(STAGES), reverse=True
        )
        if not ordered:
            raise Refused(
                "state",
                f"nobody answers {template.name}",
                found=f"no {template.model} model that is served",
                expected="a champion, or a baseline in its place",
                do=f"`pitwall train {template.model}-{template.stages[0]}`, then `pitwall promote` it",
                near=self.models.names(),
            )
        return [f"{template.model}-{stage}" for stage in ordered]

    def _found(self, name: str, label: str) -> tuple[Champion, Vectors]:
        champion, vectors = self.models.get(name), self.catalogue.vectors(name, label, name.rpartition("-")[2])
        if champion is None or vectors is None:  # a name goes only with its folder: somebody removes it just now
            raise Refused(
                "state",
                f"{label} cannot be asked now",
                found=f"no vectors of {name}",
                expected="those that were exported",
                do="ask again, or `pitwall serve --export`",
            )
        return champion, vectors

    def _standing(self, champion: Champion) -> list[str]:
        if self.models.get(champion.job.name) is not champion:
            return []  # a challenger
        kept = self.models.trouble(champion.job.name)
        return [
            *([BASELINE] if champion.about["role"] == "baseline" else []),
            *([KEPT.format(champion.version, kept)] if kept else []),
        ]


def _next(known: Mapping[str, Mapping[str, Known]]) -> str:
    """Return the label of the next race that somebody can be asked about; of the last one where none comes."""
    races = [race for own in known.values() for race in own.values()]
    if not races:
        raise Refused(
            "state",
            "no race was exported",
            found="no vectors",
            expected="those of the races that can be asked about",
            do="`pitwall serve --export`",
        )
    coming = [race for race in races if not race.run]
    return max(coming or races, key=lambda race: race.label).label


def _as_of(races: Mapping[str, Mapping[str, Known]], label: str, as_of: str | None) -> str:
    """Return the model that answers a race at an instant."""
    known = {name: race for name, own in races.items() if (race := own.get(label))}
    if as_of is None:
        return next(iter(known or races))
    stages = {name.rpartition("-")[2]: name for name in known}
    if as_of in stages:
        return stages[as_of]
    if as_of in (*STAGES, "in_race"):
        raise unknown("cut-off", as_of, [*stages, *(race.cutoff for race in known.values())], "name an exported one")
    instant = instant_of(as_of)
    for name, race in known.items():
        if datetime.fromisoformat(race.cutoff) == instant:
            return name
    near = sorted(known.values(), key=lambda race: abs(datetime.fromisoformat(race.cutoff) - instant))
    raise Refused(
        "unknown",
        "nothing was exported as of then",
        found=as_of,
        expected=", ".join([*stages, *sorted(race.cutoff for race in known.values())]),
        do="name an exported cut-off; forecasts of another instant are made by `pitwall forecast`",
        near=[race.cutoff for race in near],
    )


def about(champion: Champion, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return where an answer comes from: version, content, stage, cut-off, vintage of the data, and the run."""
    return {
        "model": champion.job.name,
        "version": champion.version,
        "content": champion.about["content"],
        "stage": facts["stage"],
        "cutoff": facts["cutoff"],
        "vintage": facts["vintage"],
        "run": champion.about["page"],
        "role": champion.about["role"],
        "estimator": champion.model.name,
        "baseline": champion.baseline.name,
    }


def age_of(vintage: str, now: datetime | None = None) -> int | None:
    """Return how many seconds ago the newest snapshot was fetched; None where nobody knows."""
    if not vintage:
        return None
    return int(((now or wall()) - datetime.fromisoformat(vintage)).total_seconds())


def _because(why: Why) -> dict[str, Any]:
    return {"why": [asdict(each) for each in why.features], "why_groups": [asdict(each) for each in why.groups]}


def _said(champion: Champion, part: str, rows: Rows, facts: Mapping[str, Any]) -> tuple[pd.DataFrame, list[str]]:
    """Return the predictions of the model or its baseline, and what must be said of them."""
    run = facts["race"]["run"]
    stored = champion.judged[part].get(facts["race"]["race_id"]) if run and rows.as_known else None
    if stored is not None and (own := judged_answer(stored, rows.frame, champion.definition)) is not None:
        return own, [JUDGED]
    model = champion.model if part == "model" else champion.baseline
    told = [LEARNED] if run else []
    if champion.beside_answers is None:
        return fresh_answer(model, rows.frame, champion.definition), told
    answer = model.fitted.answer(rows.read_by(model.recipe, champion.reads[part]))
    beside = rows.columns(champion.beside_answers)
    return (numbers_beside(answer, beside) if beside else answer), told


def _calls(champion: Champion, facts: Mapping[str, Any], ours: pd.DataFrame) -> list[dict[str, str]]:
    """Return the class that is called of each row, by the shares that were exported, where a question has a rule for that."""
    for each in champion.questions.values():
        if each.call is not None and each.name in facts["shares"]:
            shares = pd.DataFrame([dict(facts["shares"][each.name])], index=[facts["race"]["race_id"]])
            found = called(
                replace(each, call=replace(each.call, found=partial(_as_exported, shares))), ours, Tables({})
            )
            return [] if found is None else [{CALLED: str(name)} for name in found]
    return []


def _as_exported(shares: pd.DataFrame, _tables: Tables) -> pd.DataFrame:
    return shares
