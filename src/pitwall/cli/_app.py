"""Put the command groups together. Only Typer is imported here: `pitwall --help` answers in a fraction of a second."""

from __future__ import annotations

import typer

from pitwall.cli import (
    audit,
    backtest,
    card,
    data,
    doctor,
    exp,
    features,
    forecast,
    gc,
    init,
    lineage,
    move,
    online,
    promote,
    registry,
    registry_moves,
    reproduce,
    run,
    train,
    truth,
    ui,
    upgrade,
)

app = typer.Typer(
    name="pitwall",
    help="Formula 1 forecasts with their baselines, intervals and provenance.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help: Rich's needs 0.3 s of imports
    epilog="Example: pitwall run race-weekend",
)
app.command("init", epilog="Example: pitwall init my-season")(init.init)
app.command("doctor", epilog="Example: pitwall doctor --json -")(doctor.doctor)
data.app.command("truth", epilog="Example: pitwall data truth --stage pre_race --draws 2000")(truth.truth)
app.add_typer(data.app, name="data")
features.app.command("materialise", epilog="Example: pitwall features materialise --until 2024-12-06T09:30")(
    online.materialise
)
features.app.command("skew", epilog="Example: pitwall features skew --since 2024-11-01 --json skew.json")(online.skew)
app.add_typer(features.app, name="features")
app.command("audit", epilog="Example: pitwall audit --group driver_form --feature grid --json audit.json")(audit.audit)
app.add_typer(run.app, name="run")
app.command("train", epilog="Example: pitwall train order-pre_race")(train.train)
app.command("promote", epilog="Example: pitwall promote race_winner --json verdicts.json")(promote.promote)
app.command("lineage", epilog="Example: pitwall lineage race_winner@champion --graph lineage.svg")(lineage.lineage)
app.command("card", epilog="Example: pitwall card race_winner@champion --html card.html")(card.card)
app.command("reproduce", epilog="Example: pitwall reproduce race_winner@champion")(reproduce.reproduce)
registry.app.command(
    "approve", epilog='Example: pitwall registry approve race_winner --by Ada --note "checked on Monza"'
)(registry_moves.approve)
registry.app.command(
    "promote", epilog='Example: pitwall registry promote race_winner --to staging --by Ada --note "for review"'
)(registry_moves.promote)
registry.app.command("rollback", epilog='Example: pitwall registry rollback race_winner --note "worse in the wet"')(
    registry_moves.rollback
)
app.add_typer(registry.app, name="registry")
app.add_typer(exp.app, name="exp")
app.command("forecast", epilog="Example: pitwall forecast --race 2024-24 --template race_winner")(forecast.forecast)
app.command(
    "backtest", epilog="Example: pitwall backtest --template race_winner --seasons 2015:2024 --html backtest.html"
)(backtest.backtest)
app.command("gc", epilog="Example: pitwall gc --keep 10 --older-than 30 --dry-run")(gc.gc)
app.command("move", epilog="Example: pitwall move --from /home/ada/f1")(move.move)
app.command("upgrade", epilog="Example: pitwall upgrade --dry-run")(upgrade.upgrade)
app.command("ui", epilog="Example: pitwall ui")(ui.ui)
