"""The wizard on a small project: every choice is in the address, what cannot be had says why, and what is posted is the order."""

from __future__ import annotations

import re
from html import unescape

import pytest

from pitwall.domain.access.permissions import Owner
from pitwall.domain.access.words import Tier
from pitwall.domain.errors import QuotaExceeded
from pitwall.domain.params import load_params
from pitwall.domain.tables import save_tables
from pitwall.features import groups
from pitwall.features.machinery.build import build_group
from pitwall.testing.schedule.runs import FakeRuns
from pitwall.web.paging import Ask
from pitwall.workflows.jobs import notes, shares, starting
from pitwall.workflows.orders.order import read

BUILT = ("driver_form", "team_form", "session")
ONE = "01234567-0123-0123-0123-0123456789ab"


@pytest.fixture(scope="module", autouse=True)
def built(served):
    """Some groups of features, as the features step makes them; the others are not there."""
    served.project.features.mkdir(parents=True, exist_ok=True)
    for name in BUILT:
        made = build_group(groups()[name], served.tables, load_params(served.project.params))
        made.to_parquet(served.project.features / f"{name}.parquet", index=False)


def text_of(answer) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def next_of(answer, label: str) -> str:
    found = re.search(rf'<a href="([^"]+)"[^>]*>{label}</a>', answer.text)
    assert found, text_of(answer)
    return unescape(found[1])


def order_in(answer):
    found = re.search(r'name="order" value="([^"]*)"', answer.text)
    assert found, text_of(answer)
    return read(unescape(found[1]))


def test_four_steps_from_a_card_to_an_order_with_everything_as_usual(browser):
    cards = browser.get("/new")
    assert next_of(cards, "Import Notebook") == "/new/import"
    data = browser.get(next_of(cards, "DNF Risk"))
    assert "cars of 15 races in 4 seasons" in text_of(data)
    features = browser.get(next_of(data, "Next: features"))
    assert "Known before the cut-off" in text_of(features)
    training = browser.get(next_of(features, "Next: training"))
    order = order_in(training)
    assert (order.question, order.stage, order.algorithm, order.seasons) == ("dnf", "pre_race", "logistic", ())
    assert "pitwall order train --question dnf" in text_of(training)
    assert "chosen features cannot be had" in text_of(training)


def test_what_cannot_be_trained_says_why(browser, served):
    save_tables({"laps": served.tables["laps"].iloc[:0]}, served.project.tables)
    try:
        cards = browser.get("/new")
    finally:
        save_tables({"laps": served.tables["laps"]}, served.project.tables)
    off = re.findall(r'<li class="card off"><h3>([^<]+)</h3>.*?<small>([^<]+)</small>', unescape(cards.text), re.S)
    assert dict(off)["Lap Time"] == "requires more data: the project's sources bring no laps"
    features = browser.get("/new/features?question=dnf&stage=pre_weekend")
    assert features.status_code == 200, text_of(features)
    assert re.search(r'value="session"[^>]* disabled>', features.text)
    assert "known only later: first known at" in text_of(features)
    assert "first known at" in text_of(browser.get("/new/features?question=dnf&stage=pre_weekend&csv=1"))


def test_choices_are_carried_in_the_address_and_all_is_none(browser):
    seasons = sorted(
        {int(each) for each in re.findall(r'name="seasons" value="(\d+)"', browser.get("/new/data?question=dnf").text)}
    )
    some = "&".join(f"seasons={each}" for each in seasons[:3])
    chosen = (
        f"question=dnf&{some}&weather=&street=no&groups=driver_form&groups=team_form&auto_tune=5&folds=1&name=my_dnf"
    )
    order = order_in(browser.get(f"/new/training?{chosen}"))
    assert order.seasons == tuple(seasons[:3])
    assert order.groups == ("driver_form", "team_form")
    assert (order.auto_tune, order.folds, order.name) == (5, 1, "my_dnf")
    assert order.conditions == {"street": False}
    back = browser.get(next_of(browser.get(f"/new/training?{chosen}"), "Back"))
    assert order_in(browser.get(next_of(back, "Next: training"))) == order
    every = "&".join(f"seasons={each}" for each in seasons)
    assert order_in(browser.get(f"/new/training?question=dnf&groups=driver_form&{every}")).seasons == ()


def test_what_is_in_the_way_takes_the_button_away(browser):
    page = browser.get("/new/training?question=dnf&groups=circuit_history")
    assert "no chosen feature has a value" in text_of(page)
    assert "/jobs/start" not in page.text
    one = browser.get("/new/training?question=dnf&groups=driver_form&seasons=2023")
    assert "one season is too few" in text_of(one)
    wet = browser.get("/new/data?question=dnf&weather=wet&seasons=2024")
    assert "No race is left" in text_of(wet)
    assert "only known after it" in text_of(wet)


def test_a_column_of_ones_own_needs_a_rule_and_gets_it(browser):
    page = browser.get("/new/custom?task=regression")
    assert "results.points" in page.text
    assert 'value="results.points" selected' in page.text
    rule = re.search(r'name="baseline">.*?<option value="([^"]+)"', page.text, re.S)
    training = browser.get(
        f"/new/training?question=results.points&task=regression&baseline={rule[1]}&groups=driver_form"
    )
    assert order_in(training).baseline == rule[1]
    without = browser.get("/new/training?question=results.points&task=regression&groups=driver_form")
    assert "needs the rule that a model must beat" in text_of(without)


def test_names_that_are_not_there_are_told_escaped(browser):
    for address in (
        "/new/data?question=<script>alert(1)</script>",
        "/new/data?question=dnff",
        "/new/data?question=dnf&groups=<b>",
    ):
        answer = browser.get(address)
        assert answer.status_code == 404
        assert "<script>alert" not in answer.text
        assert "<b>" not in answer.text.split("<main")[1]
    assert "dnf" in text_of(browser.get("/new/data?question=dnff"))


def test_nothing_starts_without_a_server_and_a_form_that_is_not_ours(browser, served):
    page = browser.get("/new/training?question=dnf&groups=driver_form")
    token = re.search(r'name="csrf" value="([^"]+)"', page.text)
    order = unescape(re.search(r'name="order" value="([^"]*)"', page.text)[1])
    refused = browser.post("/jobs/start", data={"order": order}, headers={"Origin": "http://localhost"})
    assert refused.status_code == 403
    headers = {"Origin": "http://localhost"}
    answer = browser.post(
        "/jobs/start", data={"order": order, "csrf": token[1]}, headers=headers, follow_redirects=False
    )
    assert answer.status_code == 409
    assert "pitwall up" in text_of(answer)
    assert notes.notes(served.project) == []


def test_jobs_of_which_nobody_knows_anything_are_said_to_be_so(browser, served):
    assert "Nothing was started yet" in text_of(browser.get("/jobs"))
    notes.started(served.project, ONE, "order", "dnf <b>at</b> pre_race", {"order": "question: dnf\n"})
    try:
        page = browser.get("/jobs")
        assert "unknown" in text_of(page)
        assert "<b>at</b>" not in page.text
        found = browser.get(f"/jobs/{ONE}")
        assert "Nobody knows how it stands: no Prefect server of this project answers" in text_of(found)
        assert browser.get("/jobs/..%2f..%2fparams.yaml").status_code in (404, 409)
        assert browser.get("/jobs/nothing").status_code == 409
    finally:
        (served.project.state / "jobs" / ONE / notes.STARTED).unlink()
    assert starting.jobs(served.workspace) == []


@pytest.fixture
def ada(served, monkeypatch):
    """Who asks is a member of a small tier, and a Prefect server is there whose worker takes nothing."""
    served.workspace.accounts.set_tier(Tier("small", jobs_per_day=1, dataset_mb=0.001))
    served.workspace.accounts.create("ada", ["read"], "small")
    runs = FakeRuns()
    monkeypatch.setattr(Ask, "owner", Owner("ada", tier="small"))
    monkeypatch.setattr(starting, "_server", lambda project: runs)
    monkeypatch.setattr(starting, "worker_alive", lambda project: True)
    yield runs
    for each in notes.notes(served.project):
        (served.project.state / "jobs" / each.id / notes.STARTED).unlink()


def test_the_tier_of_who_asks_is_told_and_holds(browser, served, ada):
    accounts, asked = served.workspace.accounts, "question=dnf&groups=driver_form"
    assert "of 0.001 MB in the tier small" in text_of(browser.get(f"/new/data?{asked}"))
    page = browser.get(f"/new/training?{asked}")
    assert "are more than the tier small may train on" in text_of(page)
    assert "/jobs/start" not in page.text
    with pytest.raises(QuotaExceeded, match="at most 0.001 MB in the tier small; choose fewer"):
        shares.see_fits(served.workspace, read("question: dnf\ngroups: [driver_form]\n"), "ada")
    accounts.set_tier(Tier("small", jobs_per_day=1))
    page = browser.get(f"/new/training?{asked}")
    assert "0 of 1 jobs of today are used in the tier small" in text_of(page)
    form = dict(re.findall(r'name="(csrf|order)" value="([^"]*)"', page.text))
    sent = {**form, "order": unescape(form["order"])}
    headers = {"Origin": "http://localhost"}
    began = browser.post("/jobs/start", data={**sent, "key": "a"}, headers=headers, follow_redirects=False)
    assert began.status_code == 303
    assert notes.notes(served.project)[0].owner == "ada"
    refused = browser.post("/jobs/start", data={**sent, "key": "b"}, headers=headers, follow_redirects=False)
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) <= 86_400
    assert "at most 1 a day in the tier small" in text_of(refused)
    assert len(ada.all) == 1


def test_a_gpu_is_offered_where_algorithm_and_tier_have_one(browser, served, ada):
    asked = "question=dnf&groups=driver_form"
    served.workspace.accounts.set_tier(Tier("small"))
    offered = browser.get(f"/new/training?{asked}&algorithm=xgboost").text
    assert re.search(r'<option value="cuda"[^>]*disabled', offered) and "the tier small has none" in offered
    assert 'value="cuda"' not in browser.get(f"/new/training?{asked}&algorithm=logistic").text
    page = browser.get(f"/new/training?{asked}&algorithm=xgboost&device=cuda")
    assert "the tier small has no GPU" in text_of(page) and "/jobs/start" not in page.text
    ordered = read("question: dnf\ngroups: [driver_form]\nalgorithm: xgboost\ndevice: cuda\n")
    with pytest.raises(QuotaExceeded, match="found a GPU; expected none in the tier small"):
        starting.start(served.workspace, ordered, "k", "ada")
    served.workspace.accounts.set_tier(Tier("small", gpu=True))
    page = browser.get(f"/new/training?{asked}&algorithm=xgboost&device=cuda")
    assert "/jobs/start" in page.text and "device: cuda" in unescape(page.text)
    page = browser.get(f"/new/training?{asked}&algorithm=logistic&device=cuda")
    assert "logistic learns on the processor alone" in text_of(page) and "/jobs/start" not in page.text


def test_a_job_is_shown_to_its_owner_and_to_an_admin_alone(browser, served, ada, monkeypatch):
    notes.started(served.project, ONE, "order", "a secret order", {}, notes.Terms("ben"))
    served.workspace.accounts.set_tier(Tier("small"))
    page = browser.get("/new/training?question=dnf&groups=driver_form")
    csrf = re.search(r'name="csrf" value="([^"]+)"', page.text)
    assert csrf, text_of(page)
    assert "a secret order" not in browser.get("/jobs").text
    assert "a secret order" not in browser.get(f"/jobs/{ONE}").text
    data, headers = {"csrf": csrf[1]}, {"Origin": "http://localhost"}
    for address, more in ((f"/jobs/{ONE}/cancel", {}), ("/jobs/judge", {"model": "order-pre_race", "version": "1"})):
        answer = browser.post(address, data={**data, **more}, headers=headers, follow_redirects=False)
        assert "ada may not" in text_of(answer), address
    monkeypatch.setattr(Ask, "owner", Owner("cy", "admin", "small"))
    assert "a secret order" in text_of(browser.get("/jobs"))
    assert "ben" in text_of(browser.get("/jobs"))
    assert browser.get(f"/jobs/{ONE}").status_code == 200
