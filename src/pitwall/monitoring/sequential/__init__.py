"""Which of two is better, race by race: a paired test that may be looked at after every race and stopped at any.

One difference a race: the loss of the side that stands minus that of the challenger, so that a positive one speaks for the challenger. `Design` is
declared before the first race, `looks` says what each race has shown, `say` puts that into words.
"""

from pitwall.monitoring.sequential.after_each_race import looks
from pitwall.monitoring.sequential.design import AHEAD, BEHIND, UNDECIDED, Design, Look
from pitwall.monitoring.sequential.words import say

__all__ = ["AHEAD", "BEHIND", "UNDECIDED", "Design", "Look", "looks", "say"]
