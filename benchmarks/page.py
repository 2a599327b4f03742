"""How quickly a page is there and answers a click, and what fifty visitors cost: our first page, beside a bare NiceGUI page.

A tiny world of 20 cars is served as `pitwall page` serves a project, one worker; the peer is NiceGUI's own server with one page: a table of 20 rows
and a button that changes a label (`_bare_page.py`). Both are opened in Chromium, in turn, who goes first changes:

- *paint*: the browser's own first contentful paint, a new visitor with an empty cache each time;
- *click*: from the click until the frame that shows what it asked for is painted. Ours asks another question of the same race, whose answer is
  another whole page; the peer changes a label over its socket;
- *memory*: of the server's processes, with fifty visitors whose pages stay open, less that with none, for each of them; *click at fifty* is the
  same click while they are there.

`--json FILE` writes rows {work, subject, value, unit, peer, ratio}; `--docs PAGE` puts a table into a page; `--small` opens few pages.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import psutil
from _report import Row, options, report

from pitwall.report.content.markdown import table_lines
from pitwall.testing.browser import WIDE, chromium
from pitwall.testing.load.process import HOST, Running, free_port, running
from pitwall.testing.load.world import ORDER, RETIREMENT, ServedWorld
from pitwall.testing.pages import put_table

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

TIMES, SMALL_TIMES = 30, 4
VISITORS, SMALL_VISITORS = 50, 5
LEVELS = (50, 95)
LIMIT_PAINT_MS, LIMIT_CLICK_MS = 1000.0, 100.0
BARE = "a bare NiceGUI page"
PAINT = """() => new Promise((told) => {
  const look = () => { const [found] = performance.getEntriesByName("first-contentful-paint"); found ? told(found.startTime) : setTimeout(look, 5); };
  look();
})"""
# From the click to the end of the frame in which a part has changed; a message that is sent before a frame arrives when that is painted
CHANGED = """([part, act]) => new Promise((told) => {
  const painted = new MessageChannel(), began = performance.now();
  painted.port1.onmessage = () => told(performance.now() - began);
  const shown = new MutationObserver(() => {
    shown.disconnect();
    requestAnimationFrame(() => painted.port2.postMessage(""));
  });
  shown.observe(document.querySelector(part), {childList: true, characterData: true, subtree: true});
  ACT
})"""
ASKED = """const asked = document.querySelector("select[name=template]");
  asked.value = act;
  asked.dispatchEvent(new Event("change", {bubbles: true}));"""
CLICKED = "document.querySelector(act).click();"


@dataclass(frozen=True)
class Side:
    """A server with the address of its page, and how one clicks there."""

    name: str
    server: Running
    path: str
    click: Callable[[Page], float]

    @property
    def address(self) -> str:
        """Of the page."""
        return f"http://{HOST}:{self.server.port}{self.path}"

    def memory_mb(self) -> float:
        """Return what the server's processes hold of memory that is theirs alone, in MB."""
        root = psutil.Process(self.server.process.pid)
        return sum(each.memory_full_info().uss for each in (root, *root.children(recursive=True))) / 1e6


def followed(page: Page) -> float:
    """Ask the other question of the same race, and return the milliseconds until its answer was painted; nothing else is being fetched."""
    page.wait_for_selector("[data-later]:not([data-there])", state="detached")
    asked = "podium" if "podium" not in page.url else "race_winner"
    took = float(page.evaluate(CHANGED.replace("ACT", ASKED), ["body", asked]))
    page.wait_for_url(f"**template={asked}**")
    return took


def changed(page: Page) -> float:
    """Click the peer's button, and return the milliseconds until its label was painted anew."""
    return float(page.evaluate(CHANGED.replace("ACT", CLICKED), ["#told", "button"]))


def paints(browser: Browser, sides: list[Side], times: int) -> dict[str, list[float]]:
    """Return the paints of each side, in turn."""
    found: dict[str, list[float]] = {side.name: [] for side in sides}
    for number in range(-1, times):  # the first of each is left out: the server imports something yet
        for side in sides if number % 2 else reversed(sides):
            context = browser.new_context(viewport=WIDE)
            page = context.new_page()
            page.goto(side.address)
            value = float(page.evaluate(PAINT))
            if number >= 0:
                found[side.name].append(value)
            context.close()
    return found


def clicks(browser: Browser, sides: list[Side], times: int) -> dict[str, list[float]]:
    """Return the clicks of each side, on one page each, in turn."""
    found: dict[str, list[float]] = {}
    for side in sides:
        page = _open(browser, side)
        side.click(page)
        found[side.name] = [side.click(page) for _ in range(times)]
        page.context.close()
    return found


def crowded(browser: Browser, side: Side, visitors: int, times: int) -> tuple[float, list[float]]:
    """Return the megabytes that each of some visitors costs, and clicks of one more while they are there."""
    before = side.memory_mb()
    pages = [_open(browser, side) for _ in range(visitors)]
    each = (side.memory_mb() - before) / visitors
    more = _open(browser, side)
    found = [side.click(more) for _ in range(times)]
    for page in (more, *pages):
        page.context.close()
    return each, found


def _open(browser: Browser, side: Side) -> Page:
    page = browser.new_context(viewport=WIDE).new_page()
    page.goto(side.address)
    page.wait_for_selector("table")
    return page


def servers(stack: ExitStack, root: Path) -> Iterator[Side]:
    """Start both servers."""
    world = ServedWorld(root, {ORDER: ["stack"], RETIREMENT: ["xgboost"]})
    ours, theirs = free_port(), free_port()
    command = [sys.executable, "-m", "pitwall.web", "--port", str(ours)]
    env = {"PITWALL_HOME": str(world.project.root), "OMP_NUM_THREADS": "1"}
    yield Side(
        "ours",
        stack.enter_context(running(command, ours, env, root / "ours.log", "/ready")),
        "/?template=race_winner",
        followed,
    )
    bare = [sys.executable, str(Path(__file__).with_name("_bare_page.py")), str(theirs)]
    yield Side(BARE, stack.enter_context(running(bare, theirs, {}, root / "bare.log", "/")), "/", changed)


def main() -> None:
    """Measure both and report."""
    parser = options(__doc__, f"{SMALL_TIMES} times, {SMALL_VISITORS} visitors")
    parser.add_argument("--docs", metavar="PAGE", type=Path, help="put the table into a page of the documentation")
    chosen = parser.parse_args()
    times, visitors = (SMALL_TIMES, SMALL_VISITORS) if chosen.small else (TIMES, VISITORS)
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        sides = list(servers(stack, Path(folder)))
        browser = stack.enter_context(chromium())
        painted, clicked = paints(browser, sides, times), clicks(browser, sides, times)
        crowd = {side.name: crowded(browser, side, visitors, times) for side in sides}
    beside = {name: values for name, (_, values) in crowd.items()}
    rows = [
        *(_row(f"first contentful paint, p{level}", painted, level, "ms") for level in LEVELS),
        *(_row(f"click, p{level}", clicked, level, "ms") for level in LEVELS),
        *(_row(f"click beside {visitors} visitors, p{level}", beside, level, "ms") for level in LEVELS),
        _row(f"memory of each of {visitors} visitors", {name: [value] for name, (value, _) in crowd.items()}, 50, "MB"),
    ]
    report(rows, chosen.json)
    if chosen.docs:
        put_table(chosen.docs, "page", _table(rows))


def _row(work: str, values: dict[str, list[float]], level: int, unit: str) -> Row:
    ours, theirs = (float(np.percentile(values[name], level)) for name in ("ours", BARE))
    ratio = round(theirs / ours, 2) if ours > 0 else None
    return {
        "work": work,
        "subject": "our first page",
        "value": round(ours, 2),
        "unit": unit,
        "peer": BARE,
        "ratio": ratio,
        "theirs": round(theirs, 2),
    }


def _table(rows: list[Row]) -> str:
    limits = {"first contentful paint, p95": LIMIT_PAINT_MS, "click, p95": LIMIT_CLICK_MS}
    said = [
        (
            row["work"],
            f"{row['value']:g} {row['unit']}",
            f"{row['theirs']:g} {row['unit']}",
            _limit(limits.get(row["work"])),
        )
        for row in rows
    ]
    return "\n".join(table_lines(("what", "ours", BARE, "limit"), said, ("ours", BARE, "limit")))


def _limit(value: float | None) -> str:
    return "" if value is None else f"{value:g} ms"


if __name__ == "__main__":
    main()
