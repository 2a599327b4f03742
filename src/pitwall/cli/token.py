"""`pitwall token`: who may ask the API what, and how much (docs/access.md). The text of a token is shown once, when it is made."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from pitwall.cli._commands import Commands, Group
from pitwall.cli._output import JsonOption, console, table, write_json
from pitwall.domain import clock

if TYPE_CHECKING:
    from pitwall.domain.access.words import NewToken

app = typer.Typer(
    help="Tokens for the API, and what their owners may ask.", no_args_is_help=True, rich_markup_mode=None
)

TokenArgument = Annotated[str, typer.Argument(metavar="ID", help="Of the token: the part between pw_ and the next _.")]
LimitOption = Annotated[int | None, typer.Option(metavar="N", min=1, help="No limit when left out.")]
ShareOption = Annotated[float | None, typer.Option(metavar="X", min=0, help="No limit when left out.")]


@app.command("create", epilog="Example: pitwall token create ada --scope read --scope predict --tier team --expires 90")
def create(
    owner: Annotated[str, typer.Argument(metavar="OWNER", help="Whose it is: a name or an e-mail address.")],
    scope: Annotated[
        list[str] | None, typer.Option(help="read, predict or metrics; repeats. Default: read, predict.")
    ] = None,
    tier: Annotated[str | None, typer.Option(help="The owner's from now on; a new owner's is free.")] = None,
    expires: Annotated[int | None, typer.Option(metavar="DAYS", min=1, help="Never when left out.")] = None,
    json_file: JsonOption = None,
) -> None:
    """Make a token and show it, once: only a hash of it is kept."""
    from pitwall.domain.access.words import PREDICT, READ
    from pitwall.workflows.workspace import Workspace

    lifetime = timedelta(days=expires) if expires else None
    with Workspace() as workspace:
        made = workspace.accounts.create(owner, scope or [READ, PREDICT], tier, lifetime)
    _show_once(made, json_file)


@app.command("list", epilog="Example: pitwall token list --json -")
def list_tokens(json_file: JsonOption = None) -> None:
    """List all tokens, oldest first, without their secrets."""
    from pitwall.workflows.workspace import Workspace

    with Workspace() as workspace:
        found = workspace.accounts.tokens()
    now = clock.wall()
    rows = [
        (t.id, t.owner, t.tier, " ".join(t.scopes), t.state(now), _day(t.created), _day(t.expires), t.replaces or "")
        for t in found
    ]
    columns = ["id", "owner", "tier", "scopes", "", "created", "expires", "replaces"]
    console(json_file).print(table(f"tokens: {len(found)}", columns, rows))
    write_json([{**each.row(), "state": each.state(now)} for each in found], json_file)


@app.command("rotate", epilog="Example: pitwall token rotate 0123456789ab --grace 1")
def rotate(
    token: TokenArgument,
    grace: Annotated[
        float, typer.Option(metavar="HOURS", min=0, help="For which the old one still works; 0: not at all.")
    ] = 24,
    json_file: JsonOption = None,
) -> None:
    """Make a token in another one's place and show it, once; the old one ends after the grace."""
    from pitwall.workflows.workspace import Workspace

    with Workspace() as workspace:
        made = workspace.accounts.rotate(token, timedelta(hours=grace))
    _show_once(made, json_file)


@app.command("revoke", epilog="Example: pitwall token revoke 0123456789ab")
def revoke(token: TokenArgument, json_file: JsonOption = None) -> None:
    """End a token at once."""
    from pitwall.workflows.workspace import Workspace

    with Workspace() as workspace:
        ended = workspace.accounts.revoke(token)
    console(json_file).print(f"token {ended.id} of {ended.owner} is revoked")
    write_json(ended.row(), json_file)


@app.command("tiers", epilog="Example: pitwall token tiers")
def tiers(json_file: JsonOption = None) -> None:
    """Show the tiers and their limits."""
    from pitwall.workflows.workspace import Workspace

    with Workspace() as workspace:
        found = workspace.accounts.tiers()
    rows = [[str(value) if name == "name" else _limit(value) for name, value in vars(each).items()] for each in found]
    columns = ["tier", "per minute", "at once", "per day", "jobs per day", "job hours", "dataset MB", "deployed", "GPU"]
    console(json_file).print(table("tiers", columns, rows, right=columns[1:]))
    write_json([vars(each) for each in found], json_file)


@app.command("tier", epilog="Example: pitwall token tier club --per-day 50000 --jobs-per-day 20 --job-hours 2")
def set_tier(  # noqa: PLR0917  (options of a command line)
    name: Annotated[str, typer.Argument(metavar="NAME", help="Of a tier; made if there is none.")],
    per_minute: LimitOption = None,
    burst: LimitOption = None,
    per_day: LimitOption = None,
    jobs_per_day: LimitOption = None,
    job_hours: ShareOption = None,
    dataset_mb: ShareOption = None,
    deployed: LimitOption = None,
    gpu: Annotated[bool, typer.Option("--gpu", help="Orders may ask to learn on a GPU.")] = False,
    json_file: JsonOption = None,
) -> None:
    """Set all limits of a tier, for all its owners; one that is left out is none."""
    from pitwall.domain.access.words import Tier
    from pitwall.workflows.workspace import Workspace

    with Workspace() as workspace:
        workspace.accounts.set_tier(
            Tier(name, per_minute, burst, per_day, jobs_per_day, job_hours, dataset_mb, deployed, gpu)
        )
    tiers(json_file)


def _show_once(made: NewToken, json_file: str | None) -> None:
    screen, token = console(json_file), made.token
    if json_file != "-":
        screen.print(made.text, soft_wrap=True)
    ends = f"ends {token.expires:%Y-%m-%d %H:%M} UTC" if token.expires else "has no end"
    screen.print(
        f"of {token.owner} ({token.tier}), for {', '.join(token.scopes)}; {ends}. Keep it now: it is not shown again, and "
        "only a hash of it is stored.",
        soft_wrap=True,
    )
    write_json({**token.row(), "text": made.text}, json_file)


def _day(at: datetime | None) -> str:
    return "" if at is None else f"{at:%Y-%m-%d %H:%M}"


def _limit(value: float | bool | None) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value is None else f"{value:,}"


COMMANDS = Commands((Group("token", app),), order=14)
