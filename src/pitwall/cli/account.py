"""`pitwall account`: who may log in to the pages (docs/accounts.md). A password comes from a prompt, a file or standard input, never from an argument."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from pitwall.cli._commands import Commands, Group
from pitwall.cli._output import JsonOption, console, table, write_json

app = typer.Typer(
    help="Accounts for the pages: who may log in, and as what.", no_args_is_help=True, rich_markup_mode=None
)

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="Of the account.")]
PasswordOption = Annotated[
    str | None,
    typer.Option(
        metavar="FILE", help="With the password as its first line; - is standard input. Asked for when left out."
    ),
]


@app.command("create", epilog="Example: pitwall account create ada --tier team")
def create(
    name: NameArgument,
    role: Annotated[str | None, typer.Option(help="member or admin; the first account is an admin's.")] = None,
    tier: Annotated[str | None, typer.Option(help="The owner's from now on; a new owner's is free.")] = None,
    password_file: PasswordOption = None,
    json_file: JsonOption = None,
) -> None:
    """Make an account."""
    from pitwall.workflows.people import accounts
    from pitwall.workflows.workspace import Workspace

    with Workspace() as workspace:
        made = accounts.create(workspace, name, _password(password_file), role, tier)
    console(json_file).print(f"{made.name} may log in: {made.role}, tier {made.tier}")
    write_json(made.row(), json_file)


@app.command("list", epilog="Example: pitwall account list --json -")
def list_accounts(json_file: JsonOption = None) -> None:
    """List all accounts by name."""
    from pitwall.workflows.workspace import Workspace

    with Workspace() as workspace:
        found = [(each, len(workspace.people.sessions(each.name))) for each in workspace.people.accounts()]
    rows = [
        (a.name, a.role, a.tier, f"{a.created:%Y-%m-%d}", f"{a.changed:%Y-%m-%d}", str(open_)) for a, open_ in found
    ]
    columns = ["name", "role", "tier", "created", "password of", "sessions"]
    console(json_file).print(table(f"accounts: {len(found)}", columns, rows, right=["sessions"]))
    write_json([{**account.row(), "sessions": open_} for account, open_ in found], json_file)


@app.command("password", epilog="Example: pitwall account password ada")
def password(name: NameArgument, password_file: PasswordOption = None, json_file: JsonOption = None) -> None:
    """Set another password; all sessions of the account end, and so does its wait after wrong ones."""
    from pitwall.workflows.people import accounts
    from pitwall.workflows.workspace import Workspace

    with Workspace() as workspace:
        workspace.people.account(name)
        ended = accounts.set_password(workspace, name, _password(password_file))
    console(json_file).print(f"{name} has another password; sessions ended: {ended}")
    write_json({"name": name, "ended": ended}, json_file)


@app.command("role", epilog="Example: pitwall account role ada admin")
def role(
    name: NameArgument,
    given: Annotated[str, typer.Argument(metavar="ROLE", help="member or admin.")],
    json_file: JsonOption = None,
) -> None:
    """Give somebody a role; it holds from their next page on."""
    from pitwall.domain.access.permissions import checked_role
    from pitwall.workflows.workspace import Workspace

    with Workspace() as workspace:
        found = workspace.people.set_role(name, checked_role(given))
    console(json_file).print(f"{found.name} is {found.role}")
    write_json(found.row(), json_file)


@app.command("delete", epilog="Example: pitwall account delete ada --yes")
def delete(
    name: NameArgument,
    yes: Annotated[bool, typer.Option("--yes", help="Without asking for the name once more.")] = False,
    json_file: JsonOption = None,
) -> None:
    """Delete an account with what is theirs, and say what went and what stayed."""
    from pitwall.domain.errors import UsageError
    from pitwall.workflows.people import accounts
    from pitwall.workflows.workspace import Workspace

    with Workspace() as workspace:
        workspace.people.account(name)
        if not yes and typer.prompt("The name once more, to delete all that is theirs", err=True) != name:
            raise UsageError("another name was typed; nothing was deleted.")
        said = accounts.delete(workspace, name)
    for line in said:
        console(json_file).print(line, soft_wrap=True)
    write_json({"name": name, "said": said}, json_file)


def _password(file: str | None) -> str:
    """Return a password that was typed twice, or the first line of a file."""
    from pitwall.domain.errors import UsageError

    if file is None:
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt="Once more", err=True))
    try:
        text = sys.stdin.readline() if file == "-" else Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"no password could be read from {file}: {type(error).__name__}.") from error
    return text.split("\n", 1)[0].removesuffix("\r")


COMMANDS = Commands((Group("account", app),), order=14)
