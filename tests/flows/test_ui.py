"""`pitwall ui` opens both servers on loopback, and takes both with it when it is stopped."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys

import httpx
import psutil
import pytest
from playwright.sync_api import sync_playwright

from pitwall.testing.worlds.project import TinyProject

pytestmark = pytest.mark.slow

PROGRAM = "from pitwall.cli import main; main()"


def see_in_a_browser(pages: dict[str, str]) -> None:
    """Open both pages in a real browser; where there is none this part is left out, but never in CI."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if browser is None:
        assert not os.environ.get("CI"), "CI must have Chromium; install the Debian package chromium"
        return
    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=browser, args=["--no-sandbox", "--disable-gpu"])
        page = chromium.new_page()
        for tool, address in pages.items():
            page.goto(address, timeout=60_000)
            page.wait_for_function("document.body.innerText.trim().length > 50", timeout=60_000)
            assert tool.lower() in page.title().lower()
        chromium.close()


def test_both_servers_answer_on_loopback_and_end_together(empty_project: TinyProject) -> None:
    command = [sys.executable, "-u", "-c", PROGRAM, "ui"]
    with subprocess.Popen(
        command, cwd=empty_project.root, env=empty_project.env, stdout=subprocess.PIPE, text=True
    ) as ui:
        pages: dict[str, str] = {}
        try:
            assert ui.stdout is not None
            for line in ui.stdout:
                pages |= dict(re.findall(r"^(MLflow|Prefect)\s+(http://127\.0\.0\.1:\d+)", line))
                if "Ctrl-C" in line:
                    break
            assert set(pages) == {"MLflow", "Prefect"}
            for page in pages.values():
                assert "<html" in httpx.get(page, follow_redirects=True).text.lower()
            see_in_a_browser(pages)
        finally:
            started = psutil.Process(ui.pid).children(recursive=True)
            ui.send_signal(signal.SIGTERM)
    assert started
    assert not [process for process in started if process.is_running() and process.status() != psutil.STATUS_ZOMBIE]
