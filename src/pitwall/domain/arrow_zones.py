"""Keep Arrow from losing the time zone of an instant, whatever else is imported.

pyarrow takes the offset off a `datetime` only while the variable `PYARROW_IGNORE_TIMEZONE` is unset or empty, and pandera sets it
to 1 when it is imported, for a pyspark that need not be there: from then on 15:00+01:00 becomes 15:00 UTC in this process and in its
children. Empty means "off" to pyarrow and "already set" to pandera, so an empty value holds in either order of imports.
"""

from __future__ import annotations

import os

VARIABLE = "PYARROW_IGNORE_TIMEZONE"


def keep_zones() -> None:
    """Let pyarrow respect time zones; called once, when `pitwall` is imported, before there is a second thread."""
    if os.environ.get(VARIABLE) != "":
        os.environ[VARIABLE] = ""
