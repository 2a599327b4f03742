"""The corrected momentum score, the example of a custom feature that ships."""

import pandas as pd
import pytest

from pitwall.domain.params import Params
from pitwall.features.machinery.build import build_group
from pitwall.features.machinery.custom.trial import tiny_world
from pitwall.features.momentum_score import GROUP as MOMENTUM
from pitwall.features.momentum_score import momentum_score

WORLD = tiny_world()


@pytest.mark.parametrize(
    ("places", "field", "score"),
    [
        ([1], 20, 1.0),
        ([20], 20, 0.05),
        ([11, 1], 20, (0.25 * 0.5 + 0.35 * 1.0) / 0.6),
        ([1, 1, 1, 1, 1], 26, 1.0),
        ([22, 5, 4, 3, 2, 1], 22, (22 * 0.35 + 21 * 0.25 + 20 * 0.20 + 19 * 0.12 + 18 * 0.08) / 22),
    ],
)
def test_momentum_counts_the_field_and_the_races_that_there_are(places, field, score):
    history = pd.DataFrame({"place": places, "field_size": field})
    assert momentum_score(history) == pytest.approx(score)


def test_momentum_of_a_debut_is_null():
    rows = build_group(MOMENTUM, WORLD, Params())
    first = rows.groupby("driver_id")["event_timestamp"].min()
    races = WORLD["races"].set_index("race_id")["starts_at"]
    assert (first > races.min()).all()  # a state begins after the first race: before it the join finds nothing
    assert MOMENTUM.sets == ("driver",)
