"""Does a server under load exchange its model without a failed request, and keep the last good one when the new one is broken?

    python studies/swaps.py [--small] [--json FILE] [--docs docs/serving-load.md]

A world of 20 cars is served by two workers and asked distinct questions at a steady rate, a quarter of the saturation that was measured before,
while version after version is named live: 200 times, of which every fourth must fail, in turn in one of four ways. *Truncated file* and *wrong
hash*: a file of the version is cut in half, or has one byte changed. *Model that raises*: all hashes hold, and the model cannot answer its
example. *No space*: the publisher cannot write (RLIMIT_FSIZE), so that nothing is named. After each failure all is mended, and the next swap is
a good one again. Blocks of swaps alternate with blocks without, whose answers' times are compared.

Every answer's bytes are compared with what the version that it names says to that question. A *swap* lasts from the instant at which the
version was named until the last request came that the older one answered. After a failure answers must come from the older version alone,
and `/ready`, a label in the answers and `/metrics` must say why, but for *no space*, where it is the publisher that is told. *Kept* counts the
swaps after which all was as it must be.
"""

from __future__ import annotations

import json
import resource
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from _report import markdown, options, report
from _served import Served, percentile, served

from pitwall.domain.errors import ServingError
from pitwall.domain.refs import file_sha256, folder_hash
from pitwall.testing.load.client import Reply
from pitwall.testing.load.questions import IN_PLACE
from pitwall.testing.load.world import ORDER
from pitwall.workflows.serving.places import Place

SWAPS, SMALL_SWAPS = 200, 40
BLOCK, BLOCK_S = 10, 12.0  # swaps in a block, and for how long it is asked meanwhile
STEADY_S, SMALL_STEADY_S = 5.0, 2.0  # of a block without swaps
EACH_S = 0.8  # between two swaps
MOST_SWAP_S, MOST_TIMES = 1.0, 2.0  # the limits
OVER, WRONG = "Over the limit", "Not as it must be"  # the first depends on the machine, the second on nothing
MODEL, ABOUT = "model/estimator.json", "bundle.json"


@dataclass(frozen=True)
class Swap:
    """A version that was named live, or was to be.

    Attributes:
        kind: `good`, or how it was broken.
        old: version that answered before.
        new: version that was to answer.
        named: instant of the naming, of `time.perf_counter`.
        until: instant at which the next thing happened.
        told: whether `/ready` said why it does not answer; None of a good one.
    """

    kind: str
    old: int
    new: int
    named: float
    until: float
    told: bool | None = None


class Swapper:
    """Names versions live, broken ones too.

    Args:
        found: the server and its world.
        aside: folder for whole copies of the versions.
    """

    def __init__(self, found: Served, aside: Path) -> None:
        self._found, self._aside = found, aside
        self._place, self._live = Place(found.world.project, ORDER), 1
        for number in (1, 2):
            shutil.copytree(self._place.version(number), aside / str(number))

    def swap(self, number: int) -> Swap:
        """Name the other version live, every fourth time a broken one, and wait until it has taken over or was refused."""
        kinds = tuple(BROKEN)
        kind = kinds[number // 4 % len(kinds)] if number % 4 == 3 else "good"
        old, new = self._live, 3 - self._live
        folder = self._place.version(new)
        if kind == "good":
            self._found.world.make_live(ORDER, new)
            self._live = new
            named = _named_at(self._place.live)
            time.sleep(EACH_S)
            return Swap(kind, old, new, named, time.perf_counter())
        if kind == "no space":
            return self._without_space(old, new)
        BROKEN[kind](folder)
        self._place.make_live(new)
        named = _named_at(self._place.live)
        time.sleep(EACH_S)
        told = ORDER in self._ready()["troubles"]
        until = time.perf_counter()
        self._mend(new)
        self._place.make_live(old)
        time.sleep(EACH_S / 2)
        return Swap(kind, old, new, named, until, told)

    def _without_space(self, old: int, new: int) -> Swap:
        """Publish a version that is not there yet, where no file can grow; the publisher is told, and servers see nothing."""
        shutil.rmtree(self._place.version(new))
        named, told = time.perf_counter(), False
        with no_space():
            try:
                self._found.world.make_live(ORDER, new)
            except ServingError as error:
                told = "cannot be written" in str(error)
        time.sleep(EACH_S)
        until = time.perf_counter()
        self._mend(new)
        return Swap("no space", old, new, named, until, told and self._place.named() == old)

    def _mend(self, number: int) -> None:
        shutil.rmtree(self._place.version(number), ignore_errors=True)
        shutil.copytree(self._aside / str(number), self._place.version(number))

    def _ready(self) -> dict[str, Any]:
        status, body = self._found.server.get("/ready")
        if status != 200:
            raise SystemExit(f"/ready says {status}: {body!r}")
        return dict(json.loads(body))


@contextmanager
def no_space() -> Iterator[None]:
    """Let no file of this process grow; the server's are other processes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def truncated(folder: Path) -> None:
    """Cut a file in half."""
    content = (folder / MODEL).read_bytes()
    (folder / MODEL).write_bytes(content[: len(content) // 2])


def changed(folder: Path) -> None:
    """Change one byte of a file."""
    content = (folder / MODEL).read_bytes()
    (folder / MODEL).write_bytes(content[:-1] + b" ")


def raising(folder: Path) -> None:
    """Let the model raise when it is asked, with hashes that hold."""
    content = (folder / "model" / "recipe.json").read_text(encoding="utf-8")
    recipe = json.loads(content)
    (folder / "model" / "recipe.json").write_text(
        json.dumps({**recipe, "features": [*recipe["features"], "nowhere"]}), encoding="utf-8"
    )
    about = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
    about["files"] = {name: file_sha256(folder / name) for name in about["files"]}
    about["content"] = folder_hash(folder / "model")
    (folder / ABOUT).write_text(json.dumps(about), encoding="utf-8")


BROKEN: dict[str, Callable[[Path], None]] = {
    "truncated file": truncated,
    "wrong hash": changed,
    "model that raises": raising,
    "no space": lambda folder: None,
}


def measured(found: Served, swaps: int, steady_s: float, aside: Path) -> tuple[list[dict[str, Any]], list[str]]:
    """Return a row for every kind of swap, and sentences: what was asked, and what breaks a limit."""
    rate, swapper = found.saturation() / 4, Swapper(found, aside)
    steady, during, made = list[Reply](), list[Reply](), list[Swap]()
    for block in range(swaps // BLOCK):
        steady += found.load(rate, steady_s).result()
        asking = found.load(rate, BLOCK_S)
        time.sleep(0.5)  # the first answers are there
        made += [swapper.swap(block * BLOCK + number) for number in range(BLOCK)]
        during += asking.result()
    metrics = found.server.get("/metrics", found.token)[1]
    said = found.judge([*steady, *during])
    rows = [_row(kind, [each for each in made if each.kind == kind], during) for kind in ("good", *BROKEN)]
    before, beside = percentile(steady, 99), percentile(during, 99)
    wrong = [
        *(f"{count} answers: {kind}" for kind, count in said.items() if kind != "right"),
        *(f"{row['swap']}: {row['kept']} of {row['times']}" for row in rows if row["kept"] != row["times"]),
        *([] if b'outcome="refused"' in metrics else ["/metrics tell of no version that was refused"]),
    ]
    slow = [
        *(f"a swap took {row['longest, s']} s" for row in rows if (row["longest, s"] or 0) > MOST_SWAP_S),
        *([] if beside <= MOST_TIMES * before else ["p99"]),
    ]
    asked = f"{len(steady) + len(during)} requests at {rate:.0f} a second: {dict(said)}."
    slower = f"p99 {beside:.0f} ms while versions were swapped, {before:.0f} ms between ({beside / before:.2f} x, limit {MOST_TIMES:.0f} x)."
    return rows, [asked, slower, *(f"{OVER}: {each}." for each in slow), *(f"{WRONG}: {each}." for each in wrong)]


def _row(kind: str, swaps: Sequence[Swap], replies: Sequence[Reply]) -> dict[str, Any]:
    """Return what became of the swaps of a kind; `kept` counts those after which all was as it must be."""
    good = kind == "good"
    kept = [_as_it_must_be(swap, _answers(swap, replies)) for swap in swaps]
    lasted = [_lasted(swap, replies) for swap in swaps] if good else []
    return {
        "swap": kind,
        "times": len(swaps),
        "kept": sum(kept),
        "median, s": round(float(np.median(lasted)), 2) if lasted else None,
        "longest, s": round(max(lasted), 2) if lasted else None,
    }


def _as_it_must_be(swap: Swap, answers: Sequence[tuple[float, dict[str, Any]]]) -> bool:
    """Return whether the new version took over, or the old one stayed and told why."""
    if not answers:
        return False
    if swap.kind == "good":
        return bool(answers[-1][1]["version"] == swap.new)
    labels = [label for _, each in answers for label in each["labels"]]
    labelled = any(label.startswith(IN_PLACE.format(swap.old)) for label in labels)
    return (
        {each["version"] for _, each in answers} == {swap.old}
        and bool(swap.told)
        and labelled == (swap.kind != "no space")
    )


def _answers(swap: Swap, replies: Sequence[Reply]) -> list[tuple[float, dict[str, Any]]]:
    """Return the answers to what was asked until the next thing happened, with the instants of the requests, in their order."""
    own = [reply for reply in replies if swap.named <= reply.at <= swap.until and reply.status == 200]
    return [(reply.at, orjson.loads(reply.body)) for reply in sorted(own, key=lambda reply: reply.at)]


def _lasted(swap: Swap, replies: Sequence[Reply]) -> float:
    """Return the seconds until the last request that the older version answered."""
    found = _answers(swap, replies)
    return max((at - swap.named for at, each in found if each["version"] == swap.old), default=0.0)


def _named_at(live: Path) -> float:
    """Return when `live` was written, by `time.perf_counter`."""
    return time.perf_counter() - (time.time() - live.stat().st_mtime)


def main() -> None:
    """Parse the command line, measure, print."""
    chosen = options(__doc__, f"{SMALL_SWAPS} swaps", seed=17).parse_args()
    number = SMALL_SWAPS if chosen.small else SWAPS
    steady_s = SMALL_STEADY_S if chosen.small else STEADY_S
    with ExitStack() as stack:
        folder, aside = (Path(stack.enter_context(tempfile.TemporaryDirectory())) for _ in range(2))
        found = stack.enter_context(served(folder, chosen.seed, small=chosen.small))
        rows, said = measured(found, number, steady_s, aside)
    report("swaps", markdown(rows) + "\n" + "\n".join(said) + "\n", {"rows": rows, "said": said}, chosen)
    if wrong := [each for each in said if each.startswith(WRONG)]:
        raise SystemExit(" ".join(wrong))


if __name__ == "__main__":
    main()
