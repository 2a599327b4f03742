"""Read one value of a raw file from the text that a program wrote for it; standard library only.

Programs write the same value in many ways: a null as `NA`, a whole number as `12.0`, a lap as `0 days 00:01:33.123`. Each reader
returns None where a text is none of them. What only a whole column can prove (the order of day and month) is in `_instants`.
"""

from __future__ import annotations

import re
from collections.abc import Callable

NO_WORDS = frozenset(  # nulls that nobody is called
    (
        "",
        "\\n",
        "\\\\n",
        "<na>",
        "#n/a",
        "#na",
        "-",
        "--",
        "---",
        "?",
        ".",
        "#null!",
        "#value!",
        "#ref!",
        "#div/0!",
        "#name?",
        "0000-00-00",
    )
)
NULLS = NO_WORDS | {"na", "n/a", "null", "(null)", "nan", "-nan", "none", "nat", "nil", "n.a."}
PIT_LANE = frozenset(("pl", "pit", "pits", "pit lane", "pitlane", "pit-lane"))
FLAGS = {
    **dict.fromkeys(("true", "t", "yes", "y", "1", "1.0"), True),
    **dict.fromkeys(("false", "f", "no", "n", "0", "0.0"), False),
}
LARGEST = 2**53
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_LAP = re.compile(
    r"(?:(?:1970|1900)-01-01[ T])?(?:(?P<d>\d+) days?,? ?\+?)?"
    r"(?:(?:(?P<h>\d+):)?(?P<m>\d+)[:'])?(?P<s>\d+(?:\.\d+)?)\"?",
    re.ASCII,
)
_DAYS = re.compile(r"(?P<d>\d+) days?", re.ASCII)
_ISO_SPAN = re.compile(r"P(?:(?P<d>\d+)D)?T(?:(?P<h>\d+)H)?(?:(?P<m>\d+)M)?(?:(?P<s>\d+(?:\.\d+)?)S)?", re.ASCII)
_COMMA = re.compile(r"[+-]?(?:\d+:)*\d+,\d+|\d{1,3}(?:[,' \u00a0\u202f]\d{3})+(?:[.,]\d+)?", re.ASCII)


def bare(text: str) -> str:
    """Return a text without the blanks and quotes around it."""
    return text.strip().strip("\"'").strip()


def is_null(text: str, words: frozenset[str] = NULLS) -> bool:
    """Return whether a text is one of the words for null, in any case and with blanks around it.

    Example:
        >>> is_null(" NaN "), is_null("Nancy")
        (True, False)
    """
    return text.strip().casefold() in words


def number(text: str) -> float | None:
    """Return a finite number.

    Example:
        >>> number("1e3"), number("12.0"), number("1,5")
        (1000.0, 12.0, None)
    """
    value = float(bare(text)) if _NUMBER.fullmatch(bare(text)) else None
    return value if value is not None and abs(value) < LARGEST else None


def has_comma(text: str) -> bool:
    """Return whether a text is a number with a comma or blank in it: a decimal comma, or thousands set apart."""
    return _COMMA.fullmatch(bare(text)) is not None


def flag(text: str) -> bool | None:
    """Return True or False.

    Example:
        >>> flag("TRUE"), flag("0.0"), flag("maybe")
        (True, False, None)
    """
    return FLAGS.get(bare(text).casefold())


def seconds(text: str) -> float | None:
    """Return the seconds of a lap or session time.

    Reads `h:mm:ss.mmm`, `m:ss.mmm`, `ss.mmm`, `m'ss.mmm`, timedeltas (`0 days 00:01:33.123`) and ISO spans (`PT1M33.123S`). A gap (`+1.3`)
    is no time.

    Example:
        >>> seconds("1:33.123"), seconds("0 days 00:01:33.123000"), seconds("1:75.000"), seconds("+1.3")
        (93.123, 93.123, None, None)
    """
    found = _LAP.fullmatch(text.strip()) or _DAYS.fullmatch(text.strip()) or _ISO_SPAN.fullmatch(text.strip())
    if found is None:
        return None
    days, hours, minutes, rest = (float(found.groupdict().get(part) or 0) for part in "dhms")
    if (found["d"] or found.groupdict().get("m")) and rest >= 60:
        return None
    if (found["d"] or found.groupdict().get("h")) and minutes >= 60:
        return None
    return round(days * 86400 + hours * 3600 + minutes * 60 + rest, 3)


def code(text: str) -> str:
    """Return a code that may be a number; one that went through a column of numbers lost its form.

    Example:
        >>> code("12.0"), code("AllClear")
        ('12', 'AllClear')
    """
    value = number(text)
    return str(int(value)) if value is not None and value % 1 == 0 else text.strip()


def whole(text: str) -> float | None:
    """Return a whole number as a float, so that a column may hold nulls.

    Example:
        >>> whole("12.0"), whole("1.5")
        (12.0, None)
    """
    value = number(text)
    return value if value is not None and value % 1 == 0 else None


def slot(text: str) -> float | None:
    """Return a slot of the grid as a whole number; the pit lane is 0.

    Example:
        >>> slot("12.0"), slot("PL"), slot("Q")
        (12.0, 0.0, None)
    """
    return 0.0 if bare(text).casefold() in PIT_LANE else not_negative(whole)(text)


def not_negative(read: Callable[[str], float | None]) -> Callable[[str], float | None]:
    """Return a reader that takes no number below 0."""

    def reader(text: str) -> float | None:
        value = read(text)
        return value if value is not None and value >= 0 else None

    return reader
