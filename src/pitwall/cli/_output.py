"""Where a command's words and numbers go: tables for people, `--json FILE` for programs.

With `--json -` the JSON has standard output for itself and everything for people goes to standard error.
"""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from rich.console import Console

    from pitwall.domain.project import Project

WIDTH = 120
STEPS = 10  # lines of progress where there is no terminal to draw a bar on

JsonOption = Annotated[
    str | None, typer.Option("--json", metavar="FILE", help="Also write the result as JSON; - is standard output.")
]
NowOption = Annotated[
    str | None,
    typer.Option(metavar="INSTANT", help="Replay: as of a past instant, e.g. 2024-05-04T18:00Z. Recorded as replayed."),
]
VerboseOption = Annotated[
    bool, typer.Option("--verbose", help="Show the whole log instead of the finished steps; it is kept either way.")
]
ApproveOption = Annotated[
    list[str] | None, typer.Option(metavar="NAME", help="Who approves, if params.yaml asks for it; repeat for two.")
]
ApprovalNote = Annotated[str, typer.Option(metavar="TEXT", help="Why it is approved; kept with the promotion.")]
ModelArgument = Annotated[
    str, typer.Argument(metavar="[MODEL]", help="A model such as order-pre_race, or a template that it answers.")
]


def console(json_target: str | None) -> Console:
    """Return the console for people; a file or a pipe is wide enough for every table, and a path may hold [brackets]."""
    from rich.console import Console

    stderr = json_target == "-"
    stream = sys.stderr if stderr else sys.stdout
    return Console(stderr=stderr, highlight=False, markup=False, width=None if stream.isatty() else WIDTH)


def write_json(payload: Any, target: str | None) -> None:
    """Write a result to the file of `--json`, if one was asked for."""
    if target is None:
        return
    text = json.dumps(payload, indent=2, allow_nan=False) + "\n"
    if target == "-":
        sys.stdout.write(text)
    else:
        Path(target).write_text(text, encoding="utf-8")


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], right: Sequence[str] = ()) -> Any:
    """Return a plain table; `right` names the columns of numbers."""
    from rich import box
    from rich.table import Table

    made = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        made.add_column(column, justify="right" if column in right else "left")
    for row in rows:
        made.add_row(*(str(cell) for cell in row))
    return made


@contextmanager
def progress(label: str) -> Iterator[Callable[[int, int], None]]:
    """Yield what to call with (done, total): a bar on a terminal, ten lines elsewhere; always on standard error."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    screen = Console(stderr=True, highlight=False)
    if not screen.is_terminal:
        yield lambda done, total: _line(screen, label, done, total)
        return
    columns = [TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()]
    with Bar(*columns, console=screen) as bar:
        row = bar.add_task(label, total=None)
        yield lambda done, total: bar.update(row, completed=done, total=total)


def _line(screen: Console, label: str, done: int, total: int) -> None:
    if done * STEPS // total > (done - 1) * STEPS // total:
        screen.print(f"{label}: {done} of {total}")


def show_verdicts(screen: Console, model: str, verdicts: Sequence[Mapping[str, Any]], *, reasons: bool = True) -> None:
    """Print the gates' verdicts on a model: the numbers as a table, then the reasons, each on a line of its own.

    Args:
        screen: where to print.
        model: that was judged.
        verdicts: rows of the gates.
        reasons: all of them; otherwise only of the gates that refused.
    """
    from pitwall.domain.refs import Verdict
    from pitwall.report.content.verdicts import verdict_table

    found = verdict_table([Verdict(**row) for row in verdicts])
    screen.print(table(f"Gates for {model}", found.columns, found.rows, right=found.numbers))
    for v in verdicts if reasons else [v for v in verdicts if not v["passed"]]:
        screen.print(f"{'  ' if v['passed'] else '! '}{v['gate']} {v['template'] or ''}: {v['reason']}", soft_wrap=True)


def show_forecast(
    screen: Console, project: Project, stored: Path, questions: Sequence[str] = (), *, why: bool = False
) -> None:
    """Print a stored forecast as a table, the most probable winner first, where it lies, and where it stands in the track record."""
    from pitwall.ml.forecasting.forecast import only, read
    from pitwall.ml.forecasting.render import print_forecast, print_reasons
    from pitwall.workflows.record.enter import told

    made = only(read(stored), questions)
    print_forecast(made, screen)
    if why:
        print_reasons(made, screen)
    screen.print(f"stored as {stored} and, as a page, {stored.with_suffix('.html').name}", soft_wrap=True)
    screen.print(told(project, stored), soft_wrap=True)
