"""Read a whole column of raw values, as text or as parquet holds them, into typed values.

Numbers are read all at once; what is left over, and everything else, goes value by value through the readers of `_values`, each
distinct text once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import pandas as pd
from pandas.api.types import is_bool_dtype, is_numeric_dtype, is_timedelta64_dtype

from pitwall.domain.when import as_utc
from pitwall.sources.machinery.reading.columns import VALUES, Place, null_words, read_whole, refuse_form
from pitwall.sources.machinery.reading.instants import READERS, SOON
from pitwall.sources.machinery.reading.values import LARGEST, NULLS, code, is_null

FLOAT32_DECIMALS = 3
DRIVER_CODE = re.compile(r"[^\W\d_]\w{1,3}")
ONE_OR_TWO = 2  # drivers who share a code


@dataclass(frozen=True)
class Column:
    """A column as read: values that are `known`, null where there is none, and which of the nulls are `unread` texts."""

    known: pd.Series
    unread: pd.Series


def read_column(raw: pd.Series, place: Place) -> Column:
    """Read a column by its kind.

    Raises:
        SourceError: the column as a whole is not what it should be.
    """
    kind = place.kind
    if kind[0] in "sak":
        return _texts(raw, kind)
    if kind[0] in READERS:
        return _read_whole(raw, place)
    if kind[0] == "b":
        known = raw.astype("boolean") if is_bool_dtype(raw) else pd.Series(pd.NA, raw.index, dtype="boolean")
    else:
        known = _numbers(raw, kind[0])
    return _rest(raw, known, place)


def _rest(raw: pd.Series, known: pd.Series, place: Place) -> Column:
    """Read what is not yet known value by value."""
    left = raw[known.isna() & raw.notna()].astype("string").astype(object)
    read = {text: VALUES[place.kind[0]](text) for text in left.unique()}
    null = left.map({text: is_null(text) for text in read}).astype(bool)
    found = left.map(read)
    values = known.copy()
    values[found.index[found.notna()]] = found[found.notna()].astype(values.dtype)
    unread = pd.Series(False, raw.index)
    unread[left.index] = found.isna() & ~null
    texts = left[unread[left.index]]
    refuse_form(place, texts.unique(), len(texts), bool(values.notna().any()))
    return Column(values, unread)


def _numbers(raw: pd.Series, kind: str) -> pd.Series:
    """Return the numbers that read at once."""
    if is_timedelta64_dtype(raw):
        numbers = raw.dt.total_seconds().round(3)
    elif raw.dtype == "float32":  # as many decimals as it holds: 36.7, not 36.70000076
        numbers = raw.astype("float64").round(FLOAT32_DECIMALS)
    else:
        numbers = raw if is_numeric_dtype(raw) else pd.to_numeric(raw.astype(object), errors="coerce")
    numbers = numbers.astype("float64")
    can_be = numbers.abs() < LARGEST
    if kind != "x":
        can_be &= numbers >= 0
    if kind in "ig":
        can_be &= numbers % 1 == 0
    return numbers.where(can_be)


def _texts(raw: pd.Series, kind: str) -> Column:
    """Return texts without blanks around them; of a driver's code `NAN` is one, where it stands for one or two drivers."""
    text = raw.astype("string")
    words = null_words(kind)
    distinct = list(text.dropna().unique())
    clean = {each: code(each) if kind[0] == "k" else each.strip() for each in distinct if not is_null(each, words)}
    if kind[0] == "a":
        clean = {each: name for each, name in clean.items() if DRIVER_CODE.fullmatch(name)}
    if kind[0] == "a" and 0 < (text == "NAN").sum() <= ONE_OR_TWO:
        clean["NAN"] = "NAN"
    known = text.map(clean).astype("string")
    unread = known.isna() & text.map(lambda each: not is_null(each, NULLS), na_action="ignore").eq(True)
    return Column(known, unread.fillna(value=False).astype(bool))


def _read_whole(raw: pd.Series, place: Place) -> Column:
    text, kind = raw.astype("string"), place.kind
    read = read_whole(place, text.dropna().unique())
    values = text.astype(object).map(read)
    unread = values.isna() & text.map(lambda each: not is_null(each, null_words(kind) | SOON), na_action="ignore").eq(
        True
    )
    unread = unread.fillna(value=False).astype(bool)
    refuse_form(place, text[unread].unique(), int(unread.sum()), bool(values.notna().any()))
    if kind[0] == "c":
        return Column(values.astype("float64"), unread)
    dates = values.astype("datetime64[us]")
    return Column(as_utc(dates) if kind[0] == "u" else dates, unread)
