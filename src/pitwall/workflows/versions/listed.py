"""The registered models: what each answers, who is champion, since when, and who waits for the gates."""

from __future__ import annotations

from dataclasses import dataclass

from pitwall.domain.errors import PitwallError, UnknownName
from pitwall.domain.ports import ModelVersion
from pitwall.domain.records.aliases import CANDIDATE, CHAMPION
from pitwall.ml.models.machinery.names import trained_names
from pitwall.ml.registry.champion_tenures import Reign, reigns
from pitwall.ml.templates import answered_by
from pitwall.workflows.workspace import Workspace


@dataclass(frozen=True)
class ModelLine:
    """A model in the list.

    Attributes:
        name: registered, or to be.
        questions: that it answers, by name; none where nobody knows the model any more.
        versions: how many there are.
        champion: who answers; None before the first promotion.
        candidate: who waits for the gates.
        since: of the champion, ISO text in UTC; empty where the history does not tell.
    """

    name: str
    questions: tuple[str, ...]
    versions: int
    champion: ModelVersion | None
    candidate: ModelVersion | None
    since: str


def models(workspace: Workspace) -> list[ModelLine]:
    """Return the models of the registry and those that the project trains, by name."""
    registered = set(workspace.registry.models())
    names = sorted(registered | set(trained_names(workspace.params, workspace.project)))
    rows = workspace.history.rows()
    return [
        _line(workspace, name, name in registered, [row for row in rows if row.get("model") == name]) for name in names
    ]


def known(workspace: Workspace, name: str) -> str:
    """Return the registered name of a model, or of the model that answers a template.

    Raises:
        UnknownName: nothing of that name is registered, or can be trained.
    """
    registered = workspace.registry.models()
    if name in registered:
        return name
    try:
        return workspace.job(name).name
    except UnknownName as error:
        raise UnknownName("model", name, registered) from error


def questions_of(workspace: Workspace, name: str) -> tuple[str, ...]:
    """Return the questions that a model answers; none where nobody knows it any more."""
    try:
        return tuple(each.name for each in answered_by(workspace.job(name).model))
    except PitwallError:
        return ()


def tenures(workspace: Workspace, name: str) -> list[Reign]:
    """Return who was champion of a model, the first one first."""
    return reigns(workspace.history.rows(name))


def _line(workspace: Workspace, name: str, registered: bool, rows: list[dict[str, object]]) -> ModelLine:
    versions = workspace.registry.versions(name) if registered else []
    aliases = workspace.registry.aliases(name) if registered else {}
    by_number = {each.version: each for each in versions}
    held = reigns(rows)
    return ModelLine(
        name,
        questions_of(workspace, name),
        len(versions),
        by_number.get(aliases.get(CHAMPION, 0)),
        by_number.get(aliases.get(CANDIDATE, 0)),
        held[-1].since if held and CHAMPION in aliases else "",
    )
