"""Gates that look at what the registry holds: size, signature, freshness, the card, and a recipe that is fitted again."""

from dataclasses import replace

import pandas as pd
import pytest

from pitwall.ml.gates import gate, run_gate
from pitwall.ml.gates.card_present import SECTIONS


def _ask(name, candidate):
    return run_gate(gate(name), candidate)


def _interface(good, **changes):
    registered = replace(good.interface(), **changes)
    return replace(good, interface=lambda: registered)


@pytest.mark.parametrize("name", ["signature", "refit_equal", "freshness", "card_present", "holdout_reuse", "size"])
def test_a_gate_that_lacks_what_it_needs_stays_closed(good, name):
    bare = replace(good, recipe=None, files={}, frame_md5="", openings=None, card=None, interface=None)
    verdicts = _ask(name, bare)
    assert not verdicts[0].passed
    assert "crashed" not in verdicts[0].reason


def test_the_size_names_the_largest_file(good):
    (small,) = _ask("size", good)
    assert small.measured == pytest.approx(sum(map(len, good.files.values())) / 1e6)
    (heavy,) = _ask("size", replace(good, files={**good.files, "trees.bin": bytes(6_000_000)}))
    assert (heavy.passed, heavy.limit) == (False, 5.0)
    assert "largest is trees.bin with 6.000 MB" in heavy.reason


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda inputs: {name: kind for name, kind in inputs.items() if name != "grid"}, "lacks grid"),
        (lambda inputs: {**inputs, "weather": "float64"}, "asks for weather"),
        (lambda inputs: {**inputs, "grid": "int64"}, "grid is int64 in the signature and float64 in the frame"),
        (lambda inputs: dict(reversed(inputs.items())), "another order"),
    ],
)
def test_a_signature_that_is_not_the_input_is_refused(good, change, reason):
    (verdict,) = _ask("signature", _interface(good, inputs=change(good.interface().inputs)))
    assert not verdict.passed
    assert reason in verdict.reason


def test_a_registered_model_that_answers_otherwise_is_refused(good):
    def shifted(rows):
        return good.answer(rows).to_numpy()[:, ::-1] + 0.001

    def broken(rows):
        raise ValueError("no such column")

    (other,) = _ask("signature", _interface(good, predict=shifted))
    assert "differs from production's by 0.001" in other.reason
    (silent,) = _ask("signature", _interface(good, predict=broken))
    assert "no such column" in silent.reason
    assert not other.passed
    assert not silent.passed


def test_a_model_made_before_the_newest_race_is_stale(good):
    facts = {**good.recipe.facts, "races": good.recipe.facts["races"] - 2}
    learned, _ = _ask("freshness", replace(good, recipe=replace(good.recipe, facts=facts)))
    assert (learned.passed, learned.measured) == (False, 2.0)
    assert "48 of 50 races" in learned.reason


def test_results_that_the_data_owe_are_overdue_by_the_datas_own_time(good):
    races = good.tables["races"].sort_values("starts_at")
    newest = races["race_id"].iloc[-1]
    owed = good.tables["results"][good.tables["results"]["race_id"] != newest]
    before = replace(good, tables=good.tables.replace(results=owed))
    assert _ask("freshness", before)[1].passed  # the race is over, nothing came after it
    grid = good.tables["grid"]
    later = grid.assign(known_at=grid["known_at"] + pd.Timedelta(days=30))
    (_, data) = _ask("freshness", replace(before, tables=before.tables.replace(grid=later)))
    assert not data.passed
    assert data.measured == pytest.approx(30, abs=1)
    assert "2025 round 10 were due for" in data.reason


@pytest.mark.parametrize("section", SECTIONS)
def test_a_card_without_one_of_its_sections_is_refused(good, section):
    gone = replace(good, card=good.card.replace(f"## {section}\n\nunknown", ""))
    empty = replace(good, card=good.card.replace(f"## {section}\n\nunknown", f"## {section}\n"))
    assert f"no section {section!r}" in _ask("card_present", gone)[0].reason
    assert f"section {section!r} is empty" in _ask("card_present", empty)[0].reason


def test_the_card_of_another_model_is_refused(good):
    (verdict,) = _ask("card_present", replace(good, content="0123456789abcdef"))
    assert "describes another model than 0123456789ab" in verdict.reason


def test_a_refit_names_the_file_that_differs(good):
    (name,) = set(good.files) - {"recipe.json", "predictions.parquet"}
    (verdict,) = _ask("refit_equal", replace(good, files={**good.files, name: good.files[name].replace(b"0", b"1", 1)}))
    assert (verdict.passed, verdict.measured) == (False, 1.0)
    assert f"{name} differ" in verdict.reason
    (extra,) = _ask("refit_equal", replace(good, files={**good.files, "left_over.json": b"{}"}))
    assert "left_over.json differ" in extra.reason


def test_a_refit_needs_the_frame_and_the_labels_of_then(good):
    (other,) = _ask("refit_equal", replace(good, frame_md5="another frame"))
    assert not other.passed
    assert "the project now holds another fram" in other.reason
    results = good.tables["results"]
    swapped = results.assign(place=results.groupby("race_id")["place"].transform(lambda place: place[::-1].to_numpy()))
    (relabelled,) = _ask("refit_equal", replace(good, tables=good.tables.replace(results=swapped)))
    assert not relabelled.passed


def test_judged_predictions_are_not_part_of_a_refit(good):
    assert _ask("refit_equal", replace(good, files={**good.files, "predictions.parquet": b"other"}))[0].passed
