"""Distinct questions about races, drawn with a seed, and what the versions of a model say to each of them, to the last byte."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson

from pitwall.testing.load.client import Reply, post
from pitwall.workflows.serving.answer import Answers, Asked
from pitwall.workflows.serving.asked import Question
from pitwall.workflows.serving.bundle import Champion, load_bundle
from pitwall.workflows.serving.catalogue import Catalogue
from pitwall.workflows.serving.live_models import LiveModels
from pitwall.workflows.serving.places import Place
from pitwall.workflows.workspace import Workspace

FEWEST = 10  # cars of a question
IN_PLACE = "version {} answers in place of"  # how the label begins that tells of a version which cannot take over


@dataclass(frozen=True)
class Asking:
    """A question: where it is sent, what goes over the wire, and what the server reads in it."""

    template: str
    body: bytes
    question: Question

    def request(self, token: str = "") -> bytes:
        """Return the bytes of its request."""
        return post(f"/api/v1/predict/{self.template}", self.body, token)


def questions(workspace: Workspace, name: str, template: str, number: int, seed: int) -> list[Asking]:
    """Return distinct what-ifs about all races that were exported: some cars or all, from drawn slots or as they are known.

    Args:
        workspace: of a project that was exported.
        name: of the model, registered.
        template: that it answers.
        number: how many.
        seed: of the draws.
    """
    random, catalogue = np.random.default_rng(seed), Catalogue(workspace.project)
    races = [race.label for race in catalogue.races(name)]
    cars = {race: _cars(catalogue, name, race) for race in races}
    found: dict[bytes, Asking] = {}
    while len(found) < number:
        race = str(random.choice(races))
        size = random.integers(min(FEWEST, len(cars[race])), len(cars[race]) + 1)
        entries = [str(each) for each in random.choice(cars[race], size, replace=False)]
        slots = (random.permutation(size) + 1).tolist()
        grid = dict(zip(entries, slots, strict=True)) if random.integers(2) else None
        body = orjson.dumps({"race": race, "entries": entries, "grid_positions": grid})
        found[body] = Asking(template, body, Question(race, None, entries, grid))
    return list(found.values())


class Version(LiveModels):
    """One version of a model, which answers whatever is named live.

    Args:
        workspace: of the project.
        name: of the model, registered.
        number: of the version.
    """

    def __init__(self, workspace: Workspace, name: str, number: int) -> None:
        super().__init__(workspace.project, workspace.params)
        self.champion = load_bundle(workspace.job(name), Place(workspace.project, name).version(number))
        self.answers = Answers(workspace.project, workspace.params, self)

    def names(self) -> list[str]:
        """Return its name."""
        return [self.champion.job.name]

    def get(self, name: str) -> Champion | None:
        """Return the version."""
        return self.champion if name == self.champion.job.name else None

    def asked(self, asking: Asking) -> Asked:
        """Return a question as it is put to the model."""
        return self.answers.ask(asking.template, asking.question)

    def says(self, asking: Asking) -> dict[str, Any]:
        """Return the answer, without the age of the data."""
        asked = self.asked(asking)
        return self.answers.answer(asked, self.answers.rows(asked))


class Truth:
    """What versions say to questions, asked before any server runs.

    Args:
        says: by version the answers, without the age of the data; a reply names its question by number.
    """

    def __init__(self, says: Mapping[int, Sequence[dict[str, Any]]]) -> None:
        self._says = says

    @classmethod
    def of(cls, workspace: Workspace, name: str, versions: Sequence[int], asked: Sequence[Asking]) -> Truth:
        """Return what versions of a model say to questions."""
        by_number = {number: Version(workspace, name, number) for number in versions}
        return cls({number: [version.says(each) for each in asked] for number, version in by_number.items()})

    def holds(self, reply: Reply) -> bool:
        """Return whether an answer's bytes are what the version that it names says."""
        found = orjson.loads(reply.body)
        if found["version"] not in self._says:
            return False
        right, said = self._says[found["version"]][reply.which], found["labels"]
        kept = [label for label in said if label.startswith(IN_PLACE.format(found["version"]))]
        return reply.body == body_of({**right, "labels": [*kept, *right["labels"]]}, found["data_age_s"])


def body_of(answer: dict[str, Any], age: int | None) -> bytes:
    """Return an answer as it goes over the wire."""
    return orjson.dumps({"data_age_s": age, **answer})


def _cars(catalogue: Catalogue, name: str, race: str) -> list[str]:
    vectors = catalogue.vectors(name, race, name.rpartition("-")[2])
    return (
        [] if vectors is None else [refs["driver_id"] for refs in vectors.facts["refs"][: vectors.facts["taking_part"]]]
    )
