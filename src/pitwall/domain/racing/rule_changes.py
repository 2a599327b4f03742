"""Seasons whose technical rules made most of what was known of cars worth less: new ones for the whole car, not a detail.

1998: a fifth narrower, grooved tyres. 2009: wings and bodywork cut back, slicks again, hybrid systems. 2014: turbo hybrid engines. 2017: wider
cars and tyres, a quarter more downforce. 2022: downforce from below the floor, larger wheels. 2026: lighter cars, movable wings and half of the
power from a battery. Source: the FIA's technical regulations of those years.
"""

from __future__ import annotations

RULE_CHANGES = (1998, 2009, 2014, 2017, 2022, 2026)
