"""Read a column of dates, times of day or instants in the forms that people have; standard library only.

Most forms say themselves what they mean. `03/02/2024` does not: day or month comes first, and only the rest of its column can prove
which. So a column is read as a whole, and refused as a whole where it proves nothing or contradicts itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from pitwall.sources.machinery.reading.values import NULLS, bare

FEW = 3  # so many odd values are a form of the column, fewer are mistakes
SHOWN = 3
SOON = frozenset(("tba", "tbc", "tbd", "-", "?"))
YEARS = (1800, 2100)
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_TIME = (
    r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.(?P<fraction>\d+))?)?\s*(?P<half>[AaPp]\.?[Mm]\.?)?"
    r"\s*(?P<zone>[Zz]|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?"
)
_THEN = rf"(?:(?:T|,?\s+){_TIME})?"


def _form(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.ASCII)


_PLAIN = tuple(
    _form(pattern + _THEN)
    for pattern in (
        r"(?P<year>\d{4})(?P<sep>[-/.])(?P<month>\d{1,2})(?P=sep)(?P<day>\d{1,2})",
        r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})",
        r"(?P<day>\d{1,2})[- ](?P<name>[A-Za-z]{3,9})\.?,?[- ](?P<year>\d{4})",
        r"(?P<name>[A-Za-z]{3,9})\.? (?P<day>\d{1,2}),? (?P<year>\d{4})",
    )
)
_LOCAL = _form(r"(?P<first>\d{1,2})(?P<sep>[-/.])(?P<other>\d{1,2})(?P=sep)(?P<year>\d{4})" + _THEN)
_SHORT = _form(r"\d{1,2}([-/. ])(?:\d{1,2}|[A-Za-z]{3,9})\1\d{2}(?:[T ].*)?")
_COUNT = _form(r"-?\d+(?:\.\d+)?")
_CLOCK = _form(rf"(?:0 days? )?{_TIME}")


class WrongForm(ValueError):
    """A whole column is in a form that cannot be read with certainty; the text says which, and what to do."""


def read_dates(texts: Iterable[str]) -> dict[str, datetime | None]:
    """Return the day of each distinct text, None where it does not read.

    A date with a time of day other than midnight is an instant and keeps it, in UTC.

    Raises:
        WrongForm: the texts prove no order of day and month, mix forms, have years of two digits or are bare numbers.
    """
    given = _given(texts)
    plain = {text: found for text in given if (found := _first(_PLAIN, text))}
    local = {text: found for text in given if text not in plain and (found := _LOCAL.fullmatch(bare(text)))}
    rest = [text for text in given if text not in plain and text not in local]
    _refuse_short(rest)
    _refuse_counts(rest, given, "a date", "write dates as YYYY-MM-DD")
    if local and plain:
        raise WrongForm(f"mixes {_shown(plain)} with {_shown(local)}; write all dates as YYYY-MM-DD.")
    day_first = _day_first(local) if local else False
    read = {text: _moment(found, day_first) for text, found in {**plain, **local}.items()}
    return {text: read.get(text) for text in given}


def read_instants(texts: Iterable[str]) -> dict[str, datetime | None]:
    """Return the instant of each distinct text in UTC, None where it gives no time of day; one without a zone is UTC."""
    given = _given(texts)
    days = {text: found for text in given if (found := _first(_PLAIN, text)) and found["hour"]}
    return {text: _moment(days[text], False, midnight_is_a_day=False) if text in days else None for text in given}


def read_clocks(texts: Iterable[str]) -> dict[str, float | None]:
    """Return each time of day in seconds from midnight UTC of its date (an offset may lead to the day before or after).

    Raises:
        WrongForm: the texts are bare numbers.
    """
    given = _given(texts)
    clocks = {text: found for text in given if (found := _CLOCK.fullmatch(bare(text)))}
    rest = [text for text in given if text not in clocks]
    dated = {text: found for text in rest if (found := _first(_PLAIN, text)) and found["hour"]}
    odd = [text for text in rest if text not in dated]
    _refuse_counts(odd, given, "a time of day", "write times as HH:MM:SS in UTC")
    read = {text: _clock(found) for text, found in {**clocks, **dated}.items()}
    return {text: read.get(text) for text in given}


def _given(texts: Iterable[str]) -> list[str]:
    return [text for text in dict.fromkeys(texts) if text.strip().casefold() not in NULLS | SOON]


def _first(forms: Iterable[re.Pattern[str]], text: str) -> re.Match[str] | None:
    return next((found for form in forms if (found := form.fullmatch(bare(text)))), None)


def _shown(texts: Iterable[str]) -> str:
    return ", ".join(repr(text) for text in list(texts)[:SHOWN])


def _refuse_short(texts: list[str]) -> None:
    short = [text for text in texts if _SHORT.fullmatch(bare(text))]
    if short:
        raise WrongForm(f"has years of two digits ({_shown(short)}); write dates as YYYY-MM-DD.")


def _refuse_counts(odd: list[str], given: list[str], what: str, advice: str) -> None:
    """Refuse bare numbers where they are the column's form: days or seconds counted from a day that the file does not name."""
    counts = [text for text in odd if _COUNT.fullmatch(bare(text))]
    if counts and (len(counts) >= FEW or len(counts) == len(given)):
        raise WrongForm(
            f"holds bare numbers where {what} is expected ({_shown(counts)}), as a spreadsheet or a database counts days or seconds; "
            f"{advice}."
        )


def _day_first(local: dict[str, re.Match[str]]) -> bool:
    """Return whether the day stands first in a column of dates like 23/09/1995, as its values prove."""
    late_first = [text for text, found in local.items() if int(found["first"]) > 12]
    late_other = [text for text, found in local.items() if int(found["other"]) > 12]
    if late_first and late_other:
        raise WrongForm(
            f"has the day first in {_shown(late_first)} and the month first in {_shown(late_other)}; write all dates as YYYY-MM-DD."
        )
    for part in ("first", "other"):
        padded = [text for text, found in local.items() if found[part].startswith("0")]
        plain = [text for text, found in local.items() if len(found[part]) == 1]
        if padded and plain:  # a program turned some of them round and left those that it could not read
            raise WrongForm(f"mixes {_shown(padded)} with {_shown(plain)}; write all dates as YYYY-MM-DD.")
    if not late_first and not late_other:
        raise WrongForm(
            f"does not prove whether day or month comes first ({_shown(local)}); write dates as YYYY-MM-DD."
        )
    return bool(late_first)


def _moment(found: re.Match[str], day_first: bool, *, midnight_is_a_day: bool = True) -> datetime | None:
    parts = found.groupdict()
    if "first" in parts:
        parts["day"], parts["month"] = (
            (parts["first"], parts["other"]) if day_first else (parts["other"], parts["first"])
        )
    if name := parts.get("name"):
        parts["month"] = str(1 + MONTHS.index(name[:3].casefold())) if name[:3].casefold() in MONTHS else "0"
    try:
        day = datetime(int(parts["year"]), int(parts["month"]), int(parts["day"]))
    except ValueError:
        return None
    if not YEARS[0] <= day.year <= YEARS[1]:
        return None
    clock = _clock(found) if parts["hour"] else 0.0
    if clock is None:
        return None
    at_midnight = not parts["hour"] or clock + _offset(parts["zone"]) == 0
    return day if midnight_is_a_day and at_midnight else day + timedelta(seconds=clock)


def _clock(found: re.Match[str]) -> float | None:
    hour, minute, second = (int(found[part] or 0) for part in ("hour", "minute", "second"))
    if half := found["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half[0] in "pP" else 0)
    if hour > 23 or minute > 59 or second > 59:
        return None
    return hour * 3600 + minute * 60 + second + float(f"0.{found['fraction'] or 0}") - _offset(found["zone"])


def _offset(zone: str | None) -> float:
    """Return how many seconds a zone is ahead of UTC."""
    if zone is None or zone.upper() in {"Z", "UTC", "GMT"}:
        return 0.0
    digits = zone[1:].replace(":", "").ljust(4, "0")
    return (-1 if zone[0] == "-" else 1) * (int(digits[:2]) * 3600 + int(digits[2:]) * 60)


Reader = Callable[[Iterable[str]], dict[str, datetime | None] | dict[str, float | None]]
READERS: dict[str, Reader] = {"d": read_dates, "c": read_clocks, "u": read_instants}
