"""How fast does a tyre wear? Asked before a race of each compound, answered by what its stints there lost per lap."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pitwall.domain.keys import RACE_COMPOUND
from pitwall.domain.when import Stage
from pitwall.features.machinery.shared.green import READS
from pitwall.features.machinery.shared.tyre_wear import compound_wear
from pitwall.ml.families.curve import SLOPE
from pitwall.ml.templates._template import InColumn, Template

if TYPE_CHECKING:
    import pandas as pd

    from pitwall.domain.tables import Tables

TABLES = ("races", *READS)


def _label(tables: Tables) -> pd.Series:
    """Return the median slope (s/lap) of each race and compound that enough stints show."""
    found = compound_wear(tables.only(*TABLES).as_of())
    return found.set_index(list(RACE_COMPOUND))["wear"].rename("label")


TEMPLATE = Template(
    name="tyre_degradation",
    model="tyre_degradation",
    question="How much slower does each lap on the tyre get?",
    title="slope",
    unit="s/lap",
    stages=(Stage.PRE_RACE.value,),
    tables=TABLES,
    label=_label,
    answer=InColumn(SLOPE),
    loss="mae",
    metrics=("mae", "crps", "curve_error", "coverage_80", "coverage_95"),
    baselines=("compound_median", "circuit_compound_median"),
    baseline={Stage.PRE_RACE.value: "circuit_compound_median"},
)
