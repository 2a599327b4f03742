"""What the page of a job says and offers in each state: nothing that is not so, and the next thing to do."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pitwall.domain.refs import Verdict
from pitwall.web.blocks import Again, Form, Link, Links, Status
from pitwall.web.wizard.job import job_parts
from pitwall.workflows.jobs.job import Job, JobStep
from pitwall.workflows.jobs.notes import Note

ONE = "01234567-0123-0123-0123-0123456789ab"
ORDER = Note(
    ONE, "order", "dnf at pre_race, logistic", {"order": "question: dnf\nname: my_risk\n"}, "2024-05-04T18:00:00Z"
)
DEPLOY = Note(
    ONE, "deploy", "deploy my_risk", {"draft": "dnf_01234567-pre_race", "name": "my_risk"}, "2024-05-04T18:00:00Z"
)
SAID = Verdict("beats_baseline", False, -0.1, 0.0, "brier", "it does not").row()
TRAINED = {"draft": "dnf_01234567-pre_race", "run_id": "0" * 32, "verdicts": [SAID]}
DECIDED = {
    "model": "my_risk-pre_race",
    "version": 1,
    "promoted": True,
    "outcome": "champion is version 1",
    "verdicts": [SAID],
}


def blocks(job, approval="auto"):
    return [block for part in job_parts(job, approval) for block in part.blocks]


def of_kind(found, kind):
    return [block for block in found if isinstance(block, kind)]


def links(found):
    return {link.text: link.to for each in of_kind(found, Links) for link in each.links}


@pytest.mark.parametrize("state", ["waiting", "starting", "running", "cancelling", "unknown"])
def test_an_open_job_is_looked_at_again_and_can_be_cancelled(state):
    found = blocks(Job(ORDER, state, "because", 3.0, (JobStep("rows", "the rows", "running", 3.0),)))
    assert of_kind(found, Again)[0].name == "job"
    assert [form.to for form in of_kind(found, Form)] == [f"/jobs/{ONE}/cancel"]
    status = of_kind(of_kind(found, Again)[0].blocks, Status)[0]
    assert "because" in status.text
    assert "0 of 1 steps done" in status.text


def test_a_trained_order_is_deployed_under_the_name_that_was_wished():
    found = blocks(Job(ORDER, "ended", result=TRAINED))
    assert not of_kind(found, Again)
    form = of_kind(found, Form)[0]
    values = {field.name: field.value for field in form.fields}
    assert (form.to, values["draft"], values["name"]) == ("/jobs/deploy", "dnf_01234567-pre_race", "my_risk")
    assert "approve" not in values
    assert links(found)["Its experiment"] == f"/experiments/{'0' * 32}"
    asked = of_kind(blocks(Job(ORDER, "ended", result=TRAINED), "one"), Form)[0]
    assert {"approve", "note"} <= {field.name for field in asked.fields}


def test_a_promoted_model_answers_and_of_a_refused_one_is_said_what_does():
    promoted = blocks(Job(DEPLOY, "ended", result=DECIDED))
    assert links(promoted)["See its forecast"] == "/?model=my_risk-pre_race"
    refused = blocks(Job(DEPLOY, "ended", result={**DECIDED, "promoted": False, "outcome": "beats_baseline refused"}))
    assert "See its forecast" not in links(refused)
    assert links(refused)["See what answers under its name"] == "/?model=my_risk-pre_race"
    assert "stays a candidate" in of_kind(refused, Status)[0].text


@pytest.mark.parametrize("state", ["failed", "died", "cancelled"])
def test_what_did_not_end_can_be_ordered_again(state):
    job = Job(ORDER, state, "its process was killed")
    found = blocks(job)
    assert not of_kind(found, Form)
    assert links(found)["Order it again"].startswith("/new/training?question=dnf")
    assert "killed" in of_kind(found, Status)[0].text
    assert not isinstance(blocks(replace(job, note=DEPLOY))[0], Link)
