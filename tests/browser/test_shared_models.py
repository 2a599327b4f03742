"""A model goes from one project to another by pages alone: published, downloaded, refused, trusted, trained again to the bit, forked, trained, published."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from pitwall.domain.project import Project
from pitwall.testing.browser import NARROW, WIDE, overflow, violations, watch
from pitwall.testing.worlds.project import TinyProject
from pitwall.workflows.hub.trust import trusted

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.timeout(1500)]  # the first one waits for the project

PATIENCE_MS = 600_000
MODEL = "dnf-pre_race"


@pytest.fixture
def two_projects(played: TinyProject, tmp_path: Path):
    """Two copies of a project, neither of which has published anything: one with its pages, one with a worker behind them, too."""
    people = []
    for name in ("giver", "taker"):
        shutil.copytree(played.root, tmp_path / name, symlinks=True)
        people.append(TinyProject(tmp_path / name))
    try:
        yield people
    finally:
        for each in people:
            each.pitwall("down", check=False)


def up(project: TinyProject) -> str:
    """Start the pages of a project, with a worker behind them, and return their address."""
    said = project.pitwall("up", "--no-open").stdout
    return next(line.split()[-1] for line in said.splitlines() if line.startswith("api")).rstrip("/")


def looks_well(page, rules):
    """Return what is wrong with a page, wide and narrow, light and dark."""
    page.wait_for_load_state("networkidle")
    found = []
    for size, scheme in ((WIDE, "light"), (WIDE, "dark"), (NARROW, "light"), (NARROW, "dark")):
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=scheme)
        found += [f"{scheme}, {size['width']}: {each}" for each in violations(page, rules)]
        found += [f"{page.url} is wider than {size['width']}"] if overflow(page) else []
    page.set_viewport_size(WIDE)
    page.emulate_media(color_scheme="light")
    return found


def click(page, kind, name):
    """Click on what is called so, and wait for what comes."""
    page.get_by_role(kind, name=name, exact=True).first.click()
    page.wait_for_load_state()


def test_a_model_is_published_trained_again_elsewhere_forked_trained_and_published(
    chromium, rules, two_projects, tmp_path
):
    giver, taker = two_projects
    page = chromium.new_page(viewport=WIDE)

    there = up(giver)
    seen = watch(page, there)
    page.goto(f"{there}/models/{MODEL}/1")
    click(page, "link", "Share")
    page.get_by_text("nothing that those who receive it would refuse").wait_for(timeout=PATIENCE_MS)
    wrongs = looks_well(page, rules)
    page.get_by_label("Name", exact=True).fill("retirements")
    page.get_by_label("Make a key for me, and sign with it").check()
    click(page, "button", "Share")
    page.wait_for_url(f"{there}/hub/retirements?*", timeout=PATIENCE_MS)
    wrongs += looks_well(page, rules)
    key = re.search(r"signed by ([0-9a-f]{64})", page.inner_text("body"))[1]
    with page.expect_download() as kept:
        click(page, "button", "Download")
    file = tmp_path / kept.value.suggested_filename
    kept.value.save_as(file)
    wrongs += seen.wrongs()
    giver.pitwall("down")

    here = up(taker)
    page = chromium.new_page(viewport=WIDE)
    seen = watch(page, here)
    page.goto(f"{here}/hub")
    page.get_by_label("A bundle (.pitwall.zip)").set_input_files(file)
    click(page, "button", "Verify it")
    page.wait_for_url(f"{here}/quarantine/*")
    assert "unknown_signer" in page.inner_text("main") and key not in trusted(Project(taker.root))
    wrongs += looks_well(page, rules)
    page.get_by_label("The id of the key").fill(key)
    click(page, "button", "Trust and verify")
    page.wait_for_url(f"{here}/hub/retirements?*", timeout=PATIENCE_MS)
    assert key in trusted(Project(taker.root))

    click(page, "button", "Train it again")
    page.get_by_role("link", name="The shared model").wait_for(timeout=PATIENCE_MS)
    assert "bit-equal: all" in page.inner_text("main"), page.inner_text("main")
    wrongs += looks_well(page, rules)
    click(page, "link", "The shared model")
    assert "bit-equal: all" in page.inner_text("main")
    wrongs += looks_well(page, rules)

    click(page, "link", "Fork")
    wrongs += looks_well(page, rules)
    for step in ("data", "features", "training"):
        click(page, "link", f"Next: {step}")
    click(page, "button", "Start training")
    page.get_by_role("button", name="Deploy", exact=True).wait_for(timeout=PATIENCE_MS)
    click(page, "button", "Deploy")
    page.get_by_role("link", name="The model", exact=True).wait_for(timeout=PATIENCE_MS)
    page.goto(f"{here}{page.get_by_role('link', name='The model', exact=True).get_attribute('href')}/1")
    click(page, "link", "Share")
    page.get_by_text("nothing that those who receive it would refuse").wait_for(timeout=PATIENCE_MS)
    page.get_by_label("Name", exact=True).fill("retirements-too")
    page.get_by_label("Make a key for me, and sign with it").check()
    click(page, "button", "Share")
    page.wait_for_url(f"{here}/hub/retirements-too?*", timeout=PATIENCE_MS)
    assert "retirements version 1 of" in page.inner_text("main"), "a fork says where it comes from"
    wrongs += looks_well(page, rules)
    page.goto(f"{here}/hub")
    wrongs += looks_well(page, rules)
    page.screenshot(path=tmp_path / "hub.png", full_page=True)
    wrongs += seen.wrongs()
    page.close()
    assert not wrongs, "\n".join(wrongs)
