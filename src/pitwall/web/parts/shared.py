"""What is shown of a bundle. All of it was written by a stranger: numbers are shown where there are numbers, everything else as text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pitwall.domain.project import Project
from pitwall.report.content.blocks import Facts, Heat, Table, Text
from pitwall.report.content.intervals import number, span
from pitwall.web.blocks import AnyBlock, Code, Status
from pitwall.workflows.experiments.listed import moment
from pitwall.workflows.hub.opening.refusal import shown
from pitwall.workflows.hub.receiving import ZIP, Received
from pitwall.workflows.hub.standing import MOST_STARS, Standing
from pitwall.workflows.hub.trust import owner_of_key, trusted

SHORT = 12
SCORES = ("question", "measure", "reached", "rule to beat", "reaches", "gain over it")
MOST_ROWS, MOST_COLUMNS, MOST_KEYS = 60, 40, 4
LARGEST, SMALL = 1e15, 100_000
NO_SAMPLE = "Its sample has no rows."


def scores_table(bundle: Received) -> Table:
    """Return the scores with their intervals beside the rule that each was held against."""
    rows = tuple(
        (
            _word(score, "template"),
            _word(score, "metric"),
            measured(score, "value", "low", "high"),
            _word(score, "baseline"),
            number(value_of(score, "baseline_value")),
            measured(score, "gain_value", "gain_low", "gain_high"),
        )
        for score in bundle.about.scores
    )
    return Table(SCORES, rows, SCORES[2:3] + SCORES[4:])


def headline(bundle: Received) -> tuple[str, str]:
    """Return what a model reached in the first of its questions, and how much better than the rule to beat that is."""
    for score in bundle.about.scores:
        if reached := measured(score, "value", "low", "high"):
            gain, rule = measured(score, "gain_value", "gain_low", "gain_high"), _word(score, "baseline")
            return f"{_word(score, 'metric')} {reached}", f"{gain} over {rule}" if gain else ""
    return "", ""


def measured(score: Mapping[str, Any], name: str, low: str, high: str) -> str:
    """Return a value with its interval, as far as they are numbers."""
    value, ends = value_of(score, name), (value_of(score, low), value_of(score, high))
    if value is None:
        return ""
    return f"{value:.3f} ({span(ends[0], ends[1])})" if ends[0] is not None and ends[1] is not None else f"{value:.3f}"


def value_of(score: Mapping[str, Any], name: str) -> float | None:
    """Return a number of a score; None where there is none."""
    return _number(score.get(name))


def sample_block(sample: Mapping[str, Any]) -> AnyBlock:
    """Return what a model says of a few rows: chances as shades, other answers as a table."""
    keys, rows = sample.get("keys"), sample.get("rows")
    if not isinstance(keys, list) or not isinstance(rows, list) or not 1 <= len(keys) <= MOST_KEYS or not rows:
        return Text(NO_SAMPLE)
    lines = [_line(row) for row in rows[:MOST_ROWS]]
    wide = {len(line) for line in lines}
    if len(wide) != 1 or not len(keys) < max(wide) <= len(keys) + MOST_COLUMNS:
        return Text(NO_SAMPLE)
    named = [(_named(keys, line), _named(keys, line)) for line in lines]
    answers = [line[len(keys) :] for line in lines]
    columns = tuple(str(place) for place in range(1, len(answers[0]) + 1))
    if len(columns) > 1 and all(0 <= each <= 1 for line in answers for each in line):
        return Heat(tuple(named), columns, tuple(map(tuple, answers)))
    titles = columns if len(columns) > 1 else ("answer",)
    shown_rows = tuple((name, *map(number, line)) for (name, _), line in zip(named, answers, strict=True))
    return Table(("row", *titles), shown_rows, titles)


def card_block(text: str) -> Code:
    """Return a card as the text that it is."""
    return Code(text, "As its owner wrote it", "card.md")


def facts(bundle: Received) -> Facts:
    """Return what a bundle says of itself."""
    about = bundle.about
    told = {
        "answers": ", ".join(shown(each, 60) for each in about.templates),
        "model": f"{about.model} version {about.version}",
        "algorithm": shown(about.estimator, 60),
        "trained on": f"{about.trained_on[0]} to {about.trained_on[-1]}" if about.trained_on else "",
        "made by, in their words": about.owner,
        "registered there": _moment(about.created),
        "signed by": about.key,
        "bundle": bundle.hash,
        "size": megabytes((bundle.folder / ZIP).stat().st_size),
    }
    return Facts(tuple((name, value) for name, value in told.items() if value))


def signature(project: Project, key: str) -> Status:
    """Return whose key signed a bundle, and whether it is trusted here."""
    if owner := owner_of_key(project, key):
        return Status(f"Its signature holds, and the key is that of {owner}, who is an owner here.", "good")
    if key in trusted(project):
        return Status(f"Its signature holds, and the key {key[:SHORT]} is trusted here.", "good")
    return Status(f"The key {key[:SHORT]} that signed it is trusted no more.", "bad")


def stars(found: Standing) -> str:
    """Return a rating with how many have given one."""
    return f"{found.rating:.1f} of {MOST_STARS} ({found.ratings})" if found.ratings else "not rated"


def megabytes(size: int | None) -> str:
    """Return a number of bytes in MB, of small files in kB, or that it is unknown.

    Example:
        >>> megabytes(4_200_000), megabytes(1_900)
        ('4.2 MB', '1.9 kB')
    """
    if size is None:
        return "too large to be kept"
    return f"{size / 1e6:.1f} MB" if size >= SMALL else f"{size / 1e3:.1f} kB"


def _line(row: object) -> list[float]:
    found = [_number(each) for each in row] if isinstance(row, list) else []
    return [each for each in found if each is not None] if None not in found else []


def _named(keys: list[Any], line: list[float]) -> str:
    return ", ".join(
        f"{shown(str(key), 20).removesuffix('_id')} {value:g}" for key, value in zip(keys, line, strict=False)
    )


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) < LARGEST else None  # not a number is less than nothing


def _word(score: Mapping[str, Any], name: str) -> str:
    value = score.get(name)
    return shown(value, 60) if isinstance(value, str) else ""


def _moment(text: str) -> str:
    try:
        return f"{moment(text)} UTC" if text else ""
    except ValueError:
        return shown(text, 40)
