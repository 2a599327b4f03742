"""What the API costs: beside MLflow's server of the same booster, and beside a bare handler of the same answers.

A tiny world of 20 cars with two models that servers answer with: a stack, as the project's champion is, and one xgboost booster. Every
question is another one (which race, which cars, from which slots; drawn with a seed) and Pitwall's memory of answers is off. All servers
have one worker and OMP_NUM_THREADS=1. Pairs alternate: in turn each server gets the same questions from 1, 8 and 32 clients, each of which
asks again as soon as it was answered; who goes first changes. A ratio is the median over pairs of the peer's time to ours.

`mlflow models serve` is asked about the same booster alone, or about the same stack as the registry holds it, on vectors that its client
sends (our server finds them itself, answers with the baseline beside it, and keeps a log). The bare server is FastAPI with one handler: it knows every question beforehand, runs model and baseline
on its vectors and returns bytes that were made before, so that what is left is all that our server does beside the answer. Both have the
processor's time of a request beside them, which other work on the machine lengthens less than the time that passed.
`--json FILE` writes rows {work, subject, value, unit, peer, ratio}; `--docs PAGE` puts a table into a page; `--small` asks few questions.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

from _report import Row, options, report
from _serving_peers import bare_server, booster_request, mlflow_booster, mlflow_request, mlflow_server

from pitwall.report.content.markdown import table_lines
from pitwall.testing.load.client import closed
from pitwall.testing.load.process import Running, pitwall_server
from pitwall.testing.load.questions import Asking, Version, questions
from pitwall.testing.load.world import ORDER, RETIREMENT, ServedWorld
from pitwall.testing.pages import put_table

CLIENTS = (1, 8, 32)
QUESTIONS, PAIRS = 160, 9
SMALL_QUESTIONS, SMALL_PAIRS = 32, 2
SEED = 17
BOOSTER, CHAMPION = (RETIREMENT, "dnf", "xgboost"), (ORDER, "race_winner", "stack")
BEFORE_MS = 5.0  # an answer of the champion before servers were built, as `pitwall registry list` of real data had it
ALONE = "mlflow's booster"  # beside the champion: another model, which MLflow answers with
LIMITS = {
    **{"booster, mlflow": 3.0, "champion, mlflow": 1.5, f"champion, {ALONE}": 1.5},
    **{"booster, bare": 0.7, "champion, bare": 0.7},
}


@dataclass(frozen=True)
class Side:
    """A server and the requests of its client."""

    server: Running
    requests: Sequence[bytes]

    def ask(self, clients: int) -> tuple[float, float]:
        """Return the milliseconds of a request: that passed, and of the server's processor."""
        cpu, began = self.server.cpu_s(), perf_counter()
        replies = asyncio.run(closed(self.server.port, iter(enumerate(self.requests)), clients))
        passed, used = perf_counter() - began, self.server.cpu_s() - cpu
        if wrong := [reply for reply in replies if reply.status != 200]:
            raise SystemExit(
                f"{len(wrong)} of {len(replies)} requests failed: {wrong[0].status} {wrong[0].body[:300]!r}"
            )
        return 1000 * passed / len(replies), 1000 * used / len(replies)


@dataclass(frozen=True)
class Pairs:
    """A subject beside a peer with so many clients: (passed, processor) milliseconds a request of each pair."""

    subject: str
    peer: str
    clients: int
    ours: Sequence[tuple[float, float]]
    theirs: Sequence[tuple[float, float]]

    def value(self, clock: int = 0) -> tuple[float, float]:
        """Return the median of ours, and the median of the ratios of theirs to ours."""
        both = zip(self.ours, self.theirs, strict=True)
        return median(each[clock] for each in self.ours), median(theirs[clock] / ours[clock] for ours, theirs in both)


def alternating(subject: str, peer: str, ours: Side, theirs: Side, pairs: int) -> list[Pairs]:
    """Return the pairs of a subject and a peer, for every number of clients."""
    for side in (ours, theirs):
        side.ask(max(CLIENTS))  # what is read once is read now
    found = {clients: ([], []) for clients in CLIENTS}  # type: dict[int, tuple[list[Any], list[Any]]]
    for turn in range(pairs):
        for clients, both in found.items():
            for which in (0, 1) if turn % 2 else (1, 0):
                both[which].append((ours, theirs)[which].ask(clients))
    return [Pairs(subject, peer, clients, *both) for clients, both in found.items()]


def measured(root: Path, number: int, pairs: int) -> tuple[list[Pairs], float]:
    """Return all pairs, and the milliseconds of the processor that the champion's own answer takes."""
    world = ServedWorld(root, {each[0]: (each[2],) for each in (CHAMPION, BOOSTER)}, settings="serving: {cache: 0}\n")
    asked = {each: questions(world.workspace, each[0], each[1], number, SEED) for each in (CHAMPION, BOOSTER)}
    requests = {each: [one.request() for one in found] for each, found in asked.items()}
    booster, champion = (Version(world.workspace, name, 1) for name in (RETIREMENT, ORDER))
    found: list[Pairs] = []
    with ExitStack() as stack:
        ours = stack.enter_context(pitwall_server(root))
        with mlflow_booster(root, booster) as server:
            alone = Side(server, [booster_request(booster, each) for each in asked[BOOSTER]])
            found += alternating("booster", "mlflow", Side(ours, requests[BOOSTER]), alone, pairs)
            found += alternating("champion", ALONE, Side(ours, requests[CHAMPION]), alone, pairs)
        with mlflow_server(root, champion, asked[CHAMPION][0]) as server:
            same = Side(server, [mlflow_request(champion, each) for each in asked[CHAMPION]])
            found += alternating("champion", "mlflow", Side(ours, requests[CHAMPION]), same, pairs)
        for name, model in (("booster", BOOSTER), ("champion", CHAMPION)):
            with bare_server(root, model[0], model[1], number, SEED) as bare:
                found += alternating(name, "bare", Side(ours, requests[model]), Side(bare, requests[model]), pairs)
    return found, own_ms(champion, asked[CHAMPION])


def own_ms(version: Version, asked: Sequence[Asking]) -> float:
    """Return the milliseconds of the processor of a model's own answer, the median over questions."""
    frames = [version.answers.rows(version.asked(each)).frame for each in asked]
    return median(_cpu_ms(lambda frame=frame: version.champion.model.answer(frame)) for frame in frames)


def _cpu_ms(call: Callable[[], object], times: int = 5) -> float:
    call()
    began = process_time()
    for _ in range(times):
        call()
    return 1000 * (process_time() - began) / times


def rows_of(found: Sequence[Pairs], own: float, pairs: int) -> list[Row]:
    """Return two rows for every subject, peer and number of clients, and the champion's own answer."""
    rows: list[Row] = []
    for each in found:
        for clock, unit in ((0, "ms"), (1, "CPU ms")):
            value, ratio = each.value(clock)
            clients = f"{each.clients} client{'s' if each.clients > 1 else ''}"
            rows.append(
                {
                    "work": f"distinct questions about 20 cars or fewer, {clients}, {pairs} pairs",
                    "subject": f"pitwall, {each.subject}",
                    "value": round(value, 2),
                    "unit": f"{unit} a request",
                    "peer": f"as quick as {each.peer}",
                    "ratio": round(ratio, 2),
                }
            )
    work = {"work": "the champion's own answer, in process", "subject": "stack", "unit": "CPU ms"}
    return [
        *rows,
        {
            **work,
            "value": round(own, 2),
            "peer": f"as quick as before ({BEFORE_MS} ms)",
            "ratio": round(BEFORE_MS / own, 2),
        },
    ]


def misses(found: Sequence[Pairs]) -> list[str]:
    """Return what is slower than its limit."""
    return [
        f"{name} with {each.clients} clients: {each.value()[1]:.2f} x, limit {limit}"
        for each in found
        for name, limit in LIMITS.items()
        if name == f"{each.subject}, {each.peer}" and each.value()[1] < limit
    ]


def table(found: Sequence[Pairs], own: float) -> str:
    """Return the table of a page."""
    heads = [
        "model",
        "peer",
        "clients",
        "ours, requests a second",
        "as quick as the peer",
        "limit",
        "ours, CPU ms",
        "by CPU",
    ]
    lines = [
        [
            each.subject,
            each.peer,
            str(each.clients),
            f"{1000 / each.value()[0]:.0f}",
            f"{each.value()[1]:.2f} x",
            f"{LIMITS[f'{each.subject}, {each.peer}']} x",
            f"{each.value(1)[0]:.2f}",
            f"{each.value(1)[1]:.2f} x",
        ]
        for each in found
    ]
    said = f"The champion's own answer takes {own:.2f} ms of the processor; before servers were built it took {BEFORE_MS} ms."
    return "\n".join([*table_lines(heads, lines), "", said])


def main(arguments: list[str] | None = None) -> None:
    """Parse the command line, measure, print."""
    parser = options(__doc__, "few questions, to see that it runs")
    parser.add_argument("--docs", type=Path, metavar="PAGE", help="put the table between its marks in a page")
    chosen: Any = parser.parse_args(arguments)
    os.environ["OMP_NUM_THREADS"] = "1"
    number, pairs = (SMALL_QUESTIONS, SMALL_PAIRS) if chosen.small else (QUESTIONS, PAIRS)
    with tempfile.TemporaryDirectory() as folder:
        found, own = measured(Path(folder), number, pairs)
    report(rows_of(found, own, pairs), chosen.json)
    for line in misses(found):
        print(f"over: {line}")
    if chosen.docs:
        put_table(chosen.docs, "serving", table(found, own))


if __name__ == "__main__":
    main()
