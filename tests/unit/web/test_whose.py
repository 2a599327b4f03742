"""A matrix over all routes: a member can neither read nor deploy, delete, cancel or publish what is another's. A route that is in none of
its sets fails the test: whoever adds one says whose the things are that it names, and what is asked of another's here.
"""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from pitwall.domain.access.permissions import MEMBER
from pitwall.domain.access.serving_settings import ServingSettings
from pitwall.domain.params import load_params
from pitwall.domain.project import Project
from pitwall.domain.settings import ACCOUNTS_VARIABLE
from pitwall.serving.app import routes_of
from pitwall.serving.gate import PUBLIC, access_of
from pitwall.testing.bundles.honest import Signer, honest_bundle
from pitwall.testing.fakes.ports import FakeRegistry
from pitwall.testing.fakes.run_store import FakeTracker
from pitwall.testing.logins import browser_of, log_in, token_of
from pitwall.testing.passwords import cheap_passwords
from pitwall.testing.schedule.runs import FakeRuns
from pitwall.web.app import create_pages
from pitwall.web.entry import needs_of
from pitwall.web.paging import PageRoute
from pitwall.workflows.hub import receiving
from pitwall.workflows.hub.trust import own_key
from pitwall.workflows.importing.importing import Imported
from pitwall.workflows.importing.kept import keep
from pitwall.workflows.jobs import notes, standing, starting
from pitwall.workflows.orders.order import TrainingOrder
from pitwall.workflows.people import accounts
from pitwall.workflows.workspace import Workspace

SECRET = {"ada": "a door with five hinges", "ben": "seven birds on a wire", "cat": "three cups and a spoon"}
PARAMS = Path(__file__).resolve().parents[3] / "params.yaml"
REFUSED = "This is not yours to do"
DRAFT, MODEL = "dnf_0123-pre_race", "hers-pre_race"

# what belongs to the project: who has logged in reads it
PROJECTS = {
    "/",
    *("/why", "/places", "/championship", "/compare", "/forecasts", "/forecasts/{file}", "/live", "/live/{race}"),
    *("/data", "/data/quarantine", "/data/differences", "/data/{name}", "/features", "/features/{group}"),
    *("/experiments", "/experiments/{run}", "/experiments/{run}/curves", "/experiments/{run}/importance"),
    *("/experiments/{run}/download", "/lineage", "/lineage/{thing:path}", "/monitoring", "/monitoring/{week}"),
    *("/models", "/models/{name}", "/models/{name}/worth", "/models/{name}/{version}", "/models/{name}/{version}/card"),
    *("/record", "/record/verify", "/record/duel", "/record/duel/template"),
    *("/new", "/new/custom", "/new/data", "/new/features", "/new/training", "/new/import"),
    *("/login", "/static/{version}/{name}"),
    *("/hub", "/hub/{name}", "/hub/{name}/fork", "/quarantine/{bundle}"),
    *("/models/{name}/{version}/share", "/models/{name}/{version}/share/files"),
}
# what everybody may do with what is shared; that nobody rates a model of their own is tried in hub/test_hub_pages.py
SHARED = {("POST", f"/hub/{{name}}/{what}") for what in ("download", "verify", "again", "rate")}
# what names nobody's things but those of who asks; another's session is tried in test_entry.py
OWN = {
    ("GET", "/account"),
    ("GET", "/jobs"),
    *(("POST", path) for path in ("/login", "/logout", "/account/end", "/account/password", "/account/delete")),
    *(("POST", path) for path in ("/record/duel", "/jobs/start", "/new/import/look", "/hub/bring")),
}


@dataclass(frozen=True)
class Theirs:
    """How a thing of cat's is asked for: what stands in the path, and what is sent."""

    path: dict[str, str] = field(default_factory=dict)
    form: dict[str, str] = field(default_factory=dict)


WHOSE = {
    ("GET", "/jobs/{number}"): Theirs({"number": "JOB"}),
    ("POST", "/jobs/{number}/cancel"): Theirs({"number": "JOB"}),
    ("POST", "/jobs/deploy"): Theirs(form={"draft": DRAFT, "name": "mine"}),
    ("POST", "/jobs/judge"): Theirs(form={"model": MODEL, "version": "1"}),
    ("POST", "/models/{name}/{version}/share"): Theirs({"name": MODEL, "version": "1"}, {"name": "mine", "key": "yes"}),
    ("GET", "/new/import/{number}"): Theirs({"number": "IMPORT"}),
    ("POST", "/hub/{name}/withdraw"): Theirs({"name": "hers"}),
}
# without a token nobody is let in, and what is answered is the project's
API = {
    "/metrics",
    *(f"/api/v1/{path}" for path in ("templates", "models", "models/{name}", "models/{name}/history")),
    *(f"/api/v1/{path}" for path in ("forecasts", "forecasts/{file}", "championship", "live", "live/{race}")),
    *(f"/api/v1/{path}" for path in ("predict/{template}", "explain/{template}")),
}


@pytest.fixture(scope="module")
def patch():
    with pytest.MonkeyPatch.context() as made:
        yield made


@pytest.fixture(scope="module")
def runs(patch):
    made = FakeRuns()
    patch.setattr(starting, "_server", lambda project: made)
    patch.setattr(starting, "worker_alive", lambda project: True)
    patch.setattr(standing, "worker_alive", lambda project: True)
    return made


@pytest.fixture(scope="module")
def workspace(tmp_path_factory, patch, runs):
    patch.delenv(ACCOUNTS_VARIABLE, raising=False)
    project = Project(tmp_path_factory.mktemp("whose"))
    tools = {"tracker": FakeTracker(), "registry": FakeRegistry()}
    with cheap_passwords(), Workspace(project, params=load_params(PARAMS), **tools) as made:
        for name, password in SECRET.items():
            accounts.create(made, name, password, tier="team")
        yield made


@pytest.fixture(scope="module")
def app(workspace):
    return create_pages(workspace, ServingSettings(accounts="required"))


@pytest.fixture(scope="module")
def things(workspace, patch):
    """Things of cat's by the words that stand for them above: a job that waits, a draft, a deployed model, an imported notebook, a shared model."""
    order = TrainingOrder(question="dnf", algorithm="logistic", groups=("driver_form",))
    waits = starting.start(workspace, order, "waits", "cat").id
    ended = starting.start(workspace, order, "ended", "cat").id
    notes.ended(workspace.project, ended, {"draft": DRAFT, "run_id": "none"})
    workspace.accounts.reserve("cat", "deployed", model=MODEL)
    patch.setattr(receiving, "see_loadable", lambda *_: None)  # its own tests: workflows/hub/test_receiving.py
    own_key(workspace.project, "cat")
    bundle = workspace.project.root / "hers.zip"
    bundle.write_bytes(honest_bundle(Signer("cat", workspace.project.state / "keys" / "owners" / "cat"), name="hers"))
    receiving.receive(workspace.project, bundle)
    return {"JOB": waits, "IMPORT": keep(workspace.project, Imported((), None, "nothing"), "cat")}


@pytest.fixture(scope="module")
def browsers(app):
    made = {name: browser_of(app) for name in SECRET}
    for name, browser in made.items():
        assert log_in(browser, name, SECRET[name]).status_code == 303
    return made


def ask(browser, route, theirs, things):
    method, path = route
    where = path.format(**{name: things.get(value, value) for name, value in theirs.path.items()})
    if method == "GET":
        return browser.get(where)
    return browser.post(where, data={"csrf": token_of(browser.get("/account").text), **theirs.form})


def test_every_route_says_whose_the_things_are_that_it_names(app):
    there = {(method, each.path): each for each in routes_of(app) for method in each.methods}
    pages = {which: each for which, each in there.items() if isinstance(each, PageRoute)}
    admins = {which for which, each in pages.items() if which[0] != "GET" and needs_of(each).by != MEMBER}
    said = {("GET", path) for path in PROJECTS} | OWN | SHARED | WHOSE.keys() | admins
    assert pages.keys() - said == set(), "say in this file whose the things are that these name"
    assert said - pages.keys() == set(), "these are gone"
    assert not (OWN | SHARED | admins | {("GET", path) for path in PROJECTS}) & WHOSE.keys()
    assert len(admins) >= 5
    api = {path: access_of(each).scope for (_, path), each in there.items() if not isinstance(each, PageRoute)}
    assert {path for path, scope in api.items() if scope != PUBLIC} == API


def test_a_login_opens_no_api_and_a_token_no_page(app, browsers, workspace):
    token = workspace.accounts.create("ben", ["read", "predict"]).text
    for path in sorted(API - {"/metrics"}):
        method = "POST" if "explain" in path else "GET"
        assert browsers["ben"].request(method, re.sub(r"{[^}]+}", "x", path)).status_code == 401, path
    stranger = browser_of(app)
    answer = stranger.get("/jobs", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 303 and answer.headers["location"].startswith("/login")


@pytest.mark.parametrize("route", WHOSE, ids=" ".join)
def test_what_is_anothers_is_refused_and_nothing_comes_of_it(browsers, things, workspace, runs, route):
    before = json.dumps([len(runs.all), [run.state for run in runs.all], len(notes.notes(workspace.project))])
    answer = ask(browsers["ben"], route, WHOSE[route], things)
    assert answer.status_code == 403 and REFUSED in answer.text
    assert "cat" not in re.sub(r"\s(class|id|for|name)=\S+", "", answer.text).split(), "nor whose it is"
    after = json.dumps([len(runs.all), [run.state for run in runs.all], len(notes.notes(workspace.project))])
    assert before == after


def test_a_name_that_is_taken_is_not_had_by_a_draft_of_ones_own(browsers, workspace, things):
    order = TrainingOrder(question="dnf", algorithm="logistic", groups=("driver_form",))
    mine = starting.start(workspace, order, "mine", "ben").id
    notes.ended(workspace.project, mine, {"draft": "dnf_4567-pre_race", "run_id": "none"})
    for name, refused in (("hers", True), ("free", False)):
        sent = Theirs(form={"draft": "dnf_4567-pre_race", "name": name})
        answer = ask(browsers["ben"], ("POST", "/jobs/deploy"), sent, things)
        assert (answer.status_code == 403) is refused, answer.text


def test_the_list_of_jobs_shows_ones_own(browsers, things):
    of_cat = f'href="/jobs/{things["JOB"]}"'
    assert of_cat not in browsers["ben"].get("/jobs").text
    assert of_cat in browsers["cat"].get("/jobs").text
    assert of_cat in browsers["ada"].get("/jobs").text


@pytest.mark.parametrize("name", ["cat", "ada"])
def test_their_owner_and_an_admin_are_not_refused(browsers, things, name):
    for route in sorted(WHOSE, key=lambda each: each[1].endswith("cancel")):
        answer = ask(browsers[name], route, WHOSE[route], things)
        assert answer.status_code != 403, route


def test_nobody_approves_in_anothers_name(browsers, app, workspace, monkeypatch):
    seen = []
    monkeypatch.setattr(starting, "deploy", lambda *given: seen.append(given) or pytest.fail("seen"))
    sent = Theirs(form={"draft": DRAFT, "name": "mine", "approve": "ada, ben", "note": "why"})
    ask(browsers["cat"], ("POST", "/jobs/deploy"), sent, {})
    assert seen[0][3:5] == (["cat"], "why")
