"""The section of a card that says what a model reads: how much each feature group adds to its answers, as a table and a picture."""

from __future__ import annotations

import pandas as pd

from pitwall.domain.keys import BLOCK, WHEN
from pitwall.ml.cards.subject import Described
from pitwall.ml.evaluation.contributions import Contributions, contributions, groups_of, unit_of
from pitwall.ml.models import Model
from pitwall.ml.models.machinery.fitted import FittedModel
from pitwall.report.content.blocks import Picture, Table, Text
from pitwall.report.content.document import Section
from pitwall.report.figures.bars import bars_figure
from pitwall.report.figures.canvas import png

NAME = "What it reads"
ROWS = 1000  # about as many of the newest races, whole ones: enough for a mean
NOTHING = "No features: it counts outcomes alone."
HOW = (
    "Mean size of what each feature group adds to the score of a {row}, in {unit}, over the newest {rows} {of} of its frame{how}. It "
    "explains the model, not the world: groups that move together share their credit."
)
EXACT = "; the contributions are exact"
EXCHANGED = (
    "; this model has no contributions of its own, so the values of a group were exchanged for those of other rows"
)


def reads(subject: Described) -> tuple[Section, ...]:
    """Return the section; nothing where the model itself is not at hand."""
    if subject.model is None:
        return ()
    section = what_it_reads(subject.model, subject.candidate.definition, subject.candidate.frame)
    return () if section is None else (section,)


def what_it_reads(model: FittedModel, definition: Model, frame: pd.DataFrame) -> Section | None:
    """Return how much each feature group adds to the answers of a model.

    Args:
        model: of any family.
        definition: of what it is.
        frame: spine columns and features, whole races.

    Returns:
        None where the frame lacks a feature that the model reads.
    """
    if loaded(model, frame) is None:
        return None
    columns = groups_of(model)
    if not columns:
        return Section(NAME, (Text(NOTHING),))
    newest, before = _newest(frame)
    found, unit, kind = contributions(model, newest, before), unit_of(definition), definition.kind
    sizes = found.groups.abs().mean().sort_values(ascending=False, kind="stable")
    said = HOW.format(row=kind.nouns[0], unit=unit, rows=len(newest), of=kind.nouns[1], how=_how(found))
    rows = tuple((str(name), f"{size:.4f}", ", ".join(columns[str(name)])) for name, size in sizes.items())
    shown = {str(name): float(size) for name, size in sizes.items()}
    figure = bars_figure(
        shown, f"{model.name}: what its answers are made of", label=f"mean size of the contribution ({unit})"
    )
    picture = Picture("feature_groups.png", f"mean contribution of each feature group, in {unit}", png(figure), True)
    return Section(NAME, (Text(said), Table(("feature group", unit, "features"), rows, (unit,)), picture))


def loaded(model: FittedModel, frame: pd.DataFrame) -> FittedModel | None:
    """Return the model where the frame has all that it reads: another source's frame may lack a feature."""
    return model if set(model.recipe.features) <= set(frame.columns) else None


def _how(found: Contributions) -> str:
    return EXCHANGED if found.features is None else EXACT


def _newest(frame: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the rows of the newest races, and all rows of the frame to hold them against."""
    ordered = frame.sort_values([*WHEN, BLOCK], kind="stable", ignore_index=True)
    size = ordered.groupby(BLOCK, sort=False).size()[::-1].cumsum()
    chosen = set(size.index[size <= max(ROWS, int(size.iloc[0]))])
    return ordered[ordered[BLOCK].isin(chosen)].reset_index(drop=True), ordered
