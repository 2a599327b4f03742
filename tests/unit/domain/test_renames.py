"""The map of renames: every old module is the new one, stored names are read as those of today, new ones stay as they are."""

from __future__ import annotations

import subprocess
import sys
import warnings
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pandas as pd
import pytest

from pitwall.domain import renames
from pitwall.domain.renames import MAP

OWN = "pitwall.ml.training"  # a package bears the name of the old module: its names are found, it is not that module


@pytest.fixture(autouse=True)
def old_names_are_met_anew() -> Iterator[None]:
    """Forget the old names that a test has met, or nobody would be warned of them afterwards."""
    yield
    for name in set(sys.modules) & set(renames.renames().modules) - {OWN}:
        del sys.modules[name]


def test_every_old_module_is_the_module_of_today() -> None:
    known = renames.renames().modules
    assert len(known) > 200
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        found = {old: import_module(old) for old in known if old != OWN}
    for old, module in found.items():
        new = import_module(known[old])
        assert module is new, old
        assert (module.__name__, module.__spec__.name) == (known[old], known[old])  # type: ignore[union-attr]


def test_no_old_name_covers_what_the_folder_of_today_holds() -> None:
    """Python writes a module that it has loaded into its parent, under the name that was asked for."""
    program = """
import sys, warnings
from importlib import import_module
from types import ModuleType
from pitwall.domain.renames import renames

warnings.simplefilter("ignore", DeprecationWarning)
for old in renames().modules:
    parent, _, name = old.rpartition(".")
    try:
        before = getattr(import_module(parent), name, None)
    except ModuleNotFoundError:
        continue
    assert before is None or isinstance(before, ModuleType), f"{old} would replace {before}"
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_what_left_its_module_is_found_by_its_old_name() -> None:
    for old, new in renames.renames().names.items():
        (home, name), (new_home, new_name) = old.rsplit(".", 1), new.rsplit(".", 1)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            assert getattr(import_module(home), name) is getattr(import_module(new_home), new_name)


@pytest.mark.parametrize(
    ("line", "new"),
    [
        ("from pitwall.ml.races import find_race", "pitwall.ml.data.calendar"),
        ("from pitwall.ml.forecast.lineup import lineup", "pitwall.ml.forecasting.entrants"),
        ("from pitwall.ml.forecast import lineup, page", "pitwall.ml.forecasting.entrants"),
        ("import pitwall.ml.forecast.page", "pitwall.ml.forecasting.render"),
        ("from pitwall.ml.training import refit", "pitwall.ml.training.steps.refit"),
    ],
)
def test_old_lines_run_in_a_process_of_their_own_and_name_the_new_module(line: str, new: str) -> None:
    program = f"import sys\n{line}\nassert 'pitwall.ml.forecasting.render' not in sys.modules or 'page' in {line!r}"
    done = subprocess.run([sys.executable, "-W", "always", "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "DeprecationWarning" in done.stderr
    assert f"{new} now" in done.stderr


def test_the_map_is_read_only_when_an_old_name_is_met() -> None:
    program = "import sys, pitwall, pitwall.domain.errors; sys.exit('tomllib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


@pytest.mark.parametrize("name", ["pitwall.ml.nowhere", "pitwall.ml.forecast.nowhere", "pitwall.nowhere.at_all"])
def test_an_unknown_module_is_still_unknown(name: str) -> None:
    with warnings.catch_warnings(), pytest.raises(ModuleNotFoundError, match="nowhere"):
        warnings.simplefilter("ignore", DeprecationWarning)
        import_module(name)
    with pytest.raises(ImportError, match="nowhere"):
        exec("from pitwall.ml.training import nowhere")


def test_no_old_name_leads_to_another_old_one() -> None:
    known = renames.renames()
    for names in (known.modules, known.gates, known.tags, known.files, *known.estimators.values()):
        assert not set(names) & set(names.values()) - {OWN}
    assert MAP.is_file()
    assert all(not Path(new).is_absolute() for new in known.files.values())


def test_a_stored_recipe_is_read_as_one_of_today_and_one_of_today_stays() -> None:
    new = renames.recipe({"format": 1, "estimator": "xgboost", "stage": "pre_race"})
    assert new == {"format": 2, "model": "order", "estimator": "plackett_luce_trees", "stage": "pre_race"}
    assert renames.recipe(new) == new
    binary = {"format": 2, "model": "dnf", "estimator": "xgboost"}
    assert renames.recipe(binary) == binary


def test_a_stored_predictions_table_gets_the_columns_of_today_and_one_of_today_stays() -> None:
    old = pd.DataFrame({"model": ["xgboost", "stack"], "place_1": [0.25, 0.75]})
    new = renames.predictions(old)
    assert list(new.columns) == ["estimator", "place_1"]
    assert list(new["estimator"]) == ["plackett_luce_trees", "stack"]
    assert list(old.columns) == ["model", "place_1"]
    binary = pd.DataFrame({"estimator": ["xgboost"], "p": [0.5]})
    assert renames.predictions(binary) is binary


def test_gates_tags_and_manifests_are_read_by_their_names_of_today() -> None:
    assert renames.verdict({"gate": "openings", "passed": True}) == {"gate": "holdout_reuse", "passed": True}
    assert renames.tags({"pitwall.door": "dvc", "role": "model"}) == {"pitwall.started_by": "dvc", "role": "model"}
    assert renames.manifest_section("orchestration", {"door": "flow"}) == {"started_by": "flow"}
    assert renames.manifest_section("code", {"door": "flow"}) == {"door": "flow"}
    assert renames.manifest_section("orchestration", "unknown: lost") == "unknown: lost"
