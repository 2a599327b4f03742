"""A forecast within a race is prompt, or it is late, by its own instants."""

from __future__ import annotations

import pytest

from pitwall.domain.records.live_rows import is_prompt
from pitwall.domain.records.track_record import entered, verify

ROW = {"kind": "live", "instant": "2024-05-26T13:50:00+00:00"}


@pytest.mark.parametrize(
    ("at", "prompt"),
    [
        ("2024-05-26T13:50:20+00:00", True),
        ("2024-05-26T13:55:00+00:00", True),
        ("2024-05-26T13:55:01+00:00", False),
        ("2024-05-26T13:49:57+00:00", True),
        ("2024-05-26T13:49:00+00:00", False),
    ],
)
def test_a_row_is_prompt_within_minutes_and_never_before_its_instant(at, prompt):
    assert is_prompt({**ROW, "at": at}) is prompt
    assert entered(ROW, at)["in_time"] is prompt


def test_a_record_of_none_has_no_breaks():
    assert verify([]) == []
