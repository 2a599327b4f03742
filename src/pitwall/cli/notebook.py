"""`pitwall notebook`: what the tagged cells of a notebook declare, as an order."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pitwall.cli._commands import Commands, Group
from pitwall.cli._output import JsonOption, VerboseOption, console, table, write_json

if TYPE_CHECKING:
    from pitwall.workflows.importing.importing import Imported

app = typer.Typer(help="Import a notebook as a model.", no_args_is_help=True, rich_markup_mode=None)
COLUMNS = ("cell", "tag", "begins with", "state", "why", "seconds")


@app.callback()
def notebook() -> None:
    """Import a notebook as a model."""


@app.command("import", epilog="Example: pitwall notebook import idea.ipynb --write order.yaml")
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="An .ipynb, or its text with `# %%` lines.")],
    preview: Annotated[bool, typer.Option("--preview", help="Show what it will meet; nothing is trained.")] = False,
    write: Annotated[Path | None, typer.Option(help="Write the order to a file; nothing is trained.")] = None,
    verbose: VerboseOption = False,
    json_file: JsonOption = None,
) -> None:
    """Run the tagged cells behind walls, say of every cell what became of it, and train the order that they declare."""
    from pitwall.cli.machinery.orders import show_preview, train_order
    from pitwall.domain.errors import UsageError
    from pitwall.workflows.importing.importing import import_notebook
    from pitwall.workflows.orders.order import written

    if not file.is_file():
        raise UsageError(f"there is no notebook at {file}; name an .ipynb, or Python text with `# %%` lines.")
    found = import_notebook(file.read_bytes())
    _show(found, json_file)
    if write is None and not preview and found.order is not None:
        train_order(found.order, verbose=verbose, json_file=json_file)
        return
    write_json(found.content(), json_file)
    order = found.taken()
    if write is not None:
        write.write_text(written(order), encoding="utf-8")
        console(json_file).print(f"written to {write}; train it with: pitwall order train {write}", soft_wrap=True)
    else:
        show_preview(order, None)


def _show(found: Imported, json_file: str | None) -> None:
    screen = console(json_file)
    rows = [
        (str(each.cell), each.tag, each.title, each.state, each.why, f"{each.seconds:.2f}" if each.seconds else "")
        for each in found.cells
    ]
    screen.print(table("cells", list(COLUMNS), rows))
    if found.printed.strip():
        screen.print(f"printed: {found.printed.strip()[:500]!r}", soft_wrap=True)


COMMANDS = Commands((Group("notebook", app),), order=6)
