"""From the first page to a forecast of a model of one's own, in a browser: how many clicks, and how many seconds.

    python benchmarks/way.py [--question dnf] [--shots FOLDER] [--json FILE]

Run it in a project that has been through the main job (`make demo`). It starts `pitwall up` unless that runs, opens the first page in Chromium, and clicks
as a person does: *New model*, the card of the question, through the steps with everything as proposed, *Start training*; when that is trained, audited and compared
with its baselines, *Deploy*; when every gate has judged it, the forecast: of the model, or where a gate refused it of what answers under its name (the baseline). The limits are of the default question,
8 clicks and 90 s from the first page on, with the services up; more clicks, or a page that does what it may not, end the command with 1. Beside them: the same without the browser, `pitwall order train` and
`deploy` on the command line, in the same run. `--shots` keeps a picture of each page.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from _report import options, report

from pitwall.domain.project import Project, find_project
from pitwall.testing.browser import LAID_OUT, WIDE, chromium, watch

if TYPE_CHECKING:
    from playwright.sync_api import Page

CARDS = {"dnf": "DNF Risk", "race_winner": "Race Winner"}
LIMITED, LIMIT_CLICKS, LIMIT_S = "dnf", 8, 90.0
PATIENCE_MS = 900_000
PROMOTED, REFUSED = "See its forecast", "See what answers under its name"
CALL = (sys.executable, "-c", "from pitwall.cli import main; main()")


@dataclass
class Way:
    """A way through pages: what was clicked, and when."""

    page: Page
    shots: Path | None
    began: float = field(default_factory=time.perf_counter)
    clicked: list[str] = field(default_factory=list)
    at: dict[str, float] = field(default_factory=dict)

    def click(self, kind: str, name: str) -> None:
        """Click on a link or button by what it says."""
        self.clicked.append(name)
        self.page.get_by_role(kind, name=name, exact=True).first.click()  # type: ignore[arg-type]
        self.page.wait_for_load_state()
        self.seen(name)

    def seen(self, what: str) -> None:
        """Note that something is there now."""
        self.at[what] = time.perf_counter() - self.began
        if self.shots:
            self.page.evaluate(LAID_OUT)
            self.page.screenshot(
                path=self.shots / f"{len(self.at)}-{what.replace(' ', '-').replace(':', '').lower()}.png",
                full_page=True,
            )


def walk(page: Page, origin: str, question: str, shots: Path | None) -> tuple[Way, str]:
    """Go the way and return it with what became of the model."""
    page.goto(f"{origin}/")
    way = Way(page, shots)
    way.seen("open")
    way.click("link", "New model")
    way.click("link", CARDS[question])
    way.click("link", "Next: features")
    way.click("link", "Next: training")
    way.click("button", "Start training")
    deploy, refusal = page.get_by_role("button", name="Deploy", exact=True), page.locator(".problem")
    deploy.or_(refusal).first.wait_for(timeout=PATIENCE_MS)
    if refusal.count():
        raise SystemExit(f"training did not begin: {' '.join(page.locator('#main').inner_text().split())}")
    way.seen("trained, audited, compared")
    way.click("button", "Deploy")
    promoted, refused = (page.get_by_role("link", name=name, exact=True) for name in (PROMOTED, REFUSED))
    promoted.or_(refused).first.wait_for(timeout=PATIENCE_MS)
    way.seen("judged by every gate")
    outcome = page.get_by_role("status").first.inner_text()
    way.click("link", PROMOTED if promoted.count() else REFUSED)
    page.locator("table.answers").first.wait_for()
    way.seen("forecast")
    return way, outcome


@contextmanager
def services(project: Project) -> Iterator[str]:
    """Yield the address of the pages, with a worker behind them; what was started here is stopped."""
    up = project.state / "up.json"
    before = up.read_text(encoding="utf-8") if up.is_file() else ""
    said = subprocess.run([*CALL, "up", "--no-open"], cwd=project.root, capture_output=True, text=True, check=False)
    if said.returncode:
        raise SystemExit(f"pitwall up: {said.stdout}{said.stderr}")
    try:
        yield next(line.split()[-1] for line in said.stdout.splitlines() if line.startswith("api"))
    finally:
        if not before:
            subprocess.run([*CALL, "down"], cwd=project.root, capture_output=True, check=False)


def by_command(project: Project, question: str) -> float:
    """Return the seconds that the same order takes on the command line."""
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "trained.json"
        order = ["order", "train", "--question", question, "--json", str(told)]
        subprocess.run([*CALL, *order], cwd=project.root, capture_output=True, check=True)
        draft = json.loads(told.read_text(encoding="utf-8"))["draft"]
        deploy = ["order", "deploy", draft, f"my_{question}"]
        code = subprocess.run([*CALL, *deploy], cwd=project.root, capture_output=True, check=False).returncode
    if code not in {0, 3}:
        raise SystemExit(f"pitwall order deploy ended with {code}")
    return time.perf_counter() - began


def main() -> int:
    """Go the way and report."""
    parser = options(__doc__, "without the command line beside it")
    parser.add_argument("--question", choices=sorted(CARDS), default=LIMITED)
    parser.add_argument("--shots", metavar="FOLDER", type=Path, help="where a picture of each page is kept")
    chosen = parser.parse_args()
    if chosen.shots:
        chosen.shots.mkdir(parents=True, exist_ok=True)
    project = find_project()
    with services(project) as origin, chromium() as browser:
        page = browser.new_page(viewport=WIDE)
        seen = watch(page, origin.rstrip("/"))
        way, ended = walk(page, origin.rstrip("/"), chosen.question, chosen.shots)
    seconds, beside = max(way.at.values()), None if chosen.small else by_command(project, chosen.question)
    rows = [
        {
            "work": f"until {what}",
            "subject": chosen.question,
            "value": round(at, 1),
            "unit": "s",
            "peer": None,
            "ratio": None,
        }
        for what, at in way.at.items()
    ]
    rows[-1] |= {"peer": "the command line", "ratio": round(beside / seconds, 2)} if beside else {}
    clicks = {
        "work": "clicks",
        "subject": chosen.question,
        "value": len(way.clicked),
        "unit": "clicks",
        "peer": None,
        "ratio": None,
    }
    report([*rows, clicks], chosen.json)
    print(f"what became of it: {ended}")
    wrongs = seen.wrongs()
    if chosen.question == LIMITED:
        print(f"{seconds:.0f} s of {LIMIT_S:.0f}, {len(way.clicked)} clicks of {LIMIT_CLICKS}")
        wrongs += [f"{len(way.clicked)} clicks, limit {LIMIT_CLICKS}"] if len(way.clicked) > LIMIT_CLICKS else []
    print("\n".join(wrongs) or "no page did what it may not")
    return 1 if wrongs else 0


if __name__ == "__main__":
    sys.exit(main())
