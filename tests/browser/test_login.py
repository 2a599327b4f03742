"""Logging in with a real server and a real browser: nobody sees a page before, a wrong password is told, and the account's own page is well."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pitwall.adapters.processes.child import stop
from pitwall.adapters.processes.prefect_server import free_port, wait_until_healthy
from pitwall.domain.project import Project
from pitwall.testing.browser import NARROW, WIDE, overflow, violations, watch
from pitwall.web.session import SESSION
from pitwall.workflows.people import accounts
from pitwall.workflows.workspace import Workspace

pytestmark = [pytest.mark.slow, pytest.mark.browser]

CHECKOUT = Path(__file__).resolve().parents[2]
PASSWORD = "a door with five hinges"


@pytest.fixture(scope="module")
def entrance(rules, tmp_path_factory):
    """The address of the pages of an empty project that has one account."""
    project = Project(tmp_path_factory.mktemp("entrance"))
    for name in ("params.yaml", "dvc.yaml"):
        shutil.copy(CHECKOUT / name, project.root / name)
    (project.root / "settings.local.yaml").write_text("serving:\n  accounts: required\n")
    with Workspace(project) as workspace:
        accounts.create(workspace, "ada", PASSWORD)
    port, log = free_port(8200), project.root / "pages.log"
    with log.open("wb") as stream:
        command = [sys.executable, "-m", "pitwall.web", "--port", str(port)]
        server = subprocess.Popen(command, cwd=project.root, stdout=stream, stderr=stream, start_new_session=True)
    try:
        wait_until_healthy(f"http://127.0.0.1:{port}/health", server, log, "pages")
        yield f"http://127.0.0.1:{port}"
    finally:
        stop(server)


def looks_well(page, rules):
    """Return what is wrong with a page, wide and narrow, light and dark."""
    found = []
    for size, scheme in ((WIDE, "light"), (NARROW, "light"), (NARROW, "dark")):
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=scheme)
        found += [f"{scheme}, {size['width']}: {each}" for each in violations(page, rules)]
        found += [f"{page.url} is wider than {size['width']}"] if overflow(page) else []
    page.set_viewport_size(WIDE)
    return found


def test_one_logs_in_and_out_and_sees_nothing_before_and_after(chromium, rules, entrance):
    page = chromium.new_page(viewport=WIDE)
    seen = watch(page, entrance, foreseen=("401",))
    page.goto(f"{entrance}/models")
    page.get_by_role("heading", name="Log in").wait_for()
    assert page.url == f"{entrance}/login?next=%2Fmodels"
    wrongs = looks_well(page, rules)
    for password, heading in (("another door", "Log in"), (PASSWORD, "Models")):
        page.get_by_label("Name", exact=True).fill("ada")
        page.get_by_label("Password").fill(password)
        page.get_by_role("button", name="Log in").click()
        page.get_by_role("heading", name=heading, level=1).wait_for()
    assert page.url == f"{entrance}/models"
    (cookie,) = (each for each in page.context.cookies() if each["name"] == SESSION)
    assert cookie["httpOnly"] and cookie["sameSite"] in {"Lax", "Strict"}
    page.goto(f"{entrance}/account")
    assert "This one: since" in page.inner_text("main")
    wrongs += looks_well(page, rules)
    page.get_by_role("button", name="Log out").click()
    page.get_by_role("heading", name="Log in").wait_for()
    page.context.add_cookies([cookie])
    page.goto(f"{entrance}/account")
    page.get_by_role("heading", name="Log in").wait_for()  # the session that was ended is none any more
    wrongs += seen.wrongs()
    page.close()
    assert not wrongs, "\n".join(wrongs)
