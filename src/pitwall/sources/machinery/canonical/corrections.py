"""Corrections that a dump tells with their date: lines of the classification as they read after a later decision.

`results_corrections` holds the whole line as corrected and when that was published (`publishedAt`, UTC). So the line as first
published and the corrected one are two versions of one row, and the second is known since its publication, not since the
fetch.
"""

from __future__ import annotations

import pandas as pd

from pitwall.domain.tables import SPECS
from pitwall.domain.when import BEFORE, UTC_US

LINE = ["race_id", "driver_id"]


def apply_corrections(versions: pd.DataFrame, corrections: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """Add the corrections of known lines that are news: published after the newest version, or the first one of a line.

    Args:
        versions: all versions of results so far.
        corrections: rows of results, known since they were published.

    Returns:
        All versions, and how many were added.
    """
    before = len(versions)
    for _, told in corrections.groupby("known_at", sort=True):
        lines = versions.groupby(LINE)["known_at"].agg(["max", "size"])
        known = told.merge(lines, left_on=LINE, right_index=True)
        news = known[(known["known_at"] > known["max"]) | (known["size"] == 1)]
        after = (news["max"] + BEFORE).astype(UTC_US)  # an assumed publication may lie later than the real correction
        fresh = news.assign(known_at=news["known_at"].where(news["known_at"] >= after, after))
        versions = pd.concat([versions, fresh[versions.columns]], ignore_index=True)
    return versions, len(versions) - before


def with_corrections(results: pd.DataFrame, corrections: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    """Return a snapshot's results with the corrected content of the lines that are known already.

    Without it a later snapshot, which tells the first line as well, would seem to take the correction back.
    """
    content = list(SPECS["results"].columns)
    newest = corrections.drop_duplicates(LINE, keep="last")[content]
    newest = newest[_lines(newest).isin(_lines(known))]
    kept = results[~_lines(results).isin(_lines(newest))]
    stamps = results.drop(columns=[column for column in content if column not in LINE])
    told = newest.merge(stamps, on=LINE)[list(results.columns)]
    return pd.concat([kept, told], ignore_index=True).astype(results.dtypes.to_dict())


def _lines(rows: pd.DataFrame) -> pd.MultiIndex:
    return pd.MultiIndex.from_frame(rows[LINE])
