"""Read the places of a race: what `position` and `positionText` say together.

`positionText` decides whether a car was classified, and what became of it where it was not. Publishers spell the letters out, and exports
fill `position` for every car, which would turn a retirement into a finish.
"""

from __future__ import annotations

from pitwall.sources.machinery.reading.values import is_null, whole
from pitwall.sources.machinery.snapshots.read import RawTable

LETTERS = {
    **dict.fromkeys(("r", "ret", "retired", "dnf", "did not finish"), "R"),
    **dict.fromkeys(("w", "wd", "withdrew", "withdrawn", "dns", "did not start", "dnp"), "W"),
    **dict.fromkeys(("f", "dnq", "dnpq", "failed to qualify", "did not qualify", "did not prequalify"), "F"),
    **dict.fromkeys(("d", "dq", "dsq", "disqualified"), "D"),
    **dict.fromkeys(("e", "ex", "exc", "excluded"), "E"),
    **dict.fromkeys(("n", "nc", "not classified"), "N"),
}
NEITHER = "positionText: not a place, nor one of R, W, F, D, E, N"


def read_places(results: RawTable) -> None:
    """Spell the letters of `positionText` alike and let it decide where `position` contradicts it or does not read."""
    said = results.data["positionText"].map(whole, na_action="ignore").astype("float64")
    letter = results.data["positionText"].str.casefold().map(LETTERS).astype("string")
    results.data["positionText"] = results.data["positionText"].where(letter.isna(), letter)
    results.reject(letter.isna() & ~(said >= 1), NEITHER)
    said, letter = said.reindex(results.data.index), letter.reindex(results.data.index)
    results.blank("position", letter.notna() & results.data["position"].notna(), "beside a letter in positionText")
    text = results.text["position"].astype("string")
    lost = results.data["position"].isna() & text.notna() & ~text.map(is_null, na_action="ignore").eq(True)
    results.data["position"] = results.data["position"].where(~lost.fillna(value=False), said)
