"""A look in words."""

from dataclasses import replace

import pytest

from pitwall.monitoring.sequential import AHEAD, BEHIND, UNDECIDED, Look, say

OPEN = Look(20, 0.08, 0.07, -0.05, 0.21, 6.0, 0.1, UNDECIDED, None, 9)
DECIDED = replace(OPEN, races=35, mean=0.11, verdict=AHEAD, decided_after=31, ahead=46.2, to_go=None)


@pytest.mark.parametrize(
    ("look", "text"),
    [
        (None, "no race yet"),
        (OPEN, "ahead by .08 nats, not yet entitled to say so, about nine more races"),
        (replace(OPEN, to_go=1), "ahead by .08 nats, not yet entitled to say so, about one more race"),
        (replace(OPEN, to_go=13), "ahead by .08 nats, not yet entitled to say so, about 13 more races"),
        (
            replace(OPEN, mean=-1.2, clipped=-0.4),
            "behind by 1.20 nats, not yet entitled to say so, about nine more races",
        ),
        (
            replace(OPEN, races=2, to_go=None),
            "ahead by .08 nats, not yet entitled to say so, too few races (two) to tell how many more",
        ),
        (
            replace(OPEN, mean=0.0042, to_go=None),
            "ahead by .0042 nats, not yet entitled to say so, and not within ten seasons at this pace",
        ),
        (
            replace(OPEN, mean=1e-6, to_go=None),
            "ahead by less than .0001 nats, not yet entitled to say so, and not within ten seasons at this pace",
        ),
        (
            replace(OPEN, mean=0.0, to_go=None),
            "level, not yet entitled to say more, and not within ten seasons at this pace",
        ),
        (
            replace(OPEN, mean=-0.02, clipped=0.03),
            "behind by .02 nats, but ahead where single races count no more than the bound, not yet entitled to say so, about nine more races",
        ),
        (DECIDED, "ahead by .11 nats, entitled to say so since race 31 (e-value 46)"),
        (replace(DECIDED, ahead=3e7), "ahead by .11 nats, entitled to say so since race 31 (e-value above a million)"),
        (
            replace(DECIDED, verdict=BEHIND, mean=-0.3, clipped=-0.2, behind=1234.5),
            "behind by .30 nats, entitled to say so since race 31 (e-value 1,234)",
        ),
        (
            replace(DECIDED, mean=-0.05, clipped=-0.05),
            "entitled to say ahead since race 31 (e-value 46), though over all 35 races behind by .05 nats",
        ),
    ],
)
def test_a_look_is_said_like_this(look: Look | None, text: str) -> None:
    assert say(look) == text


def test_the_unit_is_that_of_the_loss() -> None:
    assert say(OPEN, "brier").startswith("ahead by .08 brier,")
