"""What somebody writes stays as it is, whichever way it goes; what is filled in is made anew."""

from __future__ import annotations

import pytest

from pitwall.domain.errors import TrackingError, UnknownName, UsageError
from pitwall.tracking.documentation.sections import Documentation, parse

MADE = {"Method": "- **What**: `order-pre_race`", "Results": "| | this run |\n| --- | --- |"}
WORDS = {
    "Hypothesis": "Older races say less.\n\n### Why\n\n```\n## no heading, it is fenced\n```",
    "Results": "The gain is largest at Monza.",
    "Conclusions": "It holds; nothing is shown of wet races.",
}


def test_markdown_gives_back_the_words_and_nothing_that_was_filled_in():
    written = Documentation(made=MADE).with_words(WORDS)
    text = written.to_markdown("first try")
    assert text.startswith("# first try\n\n## Hypothesis\n\nOlder races say less.")
    assert MADE["Method"] in text and "*(not written yet: what to try after this)*" in text
    assert parse(text) == {**WORDS, "Method": "", "Next": ""}
    assert Documentation.from_row(written.row()) == written


def test_words_stay_until_others_take_their_place_and_what_lacks_is_named():
    first = Documentation(made=MADE).with_words({"hypothesis": " Older races say less. "})
    assert first.missing == ["Conclusions", "Next"]
    later = first.with_words(parse("## Conclusion\n\nIt holds.\n\n## Next steps\n\nWet races.\n"))
    assert later.written == {"Hypothesis": "Older races say less.", "Conclusions": "It holds.", "Next": "Wet races."}
    assert later.missing == [] and later.made == MADE
    assert later.with_words({"Next": ""}).missing == ["Next"]


@pytest.mark.parametrize(
    ("text", "error", "said"),
    [
        ("## Hypotesis\n\nx", UnknownName, "did you mean 'Hypothesis'"),
        ("it holds", UsageError, "'it holds' stands before the first section"),
        ("# a title alone\n", UsageError, "there is no section in it"),
    ],
)
def test_a_file_that_would_lose_words_is_refused(text, error, said):
    with pytest.raises(error, match=said):
        parse(text)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("first\n\n## Next\n\nsecond", "a heading `## ...`"),
        ("a fence that does not end\n\n```", "a heading `## ...`"),
        ("<!-- filled in from the run, made anew each time -->", "a mark of the file's own"),
        ("reached with password = 'hunter2hunter2'", "looks like a secret"),
    ],
)
def test_words_that_could_not_be_kept_as_they_are_are_refused(words, said):
    with pytest.raises(UsageError, match=said):
        Documentation(made=MADE).with_words({"Hypothesis": words})


def test_a_documentation_of_another_layout_is_refused():
    with pytest.raises(TrackingError, match="schema 2"):
        Documentation.from_row({"schema": 2})
