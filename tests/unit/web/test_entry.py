"""Who is let in: logins and sessions that cannot be fixed, reused, guessed or sent for another, and a matrix over all routes."""

from __future__ import annotations

import re
from itertools import count
from pathlib import Path

import pytest
from fastapi.routing import APIRoute

from pitwall.domain.access.people import FREE_TRIES
from pitwall.domain.access.serving_settings import ServingSettings
from pitwall.domain.params import load_params
from pitwall.domain.project import Project
from pitwall.domain.settings import ACCOUNTS_VARIABLE
from pitwall.serving.app import routes_of
from pitwall.testing import logins
from pitwall.testing.logins import browser_of as client
from pitwall.testing.logins import token_of
from pitwall.testing.passwords import cheap_passwords
from pitwall.web.app import create_pages
from pitwall.web.entry import needs_of, own_path
from pitwall.web.paging import PageRoute
from pitwall.web.session import BROWSER, SESSION
from pitwall.workflows.people import accounts, entering
from pitwall.workflows.workspace import Workspace

SECRET = {"ada": "a door with five hinges", "ben": "seven birds on a wire"}
PARAMS = Path(__file__).resolve().parents[3] / "params.yaml"
REQUIRED = ServingSettings(accounts="required", hosts=("pit.example",))
OPEN_TO_ALL = {("GET", "/login"), ("POST", "/login"), ("GET", "/static/{version}/{name}")}
MEMBERS = {
    ("POST", path)
    for path in (
        *("/login", "/logout", "/account/end", "/account/password", "/account/delete", "/record/duel"),
        *("/jobs/start", "/jobs/deploy", "/jobs/judge", "/jobs/{number}/cancel", "/new/import/look"),
        *("/hub/bring", "/hub/{name}/download", "/hub/{name}/verify", "/hub/{name}/rate"),
        *("/hub/{name}/again", "/hub/{name}/withdraw"),
        "/models/{name}/{version}/share",
    )
}


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch, cheap_passwords():
        patch.delenv(ACCOUNTS_VARIABLE, raising=False)
        project = Project(tmp_path_factory.mktemp("people"))
        with Workspace(project, params=load_params(PARAMS)) as made:
            for name, password in SECRET.items():
                accounts.create(made, name, password)
            yield made


@pytest.fixture(scope="module")
def app(workspace):
    return create_pages(workspace, REQUIRED)


@pytest.fixture
def browser(app):
    return client(app)


@pytest.fixture
def other(app):
    return client(app)


@pytest.fixture
def stranger(workspace):
    """Somebody whom no other test knows: a name and a password."""
    name = f"guest{next(NUMBER)}"
    accounts.create(workspace, name, "eleven stones in a shoe")
    return name, "eleven stones in a shoe"


NUMBER = count()


def log_in(browser, name="ben", password=None, following="/account"):
    return logins.log_in(browser, name, password or SECRET[name], following)


def page_routes(app):
    found = [(method, each) for each in routes_of(app) if isinstance(each, PageRoute) for method in each.methods]
    assert len(found) > 40
    return found


def concrete(route: APIRoute) -> str:
    return re.sub(r"\{[^}]+\}", "x", route.path.replace("{version}", "1"))


def test_without_a_login_there_is_nothing_but_the_login_and_the_files_of_pages(app, browser):
    shown = {}
    for method, route in page_routes(app):
        answer = browser.request(method, concrete(route))
        to_login = answer.status_code == 303 and answer.headers["location"].partition("?")[0] == "/login"
        shown[method, route.path] = not to_login
    assert {each for each, there in shown.items() if there} == OPEN_TO_ALL
    assert browser.get("/api/v1/models").status_code == 401, "nor the API without a token"


def test_a_member_cannot_do_what_is_an_admins(app, browser, other):
    log_in(browser)
    log_in(other, "ada")
    refused, let_through = set(), set()
    for method, route in page_routes(app):
        if method == "POST":
            answer = browser.post(concrete(route), data={})
            assert answer.status_code == 403  # the form has no token; what matters is who said so
            (refused if "not yours to do" in answer.text else let_through).add((method, route.path))
            assert "not yours to do" not in other.post(concrete(route), data={}).text
    assert let_through == MEMBERS and len(refused) >= 5


def test_what_does_not_say_who_may_is_an_admins():
    needs = needs_of(APIRoute("/x", lambda: None))
    assert (needs.anybody, needs.by) == (False, "admin")


def test_a_login_leads_to_where_one_was_going_and_the_header_says_who_one_is(browser):
    asked = browser.get("/jobs?a=1&b=2")
    assert asked.headers["location"] == "/login?next=%2Fjobs%3Fa%3D1%26b%3D2"
    html = browser.get(asked.headers["location"]).text
    assert 'value="/jobs?a=1&amp;b=2"' in html and "Log out" not in html and 'autocomplete="current-password"' in html
    answer = log_in(browser, following="/jobs?a=1&b=2")
    assert (answer.status_code, answer.headers["location"]) == (303, "/jobs?a=1&b=2")
    shown = browser.get("/account").text
    assert '<a href="/account">ben</a>' in shown and "Log out" in shown and "member" in shown
    assert browser.get("/login").headers["location"] == "/"


@pytest.mark.parametrize(
    "to",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "/\t/evil.example",
        "/ok\r\nSet-Cookie: a=b",
        " //evil.example",
        "evil.example",
        "/login?next=/login",
        "/ﬁ",
        "",
    ],
)
def test_the_login_leads_nowhere_else(browser, to):
    assert own_path(to) == "/"
    assert log_in(browser, following=to).headers["location"] == "/"


def test_a_session_that_was_planted_before_the_login_is_none_after_it(browser, other, workspace):
    log_in(other)
    planted = other.cookies[SESSION]
    for text in (planted, "f" * 43):
        browser.cookies.clear()
        browser.cookies.set(SESSION, text, domain="localhost.local")
        html = browser.get("/login")
        if html.status_code == 303:  # the victim is in the attacker's session, and logs out of it
            browser.cookies.delete(SESSION)
        before = browser.cookies.get(BROWSER)
        log_in(browser, "ada")
        assert browser.cookies[SESSION] not in {planted, "f" * 43}
        assert browser.cookies[BROWSER] != before
        assert entering.who(workspace, "f" * 43) is None


def test_a_login_over_a_present_session_ends_it(browser, workspace):
    log_in(browser)
    first = browser.cookies[SESSION]
    token = token_of(browser.get("/account").text)
    sent = {"csrf": token, "username": "ada", "password": SECRET["ada"], "next": "/"}
    assert browser.post("/login", data=sent).status_code == 303
    assert entering.who(workspace, first) is None
    assert entering.who(workspace, browser.cookies[SESSION]).owner.name == "ada"


def test_a_session_that_was_ended_is_not_used_again(browser, other):
    log_in(browser)
    text = browser.cookies[SESSION]
    token = token_of(browser.get("/account").text)
    answer = browser.post("/logout", data={"csrf": token})
    assert answer.headers["location"] == "/login" and SESSION not in browser.cookies
    other.cookies.set(SESSION, text)
    assert other.get("/account").headers["location"] == "/login?next=%2Faccount"


def test_a_form_of_another_session_is_refused(browser, other):
    log_in(browser)
    old = token_of(browser.get("/account").text)
    anonymous = token_of(other.get("/login").text)
    log_in(other, "ada")
    theirs = token_of(other.get("/account").text)
    for token in (theirs, anonymous, ""):
        assert browser.post("/account/end", data={"csrf": token}).status_code == 403
    stolen = browser.cookies[BROWSER]
    browser.post("/logout", data={"csrf": old})
    log_in(browser)
    assert browser.cookies[BROWSER] != stolen
    assert browser.post("/account/end", data={"csrf": old}).status_code == 403, "one of the session before"
    assert browser.post("/account/end", data={"csrf": token_of(browser.get("/account").text)}).status_code == 303


def test_a_session_of_another_cannot_be_ended(browser, other, workspace):
    log_in(browser)
    log_in(other, "ada")
    theirs = workspace.people.session(other.cookies[SESSION]).id
    browser.post("/account/end", data={"csrf": token_of(browser.get("/account").text), "which": theirs})
    assert other.get("/account").status_code == 200
    assert theirs not in browser.get("/account").text


def test_wrong_passwords_are_counted_over_workers_and_told_alike(app, browser, workspace, stranger):
    name, password = stranger
    second = client(create_pages(workspace, REQUIRED))
    answers = [log_in(each, name, "a wrong password") for each in (browser, second, browser, second, browser)]
    assert [each.status_code for each in answers] == [401] * FREE_TRIES
    assert SESSION not in browser.cookies and "a wrong password" not in answers[0].text
    held = log_in(second, name, password)
    assert held.status_code == 429 and "try again in" in held.text
    nobody = log_in(second, "nobody at all", password)
    plain = re.compile(r'value="[0-9a-f]{64}"')
    assert plain.sub("", nobody.text) == plain.sub("", answers[0].text)


def test_another_password_ends_other_sessions_and_renews_this_one(browser, other, stranger):
    name, password = stranger
    log_in(browser, name, password)
    log_in(other, name, password)
    before = browser.cookies[SESSION]

    def change(present, again):
        sent = {"csrf": token_of(browser.get("/account").text), "password": present, "new": "nine foxes in a row"}
        return browser.post("/account/password", data={**sent, "again": again})

    assert change(password, "nine foxes in a bow").status_code == 409
    assert change("wrong", "nine foxes in a row").status_code == 403
    assert other.get("/account").status_code == 200
    assert change(password, "nine foxes in a row").status_code == 303
    assert browser.cookies[SESSION] != before and browser.get("/account").status_code == 200
    assert other.get("/account").status_code == 303


def test_deleting_takes_the_name_typed_and_the_password(browser, workspace, stranger):
    name, password = stranger
    log_in(browser, name, password)

    def delete(typed, proof):
        sent = {"csrf": token_of(browser.get("/account").text), "typed": typed, "proof": proof}
        return browser.post("/account/delete", data=sent)

    assert delete("ben", password).status_code == 409 and delete(name, "wrong").status_code == 403
    assert workspace.people.account(name)
    assert delete(name, password).headers["location"] == "/login"
    assert name not in [each.name for each in workspace.people.accounts()]
    assert SESSION not in browser.cookies
    assert "gone: the account" in browser.get("/login").text


def test_cookies_are_out_of_reach_of_scripts_and_other_sites_and_behind_tls_of_plain_http(app, browser):
    near = log_in(browser).headers.get_list("set-cookie")
    far = log_in(client(app, "https://pit.example")).headers.get_list("set-cookie")
    for cookies in (near, far):
        assert {each.partition("=")[0] for each in cookies} >= {SESSION, BROWSER}
        assert all("HttpOnly" in each and "SameSite=strict" in each and "Path=/" in each for each in cookies)
    ours = [each for each in far if each.startswith(("pitwall_session", "pitwall_browser"))]
    assert all("Secure" in each for each in ours) and not any("Secure" in each for each in near)


def test_pages_by_a_name_of_the_settings_need_tls_and_accounts(app, workspace):
    assert client(app, "https://pit.example").get("/login").status_code == 200
    plain = client(app, "http://pit.example").get("/login")
    assert plain.status_code == 403 and "need TLS" in plain.text
    assert client(app, "https://other.example").get("/login").status_code == 403
    without = create_pages(workspace, ServingSettings(hosts=("pit.example",)))
    assert client(without, "https://pit.example").get("/account").status_code == 403
    far = client(app, "https://pit.example")
    html = far.get("/login").text
    sent = {"csrf": token_of(html), "username": "ben", "password": SECRET["ben"], "next": "/"}
    assert far.post("/login", data=sent, headers={"Origin": "https://evil.example"}).status_code == 403
    assert far.post("/login", data=sent, headers={"Origin": "https://pit.example"}).status_code == 303


def test_without_accounts_nobody_logs_in_and_who_sits_here_is_local(workspace):
    here = client(create_pages(workspace, ServingSettings()))
    shown = here.get("/account")
    assert shown.status_code == 200 and "local" in shown.text and "Log out" not in shown.text
    assert here.get("/login").headers["location"] == "/"
    assert "Log out" not in here.get("/nowhere").text


def test_accounts_that_do_not_answer_let_nobody_in(app, browser, workspace, monkeypatch):
    from pitwall.domain.errors import AccountsAway

    def away(*_):
        raise AccountsAway("the accounts database is locked")

    log_in(browser)
    monkeypatch.setattr(entering, "who", away)
    assert browser.get("/account").status_code == 503
