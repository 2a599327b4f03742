"""The verdict goes into the page of a run, once, also into one that was written before there was a place for it."""

from pitwall.ml.training.report import judged_note

NEW = "- **Tried**: 20\n- **Result**: gain +0.3\n- **Verdict**: not judged yet\n\n# order\n\nMore."


def test_the_verdict_takes_the_place_of_the_one_before():
    once = judged_note(NEW, "refused:\n  - latency")
    assert once.count("**Verdict**") == 1
    assert once.index("**Result**") < once.index("**Verdict**: refused: - latency") < once.index("More.")
    assert judged_note(once, "champion").count("**Verdict**: champion") == 1
    assert "refused" not in judged_note(once, "champion")


def test_a_note_of_an_earlier_version_keeps_its_words():
    old = judged_note("# order\n\nThis model orders.", "champion is version 2")
    assert old.splitlines() == ["- **Verdict**: champion is version 2", "", "# order", "", "This model orders."]


def test_a_run_without_a_note_gets_the_verdict_alone():
    assert judged_note("", "champion").strip() == "- **Verdict**: champion"
