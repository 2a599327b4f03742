"""`pitwall tune`: search for a model's settings, compare strategies of search, and what there is to choose from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from pitwall.cli._commands import Commands, Group
from pitwall.cli._output import JsonOption, ModelArgument, console, progress, table, write_json
from pitwall.cli._tune_words import Teller, interval_of, say_before, say_folds, say_found


class _ModelFirst(TyperGroup):
    """A group whose first command is meant where none is named: `pitwall tune podium` is `pitwall tune model podium`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Name the first command where the words begin with none."""
        if not args or args[0] not in {*self.commands, "--help"}:
            args = ["model", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=_ModelFirst,
    help="Search for a model's settings (pitwall tune MODEL), compare strategies, say what there is.",
    rich_markup_mode=None,
)
Method = Annotated[str, typer.Option(help="tpe, gp, random or grid; see `pitwall tune explain`.")]
Pruner = Annotated[str, typer.Option(help="median, hyperband or none: which trials are stopped early.")]
Trials = Annotated[int, typer.Option(min=1, help="How many; the first is the default configuration.")]
Batch = Annotated[
    int, typer.Option(min=1, help="So many are chosen at once; the result hangs on it, never on --workers.")
]
Workers = Annotated[int | None, typer.Option(min=0, help="Processes; 0: none beside this. Default: cores.")]
Estimator = Annotated[str | None, typer.Option(help="Another estimator than that of params.yaml.")]


@app.command("model", epilog="Example: pitwall tune order-pre_race --method tpe --pruner hyperband --trials 40")
def model(  # noqa: PLR0917  (Typer reads the options from the signature)
    model: ModelArgument = "order-pre_race",
    method: Method = "tpe",
    pruner: Pruner = "median",
    trials: Trials = 20,
    timeout: Annotated[
        float | None, typer.Option(help="Seconds after which no further batch begins; such a study cannot be repeated.")
    ] = None,
    workers: Workers = None,
    batch: Batch = 4,
    seed: Annotated[int | None, typer.Option(help="Of the study. Default: that of params.yaml.")] = None,
    estimator: Estimator = None,
    sweep: Annotated[Path | None, typer.Option(help="A YAML file with method, parameters, early_terminate.")] = None,
    study: Annotated[str, typer.Option(help="Its name. Default: made of what it is of.")] = "",
    storage: Annotated[
        str | None,
        typer.Option(metavar="URL", help="A file or a database of Optuna's. Default: below .pitwall/studies."),
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a study that is there.")] = False,
    json_file: JsonOption = None,
) -> None:
    """Search for the best settings of a model on its validation seasons; held-out seasons take no part."""
    from pitwall.adapters.processes.signals import exit_on_sigterm
    from pitwall.ml.search.settings import SearchSettings
    from pitwall.workflows.tune import study as workflow
    from pitwall.workflows.tune.subject import subject, sweep_of
    from pitwall.workflows.workspace import Workspace

    screen = console(json_file)
    with exit_on_sigterm(), Workspace() as workspace:
        params = workspace.job(model).params
        settings = SearchSettings(
            trials=trials,
            method=method,
            pruner=pruner,
            seed=params.seed if seed is None else seed,
            batch=batch,
            startup_trials=params.tuning.startup_trials,
            warmup=params.tuning.pruner_warmup_rounds,
            timeout=timeout,
        )
        asked = sweep_of(sweep, settings)
        settings = settings if asked is None else asked.settings
        sought = subject(workspace, model, estimator, asked)
        kept = workflow.Kept(study, storage, resume, workers)
        say_before(screen, sought, settings, kept.processes(settings.batch))
        done = workflow.tune(workspace, sought, settings, kept, Teller(settings, kept.processes(settings.batch)))
    say_found(screen, done)
    write_json(done.content, json_file)


@app.command(
    "compare", epilog="Example: pitwall tune compare dnf-pre_race --methods grid,random,tpe --seeds 3 --trials 20"
)
def compare(  # noqa: PLR0917  (Typer reads the options from the signature)
    model: ModelArgument = "order-pre_race",
    methods: Annotated[
        str, typer.Option(help="Strategies, with a pruner where one is wanted: random,tpe,tpe+hyperband.")
    ] = "grid,random,tpe",
    seeds: Annotated[int, typer.Option(min=1, help="Studies of each.")] = 3,
    trials: Trials = 20,
    workers: Workers = None,
    batch: Batch = 4,
    estimator: Annotated[
        str | None,
        typer.Option(help="Another than that of params.yaml; with --splits these, with commas, instead of all."),
    ] = None,
    splits: Annotated[
        bool, typer.Option("--splits", help="Instead: rank all estimators under shuffled and under forward folds.")
    ] = False,
    json_file: JsonOption = None,
) -> None:
    """Run strategies with several seeds at equal numbers of trials, and say what each loses to the best known."""
    from pitwall.workflows.workspace import Workspace

    screen = console(json_file)
    with Workspace() as workspace:
        if splits:
            write_json(say_folds(screen, workspace, model, estimator), json_file)
            return
        from pitwall.ml.search.settings import SearchSettings
        from pitwall.workflows.tune import compare as workflow
        from pitwall.workflows.tune.subject import subject

        params = workspace.job(model).params
        start, warmup = params.tuning.startup_trials, params.tuning.pruner_warmup_rounds
        settings = SearchSettings(trials=trials, batch=batch, seed=params.seed, startup_trials=start, warmup=warmup)
        strategies = [
            (method, pruner or "none")
            for method, _, pruner in (each.strip().partition("+") for each in methods.split(","))
        ]
        for method, pruner in strategies:
            SearchSettings(method=method, pruner=pruner)  # refuses names before anything is read
        sought = subject(workspace, model, estimator)
        rows = sought.rows
        screen.print(
            f"{sought.job.name}, {sought.recipe.estimator}: {len(strategies)} strategies x {seeds} seeds x {trials} trials on "
            f"{rows['rows_learned']:,} rows",
            soft_wrap=True,
        )
        with progress("studies") as tell:
            done = workflow.compare(workspace, sought, strategies, seeds, settings, workers=workers, on_study=tell)
    lines = [
        (
            each.strategy,
            f"{each.best:.5f}",
            interval_of(each.regret),
            interval_of(each.half),
            f"{each.pruned:.0%}",
            f"{each.seconds:.1f}",
        )
        for each in done.scores
    ]
    heads = ["strategy", "best", "regret", "regret at half", "pruned", "s"]
    title = f"{sought.label} over {seeds} seeds; regret: above the best known, {done.known:.5f}; the default has {done.default:.5f}"
    screen.print(table(title, heads, lines, right=heads[1:]))
    screen.print(f"picture: {done.picture}", soft_wrap=True)
    write_json(done.content, json_file)


@app.command("explain", epilog="Example: pitwall tune explain")
def explain(json_file: JsonOption = None) -> None:
    """Show the methods and pruners: how they choose, what a trial is worth, when to take them."""
    from dataclasses import asdict

    from pitwall.ml.search.methods import TABLE

    rows = [asdict(each) for each in TABLE]
    heads = {
        "method": "method",
        "strategy": "strategy",
        "efficiency": "efficiency",
        "best_for": "best for",
        "parallel": "at the track",
    }
    console(json_file).print(
        table(
            "Methods of search, then rules of pruning",
            list(heads.values()),
            [[row[key] for key in heads] for row in rows],
        )
    )
    write_json(rows, json_file)


COMMANDS = Commands((Group("tune", app),), order=6)
