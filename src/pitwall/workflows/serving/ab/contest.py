"""The test that a server runs: the challenger beside the champion, and which of them answers a race."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pitwall.domain.errors import PitwallError
from pitwall.domain.records.ab_rows import SERVED, SHADOW, DeclaredTest, label
from pitwall.domain.records.aliases import CHAMPION
from pitwall.workflows.serving.bundle import Champion
from pitwall.workflows.serving.places import Place, read_json

MISSING = "{}: version {} (challenger) does not answer ({}); version {} (champion) does"


@dataclass(frozen=True)
class Given:
    """Who answers a race of a test.

    Attributes:
        answers: the version that does.
        shadow: the one that is asked behind it; None where it is not whole.
        labels: what a reader must know of it.
        test: hash of the row that declares the test.
    """

    answers: Champion
    shadow: Champion | None
    labels: tuple[str, ...]
    test: str

    def arm(self, version: Champion) -> str:
        """Return whether a version answers, or is asked behind the answer."""
        return SERVED if version is self.answers else SHADOW


@dataclass(frozen=True)
class Contest:
    """A test with its challenger, ready to answer.

    Attributes:
        test: as the track record declares it.
        challenger: None where its folder is not whole.
        trouble: why it is not; empty where it is.
        due: seconds since 1970 from which on it holds.
        clock: seconds since 1970.
    """

    test: DeclaredTest
    challenger: Champion | None
    trouble: str
    due: float
    clock: Callable[[], float] = time.time

    def given(self, champion: Champion, facts: Mapping[str, Any]) -> Given | None:
        """Return who answers a race; None where the test has nothing to do with it.

        Args:
            champion: who is live.
            facts: of the race.
        """
        test = self.test
        if champion.version != test.champion or self.clock() < self.due or not test.takes_part(facts["cutoff"]):
            return None
        other = self.challenger
        if other is None:
            said = MISSING.format(test.title, test.challenger, self.trouble, test.champion)
            return Given(champion, None, (said,), test.hash)
        role = test.arm(facts["race"]["label"])
        answers, shadow = (champion, other) if role == CHAMPION else (other, champion)
        return Given(answers, shadow, (label(test.title, role, answers.version, shadow.version),), test.hash)


def read_contest(
    place: Place, load: Callable[[int], Champion], due: float, clock: Callable[[], float]
) -> Contest | None:
    """Return the test of a name; None where none runs, and one without a challenger where that is not whole.

    Args:
        place: of the name.
        load: reads a version, and raises PitwallError where it is not whole.
        due: when it begins to hold.
        clock: seconds since 1970.

    Raises:
        ServingError: the file of the test is damaged.
        TypeError: it says other things than a test.
    """
    if not place.test.is_file():
        return None
    test = DeclaredTest(**read_json(place.test))
    try:
        return Contest(test, load(test.challenger), "", due, clock)
    except PitwallError as error:
        return Contest(test, None, str(error), due, clock)
