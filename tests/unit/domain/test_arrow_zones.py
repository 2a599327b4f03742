"""An instant keeps its zone in Arrow, whether pandera was imported before Pitwall, after it, by a parent process or never."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from pitwall.domain.arrow_zones import VARIABLE

SHIFT = (
    "import datetime, pyarrow\n"
    "instant = datetime.datetime(2024, 3, 2, 15, tzinfo=datetime.timezone(datetime.timedelta(hours=1)))\n"
    "kind = pyarrow.timestamp('us', 'UTC')\n"
    "made = [pyarrow.array([instant], kind)[0], pyarrow.table({'at': [instant]})['at'].cast(kind)[0], pyarrow.scalar(instant, kind)]\n"
    "print(*(int((each.as_py() - instant).total_seconds()) for each in made))\n"
)
HOUR = "3600 3600 0"


def shifts(*imports: str, **variables: str) -> str:
    """Return by how many seconds three ways to make an instant miss it, in a process that imports some modules first."""
    env = {**{name: value for name, value in os.environ.items() if name != VARIABLE}, **variables}
    code = "".join(f"import {name}\n" for name in imports) + SHIFT
    return subprocess.run(
        [sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True
    ).stdout.strip()


@pytest.mark.parametrize(
    "imports",
    [
        ("pitwall", "pandera.pandas"),
        ("pandera.pandas", "pitwall"),
        ("pyarrow", "pandera.pandas", "pitwall.domain.tables"),
    ],
    ids=" then ".join,
)
def test_no_order_of_imports_shifts_an_instant(imports: tuple[str, ...]) -> None:
    assert shifts(*imports) == "0 0 0"


def test_a_parent_that_ignores_zones_does_not_hand_it_on() -> None:
    assert shifts("pitwall", **{VARIABLE: "1"}) == "0 0 0"


def test_without_the_guard_an_hour_is_lost() -> None:
    assert shifts("pandera.pandas") == HOUR
