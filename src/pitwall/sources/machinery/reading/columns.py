"""Refuse a column that as a whole is not what it should be; standard library only.

One odd value is a mistake in one line. A column in which nothing reads, or whose numbers have commas, is a form: taken line by line it
would lose every line, or worse, only those of some cars.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from pitwall.domain.errors import SourceError
from pitwall.sources.machinery.reading.instants import FEW, READERS, WrongForm
from pitwall.sources.machinery.reading.values import (
    NO_WORDS,
    NULLS,
    flag,
    has_comma,
    is_null,
    not_negative,
    number,
    seconds,
    slot,
    whole,
)

MEANING = {
    "i": "a whole number from 0",
    "g": "a whole number from 0",
    "f": "a number from 0",
    "x": "a number",
    "s": "given",
    "a": "a code of two to four letters",
    "k": "given",
    "b": "True or False",
    "d": "a date",
    "c": "a time of day",
    "t": "a lap time",
    "u": "an instant like 2024-07-28T18:30:00Z",
}
VALUES: dict[str, Callable[[str], float | bool | None]] = {
    "i": not_negative(whole),
    "g": slot,
    "f": not_negative(number),
    "x": number,
    "t": seconds,
    "b": flag,
}
SHOWN = 3
MOST_TEXTS = 100_000


@dataclass(frozen=True)
class Place:
    """A column of a file, for messages, and how it should read."""

    file: str
    column: str
    kind: str


def refuse_form(place: Place, unread: Iterable[str], lines: int, any_read: bool) -> None:
    """Refuse a column whose unread values are a form of their own.

    Args:
        place: the column.
        unread: distinct texts that did not read.
        lines: how many lines hold one of them.
        any_read: whether any value read.

    Raises:
        SourceError: no value reads, or numbers have commas; names three of them and what to do.
    """
    texts, kind = list(unread), place.kind
    commas = [text for text in texts if kind[0] in "igfxt" and has_comma(text)]
    if commas and (len(commas) >= FEW or not any_read):
        raise SourceError(
            f"{place.file}: the column {place.column!r} has commas in its numbers ({shown(commas)}): decimal commas, or thousands set apart. "
            "Export it with a point in decimal numbers and nothing between thousands."
        )
    if lines >= FEW and not any_read:
        raise SourceError(
            f"{place.file}: no value of the column {place.column!r} is {MEANING[kind[0]]} (found {shown(texts)} in {lines:,} lines). Convert the "
            "column, or give the file as its publisher wrote it."
        )


def refuse_empty(place: Place, lines: int, nulls: int) -> None:
    """Refuse a needed column that holds nothing but nulls.

    Raises:
        SourceError: names it.
    """
    if lines >= FEW and nulls == lines and not place.kind.endswith("?"):
        raise SourceError(
            f"{place.file}: the column {place.column!r} holds no value in {lines:,} lines, and every line needs one. "
            "Give the file as its publisher wrote it."
        )


def read_whole(place: Place, texts: Iterable[str]) -> dict[str, object]:
    """Return {text: value} of a column whose values only read together: dates, times of day, instants.

    Raises:
        SourceError: their form is not certain.
    """
    try:
        return dict(READERS[place.kind[0]](texts))
    except WrongForm as wrong:
        raise SourceError(f"{place.file}: the column {place.column!r} {wrong}") from wrong


def shown(texts: Iterable[object]) -> str:
    """Return the first texts, for messages."""
    return ", ".join(repr(text) for text in list(texts)[:SHOWN])


class Seen:
    """A column of a file as its lines go by, judged at the end."""

    def __init__(self, file: str, column: str, kind: str) -> None:
        self._of = Place(file, column, kind)
        self._whole = kind[0] in READERS
        self._words = null_words(kind)
        self._value = VALUES.get(kind[0])
        self._texts: dict[str, None] = {}
        self._lines = 0
        self._all = self._nulls = 0
        self._any = self._value is None and not self._whole

    def see(self, text: str) -> None:
        """Look at one value."""
        self._all += 1
        if self._nulls == self._all - 1 and is_null(text, self._words):
            self._nulls += 1
            return
        if self._whole:
            if len(self._texts) < MOST_TEXTS:
                self._texts[text] = None
            self._lines += not is_null(text)
        elif self._value is not None and (not self._any or "," in text):
            if self._value(text) is not None:
                self._any = True
            elif not is_null(text):
                self._lines += 1
                if len(self._texts) < MOST_TEXTS:
                    self._texts[text] = None

    def judge(self) -> None:
        """Refuse the column where it is of no use as a whole; see `refuse_form`."""
        refuse_empty(self._of, self._all, self._nulls)
        unread, any_read = list(self._texts), self._any
        if self._whole:
            read = read_whole(self._of, self._texts)
            any_read = any(value is not None for value in read.values())
            unread = [text for text, value in read.items() if value is None]
        refuse_form(self._of, unread, self._lines if unread else 0, any_read)


def null_words(kind: str) -> frozenset[str]:
    """Return the words that are null in a column; where a text is needed, words that may be a name are none."""
    return NO_WORDS if kind in {"s", "a", "k"} else NULLS
