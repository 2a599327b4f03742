"""`pitwall promote`: send the newest candidate through all gates; it becomes the champion or the table says why not."""

from __future__ import annotations

from pitwall.cli._commands import Command, Commands
from pitwall.cli._output import ApprovalNote, ApproveOption, JsonOption, ModelArgument


def promote(
    model: ModelArgument = "order-pre_race",
    approve: ApproveOption = None,
    note: ApprovalNote = "",
    json_file: JsonOption = None,
) -> None:
    """Judge the newest candidate of a model and promote it if every gate passes; exit code 3 if one refuses."""
    from pitwall.cli._promotion import judge_and_promote
    from pitwall.workflows.workspace import Workspace

    workspace = Workspace()
    judge_and_promote(workspace.project, workspace.job(model).name, approve or [], note, json_file=json_file)


COMMANDS = Commands((Command("promote", promote, "race_winner --json verdicts.json"),), order=7)
